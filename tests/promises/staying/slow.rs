//! Those who take their time: half a head, half a body, a byte now and then, or no answer taken.

use super::wire::Wire;
use crate::promise::{Kept, On, Promise, Run};
use almoner::kernel::time::Stopwatch;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// S3.
pub const CUT: Promise = Promise {
    id: "S3",
    says: "Who sends or reads too slowly is cut off, and holds up nobody else",
    short: "250 connections of 6 kinds, time limits of 2 seconds",
    full: "1,000 connections of 6 kinds, time limits as they are",
    on: On::Once,
    run: cut,
};

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    HalfHead,
    DrippingHead,
    /// The head of a second request: the first one was answered.
    DrippingSecondHead,
    HalfBody,
    DrippingBody,
    TakesNothing,
}

const KINDS: [Kind; 6] = [
    Kind::HalfHead,
    Kind::DrippingHead,
    Kind::DrippingSecondHead,
    Kind::HalfBody,
    Kind::DrippingBody,
    Kind::TakesNothing,
];
const GET: &str = "GET /openapi.json HTTP/1.1\r\nHost: almoner\r\n\r\n";
const HALF: &str = "GET /healthz HTTP/1.1\r\nHost: almoner\r\nX-Slow: ";
const BODY: &str = "POST /api/v1/auth/login HTTP/1.1\r\nHost: almoner\r\nContent-Type: \
                    application/json\r\nContent-Length: 100000\r\n\r\n{\"email\":\"";

impl Kind {
    fn opening(self) -> String {
        match self {
            Kind::HalfHead | Kind::DrippingHead => HALF.into(),
            Kind::DrippingSecondHead => format!("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n{HALF}"),
            Kind::HalfBody | Kind::DrippingBody => BODY.into(),
            // Many times what fits into the buffers on the way.
            Kind::TakesNothing => GET.repeat(100),
        }
    }
    fn drips(self) -> bool {
        matches!(self, Kind::DrippingHead | Kind::DrippingSecondHead | Kind::DrippingBody)
    }
}

/// One slow connection.
struct Slow {
    kind: Kind,
    stream: TcpStream,
    since: Stopwatch,
    cut: Option<Duration>,
}

impl Slow {
    fn begin(address: &str, kind: Kind) -> std::io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(kind.opening().as_bytes())?;
        stream.set_nonblocking(true)?;
        Ok(Self { kind, stream, since: Stopwatch::start(), cut: None })
    }
    /// A byte more, where it drips; notices the end.
    fn go_on(&mut self) {
        let gone = |e: &std::io::Error| e.kind() != ErrorKind::WouldBlock;
        let mut over = false;
        if self.kind.drips() {
            over = self.stream.write(b"x").as_ref().is_err_and(gone);
        }
        if self.kind != Kind::TakesNothing {
            let mut bytes = [0; 8192];
            over |= match self.stream.read(&mut bytes) {
                Ok(n) => n == 0,
                Err(e) => gone(&e),
            };
        }
        if over {
            self.cut = Some(self.since.read());
        }
    }
    /// Who took nothing looks at last: bytes that are there, and then an end, but not all answers.
    fn look(&mut self, whole: usize) -> Result<(), String> {
        self.stream.set_nonblocking(false).map_err(|e| e.to_string())?;
        let wait = Some(Duration::from_secs(2));
        self.stream.set_read_timeout(wait).map_err(|e| e.to_string())?;
        let (mut taken, mut bytes) = (0, vec![0; 1 << 16]);
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => break,
                Ok(n) => taken += n,
                Err(e) if e.kind() == ErrorKind::ConnectionReset => break,
                Err(e) => return Err(format!("it is still open after {taken} bytes: {e}")),
            }
        }
        if taken < whole { Ok(()) } else { Err("all was written for a reader who slept".into()) }
    }
}

fn cut(run: &Run) -> Kept {
    let (count, limit) = run.figure((250, 5), (1_000, 30));
    run.with(|t| {
        let mut config = t.config();
        config.server.workers = 2;
        if !run.full {
            config.server.request_timeout_seconds = 2;
            config.server.head_timeout_seconds = 2;
            config.server.body_timeout_seconds = 2;
            config.server.idle_timeout_seconds = 2;
        }
        let web = t.serve_with(config);
        let address = web.url.trim_start_matches("http://");
        let size = web.anonymous().get("/openapi.json").bytes.len();
        let over = AtomicBool::new(false);
        let (slow, health) = std::thread::scope(|scope| {
            let health = scope.spawn(|| healthy(&web.url, &over));
            let slow = hold(address, count, Duration::from_secs(limit));
            over.store(true, Ordering::SeqCst);
            (slow, health.join().expect("no panic"))
        });
        let mut slow = slow.map_err(|e| format!("the connections cannot be made: {e}"))?;
        let mut longest = Duration::ZERO;
        for one in &mut slow {
            let kind = one.kind;
            match (kind, one.cut) {
                (Kind::TakesNothing, _) => {
                    one.look(size * 100).map_err(|e| format!("{kind:?}: {e}"))?;
                }
                (_, Some(after)) => longest = longest.max(after),
                (_, None) => return Err(format!("{kind:?} is not cut after {limit} s")),
            }
        }
        let (asked, slowest) = health?;
        let (longest, slowest) = (longest.as_millis(), slowest.as_millis());
        let health = format!("health asked {asked} times, slowest {slowest} ms");
        Ok(format!("{} connections, the last cut after {longest} ms; {health}", slow.len()))
    })
}

/// Holds them all, until each is cut and those who take nothing have had their time.
fn hold(address: &str, count: usize, limit: Duration) -> std::io::Result<Vec<Slow>> {
    let kinds = KINDS.iter().cycle().take(count);
    let mut slow = kinds.map(|kind| Slow::begin(address, *kind)).collect::<Result<Vec<_>, _>>()?;
    let since = Stopwatch::start();
    // Those who take nothing are given what a request may take, and a little more: its time begins
    // when the service comes to it, which is later where many ask at once.
    while since.read() < limit + Duration::from_secs(3).max(limit / 2) {
        std::thread::sleep(Duration::from_millis(200));
        for one in slow.iter_mut().filter(|s| s.cut.is_none() && s.since.read() < limit) {
            one.go_on();
        }
    }
    Ok(slow)
}

/// Asks after the health all the time: how often, and the slowest answer.
fn healthy(url: &str, over: &AtomicBool) -> Result<(usize, Duration), String> {
    let mut wire = Wire::new(url, Duration::from_secs(5));
    let (mut asked, mut slowest) = (0, Duration::ZERO);
    while !over.load(Ordering::SeqCst) {
        let watch = Stopwatch::start();
        wire.close();
        let answer = wire.ask(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
        let took = watch.read();
        let well = matches!(&answer, Ok(Some(a)) if a.status == 200);
        if !well || took >= Duration::from_secs(1) {
            return Err(format!("health after {took:?}: {answer:?}"));
        }
        (asked, slowest) = (asked + 1, slowest.max(took));
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((asked, slowest))
}
