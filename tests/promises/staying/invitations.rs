//! A change that sends one mail, as often as wanted: somebody is invited to a team. The list of
//! members says what was committed, the mail server what was sent.

use super::program::{get, post};
use super::wire::Wire;
use crate::support::desk::usd;
use crate::support::smtp::Smtp;
use crate::support::web::{Client, Web};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many may be invited to one application.
const SEATS: usize = 15;
/// How many applications one person invites for, below the limit of a day.
const TEAMS: usize = 3;

/// Applications with seats to fill.
pub struct Teams {
    owners: Vec<Client>,
    applications: Vec<String>,
}

impl Teams {
    /// With room for this many invitations.
    pub fn with_room(web: &Web, invitations: usize) -> Self {
        let field = web.field();
        let form = json!({
            "call_id": field.call, "title": "A lens", "summary": "To see.", "body": "Ground.",
            "amount_minimum": usd("1.00"), "amount_requested": usd("2.00"),
            "budget_lines": [{ "label": "All of it", "amount": usd("2.00") }],
            "duration_months": 12,
        });
        let teams = invitations.div_ceil(SEATS);
        let owners: Vec<Client> =
            (0..teams.div_ceil(TEAMS)).map(|_| web.person("Olga Owner")).collect();
        let make = |n: usize| owners[n / TEAMS].post("/api/v1/applications", form.clone()).id();
        let applications = (0..teams).map(make).collect();
        // What was sent until now is none of the invitations.
        web.work();
        Self { owners, applications }
    }
    /// Who sends the invitation of this number.
    pub fn owner(&self, number: usize) -> &Client {
        &self.owners[number / SEATS / TEAMS]
    }
    /// Where the invitation of this number goes, and what it says.
    pub fn invitation(&self, number: usize) -> (String, Value) {
        let application = &self.applications[number / SEATS];
        let form = json!({ "email": address(number), "name": "Somebody" });
        (format!("/api/v1/applications/{application}/members"), form)
    }
    /// Sends it, under its own key.
    pub fn invite(&self, wire: &mut Wire, number: usize) -> Option<u16> {
        let (path, form) = self.invitation(number);
        let key = format!("invite-{number}");
        Some(post(wire, self.owner(number), &path, &key, &form)?.status)
    }
    /// The addresses of all who are invited.
    pub fn invited(&self, wire: &mut Wire) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        for (n, application) in self.applications.iter().enumerate() {
            let path = format!("/api/v1/applications/{application}/members?limit=200");
            let answer = get(wire, &self.owners[n / TEAMS], &path).ok_or("no answer")?;
            let list: Value = serde_json::from_slice(&answer.body).map_err(|e| e.to_string())?;
            let items = list["items"].as_array().or(list.as_array());
            let items = items.ok_or_else(|| format!("no list: {list}"))?;
            let emails = items.iter().filter_map(|m| m["email"].as_str());
            all.extend(emails.filter(|e| e.starts_with("guest-")).map(str::to_owned));
        }
        Ok(all)
    }
}

/// Who is invited with this number.
pub fn address(number: usize) -> String {
    format!("guest-{number}@example.org")
}

/// How many mails each address got.
pub fn received(post: &Smtp) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for mail in post.taken() {
        for line in mail.to {
            let address = line.split(['<', '>']).nth(1).unwrap_or(&line).to_owned();
            *all.entry(address).or_default() += 1;
        }
    }
    all.retain(|address, _| address.starts_with("guest-"));
    all
}
