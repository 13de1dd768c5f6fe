//! The bank's word: settled or returned, and another try.

use super::super::model::{Act, Disbursement, DisbursementStatus, Outcome};
use super::super::{rules, store};
use super::{advance, gains_nothing, load, moved, plausible_day, tell, uninvolved};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BankAccountId, BatchId, DisbursementId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::ledger::movements::{self, Payment};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{grants, ledger, payees};
use serde::Deserialize;

/// A payment in the ledger's words.
pub(super) fn payment(conn: &mut Conn, it: &Disbursement, bank: BankAccountId) -> Result<Payment> {
    let shares = grants::service::shares(conn, it.tranche_id)?;
    Ok(Payment {
        disbursement: it.id,
        grant: it.grant_id,
        bank,
        amount: it.amount,
        reference: it.reference.clone(),
        shares,
    })
}

/// The disbursement, with its grant held; refuses who is paid by it or is on the grant: their word
/// about the bank's word would move money to them again.
pub(super) fn held(conn: &mut Conn, ctx: &Ctx, id: DisbursementId) -> Result<super::Loaded> {
    let seen = load(conn, id)?;
    rules::may_draft(&seen.hands(), ctx.actor.person())?;
    gains_nothing(conn, ctx, &seen.grant, &seen.payee)?;
    grants::service::hold(conn, seen.it.grant_id)?;
    load(conn, id)
}

/// When the money arrived.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleForm {
    /// The bank's day; today when absent.
    pub on: Option<Date>,
}

/// Records that a payment arrived.
pub fn settle(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DisbursementId,
    form: &SettleForm,
) -> Result<Disbursement> {
    authz::require(ctx, Action::SettleDisbursement, &[])?;
    settle_one(conn, ctx, id, form.on, Action::SettleDisbursement)
}

fn settle_one(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DisbursementId,
    on: Option<Date>,
    action: Action,
) -> Result<Disbursement> {
    let it = held(conn, ctx, id)?.it;
    it.status.after(Act::Settle)?;
    let on = plausible_day(ctx, on, it.instructed_at.map(|at| at.date()))?;
    let set = store::Set { settled_on: Some(Some(on)), ..Default::default() };
    let after = moved(conn, &it, Act::Settle, set)?;
    grants::service::pay(conn, ctx, it.tranche_id)?;
    let (number, bank) = newest_try(conn, id)?;
    let payment = payment(conn, &it, bank)?;
    let entry = ledger::service::post(conn, ctx, &movements::payment_settled(&payment, on)?)?;
    let outcome = Outcome::Settled;
    let ended = store::Ended { outcome, on, entry, reason: None, not_sent: false };
    store::end_attempt(conn, id, number, &ended)?;
    let step = tell::Step { action, act: Act::Settle, not_sent: false };
    tell::step(conn, ctx, step, (&it, &after), Some(entry))?;
    close_batch(conn, &it)?;
    Ok(after)
}

/// Records that every payment of a batch arrived which the bank has not spoken of yet.
pub fn settle_batch(
    conn: &mut Conn,
    ctx: &Ctx,
    id: BatchId,
    form: &SettleForm,
) -> Result<super::super::model::Batch> {
    authz::require(ctx, Action::SettlePaymentBatch, &[])?;
    store::batch(conn, id)?.ok_or_else(|| Problem::not_found("payment batch"))?;
    let waiting: Vec<_> = store::of_batch(conn, id)?
        .into_iter()
        .filter(|d| d.status == DisbursementStatus::Instructed)
        .collect();
    if waiting.is_empty() {
        return Err(Problem::wrong_state("The bank has spoken about every payment of it."));
    }
    let of_grants: std::collections::BTreeSet<_> = waiting.iter().map(|d| d.grant_id).collect();
    for grant in of_grants {
        grants::service::hold(conn, grant)?;
    }
    for one in waiting {
        settle_one(conn, ctx, one.id, form.on, Action::SettlePaymentBatch)?;
    }
    store::batch(conn, id)?.ok_or_else(|| Problem::not_found("payment batch"))
}

/// Why and when the money came back, or why it was not sent.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnForm {
    /// The bank's reason; the recipient reads it.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// The bank's day; today when absent.
    pub on: Option<Date>,
    /// Send true where nobody was given the file of its batch: the recipient then reads that it was
    /// not sent, rather than that it came back. Refused once a file with it was given out.
    #[serde(default)]
    pub not_sent: bool,
}

/// Records that a payment came back, before or after it was settled, or that it was not sent. The
/// tranche is owed again, and the recipient is told.
pub fn returned(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DisbursementId,
    form: &ReturnForm,
) -> Result<Disbursement> {
    authz::require(ctx, Action::ReturnDisbursement, &[])?;
    let mut fields = Fields::new();
    let reason = fields.line("/reason", &form.reason, 1, 500);
    fields.finish()?;
    let it = held(conn, ctx, id)?.it;
    it.status.after(Act::Return)?;
    let settled = it.status == DisbursementStatus::Settled;
    let not_sent = form.not_sent;
    if settled && not_sent {
        let detail = "It is recorded as settled, so the bank paid it: leave \"not_sent\" out.";
        return Err(Problem::wrong_state(detail));
    }
    if not_sent {
        not_given_out(conn, &it)?;
    }
    let first = it.settled_on.or(it.instructed_at.map(|at| at.date()));
    let on = plausible_day(ctx, form.on, first)?;
    let set = store::Set { status_reason: Some(Some(reason.clone())), ..Default::default() };
    let after = moved(conn, &it, Act::Return, set)?;
    grants::service::give_back(conn, ctx, it.tranche_id, &reason, not_sent)?;
    let (number, bank) = newest_try(conn, id)?;
    let payment = payment(conn, &it, bank)?;
    let movement = movements::payment_returned(&payment, settled, on)?;
    let entry = ledger::service::post(conn, ctx, &movement)?;
    let outcome = Outcome::Returned;
    let ended = store::Ended { outcome, on, entry, reason: Some(&reason), not_sent };
    store::end_attempt(conn, id, number, &ended)?;
    let step = tell::Step { action: Action::ReturnDisbursement, act: Act::Return, not_sent };
    tell::step(conn, ctx, step, (&it, &after), Some(entry))?;
    close_batch(conn, &it)?;
    Ok(after)
}

/// No file was given out that tells the bank to pay this: each has all that its batch waits for.
fn not_given_out(conn: &mut Conn, it: &Disbursement) -> Result<()> {
    let Some(batch) = it.batch_id else { return Ok(()) };
    let Some(last) = store::last_given(conn, batch)? else { return Ok(()) };
    let detail = format!(
        "A file with it was given out on {}: wait for the bank's word. If the bank did not send \
         it, record it as returned, without \"not_sent\".",
        last.at.date()
    );
    Err(Problem::wrong_state(detail))
}

fn close_batch(conn: &mut Conn, it: &Disbursement) -> Result<()> {
    it.batch_id.map_or(Ok(()), |batch| store::close_batch_if_done(conn, batch))
}

fn newest_try(conn: &mut Conn, id: DisbursementId) -> Result<(i32, BankAccountId)> {
    let newest = store::attempts(conn, id)?.pop();
    let (attempt, bank) = newest.ok_or_else(|| Problem::internal("a payment without a try"))?;
    Ok((attempt.number, bank))
}

/// Drafts a returned payment again, to the grant's payee as it is now; it needs a new approval. A
/// double is refused as it is for a draft, or with `despite_double` drafted and held.
pub fn retry(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DisbursementId,
    despite_double: bool,
) -> Result<Disbursement> {
    authz::require(ctx, Action::RetryDisbursement, &[])?;
    let loaded = held(conn, ctx, id)?;
    loaded.it.status.after(Act::Retry)?;
    let missing = || Problem::wrong_state("The grant has no payee.");
    let payee = loaded.grant.payee_id.ok_or_else(missing)?;
    let payee = payees::service::facts(conn, payee)?.ok_or_else(missing)?;
    uninvolved(conn, ctx, &loaded.grant, &payee)?;
    let tranche = super::draft::its_tranche(conn, &loaded.it)?;
    super::draft::ready(conn, ctx, &loaded.grant, &tranche, &payee)?;
    let like = (&payee, loaded.it.amount.minor());
    let double_of = super::double::look(conn, ctx, like, Some(id))?;
    let (tries, _) = newest_try(conn, id)?;
    let set = store::Set {
        reference: Some(rules::reference(id, tries + 1)),
        payee_id: Some(payee.id),
        payee_version: Some(payee.details_version),
        drafted_by: Some(ctx.actor.person()),
        approved_by: Some(None),
        batch_id: Some(None),
        status_reason: Some(None),
        instructed_at: Some(None),
        settled_on: Some(None),
        double_of: Some(double_of),
        double_confirmed_by: Some(None),
        double_reason: Some(None),
        fingerprint: Some(payee.fingerprint),
        ..Default::default()
    };
    let again = advance(conn, ctx, &loaded.it, Act::Retry, Action::RetryDisbursement, set)
        .map_err(super::draft::already_drafted)?;
    super::double::refuse(&again, despite_double)?;
    super::draft::open_approval(conn, ctx, &again)?;
    Ok(again)
}
