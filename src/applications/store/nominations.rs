//! Rows of nominations.

use crate::applications::model::{NominationRecord, NominationStatus};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, NominationId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, cols};
use crate::platform::db::schema::nominations;
use crate::platform::db::schema::nominations::dsl as n;
use diesel::dsl::max;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = nominations)]
struct Row {
    id: NominationId,
    call_id: CallId,
    nominator_id: PersonId,
    email: String,
    name: String,
    title: String,
    summary: String,
    why: String,
    status: NominationStatus,
    token_hash: Option<Vec<u8>>,
    expires_at: Instant,
    nominee_id: Option<PersonId>,
    application_id: Option<ApplicationId>,
    created_at: Instant,
    decided_at: Option<Instant>,
    due_at: Option<Instant>,
}

impl From<Row> for NominationRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            call_id: row.call_id,
            nominator_id: row.nominator_id,
            email: row.email,
            name: row.name,
            title: row.title,
            summary: row.summary,
            why: row.why,
            status: row.status,
            token_hash: row.token_hash,
            expires_at: row.expires_at,
            nominee_id: row.nominee_id,
            application_id: row.application_id,
            created_at: row.created_at,
            decided_at: row.decided_at,
            due_at: row.due_at,
        }
    }
}

fn records(rows: Vec<Row>) -> Vec<NominationRecord> {
    rows.into_iter().map(NominationRecord::from).collect()
}

pub(in crate::applications) fn insert_nomination(
    conn: &mut Conn,
    new: &NominationRecord,
) -> Result<()> {
    diesel::insert_into(n::nominations)
        .values((
            n::id.eq(new.id),
            n::call_id.eq(new.call_id),
            n::nominator_id.eq(new.nominator_id),
            n::email.eq(&new.email),
            n::name.eq(&new.name),
            n::title.eq(&new.title),
            n::summary.eq(&new.summary),
            n::why.eq(&new.why),
            n::status.eq(new.status),
            n::token_hash.eq(new.token_hash.as_deref()),
            n::expires_at.eq(new.expires_at),
            n::created_at.eq(new.created_at),
            n::due_at.eq(new.due_at),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::applications) fn find_nomination(
    conn: &mut Conn,
    id: NominationId,
) -> Result<Option<NominationRecord>> {
    let row: Option<Row> =
        n::nominations.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(NominationRecord::from))
}

/// The one whose token has this hash.
pub(in crate::applications) fn nomination_by(
    conn: &mut Conn,
    hash: &[u8],
) -> Result<Option<NominationRecord>> {
    let this = n::nominations.filter(n::token_hash.eq(hash));
    let row: Option<Row> = this.select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(NominationRecord::from))
}

/// The newest row, held until the transaction ends, so that it is taken once.
pub(in crate::applications) fn lock_nomination(
    conn: &mut Conn,
    id: NominationId,
) -> Result<Option<NominationRecord>> {
    let hold = diesel::update(n::nominations.find(id)).set(n::title.eq(n::title));
    let row: Option<Row> = Kept(hold.returning(cols::<Row>())).get_result(conn).optional()?;
    Ok(row.map(NominationRecord::from))
}

/// Writes the answer; whether it still was open.
pub(in crate::applications) fn decide_nomination(
    conn: &mut Conn,
    new: &NominationRecord,
) -> Result<bool> {
    let open = n::nominations.find(new.id).filter(n::status.eq(NominationStatus::Open));
    let rows = diesel::update(open)
        .set((
            n::status.eq(new.status),
            n::token_hash.eq(new.token_hash.as_deref()),
            n::nominee_id.eq(new.nominee_id),
            n::application_id.eq(new.application_id),
            n::decided_at.eq(new.decided_at),
            n::due_at.eq(new.due_at),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Those of which somebody is to hear something by now, up to `limit`.
pub(in crate::applications) fn due_nominations(
    conn: &mut Conn,
    now: Instant,
    limit: i64,
) -> Result<Vec<NominationId>> {
    Ok(n::nominations
        .filter(n::due_at.le(now))
        .order(n::due_at)
        .limit(limit)
        .select(n::id)
        .load(conn)?)
}

/// Writes what is due next, and the token that was mailed last; the caller holds the row.
pub(in crate::applications) fn save_nomination_due(
    conn: &mut Conn,
    row: &NominationRecord,
) -> Result<()> {
    diesel::update(n::nominations.find(row.id))
        .set((n::due_at.eq(row.due_at), n::token_hash.eq(row.token_hash.as_deref())))
        .execute(conn)?;
    Ok(())
}

/// How many somebody made since then.
pub(in crate::applications) fn nominated_since(
    conn: &mut Conn,
    nominator: PersonId,
    since: Instant,
) -> Result<i64> {
    let made = n::nominations.filter(n::nominator_id.eq(nominator).and(n::created_at.ge(since)));
    Ok(made.count().get_result(conn)?)
}

/// Whether somebody nominated this address in this call, and it can still be taken.
pub(in crate::applications) fn is_nominated(
    conn: &mut Conn,
    (nominator, call, email): (PersonId, CallId, &str),
    now: Instant,
) -> Result<bool> {
    let found: Option<NominationId> = n::nominations
        .filter(n::email.eq(email).and(n::nominator_id.eq(nominator)))
        .filter(n::call_id.eq(call).and(n::status.eq(NominationStatus::Open)))
        .filter(n::expires_at.gt(now))
        .select(n::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// The moment from which somebody may nominate an address again, where that lies ahead: `again`
/// seconds after they last did, and after a no not before the nomination would have been over. What
/// was taken is no reason to wait.
pub(in crate::applications) fn nominate_again_at(
    conn: &mut Conn,
    (nominator, email): (PersonId, &str),
    (now, again): (Instant, i64),
) -> Result<Option<Instant>> {
    let theirs = || n::nominations.filter(n::email.eq(email).and(n::nominator_id.eq(nominator)));
    let last: Option<Instant> = theirs()
        .filter(n::status.ne(NominationStatus::Taken))
        .filter(n::created_at.gt(now.plus_seconds(-again)))
        .select(max(n::created_at))
        .first(conn)?;
    let no: Option<Instant> = theirs()
        .filter(n::status.eq(NominationStatus::Declined).and(n::expires_at.gt(now)))
        .select(max(n::expires_at))
        .first(conn)?;
    Ok(last.map(|last| last.plus_seconds(again)).max(no))
}

/// Made by somebody, taken or declined by them, or waiting for them at this address; newest first,
/// up to one more than the page. Each reason is read by its own index.
pub(in crate::applications) fn nominations_of(
    conn: &mut Conn,
    person: PersonId,
    email: &str,
    page: &PageOf<of::Nomination>,
) -> Result<Vec<NominationRecord>> {
    let limit = page.limit + 1;
    let mut rows: Vec<Row> = Vec::new();
    macro_rules! newest {
        ($reason:expr) => {{
            let mut query = n::nominations.filter($reason).select(Row::as_select()).into_boxed();
            if let Some(after) = page.after {
                query = query.filter(n::id.lt(after));
            }
            rows.extend(query.order(n::id.desc()).limit(limit).load::<Row>(conn)?);
        }};
    }
    newest!(n::nominator_id.eq(person));
    newest!(n::nominee_id.eq(person));
    newest!(n::email.eq(email).and(n::status.eq(NominationStatus::Open)));
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(records(rows))
}

/// Those that wait at this address for the answer of somebody who did not make them, newest first.
pub(in crate::applications) fn nominations_to_answer(
    conn: &mut Conn,
    (person, email): (PersonId, &str),
    now: Instant,
    limit: i64,
) -> Result<Vec<NominationRecord>> {
    let rows: Vec<Row> = n::nominations
        .filter(n::email.eq(email).and(n::status.eq(NominationStatus::Open)))
        .filter(n::expires_at.gt(now).and(n::nominator_id.ne(person)))
        .order(n::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(records(rows))
}

/// Says on the application who nominated its applicant.
pub(in crate::applications) fn set_nominated_by(
    conn: &mut Conn,
    id: ApplicationId,
    nominator: PersonId,
) -> Result<()> {
    use crate::platform::db::schema::applications::dsl as a;
    diesel::update(a::applications.find(id))
        .set(a::nominated_by.eq(Some(nominator)))
        .execute(conn)?;
    Ok(())
}
