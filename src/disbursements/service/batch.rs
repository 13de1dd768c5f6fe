//! Payment batches: what leaves in one bank file.

use super::super::model::{Act, Batch, BatchStatus, Disbursement, DisbursementStatus, GivenOut};
use super::super::{rules, store};
use super::draft::{
    may_still_approve, not_suspended, papers_settled, still_released, unchanged, way_out,
};
use super::{Loaded, keep_hands, load, moved, tell, uninvolved};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BankAccountId, BatchId, DisbursementId, of};
use crate::kernel::money::Money;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text;
use crate::ledger::movements;
use crate::payees::model::BankDetails;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, backup::mark};
use crate::{delegations, funds, grants, ledger, payees};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Payments in one batch.
const MAX_PAYMENTS: usize = 500;

/// What goes into a batch.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchForm {
    /// The account that pays.
    pub bank_account_id: BankAccountId,
    /// Approved disbursements, 1 to 500, of that account's currency.
    #[schema(min_items = 1, max_items = 500)]
    pub disbursement_ids: Vec<DisbursementId>,
}

/// How the payment file is fetched.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileForm {
    /// Why a file that the bank was given for another batch is sent again. Only somebody other than
    /// who made the batch may say so.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    pub despite_same_file: Option<String>,
    /// Why the file of this batch is given out once more. Not asked of who gave out the very same
    /// file last, on the same day: a download may be lost.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    pub despite_given_out: Option<String>,
}

/// Puts approved disbursements into a batch: from here on the bank is told. All or none.
pub fn create(conn: &mut Conn, ctx: &Ctx, form: &BatchForm) -> Result<Batch> {
    authz::require(ctx, Action::CreatePaymentBatch, &[])?;
    mark::must_be_reconciled(conn)?;
    let mut fields = Fields::new();
    let count = form.disbursement_ids.len();
    let pointer = "/disbursement_ids";
    fields.check((1..=MAX_PAYMENTS).contains(&count), pointer, "count", "name 1 to 500");
    // In the order of ids: two batches that share payments wait for each other in one direction.
    let ids: BTreeSet<DisbursementId> = form.disbursement_ids.iter().copied().collect();
    fields.check(ids.len() == count, pointer, "repeated", "name each disbursement once");
    fields.finish()?;
    let bank = funds::service::bank_account(conn, form.bank_account_id)?;
    let bank = bank.ok_or_else(|| {
        Problem::field("/bank_account_id", "unknown", "there is no such bank account")
    })?;
    let mut batch = Batch {
        id: ctx.id::<of::Batch>(),
        bank_account_id: bank.id,
        total: Money::zero(bank.currency),
        payments: i32::try_from(count).map_err(Problem::internal)?,
        status: BatchStatus::Instructed,
        file_sha256: None,
        created_by: ctx.actor.person(),
        created_at: ctx.now,
    };
    // Grants in the order of their ids, before any account: no two calls wait in a ring.
    let mut of_grants = BTreeSet::new();
    for (place, id) in form.disbursement_ids.iter().enumerate() {
        let found = store::find(conn, *id)?;
        let unknown = || {
            let pointer = format!("{pointer}/{place}");
            Problem::field(&pointer, "unknown", "there is no such disbursement")
        };
        of_grants.insert(found.ok_or_else(unknown)?.grant_id);
    }
    for grant in of_grants {
        grants::service::hold(conn, grant)?;
    }
    let loaded = ids.into_iter().map(|id| load(conn, id)).collect::<Result<Vec<_>>>()?;
    keep_hands(conn, ctx, &loaded)?;
    for one in &loaded {
        sendable(conn, ctx, one).map_err(|problem| about(one.it.id, problem))?;
        let sum = batch.total.checked_add(one.it.amount);
        let mixed = |_| Problem::field(pointer, "currency_mismatch", "one currency to a batch");
        batch.total = sum.map_err(mixed)?;
    }
    store::insert_batch(conn, &batch)?;
    for one in loaded {
        instruct(conn, ctx, &batch, &one.it)?;
    }
    let change = Change::by(Action::CreatePaymentBatch, "payment batch", batch.id.uuid())
        .to(json!({ "payments": batch.payments, "total": batch.total }));
    audit::record(conn, ctx, change)?;
    Ok(batch)
}

/// Whether this may go to the bank now, by this person.
fn sendable(conn: &mut Conn, ctx: &Ctx, one: &Loaded) -> Result<()> {
    one.it.status.after(Act::Instruct)?;
    may_send(conn, ctx, one)?;
    still_payable(conn, ctx, one)?;
    still_released(conn, &one.it)
}

/// Its grant may pay, to somebody who was not suspended; its approval counts, its payee is as it
/// was approved, and all paperwork is settled.
fn still_payable(conn: &mut Conn, ctx: &Ctx, one: &Loaded) -> Result<()> {
    if !one.grant.status.may_pay() {
        let detail = format!(
            "Payments of its grant are held: it is {}. Wait until it goes on; else {}.",
            one.grant.status,
            way_out(&one.it)
        );
        return Err(Problem::wrong_state(detail));
    }
    not_suspended(conn, ctx, &one.grant)?;
    still_approved(conn, one)?;
    unchanged(ctx, one)?;
    papers_settled(conn, &one.grant)
}

/// Whoever approved it may still approve payments: the word of somebody who was suspended, or lost
/// the role, since counts no more.
fn still_approved(conn: &mut Conn, one: &Loaded) -> Result<()> {
    let Some(approver) = one.it.approved_by else { return Ok(()) };
    if may_still_approve(conn, approver)? {
        return Ok(());
    }
    let detail = format!(
        "Whoever approved it may not approve payments any more, and somebody else has to approve \
         it: {}.",
        way_out(&one.it)
    );
    Err(Problem::wrong_state(detail))
}

/// Who sends it did not approve it and does not gain from it.
fn may_send(conn: &mut Conn, ctx: &Ctx, one: &Loaded) -> Result<()> {
    rules::may_send(&one.hands(), ctx.actor.person())?;
    let approver = (one.it.approved_by, one.it.created_at);
    delegations::service::another_side(conn, ctx, approver, "approved it")?;
    uninvolved(conn, ctx, &one.grant, &one.payee)?;
    still_impartial(conn, one)
}

/// Who approved it has not come to gain from it or to be partial since: by joining the team, by
/// becoming a delegate of who is paid or drafted it, by a conflict that they declared, or by an
/// account that turned out to be theirs too.
fn still_impartial(conn: &mut Conn, one: &Loaded) -> Result<()> {
    let Some(approver) = one.it.approved_by else { return Ok(()) };
    let on = grants::service::is_partial(conn, &one.grant, approver)?;
    let others = [Some(one.payee.person_id), one.it.drafted_by];
    let mut one_side = on;
    for other in others.into_iter().flatten() {
        let since = one.it.created_at;
        one_side |= delegations::service::same_side(conn, approver, other, since)?;
    }
    if one_side {
        let detail = format!(
            "Whoever approved it is partial, gains from it, or is one with whoever drafted it, \
             since, and somebody else has to approve it: {}.",
            way_out(&one.it)
        );
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    Ok(())
}

/// The same problem, which also tells which one of many it is about.
fn about(id: DisbursementId, problem: Problem) -> Problem {
    match problem.kind() {
        Kind::WrongState | Kind::EditedMeanwhile | Kind::TwoPersons | Kind::CoolingPeriod => {
            Problem::new(problem.kind(), format!("Disbursement {id}: {}", problem.detail()))
        }
        _ => problem,
    }
}

fn instruct(conn: &mut Conn, ctx: &Ctx, batch: &Batch, was: &Disbursement) -> Result<()> {
    let set = store::Set {
        batch_id: Some(Some(batch.id)),
        instructed_at: Some(Some(ctx.now)),
        ..Default::default()
    };
    let it = moved(conn, was, Act::Instruct, set)?;
    grants::service::instruct(conn, ctx, it.tranche_id)?;
    let payment = super::bank::payment(conn, &it, batch.bank_account_id)?;
    let movement = movements::payment_instructed(&payment, ctx.today())?;
    let entry = ledger::service::post(conn, ctx, &movement)?;
    let number = super::draft::tries(conn, it.id)? + 1;
    let attempt = store::NewAttempt {
        id: ctx.id::<of::Attempt>(),
        disbursement: it.id,
        number,
        batch: Some(batch.id),
        bank: batch.bank_account_id,
        entry,
        at: ctx.now,
    };
    store::insert_attempt(conn, &attempt)?;
    let step = tell::Step::of(Action::CreatePaymentBatch, Act::Instruct);
    tell::step(conn, ctx, step, (was, &it), Some(entry))
}

/// The CSV payment file of a batch, made anew from the details that were approved. Opening the
/// details is audited; the file is never stored, only its SHA-256. Whoever sends it to the bank did
/// not approve what is in it. A file that equals another batch's is held, and so is one of a batch
/// whose file was given out before.
pub fn file(conn: &mut Conn, ctx: &Ctx, id: BatchId, form: &FileForm) -> Result<Vec<u8>> {
    authz::require(ctx, Action::GetPaymentFile, &[])?;
    mark::must_be_reconciled(conn)?;
    let mut fields = Fields::new();
    let reason = form.despite_same_file.as_deref();
    let reason = reason.map(|r| fields.line("/despite_same_file", r, 1, 500));
    let again = form.despite_given_out.as_deref();
    let again = again.map(|r| fields.line("/despite_given_out", r, 1, 500));
    fields.finish()?;
    let (batch, waiting) = held(conn, id)?;
    let mut out =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    out.write_record([
        "reference",
        "payee",
        "country",
        "town",
        "address",
        "method",
        "iban",
        "bic",
        "routing",
        "account",
        "account_type",
        "amount",
        "currency",
    ])
    .map_err(Problem::internal)?;
    if waiting.is_empty() {
        return Err(Problem::wrong_state("The bank has spoken about every payment of it."));
    }
    let all = waiting.iter().map(|it| load(conn, it.id)).collect::<Result<Vec<_>>>()?;
    keep_hands(conn, ctx, &all)?;
    for (it, loaded) in waiting.iter().zip(&all) {
        may_send(conn, ctx, loaded).map_err(|problem| about(it.id, problem))?;
        still_payable(conn, ctx, loaded).map_err(|problem| about(it.id, problem))?;
        let details = payees::service::open_details(conn, ctx, it.payee_id)?;
        // Versions only grow: the same before and after says that these are the details of it.
        unchanged(ctx, &load(conn, it.id)?)?;
        out.write_record(row(loaded, &details)).map_err(Problem::internal)?;
    }
    let bytes = out.into_inner().map_err(|e| Problem::internal(e.to_string()))?;
    let sha256 = text::hex(&Sha256::digest(&bytes));
    let same = not_sent_before(conn, ctx, &batch, &sha256, reason.as_deref())?;
    let (asked, before) = not_given_out(conn, ctx, &batch, &sha256, again.as_deref())?;
    store::keep_file_hash(conn, batch.id, &sha256)?;
    let despite = reason.filter(|_| same.is_some());
    let made = store::NewFile { batch: id, sha256: &sha256, by: ctx.actor.person(), at: ctx.now };
    let again = again.filter(|_| asked);
    let whys: Vec<&str> = [&despite, &again].into_iter().flatten().map(String::as_str).collect();
    store::keep_file(conn, &made, (!whys.is_empty()).then(|| whys.join("; ")).as_deref())?;
    let change = Change::by(Action::GetPaymentFile, "payment batch", id.uuid()).to(json!({
        "sha256": sha256, "same_as": same, "reason": despite,
        "given_out_before": before, "again_because": again,
    }));
    audit::record(conn, ctx, change)?;
    for it in &waiting {
        let change = Change {
            action: "write_payment_file",
            object: ("disbursement", it.id.uuid()),
            before: None,
            after: Some(json!({ "batch_id": id, "file_sha256": sha256 })),
        };
        audit::record(conn, ctx, change)?;
        tell::line(conn, ctx, "file_made", (Some(it), it), None)?;
    }
    Ok(bytes)
}

/// A batch, and its payments that wait for the bank's word. Their grants are held first, in the
/// order of their ids, as where a batch is made: until the transaction ends none of these payments
/// comes back or is tried again, and no grant is paused. Then the batch: two who fetch its file at
/// the same moment do not both come first.
pub(super) fn held(conn: &mut Conn, id: BatchId) -> Result<(Batch, Vec<Disbursement>)> {
    let of_grants: BTreeSet<_> =
        store::of_batch(conn, id)?.into_iter().map(|it| it.grant_id).collect();
    for grant in of_grants {
        grants::service::hold(conn, grant)?;
    }
    let batch = store::hold_batch(conn, id)?.ok_or_else(|| Problem::not_found("payment batch"))?;
    let mut waiting = store::of_batch(conn, id)?;
    waiting.retain(|it| it.status == DisbursementStatus::Instructed);
    Ok((batch, waiting))
}

/// Which other batch had the very same file; refuses it, unless somebody else than who made this
/// batch gives a reason.
fn not_sent_before(
    conn: &mut Conn,
    ctx: &Ctx,
    batch: &Batch,
    sha256: &str,
    reason: Option<&str>,
) -> Result<Option<BatchId>> {
    let Some(other) = store::same_file(conn, batch.id, sha256)? else { return Ok(None) };
    if reason.is_none() {
        let detail = format!(
            "It is held: it equals, to the last byte, the file of batch {other}, which the bank \
             was given. If it is meant, somebody other than who made this batch fetches it with a \
             reason in \"despite_same_file\"."
        );
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    if batch.created_by.is_some() && batch.created_by == ctx.actor.person() {
        let detail = "You made this batch: somebody else has to say that the same file is meant.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    let made = (batch.created_by, batch.created_at);
    delegations::service::another_side(conn, ctx, made, "made this batch")?;
    Ok(Some(other))
}

/// Whether a reason was asked for, and how the file of this batch was given out before; refuses it
/// without one where it was. Whoever gave out the very same file last may fetch it again on that
/// day. What was made before the database was put back may have been given out since its backup.
fn not_given_out(
    conn: &mut Conn,
    ctx: &Ctx,
    batch: &Batch,
    sha256: &str,
    reason: Option<&str>,
) -> Result<(bool, Option<GivenOut>)> {
    let Some(last) = store::last_given(conn, batch.id)? else {
        if !mark::put_back_since(conn, batch.created_at)? {
            return Ok((false, None));
        }
        if reason.is_none() {
            let detail = "It is held: the database was put back from a backup after this batch was \
                          made, and does not know whether the bank was given its file. If the bank \
                          has not paid it, fetch it with a reason in \"despite_given_out\".";
            return Err(Problem::new(Kind::LimitReached, detail));
        }
        return Ok((true, None));
    };
    let theirs = last.by == ctx.actor.person()
        && last.at.date() == ctx.today()
        && !mark::put_back_since(conn, last.at)?;
    if theirs && last.sha256 == sha256 {
        return Ok((false, None));
    }
    if reason.is_none() {
        let detail = format!(
            "It is held: a file of this batch was given out before, last on {}. Ask whoever \
             fetched it (\"given_out\" of the batch) whether the bank has it: sent twice, it may \
             be paid twice. If it is meant, fetch it with a reason in \"despite_given_out\".",
            last.at.date()
        );
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok((true, Some(last)))
}

fn row(loaded: &super::Loaded, details: &BankDetails) -> Vec<String> {
    let cell = text::csv_cell;
    let it = &loaded.it;
    let mut row = vec![
        it.reference.clone(),
        cell(&details.name),
        details.country.clone(),
        cell(&details.town),
        cell(&details.address),
        loaded.payee.method.to_string(),
    ];
    row.extend(details.columns().map(|c| cell(&c)));
    row.extend([it.amount.decimal(), it.amount.currency().to_string()]);
    row
}
