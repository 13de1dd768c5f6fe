//! The demo, through the program itself: everybody can log in, and every state is there to see.

use crate::support::device;
use crate::support::web::{Client, PASSWORD};
use almoner::applications::model::ApplicationStatus;
use almoner::grants::model::GrantStatus;
use almoner::kernel::time::Clock;
use almoner::platform::auth::totp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program, ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn statuses(who: &Client, path: &str) -> BTreeSet<String> {
    let all = who.get(&format!("{path}?limit=200")).ok();
    let items = all["items"].as_array().expect("a list");
    items.iter().map(|one| one["status"].as_str().expect("a status").to_owned()).collect()
}

/// The token of a mail, if it went to this address.
fn token_for(address: &str, mail: &[u8]) -> Option<String> {
    let mail = mail_parser::MessageParser::default().parse(mail)?;
    let to = mail.to()?.first()?.address()?;
    let text = mail.body_text(0)?;
    let (_, rest) = text.split_once("#token=").filter(|_| to == address)?;
    Some(rest.split_whitespace().next()?.to_owned())
}

/// Mails are files in the folder that the demo names: their links let a newcomer in.
fn who_registers_finds_the_mail(nobody: &Client, told: &Value) {
    let (email, password) = ("nell@newcomer.example", PASSWORD);
    let form = json!({ "email": email, "name": "Nell", "password": password });
    nobody.post("/api/v1/auth/register", form).ok();
    let folder = told["mails"].as_str().expect("a folder");
    let token = (0..300).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let mut files = std::fs::read_dir(folder).ok()?;
        files.find_map(|file| token_for(email, &std::fs::read(file.ok()?.path()).ok()?))
    });
    let token = token.expect("a mail within half a minute");
    let form = json!({ "token": token, "password": password });
    nobody.post("/api/v1/auth/confirm", form).ok();
    nobody.post("/api/v1/auth/login", json!({ "email": email, "password": password })).ok();
}

#[test]
fn the_demo_shows_every_role_and_every_state() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_almoner"))
        .args(["demo", "--port", "0", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let out = program.stdout.take().expect("it is piped");
    let _running = Running(program);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line).expect("it says something");
    let told: Value = serde_json::from_str(&line).expect("one line of JSON");
    let url = told["url"].as_str().expect("an address").to_owned();
    let accounts = told["accounts"].as_array().expect("accounts");
    let roles: BTreeSet<&str> = accounts.iter().map(|a| a["role"].as_str().expect("it")).collect();
    let all =
        ["admin", "auditor", "finance", "funder", "regrantor", "researcher", "reviewer"].into();
    assert_eq!(roles, all);
    let nobody = Client::new(url.clone(), None);
    // Who opens the address in a browser finds a page, not a problem.
    let root = nobody.send("GET", "/", &[("Accept", "text/html")], None);
    assert_eq!((root.status, root.text().contains("Log in")), (200, true));
    who_registers_finds_the_mail(&nobody, &told);
    let mut auditor = None;
    for account in accounts {
        let form = json!({ "email": account["email"], "password": account["password"] });
        let login = nobody.post("/api/v1/auth/login", form);
        let tokens = match account["totp_secret"].as_str() {
            None => login.ok(),
            Some(secret) => {
                assert_eq!(login.status, 202, "{account}: {}", login.text());
                let step = totp::step(Clock::system().now());
                let shown = json!({
                    "challenge": login.ok()["challenge"],
                    "code": device::secret(secret).code(step).as_str(),
                });
                nobody.post("/api/v1/auth/login/factor", shown).ok()
            }
        };
        let must = ["admin", "finance", "regrantor", "auditor"].map(|role| json!(role));
        let has = account["totp_secret"].is_string();
        assert_eq!(has, must.contains(&account["role"]), "{account}");
        let token = tokens["access_token"].as_str().expect("a token").to_owned();
        let who = Client::new(url.clone(), Some(token));
        who.get("/api/v1/me/next").ok();
        if account["role"] == "regrantor" {
            let queue = who.get("/api/v1/me/queue").ok();
            assert!(queue["items"].as_array().is_some_and(|all| all.len() > 3), "{queue}");
            let found = who.get("/api/v1/search/applications?q=evaluations").ok();
            assert_ne!(found["items"], json!([]));
        }
        if account["role"] == "auditor" {
            auditor = Some(who);
        }
    }
    let auditor = auditor.expect("one of them");
    let applications = statuses(&auditor, "/api/v1/applications");
    // Nobody but its author sees a draft.
    let wanted = ApplicationStatus::ALL.iter().filter(|s| **s != ApplicationStatus::Draft);
    let missing: Vec<_> = wanted.filter(|s| !applications.contains(s.as_str())).collect();
    assert!(missing.is_empty(), "no application is {missing:?}");
    let grants = statuses(&auditor, "/api/v1/grants");
    let missing: Vec<_> =
        GrantStatus::ALL.iter().filter(|s| !grants.contains(s.as_str())).collect();
    assert!(missing.is_empty(), "no grant is {missing:?}");
    for payment in ["drafted", "instructed", "settled"] {
        assert!(statuses(&auditor, "/api/v1/disbursements").contains(payment), "{payment}");
    }
    assert_eq!(auditor.get("/api/v1/ledger/check").ok()["holds"], true);
}
