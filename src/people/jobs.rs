//! What happens later.

use crate::people::service;
use crate::platform::context::Ctx;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use serde::Deserialize;

/// The background work about people.
pub const JOBS: &[Kind] =
    &[Kind::new(MAIL_RESET, mail_reset).private(), Kind::new("people.purge", purge).every(3600)];

/// Mails a link that resets a password, if the address has an account.
pub const MAIL_RESET: &str = "people.mail_reset";
/// Rows of each kind in one transaction.
const PURGE_BATCH: i64 = 500;

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

/// Forgets what expired long ago, a little at a time, so that no other write waits for long.
pub fn purge(desk: &Desk, _: &Job) -> Outcome {
    let ctx = Ctx::system(&desk.env, "purge");
    loop {
        let purged =
            desk.db.write_now("people.purge", |conn| service::purge(conn, &ctx, PURGE_BATCH));
        match purged {
            Ok(0) => return Outcome::Done,
            Ok(_) => {}
            Err(problem) => return problem.into(),
        }
    }
}
