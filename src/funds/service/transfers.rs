//! Money that moves between two own accounts, recorded by finance from the banks' statements.

use super::super::model::{BankAccount, BankTransfer, TransferEnd};
use super::super::{events, rules, store};
use super::banks::NO_SUCH_ACCOUNT;
use super::charges::UndoBankRecord;
use super::contributions::happened_on;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BankAccountId, BankTransferId, of};
use crate::kernel::money::MoneyText;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::ledger::movements::{self, About};
use crate::ledger::service as ledger;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde::Deserialize;
use serde_json::json;

/// One end of a transfer.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferEndForm {
    /// The account.
    pub bank_account_id: BankAccountId,
    /// What left it, or reached it, in its currency.
    pub amount: MoneyText,
}

/// Money that moved between two own accounts.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankTransferForm {
    /// The account that it left, and how much left it.
    pub from: TransferEndForm,
    /// Another account, that it reached, and how much reached it. Within one currency that is as
    /// much: what the bank took is a charge. Between two it is what the bank made of it.
    pub to: TransferEndForm,
    /// The bank's day for it; not in the future.
    pub moved_on: Date,
    /// What the bank calls it.
    #[schema(min_length = 1, max_length = 140)]
    pub description: String,
}

/// Records that money moved between two own accounts, on the bank's day; between two currencies it
/// was exchanged, at whatever rate the bank gave. It is not refused for lack of money: the bank has
/// done it already, and the books follow.
///
/// # Errors
/// 409 where the same was recorded for this day under this description already; 422 for wrong
/// fields: accounts that are not there or are one, amounts that are not in the currency of their
/// account, or that differ within one currency.
pub fn record_transfer(
    conn: &mut Conn,
    ctx: &Ctx,
    form: &BankTransferForm,
) -> Result<BankTransfer> {
    authz::require(ctx, Action::RecordBankTransfer, &[])?;
    let (from, to, description) = checked(conn, ctx, form)?;
    not_recorded(conn, (from, to), (form.moved_on, &description))?;
    let id: BankTransferId = ctx.id();
    let exchanged = from.amount.currency() != to.amount.currency();
    let what = if exchanged { "Exchange" } else { "Transfer" };
    let memo = format!("{what} between bank accounts: {description}");
    let about = About { on: form.moved_on, memo, source: ("bank_transfer", id.uuid()) };
    let [gone, come] = [from, to].map(|end| (end.bank_account_id, end.amount));
    let entry_id = ledger::post(conn, ctx, &movements::currency_exchanged(gone, come, &about)?)?;
    let row = BankTransfer {
        id,
        from,
        to,
        moved_on: form.moved_on,
        description,
        recorded_by: ctx.actor.person(),
        entry_id,
        created_at: ctx.now,
        undone: None,
    };
    store::insert_transfer(conn, &row)?;
    let change = Change::by(Action::RecordBankTransfer, "bank_transfer", id.uuid()).to(json!({
        "from": row.from, "to": row.to, "moved_on": row.moved_on,
        "description": row.description,
    }));
    audit::record(conn, ctx, change)?;
    let facts = json!({ "v": 1, "transfer_id": id });
    outbox::emit(conn, ctx, events::BANK_TRANSFER_RECORDED, facts)?;
    Ok(row)
}

/// Both ends and the description. The account that the money left is held until the end, so that
/// one transfer is not recorded twice at once.
fn checked(
    conn: &mut Conn,
    ctx: &Ctx,
    form: &BankTransferForm,
) -> Result<(TransferEnd, TransferEnd, String)> {
    let mut fields = Fields::new();
    let left = store::hold_bank(conn, form.from.bank_account_id)?;
    let reached = store::find_bank(conn, form.to.bank_account_id)?;
    let from = end(&mut fields, "/from", left.as_ref(), &form.from);
    let to = end(&mut fields, "/to", reached.as_ref(), &form.to);
    let message = "name another account than the one that the money left";
    let other = form.from.bank_account_id != form.to.bank_account_id;
    fields.check(other, "/to/bank_account_id", "same", message);
    if let Some((from, to)) = from.zip(to) {
        let message = "within one currency as much arrives as left: record what the bank took as \
                       a charge";
        let fits = rules::may_move(from.amount, to.amount);
        fields.check(fits, "/to/amount/amount", "unequal", message);
    }
    happened_on(&mut fields, "/moved_on", form.moved_on, ctx.today());
    let description = fields.line("/description", &form.description, 1, 140);
    fields.finish()?;
    let (from, to) = from.zip(to).ok_or_else(|| Problem::internal("an end was let through"))?;
    Ok((from, to, description))
}

fn end(
    fields: &mut Fields,
    at: &str,
    bank: Option<&BankAccount>,
    form: &TransferEndForm,
) -> Option<TransferEnd> {
    let there = format!("{at}/amount");
    let Some(bank) = bank else {
        fields.push(&format!("{at}/bank_account_id"), "unknown", NO_SUCH_ACCOUNT);
        fields.positive_money(&there, &form.amount);
        return None;
    };
    let amount = fields.money_in(&there, &form.amount, bank.currency)?;
    Some(TransferEnd { bank_account_id: bank.id, amount })
}

/// Refuses one transfer that is recorded twice. Its first account is held.
fn not_recorded(
    conn: &mut Conn,
    (from, to): (TransferEnd, TransferEnd),
    (on, description): (Date, &str),
) -> Result<()> {
    let there = store::described_transfers(conn, from, to, on)?;
    if !rules::is_among(description, &there) {
        return Ok(());
    }
    let detail = "The same was recorded for this day under this description already. If the bank \
                  moved it twice, tell the two apart in their descriptions.";
    Err(Problem::new(Kind::AlreadyExists, detail))
}

/// Takes a transfer out of the books: its entry is reversed, today. It stays on record, and can be
/// recorded anew. Nor is this refused for lack of money in an account.
///
/// # Errors
/// 404 if there is no such transfer; 409 if it was undone before; 422 without a reason.
pub fn undo_transfer(
    conn: &mut Conn,
    ctx: &Ctx,
    id: BankTransferId,
    form: &UndoBankRecord,
) -> Result<BankTransfer> {
    authz::require(ctx, Action::UndoBankTransfer, &[])?;
    let missing = || Problem::not_found("bank transfer");
    let moved = store::transfer(conn, id)?.ok_or_else(missing)?;
    let undone = form.checked(ctx)?;
    // Of two at once the first one changes the row, before anything is posted.
    if !store::undo_transfer(conn, id, &undone)? {
        return Err(Problem::wrong_state("This transfer was undone already."));
    }
    let memo = "Transfer between bank accounts: recorded in error";
    ledger::reverse(conn, ctx, moved.entry_id, memo)?;
    let change = Change::by(Action::UndoBankTransfer, "bank_transfer", id.uuid())
        .from(json!({ "from": moved.from, "to": moved.to }))
        .to(json!({ "undone": undone.reason }));
    audit::record(conn, ctx, change)?;
    let facts = json!({ "v": 1, "transfer_id": id });
    outbox::emit(conn, ctx, events::BANK_TRANSFER_UNDONE, facts)?;
    Ok(BankTransfer { undone: Some(undone), ..moved })
}

/// Transfers between own accounts, newest first.
pub fn list_transfers(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::BankTransfer>,
) -> Result<Page<BankTransfer>> {
    authz::require(ctx, Action::ListBankTransfers, &[])?;
    Ok(Page::cut(store::transfers(conn, page)?, page.limit, |transfer| transfer.id))
}
