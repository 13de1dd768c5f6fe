//! Screenings, concerns, and who looks at them.

mod forms;
mod views;

pub use forms::{
    AnswerScreening, AskForm, DecideConcern, LaneReason, QuestionForm, RaiseConcern, RespondForm,
    ScreeningAnswerForm, SetQuestions,
};
pub use views::{
    ApplicantScreening, Concern, ConcernRow, Conditions, LaneEntry, LaneMember, MyConcern, Raised,
    Screened, ScreenedCall, Screening, ScreeningAsked, ScreeningRow,
};

use crate::kernel::ids::{ApplicationId, ConcernId, PersonId, ScreeningId};
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

text_enum! {
    /// Where a screening stands.
    pub enum ScreeningStatus {
        /// Waits to be looked at.
        Waiting = "waiting",
        /// Nothing speaks against it.
        Cleared = "cleared",
    }
}

text_enum! {
    /// Where a concern stands.
    pub enum ConcernStatus {
        /// Is being looked at.
        Open = "open",
        /// Was decided.
        Closed = "closed",
    }
}

text_enum! {
    /// What came of a concern.
    pub enum ConcernOutcome {
        /// Nothing speaks against the application.
        Cleared = "cleared",
        /// It may go on, under conditions.
        Conditions = "conditions",
        /// It is declined.
        Stopped = "stopped",
    }
}

/// One thing that applicants are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScreeningQuestion {
    /// Names it in answers.
    pub key: String,
    /// The question.
    pub text: String,
}

/// What applicants are asked, in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QuestionSet {
    /// Which version; 0 is the one that comes with the service.
    pub number: i32,
    /// In their order.
    pub questions: Vec<ScreeningQuestion>,
}

/// What an applicant answers to one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Answer {
    /// The question.
    pub key: String,
    /// The answer.
    pub answer: String,
}

/// A screening, as kept; its answers are sealed.
#[derive(Debug, Clone)]
pub struct ScreeningRecord {
    /// Its id.
    pub id: ScreeningId,
    /// Of what.
    pub application_id: ApplicationId,
    /// Where it stands.
    pub status: ScreeningStatus,
    /// Which questions were answered.
    pub set_number: Option<i32>,
    /// The answers.
    pub sealed: Option<Vec<u8>>,
    /// When they came.
    pub answered_at: Option<Instant>,
    /// Cleared.
    pub cleared_at: Option<Instant>,
    /// Begun.
    pub opened_at: Instant,
    /// The applicant was asked, or had answered before; absent until they are asked again, where it
    /// came back unanswered.
    pub asked_at: Option<Instant>,
    /// Back after a stop, by an appeal, or after it was cleared, by changes.
    pub reopened_at: Option<Instant>,
}

/// A concern, as kept; its texts are sealed.
#[derive(Debug, Clone)]
pub struct ConcernRecord {
    /// Its id.
    pub id: ConcernId,
    /// About what: while it is open, what went on with it; then, where it was decided.
    pub application_id: ApplicationId,
    /// What it was raised about, where that is another one.
    pub raised_about: Option<ApplicationId>,
    /// By whom.
    pub raised_by: PersonId,
    /// Where it stands.
    pub status: ConcernStatus,
    /// What came of it.
    pub outcome: Option<ConcernOutcome>,
    /// Under which conditions: for those who fund and the applicant.
    pub conditions: Option<String>,
    /// [`Texts`].
    pub sealed: Vec<u8>,
    /// Raised.
    pub raised_at: Instant,
    /// An applicant was asked.
    pub asked_at: Option<Instant>,
    /// Who that is: not always who applies with what it is about by now.
    pub asked_id: Option<PersonId>,
    /// They answered.
    pub answered_at: Option<Instant>,
    /// Decided.
    pub decided_at: Option<Instant>,
}

impl ConcernRecord {
    /// Whether it is this person who was asked.
    pub fn asks(&self, person: PersonId) -> bool {
        self.asked_at.is_some() && self.asked_id == Some(person)
    }
    /// From now on it is about this application, in which the one before lives on.
    pub fn goes_on_with(&mut self, id: ApplicationId) {
        if id != self.application_id {
            self.raised_about = self.raised_about.or(Some(self.application_id));
            self.application_id = id;
        }
    }
}

/// What of the lane waits for somebody in the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingKind {
    /// Answers to the questions that everybody is asked.
    Screening,
    /// A concern.
    Concern,
}

/// One thing that waits for somebody in the group.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What.
    pub kind: WaitingKind,
    /// Which screening or concern.
    pub id: Uuid,
    /// The application's name.
    pub title: String,
    /// Since when.
    pub since: Instant,
}

/// What is sealed of a concern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// What was raised.
    pub concern: String,
    /// Whether the one who raised it may be named to the applicant.
    pub named: bool,
    /// What the applicant is shown.
    #[serde(default)]
    pub summary: Option<String>,
    /// What the applicant answered.
    #[serde(default)]
    pub response: Option<String>,
    /// Why it was decided as it was.
    #[serde(default)]
    pub reason: Option<String>,
    /// What was asked and answered before, with what lives on in the application.
    #[serde(default)]
    pub earlier: Vec<AskedBefore>,
}

/// What somebody was asked who applied with something that lives on in the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AskedBefore {
    /// Who.
    pub asked: Option<PersonId>,
    /// When.
    pub asked_at: Instant,
    /// What they were shown.
    pub summary: String,
    /// What they answered.
    pub response: Option<String>,
    /// When.
    pub answered_at: Option<Instant>,
}
