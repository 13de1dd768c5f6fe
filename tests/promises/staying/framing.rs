//! Requests whose end or target two readers would see differently: a proxy and we must not.

use crate::promise::{Kept, On, Promise, Run};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// S4.
pub const REFUSED: Promise = Promise {
    id: "S4",
    says: "Ambiguous framing is a 400 that ends the connection, never two answers to one request",
    short: "every case of the list, whole and byte by byte",
    full: "every case of the list, whole and byte by byte",
    on: On::Once,
    run: refused,
};

/// What has to become of it.
enum Want {
    /// One answer, 400, and the connection ends.
    Refused,
    /// One of these: what RFC 9112 leaves to us, and why it is safe.
    Defined(&'static [&'static [u16]], &'static str),
}
use Want::{Defined, Refused};

/// Behind each, a whole request follows that must not be taken for one where bytes of the first
/// could be its body.
const NEXT: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const POST: &str = "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\n";

/// Name, head after the request line and host, body, and what has to become of it.
const FRAMED: &[(&str, &str, &str, Want)] = &[
    ("length and chunked", "Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n", Refused),
    ("chunked and length", "Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n", Refused),
    ("two lengths", "Content-Length: 2\r\nContent-Length: 3", "{}x", Refused),
    ("one length twice", "Content-Length: 2\r\nContent-Length: 2", "{}", Refused),
    ("a list of lengths", "Content-Length: 2, 2", "{}", Refused),
    ("a plus", "Content-Length: +2", "{}", Refused),
    ("a minus", "Content-Length: -2", "{}", Refused),
    ("hex", "Content-Length: 0x2", "{}", Refused),
    ("a fraction", "Content-Length: 2.0", "{}", Refused),
    ("a blank inside", "Content-Length: 2 2", "{}", Refused),
    ("no length at all", "Content-Length: ", "{}", Refused),
    ("too long for 64 bits", "Content-Length: 18446744073709551618", "{}", Refused),
    ("a space before the colon", "Content-Length : 2", "{}", Refused),
    ("a tab before the colon", "Transfer-Encoding\t: chunked", "0\r\n\r\n", Refused),
    ("a folded line", "X: a\r\n b\r\nContent-Length: 2", "{}", Refused),
    ("a folded length", "Content-Length:\r\n 2", "{}", Refused),
    ("a bare CR", "X: a\rContent-Length: 2", "{}", Refused),
    ("a NUL in a value", "X: a\0b\r\nContent-Length: 2", "{}", Refused),
    ("a NUL in a name", "X\0: a\r\nContent-Length: 2", "{}", Refused),
    ("no name", ": a\r\nContent-Length: 2", "{}", Refused),
    ("no colon", "Content-Length 2", "{}", Refused),
    ("another coding", "Transfer-Encoding: gzip", "0\r\n\r\n", Refused),
    ("two codings", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n", Refused),
    ("chunked twice", "Transfer-Encoding: chunked, chunked", "0\r\n\r\n", Refused),
    (
        "two lines of codings",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "0\r\n\r\n",
        Refused,
    ),
    ("identity", "Transfer-Encoding: identity", "0\r\n\r\n", Refused),
    ("something like chunked", "Transfer-Encoding: xchunked", "0\r\n\r\n", Refused),
    ("chunked in quotes", "Transfer-Encoding: \"chunked\"", "0\r\n\r\n", Refused),
    ("a vertical tab before chunked", "Transfer-Encoding: \u{b}chunked", "0\r\n\r\n", Refused),
    (
        "a size that overflows",
        "Transfer-Encoding: chunked",
        "10000000000000000\r\n{}\r\n0\r\n\r\n",
        Refused,
    ),
    ("a size with a sign", "Transfer-Encoding: chunked", "+2\r\n{}\r\n0\r\n\r\n", Refused),
    ("a size with 0x", "Transfer-Encoding: chunked", "0x2\r\n{}\r\n0\r\n\r\n", Refused),
    ("no size", "Transfer-Encoding: chunked", "\r\n{}\r\n0\r\n\r\n", Refused),
    ("a size with a blank inside", "Transfer-Encoding: chunked", "0 2\r\n{}\r\n0\r\n\r\n", Refused),
    ("a size that ends in a bare LF", "Transfer-Encoding: chunked", "2\n{}\r\n0\r\n\r\n", Refused),
    ("a chunk longer than said", "Transfer-Encoding: chunked", "1\r\n{}\r\n0\r\n\r\n", Refused),
    ("a bare LF after a chunk", "Transfer-Encoding: chunked", "2\r\n{}\n0\r\n\r\n", Refused),
    (
        "a control character in an extension",
        "Transfer-Encoding: chunked",
        "2;a\0=b\r\n{}\r\n0\r\n\r\n",
        Refused,
    ),
    ("a bare LF in an extension", "Transfer-Encoding: chunked", "2;a\n{}\r\n0\r\n\r\n", Refused),
    ("a second host", "Host: b\r\nContent-Length: 2", "{}", Refused),
    (
        "an upgrade with a body",
        "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 2",
        "{}",
        Refused,
    ),
    (
        "an upgrade to h2c",
        "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nContent-Length: 2",
        "{}",
        // The connection ends after it, unless the next request has come by then.
        Defined(&[&[422, 200], &[422]], "RFC 9110 section 7.8: unknown upgrades are ignored"),
    ),
];

/// Why a bare LF is taken in a head; in a chunked body it is refused.
const LF: &str = "one LF ends a line, as RFC 9112 section 2.2 lets it: both requests are seen";

/// Name, the whole, and what has to become of it.
const WHOLE: &[(&str, &str, Want)] = &[
    ("no host", "GET /healthz HTTP/1.1\r\n\r\n", Refused),
    (
        "a bare LF after the request line",
        "GET /healthz HTTP/1.1\nHost: a\r\n\r\n",
        Defined(&[&[200, 200]], LF),
    ),
    ("bare LFs", "GET /healthz HTTP/1.1\nHost: a\n\n", Defined(&[&[200, 200]], LF)),
    (
        "a bare LF between headers",
        "GET /healthz HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
        Defined(&[&[200, 200]], LF),
    ),
    (
        "a bare LF at the end of the head",
        "GET /healthz HTTP/1.1\r\nHost: a\r\n\n",
        Defined(&[&[200, 200]], LF),
    ),
    (
        "a space before the first header",
        "GET /healthz HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n",
        Refused,
    ),
    ("another version", "GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n", Refused),
    ("HTTP/2 in clear text", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Refused),
    ("no version", "GET /healthz\r\nHost: a\r\n\r\n", Refused),
    ("two blanks", "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", Refused),
    ("a blank in the path", "GET /health z HTTP/1.1\r\nHost: a\r\n\r\n", Refused),
    ("a NUL in the path", "GET /health\0z HTTP/1.1\r\nHost: a\r\n\r\n", Refused),
    ("an empty host", "GET /healthz HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n", Refused),
    (
        "chunked in HTTP/1.0",
        "POST /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        Refused,
    ),
    (
        "another host in the target",
        "GET http://b/healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        Defined(&[&[200, 200]], "no answer depends on the host: links use server.base_url"),
    ),
    ("an answer instead of a request", "HTTP/1.1 200 OK\r\nHost: a\r\n\r\n", Refused),
    (
        "a body without a length",
        "POST /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        Defined(&[&[405, 200]], "without a length there is no body: RFC 9112 section 6.3"),
    ),
];

fn refused(run: &Run) -> Kept {
    run.with(|t| {
        let web = t.serve();
        let address = web.url.trim_start_matches("http://");
        let framed = FRAMED.iter().map(|(name, head, body, want)| {
            (*name, format!("{POST}Content-Type: application/json\r\n{head}\r\n\r\n{body}"), want)
        });
        let whole = WHOLE.iter().map(|(name, text, want)| (*name, (*text).to_owned(), want));
        let (mut wrong, mut count) = (Vec::new(), 0);
        for (name, text, want) in framed.chain(whole) {
            for piecemeal in [false, true] {
                let (statuses, closed) = told(address, &format!("{text}{NEXT}"), piecemeal);
                let (fits, why) = match want {
                    Refused => (statuses == [400], "it is ambiguous"),
                    Defined(wanted, why) => (wanted.contains(&statuses.as_slice()), *why),
                };
                if !(fits && closed) {
                    let how = if piecemeal { "byte by byte" } else { "at once" };
                    wrong.push(format!("{name}, {how}: {statuses:?}, closed: {closed} ({why})"));
                }
                count += 1;
            }
        }
        if wrong.is_empty() {
            return Ok(format!("{count} requests, each refused or answered as defined"));
        }
        Err(format!("{} of {count}: {}", wrong.len(), wrong.join("; ")))
    })
}

/// The statuses of all answers, and whether the connection ended.
fn told(address: &str, text: &str, piecemeal: bool) -> (Vec<u16>, bool) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_nodelay(true).expect("a setting");
    stream.set_read_timeout(Some(Duration::from_secs(3))).expect("a setting");
    let size = if piecemeal { 1 } else { text.len() };
    for piece in text.as_bytes().chunks(size) {
        // It may have been refused by now.
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    let (mut all, mut bytes) = (Vec::new(), [0; 4096]);
    let closed = loop {
        match stream.read(&mut bytes) {
            Ok(0) => break true,
            Ok(n) => all.extend_from_slice(&bytes[..n]),
            Err(e) => break e.kind() == std::io::ErrorKind::ConnectionReset,
        }
    };
    let text = String::from_utf8_lossy(&all);
    let statuses = text.split("HTTP/1.1 ").skip(1).filter_map(|a| a.get(..3)?.parse().ok());
    (statuses.collect(), closed)
}
