//! Money that comes back from the recipient.

use super::super::model::{Part, RecordRefund, TrancheStatus, UndoRefund};
use super::super::{events, rules, store};
use super::{GrantFacts, books, held, impartial, readers};
use crate::funds;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BudgetId, EntryId, GrantId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, once_committed};
use serde::Serialize;
use serde_json::json;

/// A refund, and the budgets that got it back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RefundView {
    /// Of which grant.
    pub grant_id: GrantId,
    /// How much.
    pub amount: Money,
    /// The day on which it arrived.
    pub received_on: Date,
    /// How the bank names it.
    pub reference: String,
    /// What each budget got back.
    pub parts: Vec<RefundPart>,
}

/// What one budget got back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RefundPart {
    /// The budget.
    pub budget_id: BudgetId,
    /// How much.
    pub amount: Money,
    /// The entry of the ledger.
    pub entry_id: EntryId,
}

/// A refund that does not stand any more.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RefundUndone {
    /// Of which grant.
    pub grant_id: GrantId,
    /// The day on which it was said to have arrived.
    pub received_on: Date,
    /// How the bank was said to name it.
    pub reference: String,
    /// The entries that reverse it, one for each budget.
    pub reversals: Vec<EntryId>,
}

/// Records a refund: it goes back to the budgets in proportion to what they paid.
///
/// # Errors
/// 404, 403 for who is on the grant, 409 for more than was paid and not given back yet and for what
/// was recorded already, 422 for wrong fields.
pub fn record(conn: &mut Conn, ctx: &Ctx, id: GrantId, form: &RecordRefund) -> Result<RefundView> {
    authz::require(ctx, Action::RecordRefund, &[])?;
    let grant = held(conn, id)?;
    impartial(conn, ctx, &grant)?;
    let (amount, reference) = checked(conn, ctx, &grant, form)?;
    if books::has_arrived(conn, &grant, (form.received_on, &reference), amount.minor())? {
        let detail = "Money that arrived on this day under this reference was recorded already. If \
                      it arrived twice, tell the two apart by letters or digits of their \
                      references.";
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    let owed = [TrancheStatus::Released, TrancheStatus::Instructed];
    let owed = store::parts_in(conn, id, &owed)?;
    let open = rules::refundable(&books::spent(conn, &grant)?, &owed);
    let most = open.iter().map(|part| part.amount).sum();
    if amount.minor() > most {
        let left = Money::new(most, grant.currency);
        let detail = format!("Of what was paid, {left} can still come back.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let parts = rules::divide(amount.minor(), &open)?;
    let arrived = ((form.received_on, reference.as_str()), form.bank_account_id);
    let entries = books::refunded(conn, ctx, &grant, &parts, arrived)?;
    readers::back_home(conn, ctx, &grant, (&parts, "Its recipient gave money back."))?;
    let part = |(part, entry_id): (&Part, EntryId)| RefundPart {
        budget_id: part.budget_id,
        amount: Money::new(part.amount, grant.currency),
        entry_id,
    };
    let parts = parts.iter().zip(entries).map(part).collect();
    let change = Change::by(Action::RecordRefund, "grant", id.uuid()).to(json!({
        "refunded": amount,
        "received_on": form.received_on,
        "reference": reference,
        "bank_account_id": form.bank_account_id,
    }));
    audit::record(conn, ctx, change)?;
    events::tell(conn, ctx, events::REFUNDED, id)?;
    tell(ctx, "refunded", id, Some(amount));
    Ok(RefundView { grant_id: id, amount, received_on: form.received_on, reference, parts })
}

/// Takes a refund that was recorded in error out of the books: each of its entries is reversed, and
/// the money leaves the budgets that had got it.
///
/// # Errors
/// 404; 403 for who is on the grant; 409 where no such refund stands, and `insufficient_funds`
/// where a budget has offered the money since; 422 for wrong fields.
pub fn undo(conn: &mut Conn, ctx: &Ctx, id: GrantId, form: &UndoRefund) -> Result<RefundUndone> {
    authz::require(ctx, Action::UndoRefund, &[])?;
    let grant = held(conn, id)?;
    impartial(conn, ctx, &grant)?;
    let mut fields = Fields::new();
    let reference = fields.line("/reference", &form.reference, 1, 140);
    let reason = fields.paragraphs("/reason", &form.reason, 1, 2000);
    fields.finish()?;
    let entries = books::refunds(conn, &grant, (form.received_on, &reference))?;
    if entries.is_empty() {
        let detail = "No refund of this grant stands in the books that arrived on this day under \
                      this reference.";
        return Err(Problem::wrong_state(detail));
    }
    let before = books::spent(conn, &grant)?;
    let reversals = books::refund_undone(conn, ctx, &grant, &entries)?;
    let mut parts = books::spent(conn, &grant)?;
    for (now, was) in parts.iter_mut().zip(&before) {
        now.amount -= was.amount;
    }
    readers::left_again(conn, ctx, &grant, &parts)?;
    let change = Change::by(Action::UndoRefund, "grant", id.uuid()).to(json!({
        "received_on": form.received_on,
        "reference": reference,
        "reason": reason,
        "entries": entries,
    }));
    audit::record(conn, ctx, change)?;
    events::tell(conn, ctx, events::REFUND_UNDONE, id)?;
    tell(ctx, "refund_undone", id, None);
    Ok(RefundUndone { grant_id: id, received_on: form.received_on, reference, reversals })
}

/// A line of the log, as each step of a payment leaves one.
fn tell(ctx: &Ctx, step: &'static str, grant: GrantId, amount: Option<Money>) {
    let (person, request) = (ctx.actor.person(), ctx.request_id);
    let currency = amount.map(Money::currency);
    once_committed(move || {
        tracing::info!(
            step,
            %grant,
            person = person.map(tracing::field::display),
            amount = amount.map(|money| money.decimal()),
            currency = currency.as_ref().map(Currency::code),
            request_id = %request,
            "payment"
        );
    });
}

fn checked(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    form: &RecordRefund,
) -> Result<(Money, String)> {
    let mut fields = Fields::new();
    if let Some(id) = form.bank_account_id {
        let there = "/bank_account_id";
        match funds::service::bank_account(conn, id)? {
            None => fields.push(there, "unknown", "there is no such bank account"),
            Some(bank) => {
                let message = format!("this account holds {}", bank.currency);
                fields.check(bank.currency == grant.currency, there, "currency_mismatch", &message);
            }
        }
    }
    let amount = fields.money_in("/amount", &form.amount, grant.currency);
    let reference = fields.line("/reference", &form.reference, 1, 140);
    let on = form.received_on;
    let day = "/received_on";
    fields.check(on <= ctx.today(), day, "in_the_future", "this day has not come yet");
    fields.check(on >= grant.awarded_on, day, "too_early", "this is before the award");
    fields.finish()?;
    let amount = amount.expect("invariant: without a wrong field the amount is there");
    Ok((amount, reference))
}
