//! Whom a credential belongs to, as of this moment.

use crate::kernel::Result;
use crate::kernel::actor::{Actor, Scopes};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::people::model::{EndReason, Person, PersonStatus, Session};
use crate::people::store;
use crate::platform::auth::jwt::Claims;
use crate::platform::auth::token::TokenHash;
use crate::platform::db::Conn;
use crate::platform::http::{Credential, Identity};

/// Finds out who a credential belongs to. The database is asked each time, so that the end of a
/// session, a suspension or a change of roles counts from the next request on.
///
/// # Errors
/// Unauthenticated, with the reason if it is one that the person should know.
pub fn identify(conn: &mut Conn, credential: &Credential, now: Instant) -> Result<Identity> {
    match credential {
        Credential::Nobody => {
            let (actor, name) = (Actor::Anonymous, "somebody".to_owned());
            Ok(Identity { actor, name, email: None, enrolled: false, factor_at: None })
        }
        Credential::Session(claims) => by_session(conn, claims),
        Credential::Personal(hash) => by_token(conn, hash, now),
    }
}

fn refused(detail: &str) -> Problem {
    Problem::new(Kind::Unauthenticated, detail)
}

fn by_session(conn: &mut Conn, claims: &Claims) -> Result<Identity> {
    let unknown = || refused("The access token is not valid or has expired.");
    let found = store::session_and_person(conn, claims.sid)?.ok_or_else(unknown)?;
    let (session, person, enrolled) = found;
    if person.id != claims.sub {
        return Err(unknown());
    }
    if let Some((_, reason)) = session.ended {
        return Err(refused(reason.explain()));
    }
    identity(person, Some(&session), Scopes::All, enrolled)
}

fn by_token(conn: &mut Conn, hash: &TokenHash, now: Instant) -> Result<Identity> {
    let unknown = || refused("This personal access token is not known.");
    let found = store::access_token_and_person(conn, hash)?.ok_or_else(unknown)?;
    let (token, person, enrolled) = found;
    if token.revoked_at.is_some() {
        return Err(refused("This personal access token was revoked."));
    }
    if now >= token.expires_at {
        return Err(refused("This personal access token has expired."));
    }
    identity(person, None, Scopes::Only(token.scopes), enrolled)
}

fn identity(
    person: Person,
    session: Option<&Session>,
    scopes: Scopes,
    enrolled: bool,
) -> Result<Identity> {
    if person.status != PersonStatus::Active {
        return Err(refused(EndReason::Suspended.explain()));
    }
    let (id, factor_at) = (session.map(|s| s.id), session.and_then(|s| s.factor_at));
    let actor = Actor::Person { id: person.id, roles: person.roles, session: id, scopes };
    let (name, email) = (person.name, Some(person.email));
    Ok(Identity { actor, name, email, enrolled, factor_at })
}
