//! Answers to a client that speaks HTTP without TLS to a port that speaks TLS.
//!
//! Nothing here does IO. [`bad_request`] and [`redirect`] are given the bytes received so far, and
//! return the whole response once the head of the request is complete.
//!
//! Close the connection in order after the response: shut down the write side, and read what the
//! client still sends. Otherwise the system may reset the connection before the client has read the
//! response.
//!
//! ```
//! use lastword_tokio::plaintext::{self, Answer};
//! use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
//!
//! /// Redirects a client to https. `received` are the bytes already read from it.
//! async fn answer(mut client: impl AsyncRead + AsyncWrite + Unpin, mut received: Vec<u8>) -> io::Result<()> {
//!     let response = loop {
//!         match plaintext::redirect(&received, None) {
//!             Answer::Response(response) => break response,
//!             Answer::NeedsInput => {}
//!         }
//!         if client.read_buf(&mut received).await? == 0 {
//!             return Ok(());
//!         }
//!     };
//!     client.write_all(&response).await?;
//!     client.shutdown().await
//! }
//! # let _ = answer(io::empty(), Vec::new());
//! ```

mod location;

use std::fmt::Write as _;

use httparse::{EMPTY_HEADER, Header, Request, Status};

/// The size limit for the head of a request: 8 KiB. A longer head gets the same answer as a
/// malformed one.
pub const MAX_HEAD: usize = 8 << 10;

/// The most header fields of a request. A request with more is answered as a malformed one.
const MAX_FIELDS: usize = 100;

const BODY: &str = "This port speaks HTTPS: use a URL that begins with https://\n";

/// The answer to the bytes received so far.
///
/// ```
/// use lastword_tokio::plaintext::{Answer, bad_request};
///
/// match bad_request(b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n") {
///     Answer::NeedsInput => println!("read more, then call again with all bytes"),
///     Answer::Response(response) => println!("send {} bytes, then close", response.len()),
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The head of the request is not complete, and has less than [`MAX_HEAD`] bytes. Read more, and
    /// call again with all bytes received.
    NeedsInput,
    /// The whole response, to be sent before the connection is closed.
    Response(Vec<u8>),
}

/// Answers with `400 Bad Request`, and says that this port speaks HTTPS.
///
/// `received` are all bytes received so far. The response to a HEAD request has no body.
///
/// ```
/// use lastword_tokio::plaintext::{Answer, bad_request};
///
/// assert_eq!(bad_request(b"GET / HTTP/1.1\r\n"), Answer::NeedsInput);
///
/// let Answer::Response(response) = bad_request(b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n") else {
///     unreachable!("the head is complete");
/// };
/// assert!(response.starts_with(b"HTTP/1.1 400 Bad Request\r\n"));
/// ```
#[must_use]
pub fn bad_request(received: &[u8]) -> Answer {
    answer(received, |_| None)
}

/// Answers with `308 Permanent Redirect` to the same URL with https, or else with
/// `400 Bad Request`.
///
/// `received` are all bytes received so far. `port` is the port of the new URL, by default 443; the
/// port of the request is not used. The response to a HEAD request has no body.
///
/// A redirect leads to the host that the client asked for. The answer is `400 Bad Request` if the
/// request:
///
/// - is malformed, longer than [`MAX_HEAD`], not of HTTP/1.0 or HTTP/1.1, or a CONNECT request;
/// - is of HTTP/1.1 and has no Host field, or has more than one;
/// - names a host that is not a DNS name, an IPv4 address or an IPv6 address in brackets, with or
///   without a port;
/// - has a target that is neither a path nor a URL with the scheme http.
///
/// ```
/// use lastword_tokio::plaintext::{Answer, redirect};
///
/// let request = b"GET /search?q=tls HTTP/1.1\r\nHost: example.com:8080\r\n\r\n";
/// let Answer::Response(response) = redirect(request, Some(8443)) else {
///     unreachable!("the head is complete");
/// };
/// let response = String::from_utf8(response).unwrap();
/// assert!(response.starts_with(
///     "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://example.com:8443/search?q=tls\r\n"
/// ));
/// ```
#[must_use]
pub fn redirect(received: &[u8], port: Option<u16>) -> Answer {
    answer(received, |request| location::of(request, port))
}

/// Answers with a redirect if there is a location.
fn answer(received: &[u8], location: impl FnOnce(&Request<'_, '_>) -> Option<String>) -> Answer {
    let head = received.get(..MAX_HEAD).unwrap_or(received);
    let mut fields: [Header<'_>; MAX_FIELDS] = [EMPTY_HEADER; MAX_FIELDS];
    let mut request = Request::new(&mut fields);
    let location = match request.parse(head) {
        Ok(Status::Partial) if head.len() < MAX_HEAD => return Answer::NeedsInput,
        Ok(Status::Complete(_)) => location(&request),
        Ok(Status::Partial) | Err(_) => None,
    };
    Answer::Response(response(location.as_deref(), is_head(head)).into())
}

/// Returns whether the method is HEAD. This is known even if the request is malformed.
fn is_head(head: &[u8]) -> bool {
    // RFC 9112 2.2: empty lines before the request are ignored
    let mut line = head;
    while let [b'\r' | b'\n', rest @ ..] = line {
        line = rest;
    }
    line.starts_with(b"HEAD ")
}

fn response(location: Option<&str>, is_head: bool) -> String {
    let mut response = String::from("HTTP/1.1 ");
    // writing to a string does not fail
    let written = match location {
        Some(location) => write!(
            response,
            "308 Permanent Redirect\r\nLocation: {location}\r\n"
        ),
        None => write!(response, "400 Bad Request\r\n"),
    };
    debug_assert!(written.is_ok());
    response += "Content-Type: text/plain; charset=utf-8\r\nContent-Length: ";
    response += &BODY.len().to_string();
    // RFC 9110 6.6.1: a server without a clock sends no Date
    response += "\r\nConnection: close\r\n\r\n";
    if !is_head {
        response += BODY;
    }
    response
}

#[cfg(test)]
mod tests;
