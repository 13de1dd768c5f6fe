//! Rows of what was found, looked at, and is no conflict; and what is compared.

use super::lifted::lifted;
use super::lineage::past;
use crate::applications::model::{Consent, Ground};
use crate::applications::rules::EVER_INVITED_MAX;
use crate::delegations::model::DelegationStatus;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ConflictExceptionId, DelegationId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, Kept, padded};
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::conflict_exceptions;
use crate::platform::db::schema::conflict_exceptions::dsl as x;
use crate::platform::db::schema::conflicts::dsl as k;
use crate::platform::db::schema::delegations::dsl as d;
use crate::platform::db::schema::people;
use crate::platform::db::schema::people::dsl as p;
use crate::platform::db::schema::person_accounts::dsl as g;
use diesel::dsl::exists;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = conflict_exceptions)]
pub(in crate::applications) struct ExceptionRow {
    pub(in crate::applications) id: ConflictExceptionId,
    pub(in crate::applications) person_id: PersonId,
    pub(in crate::applications) ground: Ground,
    pub(in crate::applications) reason: String,
    pub(in crate::applications) decided_by: PersonId,
    pub(in crate::applications) decided_at: Instant,
}

/// Somebody on a team: their account, the address that was invited, and that of the account; and of
/// the person whom they are compared with, the address and whether they ever gave a bank account.
pub(in crate::applications) type Contact =
    (Option<PersonId>, String, Option<String>, Option<String>, bool);

diesel::alias!(people as other: Other);

/// Who is on these teams, each beside the application and the person whom they are compared with.
pub(in crate::applications) fn contacts_of(
    conn: &mut Conn,
    applications: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<(ApplicationId, Contact)>> {
    let (id, email) = (other.field(people::id), other.field(people::email));
    let compared = other.filter(id.eq(person)).select(email).single_value();
    let gave = exists(g::person_accounts.filter(g::person_id.eq(person)));
    let theirs = m::application_members
        .left_join(p::people.on(m::person_id.eq(p::id.nullable())))
        .filter(m::application_id.eq_any(padded(applications)))
        .filter(m::consent.eq(Consent::Accepted))
        .select((m::application_id, (m::person_id, m::email, p::email.nullable(), compared, gave)))
        .order(m::id);
    Ok(Kept(theirs).load(conn)?)
}

/// How somebody stands to an application.
#[derive(Debug, Default)]
pub(in crate::applications) struct Stands {
    /// Everybody ever asked onto its team, and how they answered; the first first.
    pub(in crate::applications) places: Vec<(Consent, Contact)>,
    /// Whether they declared a conflict with it.
    pub(in crate::applications) conflict: bool,
    /// Whether they act for who applies, or did at any time since it was begun.
    pub(in crate::applications) acts: bool,
    /// Whether it has come from others: it took one up, or was made of a declined one.
    pub(in crate::applications) past: bool,
}

/// A place on the team: account, address that was invited, address of the account, answer.
type Place = (Option<PersonId>, Option<String>, Option<String>, Option<Consent>);

/// Beside each place, what [`Stands`] tells of the person: address, whether they gave an account,
/// the rest in its order.
type Beside = (Option<String>, bool, bool, Option<DelegationId>, bool, bool);

/// All of it in one statement; nothing where there is no such application.
pub(in crate::applications) fn stands(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<Stands> {
    let (id, email) = (other.field(people::id), other.field(people::email));
    let own = other.filter(id.eq(person)).select(email).single_value();
    let gave = exists(g::person_accounts.filter(g::person_id.eq(person)));
    let declared =
        k::conflicts.filter(k::application_id.eq(application).and(k::person_id.eq(person)));
    // Looked up for the one, where `exists` might look through all of them first.
    let acts = d::delegations
        .filter(d::delegate_id.eq(person).and(d::principal_id.eq(a::applicant_id)))
        .filter(d::ended_at.is_null().or(d::ended_at.ge(a::created_at.nullable())))
        .filter(d::status.ne(DelegationStatus::Declined))
        .select(d::id)
        .single_value();
    let (took, made) = past!(application);
    let (whose, invited) = (m::person_id.nullable(), m::email.nullable());
    let place = (whose, invited, p::email.nullable(), m::consent.nullable());
    let limit = i64::try_from(EVER_INVITED_MAX + 1).unwrap_or(i64::MAX);
    let rows: Vec<(Place, Beside)> = a::applications
        .left_join(m::application_members.on(m::application_id.eq(a::id)))
        .left_join(p::people.on(m::person_id.eq(p::id.nullable())))
        .filter(a::id.eq(application))
        .order(m::id)
        .limit(limit)
        .select((place, (own, gave, exists(declared), acts, took, made)))
        .load(conn)?;
    let mut stands = Stands::default();
    for ((whose, invited, account, answer), beside) in rows {
        let (email, gave, conflict, acts, took, made) = beside;
        if let (Some(invited), Some(answer)) = (invited, answer) {
            stands.places.push((answer, (whose, invited, account, email, gave)));
        }
        let (acts, past, places) = (acts.is_some(), took || made, stands.places);
        stands = Stands { places, conflict, acts, past };
    }
    Ok(stands)
}

/// What was looked at already.
pub(in crate::applications) fn excepted(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<Vec<Ground>> {
    Ok(x::conflict_exceptions
        .filter(x::application_id.eq(application).and(x::person_id.eq(person)))
        .select(x::ground)
        .load(conn)?)
}

/// False if it is there already.
pub(in crate::applications) fn insert_exception(
    conn: &mut Conn,
    application: ApplicationId,
    row: &ExceptionRow,
) -> Result<bool> {
    // Asked first: SQLite's guard against REPLACE cannot tell the two apart.
    if excepted(conn, application, row.person_id)?.contains(&row.ground) {
        return Ok(false);
    }
    let insert = diesel::insert_into(x::conflict_exceptions)
        .values((
            x::id.eq(row.id),
            x::application_id.eq(application),
            x::person_id.eq(row.person_id),
            x::ground.eq(row.ground),
            x::reason.eq(&row.reason),
            x::decided_by.eq(row.decided_by),
            x::decided_at.eq(row.decided_at),
        ))
        .on_conflict((x::application_id, x::person_id, x::ground))
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

/// What was found or declared, and is no conflict; newest first.
pub(in crate::applications) fn exceptions(
    conn: &mut Conn,
    application: ApplicationId,
    page: &PageOf<of::ConflictException>,
) -> Result<Vec<ExceptionRow>> {
    let read = |found: bool, _| match found {
        true => found_none(conn, application, page),
        false => lifted(conn, application, page),
    };
    page.newest_of(&[true, false], read, |row| row.id)
}

fn found_none(
    conn: &mut Conn,
    application: ApplicationId,
    page: &PageOf<of::ConflictException>,
) -> Result<Vec<ExceptionRow>> {
    let mut query = x::conflict_exceptions
        .filter(x::application_id.eq(application))
        .select(ExceptionRow::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(x::id.lt(after));
    }
    Ok(query.order(x::id.desc()).limit(page.limit + 1).load(conn)?)
}
