//! How much of a client is taken before its handshake is complete.

/// Size limits for what a client sends during a handshake. The defaults are safe on the open network.
///
/// Before its ClientHello a client may send alerts that end nothing, as many as
/// [`warning_alerts`](Self::warning_alerts); an empty record is refused at once. The ClientHello may
/// come in several records, as many as [`hello_len`](Self::hello_len) has room for. A second one, after
/// a HelloRetryRequest, has the same limits. After them rustls 0.23.46 has limits too: 65,535 bytes for
/// a message, record headers included, 32 empty records in a row, and four warning alerts.
///
/// # Memory
///
/// At most this is held on the heap for one client, whatever it sends. The configuration and its
/// session store are not counted.
///
/// - Until a configuration is chosen: `hello_len` and 2,048 bytes.
/// - After a HelloRetryRequest: twice `hello_len` and 20 KiB.
/// - After the ServerHello: 16 KiB. For long messages and rejected early data rustls 0.23.46 has a
///   buffer of up to 68 KiB besides, notes of the records in it of up to 40 KiB, and up to 64 KiB of
///   certificates.
/// - For accepted early data: 36 KiB, the data, and 48 bytes for each of its records, which rustls keeps
///   one by one. The time that rustls 0.23.46 takes for it grows with the square of their number, so
///   keep `max_early_data_size` small.
/// - For a handshake that failed, until the client has its alert: `hello_len` and 3 KiB. If a client
///   certificate is not allowed for clients, rustls's error has 80 bytes for each of its extended key
///   usages; a certificate has room for about 20,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest ClientHello that is collected, in bytes, its handshake header of four bytes
    /// included. A longer one is refused as soon as its length is declared. rustls 0.23.46 answers up
    /// to 65,535 bytes, record headers included, and a longer one fails there. Default: 65,536.
    ///
    /// Record headers and alerts have another 1,024 bytes
    /// ([`FRAMING_LEN`](lastword_hello::Limits::FRAMING_LEN)). Those beyond it count too: until the
    /// ClientHello is whole at most `hello_len` + 1,024 bytes are received, in records of any length.
    /// The memory held for them is at most 1,024 bytes more than that.
    pub hello_len: u32,
    /// How many alerts that do not end the connection (`user_canceled`, `no_renegotiation`) may come before the
    /// ClientHello is whole. Default: 4, as in BoringSSL and rustls.
    pub warning_alerts: u8,
    /// How many bytes a client may send after its last ClientHello, to the end of the handshake.
    /// Default: 262,144.
    ///
    /// If the client offers early data, it may send another 23 bytes for each byte of early data that
    /// the configuration allows: what a record of one byte takes. It allows `max_early_data_size`,
    /// or 16,384 bytes, all of them rejected, if that is 0. Of early data that is rejected after the
    /// ServerHello, rustls 0.23.46 skips at most 18,437 bytes, record headers included.
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

    /// The limits for the ClientHello.
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
