//! Size limits for one handshake.

/// Size limits for what a client sends during a handshake. The defaults are safe on the open network.
///
/// A second ClientHello, after a HelloRetryRequest, has the same limits as the first. After the
/// ServerHello rustls 0.23.46 has limits too. They are 65,535 bytes for a message including record
/// headers, 32 empty records in a row, and four warning alerts.
///
/// ```
/// use lastword_acceptor::{Handshake, Limits};
///
/// let limits = Limits::default().with_hello_len(16_384).with_handshake_len(65_536);
/// assert_eq!((limits.hello_len, limits.handshake_len), (16_384, 65_536)); // bytes
/// let handshake = Handshake::new(limits);
/// ```
///
/// # Memory
///
/// One client takes at most this much heap memory, whatever it sends. The configuration and its
/// session store are not counted.
///
/// - Until a configuration is chosen: `hello_len` plus 2,048 bytes.
/// - After a HelloRetryRequest: twice `hello_len`, plus 20 KiB.
/// - After the ServerHello: 16 KiB. rustls 0.23.46 also has a buffer of up to 68 KiB for long
///   messages and rejected early data, and up to 40 KiB of record positions. The certificates take
///   up to 64 KiB.
/// - For accepted early data: 36 KiB, the data, and 48 bytes for each of its records. The processing
///   time in rustls 0.23.46 grows with the square of the number of records, so keep
///   `max_early_data_size` small.
/// - For a failed handshake, until the alert is delivered: `hello_len` plus 3 KiB. If a certificate
///   is not valid for client authentication, rustls's error takes 80 bytes for each of its extended
///   key usages. A certificate may have about 20,000 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Limit for the length of a ClientHello in bytes, including its handshake header of four bytes.
    /// A longer one is refused as soon as its header announces the length. rustls 0.23.46 accepts up
    /// to 65,535 bytes including record headers and refuses a longer one. Default: 65,536.
    ///
    /// Record headers and alerts may take another 1,024 bytes
    /// ([`FRAMING_LEN`](lastword_hello::Limits::FRAMING_LEN)). So until the ClientHello is complete
    /// at most `hello_len` + 1,024 bytes are received, in records of any length. The memory for
    /// them is at most 1,024 bytes more than that.
    pub hello_len: u32,
    /// Limit for the number of alerts that do not end the connection (`user_canceled`,
    /// `no_renegotiation`) before the ClientHello is complete. Default: 4, as in BoringSSL and
    /// rustls.
    pub warning_alerts: u8,
    /// Limit for the bytes that a client sends after its last ClientHello, to the end of the
    /// handshake. Default: 262,144.
    ///
    /// If the client offers early data, it may send another 23 bytes for each byte of early data
    /// that the configuration allows: the length of a record with one byte. The configuration
    /// allows `max_early_data_size` bytes. If that is 0, it allows 16,384 rejected bytes. After the
    /// ServerHello rustls 0.23.46 skips at most 18,437 bytes of rejected early data, including
    /// record headers.
    pub handshake_len: u32,
}

impl Limits {
    /// Sets [`hello_len`](Self::hello_len), in bytes.
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Handshake, Limits};
    ///
    /// let handshake = Handshake::new(Limits::default().with_hello_len(1_000));
    /// let header = [22, 3, 1, 2, 0, 1, 0, 4, 0]; // announces a ClientHello of 4 + 1,024 bytes
    /// let failed = handshake.receive(&mut &header[..]).unwrap_err();
    /// assert_eq!(failed.alert(), Some(AlertDescription::DECODE_ERROR));
    /// ```
    #[must_use]
    pub const fn with_hello_len(self, hello_len: u32) -> Self {
        Self { hello_len, ..self }
    }

    /// Sets the number of [`warning_alerts`](Self::warning_alerts).
    ///
    /// ```
    /// use lastword_acceptor::{Handshake, Limits};
    ///
    /// let handshake = Handshake::new(Limits::default().with_warning_alerts(0));
    /// let user_canceled = [21, 3, 3, 0, 2, 1, 90];
    /// assert!(handshake.receive(&mut &user_canceled[..]).is_err());
    /// ```
    #[must_use]
    pub const fn with_warning_alerts(self, warning_alerts: u8) -> Self {
        Self {
            warning_alerts,
            ..self
        }
    }

    /// Sets [`handshake_len`](Self::handshake_len), in bytes.
    ///
    /// ```
    /// use lastword_acceptor::Limits;
    ///
    /// let limits = Limits::default().with_handshake_len(65_536); // for example without client certificates
    /// assert_eq!(limits.handshake_len, 65_536);
    /// ```
    #[must_use]
    pub const fn with_handshake_len(self, handshake_len: u32) -> Self {
        Self {
            handshake_len,
            ..self
        }
    }

    /// Returns the limits for the ClientHello.
    pub(crate) fn hello(self) -> lastword_hello::Limits {
        lastword_hello::Limits::default()
            .with_hello_len(self.hello_len)
            .with_warning_alerts(self.warning_alerts)
    }
}

/// The same limits in 8 bytes, because states that hold them are moved several times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    handshake_len: u32,
    /// At most 2^24 - 1 bytes, which is more than rustls accepts.
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
