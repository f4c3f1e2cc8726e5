//! What a client sends in one write with its Finished: good bytes, then a record that fails.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use rustls::AlertDescription;

use crate::serve::{STYLES, Serve};

#[test]
fn a_record_that_fails_after_good_bytes_ends_the_connection_at_once() {
    for style in STYLES {
        let options = ["--style", style];
        let serve = Serve::start(&format!("behind-{style}"), &options);
        let mut tls = serve.tls();
        let timeout = Some(Duration::from_secs(5)); // less than the server waits for a request
        tls.sock.set_read_timeout(timeout).unwrap();
        while tls.conn.wants_write() {
            tls.conn.write_tls(&mut tls.sock).unwrap();
        }
        while tls.conn.is_handshaking() {
            tls.conn.read_tls(&mut tls.sock).unwrap();
            tls.conn.process_new_packets().unwrap();
        }
        tls.conn.writer().write_all(b"good bytes").unwrap();
        let mut bytes = Vec::new();
        while tls.conn.wants_write() {
            tls.conn.write_tls(&mut bytes).unwrap();
        }
        bytes.extend([23, 3, 3, 0, 30]);
        bytes.extend([7; 30]);
        tls.sock.write_all(&bytes).unwrap();
        // it waits for its alert and for the end
        let error = tls.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{style}");
        let told = error.downcast::<rustls::Error>().unwrap();
        let bad_record_mac = rustls::Error::AlertReceived(AlertDescription::BadRecordMac);
        assert_eq!(told, bad_record_mac, "{style}");
        assert_eq!(tls.sock.read(&mut [0]).unwrap(), 0, "{style}");
    }
}
