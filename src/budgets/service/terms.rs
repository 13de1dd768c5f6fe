//! Making a budget and changing its terms.

use super::super::model::{Budget, BudgetStatus, BudgetView};
use super::super::{events, rules, store};
use super::{hold, load, view};
use crate::funds::service::FundFacts;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BudgetId, FundId, PersonId};
use crate::kernel::money::{Currency, Money, MoneyText};
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::{Date, Instant};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use crate::{agendas, delegations, funds, people};
use serde::Deserialize;
use serde_json::{Value, json};

/// A budget to make.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetForm {
    /// The fund that it spends from.
    pub fund_id: FundId,
    /// Who spends it: holds the role regrantor.
    pub holder_id: PersonId,
    /// What people call it.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// The most that one application may get from it; no cap if absent.
    #[serde(default)]
    pub per_grant_cap: Option<MoneyText>,
    /// Offers above this wait for a second person; none do if absent.
    #[serde(default)]
    pub approval_threshold: Option<MoneyText>,
    /// The last day on which it can be spent from; no end if absent.
    #[serde(default)]
    pub expires_on: Option<Date>,
    /// Research directions that it is meant for, at most 20: a slug stands for its agenda, other
    /// words for themselves.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub agendas: Vec<String>,
}

/// Changes of a budget's terms: what is absent stays, null takes a limit away.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetChange {
    /// What people call it.
    #[schema(min_length = 1, max_length = 120)]
    pub name: Option<String>,
    /// The most that one application may get from it.
    #[serde(default)]
    #[schema(value_type = Option<MoneyText>)]
    pub per_grant_cap: Patch<MoneyText>,
    /// Offers above this wait for a second person.
    #[serde(default)]
    #[schema(value_type = Option<MoneyText>)]
    pub approval_threshold: Patch<MoneyText>,
    /// The last day on which it can be spent from.
    #[serde(default)]
    #[schema(value_type = Option<Date>)]
    pub expires_on: Patch<Date>,
    /// Research directions that it is meant for, at most 20.
    #[schema(max_items = 20)]
    pub agendas: Option<Vec<String>>,
}

/// When the last open offer of a budget ends, if one is open; the room of offers, which lies above,
/// knows.
pub type Reach = fn(&mut Conn, BudgetId) -> Result<Option<Instant>>;

/// Makes a budget without money in it.
pub fn create(conn: &mut Conn, ctx: &Ctx, form: &BudgetForm) -> Result<BudgetView> {
    authz::require(ctx, Action::CreateBudget, &[])?;
    own(conn, ctx, (form.holder_id, ctx.now))?;
    let mut fields = Fields::new();
    let fund = fund(conn, &mut fields, form.fund_id)?;
    holder(conn, ctx, &mut fields, form.holder_id)?;
    let name = fields.line("/name", &form.name, 1, 120);
    let currency = fund.as_ref().map(|f| f.currency);
    let cap = form.per_grant_cap.as_ref().and_then(|m| cap(&mut fields, m, currency));
    let threshold = form.approval_threshold.as_ref();
    let threshold = threshold.and_then(|m| threshold_of(&mut fields, m, currency));
    let expires_on = form.expires_on.inspect(|day| last_day(&mut fields, *day, ctx.today()));
    let words = words(&mut fields, &form.agendas);
    fields.finish()?;
    let fund = fund.ok_or_else(|| Problem::internal("a fund was let through"))?;
    funds::rules::must_be_open(&fund.name, fund.status, "budgets")?;
    let budget = Budget {
        id: ctx.id(),
        fund_id: fund.id,
        holder_id: form.holder_id,
        name,
        currency: fund.currency,
        per_grant_cap: cap,
        approval_threshold: threshold,
        expires_on,
        agendas: words,
        status: BudgetStatus::Active,
        version: 1,
        created_at: ctx.now,
    };
    store::insert(conn, &budget)?;
    agendas::service::set_of_budget(conn, budget.id, &budget.agendas)?;
    let change = Change::by(Action::CreateBudget, "budget", budget.id.uuid()).to(facts_of(&budget));
    audit::record(conn, ctx, change)?;
    let facts = json!({ "v": 1, "budget_id": budget.id, "holder_id": budget.holder_id });
    outbox::emit(conn, ctx, events::BUDGET_CREATED, facts)?;
    view(conn, ctx, budget)
}

/// Changes the terms of an active budget, for offers from now on. The version that is edited
/// comes with the request.
///
/// # Errors
/// 403 for one's own budget, 409 where it is closed, or an open offer `reach`es beyond the new last
/// day, 412 when it was changed since it was read, 422 with all that is wrong.
pub fn edit(
    conn: &mut Conn,
    ctx: &Ctx,
    id: BudgetId,
    form: &BudgetChange,
    reach: Reach,
) -> Result<BudgetView> {
    authz::require(ctx, Action::EditBudget, &[])?;
    // Whoever offers from it has read its terms under the same row.
    let budget = hold(conn, id)?;
    own(conn, ctx, (budget.holder_id, budget.created_at))?;
    audit::expect_version(conn, ctx, ("budget", id.uuid()), budget.version, &[Action::EditBudget])?;
    rules::must_be_active(&budget, "changes")?;
    let edited = edited(ctx, &budget, form)?;
    if let Some(last) = edited.expires_on.filter(|_| edited.expires_on != budget.expires_on) {
        rules::may_end(last, reach(conn, id)?)?;
    }
    if !store::update(conn, &edited)? {
        return Err(Problem::changed_meanwhile("budget"));
    }
    agendas::service::set_of_budget(conn, id, &edited.agendas)?;
    let change = Change::by(Action::EditBudget, "budget", id.uuid())
        .from(facts_of(&budget))
        .to(facts_of(&edited));
    audit::record(conn, ctx, change)?;
    let budget = load(conn, id)?;
    view(conn, ctx, budget)
}

fn edited(ctx: &Ctx, budget: &Budget, form: &BudgetChange) -> Result<Budget> {
    let mut fields = Fields::new();
    let mut edited = budget.clone();
    let currency = Some(budget.currency);
    if let Some(name) = &form.name {
        edited.name = fields.line("/name", name, 1, 120);
    }
    match &form.per_grant_cap {
        Patch::Leave => {}
        Patch::Clear => edited.per_grant_cap = None,
        Patch::Set(money) => edited.per_grant_cap = cap(&mut fields, money, currency),
    }
    match &form.approval_threshold {
        Patch::Leave => {}
        Patch::Clear => edited.approval_threshold = None,
        Patch::Set(money) => {
            edited.approval_threshold = threshold_of(&mut fields, money, currency);
        }
    }
    match form.expires_on {
        Patch::Leave => {}
        Patch::Clear => edited.expires_on = None,
        Patch::Set(day) => {
            last_day(&mut fields, day, ctx.today());
            edited.expires_on = Some(day);
        }
    }
    if let Some(list) = &form.agendas {
        edited.agendas = words(&mut fields, list);
    }
    fields.finish()?;
    Ok(edited)
}

/// Nobody sets the terms, or the amount, of a budget that they spend themselves, or that is spent
/// by somebody who has acted for them or they for them since then.
pub(super) fn own(conn: &mut Conn, ctx: &Ctx, (holder, since): (PersonId, Instant)) -> Result<()> {
    if ctx.actor.is(holder) {
        return Err(Problem::new(Kind::TwoPersons, "This is your own budget."));
    }
    delegations::service::another_side(conn, ctx, (Some(holder), since), "spends this budget")
}

fn fund(conn: &mut Conn, fields: &mut Fields, id: FundId) -> Result<Option<FundFacts>> {
    let fund = funds::service::facts(conn, id)?;
    fields.check(fund.is_some(), "/fund_id", "unknown", "there is no such fund");
    Ok(fund)
}

/// Who will spend it: an active person with the role regrantor. Imports name whom they like.
fn holder(conn: &mut Conn, ctx: &Ctx, fields: &mut Fields, id: PersonId) -> Result<()> {
    let Some(person) = people::service::brief(conn, id)? else {
        fields.push("/holder_id", "unknown", "there is no such person");
        return Ok(());
    };
    if ctx.actor.is_system() {
        return Ok(());
    }
    if !person.roles.has(Role::Regrantor) {
        let message = "this person does not hold the role regrantor: have it granted first";
        fields.push("/holder_id", "role_missing", message);
    }
    fields.check(person.active, "/holder_id", "not_active", "this person's account is not active");
    Ok(())
}

fn cap(fields: &mut Fields, money: &MoneyText, currency: Option<Currency>) -> Option<Money> {
    match currency {
        Some(currency) => fields.money_in("/per_grant_cap", money, currency),
        None => fields.positive_money("/per_grant_cap", money),
    }
}

/// Zero is allowed: every offer waits for a second person.
fn threshold_of(
    fields: &mut Fields,
    money: &MoneyText,
    currency: Option<Currency>,
) -> Option<Money> {
    let money = fields.money("/approval_threshold", money)?;
    if let Some(currency) = currency.filter(|c| *c != money.currency()) {
        let message = format!("this has to be in {currency}");
        fields.push("/approval_threshold/currency", "currency_mismatch", message);
        return None;
    }
    Some(money)
}

fn last_day(fields: &mut Fields, day: Date, today: Date) {
    if day < today {
        let message = "this day has passed: close the budget instead";
        return fields.push("/expires_on", "in_the_past", message);
    }
    fields.plausible("/expires_on", day);
}

fn words(fields: &mut Fields, list: &[String]) -> Vec<String> {
    if list.len() > rules::MAX_AGENDAS {
        let message = format!("write at most {}; these are {}", rules::MAX_AGENDAS, list.len());
        fields.push("/agendas", "too_many", message);
        return Vec::new();
    }
    let mut clean: Vec<String> = Vec::with_capacity(list.len());
    for (place, agenda) in list.iter().enumerate() {
        let line = fields.line(&format!("/agendas/{place}"), agenda, 1, 80);
        if !clean.contains(&line) {
            clean.push(line);
        }
    }
    clean
}

fn facts_of(budget: &Budget) -> Value {
    json!({
        "fund_id": budget.fund_id, "holder_id": budget.holder_id, "name": budget.name,
        "per_grant_cap": budget.per_grant_cap, "approval_threshold": budget.approval_threshold,
        "expires_on": budget.expires_on, "agendas": budget.agendas,
    })
}
