//! Declines: the reason that is read, and what can be done about it.

use super::{ApplicationStatus, Named};
use crate::calls::model::Appeals;
use crate::kernel::ids::{AppealId, ApplicationId, CallId, DeclineId, DeclineTemplateId, PersonId};
use crate::kernel::patch::Patch;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What came of an appeal.
    pub enum AppealOutcome {
        /// The decision stands.
        Upheld = "upheld",
        /// The application is looked at again.
        Reopened = "reopened",
        /// Its applicant took it back, and nobody answered.
        Withdrawn = "withdrawn",
        /// The application came to an end meanwhile, and nobody answered.
        Ended = "ended",
    }
}

text_enum! {
    /// What whoever answers an appeal can say.
    pub enum AppealVerdict {
        /// The decision stands.
        Upheld = "upheld",
        /// The application is looked at again.
        Reopened = "reopened",
    }
}

impl From<AppealVerdict> for AppealOutcome {
    fn from(verdict: AppealVerdict) -> Self {
        match verdict {
            AppealVerdict::Upheld => Self::Upheld,
            AppealVerdict::Reopened => Self::Reopened,
        }
    }
}

text_enum! {
    /// Where an appeal stands.
    pub enum AppealStatus {
        /// Nobody has answered yet.
        Waiting = "waiting",
        /// It was answered, taken back, or ended with its application.
        Answered = "answered",
    }
}

/// Says no.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineForm {
    /// The reason, exactly as the applicant reads it, in up to 5,000 characters. Where it began as
    /// a template, nothing in `{{…}}` may be left of it.
    pub reason: String,
    /// What could help them, in up to 5,000 characters.
    #[serde(default)]
    pub advice: Option<String>,
    /// The template that the reason began as.
    #[serde(default)]
    pub template_id: Option<DeclineTemplateId>,
    /// Where it was handed in to further calls as well: that it is declined in all of them. Without
    /// it or `own_call` such an application is not declined, but answered with 409 and the names of
    /// these calls.
    #[serde(default)]
    pub all_calls: bool,
    /// Where it was handed in to further calls as well: that it is declined in its own call alone,
    /// and goes on in these. Where it is in none of them any more, it ends.
    #[serde(default)]
    pub own_call: bool,
}

/// Says no in one further call.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineRouteForm {
    /// The reason, exactly as the applicant reads it, in up to 5,000 characters. Where it began as
    /// a template, nothing in `{{…}}` may be left of it.
    pub reason: String,
    /// What could help them, in up to 5,000 characters; it goes to them by mail.
    #[serde(default)]
    pub advice: Option<String>,
    /// The template that the reason began as.
    #[serde(default)]
    pub template_id: Option<DeclineTemplateId>,
}

/// What somebody can do who was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remedy {
    /// What it is.
    pub appeals: Appeals,
    /// The last day for it.
    pub until: Date,
}

/// A decline, as kept.
#[derive(Debug, Clone)]
pub struct DeclineRecord {
    /// Its id.
    pub id: DeclineId,
    /// Who declined; absent for imports.
    pub declined_by: Option<PersonId>,
    /// As the applicant reads it.
    pub reason: String,
    /// What could help them.
    pub advice: Option<String>,
    /// The template that it began as.
    pub template_id: Option<DeclineTemplateId>,
    /// When.
    pub declined_at: Instant,
    /// What the applicant was told that they can do about it.
    pub promised: Option<Remedy>,
    /// The further call that declined; none where the application was declined, or its own call
    /// did.
    pub call_id: Option<CallId>,
}

/// An appeal, as kept.
#[derive(Debug, Clone)]
pub struct AppealRecord {
    /// Its id.
    pub id: AppealId,
    /// The application.
    pub application_id: ApplicationId,
    /// Why the decision should be looked at again.
    pub text: String,
    /// When it came in.
    pub appealed_at: Instant,
    /// What came of it.
    pub outcome: Option<AppealOutcome>,
    /// Why, as the applicant reads it; none where nobody answered.
    pub answer: Option<String>,
    /// Who answered, or took it back; none where it ended with its application.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<Instant>,
    /// The day by which an answer is promised.
    pub promised_on: Option<Date>,
    /// When somebody is reminded, or another day promised.
    pub due_on: Option<Date>,
    /// The further call whose decline it is about; none for that of the application.
    pub call_id: Option<CallId>,
}

/// An appeal, as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Appeal {
    /// Its id.
    pub id: AppealId,
    /// The application.
    pub application_id: ApplicationId,
    /// Why the decision should be looked at again.
    pub text: String,
    /// When it came in.
    pub appealed_at: Instant,
    /// What came of it; absent while nobody has answered.
    pub outcome: Option<AppealOutcome>,
    /// Why; absent where nobody answered, too.
    pub answer: Option<String>,
    /// When it was answered, taken back, or ended with its application.
    pub decided_at: Option<Instant>,
    /// The day by which an answer is promised.
    pub promised_on: Option<Date>,
    /// The further call whose decline it is about; absent for that of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
}

impl From<AppealRecord> for Appeal {
    fn from(record: AppealRecord) -> Self {
        let AppealRecord { id, application_id, text, appealed_at, outcome, .. } = record;
        let (answer, decided_at) = (record.answer, record.decided_at);
        let (promised_on, call_id) = (record.promised_on, record.call_id);
        Self {
            id,
            application_id,
            text,
            appealed_at,
            outcome,
            answer,
            decided_at,
            promised_on,
            call_id,
        }
    }
}

/// How an application was declined, and what can be done about it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeclinedView {
    /// The application.
    pub application_id: ApplicationId,
    /// The further call that declined; absent where the application was, or its own call did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
    /// Where the application stands now.
    pub status: ApplicationStatus,
    /// The reason.
    pub reason: String,
    /// What could help.
    pub advice: Option<String>,
    /// When it was declined.
    pub declined_at: Instant,
    /// Who declined; shown to those who run the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declined_by: Option<Named>,
    /// What can be done about it now.
    pub remedy: Appeals,
    /// Until which day.
    pub remedy_until: Option<Date>,
    /// The appeal, if there was one.
    pub appeal: Option<Appeal>,
    /// The application that was made of it, if one was.
    pub resubmitted_as: Option<ApplicationId>,
}

/// Asks that another person looks at a decline.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealForm {
    /// Why, in up to 5,000 characters.
    pub text: String,
    /// The further call that declined; absent for the application, or its own call.
    #[serde(default)]
    pub call_id: Option<CallId>,
}

/// Takes an appeal back.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawAppealForm {
    /// The further call whose decline it is about; absent for that of the application.
    #[serde(default)]
    pub call_id: Option<CallId>,
}

/// Answers an appeal.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealAnswer {
    // What comes of it. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub outcome: AppealVerdict,
    /// Why, for the applicant to read, in up to 5,000 characters.
    pub reason: String,
    /// The further call whose decline it is about; absent for that of the application.
    #[serde(default)]
    pub call_id: Option<CallId>,
}

/// A text that reasons begin as, as kept.
#[derive(Debug, Clone)]
pub struct TemplateRecord {
    /// Its id.
    pub id: DeclineTemplateId,
    /// Its name.
    pub name: String,
    /// The text.
    pub body: String,
    /// Since when nobody should use it any more.
    pub retired_at: Option<Instant>,
    /// Counts edits.
    pub version: i32,
    /// Made.
    pub created_at: Instant,
}

/// A text that reasons begin as: whoever declines edits it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeclineTemplate {
    /// Its id.
    pub id: DeclineTemplateId,
    /// Its name.
    pub name: String,
    /// The text; what stands in `{{…}}` has to be replaced before it is sent.
    pub body: String,
    /// Whether nobody should use it any more.
    pub retired: bool,
    /// Version, for ETags.
    pub version: i32,
    /// When it was made.
    pub created_at: Instant,
}

impl From<TemplateRecord> for DeclineTemplate {
    fn from(record: TemplateRecord) -> Self {
        let TemplateRecord { id, name, body, retired_at, version, created_at } = record;
        Self { id, name, body, retired: retired_at.is_some(), version, created_at }
    }
}

/// A new text that reasons begin as.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDeclineTemplate {
    /// Its name, up to 200 characters.
    pub name: String,
    /// The text, in up to 5,000 characters.
    pub body: String,
}

/// Changes to it: an absent field is left.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditDeclineTemplate {
    /// Its name, up to 200 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub name: Patch<String>,
    /// The text, in up to 5,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub body: Patch<String>,
    /// Whether nobody should use it any more.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub retired: Patch<bool>,
}
