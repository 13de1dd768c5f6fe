//! Rows of second factors, recovery codes, and logins that wait for a factor.

use crate::kernel::Result;
use crate::kernel::ids::{ChallengeId, FactorId, PersonId, RecoveryCodeId};
use crate::kernel::time::Instant;
use crate::people::model::{Challenge, Factor, FactorState};
use crate::platform::auth::token::TokenHash;
use crate::platform::db::Conn;
use crate::platform::db::schema::challenges::dsl as c;
use crate::platform::db::schema::factors::dsl as f;
use crate::platform::db::schema::recovery_codes::dsl as r;
use crate::platform::db::types::Sealed;
use diesel::dsl::sum;
use diesel::prelude::*;

type Row = (FactorId, PersonId, FactorState, Sealed, i64, Instant, Option<Instant>);

/// The factor of a person in this state.
pub(in crate::people) fn find_factor(
    conn: &mut Conn,
    person: PersonId,
    state: FactorState,
) -> Result<Option<Factor>> {
    let row: Option<Row> = f::factors
        .filter(f::person_id.eq(person).and(f::state.eq(state)))
        .select((
            f::id,
            f::person_id,
            f::state,
            f::secret,
            f::last_step,
            f::created_at,
            f::confirmed_at,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, person_id, state, Sealed(sealed), last_step, created_at, confirmed_at)| {
        Factor { id, person_id, state, sealed, last_step, created_at, confirmed_at }
    }))
}

/// Keeps a new factor; the person has none in its state.
pub(in crate::people) fn insert_factor(conn: &mut Conn, new: &Factor) -> Result<()> {
    diesel::insert_into(f::factors)
        .values((
            f::id.eq(new.id),
            f::person_id.eq(new.person_id),
            f::state.eq(new.state),
            f::secret.eq(Sealed(new.sealed.clone())),
            f::last_step.eq(new.last_step),
            f::created_at.eq(new.created_at),
            f::confirmed_at.eq(new.confirmed_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Deletes a person's factor in this state, and with it its secret; whether there was one.
pub(in crate::people) fn delete_factor(
    conn: &mut Conn,
    person: PersonId,
    state: FactorState,
) -> Result<bool> {
    let theirs = f::person_id.eq(person).and(f::state.eq(state));
    Ok(diesel::delete(f::factors.filter(theirs)).execute(conn)? == 1)
}

/// Makes a pending factor the active one, its first code being of `step`; whether it still was
/// pending.
pub(in crate::people) fn activate_factor(
    conn: &mut Conn,
    id: FactorId,
    step: i64,
    now: Instant,
) -> Result<bool> {
    let pending = f::factors.find(id).filter(f::state.eq(FactorState::Pending));
    let set =
        (f::state.eq(FactorState::Active), f::last_step.eq(step), f::confirmed_at.eq(Some(now)));
    Ok(diesel::update(pending).set(set).execute(conn)? == 1)
}

/// Takes the code of this step, if no code of it or of a later one was taken; whether it was so.
pub(in crate::people) fn take_step(conn: &mut Conn, id: FactorId, step: i64) -> Result<bool> {
    let earlier =
        f::factors.find(id).filter(f::state.eq(FactorState::Active).and(f::last_step.lt(step)));
    Ok(diesel::update(earlier).set(f::last_step.eq(step)).execute(conn)? == 1)
}

/// Keeps new recovery codes, and forgets all earlier ones of the person.
pub(in crate::people) fn replace_recovery_codes(
    conn: &mut Conn,
    person: PersonId,
    new: &[(RecoveryCodeId, TokenHash)],
    now: Instant,
) -> Result<()> {
    diesel::delete(r::recovery_codes.filter(r::person_id.eq(person))).execute(conn)?;
    for (id, hash) in new {
        diesel::insert_into(r::recovery_codes)
            .values((
                r::id.eq(*id),
                r::person_id.eq(person),
                r::hash.eq(hash.as_slice()),
                r::created_at.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Uses up the recovery code of this person with this hash; whether there was one to use.
pub(in crate::people) fn use_recovery_code(
    conn: &mut Conn,
    person: PersonId,
    hash: &TokenHash,
    now: Instant,
) -> Result<bool> {
    let unused = r::person_id.eq(person).and(r::hash.eq(hash.as_slice())).and(r::used_at.is_null());
    let code = r::recovery_codes.filter(unused);
    Ok(diesel::update(code).set(r::used_at.eq(Some(now))).execute(conn)? == 1)
}

/// How many recovery codes a person has left.
pub(in crate::people) fn count_recovery_codes(conn: &mut Conn, person: PersonId) -> Result<i64> {
    let unused = r::person_id.eq(person).and(r::used_at.is_null());
    Ok(r::recovery_codes.filter(unused).count().get_result(conn)?)
}

/// Keeps a login that waits.
pub(in crate::people) fn insert_challenge(
    conn: &mut Conn,
    new: &Challenge,
    hash: &TokenHash,
    (now, expires_at): (Instant, Instant),
) -> Result<()> {
    diesel::insert_into(c::challenges)
        .values((
            c::id.eq(new.id),
            c::person_id.eq(new.person_id),
            c::hash.eq(hash.as_slice()),
            c::tries.eq(0),
            c::created_at.eq(now),
            c::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// The login that waits under this hash, unless it was used or is too old.
pub(in crate::people) fn find_challenge(
    conn: &mut Conn,
    hash: &TokenHash,
    now: Instant,
) -> Result<Option<Challenge>> {
    let good = c::used_at.is_null().and(c::expires_at.gt(now));
    let row: Option<(ChallengeId, PersonId)> = c::challenges
        .filter(c::hash.eq(hash.as_slice()).and(good))
        .select((c::id, c::person_id))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, person_id)| Challenge { id, person_id }))
}

/// Counts one try of a login that waits; whether it had one left, out of `most`.
pub(in crate::people) fn try_challenge(
    conn: &mut Conn,
    id: ChallengeId,
    most: i32,
    now: Instant,
) -> Result<bool> {
    let open = c::used_at.is_null().and(c::expires_at.gt(now)).and(c::tries.lt(most));
    let one = c::challenges.find(id).filter(open);
    Ok(diesel::update(one).set(c::tries.eq(c::tries + 1)).execute(conn)? == 1)
}

/// How many codes were tried for the logins of a person that were begun since and came to nothing.
pub(in crate::people) fn tries_since(
    conn: &mut Conn,
    person: PersonId,
    since: Instant,
) -> Result<i64> {
    let tries: Option<i64> = c::challenges
        .filter(c::person_id.eq(person).and(c::created_at.gt(since)).and(c::used_at.is_null()))
        .select(sum(c::tries))
        .first(conn)?;
    Ok(tries.unwrap_or(0))
}

/// Uses up a login that waits; whether nobody had.
pub(in crate::people) fn use_challenge(
    conn: &mut Conn,
    id: ChallengeId,
    now: Instant,
) -> Result<bool> {
    let unused = c::challenges.find(id).filter(c::used_at.is_null());
    Ok(diesel::update(unused).set(c::used_at.eq(Some(now))).execute(conn)? == 1)
}

/// Uses up all logins of a person that wait.
pub(in crate::people) fn void_challenges(
    conn: &mut Conn,
    person: PersonId,
    now: Instant,
) -> Result<()> {
    let unused = c::person_id.eq(person).and(c::used_at.is_null());
    diesel::update(c::challenges.filter(unused)).set(c::used_at.eq(Some(now))).execute(conn)?;
    Ok(())
}

/// Forgets up to `most` logins that waited until before `before`; how many.
pub(in crate::people) fn purge_challenges(
    conn: &mut Conn,
    before: Instant,
    most: i64,
) -> Result<usize> {
    let old: Vec<ChallengeId> = c::challenges
        .filter(c::expires_at.lt(before))
        .order(c::expires_at)
        .limit(most)
        .select(c::id)
        .load(conn)?;
    Ok(diesel::delete(c::challenges.filter(c::id.eq_any(&old))).execute(conn)?)
}
