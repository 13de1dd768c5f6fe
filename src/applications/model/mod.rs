//! An application, its team, and who keeps out of it.

mod about;
mod clock;
mod declines;
mod forms;
mod found;
mod merges;
mod nominations;
mod routes;
mod state;
mod versions;

pub use about::{About, AgendaApplication, AgendaPage};
pub use clock::{
    Ahead, ClockRecord, DecisionClock, Due, ExtendForm, Extension, ExtensionRecord, Running, Step,
    Tally, Tick, Why,
};
pub use declines::{
    Appeal, AppealAnswer, AppealForm, AppealOutcome, AppealRecord, AppealStatus, AppealVerdict,
    CreateDeclineTemplate, DeclineForm, DeclineRecord, DeclineRouteForm, DeclineTemplate,
    DeclinedView, EditDeclineTemplate, Remedy, TemplateRecord, WithdrawAppealForm,
};
pub use forms::{
    AnswerForm, BudgetLineForm, CreateApplication, EditApplication, EditMember, InviteMember,
    MoveAnswers, ReasonForm, WithdrawForm,
};
pub use found::{Conflict, ConflictException, ConflictExceptionForm, Ground, found_conflict};
pub use merges::{
    Merge, MergeOffer, MergeRecord, MergeStatus, MergedAnswer, MergedText, ProposeMerge,
};
pub use nominations::{Nominate, Nomination, NominationRecord, NominationStatus};
pub use routes::{
    CarriedAnswer, CarriedKeys, EditRoute, Going, RouteAct, RouteApplication, RouteRecord,
    RouteRow, RouteStatus, RouteView, Shut,
};
pub use state::{Act, ApplicationStatus, Stage, State};
pub use versions::{
    FieldChange, Piece, PieceKind, Saved, Snapshot, SnapshotLine, VersionDiff, VersionRecord,
    VersionRow, VersionStage, VersionView,
};

use crate::agendas::model::LookingFor;
use crate::answers::model::{Answers, Suggested};
use crate::calls::model::Visibility;
use crate::kernel::ids::{ApplicationId, CallId, MemberId, PersonId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What somebody does on a team.
    pub enum MemberRole {
        /// Leads the work.
        Lead = "lead",
        /// Does the work.
        Member = "member",
        /// Advises.
        Mentor = "mentor",
        /// Keeps things running.
        Operations = "operations",
    }
}

text_enum! {
    /// How an invited person answered.
    pub enum Consent {
        /// Not yet.
        Invited = "invited",
        /// Yes.
        Accepted = "accepted",
        /// No, or no longer.
        Declined = "declined",
        /// The applicant took the invitation back.
        Removed = "removed",
    }
}

/// A line of the budget, as kept: the currency is the application's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for.
    pub label: String,
    /// Minor units.
    pub amount: i64,
}

/// What the applicant writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The case in full.
    pub body: String,
    /// The least that makes sense, in minor units.
    pub amount_minimum: Option<i64>,
    /// What is asked for, in minor units.
    pub amount_requested: Option<i64>,
    /// The one currency of all its amounts; none while there is no amount.
    pub currency: Option<Currency>,
    /// What it is for.
    pub budget_lines: Vec<Line>,
    /// How long the work takes.
    pub duration_months: Option<i32>,
    /// Who may come across it.
    pub visibility: Visibility,
}

impl Content {
    /// Nothing written yet.
    pub fn empty() -> Self {
        Self {
            title: String::new(),
            summary: String::new(),
            body: String::new(),
            amount_minimum: None,
            amount_requested: None,
            currency: None,
            budget_lines: Vec::new(),
            duration_months: None,
            visibility: Visibility::Private,
        }
    }
}

/// An application, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: ApplicationId,
    /// The call that it answers.
    pub call_id: CallId,
    /// Who applies.
    pub applicant_id: PersonId,
    /// What they wrote.
    pub content: Content,
    /// Sum of the offers on it, in minor units.
    pub offered: i64,
    /// The same without those that wait for a second person.
    pub promised: i64,
    /// Where it stands.
    pub state: State,
    /// Why, as the applicant reads it.
    pub status_reason: Option<String>,
    /// The day by which a decision is promised.
    pub promised_on: Option<Date>,
    /// First handed in.
    pub submitted_at: Option<Instant>,
    /// Who handed it in last.
    pub submitted_by: Option<PersonId>,
    /// The regrantor who began it for the applicant.
    pub nominated_by: Option<PersonId>,
    /// Last opened to regrantors: at first, after an appeal, or back from changes.
    pub opened_at: Option<Instant>,
    /// Ended.
    pub decided_at: Option<Instant>,
    /// Counts edits.
    pub version: i32,
    /// Begun.
    pub created_at: Instant,
    /// Its grant is withheld: nobody sees it for being public.
    pub withheld: bool,
    /// Where the work is done, in the applicant's words.
    pub place: String,
    /// What it looks for besides money.
    pub looking_for: Vec<LookingFor>,
    /// Declined in its own call alone: it went on in its further calls.
    pub own_call_declined_at: Option<Instant>,
}

/// What other domains need to know of an application. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationFacts {
    /// Its id.
    pub id: ApplicationId,
    /// The call that it answers.
    pub call_id: CallId,
    /// Who applies.
    pub applicant_id: PersonId,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// The least that makes sense.
    pub amount_minimum: Option<i64>,
    /// What is asked for.
    pub amount_requested: Option<i64>,
    /// Sum of the offers on it.
    pub offered: i64,
    /// The same without those that wait for a second person.
    pub promised: i64,
    /// The one currency of all its amounts.
    pub currency: Option<Currency>,
    /// How long the work takes.
    pub duration_months: Option<i32>,
    /// Who may come across it.
    pub visibility: Visibility,
    /// The day by which a decision is promised.
    pub promised_on: Option<Date>,
    /// First handed in; absent for what nobody but the team has seen.
    pub submitted_at: Option<Instant>,
    /// Last opened to those who fund; stays, whatever becomes of it.
    pub opened_at: Option<Instant>,
    /// Begun.
    pub created_at: Instant,
    /// Who nominated it, if somebody did.
    pub nominated_by: Option<PersonId>,
    /// Counts edits.
    pub version: i32,
    /// Its grant is withheld: nobody sees it for being public.
    pub withheld: bool,
    /// Declined in its own call alone: it went on in its further calls.
    pub own_call_declined_at: Option<Instant>,
}

impl From<&Record> for ApplicationFacts {
    fn from(record: &Record) -> Self {
        let content = &record.content;
        Self {
            id: record.id,
            call_id: record.call_id,
            applicant_id: record.applicant_id,
            title: content.title.clone(),
            summary: content.summary.clone(),
            status: record.state.status(),
            amount_minimum: content.amount_minimum,
            amount_requested: content.amount_requested,
            offered: record.offered,
            promised: record.promised,
            currency: content.currency,
            duration_months: content.duration_months,
            visibility: content.visibility,
            promised_on: record.promised_on,
            submitted_at: record.submitted_at,
            opened_at: record.opened_at,
            created_at: record.created_at,
            nominated_by: record.nominated_by,
            version: record.version,
            withheld: record.withheld,
            own_call_declined_at: record.own_call_declined_at,
        }
    }
}

/// Somebody on a team, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// Its id.
    pub id: MemberId,
    /// Their account; absent until they have answered.
    pub person_id: Option<PersonId>,
    /// Where the invitation went.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they do.
    pub role: MemberRole,
    /// How they answered.
    pub consent: Consent,
    /// Hash of the invitation's token.
    pub token_hash: Option<Vec<u8>>,
    /// Invited.
    pub created_at: Instant,
    /// Answered, or was removed.
    pub decided_at: Option<Instant>,
}

/// Somebody, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Named {
    /// Their id.
    pub id: PersonId,
    /// As others see them.
    pub name: String,
}

/// A line of the budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BudgetLine {
    /// What it is for.
    pub label: String,
    /// How much.
    pub amount: Money,
}

/// An application in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ApplicationRow {
    /// Its id.
    pub id: ApplicationId,
    /// The call that it answers; not where that is private, for those who see it only because the
    /// application is public. Who does not read that this call alone declined it reads the first
    /// further call instead that they may see.
    pub call_id: Option<CallId>,
    /// Who applies; in lists not for who has not signed in: nobody gathers names from there.
    pub applicant: Option<Named>,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Where it stands.
    pub status: ApplicationStatus,
    /// The least that makes sense.
    pub amount_minimum: Option<Money>,
    /// What is asked for.
    pub amount_requested: Option<Money>,
    /// Sum of the offers on it; those that wait for a second person are in it for the sponsor's
    /// people alone, and for them where they have no stake in it.
    pub offered: Option<Money>,
    /// Who may come across it.
    pub visibility: Visibility,
    /// The day by which a decision is promised; of one that was declined in its own call alone, the
    /// first of those that its further calls promise.
    pub promised_on: Option<Date>,
    /// When it was declined in its own call alone, and went on in its further calls; shown to the
    /// team and to those who run the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_call_declined_at: Option<Instant>,
    /// When it was first handed in.
    pub submitted_at: Option<Instant>,
    /// When it was begun.
    pub created_at: Instant,
}

/// An application in full.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Application {
    /// What lists show of it.
    #[serde(flatten)]
    pub row: ApplicationRow,
    /// The case in full.
    pub body: String,
    /// What the money is for.
    pub budget_lines: Vec<BudgetLine>,
    /// How long the work takes.
    pub duration_months: Option<i32>,
    /// The version of its own call's form that its answers are written under, also where a further
    /// call is told as its `call_id`; 0: that call had none, or it is private and not told to
    /// whoever asks.
    pub form_version: i32,
    /// By the keys of the form's questions. Where everybody may see the application, strangers see
    /// the answers to public questions; of a private call, none.
    #[schema(value_type = Object)]
    pub answers: Answers,
    /// Answers that were filled in from the answer bank and wait for a yes, with where they came
    /// from; shown to the team.
    #[serde(skip_serializing_if = "Suggested::is_empty")]
    #[schema(value_type = Object)]
    pub suggested: Suggested,
    /// Why it stands where it stands; shown to the team and to those who run the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// Who handed it in last: the applicant, or who may do that for them.
    pub submitted_by: Option<Named>,
    /// The regrantor who began it for the applicant, if one did.
    pub nominated_by: Option<Named>,
    /// When it was last opened to regrantors: at first, after an appeal, or when it was handed in
    /// again after changes.
    pub opened_at: Option<Instant>,
    /// When it ended.
    pub decided_at: Option<Instant>,
    /// Where the work is done, in the applicant's words.
    pub place: String,
    /// What it looks for: somebody for the team, a mentor, and so on.
    pub looking_for: Vec<LookingFor>,
    /// Version, for ETags.
    pub version: i32,
}

/// Somebody on a team.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// Their account, once they have answered.
    pub person_id: Option<PersonId>,
    /// Their name.
    pub name: String,
    /// Their address; shown to the team and to admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What they do.
    pub role: MemberRole,
    /// How they answered.
    pub consent: Consent,
    /// When they were invited.
    pub invited_at: Instant,
    /// When they answered.
    pub answered_at: Option<Instant>,
}
