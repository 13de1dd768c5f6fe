//! Reading disbursements and batches.

use super::super::model::{
    Attempt, Batch, BatchStatus, Disbursement, DisbursementStatus, GivenOut, Obstacle, OwedAgain,
};
use super::super::store;
use super::draft::{is_suspended, may_still_approve};
use super::load;
use crate::grants;
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, BatchId, DisbursementId, GrantId, PersonId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A disbursement with its tries.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DisbursementDetail {
    /// The disbursement.
    #[serde(flatten)]
    pub disbursement: Disbursement,
    /// The payee's account, masked.
    pub payee: String,
    /// Every try, first to last.
    pub attempts: Vec<Attempt>,
    /// For staff: whether the recipient is suspended, so that nothing more is paid to them. Null
    /// for everybody else.
    pub recipient_suspended: Option<bool>,
}

/// A batch with what became of its file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchDetail {
    /// The batch.
    #[serde(flatten)]
    pub batch: Batch,
    /// How its file was given out last; null as long as it was not.
    pub given_out: Option<GivenOut>,
}

/// A batch that waits, with the grants of what it waits for.
#[derive(Debug)]
pub struct OpenBatch {
    /// The batch.
    pub batch: Batch,
    /// Each grant once.
    pub grants: BTreeSet<GrantId>,
}

/// Returned payments of one grant that are looked at.
const RETURNED: i64 = 100;

/// Days after which the bank's word about a file is asked for.
const BANK_DAYS: i64 = 5;

/// Which disbursements to list.
#[derive(Debug, Default)]
pub struct ListDisbursements {
    /// Only in this state.
    pub status: Option<DisbursementStatus>,
    /// Only of this grant.
    pub grant_id: Option<GrantId>,
    /// Only of this batch.
    pub batch_id: Option<BatchId>,
}

/// One disbursement; for staff and the grant's recipient.
pub fn detail(conn: &mut Conn, ctx: &Ctx, id: DisbursementId) -> Result<DisbursementDetail> {
    let loaded = load(conn, id)?;
    let relations = grants::service::relations(conn, ctx, &loaded.grant)?;
    authz::require(ctx, Action::GetDisbursement, &relations)?;
    let attempts = store::attempts(conn, id)?.into_iter().map(|(a, _)| a).collect();
    let mut disbursement = loaded.it;
    let mut recipient_suspended = None;
    if authz::allowed(&ctx.actor, Action::GetDisbursement, &[]) {
        recipient_suspended = Some(is_suspended(conn, &loaded.grant)?);
    } else {
        let it = &mut disbursement;
        // Another payment may be somebody else's, and why both are meant is a word among staff.
        (it.double_of, it.double_confirmed_by, it.double_reason) = (None, None, None);
    }
    let payee = loaded.payee.masked;
    Ok(DisbursementDetail { disbursement, payee, attempts, recipient_suspended })
}

/// A page of disbursements, newest first.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    filter: &ListDisbursements,
    page: &PageOf<of::Disbursement>,
) -> Result<Page<Disbursement>> {
    authz::require(ctx, Action::ListDisbursements, &[])?;
    let filter =
        store::Filter { status: filter.status, grant: filter.grant_id, batch: filter.batch_id };
    Ok(Page::cut(store::list(conn, &filter, page)?, page.limit, |d| d.id))
}

/// Released tranches of grants that may pay, for which there is no payment and one can be drafted
/// now, the oldest first: of which grant, and their numbers. Those are left out whose paperwork is
/// not settled, or whose payee cannot be paid to yet. For who drafts payments: whoever calls has
/// asked.
pub fn undrafted(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<(GrantId, i32)>> {
    store::undrafted(conn, ctx.now, limit)
}

/// Payments that came back and can be tried again, the oldest first.
pub fn to_retry(conn: &mut Conn, limit: i64) -> Result<Vec<Disbursement>> {
    store::to_retry(conn, limit)
}

/// Whether a payment of this grant is owed again, since it came back or was not sent, and nobody
/// has tried it again yet. For its recipient: whoever calls has asked.
pub fn owed_again(conn: &mut Conn, grant: GrantId) -> Result<Option<OwedAgain>> {
    let ids = store::came_back(conn, grant, RETURNED)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let unsent = store::not_sent(conn, &ids)?;
    let all = ids.iter().all(|id| unsent.contains(id));
    Ok(Some(if all { OwedAgain::NotSent } else { OwedAgain::CameBack }))
}

/// Those of these returned payments that the bank was not given.
pub fn not_sent(conn: &mut Conn, ids: &[DisbursementId]) -> Result<BTreeSet<DisbursementId>> {
    store::not_sent(conn, ids)
}

/// Whether the bank was given a file that tells it to pay something of this grant. For its
/// recipient: whoever calls has asked.
pub fn given(conn: &mut Conn, grant: GrantId) -> Result<bool> {
    store::given(conn, grant)
}

/// Batches whose file nobody was given, and which this person may fetch: they approved nothing of
/// it. The oldest first. For who gives files to the bank: whoever calls has asked.
pub fn to_give(conn: &mut Conn, me: PersonId, limit: i64) -> Result<Vec<OpenBatch>> {
    let batches = store::to_give(conn, me, limit)?;
    with_grants(conn, batches)
}

/// Batches whose file was given out five days ago or earlier, and of which the bank's word is not
/// recorded; the oldest first. For who records it: whoever calls has asked.
pub fn to_hear(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<OpenBatch>> {
    let before = ctx.now.plus_seconds(-BANK_DAYS * 86_400).just_after();
    let batches = store::to_hear(conn, before, limit)?;
    with_grants(conn, batches)
}

fn with_grants(conn: &mut Conn, batches: Vec<Batch>) -> Result<Vec<OpenBatch>> {
    let ids: Vec<BatchId> = batches.iter().map(|batch| batch.id).collect();
    let pairs = store::grants_of(conn, &ids)?;
    let open = batches.into_iter().map(|batch| {
        let its = pairs.iter().filter(|(of, _)| *of == Some(batch.id));
        OpenBatch { grants: its.map(|(_, grant)| *grant).collect(), batch }
    });
    Ok(open.collect())
}

/// Those of these whose payee is not as they were drafted for any more: they can only be voided.
pub fn stale(conn: &mut Conn, ids: &[DisbursementId]) -> Result<BTreeSet<DisbursementId>> {
    store::stale(conn, ids)
}

/// Those of these of whose grant some paperwork is not settled: nothing of it is paid before.
pub fn unsettled(conn: &mut Conn, ids: &[DisbursementId]) -> Result<BTreeSet<DisbursementId>> {
    store::unsettled(conn, ids)
}

/// Those of these to somebody who is suspended: nothing is paid until it is decided what becomes of
/// their grant.
pub fn suspended(conn: &mut Conn, ids: &[DisbursementId]) -> Result<BTreeSet<DisbursementId>> {
    store::suspended(conn, ids)
}

/// Those of these whose grant names a verified payee that cannot be paid to yet, with the moment
/// from which on it can.
pub fn cooling(
    conn: &mut Conn,
    ctx: &Ctx,
    ids: &[DisbursementId],
) -> Result<BTreeMap<DisbursementId, Instant>> {
    store::cooling(conn, ctx.now, ids)
}

/// Those of these whose approval counts no more: whoever gave it was suspended, or lost the role.
pub fn unapproved(conn: &mut Conn, rows: &[Disbursement]) -> Result<BTreeSet<DisbursementId>> {
    let all: BTreeSet<PersonId> = rows.iter().filter_map(|row| row.approved_by).collect();
    let mut gone = BTreeSet::new();
    for person in all {
        if !may_still_approve(conn, person)? {
            gone.insert(person);
        }
    }
    let counts_no_more = |row: &&Disbursement| row.approved_by.is_some_and(|by| gone.contains(&by));
    Ok(rows.iter().filter(counts_no_more).map(|row| row.id).collect())
}

/// Those of these batches whose file is refused as they stand: for which of their payments, the
/// first, and why. For who gives files to the bank: whoever calls has asked.
pub fn held_up(
    conn: &mut Conn,
    batches: &[BatchId],
) -> Result<BTreeMap<BatchId, (DisbursementId, Obstacle)>> {
    let rows = store::on_the_way(conn, batches)?;
    let ids: Vec<DisbursementId> = rows.iter().map(|row| row.id).collect();
    let of: Vec<GrantId> = rows.iter().map(|row| row.grant_id).collect();
    let grants = grants::service::facts_of(conn, &of)?;
    let suspended = store::suspended(conn, &ids)?;
    let unapproved = unapproved(conn, &rows)?;
    let stale = store::stale(conn, &ids)?;
    let unsettled = store::unsettled(conn, &ids)?;
    let mut held = BTreeMap::new();
    for row in rows {
        let pays = grants.get(&row.grant_id).is_some_and(|grant| grant.status.may_pay());
        let obstacle = if !pays {
            Obstacle::Paused
        } else if suspended.contains(&row.id) {
            Obstacle::Suspended
        } else if unapproved.contains(&row.id) {
            Obstacle::Approval
        } else if stale.contains(&row.id) {
            Obstacle::Payee
        } else if unsettled.contains(&row.id) {
            Obstacle::Papers
        } else {
            continue;
        };
        if let Some(batch) = row.batch_id {
            held.entry(batch).or_insert((row.id, obstacle));
        }
    }
    Ok(held)
}

/// One batch.
pub fn batch(conn: &mut Conn, ctx: &Ctx, id: BatchId) -> Result<BatchDetail> {
    authz::require(ctx, Action::GetPaymentBatch, &[])?;
    let batch = store::batch(conn, id)?.ok_or_else(|| Problem::not_found("payment batch"))?;
    Ok(BatchDetail { batch, given_out: store::last_given(conn, id)? })
}

/// A page of batches, newest first.
pub fn batches(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<BatchStatus>,
    page: &PageOf<of::Batch>,
) -> Result<Page<Batch>> {
    authz::require(ctx, Action::ListPaymentBatches, &[])?;
    Ok(Page::cut(store::batches(conn, status, page)?, page.limit, |b| b.id))
}

/// What the ledger must hold in transit, by bank account and currency (invariant 4).
pub fn expected_in_transit(conn: &mut Conn) -> Result<Vec<(BankAccountId, Currency, i64)>> {
    store::in_transit(conn)
}
