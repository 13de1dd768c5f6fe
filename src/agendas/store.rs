//! Rows of agendas and profiles, and of who and what names them.

pub(super) mod messages;

use super::model::{AgendaRecord, AgendaStatus, LookingFor, ProfileRecord};
use super::rules;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, BudgetId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::people::model::PersonStatus;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, cols, padded};
use crate::platform::db::schema::agenda_people::dsl as ap;
use crate::platform::db::schema::agendas;
use crate::platform::db::schema::agendas::dsl as a;
use crate::platform::db::schema::application_agendas::dsl as aa;
use crate::platform::db::schema::budget_agendas::dsl as ba;
use crate::platform::db::schema::people::dsl as p;
use crate::platform::db::schema::profile_agendas::dsl as pa;
use crate::platform::db::schema::profiles::dsl as pr;
use diesel::prelude::*;

crate::db_text!(AgendaStatus, LookingFor);

/// As `agenda_people.looking_for` has it for all that are listed.
const ANYTHING: &str = "anything";

#[derive(Queryable, Selectable)]
#[diesel(table_name = agendas)]
struct Row {
    id: AgendaId,
    slug: String,
    title: String,
    summary: String,
    parent_id: Option<AgendaId>,
    status: AgendaStatus,
    version: i32,
    created_at: Instant,
}

impl From<Row> for AgendaRecord {
    fn from(row: Row) -> Self {
        let Row { id, slug, title, summary, parent_id, status, version, created_at } = row;
        Self { id, slug, title, summary, parent_id, status, version, created_at }
    }
}

fn records(rows: Vec<Row>) -> Vec<AgendaRecord> {
    rows.into_iter().map(AgendaRecord::from).collect()
}

pub(super) fn insert(
    conn: &mut Conn,
    agenda: &AgendaRecord,
    created_by: Option<PersonId>,
) -> Result<()> {
    diesel::insert_into(a::agendas)
        .values((
            a::id.eq(agenda.id),
            a::slug.eq(&agenda.slug),
            a::title.eq(&agenda.title),
            a::summary.eq(&agenda.summary),
            a::parent_id.eq(agenda.parent_id),
            a::status.eq(agenda.status),
            a::version.eq(agenda.version),
            a::created_by.eq(created_by),
            a::created_at.eq(agenda.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: AgendaId) -> Result<Option<AgendaRecord>> {
    let row: Option<Row> = a::agendas.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(AgendaRecord::from))
}

pub(super) fn find_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<AgendaRecord>> {
    let row: Option<Row> =
        a::agendas.filter(a::slug.eq(slug)).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(AgendaRecord::from))
}

/// The newest row, held until the transaction ends, so that what is decided on it stays true.
pub(super) fn lock(conn: &mut Conn, id: AgendaId) -> Result<Option<AgendaRecord>> {
    let hold = diesel::update(a::agendas.find(id)).set(a::version.eq(a::version));
    let row: Option<Row> = Kept(hold.returning(cols::<Row>())).get_result(conn).optional()?;
    Ok(row.map(AgendaRecord::from))
}

/// Those of these that there are.
pub(super) fn these(conn: &mut Conn, ids: &[AgendaId]) -> Result<Vec<AgendaRecord>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = a::agendas.filter(a::id.eq_any(padded(ids))).select(Row::as_select());
    Ok(records(Kept(rows).load(conn)?))
}

/// Writes its words and place; whether the version was still `version`.
pub(super) fn save(conn: &mut Conn, agenda: &AgendaRecord, version: i32) -> Result<bool> {
    let this = a::agendas.filter(a::id.eq(agenda.id).and(a::version.eq(version)));
    let rows = diesel::update(this)
        .set((
            a::title.eq(&agenda.title),
            a::summary.eq(&agenda.summary),
            a::parent_id.eq(agenda.parent_id),
            a::version.eq(version + 1),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// From one status to the other; whether it was still in the first.
pub(super) fn set_status(
    conn: &mut Conn,
    id: AgendaId,
    (from, to): (AgendaStatus, AgendaStatus),
    retired_at: Option<Instant>,
) -> Result<bool> {
    let rows = diesel::update(a::agendas.filter(a::id.eq(id).and(a::status.eq(from))))
        .set((a::status.eq(to), a::retired_at.eq(retired_at), a::version.eq(a::version + 1)))
        .execute(conn)?;
    Ok(rows == 1)
}

/// In this status, newest first; up to one more than the page.
pub(super) fn list(
    conn: &mut Conn,
    status: AgendaStatus,
    page: &PageOf<of::Agenda>,
) -> Result<Vec<AgendaRecord>> {
    let mut query = a::agendas.filter(a::status.eq(status)).select(Row::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    Ok(records(query.order(a::id.desc()).limit(page.limit + 1).load(conn)?))
}

/// Those below an agenda, the oldest first.
pub(super) fn children(conn: &mut Conn, id: AgendaId) -> Result<Vec<AgendaRecord>> {
    let rows = a::agendas.filter(a::parent_id.eq(id)).order(a::id).limit(rules::CHILDREN_MAX);
    Ok(records(rows.select(Row::as_select()).load(conn)?))
}

/// The ids of those below any of these.
pub(super) fn below(conn: &mut Conn, ids: &[AgendaId]) -> Result<Vec<AgendaId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = a::agendas.filter(a::parent_id.eq_any(padded(ids))).select(a::id);
    Ok(Kept(rows).load(conn)?)
}

pub(super) fn profile(conn: &mut Conn, person: PersonId) -> Result<Option<ProfileRecord>> {
    type Said = (String, String, i32, bool, i32);
    let said: Option<Said> = pr::profiles
        .find(person)
        .select((pr::place, pr::about, pr::looking_for, pr::listed, pr::version))
        .first(conn)
        .optional()?;
    let Some((place, about, bits, listed, version)) = said else { return Ok(None) };
    let agendas = pa::profile_agendas.filter(pa::person_id.eq(person)).order(pa::agenda_id);
    Ok(Some(ProfileRecord {
        person_id: person,
        place,
        about,
        looking_for: LookingFor::from_bits(bits),
        listed,
        agendas: agendas.select(pa::agenda_id).load(conn)?,
        version,
    }))
}

/// Writes a profile, and who is found where, over those that had `version`.
pub(super) fn save_profile(
    conn: &mut Conn,
    new: &ProfileRecord,
    version: i32,
    now: Instant,
) -> Result<bool> {
    let person = new.person_id;
    let said = (
        pr::place.eq(&new.place),
        pr::about.eq(&new.about),
        pr::looking_for.eq(LookingFor::bits(&new.looking_for)),
        pr::listed.eq(new.listed),
        pr::version.eq(version + 1),
        pr::updated_at.eq(now),
    );
    let rows = if version == 0 {
        diesel::insert_into(pr::profiles).values((pr::person_id.eq(person), said)).execute(conn)?
    } else {
        let this = pr::profiles.filter(pr::person_id.eq(person).and(pr::version.eq(version)));
        diesel::update(this).set(said).execute(conn)?
    };
    if rows != 1 {
        return Ok(false);
    }
    diesel::delete(pa::profile_agendas.filter(pa::person_id.eq(person))).execute(conn)?;
    diesel::delete(ap::agenda_people.filter(ap::person_id.eq(person))).execute(conn)?;
    for agenda in &new.agendas {
        diesel::insert_into(pa::profile_agendas)
            .values((pa::person_id.eq(person), pa::agenda_id.eq(*agenda)))
            .execute(conn)?;
        if new.listed {
            let words = new.looking_for.iter().map(|each| each.as_str());
            for word in words.chain([ANYTHING]) {
                diesel::insert_into(ap::agenda_people)
                    .values((
                        ap::agenda_id.eq(*agenda),
                        ap::looking_for.eq(word),
                        ap::person_id.eq(person),
                    ))
                    .execute(conn)?;
            }
        }
    }
    Ok(true)
}

/// Somebody in the directory: who, name, place, what they look for, in their own words.
pub(super) type Found = (PersonId, String, String, i32, String);

/// Who works on any of these agendas and wants to be found, each once, the newest people first; up
/// to one more than the page. Each agenda has an order of its own in the index: they are asked for
/// one after the other.
pub(super) fn people(
    conn: &mut Conn,
    agendas: &[AgendaId],
    looking_for: Option<LookingFor>,
    page: &PageOf<of::Person>,
) -> Result<Vec<Found>> {
    let read = |agenda, floor| people_of(conn, agenda, (looking_for, floor), page);
    page.newest_of(agendas, read, |row| row.0)
}

fn people_of(
    conn: &mut Conn,
    agenda: AgendaId,
    (looking_for, floor): (Option<LookingFor>, Option<PersonId>),
    page: &PageOf<of::Person>,
) -> Result<Vec<Found>> {
    let word = looking_for.map_or(ANYTHING, LookingFor::as_str);
    let mut query = ap::agenda_people
        .inner_join(pr::profiles.on(pr::person_id.eq(ap::person_id)))
        .inner_join(p::people.on(p::id.eq(ap::person_id)))
        .filter(ap::agenda_id.eq(agenda).and(ap::looking_for.eq(word)))
        .filter(p::status.eq(PersonStatus::Active))
        .select((ap::person_id, p::name, pr::place, pr::looking_for, pr::about))
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(ap::person_id.lt(after));
    }
    if let Some(floor) = floor {
        query = query.filter(ap::person_id.gt(floor));
    }
    Ok(query.order(ap::person_id.desc()).limit(page.limit + 1).load(conn)?)
}

/// What an application is about, in the order of the ids.
pub(super) fn of_application(conn: &mut Conn, id: ApplicationId) -> Result<Vec<AgendaRecord>> {
    let rows: Vec<Row> = aa::application_agendas
        .inner_join(a::agendas.on(a::id.eq(aa::agenda_id)))
        .filter(aa::application_id.eq(id))
        .order(aa::agenda_id)
        .select(Row::as_select())
        .load(conn)?;
    Ok(records(rows))
}

pub(super) fn set_of_application(
    conn: &mut Conn,
    id: ApplicationId,
    agendas: &[AgendaId],
) -> Result<()> {
    diesel::delete(aa::application_agendas.filter(aa::application_id.eq(id))).execute(conn)?;
    for agenda in agendas {
        diesel::insert_into(aa::application_agendas)
            .values((aa::application_id.eq(id), aa::agenda_id.eq(*agenda)))
            .execute(conn)?;
    }
    Ok(())
}

/// What a budget is meant for, in the order of the ids.
pub(super) fn of_budget(conn: &mut Conn, id: BudgetId) -> Result<Vec<AgendaId>> {
    let rows = ba::budget_agendas.filter(ba::budget_id.eq(id)).order(ba::agenda_id);
    Ok(rows.select(ba::agenda_id).load(conn)?)
}

pub(super) fn set_of_budget(conn: &mut Conn, id: BudgetId, agendas: &[AgendaId]) -> Result<()> {
    diesel::delete(ba::budget_agendas.filter(ba::budget_id.eq(id))).execute(conn)?;
    for agenda in agendas {
        diesel::insert_into(ba::budget_agendas)
            .values((ba::budget_id.eq(id), ba::agenda_id.eq(*agenda)))
            .execute(conn)?;
    }
    Ok(())
}

/// The agendas that have these slugs.
pub(super) fn by_slugs(conn: &mut Conn, slugs: &[String]) -> Result<Vec<AgendaRecord>> {
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = a::agendas.filter(a::slug.eq_any(padded(slugs))).select(Row::as_select());
    Ok(records(Kept(rows).load(conn)?))
}
