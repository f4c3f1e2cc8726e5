//! How much memory a client can have a server hold: what it sent, and a constant.

use lastword_acceptor::{Acceptor, Config, Handshake, Limits, Progress, Step};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::{HelloBuilder, split_into_records};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Over what it sent, in bytes, while its ClientHello is not whole.
const BEFORE_HELLO: usize = 512;

/// The bytes on the heap.
fn held() -> usize {
    dhat::HeapStats::get().curr_bytes
}

/// The most that an acceptor holds over what it was fed, in chunks of this length.
fn most_over(bytes: &[u8], chunk: usize) -> usize {
    let before = held();
    let (mut acceptor, mut fed, mut most) = (Acceptor::default(), 0, 0);
    for mut chunk in bytes.chunks(chunk) {
        fed += chunk.len();
        match acceptor.receive(&mut chunk) {
            Ok(Step::NeedsInput(next)) => acceptor = next,
            Ok(Step::ClientHello(_)) => panic!("the ClientHello is whole"),
            Err(error) => panic!("{error}"),
        }
        most = most.max((held() - before).saturating_sub(fed));
    }
    most
}

/// One test, for the heap is one for all.
#[test]
fn holds_what_was_sent_and_a_constant() {
    let _profiler = dhat::Profiler::builder().testing().build();

    let before = held();
    let acceptor = Acceptor::default();
    assert_eq!(held(), before, "on the heap before the first byte");
    assert!(size_of_val(&acceptor) <= 128, "{}", size_of_val(&acceptor));

    // as long as may be, and all of it but the last byte, in records and segments of any length
    let longest = [&[1, 0, 0xff, 0xfc][..], &[3; 0xfffb]].concat();
    for record in [1, 100, 0x4000] {
        let bytes = split_into_records(&longest, &vec![record; longest.len() / record]);
        for chunk in [1, 5, 1400, usize::MAX] {
            let over = most_over(&bytes, chunk);
            assert!(
                over <= BEFORE_HELLO,
                "{over} with records of {record}, {chunk} at a time"
            );
        }
    }

    // a client that declares much and sends little
    assert!(most_over(&[22, 3, 1, 0x40, 0, 1, 0, 0xff, 0xfc], 1) <= BEFORE_HELLO);

    let pki = Pki::new();
    let config = Config::new(pki.server_config(&ServerProfile::DEFAULT));
    awaiting_finished(&config);

    let h2 = ServerProfile {
        alpn: &["h2"],
        ..ServerProfile::DEFAULT
    };
    words(&Config::new(pki.server_config(&h2)));
}

/// The words for a client cost what the longest line takes, whatever it offers.
fn words(config: &Config) {
    let hello = HelloBuilder::default().alpn(&["a"; 32_600]).message();
    let records = split_into_records(&hello, &[0x4000; 4]);
    let Ok(Step::ClientHello(accepted)) = Acceptor::default().receive(&mut &records[..]) else {
        panic!("no ClientHello");
    };
    let error = accepted.into_connection(config).unwrap_err();
    let before = dhat::HeapStats::get().total_bytes;
    let said = error.to_string();
    let allocated = dhat::HeapStats::get().total_bytes - before;
    let end = "a and 32588 more, server has h2";
    assert!(said.ends_with(end), "{said}");
    assert!(allocated <= 4096, "{allocated} for a line");
}

/// A client that was answered costs what rustls holds, and less than 1 KiB of ours.
fn awaiting_finished(config: &Config) {
    let hello = HelloBuilder::default().record();
    let before = held();
    let mut connection = rustls::ServerConnection::new(config.rustls().clone()).unwrap();
    connection.read_tls(&mut &hello[..]).unwrap();
    connection.process_new_packets().unwrap();
    connection.write_tls(&mut std::io::sink()).unwrap();
    let rustls = held() - before + size_of_val(&connection);
    drop(connection);

    let before = held();
    let handshake = Handshake::new(config, Limits::default());
    let Ok(Progress::Continue(mut handshake)) = handshake.receive(&mut &hello[..]) else {
        panic!("not answered")
    };
    handshake.write_tls(&mut std::io::sink()).unwrap();
    let ours = held() - before + size_of_val(&handshake);
    assert!(
        ours <= rustls + 512,
        "{ours} against {rustls} of rustls alone"
    );
}
