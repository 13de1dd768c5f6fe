//! Logging in: the password, then the second factor of whoever has one.

use super::{acting_as, factor, letters, sessions};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text;
use crate::kernel::time::Instant;
use crate::people::model::{Challenge, FactorState, Login, Person, Session, Shown, Tokens};
use crate::people::{rules, store};
use crate::platform::audit::{self, Change};
use crate::platform::auth::token;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// The person with this address, as typed, for a login: the first of its steps.
pub fn account(conn: &mut Conn, email: &str) -> Result<Option<Person>> {
    match text::email(email) {
        Ok(email) => store::find_by_email(conn, &email),
        Err(_) => Ok(None),
    }
}

/// Begins a session for somebody whose password was verified against what `seen` holds; or, if
/// they have a second factor, a login that waits for it.
///
/// # Errors
/// Login failed, if password or status changed meanwhile.
pub fn begin_session(conn: &mut Conn, ctx: &Ctx, seen: &Person) -> Result<Login> {
    authz::require(ctx, Action::Login, &[])?;
    // Held, so that a suspension or a new password at this moment ends this session too.
    store::lock(conn, seen.id)?;
    let person = store::find(conn, seen.id)?;
    let same = person.as_ref().is_some_and(|p| p.password_hash == seen.password_hash);
    let person = rules::login(person.as_ref(), same)?;
    if store::find_factor(conn, person.id, FactorState::Active)?.is_none() {
        return start(conn, ctx, person, None).map(Login::Begun);
    }
    let minted = token::mint(&ctx.env.keys, token::Kind::Challenge);
    let challenge = Challenge { id: ctx.id(), person_id: person.id };
    let until = ctx.now.plus_seconds(rules::CHALLENGE_SECONDS);
    store::insert_challenge(conn, &challenge, &minted.hash, (ctx.now, until))?;
    Ok(Login::Waits(minted.secret, rules::CHALLENGE_SECONDS))
}

/// The login that waits under this token.
///
/// # Errors
/// The token is not accepted: wrong, used, or too old.
pub fn waiting(conn: &mut Conn, ctx: &Ctx, presented: &str) -> Result<Challenge> {
    authz::require(ctx, Action::LoginFactor, &[])?;
    let hash = token::hash(&ctx.env.keys, token::Kind::Challenge, presented);
    let hash = hash.ok_or_else(no_login)?;
    store::find_challenge(conn, &hash, ctx.now)?.ok_or_else(no_login)
}

/// Begins the session of a login that waits, if the factor is right. `Err` inside `Ok`: refused,
/// but what was written stays, for each code that is tried counts.
///
/// # Errors
/// The token is not accepted, once it was used or tried too often, or if the account changed.
pub fn pass_factor(
    conn: &mut Conn,
    ctx: &Ctx,
    waiting: &Challenge,
    shown: &Shown,
) -> Result<Result<Tokens>> {
    authz::require(ctx, Action::LoginFactor, &[])?;
    // The person before the challenge, as everywhere: no two wait for each other in a ring.
    store::lock(conn, waiting.person_id)?;
    if !store::try_challenge(conn, waiting.id, rules::CHALLENGE_TRIES, ctx.now)? {
        return Err(no_login());
    }
    let person = store::find(conn, waiting.person_id)?;
    let person = rules::login(person.as_ref(), true)?;
    let Some(how) = factor::take(conn, &acting_as(ctx, person, None), person, shown)? else {
        let lately = ctx.now.plus_seconds(-rules::WARN_SECONDS);
        // Exactly then, so that many in a row are told of once.
        if store::tries_since(conn, waiting.person_id, lately)? == i64::from(rules::CHALLENGE_TRIES)
        {
            letters::codes_refused(conn, ctx, person)?;
        }
        return Ok(Err(factor::refused()));
    };
    if !store::use_challenge(conn, waiting.id, ctx.now)? {
        return Err(Problem::internal("a login was used while it was held"));
    }
    start(conn, ctx, person, Some(how)).map(Ok)
}

/// Shows the factor once more, in a session that goes on; when that was.
///
/// # Errors
/// A factor is required, where there is none; the code is refused; or the session has ended.
pub fn step_up(conn: &mut Conn, ctx: &Ctx, shown: &Shown) -> Result<Instant> {
    authz::require(ctx, Action::StepUp, &[])?;
    let (me, current) = factor::held(conn, ctx)?;
    if store::find_factor(conn, me.id, FactorState::Active)?.is_none() {
        let detail = "You have no second factor to show: enrol one first.";
        return Err(Problem::new(Kind::FactorRequired, detail));
    }
    let how = factor::take(conn, ctx, &me, shown)?.ok_or_else(factor::refused)?;
    factor::shown_in(conn, ctx, current)?;
    let change = Change::by(Action::StepUp, "session", current.uuid());
    audit::record(conn, ctx, change.to(json!({ "factor": how })))?;
    Ok(ctx.now)
}

fn no_login() -> Problem {
    let detail = "This login was used already, is too old, or was tried too often: log in again.";
    Problem::new(Kind::TokenRefused, detail)
}

/// A session of somebody who has shown all that they have; `factor`: how they showed the second.
fn start(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Person,
    factor: Option<&'static str>,
) -> Result<Tokens> {
    let session = Session {
        id: ctx.id(),
        person_id: person.id,
        created_at: ctx.now,
        last_used_at: ctx.now,
        ended: None,
        address: ctx.address.as_deref().map(str::to_owned),
        agent: ctx.agent.as_deref().map(str::to_owned),
        factor_at: factor.map(|_| ctx.now),
    };
    store::insert_session(conn, &session)?;
    let ctx = &acting_as(ctx, person, Some(session.id));
    let change = Change::by(Action::Login, "session", session.id.uuid());
    let after = json!({ "agent": session.agent, "factor": factor });
    audit::record(conn, ctx, change.to(after))?;
    sessions::tokens(conn, ctx, &session, person)
}
