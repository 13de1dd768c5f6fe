//! The job `mail.send`.

use super::{Mail, Unsent};
use crate::kernel::Result;
use crate::kernel::ids::JobId;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::auth::keys::Keys;
use crate::platform::auth::seal::{Cell, open, seal};
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// Runs [`deliver`] for each mail.
pub const SEND: Kind = Kind::new("mail.send", deliver).private();

/// The payload of version 1. Until 0011 the mail itself was in it.
#[derive(Deserialize)]
struct Payload {
    sealed: Option<String>,
}

/// Seals a mail, so that only this service can read it, and only in the job that it is for.
pub(super) fn sealed(keys: &Keys, job: JobId, mail: &Mail) -> Result<Vec<u8>> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(mail).map_err(Problem::internal)?);
    Ok(seal(keys, &cell(job, "sealed"), &plain))
}

fn opened(keys: &Keys, job: &Job) -> std::result::Result<Mail, Outcome> {
    let spoilt = |reason: String| Outcome::GiveUp(format!("the stored mail: {reason}"));
    let payload: Payload = job.payload()?;
    let (bytes, column) = match (&job.sealed, payload.sealed) {
        (Some(bytes), _) => (bytes.clone(), "sealed"),
        (None, Some(text)) => {
            let bytes = STANDARD.decode(text);
            (bytes.map_err(|_| spoilt("it is not well formed".into()))?, "payload")
        }
        (None, None) => return Err(spoilt("it is not there".into())),
    };
    let plain = open(keys, &cell(job.id, column), &bytes).map_err(|e| spoilt(e.to_string()))?;
    serde_json::from_slice(&plain).map_err(|_| spoilt("it holds no mail".into()))
}

const fn cell(job: JobId, column: &'static str) -> Cell<'static> {
    Cell { table: "jobs", row: job.uuid(), column }
}

/// Seconds after which a mail that could not leave says when it was written.
const LATE_SECONDS: i64 = 6 * 3600;

/// The mail as it leaves at `now`: one that comes late, perhaps after what was written later,
/// begins with the day of which it tells.
fn as_of(mail: Mail, written: Instant, now: Instant) -> Mail {
    if written.plus_seconds(LATE_SECONDS) >= now {
        return mail;
    }
    let day = written.date();
    let text = format!(
        "This was written on {day} and could not be sent until now: look how it is today.\n\n{}",
        mail.text
    );
    Mail { text, ..mail }
}

/// Whether nobody can have this address (RFC 2606 section 2): that of somebody out of an import.
fn leads_nowhere(address: &str) -> bool {
    let end = address.rsplit(['@', '.']).next();
    end.is_some_and(|end| end.eq_ignore_ascii_case("invalid"))
}

/// Hands one mail to the mailer. One that has no reader is done with that.
pub fn deliver(desk: &Desk, job: &Job) -> Outcome {
    let mail = match opened(&desk.env.keys, job) {
        Ok(mail) => as_of(mail, job.created_at, desk.env.clock.now()),
        Err(outcome) => return outcome,
    };
    if leads_nowhere(&mail.to) {
        return Outcome::Done;
    }
    match desk.env.mailer.send(&mail, job.id, job.created_at) {
        Ok(()) => Outcome::Done,
        Err(Unsent::Later(reason)) => Outcome::Retry(reason),
        Err(Unsent::Never(reason)) => Outcome::GiveUp(reason),
    }
}
