//! Whether a scripted stream does what its script says.

use super::*;

/// What three writes of `abc` come to, by their kinds.
fn outcomes(stream: &mut ScriptedStream) -> Vec<Result<usize, io::ErrorKind>> {
    (0..3)
        .map(|_| stream.write(b"abc").map_err(|error| error.kind()))
        .collect()
}

#[test]
fn reads_as_its_schedule_says_and_then_freely() {
    let mut stream = ScriptedStream::new(b"abcdef").reads([
        Outcome::UpTo(2),
        Outcome::WouldBlock,
        Outcome::End,
        Outcome::Fail(io::ErrorKind::ConnectionReset),
    ]);
    let mut buffer = [0; 8];
    assert_eq!(stream.read(&mut buffer).unwrap(), 2);
    assert_eq!(&buffer[..2], b"ab");
    let kind = |result: io::Result<usize>| result.map_err(|error| error.kind());
    assert_eq!(
        kind(stream.read(&mut buffer)),
        Err(io::ErrorKind::WouldBlock)
    );
    assert_eq!(kind(stream.read(&mut buffer)), Ok(0));
    assert_eq!(
        kind(stream.read(&mut buffer)),
        Err(io::ErrorKind::ConnectionReset)
    );
    assert_eq!(stream.unread(), 4);
    assert_eq!(kind(stream.read(&mut buffer)), Ok(4));
    assert_eq!(&buffer[..4], b"cdef");
    assert_eq!(kind(stream.read(&mut buffer)), Ok(0));
    assert_eq!(stream.calls().reads, 6);
}

#[test]
fn a_stream_that_stays_open_blocks_behind_its_input() {
    let mut stream = ScriptedStream::new(b"a").stays_open();
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 1);
    let error = stream.read(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    stream.feed(b"bc");
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 2);
}

#[test]
fn keeps_what_went_through_and_nothing_else() {
    let mut stream = ScriptedStream::new(&[]).writes([Outcome::UpTo(1), Outcome::Interrupted]);
    assert_eq!(
        outcomes(&mut stream),
        [Ok(1), Err(io::ErrorKind::Interrupted), Ok(3)]
    );
    assert_eq!(stream.written(), b"aabc");
}

#[test]
fn a_buffering_stream_has_written_nothing_until_it_is_flushed() {
    let mut stream = ScriptedStream::new(&[])
        .buffering()
        .flushes([Outcome::WouldBlock]);
    assert_eq!(outcomes(&mut stream), [Ok(3), Ok(3), Ok(3)]);
    assert_eq!((stream.written(), stream.unflushed()), (&b""[..], 9));
    let error = stream.flush().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    assert_eq!((stream.written(), stream.unflushed()), (&b""[..], 9));
    stream.flush().unwrap();
    assert_eq!(
        (stream.written(), stream.unflushed()),
        (&b"abcabcabc"[..], 0)
    );
    assert_eq!(stream.calls().flushes, 2);
}

#[test]
fn its_clock_goes_on_by_what_its_steps_take_and_no_further() {
    let second = Duration::from_secs(1);
    let mut stream = ScriptedStream::new(b"abc")
        .reads([Outcome::UpTo(1).in_time(second)])
        .writes([Outcome::WouldBlock.in_time(2 * second)]);
    let clock = stream.clock();
    let start = clock.now();
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 1);
    assert_eq!(clock.now() - start, second);
    stream.write(b"a").unwrap_err();
    stream.read_exact(&mut [0; 2]).unwrap();
    assert_eq!(clock.now() - start, 3 * second);
}

#[test]
fn what_was_flushed_when_the_write_side_was_shut_is_kept_and_the_rest_is_lost() {
    let mut stream = ScriptedStream::new(&[])
        .buffering()
        .shutdowns([Outcome::WouldBlock]);
    stream.write_all(b"abc").unwrap();
    stream.flush().unwrap();
    stream.write_all(b"def").unwrap();
    let error = stream.shutdown_write().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    assert_eq!(stream.shut(), None);
    stream.shutdown_write().unwrap();
    assert_eq!(stream.shut(), Some(&b"abc"[..]));
}

#[test]
#[should_panic(expected = "written behind the shut")]
fn a_write_behind_the_shut_fails_the_test() {
    let mut stream = ScriptedStream::new(&[]);
    stream.shutdown_write().unwrap();
    stream.write_all(b"a").unwrap();
}

#[test]
fn is_starved_for_want_of_input_and_not_by_its_script() {
    let mut stream = ScriptedStream::new(b"a")
        .stays_open()
        .reads([Outcome::WouldBlock]);
    stream.read(&mut [0; 8]).unwrap_err();
    assert!(!stream.is_starved());
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 1);
    stream.read(&mut [0; 8]).unwrap_err();
    assert!(stream.is_starved());
}

mod clients {
    use super::*;
    use crate::pki::{ClientProfile, Pki};
    use crate::wire;

    /// A client, and all that it says of its own accord.
    fn client() -> (Client, Vec<u8>) {
        let client = || Client::new(Pki::new().client_config(&ClientProfile::DEFAULT));
        let mut stream = ScriptedStream::new(&[]).with_client(client());
        let mut hello = vec![0; 4096];
        let read = stream.read(&mut hello).unwrap();
        hello.truncate(read);
        assert_eq!(stream.client().unwrap().sent(), hello);
        (client(), hello)
    }

    #[test]
    fn a_client_sends_its_hello_and_waits() {
        let (client, hello) = client();
        assert_eq!(hello[..3], [22, 3, 1]);
        let mut stream = ScriptedStream::new(&[]).with_client(client);
        assert_eq!(stream.read(&mut [0; 4096]).unwrap(), hello.len());
        let error = stream.read(&mut [0; 8]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert!(stream.is_starved());
    }

    #[test]
    fn a_client_that_is_told_an_alert_closes() {
        let mut stream = ScriptedStream::new(&[]).with_client(client().0);
        stream.write_all(&wire::alert(2, 40)).unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
        let told = rustls::AlertDescription::HandshakeFailure;
        let error = stream.client().unwrap().error().cloned();
        assert_eq!(error, Some(rustls::Error::AlertReceived(told)));
    }

    #[test]
    fn a_client_is_cut_where_it_must_be() {
        for cut in [0, 1, 7] {
            let mut stream = ScriptedStream::new(&[]).with_client(client().0.cut_at(cut));
            let mut sent = Vec::new();
            stream.read_to_end(&mut sent).unwrap();
            assert_eq!(sent.len(), cut);
        }
    }

    #[test]
    fn a_client_s_last_record_is_another_if_it_must_be() {
        let last = wire::alert(1, 0);
        let mut stream = ScriptedStream::new(&[]).with_client(client().0.ending_in(0, &last));
        let mut sent = [0; 4096];
        let read = stream.read(&mut sent).unwrap();
        assert_eq!(sent[..read], last);
    }
}
