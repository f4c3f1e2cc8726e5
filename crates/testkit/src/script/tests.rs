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
