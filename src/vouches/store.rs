//! Rows of vouches and of the questions for them.

mod open;

pub(super) use open::*;

use super::model::{Record, Request, RequestStatus, Said, Scope, Strength, VouchStatus};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId, VouchId, VouchRequestId, of};
use crate::kernel::page::PageOf;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::vouch_requests::dsl as q;
use crate::platform::db::schema::vouches::dsl as v;
use crate::platform::db::schema::{vouch_requests, vouches};
use crate::platform::db::types::Doc;
use diesel::dsl::{count_star, exists};
use diesel::prelude::*;
use std::collections::BTreeMap;

crate::db_text!(RequestStatus, Strength, VouchStatus);

#[derive(Queryable, Selectable)]
#[diesel(table_name = vouches)]
struct Row {
    id: VouchId,
    application_id: ApplicationId,
    voucher_id: PersonId,
    signed_name: String,
    request_id: Option<VouchRequestId>,
    scopes: Doc,
    strength: Strength,
    how_known: String,
    statement: String,
    conflicts: String,
    visibility: Visibility,
    status: VouchStatus,
    withdraw_reason: Option<String>,
    signed_at: Instant,
    withdrawn_at: Option<Instant>,
}

impl Row {
    fn record(self) -> Result<Record> {
        let scopes: Vec<Scope> =
            serde_json::from_value(self.scopes.0).map_err(Problem::internal)?;
        Ok(Record {
            id: self.id,
            application_id: self.application_id,
            voucher_id: self.voucher_id,
            request_id: self.request_id,
            said: Said {
                name: self.signed_name,
                scopes,
                strength: self.strength,
                how_known: self.how_known,
                statement: self.statement,
                conflicts: self.conflicts,
                visibility: self.visibility,
            },
            status: self.status,
            withdraw_reason: self.withdraw_reason,
            signed_at: self.signed_at,
            withdrawn_at: self.withdrawn_at,
        })
    }
}

pub(super) fn insert(conn: &mut Conn, record: &Record, quarter: i32) -> Result<()> {
    let said = &record.said;
    let scopes = serde_json::to_value(&said.scopes).map_err(Problem::internal)?;
    diesel::insert_into(v::vouches)
        .values((
            v::id.eq(record.id),
            v::application_id.eq(record.application_id),
            v::voucher_id.eq(record.voucher_id),
            v::signed_name.eq(&said.name),
            v::request_id.eq(record.request_id),
            v::scopes.eq(Doc(scopes)),
            v::strength.eq(said.strength),
            v::how_known.eq(&said.how_known),
            v::statement.eq(&said.statement),
            v::conflicts.eq(&said.conflicts),
            v::visibility.eq(said.visibility),
            v::status.eq(record.status),
            v::signed_quarter.eq(quarter),
            v::signed_at.eq(record.signed_at),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: VouchId) -> Result<Option<Record>> {
    let row: Option<Row> = v::vouches.find(id).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::record).transpose()
}

/// Whether it stood until now.
pub(super) fn withdraw(conn: &mut Conn, id: VouchId, reason: &str, at: Instant) -> Result<bool> {
    let this = v::vouches.filter(v::id.eq(id).and(v::status.eq(VouchStatus::Signed)));
    let rows = diesel::update(this)
        .set((
            v::status.eq(VouchStatus::Withdrawn),
            v::withdraw_reason.eq(Some(reason)),
            v::withdrawn_at.eq(Some(at)),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Whether somebody vouches for an application, and that stands.
pub(super) fn stands(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<bool> {
    let signed = v::vouches
        .filter(v::application_id.eq(application).and(v::voucher_id.eq(person)))
        .filter(v::status.eq(VouchStatus::Signed));
    Ok(diesel::select(exists(signed)).get_result(conn)?)
}

/// Those of these applications that somebody vouches for, where that stands.
pub(super) fn stand_for(
    conn: &mut Conn,
    applications: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    let signed = v::vouches
        .filter(v::application_id.eq_any(padded(applications)).and(v::voucher_id.eq(person)))
        .filter(v::status.eq(VouchStatus::Signed));
    Ok(signed.select(v::application_id).load(conn)?)
}

/// Whether somebody vouches for an application for everybody to read, and that stands.
pub(super) fn stands_in_public(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<bool> {
    let signed = v::vouches
        .filter(v::application_id.eq(application).and(v::voucher_id.eq(person)))
        .filter(v::status.eq(VouchStatus::Signed).and(v::visibility.eq(Visibility::Public)));
    Ok(diesel::select(exists(signed)).get_result(conn)?)
}

/// Whether somebody ever vouched for an application, or was asked to at this address.
pub(super) fn has_to_do(
    conn: &mut Conn,
    application: ApplicationId,
    (person, email): (PersonId, &str),
) -> Result<bool> {
    let signed = v::vouches.filter(v::application_id.eq(application).and(v::voucher_id.eq(person)));
    let asked = q::vouch_requests
        .filter(q::application_id.eq(application).and(q::email.eq(email.to_owned())));
    Ok(diesel::select(exists(signed).or(exists(asked))).get_result(conn)?)
}

/// How many somebody signed in a quarter.
pub(super) fn signed_in(conn: &mut Conn, person: PersonId, quarter: i32) -> Result<i64> {
    let signed = v::vouches.filter(v::voucher_id.eq(person).and(v::signed_quarter.eq(quarter)));
    Ok(signed.count().get_result(conn)?)
}

/// Whose vouches to list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Filter {
    /// Those for an application: all of them, or the public ones and those of one person.
    Application(ApplicationId, Option<Option<PersonId>>),
    /// Those of a person.
    Voucher(PersonId),
}

/// Newest first.
pub(super) fn list(
    conn: &mut Conn,
    filter: Filter,
    page: &PageOf<of::Vouch>,
) -> Result<Vec<Record>> {
    let mut query = v::vouches.select(Row::as_select()).into_boxed();
    match filter {
        Filter::Application(id, None) => query = query.filter(v::application_id.eq(id)),
        Filter::Application(id, Some(None)) => {
            query =
                query.filter(v::application_id.eq(id).and(v::visibility.eq(Visibility::Public)));
        }
        Filter::Application(id, Some(Some(me))) => {
            let mine = v::visibility.eq(Visibility::Public).or(v::voucher_id.eq(me));
            query = query.filter(v::application_id.eq(id).and(mine));
        }
        Filter::Voucher(person) => query = query.filter(v::voucher_id.eq(person)),
    }
    if let Some(after) = page.after {
        query = query.filter(v::id.lt(after));
    }
    let rows: Vec<Row> = query.order(v::id.desc()).limit(page.limit + 1).load(conn)?;
    rows.into_iter().map(Row::record).collect()
}

/// How many public and how many private vouches stand for each of these; those without are left
/// out.
pub(super) fn counts(
    conn: &mut Conn,
    applications: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, (i64, i64)>> {
    let query = v::vouches
        .filter(v::application_id.eq_any(padded(applications)))
        .filter(v::status.eq(VouchStatus::Signed))
        .group_by((v::application_id, v::visibility))
        .select((v::application_id, v::visibility, count_star()));
    let rows: Vec<(ApplicationId, Visibility, i64)> = Kept(query).load(conn)?;
    let mut counts: BTreeMap<ApplicationId, (i64, i64)> = BTreeMap::new();
    for (id, visibility, count) in rows {
        let of = counts.entry(id).or_default();
        match visibility {
            Visibility::Public => of.0 = count,
            Visibility::Private => of.1 = count,
        }
    }
    Ok(counts)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = vouch_requests)]
struct RequestRow {
    id: VouchRequestId,
    application_id: ApplicationId,
    requested_by: PersonId,
    email: String,
    name: String,
    message: String,
    status: RequestStatus,
    token_hash: Option<Vec<u8>>,
    created_at: Instant,
    sent_at: Option<Instant>,
    answered_at: Option<Instant>,
}

impl From<RequestRow> for Request {
    fn from(row: RequestRow) -> Self {
        Self {
            id: row.id,
            application_id: row.application_id,
            requested_by: row.requested_by,
            email: row.email,
            name: row.name,
            message: row.message,
            status: row.status,
            token_hash: row.token_hash,
            created_at: row.created_at,
            sent_at: row.sent_at.unwrap_or(row.created_at),
            answered_at: row.answered_at,
        }
    }
}

pub(super) fn insert_request(conn: &mut Conn, request: &Request) -> Result<()> {
    diesel::insert_into(q::vouch_requests)
        .values((
            q::id.eq(request.id),
            q::application_id.eq(request.application_id),
            q::requested_by.eq(request.requested_by),
            q::email.eq(&request.email),
            q::name.eq(&request.name),
            q::message.eq(&request.message),
            q::status.eq(request.status),
            q::token_hash.eq(request.token_hash.as_deref()),
            q::created_at.eq(request.created_at),
            q::sent_at.eq(Some(request.sent_at)),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn find_request(conn: &mut Conn, id: VouchRequestId) -> Result<Option<Request>> {
    let found = q::vouch_requests.find(id).select(RequestRow::as_select());
    Ok(found.first(conn).optional()?.map(Request::from))
}

/// Whether it was open until now.
pub(super) fn answer(
    conn: &mut Conn,
    id: VouchRequestId,
    status: RequestStatus,
    at: Instant,
) -> Result<bool> {
    let this = q::vouch_requests.filter(q::id.eq(id).and(q::status.eq(RequestStatus::Open)));
    let none = q::token_hash.eq(None::<Vec<u8>>);
    let set = (q::status.eq(status), q::answered_at.eq(Some(at)), none);
    Ok(diesel::update(this).set(set).execute(conn)? == 1)
}

/// How many people were asked about an application.
pub(super) fn asked_about(conn: &mut Conn, application: ApplicationId) -> Result<i64> {
    let asked = q::vouch_requests.filter(q::application_id.eq(application));
    Ok(asked.count().get_result(conn)?)
}

/// How many people somebody has asked later than that, those among them who were asked before.
pub(super) fn asked_since(conn: &mut Conn, person: PersonId, since: Instant) -> Result<i64> {
    let asked = q::vouch_requests.filter(q::requested_by.eq(person)).filter(q::sent_at.gt(since));
    Ok(asked.count().get_result(conn)?)
}

/// Which questions to list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// Those about an application.
    About(ApplicationId),
    /// Those that went to this address.
    Address(&'a str),
}

/// Newest first.
pub(super) fn requests(
    conn: &mut Conn,
    asked: Asked<'_>,
    page: &PageOf<of::VouchRequest>,
) -> Result<Vec<Request>> {
    let mut query = q::vouch_requests.select(RequestRow::as_select()).into_boxed();
    match asked {
        Asked::About(id) => query = query.filter(q::application_id.eq(id)),
        Asked::Address(email) => query = query.filter(q::email.eq(email.to_owned())),
    }
    if let Some(after) = page.after {
        query = query.filter(q::id.lt(after));
    }
    let rows: Vec<RequestRow> = query.order(q::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Request::from).collect())
}

/// The application of each of these vouches.
pub(super) fn of_which(conn: &mut Conn, ids: &[VouchId]) -> Result<Vec<(VouchId, ApplicationId)>> {
    let these = v::vouches.filter(v::id.eq_any(padded(ids)));
    Ok(these.select((v::id, v::application_id)).load(conn)?)
}
