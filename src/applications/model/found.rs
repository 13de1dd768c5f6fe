//! Conflicts of interest: those that were declared, those that nobody declared, and what an admin
//! found of both.

use super::Named;
use crate::kernel::ids::{ApplicationId, ConflictExceptionId, ConflictId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use serde::{Deserialize, Serialize};

crate::text_enum! {
    /// What somebody and a person on an application have in common, or what they said themselves.
    pub enum Ground {
        /// E-mail addresses of one organisation; those of public providers do not count.
        EmailDomain = "email_domain",
        /// A bank account that both of them gave at some time.
        BankAccount = "bank_account",
        /// A conflict that they declared: it is lifted. It is never among what was found.
        Declared = "declared",
    }
}

impl Ground {
    /// In words, as in “they have …”.
    const fn words(self) -> &'static str {
        match self {
            Ground::EmailDomain => "e-mail addresses of the same organisation",
            Ground::BankAccount => "the same bank account",
            Ground::Declared => "a conflict that was declared",
        }
    }
}

/// The refusal of what was found; `who` begins the sentence, as “You and somebody on …”.
pub fn found_conflict(who: &str, found: &[Ground]) -> Problem {
    let words: Vec<&str> = found.iter().map(|ground| ground.words()).collect();
    let detail = format!("{who} have {}: an admin has to look at it.", words.join(" and "));
    Problem::new(Kind::ConflictFound, detail)
}

/// A declared conflict of interest.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Conflict {
    /// Its id.
    pub id: ConflictId,
    /// The application.
    pub application_id: ApplicationId,
    /// Who declared it.
    pub person: Named,
    /// Why they keep out.
    pub reason: String,
    /// When.
    pub declared_at: Instant,
    /// When it was lifted; null while it holds.
    pub lifted_at: Option<Instant>,
    /// The admin who lifted it.
    pub lifted_by: Option<PersonId>,
    /// Why it was lifted.
    pub lifted_reason: Option<String>,
}

/// Says why what was found or declared is no conflict.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictExceptionForm {
    /// Who may fund the application although it was found, or they declared it.
    pub person_id: PersonId,
    // What was found or declared. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub ground: Ground,
    /// Why it is none, in up to 5,000 characters.
    pub reason: String,
}

/// What was found or declared, looked at, and is no conflict.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ConflictException {
    /// Its id.
    pub id: ConflictExceptionId,
    /// The application.
    pub application_id: ApplicationId,
    /// Who may fund it all the same.
    pub person: Named,
    // What was found or declared. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub ground: Ground,
    /// Why it is none.
    pub reason: String,
    /// Who decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: Instant,
}
