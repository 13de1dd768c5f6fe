//! What is shown to everybody, and what is published of a grant.

mod feeds;

pub use feeds::{Feed, FeedEntry};

use crate::agendas::model::LookingFor;
use crate::answers::model::Answered;
use crate::applications::model::{ApplicationStatus, BudgetLine};
use crate::funds::model::Earmark;
use crate::grants::model::GrantStatus;
use crate::kernel::ids::{
    AnnouncementId, ApplicationId, BudgetId, CallId, ContributionId, FundId, GrantId, PersonId,
};
use crate::kernel::money::{Money, MoneyText};
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use crate::vouches::model::{Scope, Strength};
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
    /// A field of a grant that may stay away. Id, currency, amount and day of the award may not:
    /// the standard wants them of whatever is published.
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
    /// Version, for ETags; 0 where it is the rule of the house.
    pub version: i32,
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

/// The picture that is shown beside links to public pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PublicImage {
    /// Its address, which begins with https://.
    pub url: String,
    /// What is to be seen, for who does not see it.
    pub alt: String,
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
    /// The day by which a decision is promised; none once it is decided.
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
    /// The call that it answers, where that is public; where that has declined it alone, the first
    /// further call that it is in and that is public.
    pub call: Option<PublicCallRef>,
    /// The grant that it became, where that is public.
    pub grant_id: Option<GrantId>,
    /// That grant is no award any more.
    #[serde(skip)]
    pub(super) cancelled: bool,
    /// The picture for links to its page, where the service has one.
    pub image: Option<PublicImage>,
    /// What the public gives for it.
    pub contributions: PublicContributions,
    /// Where the work is done; empty where that is not said.
    pub place: String,
    /// Titles of the directions that it is about.
    pub agendas: Vec<String>,
    /// Who is looked for.
    pub looking_for: Vec<LookingFor>,
    /// What was answered to the public questions of its call; no files.
    pub answers: Vec<Answered>,
    /// What people have signed for everybody to read, newest first, up to 20.
    pub vouches: Vec<PublicVouch>,
}

/// What somebody vouches for, in public and by name.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicVouch {
    /// Who vouches, by the name that they signed with.
    pub voucher: String,
    /// For what.
    pub scopes: Vec<Scope>,
    /// How strongly.
    pub strength: Strength,
    /// How they know the applicant.
    pub how_known: String,
    /// In their own words.
    pub statement: String,
    /// Which conflicts of interest they have; empty: none.
    pub conflicts: String,
    /// The day on which it was signed.
    pub signed_on: Date,
}

/// What the public gives for an application.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicContributions {
    /// What arrived for it, before fees.
    pub received: Money,
    /// What is left of that after fees and is held for it, but for what was offered to it since:
    /// that is in `offered`; and for what its fund may spend in none of its calls any more.
    pub held: Money,
    /// How many contributions that were.
    pub count: i64,
    /// Whether one can be announced now.
    pub open: bool,
    /// The most that can be announced now: what is neither promised nor held for it already, nor
    /// waits for it to come back into a call of its fund.
    pub most: Money,
    /// What becomes of the money, also where the application is not granted.
    pub terms: Vec<String>,
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
    /// When it is to end, where that is published.
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
    /// What was paid so far, where that is published.
    pub paid: Option<Money>,
    /// The call that it came from, where that is public and published.
    pub call: Option<PublicCallRef>,
    /// The picture for links to its page, where the service has one.
    pub image: Option<PublicImage>,
}

text_enum! {
    /// Where an announcement stands: `announced → received | expired`, `expired → received`.
    pub enum AnnouncementStatus {
        /// The money may come.
        Announced = "announced",
        /// It came.
        Received = "received",
        /// It did not come in time; who announced it is forgotten.
        Expired = "expired",
    }
}

/// What somebody wants to give for an application.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnounceForm {
    /// How much, in the application's currency; no more than its `contributions.most`.
    pub amount: MoneyText,
    /// Their name, for the sponsor alone; leave it out to give without one.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Where to send how to pay.
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// A word to the sponsor; it is not published.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub message: Option<String>,
}

/// How to give what was announced.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Announced {
    /// To be written on the payment.
    pub reference: String,
    /// How much.
    pub amount: Money,
    /// The fund that takes it.
    pub fund: String,
    /// Where to pay.
    pub how_to_pay: String,
    /// The day on which the announcement is forgotten if nothing came.
    pub expires_on: Date,
    /// What becomes of the money, also where the application is not granted.
    pub terms: Vec<String>,
}

/// An announcement in a list: where the giver is reached, its own page tells.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AnnouncementRow {
    /// Its id.
    pub id: AnnouncementId,
    /// What it is for.
    pub application_id: ApplicationId,
    /// The fund that takes it.
    pub fund_id: FundId,
    /// How much was announced.
    pub amount: Money,
    /// The giver's name, if they told it.
    pub giver_name: Option<String>,
    /// Their word to the sponsor.
    pub message: String,
    /// What stands on the payment.
    pub reference: String,
    /// Where it stands.
    pub status: AnnouncementStatus,
    /// The contribution that it became.
    pub contribution_id: Option<ContributionId>,
    /// When it is forgotten.
    pub expires_at: Instant,
    /// When it was made.
    pub created_at: Instant,
    /// The sponsor's fee that the giver was told, in hundredths of a percent.
    #[serde(skip)]
    pub(super) fee_basis_points: Option<i32>,
}

/// An announcement, as finance sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Announcement {
    /// What lists show.
    #[serde(flatten)]
    pub row: AnnouncementRow,
    /// The giver's address; forgotten once it has expired.
    pub email: Option<String>,
}

/// Money that was announced, and has arrived.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiveForm {
    /// What came, whatever was announced.
    pub amount: MoneyText,
    /// The bank's day for it; not in the future.
    pub received_on: Date,
    /// The bank's reference; the announcement's where absent.
    #[serde(default)]
    #[schema(max_length = 140)]
    pub reference: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Received {
    /// The contribution.
    pub contribution_id: ContributionId,
    /// What is held for the application; null where the fee took all.
    pub earmark: Option<Earmark>,
}

/// To offer earmarked money on its application.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferEarmark {
    /// A budget of the fund that has the money; one that you hold.
    pub budget_id: BudgetId,
    /// What you ask for in return; shown to the applicant.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub conditions: Option<String>,
}

/// To give earmarked money another use.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReassignForm {
    /// Why, and what for.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}
