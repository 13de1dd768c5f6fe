//! What happens later.

use crate::people::service;
use crate::platform::context::Ctx;
use crate::platform::jobs::{Desk, Job, Outcome};
use serde::Deserialize;

/// Mails a link that resets a password, if the address has an account.
pub const MAIL_RESET: &str = "people.mail_reset";

/// The payload of version 1.
#[derive(Deserialize)]
struct MailReset {
    email: String,
}

/// Carries out [`MAIL_RESET`]. Run twice it mails two links, of which either is good.
pub fn mail_reset(desk: &Desk, job: &Job) -> Outcome {
    let asked: MailReset = match job.payload() {
        Ok(asked) => asked,
        Err(outcome) => return outcome,
    };
    let ctx = Ctx::system(&desk.env, "password reset");
    desk.db
        .write_now("people.mail_reset", move |conn| service::mail_reset(conn, &ctx, &asked.email))
        .into()
}
