//! What people are shown.

use super::{
    Answer, AskedBefore, ConcernOutcome, ConcernStatus, ScreeningQuestion, ScreeningStatus,
};
use crate::agendas::model::AgendaName;
use crate::answers::model::Answered;
use crate::applications::model::{ApplicationStatus, Named};
use crate::attachments::model::Attachment;
use crate::kernel::ids::{ApplicationId, ConcernId, PersonId, ScreeningId};
use crate::kernel::money::Money;
use crate::kernel::time::Instant;
use serde::Serialize;

/// Somebody in the group.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LaneMember {
    /// Who.
    pub person: Named,
    /// Why they are in it.
    pub reason: String,
    /// Since when.
    pub added_at: Instant,
    /// Who added them.
    pub added_by: Option<PersonId>,
}

/// What was raised, as told to who raised it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Raised {
    /// Its id.
    pub id: ConcernId,
    /// When.
    pub raised_at: Instant,
}

/// Something that you raised.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MyConcern {
    /// Its id.
    pub id: ConcernId,
    /// About what.
    pub application_id: ApplicationId,
    /// Whether it is being looked at; what came of it is not told.
    pub status: ConcernStatus,
    /// When.
    pub raised_at: Instant,
}

/// A question to the applicant.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ScreeningAsked {
    /// To name in an answer.
    pub concern_id: ConcernId,
    /// What it is about.
    pub summary: String,
    /// Who raised it, where they agreed to be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raised_by: Option<String>,
    /// When it was asked.
    pub asked_at: Instant,
    /// What you answered.
    pub response: Option<String>,
    /// When.
    pub answered_at: Option<Instant>,
    /// When it was decided: it can be answered until then.
    pub decided_at: Option<Instant>,
}

/// The applicant's side of a screening.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ApplicantScreening {
    /// Of which application.
    pub application_title: String,
    /// Which version of the questions these are.
    pub number: i32,
    /// What you are asked about harm.
    pub questions: Vec<ScreeningQuestion>,
    /// What you answered.
    pub answers: Vec<Answer>,
    /// When.
    pub answered_at: Option<Instant>,
    /// What the group asks besides.
    pub asked: Vec<ScreeningAsked>,
}

/// A screening in the group's list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ScreeningRow {
    /// Its id.
    pub id: ScreeningId,
    /// Of what.
    pub application_id: ApplicationId,
    /// The application's name.
    pub title: String,
    /// Where it stands.
    pub status: ScreeningStatus,
    /// Whether the applicant has answered.
    pub answered: bool,
    /// When it began.
    pub opened_at: Instant,
}

/// What the group reads of an application.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Screened {
    /// Its id.
    pub id: ApplicationId,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The case in full.
    pub body: String,
    /// What is asked for.
    pub amount_requested: Option<Money>,
    /// Who applies.
    pub applicant: String,
    /// Who is on the team, by name.
    pub team: Vec<String>,
    /// What was answered to the questions of the call's form, in their order.
    pub answers: Vec<Answered>,
    /// What was answered to what further calls add.
    pub further_calls: Vec<ScreenedCall>,
    /// The research directions that it names.
    pub agendas: Vec<AgendaName>,
    /// What hangs on it: `GET /screenings/{id}/attachments/{attachment_id}`.
    pub attachments: Vec<Attachment>,
}

/// What an application says in a further call alone.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ScreenedCall {
    /// The call's title.
    pub call: String,
    /// What was answered to the questions that it adds, in their order.
    pub answers: Vec<Answered>,
}

/// A line of the lane's log.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LaneEntry {
    /// What was done.
    pub act: String,
    /// To which concern.
    pub concern_id: Option<ConcernId>,
    /// By whom.
    pub person: Named,
    /// When.
    pub done_at: Instant,
}

/// A screening with all that belongs to it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Screening {
    /// Its id.
    pub id: ScreeningId,
    /// Where it stands.
    pub status: ScreeningStatus,
    /// What is screened.
    pub application: Screened,
    /// The questions, in the version that was answered, or that would be asked now.
    pub questions: Vec<ScreeningQuestion>,
    /// The answers.
    pub answers: Vec<Answer>,
    /// When they came.
    pub answered_at: Option<Instant>,
    /// What was raised, newest first.
    pub concerns: Vec<ConcernRow>,
    /// Who did what, newest first, the last hundred acts.
    pub log: Vec<LaneEntry>,
    /// When it was cleared.
    pub cleared_at: Option<Instant>,
    /// When it began.
    pub opened_at: Instant,
    /// Version of what is read here, for ETags.
    pub version: i64,
}

/// A concern in the group's list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ConcernRow {
    /// Its id.
    pub id: ConcernId,
    /// About what.
    pub application_id: ApplicationId,
    /// The application's name.
    pub title: String,
    /// Where it stands.
    pub status: ConcernStatus,
    /// What came of it.
    pub outcome: Option<ConcernOutcome>,
    /// When it was raised.
    pub raised_at: Instant,
    /// When the applicant was asked.
    pub asked_at: Option<Instant>,
    /// When they answered.
    pub answered_at: Option<Instant>,
    /// When it was decided.
    pub decided_at: Option<Instant>,
}

/// A concern in full.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Concern {
    /// What lists show of it.
    #[serde(flatten)]
    pub row: ConcernRow,
    /// The screening of the application.
    pub screening_id: ScreeningId,
    /// Who raised it.
    pub raised_by: Named,
    /// Whether they may be named to the applicant.
    pub may_name_them: bool,
    /// What they are worried about.
    pub concern: String,
    /// What the applicant is shown.
    pub summary: Option<String>,
    /// What they answered.
    pub response: Option<String>,
    /// What others were asked and answered, who applied with what lives on in the application.
    pub earlier: Vec<AskedBefore>,
    /// Why it was decided as it was.
    pub reason: Option<String>,
    /// Under which conditions the application may go on.
    pub conditions: Option<String>,
}

/// Conditions that screening set.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Conditions {
    /// In the order in which they were set; none: it may go on without.
    pub conditions: Vec<String>,
}
