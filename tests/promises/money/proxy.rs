//! A proxy between clients and the service that behaves like a bad network: it loses requests and
//! answers, sends some twice, and some late.

use crate::support::years::dice::Dice;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a late request is held back at most; clients are less patient than that.
pub const LATEST_MS: u32 = 600;

/// What was done to requests.
#[derive(Debug, Default)]
pub struct Mischief {
    pub requests: AtomicUsize,
    pub lost_requests: AtomicUsize,
    pub lost_answers: AtomicUsize,
    pub doubled: AtomicUsize,
    pub delayed: AtomicUsize,
    /// Answers to one request sent twice that differ, though both say that it went well.
    pub differing: Mutex<Vec<String>>,
}

/// A listening proxy; it ends with this.
pub struct Proxy {
    pub url: String,
    pub mischief: Arc<Mischief>,
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Proxy {
    /// In front of the service at `url`. A connection carries one request.
    pub fn start(url: &str) -> Self {
        let server: SocketAddr =
            url.trim_start_matches("http://").parse().expect("an address of this machine");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (mischief, stop) = (Arc::new(Mischief::default()), Arc::new(AtomicBool::new(false)));
        let (seen, ends, number) = (mischief.clone(), stop.clone(), AtomicU32::new(0));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let seed = number.fetch_add(1, Ordering::SeqCst);
                let seen = seen.clone();
                std::thread::spawn(move || drop(carry(client, server, seed, &seen)));
            }
        });
        Self { url: format!("http://{address}"), mischief, address, stop }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

/// Carries one request, as chance has it.
fn carry(
    mut client: TcpStream,
    server: SocketAddr,
    seed: u32,
    seen: &Mischief,
) -> std::io::Result<()> {
    let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::SeqCst);
    let mut dice = Dice::new(usize::try_from(seed).unwrap_or(0).wrapping_add(1));
    let request = message(&mut client)?;
    count(&seen.requests);
    if dice.below(10) == 0 {
        count(&seen.lost_requests);
        return client.shutdown(Shutdown::Both);
    }
    if dice.below(10) == 0 {
        count(&seen.delayed);
        let ms = dice.below(LATEST_MS);
        std::thread::sleep(Duration::from_millis(ms.into()));
    }
    let answer = if dice.below(10) == 0 {
        count(&seen.doubled);
        let copy = request.clone();
        let twin = std::thread::spawn(move || ask(server, &copy));
        let answer = ask(server, &request)?;
        if let Ok(Ok(other)) = twin.join() {
            compare(&answer, &other, seen);
        }
        answer
    } else {
        ask(server, &request)?
    };
    if dice.below(10) < 2 {
        count(&seen.lost_answers);
        // Some of it may get through.
        let part = answer.len() / usize::try_from(1 + dice.below(20)).unwrap_or(1);
        if part < answer.len() {
            client.write_all(&answer[..part])?;
        }
        return client.shutdown(Shutdown::Both);
    }
    client.write_all(&answer)
}

fn ask(server: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(request)?;
    message(&mut stream)
}

/// Reads a head and as much after it as it says.
fn message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|l| l.strip_prefix("content-length:"));
            let length: usize = length.and_then(|l| l.trim().parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Ok(bytes);
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => bytes.extend_from_slice(&buffer[..n]),
        }
    }
}

fn compare(one: &[u8], other: &[u8], seen: &Mischief) {
    let parts = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        (head.split(' ').nth(1).unwrap_or_default().to_owned(), body.to_owned())
    };
    let (one, other) = (parts(one), parts(other));
    if one.0.starts_with('2') && other.0.starts_with('2') && one != other {
        let mut list = seen.differing.lock().unwrap_or_else(PoisonError::into_inner);
        list.push(format!("{one:?} and {other:?}"));
    }
}
