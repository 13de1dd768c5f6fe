//! The program itself, as it runs for people: what the log holds.

use super::enrol::{FACTOR, password, shows};
use super::*;
use crate::support::Side;
use crate::support::web::PASSWORD;
use almoner::kernel::time::Clock;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A running program; it ends with the test.
struct Running(Child);
impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts it; the first line that it says.
fn start(command: &mut Command) -> (Running, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    let said = child.stdout.take().expect("a pipe");
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(said).read_line(&mut line).expect("it says something");
    (running, line)
}

/// At its most talkative the log holds no password, token, secret or recovery code.
#[test]
fn the_log_holds_no_secret() {
    Harness::run(Side::Sqlite, |t| {
        let ada = t.serve_with(patient(t)).person("Ada");
        let log = t.dir().join("log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_almoner"));
        command
            .args(["serve", "--no-worker", "--bind", "127.0.0.1:0"])
            .env("ALMONER__DATA_DIR", t.dir())
            .env("ALMONER__DATABASE__URL", &t.url)
            .env("ALMONER__LOG__LEVEL", "trace")
            .stderr(std::fs::File::create(&log).expect("a file"));
        let (running, line) = start(&mut command);
        let url = line.rsplit(' ').next().expect("an address").trim().to_owned();
        let clock = Clock::system();
        let nobody = Client::new(url.clone(), None);
        let first = log_in(&nobody, &ada.email, PASSWORD).ok();
        let session = Client::new(url.clone(), Some(text(&first, "access_token")));
        let begun = session.post(FACTOR, password()).ok();
        let secret = text(&begun, "secret");
        let confirm = format!("{FACTOR}/confirm");
        let codes = session.post(&confirm, shows(&clock, &secret, -1)).ok();
        session.post("/api/v1/auth/step-up", shows(&clock, &secret, 0)).ok();
        let waits = log_in(&nobody, &ada.email, PASSWORD).ok();
        let recovery = codes["recovery_codes"][0].as_str().expect("a code").to_owned();
        let shown = json!({ "challenge": waits["challenge"], "recovery_code": recovery });
        let second = nobody.post("/api/v1/auth/login/factor", shown).ok();
        session
            .post("/api/v1/auth/step-up", json!({ "code": recovery }))
            .refused(401, "code_refused");
        drop(running);
        let log = std::fs::read_to_string(&log).expect("a log");
        assert!(log.contains("login_factor") || log.contains("/auth/login/factor"), "{log}");
        let secrets = [
            PASSWORD.to_owned(),
            secret,
            recovery,
            text(&begun, "otpauth_uri"),
            text(&waits, "challenge"),
            text(&first, "access_token"),
            text(&first, "refresh_token"),
            text(&second, "refresh_token"),
        ];
        for secret in secrets {
            assert!(!log.contains(&secret), "the log holds {secret}");
        }
    });
}

/// Each line is JSON in UTC; a no is one of them, by ids, and nobody writes lines of their own.
#[test]
fn what_is_denied_is_a_line_that_nobody_can_forge() {
    Harness::run(Side::Sqlite, |t| {
        let ada = t.serve_with(patient(t)).person("Ada");
        let log = t.dir().join("log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_almoner"));
        command
            .args(["serve", "--no-worker", "--bind", "127.0.0.1:0"])
            .env("ALMONER__DATA_DIR", t.dir())
            .env("ALMONER__DATABASE__URL", &t.url)
            .env("ALMONER__LOG__LEVEL", "info")
            .env("ALMONER__LOG__FORMAT", "json")
            .stderr(std::fs::File::create(&log).expect("a file"));
        let (running, line) = start(&mut command);
        let url = line.rsplit(' ').next().expect("an address").trim().to_owned();
        let nobody = Client::new(url.clone(), None);
        let tokens = log_in(&nobody, &ada.email, PASSWORD).ok();
        let session = Client::new(url, Some(text(&tokens, "access_token")));
        let forged = "%0A%7B%22message%22%3A%22forged%22%7D";
        let agent = [("User-Agent", "x {\"message\":\"forged\"}"), ("Idempotency-Key", "{forged")];
        session
            .send("GET", &format!("/api/v1/people?q={forged}"), &agent, None)
            .refused(403, "forbidden");
        session.get(&format!("/api/v1/{forged}")).refused(404, "not_found");
        log_in(&nobody, "x\n{\"message\":\"forged\"}@example.org", "no");
        drop(running);
        let log = std::fs::read_to_string(&log).expect("a log");
        let lines: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect();
        let utc = |line: &Value| line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z'));
        assert!(lines.iter().all(utc), "{log}");
        let denied: Vec<&Value> = lines.iter().filter(|l| l["message"] == "denied").collect();
        assert_eq!(denied.len(), 1, "{log}");
        let said = ["action", "code", "person"].map(|name| denied[0][name].clone());
        assert_eq!(said, [json!("list_people"), json!("forbidden"), json!(ada.id())]);
        let answered = lines
            .iter()
            .any(|l| l["message"] == "answered" && l["request_id"] == denied[0]["request_id"]);
        assert!(answered, "the same request is told of by its id");
        assert!(!log.contains("forged") && !log.contains(&ada.email), "{log}");
    });
}
