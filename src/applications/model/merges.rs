//! Two applications that become one.

use super::{BudgetLine, Content, Named};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, MergeId, PersonId};
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

text_enum! {
    /// Where a merge stands.
    pub enum MergeStatus {
        /// Waits for the other applicant.
        Proposed = "proposed",
        /// Done.
        Accepted = "accepted",
        /// The other applicant said no.
        Declined = "declined",
        /// Whoever proposed it took it back.
        Withdrawn = "withdrawn",
    }
}

impl MergeStatus {
    /// Whether it can still be answered.
    ///
    /// # Errors
    /// 409 where it cannot.
    pub fn open(self) -> Result<()> {
        match self {
            MergeStatus::Proposed => Ok(()),
            _ => Err(Problem::wrong_state(format!("The merge is {self}."))),
        }
    }
}

/// A merge, as kept.
#[derive(Debug, Clone)]
pub struct MergeRecord {
    /// Its id.
    pub id: MergeId,
    /// The application that goes on.
    pub into_id: ApplicationId,
    /// The one that is taken up and ends.
    pub from_id: ApplicationId,
    /// The applicant who proposed it.
    pub proposed_by: PersonId,
    /// The applicant who answers.
    pub asked_id: PersonId,
    /// Where it stands.
    pub status: MergeStatus,
    /// What the one that was taken up said then.
    pub kept: Option<MergedText>,
    /// Proposed.
    pub created_at: Instant,
    /// Answered or taken back.
    pub decided_at: Option<Instant>,
}

/// What the application says that is taken up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MergedText {
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The case in full.
    pub body: String,
    /// What it answered to the call's questions, in the order of the form: once it is done, beside
    /// what the one that goes on answers.
    #[serde(default)]
    pub answers: Vec<MergedAnswer>,
}

/// An answer of the application that was taken up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MergedAnswer {
    /// The key of its question.
    pub key: String,
    /// What had been asked.
    pub label: String,
    /// What was answered; a file by the id of its copy.
    #[schema(value_type = Object)]
    pub answer: Value,
    /// Whether the one that goes on had no answer to it, and has this one now.
    pub taken: bool,
}

impl From<&Content> for MergedText {
    fn from(content: &Content) -> Self {
        let Content { title, summary, body, .. } = content.clone();
        Self { title, summary, body, answers: Vec::new() }
    }
}

/// What would be taken up, as it is now; shown while the merge waits for an answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MergeOffer {
    /// The least that makes sense.
    pub amount_minimum: Option<Money>,
    /// What is asked for.
    pub amount_requested: Option<Money>,
    /// What it is for.
    pub budget_lines: Vec<BudgetLine>,
}

/// A merge of two applications into one.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Merge {
    /// Its id.
    pub id: MergeId,
    /// The application that goes on.
    pub into: ApplicationId,
    /// The one that is taken up, and ends as withdrawn.
    pub other: ApplicationId,
    /// The applicant who proposed it.
    pub proposed_by: Named,
    /// The applicant who answers.
    pub asked: Named,
    /// Where it stands.
    pub status: MergeStatus,
    /// What is taken up: as it is now while it is proposed, as it was then once it is done.
    pub text: Option<MergedText>,
    /// Its amounts, while it is proposed.
    pub offer: Option<MergeOffer>,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// When it was answered or taken back.
    pub decided_at: Option<Instant>,
}

/// What to take up.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeMerge {
    /// The application that is taken up, and ends.
    pub other: ApplicationId,
}
