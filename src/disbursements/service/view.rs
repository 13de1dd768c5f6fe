//! Reading disbursements and batches.

use super::super::model::{
    Attempt, Batch, BatchStatus, Disbursement, DisbursementStatus, GivenOut,
};
use super::super::store;
use super::load;
use crate::grants;
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, BatchId, DisbursementId, GrantId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde::Serialize;
use std::collections::BTreeSet;

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
    let mut it = loaded.it;
    if !authz::allowed(&ctx.actor, Action::GetDisbursement, &[]) {
        // Another payment may be somebody else's, and why both are meant is a word among staff.
        (it.double_of, it.double_confirmed_by, it.double_reason) = (None, None, None);
    }
    Ok(DisbursementDetail { disbursement: it, payee: loaded.payee.masked, attempts })
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

/// Released tranches of grants that may pay, for which there is no payment, the oldest first: of
/// which grant, and their numbers. For who drafts payments: whoever calls has asked.
pub fn undrafted(conn: &mut Conn, limit: i64) -> Result<Vec<(GrantId, i32)>> {
    store::undrafted(conn, limit)
}

/// Payments that came back and can be tried again, the oldest first.
pub fn to_retry(conn: &mut Conn, limit: i64) -> Result<Vec<Disbursement>> {
    store::to_retry(conn, limit)
}

/// Whether a payment of this grant came back, and nobody has tried it again yet. For its recipient:
/// whoever calls has asked.
pub fn came_back(conn: &mut Conn, grant: GrantId) -> Result<bool> {
    store::came_back(conn, grant)
}

/// Those of these whose payee is not as they were drafted for any more: they can only be voided.
pub fn stale(conn: &mut Conn, ids: &[DisbursementId]) -> Result<BTreeSet<DisbursementId>> {
    store::stale(conn, ids)
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
