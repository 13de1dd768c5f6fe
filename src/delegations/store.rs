//! Rows of delegations.

use super::model::{DelegationStatus, Record, bits, from_bits};
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::ids::{DelegationId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, cols, padded};
use crate::platform::db::schema::delegations;
use crate::platform::db::schema::delegations::dsl as d;
use crate::platform::db::schema::people::dsl as p;
use diesel::dsl::{exists, max, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

crate::db_text!(DelegationStatus);

#[derive(Queryable, Selectable)]
#[diesel(table_name = delegations)]
struct Row {
    id: DelegationId,
    principal_id: PersonId,
    delegate_id: Option<PersonId>,
    email: String,
    errands: i32,
    expires_on: Date,
    status: DelegationStatus,
    token_hash: Option<Vec<u8>>,
    created_at: Instant,
    answered_at: Option<Instant>,
    ended_at: Option<Instant>,
    warn_on: Option<Date>,
}

impl From<Row> for Record {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            principal_id: row.principal_id,
            delegate_id: row.delegate_id,
            email: row.email,
            errands: from_bits(row.errands),
            expires_on: row.expires_on,
            status: row.status,
            token_hash: row.token_hash,
            created_at: row.created_at,
            answered_at: row.answered_at,
            ended_at: row.ended_at,
            warn_on: row.warn_on,
        }
    }
}

fn records(rows: Vec<Row>) -> Vec<Record> {
    rows.into_iter().map(Record::from).collect()
}

pub(super) fn insert(conn: &mut Conn, record: &Record) -> Result<()> {
    diesel::insert_into(d::delegations)
        .values((
            d::id.eq(record.id),
            d::principal_id.eq(record.principal_id),
            d::delegate_id.eq(record.delegate_id),
            d::email.eq(&record.email),
            d::errands.eq(bits(&record.errands)),
            d::expires_on.eq(record.expires_on),
            d::status.eq(record.status),
            d::token_hash.eq(record.token_hash.as_deref()),
            d::created_at.eq(record.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: DelegationId) -> Result<Option<Record>> {
    let row: Option<Row> =
        d::delegations.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Record::from))
}

/// The one whose token has this hash.
pub(super) fn by_token(conn: &mut Conn, hash: &[u8]) -> Result<Option<Record>> {
    let this = d::delegations.filter(d::token_hash.eq(hash));
    let row: Option<Row> = this.select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Record::from))
}

/// The newest row, held until the transaction ends: until then nobody ends it.
pub(super) fn lock(conn: &mut Conn, id: DelegationId) -> Result<Option<Record>> {
    let hold = diesel::update(d::delegations.find(id)).set(d::errands.eq(d::errands));
    let row: Option<Row> = Kept(hold.returning(cols::<Row>())).get_result(conn).optional()?;
    Ok(row.map(Record::from))
}

/// Writes the answer or the end; whether it still stood in `from`.
pub(super) fn turn(
    conn: &mut Conn,
    from: DelegationStatus,
    record: &Record,
    ended_by: Option<PersonId>,
) -> Result<bool> {
    let rows = diesel::update(d::delegations.find(record.id).filter(d::status.eq(from)))
        .set((
            d::delegate_id.eq(record.delegate_id),
            d::status.eq(record.status),
            d::token_hash.eq(record.token_hash.as_deref()),
            d::answered_at.eq(record.answered_at),
            d::ended_at.eq(record.ended_at),
            d::ended_by.eq(ended_by),
            d::warn_on.eq(record.warn_on),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Whether somebody stood or stands for one of these people, or one of them for somebody, at any
/// time since.
pub(super) fn any_overlaps(
    conn: &mut Conn,
    person: PersonId,
    others: &[PersonId],
    since: Instant,
) -> Result<bool> {
    let others = padded(others);
    let for_them = d::delegate_id.eq(person).and(d::principal_id.eq_any(others.clone()));
    let for_one = d::principal_id.eq(person).and(d::delegate_id.eq_any(others));
    let these = d::delegations
        .filter(for_them.or(for_one))
        .filter(d::ended_at.is_null().or(d::ended_at.ge(since)))
        .filter(d::status.ne(DelegationStatus::Declined))
        .limit(1)
        .select(d::id);
    let found: Vec<DelegationId> = Kept(these).load(conn)?;
    Ok(!found.is_empty())
}

/// For whom somebody is or was a delegate, each with when that ended.
pub(super) fn stood_for(
    conn: &mut Conn,
    delegate: PersonId,
) -> Result<Vec<(PersonId, Option<Instant>)>> {
    // Written out, so that the database knows how few it leaves out.
    let said_yes = sql::<Bool>("delegations.status <> 'declined'");
    Ok(d::delegations
        .filter(d::delegate_id.eq(delegate).and(said_yes))
        .order(d::id.desc())
        .limit(1_000)
        .select((d::principal_id, d::ended_at))
        .load(conn)?)
}

/// Who is a delegate of somebody, or was at any time since.
pub(super) fn stood_by(
    conn: &mut Conn,
    principal: PersonId,
    since: Instant,
) -> Result<Vec<PersonId>> {
    let said_yes = sql::<Bool>("delegations.status <> 'declined'");
    let theirs = d::delegations.filter(d::principal_id.eq(principal).and(said_yes));
    let people: Vec<Option<PersonId>> = theirs
        .filter(d::ended_at.is_null().or(d::ended_at.ge(since)))
        .order(d::id.desc())
        .limit(1_000)
        .select(d::delegate_id)
        .load(conn)?;
    Ok(people.into_iter().flatten().collect())
}

/// The delegation in force on this day between two people.
pub(super) fn live(
    conn: &mut Conn,
    (principal, delegate): (PersonId, PersonId),
    today: Date,
) -> Result<Option<(DelegationId, Vec<Errand>)>> {
    let found: Option<(DelegationId, i32)> = d::delegations
        .filter(d::delegate_id.eq(delegate).and(d::principal_id.eq(principal)))
        .filter(d::status.eq(DelegationStatus::Accepted).and(d::expires_on.ge(today)))
        .select((d::id, d::errands))
        .first(conn)
        .optional()?;
    Ok(found.map(|(id, errands)| (id, from_bits(errands))))
}

/// For whom somebody may act on this day, and how.
pub(super) fn principals(
    conn: &mut Conn,
    delegate: PersonId,
    today: Date,
    limit: i64,
) -> Result<Vec<(PersonId, Vec<Errand>)>> {
    let rows: Vec<(PersonId, i32)> = d::delegations
        .filter(d::delegate_id.eq(delegate).and(d::status.eq(DelegationStatus::Accepted)))
        .filter(d::expires_on.ge(today))
        .filter(exists(p::people.filter(p::id.eq(d::principal_id).and(p::status.eq("active")))))
        .order(d::principal_id)
        .limit(limit)
        .select((d::principal_id, d::errands))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, errands)| (id, from_bits(errands))).collect())
}

/// For how many somebody acts on this day, the suspended among them too.
pub(super) fn count_principals(conn: &mut Conn, delegate: PersonId, today: Date) -> Result<i64> {
    let said_yes = d::delegations
        .filter(d::delegate_id.eq(delegate).and(d::status.eq(DelegationStatus::Accepted)));
    Ok(said_yes.filter(d::expires_on.ge(today)).count().get_result(conn)?)
}

/// Those that one person made and that have not ended, and how many they made since.
pub(super) fn open_of(conn: &mut Conn, principal: PersonId) -> Result<Vec<Record>> {
    let rows: Vec<Row> = d::delegations
        .filter(d::principal_id.eq(principal).and(d::ended_at.is_null()))
        .order(d::id)
        .limit(200)
        .select(Row::as_select())
        .load(conn)?;
    Ok(records(rows))
}

/// How many somebody made since then.
pub(super) fn made_since(conn: &mut Conn, principal: PersonId, since: Instant) -> Result<i64> {
    let made = d::delegations.filter(d::principal_id.eq(principal).and(d::created_at.ge(since)));
    Ok(made.count().get_result(conn)?)
}

/// When somebody last asked this address since then, where nobody has said yes to that.
pub(super) fn asked_since(
    conn: &mut Conn,
    (principal, email): (PersonId, &str),
    since: Instant,
) -> Result<Option<Instant>> {
    let asked = d::delegations
        .filter(d::principal_id.eq(principal).and(d::email.eq(email)))
        .filter(d::created_at.gt(since).and(d::delegate_id.is_null()));
    Ok(asked.select(max(d::created_at)).first(conn)?)
}

/// Made by this person, newest first; up to one more than the page.
pub(super) fn of_principal(
    conn: &mut Conn,
    principal: PersonId,
    page: &PageOf<of::Delegation>,
) -> Result<Vec<Record>> {
    let mut query =
        d::delegations.filter(d::principal_id.eq(principal)).select(Row::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(d::id.lt(after));
    }
    Ok(records(query.order(d::id.desc()).limit(page.limit + 1).load(conn)?))
}

/// To this person, by account or by an invitation to this address that is not answered; newest
/// first, up to one more than the page. Each reason is read by its own index.
pub(super) fn of_delegate(
    conn: &mut Conn,
    delegate: PersonId,
    email: &str,
    page: &PageOf<of::Delegation>,
) -> Result<Vec<Record>> {
    let limit = page.limit + 1;
    let mut own =
        d::delegations.filter(d::delegate_id.eq(delegate)).select(Row::as_select()).into_boxed();
    let mut invited = d::delegations
        .filter(d::email.eq(email).and(d::status.eq(DelegationStatus::Invited)))
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        own = own.filter(d::id.lt(after));
        invited = invited.filter(d::id.lt(after));
    }
    let mut rows: Vec<Row> = own.order(d::id.desc()).limit(limit).load(conn)?;
    rows.extend(invited.order(d::id.desc()).limit(limit).load::<Row>(conn)?);
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(records(rows))
}

/// Those that wait on this day for the answer of who has this address, newest first.
pub(super) fn to_answer(
    conn: &mut Conn,
    email: &str,
    today: Date,
    limit: i64,
) -> Result<Vec<Record>> {
    let rows: Vec<Row> = d::delegations
        .filter(d::email.eq(email).and(d::status.eq(DelegationStatus::Invited)))
        .filter(d::expires_on.ge(today))
        .order(d::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(records(rows))
}

/// Those whose last day is before `today` and that have not ended, up to `limit`.
pub(super) fn over(conn: &mut Conn, today: Date, limit: i64) -> Result<Vec<DelegationId>> {
    Ok(d::delegations
        .filter(d::ended_at.is_null().and(d::expires_on.lt(today)))
        .order(d::expires_on)
        .limit(limit)
        .select(d::id)
        .load(conn)?)
}

/// Those whose two people are to be told by `today` that they end soon, up to `limit`.
pub(super) fn ending(conn: &mut Conn, today: Date, limit: i64) -> Result<Vec<DelegationId>> {
    Ok(d::delegations
        .filter(d::warn_on.le(today))
        .order(d::warn_on)
        .limit(limit)
        .select(d::id)
        .load(conn)?)
}

/// Notes that they are told; the caller holds the row.
pub(super) fn warned(conn: &mut Conn, id: DelegationId) -> Result<()> {
    diesel::update(d::delegations.find(id)).set(d::warn_on.eq(None::<Date>)).execute(conn)?;
    Ok(())
}
