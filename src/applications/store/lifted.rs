//! Rows of conflicts that were declared and lifted. They have gone from those that are declared:
//! whoever asks for these finds none.

use super::conflicts::{ConflictRow, conflicts};
use super::found::ExceptionRow;
use crate::applications::model::Ground;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ConflictExceptionId, ConflictId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::conflicts::dsl as k;
use crate::platform::db::schema::lifted_conflicts;
use crate::platform::db::schema::lifted_conflicts::dsl as l;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = lifted_conflicts)]
struct Row {
    id: ConflictExceptionId,
    conflict_id: ConflictId,
    person_id: PersonId,
    declared_reason: String,
    declared_at: Instant,
    reason: String,
    decided_by: PersonId,
    decided_at: Instant,
}

/// What was declared; and if it was lifted, by whom, when and why.
pub(in crate::applications) type Declared = (ConflictRow, Option<ExceptionRow>);

impl Row {
    fn read(self) -> (ConflictRow, ExceptionRow) {
        let declared = ConflictRow {
            id: self.conflict_id,
            person_id: self.person_id,
            reason: self.declared_reason,
            declared_at: self.declared_at,
        };
        let lifted = ExceptionRow {
            id: self.id,
            person_id: self.person_id,
            ground: Ground::Declared,
            reason: self.reason,
            decided_by: self.decided_by,
            decided_at: self.decided_at,
        };
        (declared, lifted)
    }
}

/// Lifts what the person of this row declared, and gives that back; none where nothing of theirs
/// holds, or somebody was faster.
pub(in crate::applications) fn lift(
    conn: &mut Conn,
    application: ApplicationId,
    row: &ExceptionRow,
) -> Result<Option<ConflictRow>> {
    let theirs =
        k::conflicts.filter(k::application_id.eq(application).and(k::person_id.eq(row.person_id)));
    let declared: Option<ConflictRow> =
        theirs.select(ConflictRow::as_select()).first(conn).optional()?;
    let Some(declared) = declared else { return Ok(None) };
    if diesel::delete(k::conflicts.find(declared.id)).execute(conn)? == 0 {
        return Ok(None);
    }
    diesel::insert_into(l::lifted_conflicts)
        .values((
            l::id.eq(row.id),
            l::conflict_id.eq(declared.id),
            l::application_id.eq(application),
            l::person_id.eq(row.person_id),
            l::declared_reason.eq(&declared.reason),
            l::declared_at.eq(declared.declared_at),
            l::reason.eq(&row.reason),
            l::decided_by.eq(row.decided_by),
            l::decided_at.eq(row.decided_at),
        ))
        .execute(conn)?;
    Ok(Some(declared))
}

/// Those of these applications with which the same conflict holds that was declared with another:
/// it came along from the one to the other as it was.
pub(in crate::applications) fn same_conflict(
    conn: &mut Conn,
    among: &[ApplicationId],
    declared: &ConflictRow,
) -> Result<Vec<ApplicationId>> {
    if among.is_empty() {
        return Ok(Vec::new());
    }
    let same = k::declared_at.eq(declared.declared_at).and(k::reason.eq(&declared.reason));
    Ok(k::conflicts
        .filter(k::application_id.eq_any(padded(among)))
        .filter(k::person_id.eq(declared.person_id).and(same))
        .select(k::application_id)
        .load(conn)?)
}

/// What lifted conflicts, newest first.
pub(super) fn lifted(
    conn: &mut Conn,
    application: ApplicationId,
    page: &PageOf<of::ConflictException>,
) -> Result<Vec<ExceptionRow>> {
    let mut query = l::lifted_conflicts
        .filter(l::application_id.eq(application))
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(l::id.lt(after));
    }
    let rows: Vec<Row> = query.order(l::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(|row| row.read().1).collect())
}

/// What was ever declared with an application, newest first.
pub(in crate::applications) fn declared(
    conn: &mut Conn,
    application: ApplicationId,
    page: &PageOf<of::Conflict>,
) -> Result<Vec<Declared>> {
    let read = |holds: bool, _| match holds {
        true => in_force(conn, application, page),
        false => no_more(conn, application, page),
    };
    page.newest_of(&[true, false], read, |(row, _)| row.id)
}

fn in_force(
    conn: &mut Conn,
    application: ApplicationId,
    page: &PageOf<of::Conflict>,
) -> Result<Vec<Declared>> {
    let rows = conflicts(conn, application, page)?;
    Ok(rows.into_iter().map(|row| (row, None)).collect())
}

fn no_more(
    conn: &mut Conn,
    application: ApplicationId,
    page: &PageOf<of::Conflict>,
) -> Result<Vec<Declared>> {
    let mut query = l::lifted_conflicts
        .filter(l::application_id.eq(application))
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(l::conflict_id.lt(after));
    }
    let rows: Vec<Row> = query.order(l::conflict_id.desc()).limit(page.limit + 1).load(conn)?;
    let read = |row: Row| {
        let (declared, lifted) = row.read();
        (declared, Some(lifted))
    };
    Ok(rows.into_iter().map(read).collect())
}
