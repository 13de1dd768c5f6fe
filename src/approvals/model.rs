//! An approval, its votes, and what they are about.

use crate::kernel::ids::{ApprovalId, PersonId};
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::Serialize;
use uuid::Uuid;

text_enum! {
    /// What needs approving.
    pub enum SubjectKind {
        /// An offer above its budget's threshold.
        Offer = "offer",
        /// A drafted payment.
        Disbursement = "disbursement",
    }
}

text_enum! {
    /// Where an approval stands: `pending → approved | denied | ended`.
    pub enum ApprovalStatus {
        /// Votes are missing.
        Pending = "pending",
        /// Enough persons have said yes.
        Approved = "approved",
        /// Somebody has said no.
        Denied = "denied",
        /// Its object was changed or dropped before it was concluded.
        Ended = "ended",
    }
}

text_enum! {
    /// What a person says.
    pub enum Vote {
        /// Yes.
        Approve = "approve",
        /// No.
        Deny = "deny",
    }
}

text_enum! {
    /// Where a vote leaves its approval.
    pub enum VoteResult {
        /// More votes are needed.
        Pending = "pending",
        /// Enough have said yes.
        Approved = "approved",
        /// Somebody has said no.
        Denied = "denied",
    }
}

/// The object of an approval, as it stands at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What kind of object.
    pub kind: SubjectKind,
    /// Which one.
    pub id: Uuid,
    /// Hash over all that is being approved; any change of it ends the approval.
    pub hash: String,
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Hash over what is being approved.
    #[serde(skip)]
    pub subject_hash: String,
    /// How many different persons have to say yes.
    pub needed: i32,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// Who asked for it; null for imports.
    pub requested_by: Option<PersonId>,
    /// When it was asked for.
    pub created_at: Instant,
    /// When it was approved, denied or ended.
    pub concluded_at: Option<Instant>,
}

/// One person's vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Voted {
    /// Who.
    pub person_id: PersonId,
    /// What they said.
    pub vote: Vote,
    /// Why, in their words.
    pub reason: Option<String>,
    /// When.
    pub voted_at: Instant,
}

/// An approval with the votes on it, oldest first.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ApprovalView {
    /// The approval.
    #[serde(flatten)]
    pub approval: Approval,
    /// Who said what.
    pub votes: Vec<Voted>,
}
