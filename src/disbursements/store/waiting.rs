//! Released tranches that wait for a payment, and payments that wait for somebody.

use super::Row;
use crate::disbursements::model::{Disbursement, DisbursementStatus};
use crate::grants::model::{GrantStatus, TrancheStatus};
use crate::kernel::Result;
use crate::kernel::ids::{BatchId, DisbursementId, GrantId};
use crate::kernel::time::Instant;
use crate::paperwork::model::RequirementStatus;
use crate::payees::model::{Method, PayeeStatus};
use crate::people::model::PersonStatus;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::disbursements::dsl as d;
use crate::platform::db::schema::{
    attempts, disbursements, grants, payees, payment_files, people, requirements, tranches,
};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Grants that may pay.
const PAYING: [GrantStatus; 2] = [GrantStatus::Active, GrantStatus::WindingDown];

/// Those without any payment but voided ones, of which one can be drafted at `now`, as the draft
/// asks: the recipient is not suspended, all paperwork is settled, and the payee can be paid to in
/// that currency. Of which grant, and their numbers.
pub(in crate::disbursements) fn undrafted(
    conn: &mut Conn,
    now: Instant,
    limit: i64,
) -> Result<Vec<(GrantId, i32)>> {
    let paid = disbursements::table
        .filter(disbursements::tranche_id.eq(tranches::id))
        .filter(disbursements::status.ne(DisbursementStatus::Voided));
    let missing = requirements::table
        .filter(requirements::grant_id.eq(grants::id))
        .filter(requirements::status.ne_all(RequirementStatus::SETTLED));
    // One value, by key: of `exists` PostgreSQL may make a list of everybody.
    let suspended = people::table
        .filter(people::id.eq(grants::recipient_id))
        .filter(people::status.eq(PersonStatus::Suspended))
        .select(people::id);
    let cooled = payees::usable_from.assume_not_null().le(now);
    Ok(tranches::table
        .inner_join(grants::table.on(grants::id.eq(tranches::grant_id)))
        .inner_join(payees::table.on(grants::payee_id.eq(payees::id.nullable())))
        .filter(tranches::status.eq(TrancheStatus::Released))
        .filter(grants::status.eq_any(PAYING))
        .filter(not(exists(paid)))
        .filter(not(exists(missing)))
        .filter(suspended.single_value().is_null())
        .filter(payees::status.eq(PayeeStatus::Verified))
        .filter(payees::method.ne(Method::External).and(cooled))
        .filter(payees::currency.eq(tranches::currency))
        .order(tranches::id.asc())
        .limit(limit)
        .select((tranches::grant_id, tranches::sequence))
        .load(conn)?)
}

/// Payments that came back, whose tranche is released and has no other payment under way.
pub(in crate::disbursements) fn to_retry(conn: &mut Conn, limit: i64) -> Result<Vec<Disbursement>> {
    use DisbursementStatus::{Approved, Drafted, Instructed, Returned, Settled};
    let other = diesel::alias!(disbursements as other);
    let live = other.filter(other.field(disbursements::tranche_id).eq(tranches::id)).filter(
        other.field(disbursements::status).eq_any([Drafted, Approved, Instructed, Settled]),
    );
    let rows: Vec<Row> = d::disbursements
        .inner_join(tranches::table.on(tranches::id.eq(d::tranche_id)))
        .inner_join(grants::table.on(grants::id.eq(d::grant_id)))
        .filter(d::status.eq(Returned))
        .filter(tranches::status.eq(TrancheStatus::Released))
        .filter(grants::status.eq_any(PAYING))
        .filter(not(exists(live)))
        .order(d::id.asc())
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Payments of this grant that came back, whose tranche is released and has no other payment under
/// way; the newest first.
pub(in crate::disbursements) fn came_back(
    conn: &mut Conn,
    grant: GrantId,
    limit: i64,
) -> Result<Vec<DisbursementId>> {
    use DisbursementStatus::{Approved, Drafted, Instructed, Returned, Settled};
    let other = diesel::alias!(disbursements as other);
    let live = other.filter(other.field(disbursements::tranche_id).eq(tranches::id)).filter(
        other.field(disbursements::status).eq_any([Drafted, Approved, Instructed, Settled]),
    );
    Ok(d::disbursements
        .inner_join(tranches::table.on(tranches::id.eq(d::tranche_id)))
        .filter(d::grant_id.eq(grant))
        .filter(d::status.eq(Returned))
        .filter(tranches::status.eq(TrancheStatus::Released))
        .filter(not(exists(live)))
        .order(d::id.desc())
        .limit(limit)
        .select(d::id)
        .load(conn)?)
}

/// Those of these returned payments that were taken out of their batch before the bank was given
/// them.
pub(in crate::disbursements) fn not_sent(
    conn: &mut Conn,
    ids: &[DisbursementId],
) -> Result<BTreeSet<DisbursementId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    // A returned one still has the batch of its newest try, and no two tries share one.
    let rows: Vec<DisbursementId> = d::disbursements
        .inner_join(attempts::table.on(attempts::disbursement_id.eq(d::id)))
        .filter(d::id.eq_any(padded(ids)))
        .filter(d::status.eq(DisbursementStatus::Returned))
        .filter(attempts::batch_id.eq(d::batch_id))
        .filter(attempts::not_sent)
        .select(d::id)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What the bank is to be told of with these batches, or was, and has not spoken about; the oldest
/// first.
pub(in crate::disbursements) fn on_the_way(
    conn: &mut Conn,
    batches: &[BatchId],
) -> Result<Vec<Disbursement>> {
    if batches.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = d::disbursements
        .filter(d::batch_id.eq_any(padded(batches)))
        .filter(d::status.eq(DisbursementStatus::Instructed))
        .order(d::id.asc())
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Whether a file was given out that tells the bank to pay something of this grant.
pub(in crate::disbursements) fn given(conn: &mut Conn, grant: GrantId) -> Result<bool> {
    let files = payment_files::table.filter(payment_files::batch_id.nullable().eq(d::batch_id));
    let one: Option<DisbursementId> = d::disbursements
        .filter(d::grant_id.eq(grant))
        .filter(d::status.eq(DisbursementStatus::Instructed))
        .filter(exists(files))
        .select(d::id)
        .first(conn)
        .optional()?;
    Ok(one.is_some())
}

/// Those of these whose grant names another payee, or whose payee's details changed, since they
/// were drafted.
pub(in crate::disbursements) fn stale(
    conn: &mut Conn,
    ids: &[DisbursementId],
) -> Result<BTreeSet<DisbursementId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let renamed = grants::payee_id
        .is_null()
        .or(grants::payee_id.ne(d::payee_id.nullable()).assume_not_null());
    let rows: Vec<DisbursementId> = d::disbursements
        .inner_join(grants::table.on(grants::id.eq(d::grant_id)))
        .inner_join(payees::table.on(payees::id.eq(d::payee_id)))
        .filter(d::id.eq_any(padded(ids)))
        .filter(renamed.or(payees::details_version.ne(d::payee_version)))
        .select(d::id)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Those of these of whose grant some paperwork is not settled.
pub(in crate::disbursements) fn unsettled(
    conn: &mut Conn,
    ids: &[DisbursementId],
) -> Result<BTreeSet<DisbursementId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let missing = requirements::table
        .filter(requirements::grant_id.eq(d::grant_id))
        .filter(requirements::status.ne_all(RequirementStatus::SETTLED));
    let rows: Vec<DisbursementId> = d::disbursements
        .filter(d::id.eq_any(padded(ids)))
        .filter(exists(missing))
        .select(d::id)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Those of these to somebody who is suspended.
pub(in crate::disbursements) fn suspended(
    conn: &mut Conn,
    ids: &[DisbursementId],
) -> Result<BTreeSet<DisbursementId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<DisbursementId> = d::disbursements
        .inner_join(grants::table.on(grants::id.eq(d::grant_id)))
        .inner_join(people::table.on(people::id.eq(grants::recipient_id)))
        .filter(d::id.eq_any(padded(ids)))
        .filter(people::status.eq(PersonStatus::Suspended))
        .select(d::id)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Those of these whose grant names a verified payee that can be paid to only after `now`: from
/// when on.
pub(in crate::disbursements) fn cooling(
    conn: &mut Conn,
    now: Instant,
    ids: &[DisbursementId],
) -> Result<BTreeMap<DisbursementId, Instant>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(DisbursementId, Option<Instant>)> = d::disbursements
        .inner_join(grants::table.on(grants::id.eq(d::grant_id)))
        .inner_join(payees::table.on(grants::payee_id.eq(payees::id.nullable())))
        .filter(d::id.eq_any(padded(ids)))
        .filter(payees::status.eq(PayeeStatus::Verified))
        .filter(payees::method.ne(Method::External))
        .filter(payees::usable_from.gt(now))
        .select((d::id, payees::usable_from))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, from)| Some((id, from?))).collect())
}
