//! A stream with bytes to be read first: whatever reads it, the prefix comes first, and once.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use lastword_testkit::cases;
use lastword_tokio::Prefixed;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf,
    copy_bidirectional, duplex,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(future)
}

async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    (client.unwrap(), accepted.unwrap().0)
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn reads_of_any_length_return_the_prefix_and_then_the_stream(
        prefix in vec(any::<u8>(), 0..100),
        sent in vec(any::<u8>(), 0..100),
        lengths in vec(0..40_usize, 1..20),
        has_buffer: bool,
    ) {
        let read = block_on(async {
            let (mut client, server) = duplex(16);
            let mut stream = Prefixed::new(prefix.clone(), BufReader::new(server));
            let send = async {
                client.write_all(&sent).await.unwrap();
                drop(client);
            };
            let read = async {
                let mut read = Vec::new();
                for length in lengths.iter().cycle() {
                    let unread = prefix.get(read.len()..).unwrap_or_default();
                    assert_eq!(stream.prefix(), unread);
                    if has_buffer {
                        let buf = stream.fill_buf().await.unwrap();
                        let len = buf.len().min(*length);
                        let is_end = buf.is_empty();
                        read.extend(&buf[..len]);
                        stream.consume(len);
                        if is_end {
                            break;
                        }
                    } else {
                        let mut buf = vec![0; *length];
                        let len = stream.read(&mut buf).await.unwrap();
                        read.extend(&buf[..len]);
                        if len == 0 && *length > 0 {
                            break;
                        }
                    }
                    // or it would never end
                    if lengths.iter().all(|length| *length == 0) {
                        stream.read_to_end(&mut read).await.unwrap();
                        break;
                    }
                }
                read
            };
            tokio::join!(send, read).1
        });
        prop_assert_eq!(read, [prefix, sent].concat());
    }
}

#[test]
fn an_unread_prefix_comes_back_with_the_stream() {
    block_on(async {
        let (mut client, server) = duplex(16);
        client.write_all(b"stream").await.unwrap();
        let mut stream = Prefixed::new(b"prefix".to_vec(), server);
        let mut buf = [0; 2];
        assert_eq!(stream.read(&mut []).await.unwrap(), 0);
        assert_eq!(stream.read(&mut buf).await.unwrap(), 2);
        assert_eq!((&buf, stream.prefix()), (b"pr", &b"efix"[..]));
        // a read that is full of the prefix leaves the stream alone, as does one that is not
        let mut buf = [0; 16];
        assert_eq!(stream.read(&mut buf).await.unwrap(), 4);
        assert_eq!(stream.prefix(), b"");

        let (mut prefix, mut server) = stream.into_inner();
        assert_eq!((prefix.len(), prefix.capacity()), (0, 0));
        prefix.extend(b"more");
        let mut buf = [0; 6];
        server.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"stream");

        let mut stream = Prefixed::new(prefix, server);
        stream.get_mut().write_all(b"directly").await.unwrap();
        let mut buf = [0; 1];
        stream.read_exact(&mut buf).await.unwrap();
        assert_eq!(stream.into_inner().0, b"ore");
        let mut buf = [0; 8];
        client.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"directly");
    });
}

#[test]
fn a_forwarded_connection_arrives_whole_in_both_directions() {
    block_on(async {
        let (mut client, front) = connected().await;
        let (mut back, mut server) = connected().await;
        let mut front = Prefixed::new(b"first ".to_vec(), front);
        let forward = copy_bidirectional(&mut front, &mut back);
        let request = async {
            client.write_all(b"second").await.unwrap();
            client.shutdown().await.unwrap();
            let mut response = String::new();
            client.read_to_string(&mut response).await.unwrap();
            response
        };
        let serve = async {
            let mut request = String::new();
            server.read_to_string(&mut request).await.unwrap();
            server.write_all(b"response").await.unwrap();
            server.shutdown().await.unwrap();
            request
        };
        let (forwarded, response, request) = tokio::join!(forward, request, serve);
        assert_eq!(forwarded.unwrap(), (12, 8));
        assert_eq!((&*request, &*response), ("first second", "response"));
    });
}

/// Records which of its methods is called.
#[derive(Default)]
struct Calls {
    calls: Vec<&'static str>,
    is_write_vectored: bool,
}

impl Calls {
    fn push<T>(self: Pin<&mut Self>, call: &'static str, value: T) -> Poll<io::Result<T>> {
        self.get_mut().calls.push(call);
        Poll::Ready(Ok(value))
    }
}

impl tokio::io::AsyncRead for Calls {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.push("read", ())
    }
}

impl AsyncWrite for Calls {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.push("write", buf.len())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.push("write_vectored", bufs.iter().map(|buf| buf.len()).sum())
    }

    fn is_write_vectored(&self) -> bool {
        self.is_write_vectored
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.push("flush", ())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.push("shutdown", ())
    }
}

#[test]
fn writes_are_those_of_the_stream_and_reads_of_the_prefix_are_not() {
    block_on(async {
        let mut stream = Prefixed::new(b"p".to_vec(), Calls::default());
        for is_write_vectored in [true, false] {
            stream.get_mut().is_write_vectored = is_write_vectored;
            assert_eq!(stream.is_write_vectored(), is_write_vectored);
        }
        let bufs = [IoSlice::new(b"ab"), IoSlice::new(b"c")];
        assert_eq!(stream.write_vectored(&bufs).await.unwrap(), 3);
        assert_eq!(stream.write(b"abcd").await.unwrap(), 4);
        assert_eq!(stream.read(&mut [0; 9]).await.unwrap(), 1);
        stream.flush().await.unwrap();
        assert_eq!(stream.read(&mut [0; 9]).await.unwrap(), 0);
        poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx))
            .await
            .unwrap();
        let calls = ["write_vectored", "write", "flush", "read", "shutdown"];
        assert_eq!(stream.get_ref().calls, calls);
    });
}
