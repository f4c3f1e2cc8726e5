//! A ClientHello, collected and shown: the same over any cut, what is shown makes up the message
//! again, and no more is held than has come.

use lastword_acceptor::hello::{Collected, Collector, Error, Hello, Limits};
use lastword_acceptor::{AlertDescription, ClientHello};
use lastword_testkit::wire::{ExtensionType, HelloBuilder};

use crate::heap::Mark;
use crate::input::{Input, chunks, input};

/// What a collector has room for over what has arrived, in bytes.
const ROOM: usize = 1024;

/// What became of a client's bytes.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Waits,
    Hello { message: Vec<u8> },
    Failed(Error),
}

/// The oracle.
pub fn check(data: &[u8]) {
    let Some(Input {
        setup, cut, bytes, ..
    }) = Input::of(data)
    else {
        return;
    };
    let limits = limits(setup);
    let whole = collect(bytes, 1, limits);
    assert_eq!(collect(bytes, cut, limits), whole, "it depends on the cut");
    // the message alone, without records
    if let Ok(hello) = ClientHello::parse(bytes) {
        check_view(&hello);
    }
}

/// The inputs to begin with that these bytes make.
pub(crate) fn seeds(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut seeds = vec![input(0, 0, 0, bytes), input(7, 90, 0, bytes)];
    if let [22, 3, _, _, _, message @ ..] = bytes {
        seeds.push(input(0, 0, 0, message));
    }
    seeds
}

fn limits(setup: u8) -> Limits {
    let default = Limits::default();
    match setup % 8 {
        0..4 => default,
        4 | 5 => default.with_warning_alerts(setup >> 3 & 7),
        _ => default.with_hello_len(u32::from(setup >> 3) * 16 + 40),
    }
}

/// What became of the bytes, and how many of them were taken.
fn collect(bytes: &[u8], cut: u8, limits: Limits) -> (Outcome, usize) {
    let mark = Mark::now();
    let (mut collector, mut fed) = (Collector::new(limits), 0);
    for chunk in chunks(bytes, cut) {
        let mut input = chunk;
        // it may make room for what is there to be taken
        let given = fed + chunk.len();
        let collected = collector.receive(&mut input);
        fed += chunk.len() - input.len();
        match collected {
            Ok(Collected::NeedsInput(next)) => {
                assert!(input.is_empty(), "it needs input and leaves some");
                assert_eq!(next.received(), fed);
                check_heap(mark, given);
                collector = next;
            }
            Ok(Collected::Hello(hello)) => {
                check_heap(mark, given);
                check_hello(&hello, limits);
                assert_eq!(hello.received(), &bytes[..fed]);
                assert_eq!(hello.received_len(), fed);
                let message = hello.message().to_vec();
                assert_eq!(hello.into_received(), &bytes[..fed]);
                return (Outcome::Hello { message }, fed);
            }
            Err(failed) => {
                check_heap(mark, given + fed);
                assert_eq!(failed.received, &bytes[..fed]);
                check_error(&failed.error);
                return (Outcome::Failed(failed.error), fed);
            }
        }
    }
    assert_eq!(collector.into_received(), &bytes[..fed]);
    (Outcome::Waits, fed)
}

/// Memory is bounded by what has come.
fn check_heap(mark: Mark, come: usize) {
    let held = mark.grown();
    assert!(held <= come + ROOM, "{held} bytes held of {come}");
}

/// An alert is never answered, and all else is.
fn check_error(error: &Error) {
    let answered = error.alert();
    let never = matches!(error, Error::PeerAlert(_));
    assert_eq!(answered.is_none(), never, "{error}");
    assert_ne!(answered, Some(AlertDescription::CLOSE_NOTIFY));
    let words = error.to_string();
    assert!(!words.is_empty() && words.bytes().all(is_plain), "{words}");
}

fn check_hello(hello: &Hello, limits: Limits) {
    let view = hello.client_hello();
    assert!(hello.message().len() <= limits.hello_len as usize);
    let most = limits.hello_len.saturating_add(Limits::FRAMING_LEN);
    assert!(hello.received_len() <= most as usize);
    assert_eq!(view.message(), hello.message());
    assert_eq!(ClientHello::parse(hello.message()), Ok(view));
    check_view(&view);
}

/// What is shown is all there is, and is where it says.
fn check_view(hello: &ClientHello<'_>) {
    let extensions = hello
        .extensions()
        .map(|each| (ExtensionType(each.extension_type.0), each.data.to_vec()));
    let extensions: Vec<_> = extensions.collect();
    // where the extensions would be there may be none, or an empty list
    let ends = 4 + 2 + 32 + 1 + hello.session_id().len();
    let ends = ends + 2 + 2 * hello.cipher_suites().len();
    let ends = ends + 1 + hello.compression_methods().len();
    let fields = HelloBuilder {
        legacy_version: hello.legacy_version().0,
        random: hello.random().to_vec(),
        session_id: hello.session_id().to_vec(),
        suites: hello.cipher_suites().map(|suite| suite.0).collect(),
        compression: hello.compression_methods().to_vec(),
        extensions: (hello.message().len() > ends).then_some(extensions),
        trailing: Vec::new(),
    };
    assert_eq!(fields.message(), hello.message(), "not all is shown");

    let words = hello.to_string();
    assert!(
        words.len() <= 1200 && words.bytes().all(is_plain),
        "{words}"
    );
    check_parsed(hello);
    check_on_demand(hello);
}

fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

/// What parsing read is there as bytes too, and is what its extension holds.
fn check_parsed(hello: &ClientHello<'_>) {
    let data = |which: u16| hello.extension(lastword_acceptor::hello::ExtensionType(which));
    let list_u16 = |list: &[u8]| [&(list.len() as u16).to_be_bytes(), list].concat();
    if let Some(name) = hello.server_name_as_sent() {
        let sent = data(0).unwrap_or_default();
        let at = &sent[5.min(sent.len())..];
        assert!(at.starts_with(name.as_bytes()), "{name} is not in {at:?}");
        assert!(name.is_ascii() && !name.is_empty() && name.len() <= 253);
    }
    // what parsing lets through is a DNS name or an IP address, and not both
    let is_address = hello.server_name_ip().is_some();
    let has_neither = hello.server_name_as_sent().is_none() && !is_address;
    assert_eq!(has_neither, data(0).is_none());
    assert!(!(is_address && hello.server_name_as_sent().is_some()));
    if let Some(versions) = hello.supported_versions() {
        let list = versions.as_bytes();
        assert_eq!(data(43).unwrap(), [&[list.len() as u8], list].concat());
        assert_eq!(versions.count() * 2, list.len());
    }
    if let Some(groups) = hello.named_groups() {
        assert_eq!(data(10).unwrap(), list_u16(groups.as_bytes()));
    }
    if let Some(schemes) = hello.signature_schemes() {
        assert_eq!(data(13).unwrap(), list_u16(schemes.as_bytes()));
    }
    if let Some(protocols) = hello.alpn() {
        let prefixed = protocols.map(|each| [&[each.len() as u8], each].concat());
        let list: Vec<u8> = prefixed.flatten().collect();
        assert_eq!(data(16).unwrap(), list_u16(&list));
    }
    if let Some(shares) = hello.key_shares() {
        let groups: Vec<_> = hello.key_share_groups().unwrap().collect();
        let shares: Vec<_> = shares.collect();
        assert!(shares.iter().map(|share| share.group).eq(groups));
        let list = shares.iter().flat_map(|share| {
            let head = share.group.0.to_be_bytes();
            [&head[..], &list_u16(share.key_exchange)].concat()
        });
        assert_eq!(data(51).unwrap(), list_u16(&list.collect::<Vec<u8>>()));
    }
}

/// What is read when asked for comes out of any bytes, and comes to an end.
fn check_on_demand(hello: &ClientHello<'_>) {
    let most = hello.message().len();
    let psk = hello.psk_identities().map_or(0, Iterator::count);
    let names = hello.certificate_authorities().map_or(0, Iterator::count);
    assert!(psk <= most && names <= most);
    let lists = [
        hello.signature_schemes_cert().map(|list| list.as_bytes()),
        hello.psk_key_exchange_modes().map(|list| list.as_bytes()),
        hello.ec_point_formats().map(|list| list.as_bytes()),
        hello.client_cert_types().map(|list| list.as_bytes()),
        hello.server_cert_types().map(|list| list.as_bytes()),
        hello
            .certificate_compression_algorithms()
            .map(|list| list.as_bytes()),
        hello.renegotiation_info(),
        hello.session_ticket(),
        hello.cookie(),
    ];
    for list in lists.into_iter().flatten() {
        let within = |bytes: &[u8]| bytes.windows(list.len().max(1)).any(|at| at == list);
        assert!(list.is_empty() || within(hello.message()));
    }
    let _ = (hello.encrypted_client_hello(), hello.asks_for_ocsp());
    let _ = (hello.record_size_limit(), hello.padding());
    let ja4 = hello.ja4();
    let [a, b, c] = ja4.as_str().split('_').collect::<Vec<_>>()[..] else {
        panic!("{ja4} has not three parts");
    };
    assert!(a.len() == 10 && a.starts_with('t') && b.len() == 12 && c.len() == 12);
    assert!([b, c].concat().bytes().all(|byte| byte.is_ascii_hexdigit()));
}
