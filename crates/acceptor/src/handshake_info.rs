//! The facts of a handshake that succeeded: what was negotiated, what the client offered, and the
//! bytes and times.

use std::num::NonZeroU32;
use std::time::Duration;

#[cfg(feature = "ja4")]
use lastword_hello::Ja4;
use lastword_hello::{AlpnProtocol, CipherSuite, ClientHello, NamedGroup};
use lastword_record::ProtocolVersion;

use crate::backend::CertificateDer;
use crate::backend::connection::{Connection, HandshakeKind};

/// The facts of a handshake that succeeded: what was negotiated, what the client offered, and the
/// bytes and times.
///
/// [`Connection::handshake_info`] returns it. It does not have the scheme that the server signed
/// with: [`Connection::signature_scheme`] asks the server's key for it.
///
/// ```
/// use lastword_acceptor::{Connection, HandshakeKind};
///
/// /// Returns whether a client would still connect if TLS 1.2 were removed.
/// fn survives(connection: &Connection) -> bool {
///     connection.handshake_info().offer.offers_tls13()
/// }
///
/// fn log(connection: &Connection) {
///     let info = connection.handshake_info();
///     if info.kind == Some(HandshakeKind::FullWithHelloRetryRequest) {
///         println!("one more round trip: {} key shares", info.offer.key_shares);
///     }
///     if let (Some(group), true) = (info.group, info.is_post_quantum()) {
///         println!("post-quantum key exchange: {group}");
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandshakeInfo<'a> {
    /// The protocol version; `None` only if rustls does not report it.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite; `None` only if rustls does not report it.
    pub cipher_suite: Option<CipherSuite>,
    /// The group of the key exchange; `None` for a resumption without a key exchange.
    pub group: Option<NamedGroup>,
    /// The kind of handshake: full, with a HelloRetryRequest, or resumed; `None` only if rustls does
    /// not report it.
    pub kind: Option<HandshakeKind>,
    /// Whether the server accepted early data (0-RTT, RFC 8446 section 4.2.10).
    pub early_data: bool,
    /// The application protocol, if one was negotiated (RFC 7301).
    pub alpn_protocol: Option<&'a [u8]>,
    /// The server name that the client asked for, in lower case.
    pub server_name: Option<&'a str>,
    /// The client's own certificate, if it showed one in this handshake or in the first one of the
    /// session. [`Certificate::new`](crate::Certificate::new) parses it.
    pub client_certificate: Option<&'a CertificateDer<'static>>,
    /// What the client offered.
    pub offer: Offer,
    /// The fingerprint of the first ClientHello, with the feature `ja4`.
    #[cfg(feature = "ja4")]
    pub ja4: Option<Ja4>,
    /// The bytes and times, if the layer that does the IO has measured them.
    pub measures: Measures,
}

impl HandshakeInfo<'_> {
    /// Returns whether the key exchange resists quantum computers: the group contains ML-KEM, or
    /// Kyber in a draft.
    #[must_use]
    pub fn is_post_quantum(&self) -> bool {
        self.group.is_some_and(is_post_quantum)
    }

    /// Returns a short stable name for the kind of handshake, for the label of a metric: `full`,
    /// `hello_retry_request`, `resumed`, `early_data` for a resumption with accepted early data, or
    /// `other`.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self.kind {
            _ if self.early_data => "early_data",
            Some(HandshakeKind::Full) => "full",
            Some(HandshakeKind::FullWithHelloRetryRequest) => "hello_retry_request",
            Some(HandshakeKind::Resumed) => "resumed",
            None => "other",
        }
    }
}

fn is_post_quantum(group: NamedGroup) -> bool {
    // IANA registers the groups with ML-KEM next to each other
    matches!(group.0, 0x0200..=0x0202 | 0x11eb..=0x11ee) || is_kyber(group)
}

const fn is_kyber(group: NamedGroup) -> bool {
    matches!(
        group,
        NamedGroup::X25519KYBER768DRAFT00 | NamedGroup::SECP256R1KYBER768DRAFT00
    )
}

/// What a client offers in its first ClientHello: counts without GREASE (RFC 8701), and some facts.
///
/// Each count is at most 255; 255 means 255 or more. It is small and `Copy`, so a connection keeps
/// it instead of the ClientHello. A chooser gets the whole ClientHello.
///
/// ```
/// use lastword_acceptor::{ClientHello, Offer};
///
/// fn describe(hello: &ClientHello<'_>) -> String {
///     let offer = Offer::of(hello);
///     format!("{} cipher suites, {} groups", offer.cipher_suites, offer.named_groups)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// The newest protocol version, if it has a name.
    pub newest_version: Option<ProtocolVersion>,
    /// The number of cipher suites, including signalling values such as `TLS_FALLBACK_SCSV`.
    pub cipher_suites: u8,
    /// The number of groups for the key exchange.
    pub named_groups: u8,
    /// The number of key shares.
    pub key_shares: u8,
    /// The number of application protocols.
    pub alpn_protocols: u8,
    /// Whether a group resists quantum computers: see [`HandshakeInfo::is_post_quantum`].
    pub post_quantum: bool,
    /// Whether the client offered early data.
    pub early_data: bool,
    /// The longest record that the client accepts, in bytes, if it says so. rustls does not support
    /// the two extensions: `max_fragment_size` of its configuration limits records for all clients.
    pub longest_record: Option<u16>,
}

impl Offer {
    /// Returns what this ClientHello offers.
    ///
    /// ```
    /// use lastword_acceptor::{Accepted, Offer};
    ///
    /// /// Returns whether the client could still connect without TLS 1.2.
    /// fn offers_tls13(accepted: &Accepted) -> bool {
    ///     Offer::of(&accepted.client_hello()).offers_tls13()
    /// }
    /// # let record = [&[22, 3, 1, 0, 78, 1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # assert!(offers_tls13(&accepted));
    /// ```
    #[must_use]
    pub fn of(hello: &ClientHello<'_>) -> Self {
        let groups = hello.named_groups();
        Self {
            newest_version: match hello.supported_versions() {
                Some(_) => hello.offered_versions().max(),
                // RFC 8446 4.2.1: without the extension the client offers TLS 1.2 or older
                None => Some(hello.legacy_version().min(ProtocolVersion::TLS_1_2))
                    .filter(|version| version.name().is_some()),
            },
            cipher_suites: count(hello.cipher_suites().as_bytes()),
            named_groups: groups.map_or(0, |groups| count(groups.as_bytes())),
            key_shares: hello.key_share_groups().map_or(0, |shares| {
                let known = shares.filter(|group| !group.is_grease());
                saturated(known.count())
            }),
            alpn_protocols: hello.alpn().map_or(0, |protocols| {
                let known = protocols.filter(|name| !AlpnProtocol(name).is_grease());
                saturated(known.count())
            }),
            post_quantum: groups.is_some_and(|mut groups| groups.any(is_post_quantum)),
            early_data: hello.early_data(),
            longest_record: hello.longest_record(),
        }
    }

    /// Returns whether the client offered TLS 1.3.
    #[must_use]
    pub fn offers_tls13(&self) -> bool {
        self.newest_version >= Some(ProtocolVersion::TLS_1_3)
    }
}

/// Counts code points of two bytes that are not GREASE.
fn count(code_points: &[u8]) -> u8 {
    let grease = match may_have_grease(code_points) {
        true => grease(code_points),
        false => 0,
    };
    saturated((code_points.len() / 2).saturating_sub(grease))
}

/// Returns whether one of the code points may be GREASE. Every client pays for it, so it looks at four
/// at a time.
fn may_have_grease(code_points: &[u8]) -> bool {
    const LOW: u64 = 0x0001_0001_0001_0001;
    let fours = code_points.chunks_exact(8);
    let rest = grease(fours.remainder()) > 0;
    fours.fold(rest, |may, four| {
        let four = four.try_into().map_or(0, u64::from_ne_bytes);
        // zero in a lane of 16 bits if its code point is 0x?a?a
        let lanes = (four & (0x0f0f * LOW)) ^ (0x0a0a * LOW);
        may | (lanes.wrapping_sub(LOW) & !lanes & (0x8000 * LOW) != 0)
    })
}

fn grease(code_points: &[u8]) -> usize {
    let codes = code_points.chunks_exact(2);
    let codes = codes.map(|code| code.try_into().map_or(0, u16::from_be_bytes));
    codes.filter(|code| NamedGroup(*code).is_grease()).count()
}

fn saturated(count: usize) -> u8 {
    count.try_into().unwrap_or(u8::MAX)
}

/// Bytes and times of a handshake, measured by the layer that does the IO.
///
/// The layers `lastword-io` and `lastword-tokio` measure them. If you use a
/// [`Handshake`](crate::Handshake) yourself, measure them with
/// [`Handshake::measures_mut`](crate::Handshake::measures_mut). Times are since the start of the
/// handshake, in whole microseconds, at least 1 and at most `u32::MAX` (about 71 minutes). A time that
/// was not measured is `None`. Counts are bytes and stop at `u32::MAX`. It is small and `Copy`.
///
/// ```
/// use std::time::Duration;
/// use lastword_acceptor::Measures;
///
/// let mut measures = Measures::default();
/// measures.add_received(517);
/// measures.add_sent(1_300);
/// measures.set_client_hello(Duration::from_millis(20));
/// measures.set_answered(Duration::from_millis(21));
/// assert_eq!((measures.received(), measures.sent()), (517, 1_300));
/// assert_eq!(measures.client_hello(), Some(Duration::from_millis(20)));
/// assert_eq!(measures.answered(), Some(Duration::from_millis(21)));
/// assert_eq!((measures.finished(), measures.verdict()), (None, None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    received: u32,
    sent: u32,
    client_hello: Micros,
    answered: Micros,
    finished: Micros,
    verdict: Micros,
}

/// A time after the start of the handshake, in microseconds, if it is known.
type Micros = Option<NonZeroU32>;

impl Measures {
    /// Returns the number of bytes that were read from the client until the handshake was complete.
    /// Bytes that came after the handshake in the same read are counted too.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received as u64
    }

    /// Returns the number of bytes that were written to the client until the handshake was complete,
    /// including tickets.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sent as u64
    }

    /// Returns when the ClientHello was complete and the choice of a configuration began.
    #[must_use]
    pub fn client_hello(&self) -> Option<Duration> {
        duration(self.client_hello)
    }

    /// Returns when the answer to the first ClientHello was made, before it was written. The
    /// chooser, the shadow configurations and the server's key took the time from
    /// [`client_hello`](Self::client_hello) to this. If the answer is a HelloRetryRequest, the
    /// server's key is used later.
    #[must_use]
    pub fn answered(&self) -> Option<Duration> {
        duration(self.answered)
    }

    /// Returns when the client's Finished was processed. The network and the client took most of
    /// the time from [`answered`](Self::answered) to this.
    #[must_use]
    pub fn finished(&self) -> Option<Duration> {
        duration(self.finished)
    }

    /// Returns when the application accepted the client; `None` if it does not decide on each client.
    #[must_use]
    pub fn verdict(&self) -> Option<Duration> {
        duration(self.verdict)
    }

    /// Counts bytes that were read. The count stops at `u32::MAX`.
    pub fn add_received(&mut self, bytes: usize) {
        self.received = sum(self.received, bytes);
    }

    /// Counts bytes that were written. The count stops at `u32::MAX`.
    pub fn add_sent(&mut self, bytes: usize) {
        self.sent = sum(self.sent, bytes);
    }

    /// Sets when the ClientHello was complete, after the start of the handshake.
    pub fn set_client_hello(&mut self, after: Duration) {
        self.client_hello = micros(after);
    }

    /// Sets when the ClientHello was answered, after the start of the handshake.
    pub fn set_answered(&mut self, after: Duration) {
        self.answered = micros(after);
    }

    /// Sets when the client's Finished was processed, after the start of the handshake.
    pub fn set_finished(&mut self, after: Duration) {
        self.finished = micros(after);
    }

    /// Sets when the application gave its verdict, after the start of the handshake.
    pub fn set_verdict(&mut self, after: Duration) {
        self.verdict = micros(after);
    }
}

fn duration(time: Micros) -> Option<Duration> {
    Some(Duration::from_micros(time?.get().into()))
}

/// Returns the microseconds, at least 1.
fn micros(after: Duration) -> Micros {
    NonZeroU32::new(after.as_micros().try_into().unwrap_or(u32::MAX).max(1))
}

fn sum(count: u32, bytes: usize) -> u32 {
    count.saturating_add(bytes.try_into().unwrap_or(u32::MAX))
}

/// What a connection keeps of its handshake.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) offer: Offer,
    pub(crate) early_data: bool,
    #[cfg(feature = "ja4")]
    ja4: Option<Ja4>,
    measures: Measures,
}

impl Connection {
    /// Returns the facts of the handshake.
    ///
    /// ```
    /// use lastword_acceptor::Connection;
    ///
    /// fn log(connection: &Connection) {
    ///     let info = connection.handshake_info();
    ///     println!("{} handshake, {} bytes received", info.kind_name(), info.measures.received());
    /// }
    /// ```
    #[must_use]
    pub fn handshake_info(&self) -> HandshakeInfo<'_> {
        let kept = self.handshake_kept();
        HandshakeInfo {
            version: self.protocol_version(),
            cipher_suite: self.negotiated_cipher_suite(),
            group: self.negotiated_key_exchange_group(),
            kind: self.handshake_kind(),
            early_data: kept.early_data,
            alpn_protocol: self.alpn_protocol(),
            server_name: self.server_name(),
            client_certificate: self.peer_certificates().and_then(<[_]>::first),
            offer: kept.offer,
            #[cfg(feature = "ja4")]
            ja4: kept.ja4,
            measures: kept.measures,
        }
    }

    /// Returns the bytes and times of the handshake, to measure them.
    ///
    /// ```
    /// use std::time::Instant;
    /// use lastword_acceptor::Connection;
    ///
    /// fn note_finished(connection: &mut Connection, start: Instant) {
    ///     connection.measures_mut().set_finished(start.elapsed());
    /// }
    /// ```
    #[must_use]
    pub fn measures_mut(&mut self) -> &mut Measures {
        &mut self.handshake_kept_mut().measures
    }

    /// Keeps what the record of the handshake needs of the answered ClientHello.
    #[inline]
    pub(crate) fn keep_offer(&mut self, hello: &ClientHello<'_>) {
        let early_data = hello.early_data() && self.has_early_data();
        let kept = self.handshake_kept_mut();
        kept.offer = Offer::of(hello);
        kept.early_data = early_data;
        #[cfg(feature = "ja4")]
        {
            kept.ja4 = Some(hello.ja4());
        }
    }
}
