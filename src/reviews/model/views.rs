//! What people are shown.

use super::{Aside, Criterion, Recommendation, ReviewOutcome, ReviewStatus, Score};
use crate::agendas::model::AgendaName;
use crate::answers::model::Answered;
use crate::applications::model::{ApplicationStatus, BudgetLine, Named};
use crate::attachments::model::FileKind;
use crate::kernel::ids::{ApplicationId, AttachmentId, CallId, PersonId, ReviewId};
use crate::kernel::money::Money;
use crate::kernel::time::{Date, Instant};
use serde::Serialize;

/// Hundredths as text: 7833 is `78.33`.
pub fn percent(hundredths: i32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// How a call is reviewed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewSettings {
    /// The call.
    pub call_id: CallId,
    /// Whether applicant and team are hidden from reviewers.
    pub blind: bool,
    /// What reviewers who are assigned now would score.
    pub rubric: Vec<Criterion>,
}

/// A review in its reviewer's queue.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewRow {
    /// Its id.
    pub id: ReviewId,
    /// What is reviewed.
    pub application_id: ApplicationId,
    /// The application's name, as it was handed in; absent where the review was set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The call that it answers.
    pub call_id: CallId,
    /// Where it stands.
    pub status: ReviewStatus,
    /// Whether names are hidden.
    pub blind: bool,
    /// The day by which it is asked for.
    pub due_on: Option<Date>,
    /// When it was assigned.
    pub assigned_at: Instant,
    /// When it was last submitted.
    pub submitted_at: Option<Instant>,
}

/// A review. Its reviewer sees what they are writing; others what was submitted last.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// What is reviewed.
    pub application_id: ApplicationId,
    /// The call that it answers.
    pub call_id: CallId,
    /// Who reviews.
    pub reviewer: Named,
    /// Where it stands.
    pub status: ReviewStatus,
    /// Why it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aside: Option<Aside>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aside_reason: Option<String>,
    /// Whether names are hidden from the reviewer.
    pub blind: bool,
    /// What is scored.
    pub rubric: Vec<Criterion>,
    /// The scores so far.
    pub scores: Vec<Score>,
    /// On the whole.
    pub comment: String,
    /// What should be done.
    pub recommendation: Option<Recommendation>,
    /// Weighted sum of the scores, in percent of the best possible (`78.33`); once all are there.
    pub total: Option<String>,
    /// How often it was submitted.
    pub submissions: i32,
    /// The day by which it is asked for.
    pub due_on: Option<Date>,
    /// When it was assigned.
    pub assigned_at: Instant,
    /// When it was last submitted.
    pub submitted_at: Option<Instant>,
    /// Version, for ETags.
    pub version: i32,
}

/// A review as it was submitted.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewVersion {
    /// Which version, from 1 on.
    pub number: i32,
    /// The scores.
    pub scores: Vec<Score>,
    /// On the whole.
    pub comment: String,
    /// What should be done.
    pub recommendation: Recommendation,
    /// Weighted sum of the scores, in percent of the best possible.
    pub total: String,
    /// Whether names were hidden until then.
    pub blind: bool,
    /// How many other reviews were in.
    pub others_in: i32,
    /// When.
    pub submitted_at: Instant,
}

/// What a reviewer reads of an application. In a blind call applicant and team are absent.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewedApplication {
    /// Its id.
    pub id: ApplicationId,
    /// The call that it answers.
    pub call_id: CallId,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The case in full.
    pub body: String,
    /// The least that makes sense.
    pub amount_minimum: Option<Money>,
    /// What is asked for.
    pub amount_requested: Option<Money>,
    /// What the money is for.
    pub budget_lines: Vec<BudgetLine>,
    /// How long the work takes.
    pub duration_months: Option<i32>,
    /// Who applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applicant: Option<String>,
    /// Who is on the team, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Vec<String>>,
    /// What was answered to the questions of the call's form, in their order.
    pub answers: Vec<Answered>,
    /// What was answered to what further calls ask that it is in besides.
    pub further_calls: Vec<ReviewedCall>,
    /// The research directions that it names.
    pub agendas: Vec<AgendaName>,
    /// What hangs on it: `GET /reviews/{id}/attachments/{attachment_id}`.
    pub attachments: Vec<ReviewedFile>,
}

/// What an application says in a further call.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewedCall {
    /// The call's title.
    pub call: String,
    /// What it asks besides, in the order of its questions; what came over from the application is
    /// left out.
    pub answers: Vec<Answered>,
}

/// A file of an application, as its reviewer sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewedFile {
    /// Its id.
    pub id: AttachmentId,
    /// Its name; absent in a blind call, for names of files name people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is.
    pub content_type: FileKind,
    /// How long it is.
    pub bytes: i64,
}

/// One review that is in.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SubmittedReview {
    /// Its id.
    pub id: ReviewId,
    /// The call under whose rubric it is.
    pub call_id: CallId,
    /// Who reviewed.
    pub reviewer: Named,
    /// Whether it counts: not where its reviewer has a conflict by now.
    pub counts: bool,
    /// What was submitted last.
    #[serde(flatten)]
    pub version: ReviewVersion,
}

/// Mean and extremes of some numbers, as text in hundredths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Spread {
    /// Mean, rounded half up.
    pub mean: String,
    /// The least.
    pub min: String,
    /// The greatest.
    pub max: String,
    /// How far these two are apart.
    pub spread: String,
}

/// How one criterion was scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CriterionSummary {
    /// The criterion.
    pub key: String,
    /// Its name.
    pub label: String,
    /// How much it counts.
    pub weight: i32,
    /// The best score.
    pub max_score: i32,
    /// Its scores.
    #[serde(flatten)]
    pub scores: Spread,
    /// Whether they are apart by half the scale or more.
    pub disagreement: bool,
}

/// What reviews that count come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Summary {
    /// How many count.
    pub reviews: usize,
    /// Their totals, in percent; absent while none is in.
    pub total: Option<Spread>,
    /// Criterion by criterion, in the order of the rubric.
    pub criteria: Vec<CriterionSummary>,
    /// How many would fund it.
    pub fund: usize,
    /// How many cannot say.
    pub unsure: usize,
    /// How many would not.
    pub decline: usize,
    /// Whether reviewers disagree: on a criterion by half its scale, in total by 25 percent, or
    /// one would fund what another would not.
    pub disagreement: bool,
}

/// What was decided on the reviews.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewDecision {
    // What comes of it. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub outcome: ReviewOutcome,
    /// Why.
    pub reason: String,
    /// How many reviews counted.
    pub reviews: i32,
    /// Their mean, in percent.
    pub mean: String,
    /// Who decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: Instant,
}

/// What the reviews of an application in a further call come to.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CallSummary {
    /// The call.
    pub call_id: CallId,
    /// What they come to, under its rubric.
    pub summary: Summary,
}

/// All reviews of an application.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Reviews {
    /// What those in its own call come to.
    pub summary: Summary,
    /// What those in each further call come to, where somebody was asked.
    pub further_calls: Vec<CallSummary>,
    /// Those that are in, in all its calls.
    pub items: Vec<SubmittedReview>,
    /// Who was asked and is not done, or was set aside; shown to admins and auditors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Vec<Review>>,
    /// What was decided.
    pub decision: Option<ReviewDecision>,
}

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AssignedPair {
    /// The application.
    pub application_id: ApplicationId,
    /// Who reviews it.
    pub reviewer_id: PersonId,
}

/// What was assigned, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Assigned {
    /// Whether this only tells what would be.
    pub dry_run: bool,
    /// How many applications that wait or are open are in this call by a route: they are looked at
    /// like those that were written for it.
    pub routed: i64,
    /// In the order of the applications.
    pub assigned: Vec<AssignedPair>,
    /// Applications for which not enough reviewers are left, or of which 20 people were asked.
    pub short: Vec<ApplicationId>,
    /// Where there are more applications that need reviewers: ask again, `after` this one.
    pub next: Option<ApplicationId>,
}
