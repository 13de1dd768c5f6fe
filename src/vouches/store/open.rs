//! Questions that wait for an answer: which, who is asked once more, and who is reminded.

use super::RequestRow;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId, VouchRequestId};
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::vouch_requests::dsl as q;
use crate::platform::db::schema::vouches::dsl as v;
use crate::vouches::model::{Request, RequestStatus, VouchStatus};
use crate::vouches::rules;
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// What this address was asked about an application, answered or not.
pub(in crate::vouches) fn asked_at(
    conn: &mut Conn,
    application: ApplicationId,
    email: &str,
) -> Result<Option<Request>> {
    let row: Option<RequestRow> = q::vouch_requests
        .filter(q::application_id.eq(application).and(q::email.eq(email.to_owned())))
        .select(RequestRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Request::from))
}

/// What was asked with this token, if it was not answered.
pub(in crate::vouches) fn by_token(conn: &mut Conn, hash: &[u8]) -> Result<Option<Request>> {
    let row: Option<RequestRow> = q::vouch_requests
        .filter(q::token_hash.eq(hash))
        .filter(q::status.eq(RequestStatus::Open))
        .select(RequestRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Request::from))
}

/// What somebody was asked at this address and has not answered, newest first: not where the
/// application has ended, or they vouch for it already.
pub(in crate::vouches) fn waiting(
    conn: &mut Conn,
    (person, email): (PersonId, &str),
    limit: i64,
) -> Result<Vec<Request>> {
    let vouched = v::vouches
        .filter(v::application_id.eq(q::application_id))
        .filter(v::voucher_id.eq(person).and(v::status.eq(VouchStatus::Signed)));
    let rows: Vec<RequestRow> = q::vouch_requests
        .inner_join(a::applications.on(a::id.eq(q::application_id)))
        .filter(q::email.eq(email.to_owned()).and(q::status.eq(RequestStatus::Open)))
        .filter(a::status.eq_any(rules::VOUCHED_FOR))
        .filter(not(exists(vouched)))
        .order(q::id.desc())
        .limit(limit)
        .select(RequestRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Request::from).collect())
}

/// Writes what the new mail of a question says, with its token; whether it was open until now.
pub(in crate::vouches) fn ask_again(conn: &mut Conn, request: &Request) -> Result<bool> {
    let open = q::id.eq(request.id).and(q::status.eq(RequestStatus::Open));
    let rows = diesel::update(q::vouch_requests.filter(open))
        .set((
            q::name.eq(&request.name),
            q::message.eq(&request.message),
            q::token_hash.eq(request.token_hash.as_deref()),
            q::sent_at.eq(Some(request.sent_at)),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Questions mailed at `before` or earlier that nobody answered or was reminded of, the first
/// first. Written out, as the index has it.
pub(in crate::vouches) fn silent(
    conn: &mut Conn,
    before: Instant,
    limit: i64,
) -> Result<Vec<VouchRequestId>> {
    let waits =
        sql::<Bool>("vouch_requests.status = 'open' AND vouch_requests.reminded_at IS NULL");
    Ok(q::vouch_requests
        .filter(waits)
        .filter(q::sent_at.le(before))
        .order(q::sent_at)
        .limit(limit)
        .select(q::id)
        .load(conn)?)
}

/// Notes that somebody is reminded; whether they had to be, and were not before.
pub(in crate::vouches) fn reminded(
    conn: &mut Conn,
    id: VouchRequestId,
    at: Instant,
) -> Result<bool> {
    let waits = q::status.eq(RequestStatus::Open).and(q::reminded_at.is_null());
    let rows = diesel::update(q::vouch_requests.filter(q::id.eq(id).and(waits)))
        .set(q::reminded_at.eq(Some(at)))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Of an application's questions that nobody has answered: those whose reminder was noted between
/// these moments wait for it again.
pub(in crate::vouches) fn not_reminded(
    conn: &mut Conn,
    application: ApplicationId,
    (since, until): (Instant, Instant),
) -> Result<()> {
    let open = q::application_id.eq(application).and(q::status.eq(RequestStatus::Open));
    let noted = q::vouch_requests.filter(open).filter(q::reminded_at.between(since, until));
    diesel::update(noted).set(q::reminded_at.eq(None::<Instant>)).execute(conn)?;
    Ok(())
}
