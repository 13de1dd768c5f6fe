//! Applications: from the first draft to the decision.

mod alone;
mod appealed;
mod asked;
mod carried;
mod counted;
mod crossed;
mod delete;
mod former;
mod invited;
mod joined;
mod late;
mod lists;
mod merge;
mod nominate;
mod race;
mod routed;
mod routes;
mod seen;
mod steps;
mod team;
mod told;
mod trips;
mod versions;
mod write;

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use almoner::kernel::time::Date;
use serde_json::{Value, json};

const APPLICATIONS: &str = "/api/v1/applications";

fn at(path: &str) -> String {
    format!("{APPLICATIONS}/{path}")
}

/// Midnight before this day, in UTC.
fn day(t: &Harness, text: &str) {
    let day: Date = text.parse().expect("a day");
    t.clock.set(day.start());
}

fn admin(web: &Web) -> Client {
    web.with_role("Ada Admin", Role::Admin)
}

/// An open call with no last day; its id.
fn rolling(admin: &Client) -> String {
    call(admin, json!({ "title": "Rolling", "kind": "rolling", "opens_on": "2020-01-01" }))
}

/// An open call; its id.
fn call(admin: &Client, form: Value) -> String {
    let id = admin.post("/api/v1/calls", form).id();
    admin.command(&format!("/api/v1/calls/{id}/open")).ok();
    id
}

/// Everything that a submission needs.
fn whole(call: &str) -> Value {
    json!({
        "call_id": call,
        "title": "Probes",
        "summary": "What we do",
        "body": "Why and how",
        "amount_minimum": usd("10000.00"),
        "amount_requested": usd("50000.00"),
        "budget_lines": [
            { "label": "Time", "amount": usd("40000.00") },
            { "label": "Machines", "amount": usd("10000.00") },
        ],
        "duration_months": 12,
    })
}

/// A complete draft with further or other fields; its id.
fn draft(who: &Client, call: &str, more: Value) -> String {
    let mut form = whole(call);
    for (name, value) in more.as_object().expect("fields") {
        form[name] = value.clone();
    }
    who.post(APPLICATIONS, form).id()
}

/// A submitted application; its id.
fn submitted(who: &Client, call: &str, more: Value) -> String {
    let id = draft(who, call, more);
    who.command(&at(&format!("{id}/submit"))).ok();
    id
}

/// An open application; its id.
fn opened(who: &Client, admin: &Client, call: &str, more: Value) -> String {
    let id = submitted(who, call, more);
    admin.command(&at(&format!("{id}/open"))).ok();
    id
}

/// A PATCH of the version that is there.
fn edit(who: &Client, id: &str, body: Value) -> Reply {
    let read = who.get(&at(id));
    read.ok();
    who.patch(&at(id), read.etag(), body)
}

/// Sends back, with a reason.
fn send_back(admin: &Client, id: &str) -> Value {
    admin.post(&at(&format!("{id}/request-changes")), json!({ "reason": "Say more." })).ok()
}

/// A use-case that others call, in a transaction of its own.
fn write<T: Send + 'static>(
    web: &Web,
    f: impl Fn(&mut almoner::platform::db::Conn) -> almoner::kernel::Result<T> + Send + 'static,
) -> T {
    web.app.db.write_now("test", f).unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()))
}

struct Letter {
    subject: String,
    text: String,
}

/// Sends what is due, and reads all mails to this address, the oldest first.
fn mails(web: &Web, address: &str) -> Vec<Letter> {
    web.work();
    let Ok(files) = std::fs::read_dir(web.env().config.mail_folder()) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let read = |path| {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a good mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address().map(str::to_owned));
        let subject = mail.subject().expect("a subject").to_owned();
        let text = mail.body_text(0).expect("a text").into_owned();
        (to, Letter { subject, text })
    };
    let all = paths.into_iter().map(read);
    all.filter(|(to, _)| to.as_deref() == Some(address)).map(|(_, letter)| letter).collect()
}
