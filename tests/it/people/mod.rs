//! People, through the front door.

mod admin;
mod command_line;
mod enrol;
mod factor;
mod forged;
mod kept;
mod limits;
mod me;
mod password;
mod register;
mod running;
mod sessions;
mod step_up;
mod tokens;

use crate::support::Harness;
use crate::support::web::{Client, Reply, Web};
use almoner::platform::config::{Config, Limit, Limits};
use serde_json::{Value, json};

/// Settings without limits that a test would run into.
fn patient(t: &Harness) -> Config {
    let mut config = t.config();
    let much = Limit { burst: 100_000, per_hour: 100_000 };
    config.auth.limits =
        Limits { account: much, address: much, overall: much, mail: much, work: much };
    config.auth.access_token_minutes = 15;
    config
}

/// A mail as its reader sees it.
#[derive(Debug, Clone)]
struct Letter {
    subject: String,
    text: String,
}

impl Letter {
    /// The token of the link that it holds.
    #[track_caller]
    fn token(&self) -> String {
        let (_, rest) = self.text.split_once("#token=").expect("a link with a token");
        rest.split_whitespace().next().expect("a token").to_owned()
    }
}

/// Sends what is due, and reads all mails to this address, oldest first.
fn mails(web: &Web, address: &str) -> Vec<Letter> {
    web.work();
    let folder = web.env().config.mail_folder();
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let parse = |path| {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a good mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address().map(str::to_owned));
        let subject = mail.subject().expect("a subject").to_owned();
        let text = mail.body_text(0).expect("a text").into_owned();
        (to, Letter { subject, text })
    };
    let all = paths.into_iter().map(parse);
    all.filter(|(to, _)| to.as_deref() == Some(address)).map(|(_, letter)| letter).collect()
}

/// The newest mail to this address.
#[track_caller]
fn last_mail(web: &Web, address: &str) -> Letter {
    mails(web, address).pop().expect("a mail")
}

fn log_in(client: &Client, email: &str, password: &str) -> Reply {
    client.post("/api/v1/auth/login", json!({ "email": email, "password": password }))
}

/// The second step of a login.
fn pass(web: &Web, waits: &Value, mut shown: Value) -> Reply {
    shown["challenge"] = waits["challenge"].clone();
    web.anonymous().post("/api/v1/auth/login/factor", shown)
}

/// Both steps of a login; the tokens.
#[track_caller]
fn log_in_with(web: &Web, who: &Client) -> Value {
    let waits = log_in(&web.anonymous(), &who.email, crate::support::web::PASSWORD);
    assert_eq!(waits.status, 202, "{}", waits.text());
    let code = who.device().code().expect("a code is left");
    pass(web, &waits.ok(), json!({ "code": code })).ok()
}

fn refresh(client: &Client, token: &str) -> Reply {
    client.post("/api/v1/auth/refresh", json!({ "refresh_token": token }))
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}

/// Somebody with this access token.
fn with_token(web: &Web, token: &str) -> Client {
    Client::new(web.url.clone(), Some(token.to_owned()))
}

/// What must not differ between two answers: all but the request's own id and the date.
fn outside(reply: &Reply) -> (u16, Vec<(String, String)>, Value) {
    let own = ["x-request-id", "date"];
    let headers = reply.headers.iter().filter(|(n, _)| !own.contains(&n.as_str())).cloned();
    let mut body = reply.json();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("request_id");
    }
    (reply.status, headers.collect(), body)
}

/// Does this as often at the same moment, each on a thread of its own.
fn at_once<T: Send>(times: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(times);
    std::thread::scope(|scope| {
        let one = |n| {
            let (start, work) = (&start, &work);
            scope.spawn(move || {
                start.wait();
                work(n)
            })
        };
        let threads: Vec<_> = (0..times).map(one).collect();
        threads.into_iter().map(|t| t.join().expect("no panic")).collect()
    })
}
