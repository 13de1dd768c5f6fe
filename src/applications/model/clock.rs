//! The decision clock: what an applicant was promised, and what is done so that it is kept.

use super::{ApplicationStatus, Named};
use crate::kernel::ids::{ApplicationId, CallId, ExtensionId, PersonId};
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What has to be done next so that a promise is kept.
    pub enum Step {
        /// Remind whoever is responsible.
        Remind = "remind",
        /// Move the day, and tell the applicant, before it is missed.
        Final = "final",
        /// Tell the admins each day that it is missed.
        Overdue = "overdue",
    }
}

text_enum! {
    /// What is counted.
    pub enum Tally {
        /// Days from the submission to the first answer of a person: opened, changes asked for,
        /// declined or awarded.
        FirstAnswer = "first_answer",
        /// Days from the submission to the decision: declined or awarded.
        Decision = "decision",
    }
}

/// Why somebody who decides hears of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The day was moved by rule again and again.
    Again,
    /// The day was moved by rule.
    Moved,
    /// The day comes near.
    Near,
}

/// A promised day that runs: of an application in its own call, or in a further one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// The day.
    pub promised: Date,
    /// What is due.
    pub step: Step,
    /// How often the day was moved by rule.
    pub rule_extensions: i32,
}

/// What a clock does on which something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// What comes next.
    pub due: Due,
    /// What is told to those who decide.
    pub why: Why,
    /// The day that is promised from now on, where it is moved.
    pub moved: Option<Date>,
}

/// What to do next, and on which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What.
    pub step: Step,
    /// On this day, or as soon after it as can be.
    pub on: Date,
}

/// The clock of one application, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRecord {
    /// The application.
    pub application_id: ApplicationId,
    /// The day that was promised first.
    pub first_promised_on: Date,
    /// Since when it stands: the applicant was asked for changes.
    pub paused_on: Option<Date>,
    /// What comes next.
    pub step: Step,
    /// When; nothing while it stands or once it is decided.
    pub due_on: Option<Date>,
    /// How often the day was moved by rule.
    pub rule_extensions: i32,
    /// The first answer of a person.
    pub answered_at: Option<Instant>,
    /// The first decision.
    pub decided_at: Option<Instant>,
    /// While it stands: when the applicant is reminded of the changes.
    pub remind_on: Option<Date>,
}

/// A day that was moved, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionRecord {
    /// Its id.
    pub id: ExtensionId,
    /// The day before.
    pub promised_before: Date,
    /// The day from then on.
    pub promised_on: Date,
    /// Why, as the applicant reads it.
    pub reason: String,
    /// Who moved it; by rule where absent.
    pub extended_by: Option<PersonId>,
    /// When.
    pub extended_at: Instant,
    /// In which further call; none where it is the day of its own.
    pub call_id: Option<CallId>,
}

/// How many wait before somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ahead {
    /// Applications of the same call, in the same stage, that came in earlier. They are not
    /// decided strictly in this order.
    pub count: i64,
    /// Whether there may be more: counting ends at this number.
    pub or_more: bool,
}

/// A day that was moved.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Extension {
    /// Its id.
    pub id: ExtensionId,
    /// The day before.
    pub promised_before: Date,
    /// The day from then on.
    pub promised_on: Date,
    /// Why.
    pub reason: String,
    /// Who moved it; absent where a rule did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_by: Option<Named>,
    /// When.
    pub extended_at: Instant,
    /// The further call whose day it is; absent where it is the day of the application's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
}

/// Where an application stands in time.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DecisionClock {
    /// The application.
    pub application_id: ApplicationId,
    /// Where it stands.
    pub stage: ApplicationStatus,
    /// The day by which a decision is promised.
    pub promised_on: Option<Date>,
    /// The day that was promised first.
    pub first_promised_on: Option<Date>,
    /// Days until the promised day; negative once it is missed. Absent while the clock stands, and
    /// once it is decided.
    pub days_left: Option<i32>,
    /// Since when the clock stands: it goes on, with the days that were left, when the changes
    /// come in.
    pub paused_since: Option<Date>,
    /// How many wait before this one; absent where it waits for nobody.
    pub ahead: Option<Ahead>,
    /// What happens next, and by whom.
    pub next: String,
    /// Days that were moved, the first first.
    pub extensions: Vec<Extension>,
    /// The declined application that this one was made of, if it was.
    pub resubmission_of: Option<ApplicationId>,
}

/// Moves a promised day.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendForm {
    /// The new day: later than the one before and than today, at most 180 days from today.
    pub promised_on: Date,
    /// Why, for the applicant to read, in up to 5,000 characters.
    pub reason: String,
    /// The further call that needs longer; absent for the application's own.
    #[serde(default)]
    pub call_id: Option<CallId>,
}
