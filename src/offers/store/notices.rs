//! Of what those who decide were told: applications that can be awarded, offers that wait for them.

use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, OfferId};
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::award_notices::dsl as n;
use crate::platform::db::schema::offers::dsl as o;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// Notes that it was told.
pub(in crate::offers) fn note_award(
    conn: &mut Conn,
    id: ApplicationId,
    now: Instant,
) -> Result<()> {
    let insert = diesel::insert_into(n::award_notices)
        .values((n::application_id.eq(id), n::told_at.eq(now)))
        .on_conflict(n::application_id)
        .do_update()
        .set(n::told_at.eq(now));
    Both(insert).execute(conn)?;
    Ok(())
}

/// Whether it was told.
pub(in crate::offers) fn knows_award(conn: &mut Conn, id: ApplicationId) -> Result<bool> {
    Ok(diesel::select(exists(n::award_notices.find(id))).get_result(conn)?)
}

/// Applications of which it was told, up to `limit`: those that were begun first.
pub(in crate::offers) fn told_awards(conn: &mut Conn, limit: i64) -> Result<Vec<ApplicationId>> {
    let all = n::award_notices.order(n::application_id).limit(limit);
    Ok(all.select(n::application_id).load(conn)?)
}

/// Forgets what was told before then: it has ended or changed, and what comes back is told anew.
pub(in crate::offers) fn forget_award(
    conn: &mut Conn,
    id: ApplicationId,
    before: Instant,
) -> Result<()> {
    diesel::delete(n::award_notices.find(id).filter(n::told_at.lt(before))).execute(conn)?;
    Ok(())
}

/// Offers that wait for approval at `now`, of which nobody was told since `before`.
pub(in crate::offers) fn approvals_due(
    conn: &mut Conn,
    (now, before): (Instant, Instant),
    limit: i64,
) -> Result<Vec<OfferId>> {
    let never = o::approvers_told_at.is_null().and(o::created_at.le(before));
    Ok(o::offers
        // Written out, as the index of statuses has it.
        .filter(sql::<Bool>("offers.status = 'awaiting_approval'"))
        .filter(o::expires_at.gt(now))
        .filter(never.or(o::approvers_told_at.assume_not_null().le(before)))
        .order(o::id)
        .limit(limit)
        .select(o::id)
        .load(conn)?)
}

/// Notes that those who may approve it were told.
pub(in crate::offers) fn approvers_told(conn: &mut Conn, id: OfferId, now: Instant) -> Result<()> {
    let this = diesel::update(o::offers.find(id));
    this.set(o::approvers_told_at.eq(Some(now))).execute(conn)?;
    Ok(())
}
