//! Second factors: how long things last, and who may do without.

use super::not_oneself;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::people::model::Person;

/// Seconds for which a right password waits for the factor.
pub const CHALLENGE_SECONDS: i64 = 300;
/// Codes that may be tried for one right password.
pub const CHALLENGE_TRIES: i32 = 5;
/// Seconds within which wrong codes add up to what their person is told of.
pub const WARN_SECONDS: i64 = 3600;
/// Seconds within which a new factor has to be confirmed.
pub const PENDING_SECONDS: i64 = 900;

/// Whether this person may do without a factor, in a deployment where it is `required` or not.
///
/// # Errors
/// A factor is required, if one of their roles needs it.
pub fn remove_factor(person: &Person, required: bool) -> Result<()> {
    match person.roles.iter().find(|role| required && role.needs_factor()) {
        None => Ok(()),
        Some(role) => {
            let detail = format!(
                "The role {} needs a second factor: replace yours instead of removing it.",
                role.as_str()
            );
            Err(Problem::new(Kind::FactorRequired, detail))
        }
    }
}

/// Whether `actor` may reset this person's factor.
///
/// # Errors
/// Nobody resets their own.
pub fn reset_factor(actor: Option<PersonId>, person: &Person) -> Result<()> {
    not_oneself(actor, person, "reset your own second factor")
}

/// Whether one of their roles needs a factor.
pub fn needs_factor(person: &Person) -> bool {
    person.roles.iter().any(Role::needs_factor)
}
