//! Released tranches that wait for a payment, and payments that wait for somebody.

use super::Row;
use crate::disbursements::model::{Disbursement, DisbursementStatus};
use crate::grants::model::{GrantStatus, TrancheStatus};
use crate::kernel::Result;
use crate::kernel::ids::{DisbursementId, GrantId};
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::disbursements::dsl as d;
use crate::platform::db::schema::{disbursements, grants, payees, tranches};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// Grants that may pay.
const PAYING: [GrantStatus; 2] = [GrantStatus::Active, GrantStatus::WindingDown];

/// Those without any payment but voided ones: of which grant, and their numbers.
pub(in crate::disbursements) fn undrafted(
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<(GrantId, i32)>> {
    let paid = disbursements::table
        .filter(disbursements::tranche_id.eq(tranches::id))
        .filter(disbursements::status.ne(DisbursementStatus::Voided));
    Ok(tranches::table
        .inner_join(grants::table.on(grants::id.eq(tranches::grant_id)))
        .filter(tranches::status.eq(TrancheStatus::Released))
        .filter(grants::status.eq_any(PAYING))
        .filter(not(exists(paid)))
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

/// Whether a payment of this grant came back whose tranche is released and has no other payment
/// under way.
pub(in crate::disbursements) fn came_back(conn: &mut Conn, grant: GrantId) -> Result<bool> {
    use DisbursementStatus::{Approved, Drafted, Instructed, Returned, Settled};
    let other = diesel::alias!(disbursements as other);
    let live = other.filter(other.field(disbursements::tranche_id).eq(tranches::id)).filter(
        other.field(disbursements::status).eq_any([Drafted, Approved, Instructed, Settled]),
    );
    let one: Option<DisbursementId> = d::disbursements
        .inner_join(tranches::table.on(tranches::id.eq(d::tranche_id)))
        .filter(d::grant_id.eq(grant))
        .filter(d::status.eq(Returned))
        .filter(tranches::status.eq(TrancheStatus::Released))
        .filter(not(exists(live)))
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
