//! Demo people, money and calls. Everything goes through the services, as the people it is about.

use super::{Account, people as directory, scenes};
use crate::kernel::Result;
use crate::kernel::actor::{Actor, Role, Roles, Scopes};
use crate::kernel::ids::{AgendaId, BankAccountId, BudgetId, CallId, FundId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::people::model::PasswordHash;
use crate::platform::auth::password;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::http::App;
use crate::{budgets, calls, funds, people};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Somebody of the demo.
#[derive(Debug, Clone)]
pub(super) struct Player {
    pub(super) id: PersonId,
    pub(super) name: String,
    pub(super) roles: Roles,
}

impl Player {
    /// Acting now, or `days` ago.
    pub(super) fn ctx(&self, system: &Ctx, days: i64) -> Ctx {
        let actor =
            Actor::Person { id: self.id, roles: self.roles, session: None, scopes: Scopes::All };
        let now = Instant::plus_seconds(system.now, -days * 24 * 3600);
        system.acting(actor, &self.name).at(now)
    }
}

/// Everybody and everything that scenes need.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) admin: Player,
    pub(super) second_admin: Player,
    pub(super) finance: Player,
    pub(super) second_finance: Player,
    pub(super) rhea: Player,
    pub(super) sol: Player,
    pub(super) reviewer: Player,
    pub(super) researchers: Vec<Player>,
    pub(super) bank: BankAccountId,
    pub(super) fund: FundId,
    pub(super) rhea_budget: BudgetId,
    pub(super) sol_budget: BudgetId,
    pub(super) call: CallId,
    /// What budgets and applications are about.
    pub(super) directions: Vec<AgendaId>,
}

/// A form from JSON, as a caller would send it.
pub(super) fn form<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(Problem::internal)
}

/// Fills an empty database; who can log in.
pub(super) fn seed(state: &App) -> Result<Vec<Account>> {
    let mut accounts = Vec::new();
    let mut hashes = Vec::new();
    for (role, name, _) in CAST {
        let bits = getrandom::u64().map_err(|e| Problem::internal(e.to_string()))?;
        let password = format!("demo-{:012x}", bits >> 16);
        hashes.push(PasswordHash(password::hash_now(&password)?));
        let plain: String = name.to_lowercase().replace("ë", "e").replace(" ", ".");
        let email = format!("{plain}@demo.example");
        accounts.push(Account { role, email, password, totp_secret: None });
    }
    let system = Ctx::system(&state.env, "demo");
    let world = state.db.write_now("demo.world", |conn| {
        let mut cast = Vec::new();
        for (((_, name, roles), account), hash) in CAST.iter().zip(&accounts).zip(&hashes) {
            let roles: Roles = roles.iter().copied().collect();
            let ctx = system.at(system.now.plus_seconds(-120 * 24 * 3600));
            let hash = Some(hash.clone());
            let (id, _) = people::service::ensure(conn, &ctx, &account.email, name, hash, roles)?;
            cast.push(Player { id, name: (*name).to_owned(), roles });
        }
        world(conn, &system, &cast)
    })?;
    for ((_, _, roles), account) in CAST.iter().zip(&mut accounts) {
        if roles.iter().any(|role| role.needs_factor()) {
            account.totp_secret = Some(factor(state, &system, &account.email)?);
        }
    }
    scenes::play(state, &system, &world)?;
    Ok(accounts)
}

/// A second factor; its secret, as one types it into a device.
fn factor(state: &App, system: &Ctx, email: &str) -> Result<String> {
    let secret = state.db.write_now("demo.factor", |conn| {
        let person = people::service::find_by_email(conn, email)?;
        let person = person.ok_or_else(|| Problem::internal("somebody of the cast is missing"))?;
        people::service::ensure_factor(conn, system, person.id)
    })?;
    Ok(secret.base32().as_str().to_owned())
}

type Part = (&'static str, &'static str, &'static [Role]);
const CAST: &[Part] = &[
    ("admin", "Ada Admin", &[Role::Admin]),
    ("admin", "Abe Admin", &[Role::Admin]),
    ("finance", "Fay Finance", &[Role::Finance]),
    ("finance", "Fin Finance", &[Role::Finance]),
    ("regrantor", "Rhea Regrantor", &[Role::Regrantor]),
    ("regrantor", "Sol Regrantor", &[Role::Regrantor]),
    ("funder", "Fleur Funder", &[Role::Funder]),
    ("reviewer", "Remy Reviewer", &[Role::Reviewer]),
    ("auditor", "Otto Auditor", &[Role::Auditor]),
    ("researcher", "Zoë Researcher", &[]),
    ("researcher", "Lin Researcher", &[]),
    ("researcher", "Max Researcher", &[]),
    ("researcher", "Ida Researcher", &[]),
];

fn world(conn: &mut Conn, system: &Ctx, cast: &[Player]) -> Result<World> {
    let [admin, second_admin, finance, second_finance, rhea, sol, funder, reviewer, _, rest @ ..] =
        cast
    else {
        return Err(Problem::internal("the cast is not whole"));
    };
    let by_admin = admin.ctx(system, 100);
    let bank = form(json!({ "name": "Operating account", "currency": "USD" }))?;
    let bank = funds::service::create_bank_account(conn, &by_admin, &bank)?.id;
    let fund = form(json!({
        "name": "Frontier safety fund", "currency": "USD", "restriction": "purpose",
        "purpose": "Research that makes advanced AI safe", "fee_basis_points": 500,
        "bank_account_id": bank,
    }))?;
    let fund = funds::service::create(conn, &by_admin, &fund)?.fund.id;
    for (days, amount) in [(95, "400000.00"), (60, "250000.00")] {
        let by_finance = finance.ctx(system, days);
        let form = form(json!({
            "funder_id": funder.id, "reference": format!("WIRE-{days}"),
            "amount": { "amount": amount, "currency": "USD" },
            "received_on": by_finance.today(),
        }))?;
        funds::service::record_contribution(conn, &by_finance, fund, &form)?;
    }
    let directions = directory::directory(conn, &by_admin)?;
    directory::found(conn, system, rest, &directions)?;
    let rhea_budget = budget(conn, &by_admin_at(admin, system), fund, rhea, "250000.00")?;
    let sol_budget = budget(conn, &by_admin_at(admin, system), fund, sol, "180000.00")?;
    let call = form(json!({
        "title": "AI safety, rolling", "kind": "rolling", "fund_ids": [fund],
        "summary": "Apply once; several regrantors may fund you together.",
    }))?;
    let call = calls::service::create(conn, &by_admin, &call)?.id;
    calls::service::open(conn, &by_admin, call)?;
    Ok(World {
        admin: admin.clone(),
        reviewer: reviewer.clone(),
        second_admin: second_admin.clone(),
        finance: finance.clone(),
        second_finance: second_finance.clone(),
        rhea: rhea.clone(),
        sol: sol.clone(),
        researchers: rest.to_vec(),
        bank,
        fund,
        rhea_budget,
        sol_budget,
        call,
        directions,
    })
}

fn by_admin_at(admin: &Player, system: &Ctx) -> Ctx {
    admin.ctx(system, 50)
}

fn budget(
    conn: &mut Conn,
    ctx: &Ctx,
    fund: FundId,
    holder: &Player,
    amount: &str,
) -> Result<BudgetId> {
    let made = form(json!({
        "fund_id": fund, "holder_id": holder.id, "name": format!("{}'s budget", holder.name),
        "per_grant_cap": { "amount": "90000.00", "currency": "USD" },
        "approval_threshold": { "amount": "60000.00", "currency": "USD" },
        "agendas": ["interpretability", "evaluations"],
    }))?;
    let id = budgets::service::create(conn, ctx, &made)?.budget.id;
    let given = form(json!({ "amount": { "amount": amount, "currency": "USD" } }))?;
    budgets::service::allocate(conn, ctx, id, &given)?;
    Ok(id)
}
