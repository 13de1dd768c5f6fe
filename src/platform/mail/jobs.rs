//! The job `mail.send`.

use super::{Mail, Unsent};
use crate::kernel::Result;
use crate::kernel::ids::JobId;
use crate::kernel::problem::Problem;
use crate::platform::auth::keys::Keys;
use crate::platform::auth::seal::{Cell, open, seal};
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// Runs [`deliver`] for each mail.
pub const SEND: Kind = Kind::new("mail.send", deliver).private();

/// The payload of version 1.
#[derive(Deserialize)]
struct Payload {
    sealed: Sealed,
}

/// A mail that only this service can read, and only in the job that it was sealed for.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Sealed(String);

impl Sealed {
    pub(super) fn of(keys: &Keys, job: JobId, mail: &Mail) -> Result<Self> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(mail).map_err(Problem::internal)?);
        Ok(Self(STANDARD.encode(seal(keys, &cell(job), &plain))))
    }
    fn open(&self, keys: &Keys, job: JobId) -> std::result::Result<Mail, String> {
        let sealed = STANDARD.decode(&self.0).map_err(|_| "it is not well formed".to_owned())?;
        let plain = open(keys, &cell(job), &sealed).map_err(|e| e.to_string())?;
        serde_json::from_slice(&plain).map_err(|_| "it holds no mail".to_owned())
    }
}

fn cell(job: JobId) -> Cell<'static> {
    Cell { table: "jobs", row: job.uuid(), column: "payload" }
}

/// Hands one mail to the mailer.
pub fn deliver(desk: &Desk, job: &Job) -> Outcome {
    let payload: Payload = match job.payload() {
        Ok(payload) => payload,
        Err(outcome) => return outcome,
    };
    let mail = match payload.sealed.open(&desk.env.keys, job.id) {
        Ok(mail) => mail,
        Err(reason) => return Outcome::GiveUp(format!("the stored mail: {reason}")),
    };
    match desk.env.mailer.send(&mail, job.id, job.created_at) {
        Ok(()) => Outcome::Done,
        Err(Unsent::Later(reason)) => Outcome::Retry(reason),
        Err(Unsent::Never(reason)) => Outcome::GiveUp(reason),
    }
}
