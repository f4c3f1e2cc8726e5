//! A complete ClientHello with the bytes that it arrived in.

use alloc::{borrow::Cow, boxed::Box, vec::Vec};

use crate::client_hello::ClientHello;
use crate::malformed::Malformed;
use crate::parse::Layout;
use crate::received::Received;

/// A complete ClientHello: the message, and the records that it arrived in.
///
/// [`client_hello`](Self::client_hello) returns a view without parsing again. A `Hello` holds each
/// byte received once, and at most 1,024 bytes more. A server name with upper-case letters is also
/// held in lower case, at most 253 bytes.
///
/// ```
/// use lastword_hello::{Collected, Collector, Limits};
///
/// # let record = [&[22, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com"].concat();
/// let mut bytes = &record[..]; // from the client
/// let Ok(Collected::Hello(hello)) = Collector::new(Limits::default()).receive(&mut bytes) else {
///     panic!("the ClientHello is complete and valid");
/// };
/// assert_eq!(hello.server_name(), Some("example.com"));
/// assert_eq!(hello.client_hello().cipher_suites().len(), 2);
/// assert_eq!(hello.message(), &record[5..]); // without the record header
/// assert_eq!((&hello.received()[..], hello.received_len()), (&record[..], record.len()));
/// ```
#[derive(Clone, Debug)]
pub struct Hello {
    received: Received,
    layout: Layout,
    /// The server name in lower case, if the client sent it in another spelling.
    lower_case_name: Option<Box<str>>,
}

impl Hello {
    /// Creates it from records that end with the ClientHello's last one. `len`: the length of the
    /// message in bytes.
    pub(crate) fn new(received: Received, len: usize) -> Result<Self, (Malformed, Vec<u8>)> {
        let message = received.message().get(..len).unwrap_or_default();
        match ClientHello::parse(message) {
            Ok(hello) => {
                let layout = hello.layout();
                let lower_case_name = match layout.has_upper_case_name {
                    true => hello.server_name_as_sent().map(lower_case),
                    false => None,
                };
                Ok(Self {
                    received,
                    layout,
                    lower_case_name,
                })
            }
            Err(malformed) => Err((malformed, received.into_bytes(&[]))),
        }
    }

    /// Returns a view of the ClientHello.
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        ClientHello::from_layout(self.message(), self.layout)
    }

    /// Returns the server name that the client asks for, in lower case as rustls gives it.
    ///
    /// `None` if the client sent no name, or if it sent an IP address.
    /// [`ClientHello::server_name_ip`] returns the address.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        match &self.lower_case_name {
            Some(name) => Some(name),
            None => self.client_hello().server_name_as_sent(),
        }
    }

    /// Returns the handshake message, including its header of four bytes. It is joined if it came in
    /// several records.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        self.received.message()
    }

    /// Returns every byte that was received, exactly: all records up to the one that ends the
    /// ClientHello.
    ///
    /// They are copied only if the ClientHello came in several records.
    #[must_use]
    pub fn received(&self) -> Cow<'_, [u8]> {
        self.received.as_it_came()
    }

    /// Returns the number of bytes received.
    #[must_use]
    pub fn received_len(&self) -> usize {
        self.received.len()
    }

    /// Returns the same bytes as [`received`](Self::received), but owned, for example to forward
    /// them to another server. They are copied only if the ClientHello came in several records.
    ///
    /// ```
    /// use std::io::Write;
    /// use lastword_hello::Hello;
    ///
    /// /// Sends what was received to another server.
    /// fn forward(hello: Hello, server: &mut impl Write) -> std::io::Result<()> {
    ///     server.write_all(&hello.into_received())
    /// }
    /// # use lastword_hello::{Collected, Collector, Limits};
    /// # let record = [&[22, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com"].concat();
    /// # let collected = Collector::new(Limits::default()).receive(&mut &record[..]);
    /// # let Ok(Collected::Hello(hello)) = collected else { panic!() };
    /// # let mut sent = Vec::new();
    /// # forward(hello, &mut sent).unwrap();
    /// # assert_eq!(sent, record);
    /// ```
    #[must_use]
    pub fn into_received(self) -> Vec<u8> {
        self.received.into_bytes(&[])
    }
}

#[cold]
fn lower_case(name: &str) -> Box<str> {
    name.to_ascii_lowercase().into_boxed_str()
}
