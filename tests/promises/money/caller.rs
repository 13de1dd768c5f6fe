//! Somebody whose requests may come to nothing: the server may be gone, or the answer lost.

use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::Client;
use serde_json::{Value, json};
use std::time::Duration;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// The JSON that it holds.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
    /// It went well.
    pub fn good(&self) -> bool {
        (200..300).contains(&self.status)
    }
    /// The code of the problem, if it is one.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Speaks with a token, on a connection of its own each time.
#[derive(Clone)]
pub struct Caller {
    agent: ureq::Agent,
    token: String,
}

impl Caller {
    /// With the session of `who`, and this much patience.
    pub fn new(who: &Client, patience: Duration) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_idle_connections(0)
            .timeout_global(Some(patience))
            .build()
            .into();
        Self { agent, token: who.token.clone().unwrap_or_default() }
    }
    /// `None`: nothing is known about what became of it.
    pub fn post(&self, url: &str, key: &str, body: &Value) -> Option<Answer> {
        let request = ureq::http::Request::builder()
            .method("POST")
            .uri(url)
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .header("Connection", "close")
            .header("Idempotency-Key", key)
            .body(body.to_string());
        self.send(request.ok()?)
    }
    pub fn get(&self, url: &str) -> Option<Answer> {
        let request = ureq::http::Request::builder()
            .method("GET")
            .uri(url)
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Connection", "close")
            .body(String::new());
        self.send(request.ok()?)
    }
    fn send(&self, request: ureq::http::Request<String>) -> Option<Answer> {
        let mut answer = self.agent.run(request).ok()?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().read_to_string().ok()?;
        Some(Answer { status, body })
    }
    /// Asks again with the same key until it is settled, for so many tries.
    pub fn insist(&self, url: &str, key: &str, body: &Value, tries: u32) -> Result<Answer, String> {
        let mut last = None;
        for _ in 0..tries {
            match self.post(url, key, body) {
                Some(answer) if !unsettled(&answer) => return Ok(answer),
                other => last = other,
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!("{key} is not settled after {tries} tries: {last:?}"))
    }
}

/// Neither done nor refused: to be asked again.
pub fn unsettled(answer: &Answer) -> bool {
    matches!(answer.status, 503 | 507) || answer.code() == "key_in_flight"
}

/// Who pays, and what for: gifts that come in and offers that are made, an entry each.
pub struct Payers {
    finance: Caller,
    regrantor: Caller,
    fund: String,
    budget: String,
    applications: Vec<String>,
}

impl Payers {
    /// Sets them up for about so many payments; they have this much patience.
    pub fn new(field: &Field<'_>, patience: Duration, payments: usize) -> Self {
        // Every second one is an offer, and 200 stand on one application at most.
        let applications = (payments / 2 / 100).max(8);
        let backer = field.backer("1000000.00");
        Self {
            finance: Caller::new(&field.desk.finance, patience),
            regrantor: Caller::new(&backer.who, patience),
            fund: field.desk.fund("General"),
            budget: backer.budget,
            applications: (0..applications)
                .map(|_| field.application("1.00", "1000000.00"))
                .collect(),
        }
    }
    /// Payment number `n`: who makes it, where, and what it says.
    pub fn payment(&self, n: usize) -> (&Caller, String, Value) {
        if n.is_multiple_of(2) {
            let form = json!({
                "amount": usd("1.00"), "received_on": "2026-11-02", "funder_name": "A kind person",
            });
            return (&self.finance, format!("/api/v1/funds/{}/contributions", self.fund), form);
        }
        let application = &self.applications[n / 2 % self.applications.len()];
        let form = json!({ "budget_id": self.budget, "amount": usd("1.00") });
        (&self.regrantor, format!("/api/v1/applications/{application}/offers"), form)
    }
    /// Makes it, once; `None`: nobody knows what became of it.
    pub fn pay(&self, url: &str, n: usize) -> Option<Answer> {
        let (who, path, form) = self.payment(n);
        who.post(&format!("{url}{path}"), &key(n), &form)
    }
    /// Reads something; `None`: no answer.
    pub fn read(&self, url: &str) -> Option<Answer> {
        self.finance.get(&format!("{url}/api/v1/funds/{}/contributions", self.fund))
    }
    /// Makes it, again and again until it is settled.
    pub fn insist(&self, url: &str, n: usize) -> Result<Answer, String> {
        let (who, path, form) = self.payment(n);
        let answer = who.insist(&format!("{url}{path}"), &key(n), &form, TRIES)?;
        if answer.status == 201 { Ok(answer) } else { Err(format!("payment {n}: {answer:?}")) }
    }
}

/// Nobody is this unlucky.
const TRIES: u32 = 80;

fn key(n: usize) -> String {
    format!("payment-{n}")
}
