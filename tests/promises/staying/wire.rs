//! HTTP/1.1 by hand: bytes go out as they are, and what comes back is read to its end.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let fits = |line: &&str| line.len() > name.len() && line.as_bytes()[name.len()] == b':';
        let line = self.head.lines().filter(fits).find(|line| line.starts_with(name));
        line.map(|line| line[name.len() + 1..].trim())
    }
    /// Whether the connection ends with it.
    pub fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that is opened when needed, and kept while the other side keeps it.
pub struct Wire {
    address: String,
    wait: Duration,
    open: Option<TcpStream>,
    left: Vec<u8>,
}

impl Wire {
    pub fn new(url: &str, wait: Duration) -> Self {
        let address = url.trim_start_matches("http://").to_owned();
        Self { address, wait, open: None, left: Vec::new() }
    }
    /// The connection, as it is.
    pub fn stream(&mut self) -> io::Result<&mut TcpStream> {
        if self.open.is_none() {
            let stream = TcpStream::connect(&self.address)?;
            stream.set_read_timeout(Some(self.wait))?;
            stream.set_write_timeout(Some(self.wait))?;
            stream.set_nodelay(true)?;
            self.left.clear();
            self.open = Some(stream);
        }
        self.open.as_mut().ok_or_else(|| ErrorKind::NotConnected.into())
    }
    pub fn close(&mut self) {
        self.open = None;
    }
    /// Sends these bytes; the answer, or none where the other side only closed the connection.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<Option<Answer>> {
        let kept = self.open.is_some();
        match self.once(request) {
            // What was kept open may have been closed a moment ago: that says nothing yet.
            Ok(None) if kept => self.once(request),
            other => other,
        }
    }
    fn once(&mut self, request: &[u8]) -> io::Result<Option<Answer>> {
        // An answer may be there although not everything was taken: the body was too large.
        let sent = self.stream()?.write_all(request);
        let no_body = request.starts_with(b"HEAD ");
        let answer = self.answer(no_body);
        if sent.is_err() || !matches!(&answer, Ok(Some(a)) if !a.closes()) {
            self.close();
        }
        answer
    }
    /// Reads one answer; none where the connection ended before it began.
    pub fn answer(&mut self, no_body: bool) -> io::Result<Option<Answer>> {
        let end = loop {
            let found = self.left.windows(4).position(|w| w == b"\r\n\r\n");
            match found {
                Some(at) => break at + 4,
                None if !self.more()? => return Ok(None),
                None => {}
            }
        };
        let head = String::from_utf8_lossy(&self.left[..end]).to_lowercase();
        self.left.drain(..end);
        let status = head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0);
        if status == 100 {
            return self.answer(no_body);
        }
        let mut answer = Answer { status, head, body: Vec::new() };
        if !(no_body || status == 204 || status == 304) {
            answer.body = self.body(&answer)?;
        }
        Ok(Some(answer))
    }
    fn body(&mut self, answer: &Answer) -> io::Result<Vec<u8>> {
        if answer.header("transfer-encoding") == Some("chunked") {
            let mut body = Vec::new();
            loop {
                let line = self.line()?;
                let size = usize::from_str_radix(line.trim(), 16);
                let size = size.map_err(|e| io::Error::new(ErrorKind::InvalidData, e))?;
                let mut chunk = self.exactly(size + 2)?;
                chunk.truncate(size);
                body.append(&mut chunk);
                if size == 0 {
                    return Ok(body);
                }
            }
        }
        let length = answer.header("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
        self.exactly(length)
    }
    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.left.windows(2).position(|w| w == b"\r\n") {
                let line: Vec<u8> = self.left.drain(..at + 2).collect();
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
            self.must_go_on()?;
        }
    }
    fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.left.len() < length {
            self.must_go_on()?;
        }
        Ok(self.left.drain(..length).collect())
    }
    fn must_go_on(&mut self) -> io::Result<()> {
        if self.more()? { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
    /// Reads on; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 16 * 1024];
        let Some(open) = &mut self.open else { return Ok(false) };
        match open.read(&mut bytes) {
            Ok(0) => Ok(false),
            Ok(n) => {
                self.left.extend_from_slice(&bytes[..n]);
                Ok(true)
            }
            Err(e) if e.kind() == ErrorKind::ConnectionReset => Ok(false),
            Err(e) => Err(e),
        }
    }
}
