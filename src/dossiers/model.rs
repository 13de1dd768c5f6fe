//! The document, as it is written and as it is read. All texts are plain.

use crate::agendas::model::LookingFor;
use crate::applications::model::Application;
use crate::calls::model::Visibility;
use crate::kernel::ids::CallId;
use crate::kernel::money::MoneyText;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What names the form of the document.
pub const FORMAT: &str = "almoner-application";
/// The version that is written out: the first with `place` and `looking_for`.
pub const VERSION: i32 = 2;
/// The oldest that is read.
pub const OLDEST: i32 = 1;

/// An application in one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// `almoner-application`.
    pub format: String,
    /// Of the form: 2; 1 is read as well.
    pub version: i32,
    /// When it was written out.
    #[serde(default)]
    pub exported_at: String,
    /// What the applicant wrote.
    pub application: Written,
    /// The call's questions that were answered, in their order, the eligibility quiz first.
    #[serde(default)]
    pub answers: Vec<Answered>,
    /// Where it stands.
    #[serde(default)]
    pub standing: Standing,
    /// Who is on the team, and how they answered.
    #[serde(default)]
    pub team: Vec<Teammate>,
    /// The files that hang on it, without their contents.
    #[serde(default)]
    pub files: Vec<Filed>,
    /// Further calls that it was routed to.
    #[serde(default)]
    pub further_calls: Vec<Further>,
    /// What was said on it, as far as the team may read it; the first first.
    #[serde(default)]
    pub comments: Vec<Said>,
    /// Public vouches.
    #[serde(default)]
    pub vouches: Vec<Vouched>,
}

/// What the applicant wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Its name.
    pub title: String,
    /// What it is about.
    #[serde(default)]
    pub summary: String,
    /// The case in full.
    #[serde(default)]
    pub body: String,
    /// The least that makes sense.
    #[serde(default)]
    pub amount_minimum: Option<MoneyText>,
    /// What is asked for.
    #[serde(default)]
    pub amount_requested: Option<MoneyText>,
    /// What it is for.
    #[serde(default)]
    pub budget_lines: Vec<BudgetLine>,
    /// How long the work takes.
    #[serde(default)]
    pub duration_months: Option<i32>,
    /// Who may come across it.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// The directions that it names, by their titles.
    #[serde(default)]
    pub agendas: Vec<String>,
    /// Where the work is done; since version 2.
    #[serde(default)]
    pub place: String,
    /// What it looks for; since version 2.
    #[serde(default)]
    pub looking_for: Vec<LookingFor>,
}

/// A line of the budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DossierBudgetLine)]
pub struct BudgetLine {
    /// What it is for.
    pub label: String,
    /// How much.
    pub amount: MoneyText,
}

/// An answer, with what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DossierAnswer)]
pub struct Answered {
    /// The key of the question.
    pub key: String,
    /// What was asked.
    #[serde(default)]
    pub label: String,
    /// The kind of the question, or `eligibility` for one of the quiz.
    pub kind: String,
    /// Under which name it is reused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse_key: Option<String>,
    /// As the service keeps it; a file by the name that it has under `files`.
    #[schema(value_type = Object)]
    pub answer: Value,
    /// As people read it: options by their labels.
    #[serde(default)]
    pub text: String,
}

/// Where it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Its id where it comes from.
    #[serde(default)]
    pub id: String,
    /// The name of its call.
    #[serde(default)]
    pub call: String,
    /// Who applies.
    #[serde(default)]
    pub applicant: String,
    /// `draft`, `submitted`, `open`…
    #[serde(default)]
    pub status: String,
    /// Why it stands there.
    #[serde(default)]
    pub reason: Option<String>,
    /// When it was first handed in.
    #[serde(default)]
    pub submitted_at: Option<String>,
    /// The day by which a decision is promised.
    #[serde(default)]
    pub promised_on: Option<String>,
    /// When it ended.
    #[serde(default)]
    pub decided_at: Option<String>,
    /// What the offers on it come to.
    #[serde(default)]
    pub offered: Option<MoneyText>,
}

/// Somebody on the team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Teammate {
    /// Their name.
    pub name: String,
    /// `lead`, `member`, `mentor` or `operations`.
    pub role: String,
    /// `invited`, `accepted` or `declined`.
    pub consent: String,
}

/// A file that hangs on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filed {
    /// Its name.
    pub name: String,
    /// What it is.
    pub content_type: String,
    /// How long it is.
    pub bytes: i64,
    /// Of its content, 64 hexadecimal digits.
    pub sha256: String,
}

/// A further call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Further {
    /// Its name.
    pub call: String,
    /// Where the application stands there.
    pub status: String,
    /// The day by which a decision is promised there.
    #[serde(default)]
    pub promised_on: Option<String>,
    /// The answers there.
    #[serde(default)]
    pub answers: Vec<Answered>,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Who.
    pub author: String,
    /// When.
    pub said_at: String,
    /// `public` or `applicant_and_funders`.
    pub visibility: String,
    /// The text.
    pub body: String,
}

/// A public vouch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Vouched {
    /// By whom.
    pub voucher: String,
    /// When it was signed.
    pub signed_at: String,
    /// For what: `competence`, `integrity`, `idea`.
    pub scopes: Vec<String>,
    /// How strong it is.
    pub strength: String,
    /// How they know the applicant.
    pub how_known: String,
    /// What they say.
    pub statement: String,
}

/// A document to bring in, and where to.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportApplication {
    /// The call to apply in.
    pub call_id: CallId,
    /// What was written out, here or elsewhere.
    pub document: Dossier,
}

/// Something that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NotTaken {
    /// JSON pointer into the request.
    pub pointer: String,
    /// Why, and what can be done.
    pub reason: String,
}

/// The draft that was made.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Imported {
    /// The draft.
    pub application: Application,
    /// What of the document is not in it.
    pub not_taken_over: Vec<NotTaken>,
}
