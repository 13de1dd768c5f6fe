//! Rows of declared conflicts that hold. Those that were lifted are in a table of their own.

use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ConflictId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::conflicts;
use crate::platform::db::schema::conflicts::dsl as k;
use diesel::dsl::exists;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = conflicts)]
pub(in crate::applications) struct ConflictRow {
    pub(in crate::applications) id: ConflictId,
    pub(in crate::applications) person_id: PersonId,
    pub(in crate::applications) reason: String,
    pub(in crate::applications) declared_at: Instant,
}

/// False if they declared one already that holds.
pub(in crate::applications) fn insert_conflict(
    conn: &mut Conn,
    application: ApplicationId,
    row: &ConflictRow,
) -> Result<bool> {
    let insert = diesel::insert_into(k::conflicts)
        .values((
            k::id.eq(row.id),
            k::application_id.eq(application),
            k::person_id.eq(row.person_id),
            k::reason.eq(&row.reason),
            k::declared_at.eq(row.declared_at),
        ))
        .on_conflict((k::application_id, k::person_id))
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

pub(in crate::applications) fn has_conflict(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<bool> {
    let declared =
        k::conflicts.filter(k::application_id.eq(application).and(k::person_id.eq(person)));
    Ok(diesel::select(exists(declared)).get_result(conn)?)
}

/// Newest first.
pub(in crate::applications) fn conflicts(
    conn: &mut Conn,
    application: ApplicationId,
    page: &PageOf<of::Conflict>,
) -> Result<Vec<ConflictRow>> {
    let mut query = k::conflicts
        .filter(k::application_id.eq(application))
        .select(ConflictRow::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(k::id.lt(after));
    }
    Ok(query.order(k::id.desc()).limit(page.limit + 1).load(conn)?)
}
