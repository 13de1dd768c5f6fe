//! A vouch, and the question for one.

use crate::applications::model::Named;
use crate::calls::model::Visibility;
use crate::kernel::ids::{ApplicationId, PersonId, VouchId, VouchRequestId};
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What somebody vouches for.
    pub enum Scope {
        /// They can do it.
        Competence = "competence",
        /// They can be trusted.
        Integrity = "integrity",
        /// It is worth doing.
        Idea = "idea",
    }
}

text_enum! {
    /// How strongly.
    pub enum Strength {
        /// Would be glad to see it funded.
        Positive = "positive",
        /// Among the best that they know.
        Strong = "strong",
        /// As seen once in many years.
        Exceptional = "exceptional",
    }
}

text_enum! {
    /// Whether a vouch stands.
    pub enum VouchStatus {
        /// It stands.
        Signed = "signed",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What became of a question for a vouch.
    pub enum RequestStatus {
        /// Waits for an answer.
        Open = "open",
        /// They vouched.
        Signed = "signed",
        /// They did not.
        Declined = "declined",
        /// Who asked took it back.
        Withdrawn = "withdrawn",
    }
}

/// A vouch, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: VouchId,
    /// What it is for.
    pub application_id: ApplicationId,
    /// Who vouches.
    pub voucher_id: PersonId,
    /// The question that it answers.
    pub request_id: Option<VouchRequestId>,
    /// What was signed.
    pub said: Said,
    /// Whether it stands.
    pub status: VouchStatus,
    /// Why it does not.
    pub withdraw_reason: Option<String>,
    /// Signed.
    pub signed_at: Instant,
    /// Withdrawn.
    pub withdrawn_at: Option<Instant>,
}

/// What somebody signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Under which name.
    pub name: String,
    /// For what, each once.
    pub scopes: Vec<Scope>,
    /// How strongly.
    pub strength: Strength,
    /// How they know the applicant.
    pub how_known: String,
    /// In their own words.
    pub statement: String,
    /// Which conflicts they have; empty: none.
    pub conflicts: String,
    /// Who reads it.
    pub visibility: Visibility,
}

/// A question for a vouch, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: VouchRequestId,
    /// What it is about.
    pub application_id: ApplicationId,
    /// Who asks.
    pub requested_by: PersonId,
    /// Who is asked: where the mail went.
    pub email: String,
    /// By name.
    pub name: String,
    /// What the applicant wrote.
    pub message: String,
    /// What became of it.
    pub status: RequestStatus,
    /// What shows that the mail was read; none once it was answered or taken back.
    pub token_hash: Option<Vec<u8>>,
    /// Asked.
    pub created_at: Instant,
    /// When the applicant's mail with the question went last.
    pub sent_at: Instant,
    /// Answered, or taken back.
    pub answered_at: Option<Instant>,
}

/// A vouch.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Vouch {
    /// Its id.
    pub id: VouchId,
    /// What it is for.
    pub application_id: ApplicationId,
    /// Who vouches, by the name that they signed with.
    pub voucher: Named,
    /// Whether the applicant asked for it.
    pub requested: bool,
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
    /// Who reads it: everybody who may see the application, or only those who fund and decide.
    pub visibility: Visibility,
    /// Whether it stands.
    pub status: VouchStatus,
    /// Why it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdraw_reason: Option<String>,
    /// When it was signed.
    pub signed_at: Instant,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Instant>,
}

/// A question for a vouch.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct VouchRequest {
    /// Its id.
    pub id: VouchRequestId,
    /// What it is about.
    pub application_id: ApplicationId,
    /// The application's name; to who is asked as it was handed in, and not once they declined or
    /// it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about, in short; to who is asked only while they have not answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Who asks.
    pub applicant: Named,
    /// Who is asked, by name.
    pub name: String,
    /// Where the mail went; shown to who asks and to who is asked.
    pub email: String,
    /// What the applicant wrote.
    pub message: String,
    /// What became of it.
    pub status: RequestStatus,
    /// When it was asked.
    pub created_at: Instant,
    /// When it was answered, or taken back.
    pub answered_at: Option<Instant>,
}

/// What somebody signs, as sent.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignVouch {
    /// For what: one to three.
    pub scopes: Vec<Scope>,
    // How strongly. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub strength: Strength,
    /// How you know the applicant, in up to 2,000 characters.
    pub how_known: String,
    /// In your own words, in up to 10,000 characters.
    #[serde(default)]
    pub statement: String,
    /// Conflicts of interest that you have, in up to 2,000 characters; absent: none.
    #[serde(default)]
    pub conflicts: Option<String>,
    /// Who reads it; private where absent.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// The token of the mail that asked for it; needed only where the account has another address
    /// than the one that was asked.
    #[serde(default)]
    pub token: Option<String>,
}

/// Says no to a question for a vouch.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineVouch {
    /// The token of the mail that asked for it; needed only where the account has another address
    /// than the one that was asked.
    #[serde(default)]
    pub token: Option<String>,
}

/// Whom to ask for a vouch.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestVouch {
    /// Where the mail goes. They need an account to answer; it can have another address.
    pub email: String,
    /// Their name, up to 200 characters.
    pub name: String,
    /// What you want to tell them, in up to 2,000 characters.
    #[serde(default)]
    pub message: String,
}

/// Why.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VouchReason {
    /// In up to 2,000 characters.
    pub reason: String,
}
