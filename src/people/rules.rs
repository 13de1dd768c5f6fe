//! Who gets in, who may change whom, what a token may reach.

mod factor;

pub use factor::*;

use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::people::model::{EndReason, IMPORTED, Person, PersonStatus, RefreshToken, Session};

/// Live personal access tokens that one person may have.
pub const MAX_ACCESS_TOKENS: i64 = 50;
/// Longest life of a personal access token, in days.
pub const MAX_TOKEN_DAYS: i64 = 366;

/// Whether a login succeeds. Only who knows the password learns why it does not.
///
/// # Errors
/// The same words for an unknown address and a wrong password.
pub fn login(person: Option<&Person>, password_fits: bool) -> Result<&Person> {
    let refuse = |detail: &str| Problem::new(Kind::LoginFailed, detail);
    let person = person.filter(|_| password_fits);
    let person = person.ok_or_else(|| refuse("Address and password do not match an account."))?;
    match person.status {
        PersonStatus::Active => Ok(person),
        PersonStatus::Unconfirmed => Err(refuse(
            "Confirm your e-mail address first, by the link that was mailed to you; register \
             again to get another link.",
        )),
        PersonStatus::Suspended => Err(refuse("This account is suspended; ask an admin.")),
    }
}

/// Whether a link may confirm its address.
///
/// # Errors
/// Login failed, unless the password is the one chosen at registration.
pub fn confirming(password_fits: bool) -> Result<()> {
    if password_fits {
        return Ok(());
    }
    let detail = "This is not the password that was chosen at registration. If it was not you who \
                  registered, register yourself.";
    Err(Problem::new(Kind::LoginFailed, detail))
}

/// What to do with a refresh token that was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// Give new tokens for it.
    Rotate,
    /// It was used before: end the session.
    EndFamily,
    /// It is no good; nothing changes.
    Refuse(&'static str),
}

/// What to do with a refresh token, `oldest` being the earliest login whose session may go on.
pub fn refresh(
    token: &RefreshToken,
    session: &Session,
    status: PersonStatus,
    now: Instant,
    oldest: Instant,
) -> Refresh {
    if let Some((_, reason)) = session.ended {
        return Refresh::Refuse(reason.explain());
    }
    if token.used_at.is_some() {
        return Refresh::EndFamily;
    }
    if now >= token.expires_at || session.created_at < oldest {
        return Refresh::Refuse("This session has expired; log in again.");
    }
    if status != PersonStatus::Active {
        return Refresh::Refuse(EndReason::Suspended.explain());
    }
    Refresh::Rotate
}

/// Whether `actor` may change this person's role; `None` is the service itself. True if there is
/// anything to change.
///
/// # Errors
/// Nobody changes their own; only active people get roles.
pub fn change_role(
    actor: Option<PersonId>,
    person: &Person,
    role: Role,
    granted: bool,
) -> Result<bool> {
    not_oneself(actor, person, "change your own roles")?;
    if granted && person.status != PersonStatus::Active {
        let status = person.status;
        return Err(Problem::wrong_state(format!(
            "This person is {status}; only active people get roles."
        )));
    }
    Ok(person.roles.has(role) != granted)
}

/// Whether `actor` may suspend this person.
///
/// # Errors
/// Nobody suspends themselves; who is suspended already cannot be again.
pub fn suspend(actor: Option<PersonId>, person: &Person) -> Result<()> {
    not_oneself(actor, person, "suspend yourself")?;
    if person.status == PersonStatus::Suspended {
        return Err(Problem::wrong_state("This person is suspended already."));
    }
    Ok(())
}

/// Whether this person may be taken from the active admins, who are given: another one has to stay
/// who can log in, as nobody can whom an import made.
///
/// # Errors
/// Wrong state for the last one.
pub fn leaves_an_admin(person: &Person, admins: &[Person]) -> Result<()> {
    let mut real = admins.iter().filter(|admin| !admin.email.ends_with(IMPORTED));
    if real.next().is_some_and(|admin| admin.id == person.id) && real.next().is_none() {
        let detail = format!(
            "{} is the only admin: first make another one (almoner admin create, or grant-role).",
            person.email
        );
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

/// Whether `actor` may reactivate this person, and what they then are.
///
/// # Errors
/// Only who is suspended can be reactivated.
pub fn reactivate(actor: Option<PersonId>, person: &Person) -> Result<PersonStatus> {
    not_oneself(actor, person, "reactivate yourself")?;
    if person.status != PersonStatus::Suspended {
        return Err(Problem::wrong_state("This person is not suspended."));
    }
    let confirmed = person.confirmed_at.is_some();
    Ok(if confirmed { PersonStatus::Active } else { PersonStatus::Unconfirmed })
}

fn not_oneself(actor: Option<PersonId>, person: &Person, what: &str) -> Result<()> {
    if actor == Some(person.id) {
        return Err(Problem::new(Kind::TwoPersons, format!("You may not {what}.")));
    }
    Ok(())
}

/// The scopes of a new token: known ones, each once, in the order of the alphabet.
pub fn scopes(fields: &mut Fields, wanted: &[String], known: &[&str]) -> Vec<String> {
    if wanted.is_empty() {
        fields.push("/scopes", "required", "name at least one scope");
    }
    for (i, scope) in wanted.iter().enumerate() {
        if !known.contains(&scope.as_str()) {
            let message = format!("there is no such scope; there are: {}", known.join(", "));
            fields.push(&format!("/scopes/{i}"), "unknown", message);
        }
    }
    let mut scopes = wanted.to_vec();
    scopes.sort();
    scopes.dedup();
    scopes
}

#[cfg(test)]
mod tests;
