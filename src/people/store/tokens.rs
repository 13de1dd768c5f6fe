//! Rows of links in mails and of personal access tokens.

use super::people::{self, find};
use crate::kernel::Result;
use crate::kernel::ids::{AccessTokenId, FactorId, MailTokenId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::people::model::{AccessToken, FactorState, Link, LinkKind, Person};
use crate::platform::auth::token::TokenHash;
use crate::platform::db::Conn;
use crate::platform::db::schema::access_tokens::dsl as a;
use crate::platform::db::schema::factors::dsl as f;
use crate::platform::db::schema::mail_tokens::dsl as m;
use crate::platform::db::schema::people::dsl as p;
use crate::platform::db::types::Doc;
use diesel::prelude::*;
use serde_json::Value;

/// Keeps a link that is mailed.
pub(in crate::people) fn insert_link(
    conn: &mut Conn,
    id: MailTokenId,
    person: PersonId,
    kind: LinkKind,
    hash: &TokenHash,
    (now, expires_at): (Instant, Instant),
) -> Result<()> {
    diesel::insert_into(m::mail_tokens)
        .values((
            m::id.eq(id),
            m::person_id.eq(person),
            m::kind.eq(kind),
            m::hash.eq(hash.as_slice()),
            m::expires_at.eq(expires_at),
            m::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// The link with this hash, unless it was used or is too old.
pub(in crate::people) fn find_link(
    conn: &mut Conn,
    kind: LinkKind,
    hash: &TokenHash,
    now: Instant,
) -> Result<Option<Link>> {
    let good = m::used_at.is_null().and(m::expires_at.gt(now));
    let row: Option<(MailTokenId, PersonId)> = m::mail_tokens
        .filter(m::hash.eq(hash.as_slice()).and(m::kind.eq(kind)).and(good))
        .select((m::id, m::person_id))
        .first(conn)
        .optional()?;
    let Some((id, person)) = row else { return Ok(None) };
    Ok(find(conn, person)?.map(|person| Link { id, person }))
}

/// Uses a link up; whether nobody had.
pub(in crate::people) fn use_link(conn: &mut Conn, id: MailTokenId, now: Instant) -> Result<bool> {
    let unused = m::mail_tokens.find(id).filter(m::used_at.is_null());
    Ok(diesel::update(unused).set(m::used_at.eq(Some(now))).execute(conn)? == 1)
}

/// Uses up all links of a person.
pub(in crate::people) fn void_links(conn: &mut Conn, person: PersonId, now: Instant) -> Result<()> {
    let unused = m::person_id.eq(person).and(m::used_at.is_null());
    diesel::update(m::mail_tokens.filter(unused)).set(m::used_at.eq(Some(now))).execute(conn)?;
    Ok(())
}

/// Forgets up to `most` links that expired before `before`; how many.
pub(in crate::people) fn purge_links(conn: &mut Conn, before: Instant, most: i64) -> Result<usize> {
    let old: Vec<MailTokenId> = m::mail_tokens
        .filter(m::expires_at.lt(before))
        .order(m::expires_at)
        .limit(most)
        .select(m::id)
        .load(conn)?;
    Ok(diesel::delete(m::mail_tokens.filter(m::id.eq_any(&old))).execute(conn)?)
}

type Row = (AccessTokenId, String, Doc, Instant, Instant, Option<Instant>);

macro_rules! columns {
    () => {
        (a::id, a::name, a::scopes, a::created_at, a::expires_at, a::revoked_at)
    };
}

fn access_token(row: Row) -> AccessToken {
    let (id, name, scopes, created_at, expires_at, revoked_at) = row;
    let scopes = match scopes.0 {
        Value::Array(list) => list.iter().filter_map(|s| s.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    AccessToken { id, name, scopes, created_at, expires_at, revoked_at }
}

/// Keeps a new personal access token.
pub(in crate::people) fn insert_access_token(
    conn: &mut Conn,
    person: PersonId,
    new: &AccessToken,
    hash: &TokenHash,
) -> Result<()> {
    diesel::insert_into(a::access_tokens)
        .values((
            a::id.eq(new.id),
            a::person_id.eq(person),
            a::name.eq(&new.name),
            a::hash.eq(hash.as_slice()),
            a::scopes.eq(Doc(new.scopes.clone().into())),
            a::created_at.eq(new.created_at),
            a::expires_at.eq(new.expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// The personal access token with this hash, also a dead one, whose it is, and whether they have a
/// second factor.
pub(in crate::people) fn access_token_and_person(
    conn: &mut Conn,
    hash: &TokenHash,
) -> Result<Option<(AccessToken, Person, bool)>> {
    let row: Option<(Row, people::Row, Option<FactorId>)> = a::access_tokens
        .inner_join(p::people.on(p::id.eq(a::person_id)))
        .left_join(f::factors.on(active_factor!()))
        .filter(a::hash.eq(hash.as_slice()))
        .select((columns!(), person_columns!(), f::id.nullable()))
        .first(conn)
        .optional()?;
    Ok(row.map(|(token, p, factor)| (access_token(token), people::person(p), factor.is_some())))
}

/// A person's tokens that are not revoked, newest first; up to one more than the page.
pub(in crate::people) fn list_access_tokens(
    conn: &mut Conn,
    person: PersonId,
    page: &PageOf<of::AccessToken>,
) -> Result<Vec<AccessToken>> {
    let kept = a::person_id.eq(person).and(a::revoked_at.is_null());
    let mut query = a::access_tokens.filter(kept).select(columns!()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    let rows: Vec<Row> = query.order(a::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(access_token).collect())
}

/// How many tokens of a person are good now.
pub(in crate::people) fn count_access_tokens(
    conn: &mut Conn,
    person: PersonId,
    now: Instant,
) -> Result<i64> {
    let good = a::revoked_at.is_null().and(a::expires_at.gt(now));
    Ok(a::access_tokens.filter(a::person_id.eq(person).and(good)).count().get_result(conn)?)
}

/// Revokes a token of this person; whether it was theirs and not revoked.
pub(in crate::people) fn revoke_access_token(
    conn: &mut Conn,
    person: PersonId,
    id: AccessTokenId,
    now: Instant,
) -> Result<bool> {
    let theirs = a::person_id.eq(person).and(a::revoked_at.is_null());
    let token = a::access_tokens.find(id).filter(theirs);
    Ok(diesel::update(token).set(a::revoked_at.eq(Some(now))).execute(conn)? == 1)
}

/// Revokes all tokens of a person; how many.
pub(in crate::people) fn revoke_access_tokens(
    conn: &mut Conn,
    person: PersonId,
    now: Instant,
) -> Result<usize> {
    let live = a::person_id.eq(person).and(a::revoked_at.is_null());
    let live = a::access_tokens.filter(live);
    Ok(diesel::update(live).set(a::revoked_at.eq(Some(now))).execute(conn)?)
}
