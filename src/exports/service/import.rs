//! Grants of the past: each row goes through the same services as a grant of today, with its own
//! date: contribution, budget, application, offer, award, tranche, disbursement, settlement.

use super::super::store;
use crate::applications::model::CreateApplication;
use crate::budgets::model::BudgetTerms;
use crate::calls::model::{CallKind, CreateCall, Visibility};
use crate::disbursements::service::{BatchForm, SettleForm};
use crate::funds::service::{BankAccountForm, ContributionForm, FundForm};
use crate::grants::service::{AwardForm, TranchePlan};
use crate::kernel::Result;
use crate::kernel::actor::{Role, Roles};
use crate::kernel::ids::{
    ApplicationId, BankAccountId, BudgetId, CallId, FundId, GrantId, PersonId,
};
use crate::kernel::money::{Currency, Money, MoneyText};
use crate::kernel::problem::Problem;
use crate::kernel::text;
use crate::kernel::time::Date;
use crate::offers::model::PlaceOffer;
use crate::paperwork::model::RequirementKind;
use crate::people::model::IMPORTED;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::publishing::model::{PublicationForm, PublicationStatus, RecipientKind};
use crate::{
    applications, budgets, calls, disbursements, funds, grants, offers, paperwork, payees, people,
    publishing,
};
use sha2::{Digest as _, Sha256};

/// One grant of the past.
#[derive(Debug, Clone)]
pub struct GrantRow {
    /// Its id in the file; imported once.
    pub external_id: String,
    /// Its title.
    pub title: String,
    /// Who received it.
    pub recipient: String,
    /// How much.
    pub amount: Money,
    /// When it was awarded, and, for want of better knowledge, paid.
    pub awarded_on: Date,
    /// Programmes that it was part of, in words.
    pub programs: String,
}

/// What all rows of a source share.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Name of the source.
    pub source: String,
    currency: Currency,
    bank: BankAccountId,
    fund: FundId,
    budget: BudgetId,
    call: CallId,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It is a grant now.
    New,
    /// It was imported before; nothing changed.
    Before,
}

/// The first day of an import's call: no form takes an earlier one (`Fields::plausible`), and what
/// a later file brings may be older than all that is there.
fn first_day() -> Result<Date> {
    Date::new(1900, 1, 1).ok_or_else(|| Problem::internal("1900"))
}

/// Makes, or finds, what all rows of a source share: a bank account, a fund, a budget, a call.
/// `first` is the earliest day of any row.
pub fn set_up(
    conn: &mut Conn,
    ctx: &Ctx,
    source: &str,
    currency: Currency,
    first: Date,
) -> Result<Setup> {
    let (now, ctx) = (ctx, &ctx.at(first.max(first_day()?).start()));
    let name = format!("Imported: {source} ({currency})");
    let roles: Roles = [Role::Regrantor].into_iter().collect();
    let email = address("holder", &name);
    let (holder, _) = people::service::ensure(conn, ctx, &email, &name, None, roles)?;
    let banks = funds::service::bank_names(conn)?;
    let bank = match banks.into_iter().find(|(_, n)| *n == name) {
        Some((id, _)) => id,
        None => {
            let form = BankAccountForm { name: name.clone(), currency: currency.to_string() };
            funds::service::create_bank_account(conn, ctx, &form)?.id
        }
    };
    let known = funds::service::names(conn)?;
    let fund = match known.into_iter().find(|(_, n)| *n == name) {
        Some((id, _)) => id,
        None => {
            let form = FundForm {
                name: name.clone(),
                currency: currency.to_string(),
                restriction: None,
                purpose: Some("Grants that were made and paid before.".into()),
                fee_basis_points: 0,
                bank_account_id: bank,
            };
            funds::service::create(conn, ctx, &form)?.fund.id
        }
    };
    // One that was closed, or ran out, takes nothing more: the rows that follow have another.
    let held = budgets::service::held_by(conn, holder)?;
    let takes = |terms: &BudgetTerms| terms.fund_id == fund && terms.usable(now.today());
    let budget = match held.into_iter().find(takes) {
        Some(terms) => terms.id,
        None => {
            let form = budgets::service::BudgetForm {
                fund_id: fund,
                holder_id: holder,
                name: name.clone(),
                per_grant_cap: None,
                approval_threshold: None,
                expires_on: None,
                agendas: Vec::new(),
            };
            budgets::service::create(conn, ctx, &form)?.budget.id
        }
    };
    let call = call(conn, (now, ctx), &name, fund)?;
    let source = source.to_owned();
    Ok(Setup { source, currency, bank, fund, budget, call })
}

/// The call of a source, by its title; one that was made for the rows of its first file alone takes
/// older ones from now on. A call is made as of the first day of its rows, and changed `now`.
fn call(conn: &mut Conn, (now, ctx): (&Ctx, &Ctx), name: &str, fund: FundId) -> Result<CallId> {
    if let Some(id) = calls::service::find_by_title(conn, name)? {
        calls::service::open_since(conn, now, id, first_day()?)?;
        return Ok(id);
    }
    let form = CreateCall {
        title: name.to_owned(),
        summary: "Grants that were made and paid before.".into(),
        kind: CallKind::Rolling,
        opens_on: Some(first_day()?),
        closes_on: None,
        decision_days: None,
        visibility: Some(Visibility::Private),
        fund_ids: vec![fund],
    };
    let call = calls::service::create(conn, ctx, &form)?;
    calls::service::open(conn, ctx, call.id)?;
    Ok(call.id)
}

/// Carries one row through all services, at its own date. Running it again changes nothing.
pub fn import_row(conn: &mut Conn, ctx: &Ctx, setup: &Setup, row: &GrantRow) -> Result<Imported> {
    if store::imported(conn, &setup.source, &row.external_id)? {
        return Ok(Imported::Before);
    }
    if row.amount.currency() != setup.currency {
        let message = format!("this file is in {}", setup.currency);
        return Err(Problem::field("/currency", "currency_mismatch", message));
    }
    // Funders announce awards ahead of their day; further ahead it is a slip of the pen.
    if row.awarded_on > ctx.today().plus_days(366) {
        let message = "this day is more than a year ahead";
        return Err(Problem::field("/award_date", "in_the_future", message));
    }
    let ctx = &ctx.at(row.awarded_on.start().plus_seconds(12 * 3600));
    fund(conn, ctx, setup, row)?;
    let recipient = recipient(conn, ctx, row)?;
    let application = apply(conn, ctx, setup, row, recipient)?;
    let offer = PlaceOffer {
        budget_id: setup.budget,
        amount: row.amount.into(),
        conditions: String::new(),
        expires_at: None,
        if_others: None,
        matching: false,
        private: false,
    };
    offers::service::place(conn, ctx, application, &offer)?;
    let plan = TranchePlan {
        amount: row.amount.into(),
        due_on: None,
        release_condition: grants::model::ReleaseCondition::OnActivation,
    };
    let form = AwardForm { amount: None, tranches: Some(vec![plan]), ends_on: None };
    let grant = grants::service::award(conn, ctx, application, &form)?;
    activate(conn, ctx, setup, row, (grant, recipient))?;
    pay(conn, ctx, setup, grant)?;
    publish(conn, ctx, row, grant)?;
    let key = (setup.source.as_str(), row.external_id.as_str());
    store::remember(conn, ctx, key, grant, row.amount)?;
    Ok(Imported::New)
}

/// What comes from a public file stays public: an organisation by its name, with its words.
fn publish(conn: &mut Conn, ctx: &Ctx, row: &GrantRow, grant: GrantId) -> Result<()> {
    let form = PublicationForm {
        status: PublicationStatus::Published,
        recipient: Some(RecipientKind::Organisation),
        organisation_name: Some(row.recipient.clone()),
        organisation_id: None,
        fields: None,
    };
    publishing::service::decided_with_import(conn, ctx, grant, &form)
}

/// The money comes in, and the budget gets it.
fn fund(conn: &mut Conn, ctx: &Ctx, setup: &Setup, row: &GrantRow) -> Result<()> {
    let contribution = ContributionForm {
        funder_id: None,
        funder_name: Some(setup.source.clone()),
        amount: row.amount.into(),
        received_on: row.awarded_on,
        reference: Some(row.external_id.chars().take(140).collect()),
    };
    funds::service::record_contribution(conn, ctx, setup.fund, &contribution)?;
    let amount: MoneyText = row.amount.into();
    let form = budgets::service::MoveForm { amount, note: Some(row.external_id.clone()) };
    budgets::service::allocate(conn, ctx, setup.budget, &form)?;
    Ok(())
}

/// The recipient, one person for each name; their address leads nowhere.
fn recipient(conn: &mut Conn, ctx: &Ctx, row: &GrantRow) -> Result<PersonId> {
    let name = text::line(&row.recipient, 1, 200)
        .map_err(|e| Problem::field("/recipient_organization", e.code, e.message))?;
    let email = address("grantee", &name);
    let (id, _) = people::service::ensure(conn, ctx, &email, &name, None, Roles::default())?;
    Ok(id)
}

fn address(kind: &str, name: &str) -> String {
    let hash = Sha256::digest(name.as_bytes());
    format!("{kind}-{}{IMPORTED}", text::hex(&hash[..12]))
}

fn apply(
    conn: &mut Conn,
    ctx: &Ctx,
    setup: &Setup,
    row: &GrantRow,
    recipient: PersonId,
) -> Result<ApplicationId> {
    let form = CreateApplication {
        answers: Default::default(),
        on_behalf_of: None,
        call_id: setup.call,
        title: row.title.clone(),
        summary: Some(if row.programs.is_empty() {
            format!("Imported from {}.", setup.source)
        } else {
            row.programs.clone()
        }),
        body: None,
        amount_minimum: Some(row.amount.into()),
        amount_requested: Some(row.amount.into()),
        budget_lines: None,
        duration_months: None,
        visibility: None,
    };
    let application = applications::service::create_for(conn, ctx, recipient, &form)?;
    applications::service::submit(conn, ctx, application.row.id)?;
    applications::service::open(conn, ctx, application.row.id)?;
    Ok(application.row.id)
}

/// Paperwork of the past is waived, by name; the payee is paid outside of this service.
fn activate(
    conn: &mut Conn,
    ctx: &Ctx,
    setup: &Setup,
    row: &GrantRow,
    (grant, recipient): (GrantId, PersonId),
) -> Result<()> {
    let payee = match payees::service::external_of(conn, recipient, setup.currency)? {
        Some(id) => id,
        None => payees::service::external(conn, ctx, recipient, &row.recipient, setup.currency)?,
    };
    grants::service::set_payee(conn, ctx, grant, payee)?;
    for kind in RequirementKind::ALL {
        let why = format!("Paid before: imported from {}.", setup.source);
        paperwork::service::waive(conn, ctx, grant, *kind, &why)?;
    }
    grants::service::activate_if_ready(conn, ctx, grant)
}

fn pay(conn: &mut Conn, ctx: &Ctx, setup: &Setup, grant: GrantId) -> Result<()> {
    let payment = disbursements::service::historical(conn, ctx, grant, 1)?;
    let batch = BatchForm { bank_account_id: setup.bank, disbursement_ids: vec![payment.id] };
    disbursements::service::create_batch(conn, ctx, &batch)?;
    let form = SettleForm { on: Some(ctx.today()), ..SettleForm::default() };
    disbursements::service::settle(conn, ctx, payment.id, &form)?;
    grants::service::close(conn, ctx, grant, Some("Paid in full."))
}
