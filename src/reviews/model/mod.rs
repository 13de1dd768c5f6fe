//! A review, its versions, and what is decided on them.

mod forms;
mod views;

pub use forms::{
    AssignCall, AssignReviewer, DecideReview, EditReview, ReviewReason, ScoreForm, SettingsForm,
};
pub use views::{
    Assigned, AssignedPair, CallSummary, CriterionSummary, Review, ReviewDecision, ReviewRow,
    ReviewSettings, ReviewVersion, ReviewedApplication, ReviewedCall, ReviewedFile, Reviews,
    Spread, SubmittedReview, Summary, percent,
};

pub use crate::answers::model::Criterion;

use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, PersonId, ReviewId};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Where a review stands.
    pub enum ReviewStatus {
        /// Waits for the reviewer.
        Assigned = "assigned",
        /// Is in.
        Submitted = "submitted",
        /// Does not count.
        SetAside = "set_aside",
    }
}

text_enum! {
    /// Why a review does not count.
    pub enum Aside {
        /// The reviewer has a conflict of interest.
        Conflict = "conflict",
        /// The reviewer could not do it.
        Declined = "declined",
        /// An admin took it away.
        Removed = "removed",
    }
}

text_enum! {
    /// What a reviewer thinks should be done.
    pub enum Recommendation {
        /// Fund it.
        Fund = "fund",
        /// They cannot say.
        Unsure = "unsure",
        /// Do not fund it.
        Decline = "decline",
    }
}

text_enum! {
    /// What was decided on the reviews.
    pub enum ReviewOutcome {
        /// It goes on to those who fund.
        Advance = "advance",
        /// It needs changes first.
        Revise = "revise",
        /// It should be declined.
        Decline = "decline",
    }
}

/// What one criterion got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Score {
    /// The criterion.
    pub key: String,
    /// From 0 to the criterion's best score.
    pub score: i32,
    /// Why.
    pub comment: String,
}

/// What a reviewer writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// In the order of the rubric; those still missing are left out.
    pub scores: Vec<Score>,
    /// On the whole.
    pub comment: String,
    /// What should be done.
    pub recommendation: Option<Recommendation>,
}

/// A review, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: ReviewId,
    /// What is reviewed.
    pub application_id: ApplicationId,
    /// The call that it answers.
    pub call_id: CallId,
    /// Who reviews.
    pub reviewer_id: PersonId,
    /// Where it stands.
    pub status: ReviewStatus,
    /// Why it does not count.
    pub aside: Option<Aside>,
    /// The same in words.
    pub aside_reason: Option<String>,
    /// Whether names are hidden from this reviewer.
    pub blind: bool,
    /// What is scored.
    pub rubric: Vec<Criterion>,
    /// What is being written; the reviewer's alone until it is submitted.
    pub content: Content,
    /// How often it was submitted.
    pub submissions: i32,
    /// The day by which it is asked for.
    pub due_on: Option<Date>,
    /// Who assigned it.
    pub assigned_by: Option<PersonId>,
    /// When.
    pub assigned_at: Instant,
    /// Last submitted.
    pub submitted_at: Option<Instant>,
    /// Counts edits.
    pub version: i32,
}

/// A review as it was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Which version, from 1 on.
    pub number: i32,
    /// What it said: complete.
    pub content: Content,
    /// Hundredths of a percent of the best possible.
    pub total: i32,
    /// Whether names were hidden until then.
    pub blind: bool,
    /// How many other reviews were in.
    pub others_in: i32,
    /// When.
    pub submitted_at: Instant,
}

impl ReviewStatus {
    /// Whether the reviewer may write.
    ///
    /// # Errors
    /// 409 where it was set aside.
    pub fn write(self) -> Result<()> {
        match self {
            ReviewStatus::Assigned | ReviewStatus::Submitted => Ok(()),
            ReviewStatus::SetAside => {
                Err(Problem::wrong_state("This review was set aside: it stays as it is."))
            }
        }
    }
}
