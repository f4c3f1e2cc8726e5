//! OpenSSL beside the others: the same certificate, and its own crypto.

use std::hint::black_box;
use std::io::{self, Read, Write};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{
    AlpnError, ClientHelloResponse, NameType, SniError, Ssl, SslAcceptor, SslAlert, SslContext,
    SslMethod, SslStream, SslVerifyMode, select_next_proto,
};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;

use super::handshake::Serving;
use crate::servers::PKI;

/// What an OpenSSL server is like.
#[derive(Clone, Copy)]
pub struct Server {
    /// Whether it asks for certificates.
    pub asks: bool,
    /// Whom the application refuses, and when.
    pub refuses: Refuses,
    /// Whether it knows `h2` and no other protocol.
    pub h2: bool,
}

/// Whom the application refuses, and when.
#[derive(Clone, Copy)]
pub enum Refuses {
    /// Nobody, and it does not look.
    Nobody,
    /// Nobody, and it looks at the ClientHello: `client_hello_cb`.
    NobodyAtHello,
    /// Who asks for another name than `localhost`, once OpenSSL has read the name.
    ByName,
    /// Everybody, at the ClientHello: the crate does not show its extensions.
    AtHello,
}

impl Server {
    /// It asks for nothing and refuses nobody.
    pub const DEFAULT: Self = Self {
        asks: false,
        refuses: Refuses::Nobody,
        h2: false,
    };

    /// What OpenSSL makes its connections of.
    ///
    /// # Panics
    ///
    /// If OpenSSL does not take the certificate.
    #[must_use]
    pub fn context(self) -> SslContext {
        self.try_context().expect("OpenSSL takes the certificate")
    }

    fn try_context(self) -> Result<SslContext, ErrorStack> {
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        let key = PKI.server_key();
        builder.set_private_key(PKey::private_key_from_der(key.secret_der())?.as_ref())?;
        builder.set_certificate(X509::from_der(&PKI.server_chain()[0])?.as_ref())?;
        if self.asks {
            let mut store = X509StoreBuilder::new()?;
            store.add_cert(X509::from_der(&PKI.ca_certificate())?)?;
            builder.set_verify_cert_store(store.build())?;
            builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
            builder.set_session_id_context(b"bench")?;
        }
        if self.h2 {
            builder.set_alpn_select_callback(|_, theirs| {
                select_next_proto(b"\x02h2", theirs).ok_or(AlpnError::ALERT_FATAL)
            });
        }
        match self.refuses {
            Refuses::Nobody => {}
            Refuses::ByName => builder.set_servername_callback(|ssl, alert| {
                if ssl.servername(NameType::HOST_NAME) == Some("localhost") {
                    return Ok(());
                }
                *alert = SslAlert::UNRECOGNIZED_NAME;
                Err(SniError::ALERT_FATAL)
            }),
            Refuses::AtHello => builder.set_client_hello_callback(|_, alert| {
                *alert = SslAlert::UNRECOGNIZED_NAME;
                Err(ErrorStack::get())
            }),
            Refuses::NobodyAtHello => {
                builder.set_client_hello_callback(|_, _| Ok(ClientHelloResponse::SUCCESS));
            }
        }
        Ok(builder.build().into_context())
    }
}

/// A connection of OpenSSL's over bytes in memory.
pub(super) struct Connection(SslStream<Memory>);

impl Connection {
    pub(super) fn new(context: &SslContext) -> Self {
        let ssl = Ssl::new(context).expect("there is memory");
        Self(SslStream::new(ssl, Memory::default()).expect("there is memory"))
    }

    /// Takes what a client sent, and says whether the handshake is complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<bool, openssl::ssl::Error> {
        self.0.get_mut().input.extend_from_slice(bytes);
        match self.0.accept() {
            Ok(()) => Ok(true),
            Err(error) if error.code() == openssl::ssl::ErrorCode::WANT_READ => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes what it has written.
    pub(super) fn written(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0.get_mut().output)
    }
}

#[derive(Debug, Default)]
struct Memory {
    input: Vec<u8>,
    read: usize,
    output: Vec<u8>,
}

impl Read for Memory {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = (&self.input[self.read..]).read(buf)?;
        self.read += read;
        match read {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            read => Ok(read),
        }
    }
}

impl Write for Memory {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.output.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Serving<SslContext> for Connection {
    fn first(context: &SslContext, hello: &[u8], flight: &mut Vec<u8>) -> Self {
        let mut connection = Self::new(context);
        assert!(!connection.feed(hello).expect("good"));
        flight.append(&mut connection.written());
        connection
    }

    fn second(&mut self, answer: &[u8], flight: &mut Vec<u8>) {
        assert!(self.feed(answer).expect("good"));
        flight.append(&mut self.written());
    }
}

/// A client that is refused.
pub(super) fn refuse(bytes: &[u8], context: &SslContext) {
    let mut connection = Connection::new(context);
    connection.feed(bytes).expect_err("it is refused");
    black_box(connection.written()); // nothing, of HTTP
}
