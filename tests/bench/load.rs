//! Clients that keep their connections and ask as fast as they are answered.

use crate::years::dice::Dice;
use almoner::kernel::time::Stopwatch;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::time::Duration;

/// Clients at once.
pub const CLIENTS: usize = crate::years::world::REGRANTORS;

/// What came of a scenario.
#[derive(Debug, Clone)]
pub struct Load {
    /// Answers with the status that was wanted.
    pub answered: u64,
    /// All others; the first of them.
    pub refused: (u64, Option<String>),
    /// How long it took.
    pub took: Duration,
    /// Half of the answers came within this.
    pub p50: Duration,
    /// 99 of 100 did.
    pub p99: Duration,
}

impl Load {
    /// Answers in a second.
    pub fn rate(&self) -> u64 {
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX).max(1);
        self.answered.saturating_mul(1_000_000) / micros
    }
}

/// Who asks.
pub struct Turn<'a> {
    /// Which client, below [`CLIENTS`].
    pub client: usize,
    /// Counts the client's requests.
    pub number: u64,
    /// The client's own.
    pub dice: &'a mut Dice,
}

/// What one client saw.
#[derive(Default)]
struct Seen {
    micros: Vec<u32>,
    refused: u64,
    first: Option<String>,
}

/// Sends what `request` makes, with all clients for `warm` and then for `long`; `begin` is called
/// in between. `wanted` is the status of a good answer.
pub fn run(
    address: SocketAddr,
    wanted: u16,
    (warm, long): (Duration, Duration),
    request: impl Fn(Turn<'_>) -> Vec<u8> + Sync,
    begin: impl FnOnce(),
) -> io::Result<Load> {
    let (start, half) = (Barrier::new(CLIENTS + 1), Barrier::new(CLIENTS + 1));
    let client = |client: usize| -> io::Result<Seen> {
        let mut connection = Connection::open(address);
        let (mut dice, mut number) = (Dice::new(client), 0);
        let mut phase = |long: Duration| -> io::Result<Seen> {
            let (mut seen, watch) = (Seen::default(), Stopwatch::start());
            while watch.read() < long {
                number += 1;
                let bytes = request(Turn { client, number, dice: &mut dice });
                let asked = Stopwatch::start();
                let connection =
                    connection.as_mut().map_err(|e| io::Error::other(e.to_string()))?;
                let status = connection.ask(&bytes)?;
                let micros = u32::try_from(asked.read().as_micros()).unwrap_or(u32::MAX);
                if status == wanted {
                    seen.micros.push(micros);
                } else {
                    seen.refused += 1;
                    seen.first.get_or_insert_with(|| connection.text());
                }
            }
            Ok(seen)
        };
        start.wait();
        let warmed = phase(warm);
        half.wait();
        half.wait();
        warmed?;
        phase(long)
    };
    std::thread::scope(|scope| {
        let client = &client;
        let clients: Vec<_> = (0..CLIENTS).map(|n| scope.spawn(move || client(n))).collect();
        start.wait();
        half.wait();
        begin();
        let watch = Stopwatch::start();
        half.wait();
        let mut all = Seen::default();
        for client in clients {
            let seen = client.join().map_err(|_| io::Error::other("a client panicked"))??;
            all.micros.extend(seen.micros);
            all.refused += seen.refused;
            all.first = all.first.or(seen.first);
        }
        Ok(summary(all, watch.read()))
    })
}

fn summary(mut all: Seen, took: Duration) -> Load {
    all.micros.sort_unstable();
    let at = |hundredths: usize| {
        let index = (all.micros.len() * hundredths / 100).min(all.micros.len().saturating_sub(1));
        Duration::from_micros(all.micros.get(index).copied().unwrap_or(0).into())
    };
    Load {
        answered: u64::try_from(all.micros.len()).unwrap_or(u64::MAX),
        refused: (all.refused, all.first),
        took,
        p50: at(50),
        p99: at(99),
    }
}

/// One connection. It knows as much of HTTP as our own answers need.
pub struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream, answer: Vec::with_capacity(1 << 16) })
    }
    /// Sends a request and reads the whole answer; its status.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<u16> {
        self.stream.write_all(request)?;
        self.answer.clear();
        let mut chunk = [0u8; 1 << 14];
        let mut whole = None;
        while whole.is_none_or(|length| self.answer.len() < length) {
            let read = self.stream.read(&mut chunk)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.answer.extend_from_slice(&chunk[..read]);
            if whole.is_none() {
                whole = length(&self.answer)?;
            }
        }
        let status = self.answer.get(9..12).and_then(|s| std::str::from_utf8(s).ok()?.parse().ok());
        status.ok_or_else(|| io::Error::other("no status"))
    }
    /// The answer as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.answer).into_owned()
    }
}

/// The length of the whole answer, once its head is there.
fn length(answer: &[u8]) -> io::Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let body = text.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse().ok());
    let body: usize = body.ok_or_else(|| io::Error::other("no content-length"))?;
    Ok(Some(head + 4 + body))
}
