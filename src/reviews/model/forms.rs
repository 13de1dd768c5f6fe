//! What people send.

use super::{Recommendation, ReviewOutcome};
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::patch::Patch;
use crate::kernel::time::Date;
use serde::Deserialize;

/// How a call is to be reviewed.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsForm {
    /// Whether applicant and team are hidden from reviewers. Fixed once a reviewer is assigned.
    pub blind: bool,
}

/// Who is to review.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignReviewer {
    /// A reviewer.
    pub person_id: PersonId,
    /// For which of the calls that the application is in, under that call's rubric and with names
    /// hidden as it says; its own where absent.
    #[serde(default)]
    pub call_id: Option<CallId>,
    /// The day by which it is asked for. Where absent, in two weeks, or a week before the promised
    /// decision if that is earlier, but at least three days from now.
    #[serde(default)]
    pub due_on: Option<Date>,
}

/// How the applications of a call are spread over reviewers.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignCall {
    /// How many reviews each application should have, 1 to 10; those that it has count.
    pub per_application: i32,
    /// Among whom, up to 200; all reviewers where absent, if there are no more than that.
    #[serde(default)]
    pub reviewer_ids: Option<Vec<PersonId>>,
    /// How many may wait for one reviewer, 1 to 1,000, those of other calls included; as many as
    /// are their fair share and, where others cannot, more, where absent.
    #[serde(default)]
    pub max_per_reviewer: Option<i32>,
    /// The day by which they are asked for. Where absent, for each in two weeks, or a week before
    /// its promised decision if that is earlier, but at least three days from now.
    #[serde(default)]
    pub due_on: Option<Date>,
    /// Only applications after this one: `next` of the run before.
    #[serde(default)]
    pub after: Option<ApplicationId>,
    /// true: only tells what would be assigned.
    #[serde(default)]
    pub dry_run: bool,
}

/// A score, as sent.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreForm {
    /// The criterion.
    pub key: String,
    /// From 0 to the criterion's best score.
    pub score: i32,
    /// Why, in up to 5,000 characters.
    #[serde(default)]
    pub comment: String,
}

/// Changes to a review: an absent field is left, null clears it.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditReview {
    /// All scores so far, which replace those before.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ScoreForm>>)]
    pub scores: Patch<Vec<ScoreForm>>,
    /// On the whole, in up to 20,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub comment: Patch<String>,
    /// What should be done.
    #[serde(default)]
    #[schema(value_type = Option<Recommendation>)]
    pub recommendation: Patch<Recommendation>,
}

/// Why.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewReason {
    /// In up to 5,000 characters.
    pub reason: String,
}

/// What is decided on the reviews of an application.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideReview {
    // What comes of it. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub outcome: ReviewOutcome,
    /// Why, in up to 5,000 characters; admins, auditors and reviewers who are done read it.
    pub reason: String,
}
