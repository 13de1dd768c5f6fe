//! The program itself, as a process of its own on a test's database.

use super::wire::{Answer, Wire};
use crate::support::Harness;
use crate::support::smtp::Smtp;
use crate::support::web::Client;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running `almoner`; it is killed when it is dropped.
pub struct Program {
    child: Child,
    pub url: String,
}

impl Program {
    /// `almoner serve` on this test's database and folder, with a worker; mails go to `post`.
    pub fn serve(t: &Harness, post: &Smtp, settings: &[(&str, &str)]) -> Result<Self, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_almoner"));
        command.args(["serve", "--bind", "127.0.0.1:0"]);
        command.env("ALMONER__DATA_DIR", t.dir()).env("ALMONER__DATABASE__URL", &t.url);
        command.env("ALMONER__DATABASE__POOL_SIZE", "4").env("ALMONER__SERVER__WORKERS", "1");
        command.env("ALMONER__MAIL__TRANSPORT", "smtp");
        command.env("ALMONER__MAIL__SMTP__HOST", "localhost");
        command.env("ALMONER__MAIL__SMTP__PORT", post.address.port().to_string());
        command.env("ALMONER__MAIL__SMTP__SECURITY", "none");
        command.env("ALMONER__JOBS__LEASE_SECONDS", "60").env("ALMONER__JOBS__POLL_MS", "50");
        command.env("ALMONER__MAIL__SMTP__TIMEOUT_SECONDS", "5");
        command.env("ALMONER__JOBS__BACKOFF_SECONDS", "1");
        command.envs(settings.iter().copied());
        let log = std::fs::File::options().create(true).append(true).open(t.dir().join("log"));
        command.stderr(log.map_err(|e| e.to_string())?).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("it does not start: {e}"))?;
        let mut line = String::new();
        let said = child.stdout.take().ok_or("it has no output")?;
        BufReader::new(said).read_line(&mut line).map_err(|e| e.to_string())?;
        let url = line.split_whitespace().last().unwrap_or_default().to_owned();
        let program = Self { child, url };
        if program.url.starts_with("http://") {
            return Ok(program);
        }
        let log = std::fs::read_to_string(t.dir().join("log")).unwrap_or_default();
        Err(format!("it does not listen: {line} {log}"))
    }
    /// Its process.
    pub fn pid(&self) -> String {
        self.child.id().to_string()
    }
    /// A connection to it.
    pub fn wire(&self) -> Wire {
        Wire::new(&self.url, Duration::from_secs(20))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // As the power would: nothing is finished.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One request with a body and, unless it is empty, a key, as somebody; none where the other side
/// went away.
pub fn post(wire: &mut Wire, who: &Client, path: &str, key: &str, body: &Value) -> Option<Answer> {
    let body = body.to_string();
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: almoner\r\n");
    head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    head.push_str("Content-Type: application/json\r\n");
    if let Some(token) = &who.token {
        head.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    if !key.is_empty() {
        head.push_str(&format!("Idempotency-Key: {key}\r\n"));
    }
    wire.ask(format!("{head}\r\n{body}").as_bytes()).ok().flatten()
}

/// One look, as somebody.
pub fn get(wire: &mut Wire, who: &Client, path: &str) -> Option<Answer> {
    let token = who.token.as_deref().unwrap_or_default();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: almoner\r\nAuthorization: Bearer {token}\r\n\r\n");
    wire.ask(request.as_bytes()).ok().flatten()
}
