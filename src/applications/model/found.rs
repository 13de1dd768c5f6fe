//! Conflicts of interest that nobody declared, and what an admin found of them.

use super::Named;
use crate::kernel::ids::{ApplicationId, ConflictExceptionId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use serde::{Deserialize, Serialize};

crate::text_enum! {
    /// What somebody and a person on an application have in common.
    pub enum Ground {
        /// E-mail addresses of one organisation; those of public providers do not count.
        EmailDomain = "email_domain",
        /// A bank account that both of them gave at some time.
        BankAccount = "bank_account",
    }
}

impl Ground {
    /// In words, as in “they have …”.
    const fn words(self) -> &'static str {
        match self {
            Ground::EmailDomain => "e-mail addresses of the same organisation",
            Ground::BankAccount => "the same bank account",
        }
    }
}

/// The refusal of what was found; `who` begins the sentence, as “You and somebody on …”.
pub fn found_conflict(who: &str, found: &[Ground]) -> Problem {
    let words: Vec<&str> = found.iter().map(|ground| ground.words()).collect();
    let detail = format!("{who} have {}: an admin has to look at it.", words.join(" and "));
    Problem::new(Kind::ConflictFound, detail)
}

/// Says why what was found is no conflict.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictExceptionForm {
    /// Who may fund the application although it was found.
    pub person_id: PersonId,
    // What was found. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub ground: Ground,
    /// Why it is none, in up to 5,000 characters.
    pub reason: String,
}

/// What was found, looked at, and is no conflict.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ConflictException {
    /// Its id.
    pub id: ConflictExceptionId,
    /// The application.
    pub application_id: ApplicationId,
    /// Who may fund it all the same.
    pub person: Named,
    // What was found. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub ground: Ground,
    /// Why it is none.
    pub reason: String,
    /// Who decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: Instant,
}
