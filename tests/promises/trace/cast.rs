//! One of the two services, and everybody who asks something of it.

use super::names::{Names, Told};
use crate::support::payday::Payday;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Role;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;
use std::collections::BTreeMap;

/// Everybody, in the order in which somebody is looked for who may do a thing.
pub const CAST: &[&str] = &[
    "admin", "ada", "fia", "fay", "abe", "reg", "lana", "remy", "rita", "mo", "vera", "dora",
    "flo", "aud", "una", "urs", "tom", "ned", "sus", "nobody",
];

/// What an address has to have encoded.
const NOT_IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'^');

/// What is asked of both.
#[derive(Debug, Clone)]
pub struct Request {
    pub who: usize,
    pub method: &'static str,
    pub path: String,
    pub key: String,
    pub version: Option<String>,
    pub body: Option<Value>,
}

/// One of the two services, with those who use it.
pub struct Half<'w> {
    pub web: &'w Web,
    people: Vec<Client>,
    names: Names,
}

impl<'w> Half<'w> {
    /// Everybody is there, with what they have before the story begins; by name, as it is compared.
    pub fn new(web: &'w Web, payday: &Payday<'w>) -> (Self, BTreeMap<String, Value>) {
        let mut names = Names::default();
        let people: Vec<Client> = CAST.iter().map(|name| person(name, web, payday)).collect();
        let mut known = BTreeMap::new();
        for (name, who) in CAST.iter().zip(&people).filter(|(name, _)| **name != "nobody") {
            known.insert((*name).to_owned(), names.ordinals(&who.id().to_string()).into());
            known.insert(format!("{name}.email"), who.email.as_str().into());
        }
        let (backer, field) = (&payday.backer, &payday.field);
        for (name, id) in [
            ("call", &field.call),
            ("fund", &backer.fund),
            ("budget", &backer.budget),
            ("payee", &payday.payee),
            ("bank", &payday.bank),
        ] {
            known.insert(name.to_owned(), names.ordinals(id).into());
        }
        (Self { web, people, names }, known)
    }
    pub fn person(&self, place: usize) -> &Client {
        &self.people[place]
    }
    /// The text with this service's own ids.
    pub fn ids(&self, text: &str) -> String {
        self.names.ids(text)
    }
    pub fn ask(&mut self, request: &Request) -> Told {
        let who = &self.people[request.who];
        let body = request.body.as_ref().map(|body| match body {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        });
        let mut headers = Vec::new();
        if let Some(Value::String(_)) = &request.body {
            headers.push(("Content-Type", "text/plain"));
        }
        if request.method == "POST" {
            headers.push(("Idempotency-Key", request.key.as_str()));
        }
        let version = request.version.as_ref().map(|version| self.names.ids(version));
        if let Some(version) = &version {
            headers.push(("If-Match", version.as_str()));
        }
        let body = body.map(|body| self.names.ids(&body).into_bytes());
        // What comes up as an id may be any text of the service's.
        let path = self.names.ids(&request.path);
        let path = utf8_percent_encode(&path, NOT_IN_A_PATH).to_string();
        let reply = who.send(request.method, &path, &headers, body);
        let mut header = |name| reply.header(name).map(|text| self.names.ordinals(text));
        let (etag, location) = (header("etag"), header("location"));
        let kind = header("content-type");
        Told {
            status: reply.status,
            kind,
            etag,
            location,
            text: self.names.ordinals(&reply.text()),
        }
    }
}

fn person(name: &str, web: &Web, payday: &Payday<'_>) -> Client {
    let (role, plain) = (|name: &str, role| web.with_role(name, role), |name| web.person(name));
    match name {
        "admin" => payday.field.desk.admin.clone(),
        "ada" => payday.ada.clone(),
        "fia" => payday.fia.clone(),
        "fay" => payday.fay.clone(),
        "reg" => payday.backer.who.clone(),
        "nobody" => web.anonymous(),
        "abe" => role("Abe Other", Role::Admin),
        "remy" => role("Remy Viewer", Role::Reviewer),
        "rita" => role("Rita Viewer", Role::Reviewer),
        "flo" => role("Flo Funder", Role::Funder),
        "aud" => role("Aud Itor", Role::Auditor),
        "ned" => role("Ned Finance", Role::Finance),
        // Their addresses say that they have something in common.
        "una" => web.with_address("una@uni.edu", "Una Versity", &[]),
        "urs" => web.with_address("urs@cs.uni.edu", "Urs Versity", &[Role::Regrantor]),
        other => plain(other),
    }
}
