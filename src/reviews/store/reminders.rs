//! Which reviewers are to be reminded, and whom nobody waits for any more.

use crate::kernel::Result;
use crate::kernel::ids::{PersonId, ReviewId};
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::reviews::dsl as r;
use crate::reviews::model::ReviewStatus;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// Those that wait, are asked for by `soon` and were not reminded of, or by a day before `today`
/// and were not reminded of since; the first due first. Written out, as the index has it.
pub(in crate::reviews) fn to_remind(
    conn: &mut Conn,
    (today, soon): (Date, Date),
    limit: i64,
) -> Result<Vec<ReviewId>> {
    let waits = sql::<Bool>("reviews.status = 'assigned' AND reviews.reminders < 2");
    let due = r::due_on.lt(today).or(r::reminders.eq(0)).and(r::due_on.le(soon));
    Ok(r::reviews
        .filter(waits)
        .filter(due)
        .order(r::due_on)
        .limit(limit)
        .select(r::id)
        .load(conn)?)
}

/// Notes how often somebody was reminded.
pub(in crate::reviews) fn reminded(conn: &mut Conn, id: ReviewId, times: i32) -> Result<()> {
    diesel::update(r::reviews.find(id)).set(r::reminders.eq(times)).execute(conn)?;
    Ok(())
}

/// Nobody was reminded of it yet, nor told that its reviewer cannot write it.
pub(in crate::reviews) fn asked_anew(conn: &mut Conn, id: ReviewId) -> Result<()> {
    diesel::update(r::reviews.find(id))
        .set((r::reminders.eq(0), r::former_told_at.eq(None::<Instant>)))
        .execute(conn)?;
    Ok(())
}

/// Notes the day by which it is asked for by now: nobody was reminded of that yet.
pub(in crate::reviews) fn wait_again(
    conn: &mut Conn,
    id: ReviewId,
    due_on: Option<Date>,
) -> Result<()> {
    diesel::update(r::reviews.find(id))
        .set((r::reminders.eq(0), r::due_on.eq(due_on)))
        .execute(conn)?;
    Ok(())
}

/// Where whoever asked was told that its reviewer cannot write it, that holds no more: nobody was
/// reminded of it yet.
pub(in crate::reviews) fn can_again(conn: &mut Conn, id: ReviewId) -> Result<()> {
    let told = r::reviews.filter(r::id.eq(id).and(r::former_told_at.is_not_null()));
    diesel::update(told)
        .set((r::reminders.eq(0), r::former_told_at.eq(None::<Instant>)))
        .execute(conn)?;
    Ok(())
}

/// What waits for somebody, where it was `told` that they cannot write it, or was not; the first
/// first.
pub(in crate::reviews) fn waiting_of(
    conn: &mut Conn,
    person: PersonId,
    told: bool,
    limit: i64,
) -> Result<Vec<ReviewId>> {
    let waiting = r::reviews
        .filter(r::reviewer_id.eq(person).and(r::status.eq(ReviewStatus::Assigned)))
        .order(r::id)
        .limit(limit)
        .select(r::id)
        .into_boxed();
    let waiting = match told {
        true => waiting.filter(r::former_told_at.is_not_null()),
        false => waiting.filter(r::former_told_at.is_null()),
    };
    Ok(waiting.load(conn)?)
}

/// Notes that whoever asked is told that the reviewer cannot write it; whether they were not yet.
pub(in crate::reviews) fn former_told(conn: &mut Conn, id: ReviewId, at: Instant) -> Result<bool> {
    let untold = r::reviews.filter(r::id.eq(id).and(r::former_told_at.is_null()));
    Ok(diesel::update(untold).set(r::former_told_at.eq(Some(at))).execute(conn)? == 1)
}
