//! How much of a client is taken before its handshake is complete.

/// The limits within which a client is borne. The defaults are safe on the open network.
///
/// What a client may send before its ClientHello is alerts that end nothing, as many as
/// [`warning_alerts`](Self::warning_alerts); an empty record is refused at once. The ClientHello may
/// come in several records, as many as [`hello_len`](Self::hello_len) has room for. Once it is answered rustls 0.23.46 has limits besides: 64 KiB for
/// a message, 32 empty records in a row, four warning alerts.
///
/// # Memory
///
/// At most this is held on the heap for one client, whatever it sends. The configuration and its
/// session store are not counted.
///
/// - Until a configuration is chosen: `hello_len` and 2,048 bytes.
/// - After a HelloRetryRequest: twice `hello_len`, 18 KiB, and 16 bytes for each pre-shared key of the
///   first ClientHello.
/// - After the ServerHello: 16 KiB. For long messages and rejected early data rustls 0.23.46 has a
///   buffer of up to 68 KiB besides, notes of the records in it of up to 40 KiB, and up to 64 KiB of
///   certificates.
/// - For accepted early data: 36 KiB, the data, and 48 bytes for each of its records, which rustls keeps
///   one by one.
/// - For a handshake that failed, until the client has its alert: `hello_len` and 3 KiB. If a client
///   certificate is not allowed for clients, rustls's error has 80 bytes for each of its extended key
///   usages; a certificate has room for about 20,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest ClientHello taken, in bytes, its handshake header of four bytes included. A
    /// longer one is refused as soon as its length is declared. rustls 0.23.46 has room for 65,535
    /// bytes, record headers among them, and refuses longer ones itself. Default: 65,536.
    ///
    /// Record headers and alerts are allowed 1,024 bytes besides
    /// ([`FRAMING_LEN`](lastword_hello::Limits::FRAMING_LEN)). Those beyond it count too: until the
    /// ClientHello is whole at most `hello_len` + 1,024 bytes are received, in records of any length.
    /// The memory held for them is that and at most 1,024 bytes more.
    pub hello_len: u32,
    /// How many alerts that do not end the connection (`user_canceled`, `no_renegotiation`) may come before the
    /// ClientHello is whole. Default: 4, as in BoringSSL and rustls.
    pub warning_alerts: u8,
    /// How many bytes a client may send from its ClientHello to the end of the handshake, early
    /// data as far as the configuration allows it not counted. Default: 262,144.
    pub handshake_len: u32,
}

impl Limits {
    /// The same limits with another [`hello_len`](Self::hello_len), in bytes.
    #[must_use]
    pub const fn with_hello_len(self, hello_len: u32) -> Self {
        Self { hello_len, ..self }
    }

    /// The same limits with another number of [`warning_alerts`](Self::warning_alerts).
    #[must_use]
    pub const fn with_warning_alerts(self, warning_alerts: u8) -> Self {
        Self {
            warning_alerts,
            ..self
        }
    }

    /// The same limits with another [`handshake_len`](Self::handshake_len), in bytes.
    #[must_use]
    pub const fn with_handshake_len(self, handshake_len: u32) -> Self {
        Self {
            handshake_len,
            ..self
        }
    }

    /// Those of them that are for the ClientHello.
    pub(crate) fn hello(self) -> lastword_hello::Limits {
        lastword_hello::Limits::default()
            .with_hello_len(self.hello_len)
            .with_warning_alerts(self.warning_alerts)
    }
}

impl Default for Limits {
    fn default() -> Self {
        let hello = lastword_hello::Limits::default();
        Self {
            hello_len: hello.hello_len,
            warning_alerts: hello.warning_alerts,
            handshake_len: 1 << 18,
        }
    }
}
