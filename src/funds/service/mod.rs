//! Use-cases of bank accounts, funds, contributions, and what banks do on their own.

mod balances;
mod banks;
mod charges;
mod contributions;
mod earmarks;
mod transfers;
mod undo;

pub use super::model::FundFacts;
pub use balances::{statement, unallocated};
pub use banks::{
    BankAccountForm, bank_account, bank_names, bank_statement, create_bank_account,
    list_bank_accounts,
};
pub use charges::{BankChargeForm, UndoBankRecord, list_charges, record_charge, undo_charge};
pub use contributions::{ContributionForm, list_contributions, record_contribution, record_told};
pub use earmarks::{
    ListEarmarks, any_given_for, application_of, earmark, earmark_of_offer, expected_tied,
    given_for, held_earmark, held_for, hold, is_undone, list_earmarks, offered_earmark,
    offered_for, reassigned_earmark, spent_earmark, tie_earmark_again, tied, unspent_for,
    untie_earmark,
};
pub use transfers::{
    BankTransferForm, TransferEndForm, list_transfers, record_transfer, undo_transfer,
};
pub use undo::{UndoContribution, undo_contribution};

use super::model::{Fund, FundStatus, FundView, Restriction};
use super::{events, rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BankAccountId, FundId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::{self, Conn};
use crate::platform::outbox;
use serde::Deserialize;
use serde_json::{Value, json};

/// A fund to make.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundForm {
    /// What people call it; not used by another fund.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// ISO 4217 code: that of the bank account.
    #[schema(example = "USD", min_length = 3, max_length = 3)]
    pub currency: String,
    /// What the givers tie the money to; nothing if absent.
    #[serde(default)]
    pub restriction: Option<Restriction>,
    /// What it is for; needed where it is restricted.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub purpose: Option<String>,
    /// The sponsor's share of each contribution, in hundredths of a percent; 0 if absent.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 5000)]
    pub fee_basis_points: i32,
    /// Where its money lies.
    pub bank_account_id: BankAccountId,
}

/// Changes of a fund; what is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundChange {
    /// What people call it.
    #[schema(min_length = 1, max_length = 120)]
    pub name: Option<String>,
    /// What it is for.
    #[schema(max_length = 2000)]
    pub purpose: Option<String>,
    /// The sponsor's share of contributions from now on, in hundredths of a percent.
    #[schema(minimum = 0, maximum = 5000)]
    pub fee_basis_points: Option<i32>,
}

/// Makes a fund.
pub fn create(conn: &mut Conn, ctx: &Ctx, form: &FundForm) -> Result<FundView> {
    authz::require(ctx, Action::CreateFund, &[])?;
    let mut fields = Fields::new();
    let name = fields.line("/name", &form.name, 1, 120);
    let restriction = form.restriction.unwrap_or(Restriction::None);
    let purpose = purpose(&mut fields, restriction, form.purpose.as_deref().unwrap_or(""));
    fee_rate(&mut fields, form.fee_basis_points);
    let currency = currency(&mut fields, &form.currency);
    match (store::find_bank(conn, form.bank_account_id)?, currency) {
        (None, _) => fields.push("/bank_account_id", "unknown", "there is no such bank account"),
        (Some(bank), Some(currency)) if bank.currency != currency => {
            let message = format!("the bank account holds {}", bank.currency);
            fields.push("/currency", "currency_mismatch", message);
        }
        _ => {}
    }
    fields.finish()?;
    let currency = currency.ok_or_else(|| Problem::internal("a currency was let through"))?;
    let fund = Fund {
        id: ctx.id(),
        name,
        currency,
        restriction,
        purpose,
        fee_basis_points: form.fee_basis_points,
        bank_account_id: form.bank_account_id,
        status: FundStatus::Open,
        version: 1,
        created_at: ctx.now,
    };
    store::insert(conn, &fund).map_err(name_taken)?;
    let change = Change::by(Action::CreateFund, "fund", fund.id.uuid()).to(facts_of(&fund));
    audit::record(conn, ctx, change)?;
    outbox::emit(conn, ctx, events::FUND_CREATED, json!({ "v": 1, "fund_id": fund.id }))?;
    view(conn, fund)
}

/// Whether money is announced for a fund and still expected; the room of what is public, which lies
/// above, knows.
pub type Awaited = fn(&mut Conn, FundId) -> Result<bool>;

/// Changes name, purpose or fee of an open fund. The version that is edited comes with the
/// request.
///
/// # Errors
/// 404; 409 for a closed fund, and for another purpose of what was given, or is `awaited`, for the
/// one that is written down; 412 when it was changed since it was read; 422 with all that is wrong.
pub fn edit(
    conn: &mut Conn,
    ctx: &Ctx,
    id: FundId,
    form: &FundChange,
    awaited: Awaited,
) -> Result<FundView> {
    authz::require(ctx, Action::EditFund, &[])?;
    // Held before what was given is looked at: nothing comes in meanwhile for the purpose before.
    let fund = store::hold(conn, id)?.ok_or_else(|| Problem::not_found("fund"))?;
    audit::expect_version(conn, ctx, ("fund", id.uuid()), fund.version, &[Action::EditFund])?;
    rules::must_be_open(&fund.name, fund.status, "changes")?;
    let mut fields = Fields::new();
    let mut edited = fund.clone();
    if let Some(name) = &form.name {
        edited.name = fields.line("/name", name, 1, 120);
    }
    if let Some(text) = &form.purpose {
        edited.purpose = purpose(&mut fields, fund.restriction, text);
    }
    if let Some(points) = form.fee_basis_points {
        fee_rate(&mut fields, points);
        edited.fee_basis_points = points;
    }
    fields.finish()?;
    let given = store::has_contribution(conn, id, None)? || awaited(conn, id)?;
    rules::may_change_purpose(&fund, &edited.purpose, given)?;
    if !store::update(conn, &edited).map_err(name_taken)? {
        return Err(Problem::changed_meanwhile("fund"));
    }
    let change =
        Change::by(Action::EditFund, "fund", id.uuid()).from(facts_of(&fund)).to(facts_of(&edited));
    audit::record(conn, ctx, change)?;
    let fund = load(conn, id)?;
    view(conn, fund)
}

/// Closes a fund in which nothing is left that could still be spent, and that owes nothing.
pub fn close(conn: &mut Conn, ctx: &Ctx, id: FundId) -> Result<FundView> {
    authz::require(ctx, Action::CloseFund, &[])?;
    // Held before the balances are read: no contribution can come in between.
    let fund = store::hold(conn, id)?.ok_or_else(|| Problem::not_found("fund"))?;
    if fund.status == FundStatus::Closed {
        return Err(Problem::wrong_state("The fund is closed already."));
    }
    let balances = balances::money(conn, &fund)?;
    // After them: what is released meanwhile is in one of the two.
    rules::may_close(&balances, balances::owed(conn, &fund)?)?;
    turn(conn, ctx, id, (Action::CloseFund, FundStatus::Open, FundStatus::Closed))?;
    outbox::emit(conn, ctx, events::FUND_CLOSED, json!({ "v": 1, "fund_id": id }))?;
    Ok(FundView { fund: load(conn, id)?, balances })
}

/// Opens a closed fund again: what came back to it after it was closed can be spent.
///
/// # Errors
/// 404 if there is none, 409 unless it is closed.
pub fn reopen(conn: &mut Conn, ctx: &Ctx, id: FundId) -> Result<FundView> {
    authz::require(ctx, Action::ReopenFund, &[])?;
    let fund = store::hold(conn, id)?.ok_or_else(|| Problem::not_found("fund"))?;
    if fund.status == FundStatus::Open {
        return Err(Problem::wrong_state("The fund is open."));
    }
    turn(conn, ctx, id, (Action::ReopenFund, FundStatus::Closed, FundStatus::Open))?;
    outbox::emit(conn, ctx, events::FUND_REOPENED, json!({ "v": 1, "fund_id": id }))?;
    let fund = load(conn, id)?;
    view(conn, fund)
}

/// Takes a fund from one status to another, and records who did it.
fn turn(
    conn: &mut Conn,
    ctx: &Ctx,
    id: FundId,
    (action, from, to): (Action, FundStatus, FundStatus),
) -> Result<()> {
    if !store::turn(conn, id, from, to)? {
        return Err(Problem::changed_meanwhile("fund"));
    }
    let change = Change::by(action, "fund", id.uuid())
        .from(json!({ "status": from }))
        .to(json!({ "status": to }));
    audit::record(conn, ctx, change)
}

/// Funds, newest first: all for those who run or audit the service, else those that the actor
/// gave to.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<FundStatus>,
    page: &PageOf<of::Fund>,
) -> Result<Page<Fund>> {
    authz::require(ctx, Action::ListFunds, &[])?;
    let contributor = if sees_all(ctx) { None } else { Some(ctx.me()?) };
    let rows = store::list(conn, &store::Filter { status, contributor }, page)?;
    Ok(Page::cut(rows, page.limit, |f| f.id))
}

/// One fund with its balances.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: FundId) -> Result<FundView> {
    let fund = visible(conn, ctx, Action::GetFund, id)?;
    view(conn, fund)
}

/// What other domains need to know of a fund.
pub fn facts(conn: &mut Conn, id: FundId) -> Result<Option<FundFacts>> {
    Ok(store::find(conn, id)?.map(Into::into))
}

fn load(conn: &mut Conn, id: FundId) -> Result<Fund> {
    store::find(conn, id)?.ok_or_else(|| Problem::not_found("fund"))
}

fn view(conn: &mut Conn, fund: Fund) -> Result<FundView> {
    let balances = balances::money(conn, &fund)?;
    Ok(FundView { fund, balances })
}

/// The fund, if the actor may do this with it; else as if it were not there.
fn visible(conn: &mut Conn, ctx: &Ctx, action: Action, id: FundId) -> Result<Fund> {
    let fund = load(conn, id)?;
    let gave = match ctx.actor.person() {
        Some(me) if !sees_all(ctx) => store::has_contribution(conn, id, Some(me))?,
        _ => false,
    };
    let relations: &[Relation] = if gave { &[Relation::Contributor] } else { &[] };
    authz::require(ctx, action, relations)?;
    Ok(fund)
}

/// Whether the actor sees funds that they did not give to.
fn sees_all(ctx: &Ctx) -> bool {
    authz::allowed(&ctx.actor, Action::GetFund, &[])
}

fn facts_of(fund: &Fund) -> Value {
    json!({
        "name": fund.name, "currency": fund.currency, "restriction": fund.restriction,
        "purpose": fund.purpose, "fee_basis_points": fund.fee_basis_points,
        "bank_account_id": fund.bank_account_id,
    })
}

fn purpose(fields: &mut Fields, restriction: Restriction, text: &str) -> String {
    let least = if restriction == Restriction::None { 0 } else { 1 };
    fields.paragraphs("/purpose", text, least, 2000)
}

fn fee_rate(fields: &mut Fields, points: i32) {
    let most = i64::from(rules::MAX_FEE_BASIS_POINTS);
    fields.range("/fee_basis_points", points.into(), 0, most);
}

fn currency(fields: &mut Fields, code: &str) -> Option<Currency> {
    match Currency::parse(code) {
        Ok(currency) => Some(currency),
        Err(e) => {
            fields.push("/currency", "unknown_currency", e.to_string());
            None
        }
    }
}

fn name_taken(problem: Problem) -> Problem {
    match db::constraint(&problem).as_deref() {
        Some("funds_name_key") => Problem::new(Kind::AlreadyExists, "Another fund has this name."),
        _ => problem,
    }
}

/// Names of all funds, for exports.
pub fn names(conn: &mut Conn) -> Result<Vec<(FundId, String)>> {
    store::names(conn)
}
