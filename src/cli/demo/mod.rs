//! `almoner demo`: a throw-away service full of people, applications and grants.

mod giving;
mod people;
mod scenes;
mod seed;
mod trust;

use super::say;
use crate::app;
use crate::kernel::Result;
use crate::kernel::ids::IdSource;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Clock;
use crate::platform::config::{Config, LogFormat, log};
use crate::web;
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Port to listen on; any free one when 0
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Print one line of JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Somebody to log in as.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Account {
    pub(crate) role: &'static str,
    pub(crate) email: String,
    pub(crate) password: String,
    /// The secret of the second factor, where the account has one.
    pub(crate) totp_secret: Option<String>,
}

#[derive(Serialize)]
struct Told<'a> {
    url: &'a str,
    /// Where mails go, one file each: nothing is sent.
    mails: &'a str,
    accounts: &'a [Account],
}

/// Serves a new database full of demo data; all of it is removed at the end.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let folder = Folder::new()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let taken = |e: std::io::Error| {
        let detail = format!("The port {} cannot be taken: try --port 0.", args.port);
        Problem::new(Kind::Unavailable, detail).because(e)
    };
    let listener = TcpListener::bind(address).map_err(taken)?;
    let address = listener.local_addr().map_err(Problem::internal)?;
    let mut config = Config::for_folder(&folder.0);
    config.server.bind = address;
    config.log.format = LogFormat::Text;
    config.log.level = "warn".into();
    config.publishing.how_to_pay = "Demo Bank, account 000 demo: nothing is sent there.".into();
    let mails = config.mail_folder().display().to_string();
    let clock = Clock::system();
    log::init(&config.log, &clock).map_err(Problem::internal)?;
    let env = app::environment(config, clock, IdSource::system())?;
    let db = app::database(&env.config)?;
    if !args.json {
        say("making people, applications and grants…");
    }
    let state = app::state(env, db);
    let accounts = seed::seed(&state)?;
    let worker = app::worker(&state)?;
    let served = web::run(state, listener, |address| {
        let url = &format!("http://{address}");
        tell(&Told { url, mails: &mails, accounts: &accounts }, args.json);
    });
    drop(worker);
    served.map_err(Problem::internal)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(told: &Told<'_>, json: bool) {
    if json {
        // Plain text in a plain structure: it always serialises.
        say(&serde_json::to_string(told).unwrap_or_default());
        return;
    }
    let Told { url, mails, accounts } = told;
    say(&format!("almoner listens on {url}    (API page: {url}/docs/)"));
    say("open that address in a browser, or POST to /api/v1/auth/login; log in as");
    for a in *accounts {
        let secret = a.totp_secret.as_deref().unwrap_or("");
        say(&format!("  {:<11} {:<34} {:<18} {secret}", a.role, a.email, a.password));
    }
    say("the last column is the secret of the second factor: put it into an authenticator app (or");
    say(
        "`oathtool --totp -b SECRET`), then POST /api/v1/auth/login/factor with challenge and code",
    );
    say("mails are not sent (who registers opens the link of the newest): each is a file in");
    say(&format!("  {mails}"));
    say("everything is thrown away when this ends (Ctrl-C)");
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let number = getrandom::u64().map_err(|e| Problem::internal(e.to_string()))?;
        let path = std::env::temp_dir().join(format!("almoner-demo-{number:016x}"));
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is only a leftover in the folder for temporary files.
        drop(remove(&self.0));
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    std::fs::remove_dir_all(path)
}
