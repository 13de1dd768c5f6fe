//! The settings, typed. Meaning, unit and default of each are in `config/default.toml`.

use super::{Network, Secret};
use serde::{Deserialize, Deserializer};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

macro_rules! section { ($(#[$meta:meta])* $name:ident { $($field:tt)* }) => {
    $(#[$meta])*
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(missing_docs, reason = "each key is documented once, in config/default.toml")]
    pub struct $name { $($field)* }
} }

section! { /// All settings, checked.
    Config {
        pub data_dir: PathBuf,
        pub server: Server,
        pub database: Database,
        pub files: Files,
        pub auth: Auth,
        pub mail: Mail,
        pub jobs: Jobs,
        pub sponsor: Sponsor,
        pub publishing: Publishing,
        pub payees: Payees,
        pub offers: Offers,
        pub calls: Calls,
        pub vouches: Vouches,
        pub ledger: Ledger,
        pub import: Import,
        pub log: Log,
    }
}
section! { /// The HTTP server.
    Server {
        pub bind: SocketAddr,
        pub base_url: String,
        pub body_limit_bytes: usize,
        pub request_timeout_seconds: u64,
        pub stream_timeout_seconds: u64,
        pub head_timeout_seconds: u64,
        pub body_timeout_seconds: u64,
        pub idle_timeout_seconds: u64,
        #[serde(deserialize_with = "networks")]
        pub trusted_proxies: Vec<Network>,
        #[serde(deserialize_with = "texts")]
        pub cors_origins: Vec<String>,
        pub shutdown_seconds: u64,
        pub workers: usize,
        pub blocking_threads: usize,
    }
}
section! { /// Where the data is. After loading, `url` is never empty.
    Database {
        pub url: Secret,
        pub url_file: PathBuf,
        pub pool_size: u32,
    }
}
section! { /// Where the files are that people send.
    Files {
        pub folder: PathBuf,
    }
}
section! { /// Sessions and passwords.
    Auth {
        pub issuer: String,
        pub keys_file: PathBuf,
        pub access_token_minutes: i64,
        pub refresh_token_days: i64,
        pub session_days: i64,
        pub reset_minutes: i64,
        pub confirm_hours: i64,
        pub hash_parallel: usize,
        pub require_factor: bool,
        pub limits: Limits,
    }
}
section! { /// Limits on what needs no login, and on what takes long.
    Limits {
        pub account: Limit,
        pub address: Limit,
        pub overall: Limit,
        pub mail: Limit,
        pub work: Limit,
    }
}
section! { /// One limit.
    #[derive(Copy)]
    Limit {
        pub burst: u32,
        pub per_hour: u32,
    }
}
section! { /// How mail leaves.
    Mail {
        pub transport: MailTransport,
        pub from: String,
        pub folder: PathBuf,
        pub smtp: Smtp,
    }
}
section! { /// The mail server. After loading, `password` is what `password_file` held, if given.
    Smtp {
        pub host: String,
        pub port: u16,
        pub security: SmtpSecurity,
        pub allow_insecure: bool,
        pub username: String,
        pub password: Secret,
        pub password_file: PathBuf,
        pub ca_file: PathBuf,
        pub timeout_seconds: u64,
    }
}
section! { /// Background work.
    Jobs {
        pub workers: u32,
        pub poll_ms: u64,
        pub lease_seconds: i64,
        pub max_attempts: i32,
        pub backoff_seconds: i64,
        pub backoff_max_seconds: i64,
    }
}
section! { /// The legal body that holds the money.
    Sponsor { pub name: String, }
}
section! { /// What is published, and under whose name.
    Publishing {
        pub prefix: String,
        pub organisation_id: String,
        pub license: String,
        pub how_to_pay: String,
        pub image: String,
        pub image_alt: String,
    }
}
section! { /// Payees.
    Payees { pub cooling_hours: i64, }
}
section! { /// Offers.
    Offers { pub expiry_days: i32, }
}
section! { /// Calls.
    Calls { pub decision_days: i32, }
}
section! { /// Vouches.
    Vouches { pub per_quarter: i64, }
}
section! { /// The ledger.
    Ledger { pub seal_batch: i64, }
}
section! { /// Imports.
    Import { pub batch_rows: usize, }
}
section! { /// Logs, which go to standard error.
    Log { pub format: LogFormat, pub level: String, }
}

crate::text_enum! {
    /// Where mail goes.
    pub enum MailTransport {
        /// Through a mail server.
        Smtp = "smtp",
        /// One file per mail.
        Folder = "folder",
        /// Nowhere.
        Off = "off",
    }
}
crate::text_enum! {
    /// How the conversation with the mail server is protected.
    pub enum SmtpSecurity {
        /// TLS begins after a greeting, and must.
        Starttls = "starttls",
        /// TLS from the first byte.
        Tls = "tls",
        /// Not at all.
        None = "none",
    }
}
crate::text_enum! {
    /// How log lines look.
    pub enum LogFormat {
        /// One object to a line.
        Json = "json",
        /// For people.
        Text = "text",
    }
}

impl Config {
    /// How people reach the service, without a slash at the end.
    pub fn base_url(&self) -> String {
        if !self.server.base_url.is_empty() {
            return self.server.base_url.clone();
        }
        let bind = self.server.bind;
        if bind.ip().is_unspecified() {
            format!("http://localhost:{}", bind.port())
        } else {
            format!("http://{bind}")
        }
    }
    /// Where the keys are.
    pub fn keys_file(&self) -> PathBuf {
        or(&self.auth.keys_file, || self.data_dir.join("keys.json"))
    }
    /// Where mail is kept by `transport = "folder"`.
    pub fn mail_folder(&self) -> PathBuf {
        or(&self.mail.folder, || self.data_dir.join("mail"))
    }
    /// Where the files are that people send.
    pub fn files_folder(&self) -> PathBuf {
        or(&self.files.folder, || self.data_dir.join("files"))
    }
    /// Threads that serve requests; at least one.
    pub fn workers(&self) -> usize {
        match self.server.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }
    /// Threads for database work and hashing, over all workers.
    pub fn blocking_threads(&self) -> usize {
        match self.server.blocking_threads {
            0 => usize::try_from(self.database.pool_size).unwrap_or(8) + 8,
            n => n,
        }
    }
}

fn or(path: &Path, default: impl FnOnce() -> PathBuf) -> PathBuf {
    if path.as_os_str().is_empty() { default() } else { path.to_path_buf() }
}

/// A list, or one text with commas between (as the environment gives it).
fn networks<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Network>, D::Error> {
    texts(d)?.iter().map(|s| s.parse().map_err(serde::de::Error::custom)).collect()
}

/// A list, or a text with commas between.
fn texts<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        List(Vec<String>),
        Text(String),
    }
    let list = match Given::deserialize(d)? {
        Given::List(list) => list,
        Given::Text(text) => text.split(',').map(|s| s.trim().to_owned()).collect(),
    };
    Ok(list.into_iter().filter(|s| !s.is_empty()).collect())
}
