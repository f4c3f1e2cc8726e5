//! A stream with a prefix that is read first.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

/// A stream with a prefix that is read first, for example bytes that were read to detect the
/// protocol.
///
/// Reads return the prefix, and then read from the stream. The memory of the prefix is freed once it
/// is read. Writes go to the stream.
///
/// # Cancel safety
///
/// As with tokio's own streams, a single read or write is cancel safe.
///
/// ```no_run
/// use std::io;
///
/// use lastword_tokio::Prefixed;
/// use tokio::io::{AsyncReadExt, copy_bidirectional};
/// use tokio::net::TcpStream;
///
/// /// Reads some bytes to decide on a server, then hands the connection to it, whole.
/// async fn forward(mut client: TcpStream) -> io::Result<()> {
///     let mut first = Vec::with_capacity(1024);
///     client.read_buf(&mut first).await?;
///     let server = if first.starts_with(b"SSH-") { "[::1]:22" } else { "[::1]:8443" };
///
///     let mut server = TcpStream::connect(server).await?;
///     copy_bidirectional(&mut Prefixed::new(first, client), &mut server).await?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Prefixed<IO> {
    prefix: Vec<u8>,
    /// The number of bytes of the prefix that have been read.
    read: usize,
    io: IO,
}

impl<IO> Prefixed<IO> {
    /// Creates a stream that reads `prefix` first, and then from `io`.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use lastword_tokio::Prefixed;
    /// use tokio::io::AsyncReadExt;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut stream = Prefixed::new(b"GET /".to_vec(), Cursor::new(b" HTTP/1.1\r\n".to_vec()));
    /// let mut request = Vec::new();
    /// stream.read_to_end(&mut request).await?;
    /// assert_eq!(request, b"GET / HTTP/1.1\r\n");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub const fn new(prefix: Vec<u8>, io: IO) -> Self {
        Self {
            prefix,
            read: 0,
            io,
        }
    }

    /// Returns the bytes of the prefix that are not read yet.
    ///
    /// ```
    /// use lastword_tokio::Prefixed;
    ///
    /// let stream = Prefixed::new(b"GET /".to_vec(), tokio::io::empty());
    /// assert_eq!(stream.prefix(), b"GET /");
    /// ```
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        self.prefix.get(self.read..).unwrap_or_default()
    }

    /// Returns the stream, for example to ask for its addresses.
    ///
    /// ```no_run
    /// # use tokio::net::TcpStream;
    /// # fn peer(stream: &lastword_tokio::Prefixed<TcpStream>) -> std::io::Result<()> {
    /// println!("client {}", stream.get_ref().peer_addr()?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn get_ref(&self) -> &IO {
        &self.io
    }

    /// Returns the stream, for example to set its options.
    ///
    /// Bytes read from it directly are those after the prefix.
    ///
    /// ```no_run
    /// # use tokio::net::TcpStream;
    /// # fn set(stream: &mut lastword_tokio::Prefixed<TcpStream>) -> std::io::Result<()> {
    /// stream.get_mut().set_nodelay(true)?;
    /// # Ok(())
    /// # }
    /// ```
    pub const fn get_mut(&mut self) -> &mut IO {
        &mut self.io
    }

    /// Returns the bytes of the prefix that are not read yet, and the stream.
    ///
    /// ```
    /// use lastword_tokio::Prefixed;
    ///
    /// let stream = Prefixed::new(b"GET /".to_vec(), tokio::io::empty());
    /// let (unread, _stream) = stream.into_inner();
    /// assert_eq!(unread, b"GET /");
    /// ```
    #[must_use]
    pub fn into_inner(mut self) -> (Vec<u8>, IO) {
        self.prefix.drain(..self.read);
        (self.prefix, self.io)
    }

    /// Removes bytes from the prefix, at most what it has.
    fn consume_prefix(&mut self, amount: usize) {
        self.read += amount.min(self.prefix().len());
        if self.read == self.prefix.len() {
            self.prefix = Vec::new();
            self.read = 0;
        }
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Prefixed<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let prefix = this.prefix();
        if prefix.is_empty() {
            return Pin::new(&mut this.io).poll_read(cx, buf);
        }
        let len = prefix.len().min(buf.remaining());
        buf.put_slice(prefix.get(..len).unwrap_or_default());
        this.consume_prefix(len);
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncBufRead + Unpin> AsyncBufRead for Prefixed<IO> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.read < this.prefix.len() {
            return Poll::Ready(Ok(this.prefix()));
        }
        let buf = ready!(Pin::new(&mut this.io).poll_fill_buf(cx))?;
        Poll::Ready(Ok(buf))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        match this.prefix().is_empty() {
            true => Pin::new(&mut this.io).consume(amount),
            false => this.consume_prefix(amount),
        }
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Prefixed<IO> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
