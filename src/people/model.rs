//! A person and what they act through.

mod factor;
mod limits;

pub use factor::*;
pub use limits::*;

use crate::kernel::actor::{Role, Roles};
use crate::kernel::ids::{AccessTokenId, MailTokenId, PersonId, RefreshTokenId, SessionId};
use crate::kernel::text;
use crate::kernel::time::Instant;
use crate::text_enum;
use zeroize::Zeroizing;

text_enum! {
    /// Where a person stands: `unconfirmed → active ⇄ suspended`.
    pub enum PersonStatus {
        /// Has not shown that the address is theirs.
        Unconfirmed = "unconfirmed",
        /// May act.
        Active = "active",
        /// May not act until an admin reactivates them.
        Suspended = "suspended",
    }
}

text_enum! {
    /// Why a session ended.
    pub enum EndReason {
        /// The person logged out.
        Logout = "logout",
        /// The person ended it from another session.
        Ended = "ended",
        /// The password was changed in another session.
        PasswordChanged = "password_changed",
        /// The password was reset by mail.
        PasswordReset = "password_reset",
        /// A refresh token was used twice.
        Reuse = "reuse",
        /// The person was suspended.
        Suspended = "suspended",
        /// The second factor was enrolled, replaced, removed or reset.
        FactorChanged = "factor_changed",
        /// A role was granted or removed.
        RolesChanged = "roles_changed",
    }
}

impl EndReason {
    /// For whoever comes with a token of that session.
    pub const fn explain(self) -> &'static str {
        match self {
            EndReason::Logout => "This session was logged out; log in again.",
            EndReason::Ended => "This session was ended from another one; log in again.",
            EndReason::PasswordChanged => {
                "The password was changed, which ended this session; log in with the new one."
            }
            EndReason::PasswordReset => {
                "The password was reset, which ended this session; log in with the new one."
            }
            EndReason::Reuse => {
                "A refresh token of this session was used twice, so the session was ended for \
                 safety. Log in again; if it was not your own program that tried twice, change \
                 your password."
            }
            EndReason::Suspended => "This account was suspended; ask an admin.",
            EndReason::FactorChanged => {
                "The second factor was changed, which ended this session; log in again."
            }
            EndReason::RolesChanged => {
                "Your roles were changed, which ended this session; log in again."
            }
        }
    }
}

text_enum! {
    /// What a link in a mail does.
    pub enum LinkKind {
        /// Confirms the address.
        Confirm = "confirm",
        /// Sets a new password.
        Reset = "reset",
    }
}

/// A password as it is kept; not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);
impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// How the addresses end of those whom an import of past grants makes: they lead nowhere (RFC 2606
/// section 2), and nobody logs in with one.
pub const IMPORTED: &str = "@import.invalid";

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// Address, in the form that is compared.
    pub email: String,
    /// As others see them.
    pub name: String,
    /// Absent where no password was ever set (imported people).
    pub password_hash: Option<PasswordHash>,
    /// Where they stand.
    pub status: PersonStatus,
    /// Granted roles.
    pub roles: Roles,
    /// Counts edits.
    pub version: i32,
    /// Registered.
    pub created_at: Instant,
    /// Showed that the address is theirs.
    pub confirmed_at: Option<Instant>,
}

/// A session: what began with one login.
#[derive(Debug, Clone)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// Whose.
    pub person_id: PersonId,
    /// Logged in.
    pub created_at: Instant,
    /// Logged in or refreshed, the last time.
    pub last_used_at: Instant,
    /// When and why it ended.
    pub ended: Option<(Instant, EndReason)>,
    /// Where the login came from.
    pub address: Option<String>,
    /// The program that logged in.
    pub agent: Option<String>,
    /// When it last saw the person's second factor.
    pub factor_at: Option<Instant>,
}

/// A refresh token, as kept.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// Id.
    pub id: RefreshTokenId,
    /// What it continues.
    pub session_id: SessionId,
    /// Good until.
    pub expires_at: Instant,
    /// Used.
    pub used_at: Option<Instant>,
}

/// A link in a mail that can still be used.
#[derive(Debug, Clone)]
pub struct Link {
    /// Id.
    pub id: MailTokenId,
    /// Whom it was sent to.
    pub person: Person,
}

/// A personal access token, as kept.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// Id.
    pub id: AccessTokenId,
    /// What its owner calls it.
    pub name: String,
    /// How far it reaches.
    pub scopes: Vec<String>,
    /// Made.
    pub created_at: Instant,
    /// Good until.
    pub expires_at: Instant,
    /// Revoked.
    pub revoked_at: Option<Instant>,
}

/// What a login or a refresh gives. Neither token is kept here in the clear.
pub struct Tokens {
    /// The session that they belong to.
    pub session_id: SessionId,
    /// JWT for the next minutes.
    pub access_token: Zeroizing<String>,
    /// Its life, in seconds.
    pub expires_in: i64,
    /// Good once, for the next pair.
    pub refresh_token: Zeroizing<String>,
    /// Its end.
    pub refresh_expires_at: Instant,
}
impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// Which people to list.
#[derive(Debug, Clone, Default)]
pub struct PeopleFilter {
    /// Words that all have to be in name or address.
    pub words: Vec<String>,
    /// Only who holds this role.
    pub role: Option<Role>,
    /// Only who stands here.
    pub status: Option<PersonStatus>,
}

/// A person who registers, checked.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Address, in the form that is compared.
    pub email: String,
    /// As others will see them.
    pub name: String,
    /// Already hashed; absent for people who are imported.
    pub password_hash: Option<PasswordHash>,
}

/// What people are searched by: name and address in one spelling, without accents, the same on
/// both databases.
pub fn searchable(name: &str, email: &str) -> String {
    text::folded(&format!("{name} {email}"))
}

/// The words to search for, at most eight.
pub fn search_words(query: &str) -> Vec<String> {
    text::folded(query).split_whitespace().take(8).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_sees_through_accents_and_case() {
        assert_eq!(searchable("Zoë ÅNGSTRÖM", "z@x.org"), "zoe angstrom z@x.org");
        assert_eq!(search_words(" Zoe\u{301}  Ång "), ["zoe", "ang"]);
        assert!(search_words("  ").is_empty());
    }

    #[test]
    fn secrets_do_not_show() {
        let hash = PasswordHash("$argon2id$secret".into());
        assert!(!format!("{hash:?}").contains("secret"));
    }
}
