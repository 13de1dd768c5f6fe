//! The program itself, as it runs for people: what the log holds.

use super::enrol::{FACTOR, password, shows};
use super::*;
use crate::support::Side;
use crate::support::web::PASSWORD;
use almoner::kernel::time::Clock;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const NEW_PASSWORD: &str = "seven slow ferries to the isle";

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

/// The newest mailed token to this address; the program that runs sends it.
fn mailed(t: &Harness, address: &str) -> String {
    let folder = t.dir().join("mail");
    for _ in 0..600 {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut paths: Vec<_> = files.map(|file| file.path()).collect();
        paths.sort();
        let token = paths.iter().rev().find_map(|path| {
            let bytes = std::fs::read(path).ok()?;
            let mail = mail_parser::MessageParser::default().parse(&bytes)?;
            let to = mail.to().and_then(|to| to.first()?.address().map(str::to_owned));
            let text = mail.body_text(0)?.into_owned();
            let (_, rest) = text.split_once("#token=")?;
            (to.as_deref() == Some(address))
                .then(|| rest.split_whitespace().next())?
                .map(str::to_owned)
        });
        if let Some(token) = token {
            return token;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no mail to {address}");
}

/// The address of the database with a password in it; the cluster of these tests asks for none.
fn with_password(t: &Harness, password: &str) -> String {
    t.url.replacen("postgres@", &format!("postgres:{password}@"), 1)
}

/// At its most talkative, with settings that are secret too.
fn talkative(t: &Harness, log: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_almoner"));
    let file = std::fs::File::options().append(true).create(true).open(log).expect("a file");
    command
        .env("ALMONER__DATA_DIR", t.dir())
        .env("ALMONER__DATABASE__URL", with_password(t, DATABASE_PASSWORD))
        .env("ALMONER__MAIL__SMTP__PASSWORD", MAIL_PASSWORD)
        .env("ALMONER__LOG__LEVEL", "trace")
        .stderr(file);
    command
}

const DATABASE_PASSWORD: &str = "canary-of-the-database";
const MAIL_PASSWORD: &str = "canary-of-the-mail-server";

both! {
    fn the_log_holds_no_secret(t: &Harness) {
        let ada = t.serve_with(patient(t)).person("Ada");
        let log = t.dir().join("log");
        let (running, line) = start(talkative(t, &log).args(["serve", "--bind", "127.0.0.1:0"]));
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
        let form = json!({ "name": "Script", "scopes": ["grants:read"], "expires_in_days": 3 });
        let script = text(&session.post("/api/v1/me/access-tokens", form).ok(), "token");
        Client::new(url.clone(), Some(script.clone())).get("/api/v1/grants");
        let waits = log_in(&nobody, &ada.email, PASSWORD).ok();
        let recovery = codes["recovery_codes"][0].as_str().expect("a code").to_owned();
        let shown = json!({ "challenge": waits["challenge"], "recovery_code": recovery });
        let second = nobody.post("/api/v1/auth/login/factor", shown).ok();
        session
            .post("/api/v1/auth/step-up", json!({ "code": recovery }))
            .refused(401, "code_refused");
        // What goes by mail: to confirm an address, to set a new password.
        let new = json!({ "name": "Nan", "email": "nan@example.org", "password": NEW_PASSWORD });
        let well = |reply: Reply| assert!(reply.status < 300, "{}", reply.text());
        well(nobody.post("/api/v1/auth/register", new));
        let confirms = mailed(t, "nan@example.org");
        let confirm = json!({ "token": confirms, "password": NEW_PASSWORD });
        well(nobody.post("/api/v1/auth/confirm", confirm));
        well(nobody.post("/api/v1/auth/request-reset", json!({ "email": ada.email })));
        let resets = mailed(t, &ada.email);
        let reset = json!({ "token": resets, "password": NEW_PASSWORD });
        well(nobody.post("/api/v1/auth/reset", reset));
        drop(running);
        let (key, digits) = (t.dir().join("backup.key"), "c0ffee11".repeat(8));
        std::fs::write(&key, &digits).expect("written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&key, mode).expect("set");
        let file = t.dir().join("the.backup");
        let mut backup = talkative(t, &log);
        backup.arg("backup").arg(&file).arg("--key-file").arg(&key);
        assert!(backup.stdout(Stdio::null()).status().expect("it runs").success());
        let log = std::fs::read_to_string(&log).expect("a log");
        assert!(log.contains("login_factor") || log.contains("/auth/login/factor"), "{log}");
        let secrets = [
            PASSWORD.to_owned(),
            NEW_PASSWORD.to_owned(),
            DATABASE_PASSWORD.to_owned(),
            MAIL_PASSWORD.to_owned(),
            digits,
            confirms,
            resets,
            script,
            secret,
            recovery,
            text(&begun, "otpauth_uri"),
            text(&waits, "challenge"),
            text(&first, "access_token"),
            text(&first, "refresh_token"),
            text(&second, "access_token"),
            text(&second, "refresh_token"),
        ];
        for secret in secrets {
            assert!(secret.len() > 7 && !log.contains(&secret), "the log holds {secret}");
        }
    }
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
        // A login that is refused, too: whose it was to be, nobody has shown.
        let told = |line: &Value| ["action", "code", "person"].map(|name| line[name].clone());
        let all: Vec<_> = denied.iter().map(|line| told(line)).collect();
        assert_eq!(
            all,
            [
                [json!("list_people"), json!("forbidden"), json!(ada.id())],
                [json!("login"), json!("login_failed"), Value::Null],
            ],
            "{log}"
        );
        let answered = lines
            .iter()
            .any(|l| l["message"] == "answered" && l["request_id"] == denied[0]["request_id"]);
        assert!(answered, "the same request is told of by its id");
        assert!(!log.contains("forged") && !log.contains(&ada.email), "{log}");
    });
}
