//! Rows of what limits of a day still count though it was deleted.

use crate::kernel::Result;
use crate::kernel::ids::{Id, PersonId, of};
use crate::kernel::time::Instant;
use crate::people::model::{Did, Limited};
use crate::platform::db::Conn;
use crate::platform::db::ext::insert_rows;
use crate::platform::db::schema::still_counted::dsl as c;
use diesel::prelude::*;

#[derive(Insertable)]
#[diesel(table_name = crate::platform::db::schema::still_counted)]
#[diesel(treat_none_as_default_value = false)]
struct NewCounted {
    id: Id<of::StillCounted>,
    person_id: PersonId,
    kind: Limited,
    done_at: Instant,
}

/// Counts these on.
pub(in crate::people) fn still_count(
    conn: &mut Conn,
    all: Vec<(Id<of::StillCounted>, Did)>,
) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let row = |(id, (person_id, kind, done_at))| NewCounted { id, person_id, kind, done_at };
    let rows: Vec<NewCounted> = all.into_iter().map(row).collect();
    insert_rows!(conn, c::still_counted, rows);
    Ok(())
}

/// How often somebody did since then what was deleted.
pub(in crate::people) fn still_counted(
    conn: &mut Conn,
    person: PersonId,
    kind: Limited,
    since: Instant,
) -> Result<i64> {
    let theirs = c::still_counted
        .filter(c::person_id.eq(person).and(c::kind.eq(kind)).and(c::done_at.ge(since)));
    Ok(theirs.count().get_result(conn)?)
}

/// Forgets up to `most` that were done before `before`; how many.
pub(in crate::people) fn purge_still_counted(
    conn: &mut Conn,
    before: Instant,
    most: i64,
) -> Result<usize> {
    let old: Vec<Id<of::StillCounted>> = c::still_counted
        .filter(c::done_at.lt(before))
        .order(c::done_at)
        .limit(most)
        .select(c::id)
        .load(conn)?;
    Ok(diesel::delete(c::still_counted.filter(c::id.eq_any(&old))).execute(conn)?)
}
