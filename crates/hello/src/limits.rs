//! Size limits for what a client sends until its ClientHello is whole.

/// Size limits for collecting a ClientHello.
///
/// The defaults are safe for a server on the open network. Fields are added as limits are: set
/// those that matter and take the rest from `Limits::default()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest ClientHello taken, in bytes, its handshake header of four bytes included.
    /// A longer one is refused as soon as its length is declared. Default: 65,536.
    ///
    /// Record headers and alerts are allowed [`FRAMING_LEN`](Self::FRAMING_LEN), 1,024 bytes, besides.
    /// Those beyond it count too: until the ClientHello is whole at most `hello_len` + 1,024 bytes
    /// are received, in records of any length.
    pub hello_len: u32,
    /// How many alerts that do not end the connection (`user_canceled`, `no_renegotiation`) may come before the
    /// ClientHello is whole. Default: 4, as in BoringSSL and rustls.
    pub warning_alerts: u8,
}

impl Limits {
    /// How many bytes of record headers and alerts do not count towards
    /// [`hello_len`](Self::hello_len): 1,024.
    pub const FRAMING_LEN: u32 = 1024;

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

    /// How many bytes may be received until the ClientHello is whole.
    pub(crate) const fn received_len(self) -> u32 {
        self.hello_len.saturating_add(Self::FRAMING_LEN)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello_len: 1 << 16,
            warning_alerts: 4,
        }
    }
}
