//! When a panic in the application's code goes on: after the client has its alert.

use std::panic::resume_unwind;

use lastword_acceptor::ErrorKind;

use crate::Report;

impl Report {
    /// Resumes the panic that ended the handshake, if one did: code of the application, a chooser or
    /// what rustls calls, panicked. Otherwise, or if the panic was resumed before, it does nothing.
    ///
    /// [`accept`](crate::accept) and [`accept_direct`](crate::accept_direct) have called it. Call it
    /// after `begin` or a stepped handshake, if the panic must not end with this client.
    ///
    /// # Panics
    ///
    /// With the payload of that panic. The panic hook does not run again.
    ///
    /// ```no_run
    /// # use lastword_io::{Options, begin, acceptor::{Config, Rejection}};
    /// # fn serve(stream: std::net::TcpStream, config: Config) {
    /// match begin(stream, &Options::default(), |_| Ok(config)) {
    ///     Ok(_stream) => { /* read and write */ }
    ///     Err(undelivered) => undelivered.deliver().resume_panic(),
    /// }
    /// # }
    /// ```
    pub fn resume_panic(&self) {
        if let ErrorKind::Panicked(panic) = self.error().kind() {
            if let Some(payload) = panic.take_payload() {
                resume_unwind(payload);
            }
        }
    }
}
