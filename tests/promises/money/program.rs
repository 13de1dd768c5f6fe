//! The program itself, in a process of its own that may be killed, on a database that outlives it.

use crate::support::Harness;
use crate::support::temp::TempDir;
use crate::support::web::Web;
use almoner::kernel::time::{Clock, Stopwatch};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// From its start to its readiness; without optimisation it takes what it takes.
pub const READY: Duration = Duration::from_secs(if cfg!(debug_assertions) { 8 } else { 2 });

/// Where a program lives: its database, and a folder for its keys and logs.
pub struct Home {
    pub url: String,
    pub folder: PathBuf,
    _dir: TempDir,
}

impl Home {
    /// With a file of SQLite in a folder of its own.
    pub fn sqlite() -> Self {
        let dir = TempDir::new("home");
        let folder = dir.path().join("data");
        let url = format!("sqlite://{}", folder.join("almoner.db").display());
        Self { url, folder, _dir: dir }
    }
    /// With a file of SQLite in this folder, and the rest elsewhere.
    pub fn sqlite_in(place: &Path) -> Self {
        Self::at(format!("sqlite://{}", place.join("almoner.db").display()))
    }
    /// On this database.
    pub fn at(url: String) -> Self {
        Self { url, ..Self::sqlite() }
    }
    /// Does something within this process, on the same database and with the same keys, while no
    /// program runs. It is now; nobody has to show a second factor.
    pub fn inside<T>(&self, f: impl FnOnce(&Harness, &Web) -> T) -> T {
        let t = Harness::on(&self.url);
        t.clock.set(Clock::system().now());
        let mut config = t.config();
        config.data_dir = self.folder.clone();
        config.auth.require_factor = false;
        let web = t.serve_with(config);
        f(&t, &web)
    }
    /// A command of the program.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_almoner"));
        command
            .args(args)
            .env("ALMONER__DATA_DIR", &self.folder)
            .env("ALMONER__DATABASE__URL", &self.url)
            .env("ALMONER__AUTH__REQUIRE_FACTOR", "false")
            .env("ALMONER__MAIL__TRANSPORT", "off")
            .env("ALMONER__LOG__LEVEL", "warn")
            .stdin(Stdio::null());
        command
    }
    /// Runs it to its end: whether it went well, and what it said.
    pub fn run(&self, args: &[&str]) -> Result<(bool, String), String> {
        let done = self.command(args).output().map_err(|e| e.to_string())?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        Ok((done.status.success(), said + &String::from_utf8_lossy(&done.stderr)))
    }
    /// How many entries `almoner check` finds, which has to find nothing wrong.
    pub fn check(&self) -> Result<u64, String> {
        let (good, said) = self.run(&["check"])?;
        let count = said.split(" entries, ").next().and_then(|n| n.trim().parse().ok());
        count.filter(|_| good).ok_or(format!("almoner check: {said}"))
    }
    /// What all programs of this home logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
    /// A panic in the log, if there is one.
    pub fn no_panic(&self) -> Result<(), String> {
        let log = self.log();
        let panicked = log.lines().find(|line| line.contains("panic"));
        panicked.map_or(Ok(()), |line| Err(format!("the log has a panic: {line}")))
    }
}

/// A running service; killed with this.
pub struct Program {
    child: Child,
    pub url: String,
    /// From its start until it said that it is ready.
    pub ready: Duration,
}

impl Program {
    /// Starts it and waits until it is ready.
    pub fn start(home: &Home) -> Result<Self, String> {
        let log = File::options().create(true).append(true).open(home.folder.join("log"));
        let watch = Stopwatch::start();
        let mut child = home
            .command(&["serve", "--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(log.map_err(|e| e.to_string())?)
            .spawn()
            .map_err(|e| e.to_string())?;
        let said = child.stdout.take().ok_or("no pipe")?;
        let mut program = Self { child, url: String::new(), ready: Duration::ZERO };
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).map_err(|e| e.to_string())?;
        let url = line.rsplit(' ').next().unwrap_or_default().trim();
        if !url.starts_with("http") {
            return Err(format!("it does not start: {}", home.log()));
        }
        program.url = url.to_owned();
        program.until_ready(Duration::from_secs(60))?;
        program.ready = watch.read();
        Ok(program)
    }
    /// Waits until it is ready; how long that took.
    pub fn until_ready(&self, patience: Duration) -> Result<Duration, String> {
        let watch = Stopwatch::start();
        let address = format!("{}/readyz", self.url);
        while watch.read() < patience {
            let config = ureq::Agent::config_builder().timeout_global(Some(patience));
            let agent: ureq::Agent = config.max_idle_connections(0).build().into();
            if agent.get(&address).call().is_ok_and(|a| a.status().as_u16() == 200) {
                return Ok(watch.read());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(format!("not ready after {patience:?}"))
    }
    pub fn id(&self) -> u32 {
        self.child.id()
    }
    /// Ends it as a loss of power would: at once, and without a word.
    pub fn end(&mut self) -> Result<(), String> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|e| e.to_string())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
