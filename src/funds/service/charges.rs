//! What banks take of a fund's money on their own, recorded by finance from the bank's statement.

use super::super::model::{BankCharge, Undone};
use super::super::{events, rules, store};
use super::balances::must_be_free;
use super::contributions::happened_on;
use super::{banks, load};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BankAccountId, BankChargeId, FundId, of};
use crate::kernel::money::{Money, MoneyText};
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

/// What a bank took.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankChargeForm {
    /// The account that it was taken from; it holds the fund's currency.
    pub bank_account_id: BankAccountId,
    /// How much, in the fund's currency.
    pub amount: MoneyText,
    /// The bank's day for it; not in the future.
    pub charged_on: Date,
    /// What the bank calls it. Whoever gave to the fund reads it in the fund's statement.
    #[schema(min_length = 1, max_length = 140)]
    pub description: String,
}

/// Why a charge or transfer does not count.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoBankRecord {
    /// What was wrong. Those who run the service read it.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl UndoBankRecord {
    /// By whoever asks, now.
    pub(super) fn checked(&self, ctx: &Ctx) -> Result<Undone> {
        let mut fields = Fields::new();
        let reason = fields.paragraphs("/reason", &self.reason, 1, 2000);
        fields.finish()?;
        Ok(Undone { by: ctx.actor.person(), at: ctx.now, reason })
    }
}

/// Records what a bank took of a fund's money, on the bank's day.
///
/// # Errors
/// 404; 409 for a closed fund, for an amount that was recorded in this fund and account for this
/// day under this description already, and `insufficient_funds` where the fund has less that is
/// neither allocated nor held; 422 for wrong fields.
pub fn record_charge(
    conn: &mut Conn,
    ctx: &Ctx,
    id: FundId,
    form: &BankChargeForm,
) -> Result<BankCharge> {
    authz::require(ctx, Action::RecordBankCharge, &[])?;
    // Held until the end, so that the fund is not closed, nor its money allocated, meanwhile.
    let fund = store::hold(conn, id)?.ok_or_else(|| Problem::not_found("fund"))?;
    rules::must_be_open(&fund.name, fund.status, "bank charges")?;
    let mut fields = Fields::new();
    let amount = fields.money_in("/amount", &form.amount, fund.currency);
    banks::must_hold(conn, &mut fields, form.bank_account_id, fund.currency)?;
    happened_on(&mut fields, "/charged_on", form.charged_on, ctx.today());
    let description = fields.line("/description", &form.description, 1, 140);
    fields.finish()?;
    let amount = amount.ok_or_else(|| Problem::internal("an amount was let through"))?;
    let bank = form.bank_account_id;
    not_recorded(conn, (id, bank), amount, (form.charged_on, &description))?;
    must_be_free(conn, &fund, amount, "The bank took")?;
    let charge_id: BankChargeId = ctx.id();
    let memo = format!("Bank charge of {}: {description}", fund.name);
    let source = ("bank_charge", charge_id.uuid());
    let about = About { on: form.charged_on, memo, source };
    let entry_id = ledger::post(conn, ctx, &movements::bank_charge(id, bank, amount, &about)?)?;
    let row = BankCharge {
        id: charge_id,
        fund_id: id,
        bank_account_id: bank,
        amount,
        charged_on: form.charged_on,
        description,
        recorded_by: ctx.actor.person(),
        entry_id,
        created_at: ctx.now,
        undone: None,
    };
    store::insert_charge(conn, &row)?;
    let change = Change::by(Action::RecordBankCharge, "bank_charge", row.id.uuid()).to(json!({
        "fund_id": id, "bank_account_id": bank, "amount": row.amount,
        "charged_on": row.charged_on, "description": row.description,
    }));
    audit::record(conn, ctx, change)?;
    let facts = json!({ "v": 1, "fund_id": id, "charge_id": row.id });
    outbox::emit(conn, ctx, events::BANK_CHARGE_RECORDED, facts)?;
    Ok(row)
}

/// Refuses one charge that is recorded twice. The fund is held.
fn not_recorded(
    conn: &mut Conn,
    of: (FundId, BankAccountId),
    amount: Money,
    (on, description): (Date, &str),
) -> Result<()> {
    let there = store::described_charges(conn, of, amount.minor(), on)?;
    if !rules::is_among(description, &there) {
        return Ok(());
    }
    let detail = "A charge of this amount was recorded for this day under this description \
                  already. If the bank took it twice, tell the two apart in their descriptions.";
    Err(Problem::new(Kind::AlreadyExists, detail))
}

/// Takes a charge out of the books: its entry is reversed, today, and the fund has the money again.
/// It stays on record, and can be recorded anew.
///
/// # Errors
/// 404 if the fund has no such charge; 409 if it was undone before, and for a closed fund; 422
/// without a reason.
pub fn undo_charge(
    conn: &mut Conn,
    ctx: &Ctx,
    fund_id: FundId,
    id: BankChargeId,
    form: &UndoBankRecord,
) -> Result<BankCharge> {
    authz::require(ctx, Action::UndoBankCharge, &[])?;
    let fund = store::hold(conn, fund_id)?.ok_or_else(|| Problem::not_found("fund"))?;
    let missing = || Problem::not_found("bank charge");
    let charge = store::charge(conn, fund_id, id)?.ok_or_else(missing)?;
    let undone = form.checked(ctx)?;
    if charge.undone.is_some() {
        return Err(Problem::wrong_state("This bank charge was undone already."));
    }
    rules::must_be_open(&fund.name, fund.status, "corrections until it is opened again")?;
    let memo = format!("Bank charge of {}: recorded in error", fund.name);
    ledger::reverse(conn, ctx, charge.entry_id, &memo)?;
    if !store::undo_charge(conn, id, &undone)? {
        return Err(Problem::changed_meanwhile("bank charge"));
    }
    let change = Change::by(Action::UndoBankCharge, "bank_charge", id.uuid())
        .from(json!({ "fund_id": fund_id, "amount": charge.amount }))
        .to(json!({ "undone": undone.reason }));
    audit::record(conn, ctx, change)?;
    let facts = json!({ "v": 1, "fund_id": fund_id, "charge_id": id });
    outbox::emit(conn, ctx, events::BANK_CHARGE_UNDONE, facts)?;
    Ok(BankCharge { undone: Some(undone), ..charge })
}

/// What banks took of a fund's money, newest first.
///
/// # Errors
/// 404 if there is no such fund.
pub fn list_charges(
    conn: &mut Conn,
    ctx: &Ctx,
    id: FundId,
    page: &PageOf<of::BankCharge>,
) -> Result<Page<BankCharge>> {
    authz::require(ctx, Action::ListBankCharges, &[])?;
    load(conn, id)?;
    Ok(Page::cut(store::charges(conn, id, page)?, page.limit, |charge| charge.id))
}
