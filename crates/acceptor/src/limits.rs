//! How much of a client is taken before its handshake is complete.

/// The limits within which a client is borne. The defaults are safe on the open network.
///
/// What a client may send before its ClientHello is alerts that end nothing, as many as
/// [`warning_alerts`](Self::warning_alerts); an empty record is refused at once. The ClientHello may
/// come in several records, as many as [`hello_len`](Self::hello_len) has room for. Once it is answered rustls 0.23.46 has limits besides: 64 KiB for
/// a message, 32 empty records in a row, four warning alerts.
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

/// The same limits in 8 bytes, for the states that have them: each is moved several times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    handshake_len: u32,
    /// At most 2^24 - 1 bytes. A longer ClientHello is more than rustls takes.
    hello_len: [u8; 3],
    warning_alerts: u8,
}

impl From<Limits> for Kept {
    fn from(limits: Limits) -> Self {
        let [_, hello_len @ ..] = limits.hello_len.min(0x00ff_ffff).to_be_bytes();
        Self {
            handshake_len: limits.handshake_len,
            hello_len,
            warning_alerts: limits.warning_alerts,
        }
    }
}

impl From<Kept> for Limits {
    fn from(kept: Kept) -> Self {
        let [high, middle, low] = kept.hello_len;
        Self {
            hello_len: u32::from_be_bytes([0, high, middle, low]),
            warning_alerts: kept.warning_alerts,
            handshake_len: kept.handshake_len,
        }
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
