//! Mail as readers get it, and conversations with servers of every temper.

mod links;
mod opened;
mod queue;
mod reader;
mod servers;

use crate::support::programs;
use crate::support::smtp::{At, Deed, Guard, Smtp, authority};
use crate::support::{Harness, Side};
use almoner::kernel::ids::{IdSource, JobId};
use almoner::kernel::problem::{Kind as ProblemKind, Problem};
use almoner::kernel::time::{Instant, Stopwatch};
use almoner::platform::config::{Config, MailTransport, Secret, SmtpSecurity};
use almoner::platform::context::{Ctx, Env};
use almoner::platform::db::Conn;
use almoner::platform::jobs::{self, Desk, Job, Kind, Kinds, Outcome, Runner};
use almoner::platform::mail::{self, Letter, Mail, Mailer, Unsent};
use diesel::RunQueryDsl as _;
use mail_parser::MessageParser;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn noon() -> Instant {
    "2026-03-01T12:00:00Z".parse().expect("an instant")
}

fn id() -> JobId {
    IdSource::seeded(1).next(noon())
}

fn mail() -> Mail {
    Letter::new("Bestätige deine Adresse ✓", "somebody registered with this address")
        .greeting("Zoë Ångström 👩🏽‍🔬")
        .paragraph("Please confirm that this address is yours. If it was not you, do nothing.")
        .link("Confirm", "/confirm#token=s3cret")
        .until(noon().plus_seconds(48 * 3600))
        .to("ada@example.org", "Almoner", "https://grants.example.org")
        .expect("a mail")
}

fn settings() -> Config {
    let mut config = Config::for_folder(std::path::Path::new("/nowhere"));
    config.mail.from = "Almoner <grants@example.org>".into();
    config
}

fn smtp_settings(address: SocketAddr) -> Config {
    let mut config = settings();
    config.mail.transport = MailTransport::Smtp;
    config.mail.smtp.host = "localhost".into();
    config.mail.smtp.port = address.port();
    config.mail.smtp.security = SmtpSecurity::None;
    config.mail.smtp.timeout_seconds = 5;
    config
}

fn send(config: &Config) -> Result<(), Unsent> {
    Mailer::new(config).expect("good settings").send(&mail(), id(), noon())
}

/// Whether another try makes sense, as the mailer sees it.
fn later(result: Result<(), Unsent>) -> bool {
    match result {
        Ok(()) => panic!("the mail left"),
        Err(Unsent::Later(_)) => true,
        Err(Unsent::Never(_)) => false,
    }
}

/// A folder of one test, removed with the guard.
struct Folder(PathBuf);
impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("almoner-mail-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("made");
        Self(path)
    }
    /// A file in it.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("written");
        path
    }
}
impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
