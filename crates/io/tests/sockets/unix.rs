//! Over a Unix stream it is the same.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;

use lastword_io::acceptor::Config;
use lastword_io::step::Options;
use lastword_io::{Delivery, TlsAcceptor};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;

#[test]
fn a_client_over_a_unix_stream_is_told_and_reads_the_end() {
    let config = Config::new(Pki::new().server_config(&ServerProfile::DEFAULT)).unwrap();
    let acceptor = TlsAcceptor::new(config);
    let (server, mut client) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        let refused = scope.spawn(|| acceptor.accept(server));
        client.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut told = Vec::new();
        client.read_to_end(&mut told).unwrap();
        assert_eq!(told, [21, 3, 3, 0, 2, 2, 10]);
        client.write_all(b"and more").unwrap();
        drop(client);
        let error = refused.join().unwrap().unwrap_err();
        assert_eq!(error.delivery(), Delivery::Delivered);
        assert!(error.elapsed() < Options::default().timeout);
    });
}
