//! Who is found under a direction, and who wrote to whom by way of it.

use super::ANYTHING;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, PersonId};
use crate::kernel::time::Instant;
use crate::people::model::PersonStatus;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::agenda_people::dsl as ap;
use crate::platform::db::schema::directory_messages::dsl as dm;
use crate::platform::db::schema::people::dsl as p;
use diesel::dsl::max;
use diesel::prelude::*;

/// Whether somebody is found under any of these agendas.
pub(in crate::agendas) fn is_found(
    conn: &mut Conn,
    agendas: &[AgendaId],
    person: PersonId,
) -> Result<bool> {
    let rows = ap::agenda_people
        .inner_join(p::people.on(p::id.eq(ap::person_id)))
        .filter(ap::person_id.eq(person).and(ap::looking_for.eq(ANYTHING)))
        .filter(ap::agenda_id.eq_any(padded(agendas)))
        .filter(p::status.eq(PersonStatus::Active))
        .limit(1)
        .select(ap::person_id);
    let found: Vec<PersonId> = Kept(rows).load(conn)?;
    Ok(!found.is_empty())
}

/// Notes that somebody wrote to somebody, and forgets who wrote to whom until `before`.
pub(in crate::agendas) fn wrote(
    conn: &mut Conn,
    (sender, recipient): (PersonId, PersonId),
    (now, before): (Instant, Instant),
) -> Result<()> {
    diesel::delete(dm::directory_messages.filter(dm::sent_at.le(before))).execute(conn)?;
    diesel::insert_into(dm::directory_messages)
        .values((dm::sender_id.eq(sender), dm::recipient_id.eq(recipient), dm::sent_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// How often somebody wrote since then, to anybody.
pub(in crate::agendas) fn written_since(
    conn: &mut Conn,
    sender: PersonId,
    since: Instant,
) -> Result<i64> {
    let theirs = dm::directory_messages.filter(dm::sender_id.eq(sender).and(dm::sent_at.gt(since)));
    Ok(theirs.count().get_result(conn)?)
}

/// When somebody last wrote to this one since then.
pub(in crate::agendas) fn last_written(
    conn: &mut Conn,
    (sender, recipient): (PersonId, PersonId),
    since: Instant,
) -> Result<Option<Instant>> {
    let theirs = dm::directory_messages
        .filter(dm::sender_id.eq(sender).and(dm::sent_at.gt(since)))
        .filter(dm::recipient_id.eq(recipient));
    Ok(theirs.select(max(dm::sent_at)).first(conn)?)
}
