//! The kinds of clients: what each sends, and whether it waits for an answer.

use std::fmt;
use std::time::Duration;

use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::wire::{ExtensionType, HelloBuilder, split_into_records};

use super::server::{NAME, TIMEOUT};

/// A kind of client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Full,
    Resumed,
    ClientCertificate,
    Http,
    Garbage,
    WrongAlpn,
    UnknownName,
    UntrustedUpload,
    HalfHello,
    Bytewise,
    HalfCloses,
    LongHello,
    InFlight,
    NeverReads,
    Resets,
    Closes,
    RetryGone,
    ForgedTicket,
}

/// What a client sends.
pub(super) enum Script {
    /// A TLS handshake, and after it this many bytes, or a request if it is 0.
    Tls {
        profile: ClientProfile,
        resumes: bool,
        upload: usize,
    },
    /// Bytes in pieces.
    Raw {
        bytes: Vec<u8>,
        /// The size of a piece, and the time between two of them.
        pace: Option<(usize, Duration)>,
        then: Then,
    },
}

/// What a client does after it has sent its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It reads until the server closes.
    Read,
    /// It shuts its write side, and reads until the server closes.
    ShutWrite,
    /// It reads nothing, and closes after the timeout of the handshake.
    Hold,
    /// It closes once the server has answered.
    CloseOnceAnswered,
    /// It closes at once.
    Close,
    /// It resets the connection at once.
    Reset,
}

impl Kind {
    pub(super) const GOOD: [Self; 3] = [Self::Full, Self::Resumed, Self::ClientCertificate];

    /// The kinds that fail. The first nine wait for their alert.
    pub(super) const BAD: [Self; 15] = [
        Self::Http,
        Self::Garbage,
        Self::WrongAlpn,
        Self::UnknownName,
        Self::UntrustedUpload,
        Self::HalfHello,
        Self::Bytewise,
        Self::LongHello,
        Self::InFlight,
        Self::HalfCloses,
        Self::NeverReads,
        Self::Resets,
        Self::Closes,
        Self::RetryGone,
        Self::ForgedTicket,
    ];

    pub(super) fn is_good(self) -> bool {
        Self::GOOD.contains(&self)
    }

    /// Whether it waits for its alert and reads it.
    pub(super) fn waits_for_alert(self) -> bool {
        matches!(
            self,
            Self::Http
                | Self::Garbage
                | Self::WrongAlpn
                | Self::UnknownName
                | Self::UntrustedUpload
                | Self::HalfHello
                | Self::Bytewise
                | Self::LongHello
                | Self::InFlight
        )
    }

    /// What it sends. Good clients offer the ALPN protocol of the servers and one of their names.
    pub(super) fn script(self) -> Script {
        let tls = |identity, resumes, upload| Script::Tls {
            profile: ClientProfile {
                alpn: &["http/1.1"],
                identity,
                ..ClientProfile::DEFAULT
            },
            resumes,
            upload,
        };
        let raw = |bytes, then| Script::Raw {
            bytes,
            pace: None,
            then,
        };
        let hello = || HelloBuilder::default().server_name(NAME);
        let half = || hello().record().split_at(100).0.to_vec();
        let http = || b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
        match self {
            Self::Full => tls(Identity::None, false, 0),
            Self::Resumed => tls(Identity::None, true, 0),
            Self::ClientCertificate => tls(Identity::Known, false, 0),
            Self::UntrustedUpload => tls(Identity::UnknownCa, false, 64 << 10),
            Self::Http => raw(http(), Then::Read),
            Self::Garbage => raw(vec![0xff; 512], Then::Read),
            Self::WrongAlpn => raw(hello().alpn(&["gopher"]).record(), Then::Read),
            Self::UnknownName => raw(hello().server_name("else.test").record(), Then::Read),
            Self::HalfHello => raw(half(), Then::Read),
            Self::Bytewise => Script::Raw {
                bytes: hello().record(),
                pace: Some((1, Duration::from_millis(100))),
                then: Then::Read,
            },
            Self::HalfCloses => raw(half(), Then::ShutWrite),
            Self::LongHello => {
                // RFC 7685: padding. With more cipher suites it is longer than 64 KiB
                let mut long = hello().extension(ExtensionType(21), &[0; 65_000]);
                long.suites.extend([0xfafa; 300]);
                let long = long.message();
                let sizes = vec![512; long.len().div_ceil(512)];
                raw(split_into_records(&long, &sizes), Then::Read)
            }
            Self::InFlight => raw([http(), vec![b'a'; 16 << 10]].concat(), Then::Read),
            Self::NeverReads => raw(http(), Then::Hold),
            Self::Resets => raw(Vec::new(), Then::Reset),
            Self::Closes => raw(Vec::new(), Then::Close),
            // a group that it has sent no share of
            Self::RetryGone => raw(hello().key_shares(&[]).record(), Then::CloseOnceAnswered),
            Self::ForgedTicket => {
                // RFC 5077 section 3.2: session_ticket
                let forged = HelloBuilder::tls12().server_name(NAME);
                let forged = forged.extension(ExtensionType(35), &[7; 160]);
                raw(forged.record(), Then::CloseOnceAnswered)
            }
        }
    }
}

/// How long a client that reads nothing keeps its connection.
pub(super) const HOLD: Duration = TIMEOUT;

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Full => "full handshake",
            Self::Resumed => "resumed session",
            Self::ClientCertificate => "client certificate",
            Self::Http => "plain HTTP",
            Self::Garbage => "garbage",
            Self::WrongAlpn => "wrong ALPN",
            Self::UnknownName => "unknown name",
            Self::UntrustedUpload => "untrusted certificate, 64 KiB",
            Self::HalfHello => "half a ClientHello",
            Self::Bytewise => "a byte each 100 ms",
            Self::HalfCloses => "half a ClientHello, FIN",
            Self::LongHello => "64 KiB ClientHello",
            Self::InFlight => "plain HTTP, 16 KiB more",
            Self::NeverReads => "reads nothing",
            Self::Resets => "connects, resets",
            Self::Closes => "connects, closes",
            Self::RetryGone => "gone after HelloRetryRequest",
            Self::ForgedTicket => "forged ticket, gone",
        })
    }
}
