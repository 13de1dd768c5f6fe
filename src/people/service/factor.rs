//! The second factor: enrolling, replacing, removing, recovery codes, and showing it.
//!
//! Secrets are sealed for their row and opened only to compare a code. Whatever changes a factor
//! ends the person's other sessions and the logins that wait, and tells them by mail.

use super::admin::{self, another_person};
use super::sessions::cut_off;
use super::{just_ended, letters, meanwhile, myself, session};
use crate::kernel::Result;
use crate::kernel::ids::{PersonId, SessionId};
use crate::kernel::problem::{Kind, Problem};
use crate::people::model::{
    EndReason, Enrolment, Factor, FactorState, FactorStatus, Person, RecoveryCodes, Shown,
};
use crate::people::{rules, store};
use crate::platform::audit::{self, Change};
use crate::platform::auth::totp::Secret;
use crate::platform::auth::{recovery, seal};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// How the acting person stands with their factor.
pub fn get_factor(conn: &mut Conn, ctx: &Ctx) -> Result<FactorStatus> {
    authz::require(ctx, Action::GetFactor, &[])?;
    let me = myself(conn, ctx)?;
    let factor = store::find_factor(conn, me.id, FactorState::Active)?;
    let session = store::find_session(conn, session(ctx)?)?;
    Ok(FactorStatus {
        enrolled_at: factor.and_then(|f| f.confirmed_at),
        required: ctx.env.config.auth.require_factor && rules::needs_factor(&me),
        recovery_codes_left: store::count_recovery_codes(conn, me.id)?,
        shown_at: session.and_then(|s| s.factor_at),
    })
}

/// Begins a factor: its secret is returned this once, and it counts from [`confirm_factor`] on.
/// One that was begun before is forgotten. `seen` is the acting person's account, if they have
/// shown the password that it holds: without it, whoever finds an open session or a stolen token
/// would make the first factor theirs.
///
/// # Errors
/// A step-up is required, if there is a factor that this one would replace; else the password.
pub fn enrol_factor(conn: &mut Conn, ctx: &Ctx, seen: Option<&Person>) -> Result<Enrolment> {
    authz::require(ctx, Action::EnrolFactor, &[])?;
    let (me, _) = held(conn, ctx)?;
    if !may_replace(conn, ctx, me.id)? {
        let seen = seen.ok_or_else(|| {
            let message = "show your password: this is your first second factor";
            Problem::field("/password", "required", message)
        })?;
        if seen.password_hash != me.password_hash {
            return Err(meanwhile());
        }
    }
    store::delete_factor(conn, me.id, FactorState::Pending)?;
    let secret = Secret::new();
    let factor = sealed(ctx, me.id, &secret);
    store::insert_factor(conn, &factor)?;
    audit::record(conn, ctx, Change::by(Action::EnrolFactor, "factor", factor.id.uuid()))?;
    Ok(Enrolment {
        secret: secret.base32(),
        uri: secret.uri(&ctx.env.config.auth.issuer, &me.email),
        expires_at: ctx.now.plus_seconds(rules::PENDING_SECONDS),
    })
}

/// Makes the factor that was begun count, by its first code, instead of the one before. New
/// recovery codes are returned this once. Ends all other sessions.
///
/// # Errors
/// The code is refused; wrong state, if none was begun lately.
pub fn confirm_factor(conn: &mut Conn, ctx: &Ctx, code: &str) -> Result<RecoveryCodes> {
    authz::require(ctx, Action::ConfirmFactor, &[])?;
    let (me, current) = held(conn, ctx)?;
    may_replace(conn, ctx, me.id)?;
    let begun = store::find_factor(conn, me.id, FactorState::Pending)?;
    let oldest = ctx.now.plus_seconds(-rules::PENDING_SECONDS);
    let begun = begun.filter(|f| f.created_at > oldest).ok_or_else(|| {
        Problem::wrong_state("No factor was begun in the last minutes: POST /api/v1/me/factor.")
    })?;
    let step = opened(ctx, &begun)?.verify(code, ctx.now, 0).ok_or_else(refused)?;
    let replaced = store::delete_factor(conn, me.id, FactorState::Active)?;
    if !store::activate_factor(conn, begun.id, step, ctx.now)? {
        return Err(meanwhile());
    }
    let codes = new_codes(conn, ctx, me.id)?;
    let ended = cut_off(conn, ctx, me.id, Some(current), EndReason::FactorChanged)?;
    shown_in(conn, ctx, current)?;
    let change = Change::by(Action::ConfirmFactor, "factor", begun.id.uuid());
    let mut after = ended.told();
    after["replaced"] = replaced.into();
    audit::record(conn, ctx, change.to(after))?;
    letters::factor_enrolled(conn, ctx, &me, replaced)?;
    Ok(codes)
}

/// Removes the acting person's factor. Ends all other sessions.
///
/// # Errors
/// A factor is required, if one of their roles needs it.
pub fn remove_factor(conn: &mut Conn, ctx: &Ctx) -> Result<()> {
    authz::require(ctx, Action::RemoveFactor, &[])?;
    let (me, current) = held(conn, ctx)?;
    rules::remove_factor(&me, ctx.env.config.auth.require_factor)?;
    let factor = store::find_factor(conn, me.id, FactorState::Active)?;
    let factor = factor.ok_or_else(|| Problem::not_found("factor"))?;
    forget(conn, ctx, me.id)?;
    let ended = cut_off(conn, ctx, me.id, Some(current), EndReason::FactorChanged)?;
    let change = Change::by(Action::RemoveFactor, "factor", factor.id.uuid());
    audit::record(conn, ctx, change.to(ended.told()))?;
    letters::factor_removed(conn, ctx, &me, None)
}

/// New recovery codes, returned this once; the ones before are void.
pub fn renew_recovery_codes(conn: &mut Conn, ctx: &Ctx) -> Result<RecoveryCodes> {
    authz::require(ctx, Action::RenewRecoveryCodes, &[])?;
    let (me, _) = held(conn, ctx)?;
    let factor = store::find_factor(conn, me.id, FactorState::Active)?;
    let factor = factor.ok_or_else(|| Problem::not_found("factor"))?;
    let codes = new_codes(conn, ctx, me.id)?;
    audit::record(conn, ctx, Change::by(Action::RenewRecoveryCodes, "factor", factor.id.uuid()))?;
    letters::recovery_codes_renewed(conn, ctx, &me)?;
    Ok(codes)
}

/// Takes somebody else's factor away, for whoever lost device and recovery codes. All their
/// sessions end; if a role of theirs needs a factor, their next login leads to enrolling.
///
/// # Errors
/// Two persons: nobody resets their own. Wrong state, if there is none.
pub fn reset_factor(conn: &mut Conn, ctx: &Ctx, id: PersonId, reason: &str) -> Result<Person> {
    authz::require(ctx, Action::ResetFactor, &[])?;
    let person = admin::held(conn, ctx, id)?;
    rules::reset_factor(ctx.actor.person(), &person)?;
    another_person(conn, ctx, id)?;
    if !forget(conn, ctx, id)? {
        return Err(Problem::wrong_state("This person has no second factor."));
    }
    let ended = cut_off(conn, ctx, id, None, EndReason::FactorChanged)?;
    let change = Change::by(Action::ResetFactor, "person", id.uuid());
    let mut after = ended.told();
    after["reason"] = reason.into();
    audit::record(conn, ctx, change.to(after))?;
    letters::factor_removed(conn, ctx, &person, Some(reason))?;
    Ok(person)
}

/// Gives somebody a factor whose secret is returned this once, instead of one that they have. For
/// demonstrations and tests; only the service itself may.
///
/// # Errors
/// An internal problem if a person acts.
pub fn ensure_factor(conn: &mut Conn, ctx: &Ctx, id: PersonId) -> Result<Secret> {
    if !ctx.actor.is_system() {
        return Err(Problem::internal("only the service makes factors for others"));
    }
    store::lock(conn, id)?;
    forget(conn, ctx, id)?;
    let secret = Secret::new();
    let (state, confirmed_at) = (FactorState::Active, Some(ctx.now));
    let factor = Factor { state, confirmed_at, ..sealed(ctx, id, &secret) };
    store::insert_factor(conn, &factor)?;
    let object = ("factor", factor.id.uuid());
    let change = Change { action: "ensure_factor", object, before: None, after: None };
    audit::record(conn, ctx, change)?;
    Ok(secret)
}

/// Takes a code of the device, or a recovery code, once: how it was shown, or `None` if it is not
/// accepted. The person's row is held by whoever asks.
pub(super) fn take(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Person,
    shown: &Shown,
) -> Result<Option<&'static str>> {
    match shown {
        Shown::Code(typed) => {
            let factor = store::find_factor(conn, person.id, FactorState::Active)?;
            let Some(factor) = factor else { return Ok(None) };
            let step = opened(ctx, &factor)?.verify(typed, ctx.now, factor.last_step);
            let Some(step) = step else { return Ok(None) };
            Ok(store::take_step(conn, factor.id, step)?.then_some("code"))
        }
        Shown::Recovery(typed) => {
            let hash = recovery::hash(&ctx.env.keys, person.id.uuid(), typed);
            let Some(hash) = hash else { return Ok(None) };
            if !store::use_recovery_code(conn, person.id, &hash, ctx.now)? {
                return Ok(None);
            }
            let left = store::count_recovery_codes(conn, person.id)?;
            letters::recovery_code_used(conn, ctx, person, left)?;
            Ok(Some("recovery_code"))
        }
    }
}

/// The acting person and their session, both held until the end of the transaction: the person
/// before the session, as everywhere, so that no two wait for each other in a ring.
///
/// # Errors
/// Unauthenticated, where the session was ended since the request came in: what ends sessions voids
/// what was made in them, and would not find what is made after it.
pub(super) fn held(conn: &mut Conn, ctx: &Ctx) -> Result<(Person, SessionId)> {
    let current = session(ctx)?;
    store::lock(conn, ctx.me()?)?;
    if !store::touch_session(conn, current, ctx.now)? {
        return Err(just_ended());
    }
    Ok((myself(conn, ctx)?, current))
}

/// Notes that a session saw the factor now.
pub(super) fn shown_in(conn: &mut Conn, ctx: &Ctx, session: SessionId) -> Result<()> {
    if store::show_factor(conn, session, ctx.now)? {
        return Ok(());
    }
    Err(just_ended())
}

/// The same words whatever is wrong with a code.
pub(super) fn refused() -> Problem {
    let detail = "It is not the code of now, or was used already. Each code is good once.";
    Problem::new(Kind::CodeRefused, detail)
}

/// Whoever has a factor replaces it only after showing it; whether there is one.
fn may_replace(conn: &mut Conn, ctx: &Ctx, me: PersonId) -> Result<bool> {
    match store::find_factor(conn, me, FactorState::Active)? {
        Some(_) => authz::require_fresh(ctx).map(|()| true),
        None => Ok(false),
    }
}

/// Forgets factor, one that was begun, and recovery codes; whether there was a factor.
fn forget(conn: &mut Conn, ctx: &Ctx, person: PersonId) -> Result<bool> {
    store::delete_factor(conn, person, FactorState::Pending)?;
    store::replace_recovery_codes(conn, person, &[], ctx.now)?;
    store::delete_factor(conn, person, FactorState::Active)
}

fn new_codes(conn: &mut Conn, ctx: &Ctx, person: PersonId) -> Result<RecoveryCodes> {
    let mint = |_| recovery::mint(&ctx.env.keys, person.uuid());
    let (codes, hashes): (RecoveryCodes, Vec<_>) = (0..recovery::COUNT).map(mint).unzip();
    let kept: Vec<_> = hashes.into_iter().map(|hash| (ctx.id(), hash)).collect();
    store::replace_recovery_codes(conn, person, &kept, ctx.now)?;
    Ok(codes)
}

fn sealed(ctx: &Ctx, person_id: PersonId, secret: &Secret) -> Factor {
    let mut factor = Factor {
        id: ctx.id(),
        person_id,
        state: FactorState::Pending,
        sealed: Vec::new(),
        last_step: 0,
        created_at: ctx.now,
        confirmed_at: None,
    };
    factor.sealed = seal::seal(&ctx.env.keys, &cell(&factor), secret.bytes());
    factor
}

fn opened(ctx: &Ctx, factor: &Factor) -> Result<Secret> {
    let plain = seal::open(&ctx.env.keys, &cell(factor), &factor.sealed)?;
    Secret::from_bytes(&plain).ok_or_else(|| Problem::internal("a factor's secret is cut"))
}

fn cell(factor: &Factor) -> seal::Cell<'static> {
    seal::Cell { table: "factors", row: factor.id.uuid(), column: "secret" }
}
