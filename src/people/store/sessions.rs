//! Rows of sessions and their refresh tokens.

use super::people;
use crate::kernel::Result;
use crate::kernel::ids::{FactorId, PersonId, RefreshTokenId, SessionId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::people::model::{EndReason, FactorState, Person, RefreshToken, Session};
use crate::platform::auth::token::TokenHash;
use crate::platform::db::Conn;
use crate::platform::db::schema::factors::dsl as f;
use crate::platform::db::schema::people::dsl as p;
use crate::platform::db::schema::refresh_tokens::dsl as r;
use crate::platform::db::schema::sessions::dsl as s;
use diesel::prelude::*;

type Row = (
    SessionId,
    PersonId,
    Instant,
    Instant,
    Option<Instant>,
    Option<EndReason>,
    Option<String>,
    Option<String>,
    Option<Instant>,
);

macro_rules! columns {
    () => {
        (
            s::id,
            s::person_id,
            s::created_at,
            s::last_used_at,
            s::ended_at,
            s::end_reason,
            s::address,
            s::agent,
            s::factor_at,
        )
    };
}

fn session(row: Row) -> Session {
    let (id, person_id, created_at, last_used_at, ended_at, reason, address, agent, factor_at) =
        row;
    let ended = ended_at.zip(reason);
    Session { id, person_id, created_at, last_used_at, ended, address, agent, factor_at }
}

/// Begins a session.
pub(in crate::people) fn insert_session(conn: &mut Conn, new: &Session) -> Result<()> {
    diesel::insert_into(s::sessions)
        .values((
            s::id.eq(new.id),
            s::person_id.eq(new.person_id),
            s::created_at.eq(new.created_at),
            s::last_used_at.eq(new.last_used_at),
            s::address.eq(&new.address),
            s::agent.eq(&new.agent),
            s::factor_at.eq(new.factor_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// The session with this id.
pub(in crate::people) fn find_session(conn: &mut Conn, id: SessionId) -> Result<Option<Session>> {
    let row: Option<Row> = s::sessions.find(id).select(columns!()).first(conn).optional()?;
    Ok(row.map(session))
}

/// A session, whose it is, and whether they have a second factor.
pub(in crate::people) fn session_and_person(
    conn: &mut Conn,
    id: SessionId,
) -> Result<Option<(Session, Person, bool)>> {
    let row: Option<(Row, people::Row, Option<FactorId>)> = s::sessions
        .inner_join(p::people.on(p::id.eq(s::person_id)))
        .left_join(f::factors.on(active_factor!()))
        .filter(s::id.eq(id))
        .select((columns!(), person_columns!(), f::id.nullable()))
        .first(conn)
        .optional()?;
    Ok(row.map(|(s, p, factor)| (session(s), people::person(p), factor.is_some())))
}

/// A person's sessions that go on: not ended, used since `idle`, begun since `oldest`. Newest
/// first; up to one more than the page.
pub(in crate::people) fn list_sessions(
    conn: &mut Conn,
    person: PersonId,
    (idle, oldest): (Instant, Instant),
    page: &PageOf<of::Session>,
) -> Result<Vec<Session>> {
    let live = s::person_id.eq(person).and(s::ended_at.is_null());
    let goes_on = s::last_used_at.gt(idle).and(s::created_at.gt(oldest));
    let mut query = s::sessions.filter(live.and(goes_on)).select(columns!()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(s::id.lt(after));
    }
    let rows: Vec<Row> = query.order(s::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(session).collect())
}

/// Holds the row until the end of the transaction.
pub(in crate::people) fn hold_session(conn: &mut Conn, id: SessionId) -> Result<()> {
    let held = s::last_used_at.eq(s::last_used_at);
    diesel::update(s::sessions.find(id)).set(held).execute(conn)?;
    Ok(())
}

/// Notes that the session is used; whether it is still alive.
pub(in crate::people) fn touch_session(
    conn: &mut Conn,
    id: SessionId,
    now: Instant,
) -> Result<bool> {
    let live = s::sessions.find(id).filter(s::ended_at.is_null());
    Ok(diesel::update(live).set(s::last_used_at.eq(now)).execute(conn)? == 1)
}

/// Notes that the session saw its person's factor; whether it is still alive.
pub(in crate::people) fn show_factor(conn: &mut Conn, id: SessionId, now: Instant) -> Result<bool> {
    let live = s::sessions.find(id).filter(s::ended_at.is_null());
    Ok(diesel::update(live).set(s::factor_at.eq(Some(now))).execute(conn)? == 1)
}

/// Ends one session; whether it still was alive.
pub(in crate::people) fn end_session(
    conn: &mut Conn,
    id: SessionId,
    reason: EndReason,
    now: Instant,
) -> Result<bool> {
    let live = s::sessions.find(id).filter(s::ended_at.is_null());
    let set = (s::ended_at.eq(Some(now)), s::end_reason.eq(Some(reason)));
    Ok(diesel::update(live).set(set).execute(conn)? == 1)
}

/// Ends all sessions of a person but one; how many.
pub(in crate::people) fn end_sessions(
    conn: &mut Conn,
    person: PersonId,
    but: Option<SessionId>,
    reason: EndReason,
    now: Instant,
) -> Result<usize> {
    let live = s::person_id.eq(person).and(s::ended_at.is_null());
    let set = (s::ended_at.eq(Some(now)), s::end_reason.eq(Some(reason)));
    let live = s::sessions.filter(live);
    Ok(match but {
        Some(but) => diesel::update(live.filter(s::id.ne(but))).set(set).execute(conn)?,
        None => diesel::update(live).set(set).execute(conn)?,
    })
}

/// Keeps a new refresh token.
pub(in crate::people) fn insert_refresh_token(
    conn: &mut Conn,
    new: &RefreshToken,
    hash: &TokenHash,
    now: Instant,
) -> Result<()> {
    diesel::insert_into(r::refresh_tokens)
        .values((
            r::id.eq(new.id),
            r::session_id.eq(new.session_id),
            r::hash.eq(hash.as_slice()),
            r::issued_at.eq(now),
            r::expires_at.eq(new.expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// The refresh token with this hash, used or not.
pub(in crate::people) fn find_refresh_token(
    conn: &mut Conn,
    hash: &TokenHash,
) -> Result<Option<RefreshToken>> {
    type Row = (RefreshTokenId, SessionId, Instant, Option<Instant>);
    let row: Option<Row> = r::refresh_tokens
        .filter(r::hash.eq(hash.as_slice()))
        .select((r::id, r::session_id, r::expires_at, r::used_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, session_id, expires_at, used_at)| RefreshToken {
        id,
        session_id,
        expires_at,
        used_at,
    }))
}

/// Uses the token up; whether nobody had.
pub(in crate::people) fn use_refresh_token(
    conn: &mut Conn,
    id: RefreshTokenId,
    now: Instant,
) -> Result<bool> {
    let unused = r::refresh_tokens.find(id).filter(r::used_at.is_null());
    Ok(diesel::update(unused).set(r::used_at.eq(Some(now))).execute(conn)? == 1)
}

/// Forgets up to `most` refresh tokens that expired before `before`; how many.
pub(in crate::people) fn purge_refresh_tokens(
    conn: &mut Conn,
    before: Instant,
    most: i64,
) -> Result<usize> {
    let old: Vec<RefreshTokenId> = r::refresh_tokens
        .filter(r::expires_at.lt(before))
        .order(r::expires_at)
        .limit(most)
        .select(r::id)
        .load(conn)?;
    Ok(diesel::delete(r::refresh_tokens.filter(r::id.eq_any(&old))).execute(conn)?)
}

/// Forgets up to `most` sessions last used before `before` of which no refresh token is left; how
/// many.
pub(in crate::people) fn purge_sessions(
    conn: &mut Conn,
    before: Instant,
    most: i64,
) -> Result<usize> {
    let tokens = r::refresh_tokens.filter(r::session_id.eq(s::id));
    let old: Vec<SessionId> = s::sessions
        .filter(s::last_used_at.lt(before).and(diesel::dsl::not(diesel::dsl::exists(tokens))))
        .order(s::last_used_at)
        .limit(most)
        .select(s::id)
        .load(conn)?;
    Ok(diesel::delete(s::sessions.filter(s::id.eq_any(&old))).execute(conn)?)
}
