//! A delegation.

use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::ids::{DelegationId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Where a delegation stands.
    pub enum DelegationStatus {
        /// Waits for the delegate's answer.
        Invited = "invited",
        /// In force, until its last day is over.
        Accepted = "accepted",
        /// The delegate said no.
        Declined = "declined",
        /// Ended by one of the two.
        Revoked = "revoked",
        /// Its last day is over.
        Expired = "expired",
    }
}

/// How a delegation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The delegate says yes.
    Accept,
    /// The delegate says no.
    Decline,
    /// Either ends it.
    Revoke,
    /// Its last day is over.
    Expire,
}

impl DelegationStatus {
    /// Where a step leads.
    ///
    /// # Errors
    /// 409 where it leads nowhere.
    pub fn after(self, step: Step) -> Result<Self> {
        use DelegationStatus as S;
        Ok(match (self, step) {
            (S::Invited, Step::Accept) => S::Accepted,
            (S::Invited, Step::Decline) => S::Declined,
            (S::Invited | S::Accepted, Step::Revoke) => S::Revoked,
            (S::Invited | S::Accepted, Step::Expire) => S::Expired,
            _ => return Err(Problem::wrong_state(format!("The delegation is {self}."))),
        })
    }
}

/// What a delegate may do, for storing.
pub fn bits(errands: &[Errand]) -> i32 {
    errands.iter().fold(0, |bits, each| bits | 1 << *each as i32)
}

/// From the stored bits.
pub fn from_bits(bits: i32) -> Vec<Errand> {
    Errand::ALL.iter().copied().filter(|each| bits & (1 << *each as i32) != 0).collect()
}

/// A delegation, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: DelegationId,
    /// For whom.
    pub principal_id: PersonId,
    /// By whom; absent until they have answered.
    pub delegate_id: Option<PersonId>,
    /// Where the invitation went.
    pub email: String,
    /// What they may do.
    pub errands: Vec<Errand>,
    /// Its last day.
    pub expires_on: Date,
    /// Where it stands.
    pub status: DelegationStatus,
    /// Hash of the invitation's token.
    pub token_hash: Option<Vec<u8>>,
    /// Made.
    pub created_at: Instant,
    /// Accepted or declined.
    pub answered_at: Option<Instant>,
    /// Ended.
    pub ended_at: Option<Instant>,
    /// When both are told that it ends soon; absent once they were.
    pub warn_on: Option<Date>,
}

impl Record {
    /// As it stands on this day, also before the job has noticed that it is over.
    pub fn status_on(&self, today: Date) -> DelegationStatus {
        let open = self.ended_at.is_none();
        if open && self.expires_on < today { DelegationStatus::Expired } else { self.status }
    }
}

/// Somebody, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Who {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
}

/// Who may do what for whom, and until when.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// For whom.
    pub principal: Who,
    /// By whom; absent until they have said yes.
    pub delegate: Option<Who>,
    /// Where the invitation went.
    pub email: String,
    /// What they may do.
    pub scopes: Vec<Errand>,
    /// Its last day, in UTC.
    pub expires_on: Date,
    /// Where it stands.
    pub status: DelegationStatus,
    /// When it was made.
    pub invited_at: Instant,
    /// When it was answered.
    pub answered_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// Whom to let do what.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointDelegate {
    /// Where the invitation goes.
    pub email: String,
    /// What they may do: `draft` writes applications, `submit` hands them in and takes them back,
    /// `report` writes and hands in reports, also at checkpoints.
    #[schema(min_items = 1)]
    pub scopes: Vec<Errand>,
    /// Its last day, within a year from today.
    pub expires_on: Date,
}

/// An invited person's own answer.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerDelegation {
    /// The token of the invitation's link; needed only where the account has another address than
    /// the one that was invited.
    #[serde(default)]
    pub token: Option<String>,
}
