//! An application that somebody else began.

use super::Named;
use crate::kernel::ids::{ApplicationId, CallId, NominationId, PersonId};
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Where a nomination stands.
    pub enum NominationStatus {
        /// Waits for the nominee.
        Open = "open",
        /// The nominee made it their application.
        Taken = "taken",
        /// The nominee said no.
        Declined = "declined",
        /// The nominator took it back.
        Withdrawn = "withdrawn",
        /// Nobody answered in time.
        Expired = "expired",
    }
}

/// A nomination, as kept.
#[derive(Debug, Clone)]
pub struct NominationRecord {
    /// Its id.
    pub id: NominationId,
    /// The call that it is for.
    pub call_id: CallId,
    /// Who nominates.
    pub nominator_id: PersonId,
    /// Where it was sent.
    pub email: String,
    /// The nominee's name.
    pub name: String,
    /// What the application would be called.
    pub title: String,
    /// What it would be about.
    pub summary: String,
    /// Why they are nominated.
    pub why: String,
    /// Where it stands; never `expired`.
    pub status: NominationStatus,
    /// Hash of the token in the mail.
    pub token_hash: Option<Vec<u8>>,
    /// Until when it can be taken.
    pub expires_at: Instant,
    /// Who answered.
    pub nominee_id: Option<PersonId>,
    /// What it became.
    pub application_id: Option<ApplicationId>,
    /// Made.
    pub created_at: Instant,
    /// Answered or taken back.
    pub decided_at: Option<Instant>,
    /// When the nominee is reminded, then when the nominator hears that it is over; absent once
    /// nobody is waited for.
    pub due_at: Option<Instant>,
}

impl NominationRecord {
    /// As it stands at this moment.
    pub fn status_at(&self, now: Instant) -> NominationStatus {
        match self.status {
            NominationStatus::Open if self.expires_at <= now => NominationStatus::Expired,
            status => status,
        }
    }
}

/// An application begun for somebody, which is theirs to take.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Nomination {
    /// Its id.
    pub id: NominationId,
    /// The call that it is for.
    pub call_id: CallId,
    /// Who nominates.
    pub nominator: Named,
    /// Where it was sent.
    pub email: String,
    /// The nominee's name, as the nominator wrote it.
    pub name: String,
    /// What the application would be called.
    pub title: String,
    /// What it would be about.
    pub summary: String,
    /// Why they are nominated.
    pub why: String,
    /// Where it stands.
    pub status: NominationStatus,
    /// Until when it can be taken.
    pub expires_at: Instant,
    /// What it became.
    pub application_id: Option<ApplicationId>,
    /// When it was made.
    pub nominated_at: Instant,
    /// When it was answered or taken back.
    pub decided_at: Option<Instant>,
}

/// Whom to begin an application for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nominate {
    /// The call that it is for.
    pub call_id: CallId,
    /// Where the nomination is sent.
    pub email: String,
    /// Their name, up to 200 characters.
    pub name: String,
    /// What the application would be called, up to 200 characters.
    pub title: String,
    /// What it would be about, in up to 2,000 characters.
    pub summary: String,
    /// Why you nominate them, for them to read, in up to 5,000 characters.
    pub why: String,
}
