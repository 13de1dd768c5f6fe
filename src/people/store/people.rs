//! Rows of people.

use crate::kernel::Result;
use crate::kernel::actor::{Role, Roles};
use crate::kernel::ids::{FactorId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::people::model::{
    FactorState, IMPORTED, PasswordHash, PeopleFilter, Person, PersonStatus, Registration,
    searchable,
};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, Kept, Shared, padded};
use crate::platform::db::schema::people::dsl as p;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use std::collections::BTreeMap;

pub(super) type Row =
    (PersonId, String, String, Option<String>, PersonStatus, i64, i32, Instant, Option<Instant>);

pub(super) fn person(row: Row) -> Person {
    let (id, email, name, password_hash, status, roles, version, created_at, confirmed_at) = row;
    let (password_hash, roles) = (password_hash.map(PasswordHash), Roles::from_bits(roles));
    Person { id, email, name, password_hash, status, roles, version, created_at, confirmed_at }
}

/// The person with this id.
pub(in crate::people) fn find(conn: &mut Conn, id: PersonId) -> Result<Option<Person>> {
    let row: Option<Row> = p::people.find(id).select(person_columns!()).first(conn).optional()?;
    Ok(row.map(person))
}

/// The person with this address, in the form that is compared.
pub(in crate::people) fn find_by_email(conn: &mut Conn, email: &str) -> Result<Option<Person>> {
    let row: Option<Row> =
        p::people.filter(p::email.eq(email)).select(person_columns!()).first(conn).optional()?;
    Ok(row.map(person))
}

/// Whether the address was free; if so the person is there now, unconfirmed and without roles.
pub(in crate::people) fn insert(
    conn: &mut Conn,
    id: PersonId,
    new: &Registration,
    now: Instant,
) -> Result<bool> {
    let insert = diesel::insert_into(p::people)
        .values((
            p::id.eq(id),
            p::email.eq(&new.email),
            p::name.eq(&new.name),
            p::search.eq(searchable(&new.name, &new.email)),
            p::password_hash.eq(new.password_hash.as_ref().map(|h| &h.0)),
            p::status.eq(PersonStatus::Unconfirmed),
            p::roles.eq(Roles::default().bits()),
            p::version.eq(1),
            p::created_at.eq(now),
        ))
        .on_conflict(p::email)
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

/// The roles of everybody who is active and holds any, and whether they have a factor; without
/// those whom an import made, as which nobody can log in.
pub(in crate::people) fn staff(conn: &mut Conn) -> Result<Vec<(Roles, bool)>> {
    use crate::platform::db::schema::factors::dsl as f;
    let rows: Vec<(String, i64, Option<FactorId>)> = p::people
        .left_join(f::factors.on(active_factor!()))
        .filter(sql::<Bool>("people.roles <> 0").and(p::status.eq(PersonStatus::Active)))
        .select((p::email, p::roles, f::id.nullable()))
        .load(conn)?;
    let real = rows.into_iter().filter(|(email, ..)| !email.ends_with(IMPORTED));
    Ok(real.map(|(_, roles, f)| (Roles::from_bits(roles), f.is_some())).collect())
}

/// Registers anew somebody who has not confirmed yet; whether they still had not.
pub(in crate::people) fn register_again(conn: &mut Conn, new: &Registration) -> Result<bool> {
    let unconfirmed = p::email.eq(&new.email).and(p::status.eq(PersonStatus::Unconfirmed));
    let changed = diesel::update(p::people.filter(unconfirmed))
        .set((
            p::name.eq(&new.name),
            p::search.eq(searchable(&new.name, &new.email)),
            p::password_hash.eq(new.password_hash.as_ref().map(|h| &h.0)),
            p::version.eq(p::version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Confirms the address; whether the person still was unconfirmed.
pub(in crate::people) fn confirm(conn: &mut Conn, id: PersonId, now: Instant) -> Result<bool> {
    let unconfirmed = p::people.find(id).filter(p::status.eq(PersonStatus::Unconfirmed));
    let changed = diesel::update(unconfirmed)
        .set((
            p::status.eq(PersonStatus::Active),
            p::confirmed_at.eq(Some(now)),
            p::version.eq(p::version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Sets the name, if the version is still the one that was read.
pub(in crate::people) fn rename(conn: &mut Conn, person: &Person, name: &str) -> Result<bool> {
    let read = p::people.find(person.id).filter(p::version.eq(person.version));
    let changed = diesel::update(read)
        .set((
            p::name.eq(name),
            p::search.eq(searchable(name, &person.email)),
            p::version.eq(p::version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Sets the password, if it is still the one that was read.
pub(in crate::people) fn set_password(
    conn: &mut Conn,
    person: &Person,
    new: &PasswordHash,
) -> Result<bool> {
    let set = (p::password_hash.eq(Some(&new.0)), p::version.eq(p::version + 1));
    let by_id = p::people.find(person.id);
    let changed = match &person.password_hash {
        Some(old) => {
            diesel::update(by_id.filter(p::password_hash.eq(&old.0))).set(set).execute(conn)?
        }
        None => diesel::update(by_id.filter(p::password_hash.is_null())).set(set).execute(conn)?,
    };
    Ok(changed == 1)
}

/// Sets the roles, if they are still the ones that were read.
pub(in crate::people) fn set_roles(conn: &mut Conn, person: &Person, roles: Roles) -> Result<bool> {
    let read = p::roles.eq(person.roles.bits()).and(p::status.eq(person.status));
    let changed = diesel::update(p::people.find(person.id).filter(read))
        .set((p::roles.eq(roles.bits()), p::version.eq(p::version + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Moves from the status that was read to another.
pub(in crate::people) fn set_status(
    conn: &mut Conn,
    person: &Person,
    status: PersonStatus,
) -> Result<bool> {
    let read = p::people.find(person.id).filter(p::status.eq(person.status));
    let changed = diesel::update(read)
        .set((p::status.eq(status), p::version.eq(p::version + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Holds the row until the end of the transaction, so that what is counted about a person is not
/// counted by two at once.
pub(in crate::people) fn lock(conn: &mut Conn, id: PersonId) -> Result<()> {
    diesel::update(p::people.find(id)).set(p::version.eq(p::version)).execute(conn)?;
    Ok(())
}

/// The newest row, which nobody changes until the transaction ends; others may keep it so at the
/// same moment.
pub(in crate::people) fn keep(conn: &mut Conn, id: PersonId) -> Result<Option<Person>> {
    let this = Shared(p::people.find(id).select(person_columns!()));
    let row: Option<Row> = this.get_result(conn).optional()?;
    Ok(row.map(person))
}

/// The same for all of these, in the order of their ids: nobody waits in a ring.
pub(in crate::people) fn keep_all(conn: &mut Conn, ids: &[PersonId]) -> Result<()> {
    let these = p::people.filter(p::id.eq_any(padded(ids))).order(p::id).select(p::id);
    Shared(these).load::<PersonId>(conn)?;
    Ok(())
}

/// Both databases know `&` on whole numbers; diesel does not. Few people have any role: those are
/// in an index.
macro_rules! holds {
    ($role:expr) => {
        sql::<Bool>("people.roles <> 0 AND (people.roles & ")
            .bind::<BigInt, _>(Roles::default().with($role).bits())
            .sql(") <> 0")
    };
}

/// People, newest first; up to one more than the page.
pub(in crate::people) fn list(
    conn: &mut Conn,
    filter: &PeopleFilter,
    page: &PageOf<of::Person>,
) -> Result<Vec<Person>> {
    let mut query = p::people.select(person_columns!()).into_boxed();
    for word in &filter.words {
        let literal = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query = query.filter(p::search.like(format!("%{literal}%")).escape('\\'));
    }
    if let Some(role) = filter.role {
        query = query.filter(holds!(role));
    }
    if let Some(status) = filter.status {
        // A word of ours, written out: PostgreSQL keeps one plan for all values that are bound.
        query = query.filter(sql::<Bool>(&format!("people.status = '{}'", status.as_str())));
    }
    if let Some(after) = page.after {
        query = query.filter(p::id.lt(after));
    }
    let rows: Vec<Row> = query.order(p::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(person).collect())
}

/// The names of these people.
pub(in crate::people) fn names(
    conn: &mut Conn,
    ids: &[PersonId],
) -> Result<BTreeMap<PersonId, String>> {
    let named = p::people.filter(p::id.eq_any(padded(ids))).select((p::id, p::name));
    let rows: Vec<(PersonId, String)> = Kept(named).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Active people who hold a role, oldest first.
pub(in crate::people) fn holders(conn: &mut Conn, role: Role, most: i64) -> Result<Vec<Person>> {
    let rows: Vec<Row> = p::people
        // Said so that the index of statuses, which nearly all people share, does not seem to help.
        .filter(sql::<Bool>("people.status || '' = 'active'"))
        .filter(holds!(role))
        .order(p::id)
        .limit(most)
        .select(person_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(person).collect())
}
