//! Rows of payees.

use super::model::{Method, Payee, PayeeFacts, PayeeFilter, PayeeStatus, Sharing};
use crate::kernel::Result;
use crate::kernel::ids::{PayeeId, PersonId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::payees;
use crate::platform::db::schema::payees::dsl as p;
use crate::platform::db::types::{Sealed, db_text};
use diesel::prelude::*;

db_text!(PayeeStatus, Method);

/// A payee without its account.
#[derive(Queryable, Selectable)]
#[diesel(table_name = payees)]
struct Row {
    id: PayeeId,
    person_id: PersonId,
    name: String,
    country: String,
    town: String,
    address: String,
    method: Method,
    currency: Currency,
    masked: String,
    fingerprint: Vec<u8>,
    status: PayeeStatus,
    status_reason: Option<String>,
    edited_by: PersonId,
    edited_at: Instant,
    verified_by: Option<PersonId>,
    verified_at: Option<Instant>,
    usable_from: Option<Instant>,
    details_version: i32,
    version: i32,
    created_at: Instant,
}

impl From<Row> for Payee {
    fn from(r: Row) -> Self {
        let facts = PayeeFacts {
            id: r.id,
            person_id: r.person_id,
            name: r.name,
            status: r.status,
            currency: r.currency,
            country: r.country,
            masked: r.masked,
            details_version: r.details_version,
            usable_from: r.usable_from,
            edited_by: r.edited_by,
            verified_by: r.verified_by,
            fingerprint: r.fingerprint,
            method: r.method,
        };
        Self {
            facts,
            town: r.town,
            address: r.address,
            status_reason: r.status_reason,
            edited_at: r.edited_at,
            verified_at: r.verified_at,
            version: r.version,
            created_at: r.created_at,
        }
    }
}

/// Adds a payee with its sealed account.
pub(super) fn insert(conn: &mut Conn, payee: &Payee, sealed: &[u8]) -> Result<()> {
    let facts = &payee.facts;
    diesel::insert_into(p::payees)
        .values((
            p::id.eq(facts.id),
            p::person_id.eq(facts.person_id),
            p::name.eq(&facts.name),
            p::country.eq(&facts.country),
            p::town.eq(&payee.town),
            p::address.eq(&payee.address),
            p::method.eq(facts.method),
            p::currency.eq(facts.currency),
            p::sealed.eq(Sealed(sealed.to_vec())),
            p::masked.eq(&facts.masked),
            p::fingerprint.eq(&facts.fingerprint),
            p::status.eq(facts.status),
            p::edited_by.eq(facts.edited_by),
            p::edited_at.eq(payee.edited_at),
            p::usable_from.eq(facts.usable_from),
            p::details_version.eq(facts.details_version),
            p::version.eq(payee.version),
            p::created_at.eq(payee.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// A payee, without its account.
pub(super) fn find(conn: &mut Conn, id: PayeeId) -> Result<Option<Payee>> {
    let row: Option<Row> = p::payees.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// The sealed account of a payee.
pub(super) fn sealed(conn: &mut Conn, id: PayeeId) -> Result<Option<Vec<u8>>> {
    let sealed: Option<Sealed> = p::payees.find(id).select(p::sealed).first(conn).optional()?;
    Ok(sealed.map(|s| s.0))
}

/// Up to `limit + 1` payees, newest first.
pub(super) fn list(
    conn: &mut Conn,
    filter: &PayeeFilter,
    page: &PageOf<of::Payee>,
) -> Result<Vec<Payee>> {
    let mut query = p::payees.select(Row::as_select()).into_boxed();
    if let Some(person) = filter.person {
        query = query.filter(p::person_id.eq(person));
    }
    if let Some(status) = filter.status {
        query = query.filter(p::status.eq(status));
    }
    if let Some(after) = page.after {
        query = query.filter(p::id.lt(after));
    }
    let rows: Vec<Row> = query.order(p::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Who has how many payees with the accounts of these.
pub(super) fn shared(conn: &mut Conn, of: &[Payee]) -> Result<Vec<(Vec<u8>, PersonId, i64)>> {
    let accounts: Vec<&[u8]> = of.iter().map(|payee| payee.facts.fingerprint.as_slice()).collect();
    Ok(p::payees
        .filter(p::fingerprint.eq_any(padded(&accounts)))
        .group_by((p::fingerprint, p::person_id))
        .select((p::fingerprint, p::person_id, diesel::dsl::count_star()))
        .load(conn)?)
}

/// How many payees a person has.
pub(super) fn count(conn: &mut Conn, person: PersonId) -> Result<i64> {
    Ok(p::payees.filter(p::person_id.eq(person)).count().get_result(conn)?)
}

/// Whether a person ever had a payee that could be paid to; imports do not count.
pub(super) fn was_usable(conn: &mut Conn, person: PersonId) -> Result<bool> {
    let one: Option<PayeeId> = p::payees
        .filter(p::person_id.eq(person).and(p::usable_from.is_not_null()))
        .filter(p::method.ne(Method::External))
        .select(p::id)
        .first(conn)
        .optional()?;
    Ok(one.is_some())
}

/// Holds an account until the transaction ends, by the first payee that has it: an update that
/// changes nothing locks its row.
pub(super) fn hold(conn: &mut Conn, fingerprint: &[u8]) -> Result<()> {
    let first: Option<PayeeId> = p::payees
        .filter(p::fingerprint.eq(fingerprint))
        .select(p::id)
        .order(p::id)
        .first(conn)
        .optional()?;
    if let Some(first) = first {
        diesel::update(p::payees.find(first)).set(p::version.eq(p::version)).execute(conn)?;
    }
    Ok(())
}

/// Holds one payee until the transaction ends, as [`hold`] does.
pub(super) fn hold_row(conn: &mut Conn, id: PayeeId) -> Result<()> {
    diesel::update(p::payees.find(id)).set(p::version.eq(p::version)).execute(conn)?;
    Ok(())
}

/// Who besides `owner` has a payee with this account, and whether `person` is one of them.
pub(super) fn sharing(
    conn: &mut Conn,
    fingerprint: &[u8],
    owner: PersonId,
    person: Option<PersonId>,
) -> Result<Sharing> {
    let same = p::fingerprint.eq(fingerprint).and(p::person_id.ne(owner));
    let others: i64 = p::payees.filter(same).count().get_result(conn)?;
    let Some(person) = person.filter(|_| others > 0) else {
        return Ok(Sharing { others, acting: false });
    };
    let theirs: Option<PayeeId> =
        p::payees.filter(same.and(p::person_id.eq(person))).select(p::id).first(conn).optional()?;
    Ok(Sharing { others, acting: theirs.is_some() })
}

/// What an edit or a decision writes; `None` leaves a column as it is.
#[derive(AsChangeset, Default)]
#[diesel(table_name = payees)]
pub(super) struct Set {
    pub(super) name: Option<String>,
    pub(super) country: Option<String>,
    pub(super) town: Option<String>,
    pub(super) address: Option<String>,
    pub(super) method: Option<Method>,
    pub(super) currency: Option<Currency>,
    pub(super) sealed: Option<Sealed>,
    pub(super) masked: Option<String>,
    pub(super) fingerprint: Option<Vec<u8>>,
    pub(super) status: Option<PayeeStatus>,
    pub(super) status_reason: Option<Option<String>>,
    pub(super) edited_by: Option<PersonId>,
    pub(super) edited_at: Option<Instant>,
    pub(super) verified_by: Option<Option<PersonId>>,
    pub(super) verified_at: Option<Option<Instant>>,
    pub(super) usable_from: Option<Option<Instant>>,
    pub(super) details_version: Option<i32>,
    pub(super) version: Option<i32>,
}

/// Changes a payee that still is as it was read, and counts the edit; whether it was.
pub(super) fn change(conn: &mut Conn, was: &Payee, set: Set) -> Result<bool> {
    let still = p::payees
        .filter(p::id.eq(was.facts.id))
        .filter(p::status.eq(was.facts.status))
        .filter(p::version.eq(was.version));
    let set = Set { version: Some(was.version + 1), ..set };
    Ok(diesel::update(still).set(&set).execute(conn)? == 1)
}

/// The payee of somebody who is paid outside of this service.
pub(super) fn external_of(
    conn: &mut Conn,
    person: PersonId,
    currency: Currency,
) -> Result<Option<PayeeId>> {
    Ok(p::payees
        .filter(p::person_id.eq(person))
        .filter(p::method.eq(Method::External).and(p::currency.eq(currency)))
        .order(p::id)
        .select(p::id)
        .first(conn)
        .optional()?)
}
