//! The state of a client whose ClientHello is complete.

use std::sync::Arc;

use lastword_hello::{ClientHello, Hello};

use crate::alerts::{self, Failed};
use crate::backend::config::Config;
use crate::backend::connection::Connection;
use crate::backend::error::RustlsError;
use crate::client::Client;
use crate::end::End;
use crate::error::{Error, ErrorKind};
use crate::error_and_alert::ErrorAndAlert;
use crate::held::Held;
use crate::limits::Kept;
use crate::negotiation;
use crate::panic::Panic;
use crate::phase::Phase;
use crate::rejection::Rejection;

/// A client whose ClientHello is complete. Look at it, then end this state by one of the methods that
/// take `self`.
///
/// - [`into_handshake`](Self::into_handshake): continue the handshake;
/// - [`reject`](Self::reject): refuse the client with an alert of your choice;
/// - [`into_passthrough`](Self::into_passthrough): take the bytes, for example to forward them;
/// - [`into_connection`](Self::into_connection): continue with rustls's own connection;
/// - [`end`](Self::end): end it after a close, a timeout or a shutdown.
///
/// ```
/// # #[cfg(feature = "ring")] {
/// use lastword_acceptor::{Accepted, Config, ErrorAndAlert, Handshake, Rejection};
///
/// /// Serves one name and refuses all others.
/// fn choose(accepted: Accepted, config: &Config) -> Result<Handshake, ErrorAndAlert> {
///     match accepted.server_name() {
///         Some("example.test") => accepted.into_handshake(config),
///         Some(_) => Err(accepted.reject(Rejection::unrecognized_name())),
///         None => Err(accepted.reject(Rejection::missing_server_name())),
///     }
/// }
/// # let provider = rustls::crypto::ring::default_provider().into();
/// # let builder = rustls::ServerConfig::builder_with_provider(provider);
/// # let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
/// # let resolver = std::sync::Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
/// # let tls = builder.with_no_client_auth().with_cert_resolver(resolver);
/// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
/// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
/// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
/// # let refused = choose(accepted, &tls.into()).unwrap_err();
/// # assert_eq!(refused.tls(), [21, 3, 3, 0, 2, 2, 112]);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepted {
    hello: Held,
    limits: Kept,
    /// Whether the application gives a verdict.
    authorizes: bool,
}

impl Accepted {
    pub(crate) const fn limits(&self) -> Kept {
        self.limits
    }

    pub(crate) const fn authorizes(&self) -> bool {
        self.authorizes
    }

    pub(crate) fn new(hello: Hello, limits: Kept, authorizes: bool) -> Self {
        Self {
            hello: Held::Alone(hello),
            limits,
            authorizes,
        }
    }

    /// Returns the ClientHello.
    ///
    /// ```
    /// use lastword_acceptor::Accepted;
    ///
    /// fn log(accepted: &Accepted) {
    ///     println!("{}", accepted.client_hello());
    ///     println!("{} bytes received", accepted.hello().received_len());
    /// }
    /// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # log(&accepted);
    /// ```
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        self.hello.client_hello()
    }

    /// Returns the ClientHello with the bytes that it arrived in.
    #[must_use]
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Returns this state, and a shared ClientHello that you can keep after the state ends.
    ///
    /// ```
    /// # #[cfg(feature = "ring")] {
    /// use lastword_acceptor::{Accepted, Config, ErrorAndAlert, Handshake};
    ///
    /// /// Continues the handshake, and logs each ClientHello that fails.
    /// fn answer(accepted: Accepted, config: &Config) -> Result<Handshake, ErrorAndAlert> {
    ///     let (accepted, hello) = accepted.share_hello();
    ///     accepted.into_handshake(config).inspect_err(|_| println!("{}", hello.client_hello()))
    /// }
    /// # let provider = rustls::crypto::ring::default_provider().into();
    /// # let builder = rustls::ServerConfig::builder_with_provider(provider);
    /// # let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
    /// # let resolver = std::sync::Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
    /// # let tls = builder.with_no_client_auth().with_cert_resolver(resolver);
    /// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # assert!(answer(accepted, &tls.into()).is_err());
    /// # }
    /// ```
    pub fn share_hello(self) -> (Self, Arc<Hello>) {
        let (hello, shared) = self.hello.share();
        (Self { hello, ..self }, shared)
    }

    /// Returns the server name that the client asks for, in lower case (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.hello.server_name()
    }

    /// Makes a connection that has answered the ClientHello.
    pub(crate) fn answer(self, config: &Config) -> Result<(Connection, Held), ErrorAndAlert> {
        self.answer_with(config, Connection::shared)
    }

    /// Makes a connection by `make` that has answered the ClientHello.
    pub(crate) fn answer_with(
        self,
        config: &Config,
        make: impl FnOnce(&Config) -> Result<Connection, RustlsError>,
    ) -> Result<(Connection, Held), ErrorAndAlert> {
        if let Err(kind) = negotiation::check(&self.client_hello(), config) {
            return Err(self.refuse(kind).with_server(config).with_reason());
        }
        let mut connection = match make(config) {
            Ok(connection) => connection,
            // RFC 8446 6.2: an error unrelated to the peer -> internal_error
            Err(error) => {
                let internal = Error::new(ErrorKind::Internal, Phase::ServerHello, self.into());
                let alert = alerts::of_kind(internal.kind());
                let error = ErrorAndAlert::send(internal.with_rustls(error), alert);
                return Err(error.with_server(config));
            }
        };
        match connection.feed_hello(self.hello.message()) {
            Ok(()) => Ok((connection, self.hello)),
            Err(failure) => {
                let failed = Failed {
                    failure,
                    phase: Phase::ServerHello,
                    client: Client::Hello(self.hello),
                };
                Err(failed.decide(&mut connection).with_server(config))
            }
        }
    }

    /// Refuses the client with the alert of the rejection.
    ///
    /// ```
    /// use lastword_acceptor::{Accepted, AlertDescription, ErrorAndAlert, Rejection};
    ///
    /// fn refuse(accepted: Accepted) -> ErrorAndAlert {
    ///     let alert = AlertDescription::HANDSHAKE_FAILURE;
    ///     accepted.reject(Rejection::new(alert, "closed on Sundays"))
    /// }
    /// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # let refused = refuse(accepted);
    /// # assert_eq!(refused.tls(), [21, 3, 3, 0, 2, 2, 40]);
    /// # let words = "this server refused the client: closed on Sundays: client asks for example.com";
    /// # assert_eq!(refused.to_string(), words);
    /// ```
    pub fn reject(self, rejection: Rejection) -> ErrorAndAlert {
        let is_ip = || self.client_hello().server_name_ip().is_some();
        let rejection = match rejection.wants_server_name() && is_ip() {
            true => Rejection::ip_server_name(),
            false => rejection,
        };
        self.refuse(ErrorKind::Rejected(rejection))
    }

    /// Ends the handshake because the client is to be passed through. The alert is `internal_error`
    /// (RFC 8446 section 6.2). Send it only if nothing takes the client.
    ///
    /// ```
    /// use lastword_acceptor::{Accepted, ErrorAndAlert};
    ///
    /// /// Answers a client that no other server takes.
    /// fn not_taken(accepted: Accepted) -> ErrorAndAlert {
    ///     accepted.pass_through()
    /// }
    /// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # assert_eq!(not_taken(accepted).tls(), [21, 3, 3, 0, 2, 2, 80]);
    /// ```
    pub fn pass_through(self) -> ErrorAndAlert {
        self.refuse(ErrorKind::PassedThrough)
    }

    /// Ends the handshake because the choice of a configuration panicked. The alert is
    /// `internal_error` (RFC 8446 section 6.2).
    ///
    /// ```
    /// use lastword_acceptor::{Accepted, Config, ErrorAndAlert, Handshake, Panic};
    ///
    /// /// Continues with the configuration that a function chooses.
    /// fn choose(accepted: Accepted, by: fn(&Accepted) -> Config) -> Result<Handshake, ErrorAndAlert> {
    ///     match Panic::catch(|| by(&accepted)) {
    ///         Ok(config) => accepted.into_handshake(&config),
    ///         Err(panic) => Err(accepted.panicked(panic)),
    ///     }
    /// }
    /// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # let failed = choose(accepted, |_| panic!("a mistake")).unwrap_err();
    /// # assert_eq!(failed.tls(), [21, 3, 3, 0, 2, 2, 80]);
    /// ```
    pub fn panicked(self, panic: Panic) -> ErrorAndAlert {
        self.refuse(ErrorKind::Panicked(panic))
    }

    /// Returns every byte that the client sent, exactly, for example to forward to another server.
    ///
    /// ```
    /// use std::io::Write;
    /// use lastword_acceptor::Accepted;
    ///
    /// /// Sends what the client sent to another server. Copy the rest of the stream after it.
    /// fn forward(accepted: Accepted, server: &mut impl Write) -> std::io::Result<()> {
    ///     server.write_all(&accepted.into_passthrough())
    /// }
    /// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # let mut sent = Vec::new();
    /// # forward(accepted, &mut sent).unwrap();
    /// # assert_eq!(sent, record);
    /// ```
    #[must_use]
    pub fn into_passthrough(self) -> Vec<u8> {
        self.hello.into_received()
    }

    /// Ends the handshake from outside, while a configuration is being chosen. To refuse the client,
    /// use [`reject`](Self::reject).
    ///
    /// ```
    /// use lastword_acceptor::{Accepted, End, ErrorAndAlert};
    ///
    /// fn time_out(accepted: Accepted) -> ErrorAndAlert {
    ///     accepted.end(End::TimedOut) // user_canceled, then close_notify
    /// }
    /// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # assert_eq!(time_out(accepted).tls(), [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0]);
    /// ```
    pub fn end(self, end: End) -> ErrorAndAlert {
        end.unanswered(Phase::ServerHello, self.into())
    }

    /// Ends the handshake with the alert for this kind of error.
    #[inline]
    fn refuse(self, kind: ErrorKind) -> ErrorAndAlert {
        let alert = alerts::of_kind(&kind);
        ErrorAndAlert::send(Error::new(kind, Phase::ServerHello, self.into()), alert)
    }
}

impl From<Accepted> for Client {
    #[inline]
    fn from(accepted: Accepted) -> Self {
        Self::Hello(accepted.hello)
    }
}
