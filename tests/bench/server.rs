//! The program under load, in a process of its own.

use crate::home::Home;
use crate::load::Connection;
use crate::machine;
use almoner::kernel::time::Stopwatch;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program that cargo built for this benchmark.
const PROGRAM: &str = env!("CARGO_BIN_EXE_almoner");

/// More than any run asks for.
const NO_LIMIT: &str = "1000000";

/// A command of the program on this database.
pub fn program(home: &Home, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(args)
        .env("ALMONER__DATA_DIR", home.folder())
        .env("ALMONER__DATABASE__URL", &home.url)
        .env("ALMONER__AUTH__REQUIRE_FACTOR", "false")
        // 32 clients search more than people do.
        .env("ALMONER__AUTH__LIMITS__WORK__BURST", NO_LIMIT)
        .env("ALMONER__AUTH__LIMITS__WORK__PER_HOUR", NO_LIMIT)
        .env("ALMONER__AUTH__LIMITS__OVERALL__BURST", NO_LIMIT)
        .env("ALMONER__AUTH__LIMITS__OVERALL__PER_HOUR", NO_LIMIT)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// A running service.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until it said that it is ready.
    pub ready: Duration,
}

impl Server {
    /// Starts it and waits until it is ready.
    pub fn start(home: &Home, worker: bool) -> Result<Self, String> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let address = free.map_err(|e| e.to_string())?;
        let bind = address.to_string();
        let mut args = vec!["serve", "--bind", &bind];
        if !worker {
            args.push("--no-worker");
        }
        let watch = Stopwatch::start();
        let mut command = program(home, &args);
        command.env("ALMONER__MAIL__TRANSPORT", "off");
        let child = command.spawn().map_err(|e| e.to_string())?;
        let mut server = Self { child, address, ready: Duration::ZERO };
        let question = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        while watch.read() < Duration::from_secs(60) {
            let status = Connection::open(address).and_then(|mut c| c.ask(question));
            if status.is_ok_and(|s| s == 200) {
                server.ready = watch.read();
                return Ok(server);
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("the service ended with {status}"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err("the service is not ready after a minute".into())
    }
    /// Its time on the processor.
    pub fn cpu(&self) -> Option<Duration> {
        machine::cpu(self.child.id())
    }
    /// Its memory in KiB.
    pub fn memory(&self) -> Option<u64> {
        machine::memory(self.child.id(), "VmRSS")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that it folds the log into the file as it would in real life.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let patience = Stopwatch::start();
        while asked.as_ref().is_ok_and(std::process::ExitStatus::success)
            && matches!(self.child.try_wait(), Ok(None))
            && patience.read() < Duration::from_secs(10)
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How a command of the program went.
#[derive(Debug)]
pub struct Ran {
    /// How long it took.
    pub took: Duration,
    /// Its time on the processor, PostgreSQL's apart.
    pub cpu: Option<Duration>,
    /// The most memory that it had, in KiB.
    pub most: Option<u64>,
}

/// Runs a command to its end.
pub fn time(mut command: Command) -> Result<Ran, String> {
    let watch = Stopwatch::start();
    let mut child = command.spawn().map_err(|e| format!("{command:?}: {e}"))?;
    let (mut cpu, mut most) = (None, None);
    loop {
        most = machine::memory(child.id(), "VmHWM").or(most);
        cpu = machine::cpu(child.id()).or(cpu);
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) if status.success() => return Ok(Ran { took: watch.read(), cpu, most }),
            Some(status) => return Err(format!("{command:?} ended with {status}")),
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}
