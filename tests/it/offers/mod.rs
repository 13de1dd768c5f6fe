//! Offers, through the front door: what they hold, what they may not pass, who decides.

mod found;
mod funding;
mod inside;
mod life;
mod lifted;
mod mails;
mod persons;
mod races;
mod split;
mod terms;
mod trips;

use crate::support::field::{Backer, Field};
use crate::support::web::{Client, Reply};
use serde_json::{Value, json};

const NOBODY: &str = "019340aa-0000-7000-8000-000000000000";

fn act(backer: &Backer, offer: &str, what: &str) -> Reply {
    backer.who.command(&format!("/api/v1/offers/{offer}/{what}"))
}

/// How an application is funded, as somebody sees it.
fn funding(who: &Client, application: &str) -> Value {
    who.get(&format!("/api/v1/applications/{application}/funding")).ok()
}

fn deny(field: &Field<'_>, offer: &str) -> Reply {
    let path = format!("/api/v1/offers/{offer}/deny");
    field.desk.admin.post(&path, json!({ "reason": "Too much for one idea." }))
}
