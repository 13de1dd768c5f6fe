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
use crate::platform::db::{Conn, backup::mark};
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
    /// How the bank came to pay it though nobody was given a file with it: asked for then, and left
    /// out of account where somebody was.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    pub paid_without_file: Option<String>,
}

/// What is recorded: the bank's day, and how it was paid if not by a file.
struct Said {
    on: Option<Date>,
    without_file: Option<String>,
}

impl SettleForm {
    fn read(&self) -> Result<Said> {
        let mut fields = Fields::new();
        let said = self.paid_without_file.as_deref();
        let without_file = said.map(|how| fields.line("/paid_without_file", how, 1, 500));
        fields.finish()?;
        Ok(Said { on: self.on, without_file })
    }
}

/// Records that a payment arrived. Where no file of its batch was given out it has to be said how.
pub fn settle(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DisbursementId,
    form: &SettleForm,
) -> Result<Disbursement> {
    authz::require(ctx, Action::SettleDisbursement, &[])?;
    let said = form.read()?;
    let it = held(conn, ctx, id)?.it;
    it.status.after(Act::Settle)?;
    hold_batch(conn, &it)?;
    let without_file = without_file(conn, ctx, &it, said.without_file.as_deref())?;
    settle_one(conn, ctx, &it, (said.on, without_file), Action::SettleDisbursement)
}

/// The caller holds its grant and its batch, and has asked how it was paid without a file.
fn settle_one(
    conn: &mut Conn,
    ctx: &Ctx,
    it: &Disbursement,
    (on, without_file): (Option<Date>, Option<&str>),
    action: Action,
) -> Result<Disbursement> {
    let on = plausible_day(ctx, on, it.instructed_at.map(|at| at.date()))?;
    let set = store::Set { settled_on: Some(Some(on)), ..Default::default() };
    let after = moved(conn, it, Act::Settle, set)?;
    grants::service::pay(conn, ctx, it.tranche_id)?;
    let (number, bank) = newest_try(conn, it.id)?;
    let payment = payment(conn, it, bank)?;
    let entry = ledger::service::post(conn, ctx, &movements::payment_settled(&payment, on)?)?;
    let outcome = Outcome::Settled;
    let ended = store::Ended { outcome, on, entry, reason: None, not_sent: false };
    store::end_attempt(conn, it.id, number, &ended)?;
    let step = tell::Step { without_file, ..tell::Step::of(action, Act::Settle) };
    tell::step(conn, ctx, step, (it, &after), Some(entry))?;
    close_batch(conn, it)?;
    Ok(after)
}

/// Records that every payment of a batch arrived which the bank has not spoken of yet. What is
/// settled or returned singly at that moment is left as it is.
pub fn settle_batch(
    conn: &mut Conn,
    ctx: &Ctx,
    id: BatchId,
    form: &SettleForm,
) -> Result<super::super::model::Batch> {
    authz::require(ctx, Action::SettlePaymentBatch, &[])?;
    let said = form.read()?;
    let (_, waiting) = super::batch::held(conn, id)?;
    if waiting.is_empty() {
        return Err(Problem::wrong_state("The bank has spoken about every payment of it."));
    }
    // Of all of them, for the file is one.
    let mut without = None;
    for (place, one) in waiting.into_iter().enumerate() {
        let it = held(conn, ctx, one.id)?.it;
        if place == 0 {
            without = without_file(conn, ctx, &it, said.without_file.as_deref())?;
        }
        settle_one(conn, ctx, &it, (said.on, without), Action::SettlePaymentBatch)?;
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
    hold_batch(conn, &it)?;
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
    let step = tell::Step { not_sent, ..tell::Step::of(Action::ReturnDisbursement, Act::Return) };
    tell::step(conn, ctx, step, (&it, &after), Some(entry))?;
    close_batch(conn, &it)?;
    Ok(after)
}

/// No file was given out that tells the bank to pay this: each has all that its batch waits for.
/// What was made before the database was put back may have been given out since its backup.
fn not_given_out(conn: &mut Conn, it: &Disbursement) -> Result<()> {
    let Some(batch) = it.batch_id else { return Ok(()) };
    let Some(last) = store::last_given(conn, batch)? else {
        mark::must_be_reconciled(conn)?;
        let made = store::batch(conn, batch)?.map(|batch| batch.created_at);
        let unknown = made.map_or(Ok(false), |at| mark::put_back_since(conn, at))?;
        return if unknown { Err(Problem::wrong_state(UNKNOWN)) } else { Ok(()) };
    };
    let detail = format!(
        "A file with it was given out on {}: wait for the bank's word. If the bank did not send \
         it, record it as returned, without \"not_sent\".",
        last.at.date()
    );
    Err(Problem::wrong_state(detail))
}

/// What a database that was put back does not know of a batch from before.
const UNKNOWN: &str = "The database was put back from a backup after its batch was made, and does \
                       not know whether the bank was given its file. Ask the bank. If it has not \
                       paid it, record it as returned, without \"not_sent\", or give its file out \
                       with a reason; if it has, settle it with a word in \"paid_without_file\".";

/// How this was paid though no file with it was given out, in the words of whoever says so; nothing
/// where one was. Refuses it without a word: what nobody told the bank to pay would be taken for
/// paid. An import tells of what was paid elsewhere.
fn without_file<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    it: &Disbursement,
    how: Option<&'a str>,
) -> Result<Option<&'a str>> {
    let Some(batch) = it.batch_id.filter(|_| !ctx.actor.is_system()) else { return Ok(None) };
    if store::last_given(conn, batch)?.is_some() {
        return Ok(None);
    }
    if how.is_none() {
        let detail = "Nobody was given the file of its batch, so the bank was not told to pay it. \
                      Fetch the file and give it to the bank. If it was paid by other means, say \
                      how in \"paid_without_file\"; if it is not to be paid, record it as \
                      returned with \"not_sent\": true.";
        return Err(Problem::wrong_state(detail));
    }
    Ok(how)
}

/// Holds the batch of a payment, after its grant: nobody fetches its file meanwhile, and of two who
/// speak of its last two payments the second counts what the first has left.
fn hold_batch(conn: &mut Conn, it: &Disbursement) -> Result<()> {
    it.batch_id.map_or(Ok(()), |batch| store::hold_batch(conn, batch).map(drop))
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
