//! Who works with the service, and the money that they have: through the services, so that the
//! ledger holds all of it.

use super::told;
use almoner::kernel::Result;
use almoner::kernel::actor::{Role, Roles};
use almoner::kernel::ids::{BudgetId, CallId, FundId, PersonId};
use almoner::kernel::problem::Problem;
use almoner::people::model::PasswordHash;
use almoner::platform::auth::password;
use almoner::platform::context::Ctx;
use almoner::platform::db::{Conn, Db};
use almoner::{budgets, calls, funds, people};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Each has a budget.
pub const REGRANTORS: usize = 32;
const FUNDS: usize = 8;
const CALLS: usize = 40;

/// How many of them paid for the history of this many applications: each has pages to fill, also
/// in a small one.
pub fn holders(applications: u32) -> u32 {
    (applications / 250).clamp(2, 32)
}

/// A regrantor with a budget of their own.
#[derive(Debug, Clone)]
pub struct Regrantor {
    pub id: PersonId,
    pub budget: BudgetId,
    pub fund: FundId,
    pub email: String,
}

/// Everybody.
#[derive(Debug, Clone)]
pub struct World {
    pub regrantors: Vec<Regrantor>,
    pub calls: Vec<CallId>,
    /// Of them: those that any fund may spend in.
    pub for_all: Vec<CallId>,
}

/// A form from JSON, as a caller would send it.
fn form<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(Problem::internal)
}

fn usd(whole: u64) -> Value {
    json!({ "amount": format!("{whole}.00"), "currency": "USD" })
}

/// Makes them, at the moment of `ctx`.
pub(super) fn make(db: &Db, ctx: &Ctx) -> std::result::Result<World, String> {
    let hash = PasswordHash(password::hash_now("a long walk along the river").map_err(told)?);
    db.write_now("bench.world", |conn| {
        let bank = form(json!({ "name": "Operating account", "currency": "USD" }))?;
        let bank = funds::service::create_bank_account(conn, ctx, &bank)?.id;
        let mut all = Vec::new();
        for number in 0..FUNDS {
            let new = form(json!({
                "name": format!("Fund {number}"), "currency": "USD", "restriction": "purpose",
                "purpose": "Research", "fee_basis_points": 500, "bank_account_id": bank,
            }))?;
            let fund = funds::service::create(conn, ctx, &new)?.fund.id;
            let contribution = form(json!({
                "funder_name": "A foundation", "reference": format!("WIRE-{number}"),
                "amount": usd(5_000_000_000), "received_on": ctx.today(),
            }))?;
            funds::service::record_contribution(conn, ctx, fund, &contribution)?;
            all.push(fund);
        }
        let mut regrantors = Vec::new();
        for number in 0..REGRANTORS {
            let fund = all[number % FUNDS];
            regrantors.push(regrantor(conn, ctx, number, fund, &hash)?);
        }
        let mut calls = Vec::new();
        for number in 0..CALLS {
            calls.push(call(conn, ctx, number, &all)?);
        }
        let for_all = calls.iter().enumerate().filter(|(number, _)| !is_for_some(*number));
        let for_all = for_all.map(|(_, id)| *id).collect();
        Ok(World { regrantors, calls, for_all })
    })
    .map_err(told)
}

fn regrantor(
    conn: &mut Conn,
    ctx: &Ctx,
    number: usize,
    fund: FundId,
    hash: &PasswordHash,
) -> Result<Regrantor> {
    let email = format!("regrantor-{number}@example.org");
    let name = format!("Regrantor {number}");
    let roles: Roles = [Role::Regrantor].into_iter().collect();
    let (id, _) = people::service::ensure(conn, ctx, &email, &name, Some(hash.clone()), roles)?;
    let new = form(json!({ "fund_id": fund, "holder_id": id, "name": format!("{name}'s budget"),
        "agendas": ["interpretability", "evaluations"] }))?;
    let budget = budgets::service::create(conn, ctx, &new)?.budget.id;
    let given = form(json!({ "amount": usd(1_000_000_000) }))?;
    budgets::service::allocate(conn, ctx, budget, &given)?;
    Ok(Regrantor { id, budget, fund, email })
}

/// Every fourth call is for two funds only.
fn is_for_some(call: usize) -> bool {
    call % 4 == 3
}

fn call(conn: &mut Conn, ctx: &Ctx, number: usize, funds: &[FundId]) -> Result<CallId> {
    let named = if is_for_some(number) { &funds[number % 7..number % 7 + 2] } else { &[] };
    let new = form(json!({ "title": format!("Call {number}"), "kind": "rolling",
        "summary": "Apply once; several may fund you together.", "fund_ids": named }))?;
    let id = calls::service::create(conn, ctx, &new)?.id;
    calls::service::open(conn, ctx, id)?;
    Ok(id)
}
