//! What is shown to everybody, and what is published of a grant.

use crate::applications::model::{ApplicationStatus, BudgetLine};
use crate::grants::model::GrantStatus;
use crate::kernel::ids::{ApplicationId, CallId, GrantId, PersonId};
use crate::kernel::money::Money;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Whether a grant is published.
    pub enum PublicationStatus {
        /// It is, with the fields that are named.
        Published = "published",
        /// It is not, not even without its words.
        Withheld = "withheld",
    }
}
text_enum! {
    /// What a recipient is.
    pub enum RecipientKind {
        /// A person: never named.
        Individual = "individual",
        /// An organisation: named.
        Organisation = "organisation",
    }
}
text_enum! {
    /// A field of a grant that may stay away. Id, currency, amount and day of the award may not: the
    /// standard wants them of whatever is published.
    pub enum PublishedField {
        /// Its title; a general one otherwise.
        Title = "title",
        /// Its summary; a general one otherwise.
        Description = "description",
        /// What was asked for.
        AmountAppliedFor = "amount_applied_for",
        /// What was paid.
        AmountDisbursed = "amount_disbursed",
        /// When it begins and ends.
        PlannedDates = "planned_dates",
        /// The call, where that is public.
        Programme = "programme",
    }
}

/// What is published of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Publication {
    /// Whether it is published.
    pub status: PublicationStatus,
    /// What the recipient is.
    pub recipient: RecipientKind,
    /// The organisation's name.
    pub organisation_name: Option<String>,
    /// The organisation's id in a register, as org-id.guide writes it.
    pub organisation_id: Option<String>,
    /// Which fields besides those that every published grant has.
    pub fields: Vec<PublishedField>,
    /// Who decided it; null where it is the rule of the house, or came with an import.
    pub decided_by: Option<PersonId>,
    /// When; null where it is the rule of the house.
    pub decided_at: Option<Instant>,
}

/// A decision on what is published of a grant.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicationForm {
    /// Whether it is published.
    pub status: PublicationStatus,
    /// What the recipient is; an individual where absent.
    #[serde(default)]
    pub recipient: Option<RecipientKind>,
    /// The organisation's name; an organisation needs it.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub organisation_name: Option<String>,
    /// The organisation's id in a register, such as `US-EIN-123456789` or `GB-CHC-123456`.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub organisation_id: Option<String>,
    /// Which fields are published; all where absent.
    #[serde(default)]
    pub fields: Option<Vec<PublishedField>>,
}

/// A call that a public page may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PublicCallRef {
    /// Its id.
    pub id: CallId,
    /// Its name.
    pub title: String,
}

/// A public application in a list: without names and long texts.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicApplicationRow {
    /// Its id.
    pub id: ApplicationId,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// `open` or `awarded`.
    pub status: ApplicationStatus,
    /// What is asked for.
    pub amount_requested: Money,
    /// The least that makes sense.
    pub amount_minimum: Money,
    /// What regrantors hold ready for it.
    pub offered: Money,
    /// What is missing to all that is asked for; nothing once it is awarded.
    pub missing: Money,
    /// What is missing to the least that makes sense.
    pub missing_to_minimum: Money,
    /// How long the work takes.
    pub duration_months: Option<i32>,
    /// The day since which it is public.
    pub opened_on: Option<Date>,
    /// The day by which a decision is promised.
    pub promised_on: Option<Date>,
    /// Its page.
    pub page: String,
}

/// A public application in full.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicApplication {
    /// What lists show.
    #[serde(flatten)]
    pub row: PublicApplicationRow,
    /// Who applies.
    pub applicant: String,
    /// The case in full.
    pub body: String,
    /// What the money is for.
    pub budget_lines: Vec<BudgetLine>,
    /// The call that it answers, where that is public.
    pub call: Option<PublicCallRef>,
    /// The grant that it became, where that is public.
    pub grant_id: Option<GrantId>,
}

/// A public grant in a list: without names.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicGrantRow {
    /// Its id.
    pub id: GrantId,
    /// The application that it was.
    pub application_id: ApplicationId,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Where it stands.
    pub status: GrantStatus,
    /// What was awarded.
    pub amount_awarded: Money,
    /// The day of the award.
    pub awarded_on: Date,
    /// When it is to end.
    pub ends_on: Option<Date>,
    /// Its page.
    pub page: String,
}

/// A public grant in full.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicGrant {
    /// What lists show.
    #[serde(flatten)]
    pub row: PublicGrantRow,
    /// Who receives it.
    pub recipient: String,
    /// What was paid so far.
    pub paid: Money,
    /// The call that it came from, where that is public.
    pub call: Option<PublicCallRef>,
}

/// An entry of a feed.
#[derive(Debug, Clone)]
pub struct FeedEntry {
    /// Stays the same for good.
    pub id: uuid::Uuid,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Its page.
    pub page: String,
    /// When it became public.
    pub published: Instant,
    /// When it last changed in a way that matters.
    pub updated: Instant,
}

/// A feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// What it holds.
    pub title: String,
    /// Its own address.
    pub address: String,
    /// The newest first.
    pub entries: Vec<FeedEntry>,
}
