//! Further calls that an application is routed to, beside its own.

use super::{ApplicationFacts, Named, Record, Step};
use crate::answers::model::{Answers, Paper, Question, QuizQuestion, Suggested};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

text_enum! {
    /// Where a route stands.
    pub enum RouteStatus {
        /// What the call asks besides is being answered; only the team sees it.
        Draft = "draft",
        /// The application is in the call.
        Submitted = "submitted",
        /// It was declined in this call.
        Declined = "declined",
        /// The applicant took it out of this call.
        Withdrawn = "withdrawn",
        /// The application itself has ended.
        Ended = "ended",
    }
}

impl Record {
    /// Whether it was declined in its own call alone, whatever became of it in its further calls.
    pub fn left_own_call(&self) -> bool {
        self.own_call_declined_at.is_some()
    }
}

impl ApplicationFacts {
    /// The call that it answers, unless it was declined there alone.
    pub fn own_call(&self) -> Option<CallId> {
        self.own_call_declined_at.is_none().then_some(self.call_id)
    }
}

/// A further call in which something goes on, or is to be done.
#[derive(Debug, Clone)]
pub struct Going {
    /// The application.
    pub application_id: ApplicationId,
    /// The call.
    pub call_id: CallId,
    /// Its title.
    pub call: String,
    /// A draft, submitted, or declined.
    pub status: RouteStatus,
    /// The day by which a decision is promised there.
    pub promised_on: Option<Date>,
}

/// Why a draft cannot be handed in today: the call takes none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shut {
    /// In the words of the refusal, a sentence.
    pub why: String,
    /// Its time is over; otherwise it has not come yet.
    pub over: bool,
}

impl Shut {
    /// Why, and what can be done, for who wrote an application for this call.
    pub fn sentence(&self) -> String {
        let then = match self.over {
            true => "What you wrote can go to another call: export it, and import it there.",
            false => "You can hand it in then.",
        };
        format!("{} {then}", self.why)
    }
}

text_enum! {
    /// What can be done to a route.
    pub enum RouteAct {
        /// Answer what the call asks.
        Edit = "edit",
        /// Hand it in.
        Submit = "submit",
        /// Say no in this call.
        Decline = "decline",
        /// Leave the call.
        Withdraw = "withdraw",
        /// Begin again, after it was left.
        Return = "return",
        /// Look at it again in this call, after an appeal.
        Reopen = "reopen",
    }
}

impl RouteStatus {
    /// Where an act leads from here.
    ///
    /// # Errors
    /// 409 where the status does not allow it.
    pub fn after(self, act: RouteAct) -> Result<Self> {
        use RouteAct as A;
        use RouteStatus as S;
        match (self, act) {
            (S::Draft, A::Edit) => Ok(S::Draft),
            // After a decline only where the call lets people hand in again, and once; after the
            // application has ended where an appeal brought it back.
            (S::Withdrawn | S::Declined | S::Ended, A::Return) => Ok(S::Draft),
            (S::Draft, A::Submit) => Ok(S::Submitted),
            (S::Submitted, A::Decline) => Ok(S::Declined),
            (S::Declined, A::Reopen) => Ok(S::Submitted),
            (S::Draft | S::Submitted, A::Withdraw) => Ok(S::Withdrawn),
            (status, _) => {
                let detail = format!("The application is {status} in this call: not possible.");
                Err(Problem::wrong_state(detail))
            }
        }
    }
}

/// Which answers came over from the application's own form: by their keys, the keys there.
pub type CarriedKeys = BTreeMap<String, String>;

/// A route, as kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteRecord {
    /// The application.
    pub application_id: ApplicationId,
    /// The further call.
    pub call_id: CallId,
    /// Where it stands.
    pub status: RouteStatus,
    /// The answers to the call's form, those included that came over.
    pub paper: Paper,
    /// Which of them came over.
    pub carried: CarriedKeys,
    /// Who routed it.
    pub routed_by: Option<PersonId>,
    /// When.
    pub routed_at: Instant,
    /// Who handed it in.
    pub submitted_by: Option<PersonId>,
    /// When.
    pub submitted_at: Option<Instant>,
    /// The day by which a decision is promised in this call.
    pub promised_on: Option<Date>,
    /// What comes next so that this is kept.
    pub step: Step,
    /// When.
    pub due_on: Option<Date>,
    /// How often a rule moved the day.
    pub rule_extensions: i32,
    /// First told something, counted for this call.
    pub answered_at: Option<Instant>,
    /// Left, declined or ended; of a draft that was begun again, when it was declined.
    pub ended_at: Option<Instant>,
    /// Why, as the applicant reads it.
    pub reason: Option<String>,
    /// Counts changes.
    pub version: i32,
    /// Whether it was begun again after it was declined there.
    pub again: bool,
    /// Until when it can come back after it was declined there, as the applicant was told.
    pub again_until: Option<Date>,
}

impl RouteRecord {
    /// Whether it was begun again after a decline, and has not come in since: the days of the
    /// decline go on, however often the draft is left and begun anew.
    pub fn is_remedy(&self) -> bool {
        self.again && self.submitted_at.is_none() && self.status != RouteStatus::Declined
    }
}

/// Where to route an application.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteApplication {
    /// The further call.
    pub call_id: CallId,
    /// Answers to what it asks besides, and to its eligibility quiz; more can follow.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub answers: Answers,
}

/// Further answers of a route.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditRoute {
    /// By the keys of the call's form: an absent one is left, null clears it. What came over can be
    /// answered anew for this call.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub answers: Answers,
    /// Keys of suggested answers that are right as they are.
    #[serde(default)]
    pub confirm: Vec<String>,
}

/// An answer that came over from the application's own form.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CarriedAnswer {
    /// The key of the call's question.
    pub key: String,
    /// The key of the question that it answered.
    pub from: String,
}

/// A call that an application is routed to.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RouteRow {
    /// The application.
    pub application_id: ApplicationId,
    /// The further call.
    pub call_id: CallId,
    /// The call's name.
    pub call_title: String,
    /// Where it stands there.
    pub status: RouteStatus,
    /// The day by which a decision is promised in this call.
    pub promised_on: Option<Date>,
    /// Who routed it.
    pub routed_by: Option<Named>,
    /// When.
    pub routed_at: Instant,
    /// Who handed it in: the applicant, or who may do that for them.
    pub submitted_by: Option<Named>,
    /// When.
    pub submitted_at: Option<Instant>,
    /// When it was left, declined or ended.
    pub ended_at: Option<Instant>,
    /// Why; shown to the team and to those who run the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Version, for ETags.
    pub version: i32,
}

/// A route in full.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RouteView {
    /// What lists show of it.
    #[serde(flatten)]
    pub row: RouteRow,
    /// The version of the call's form that it is written under.
    pub form_version: i32,
    /// What this call asks besides: its questions without those that were answered already.
    pub asked: Vec<Question>,
    /// Its quiz.
    pub eligibility: Vec<QuizQuestion>,
    /// All answers, those included that came over.
    #[schema(value_type = Object)]
    pub answers: Answers,
    /// Which of them came over.
    pub carried: Vec<CarriedAnswer>,
    /// Answers that were filled in from the answer bank and wait for a yes; shown to the team.
    #[serde(skip_serializing_if = "Suggested::is_empty")]
    #[schema(value_type = Object)]
    pub suggested: Suggested,
    /// What is left to do before it can be handed in, by JSON pointer; for a draft.
    pub missing: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_and_every_act() {
        use RouteAct as A;
        use RouteStatus as S;
        let allowed = [
            (S::Draft, A::Edit, S::Draft),
            (S::Draft, A::Submit, S::Submitted),
            (S::Draft, A::Withdraw, S::Withdrawn),
            (S::Submitted, A::Decline, S::Declined),
            (S::Submitted, A::Withdraw, S::Withdrawn),
            (S::Withdrawn, A::Return, S::Draft),
            (S::Declined, A::Return, S::Draft),
            (S::Declined, A::Reopen, S::Submitted),
            (S::Ended, A::Return, S::Draft),
        ];
        for status in S::ALL {
            for act in A::ALL {
                let to = allowed.iter().find(|(s, a, _)| s == status && a == act).map(|a| a.2);
                assert_eq!(status.after(*act).ok(), to, "{status} {act}");
            }
        }
    }
}
