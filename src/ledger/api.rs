//! Routes for those who read the ledger.

use super::model::{Code, MovementKind};
use super::service::{self, EntryFilter, Head, LedgerAccount, LedgerEntry, Owner, TrialBalance};
use crate::kernel::ids::{AccountId, BudgetId, EntryId, FundId, GrantId};
use crate::kernel::page::{Page, PageQuery};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Caller, Done, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_ledger_accounts)
        .service(list_ledger_entries)
        .service(get_ledger_entry)
        .service(get_trial_balance);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AccountQuery {
    /// Only of this code.
    code: Option<Code>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Accounts, newest first.
#[utoipa::path(tag = "ledger", operation_id = "list_ledger_accounts", params(AccountQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<LedgerAccount>), Problems))]
#[get("/api/v1/ledger/accounts")]
async fn list_ledger_accounts(
    app: App,
    caller: Caller,
    query: Query<AccountQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListLedgerAccounts, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::accounts(conn, ctx, query.code, &page)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntryQuery {
    /// Only about this fund.
    fund_id: Option<FundId>,
    /// Only about this budget.
    budget_id: Option<BudgetId>,
    /// Only about this grant.
    grant_id: Option<GrantId>,
    /// Only with lines on this account.
    account_id: Option<AccountId>,
    /// Only with lines of this code.
    code: Option<Code>,
    /// Only this kind.
    kind: Option<MovementKind>,
    /// From this day on.
    from: Option<Date>,
    /// Up to this day, inclusive.
    to: Option<Date>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

impl EntryQuery {
    fn filter(&self) -> crate::kernel::Result<EntryFilter> {
        let owner = match (self.fund_id, self.budget_id, self.grant_id) {
            (None, None, None) => None,
            (Some(id), None, None) => Some(Owner::Fund(id)),
            (None, Some(id), None) => Some(Owner::Budget(id)),
            (None, None, Some(id)) => Some(Owner::Grant(id)),
            _ => {
                let message = "name only one of fund_id, budget_id and grant_id";
                return Err(Problem::field("?fund_id", "conflict", message));
            }
        };
        let Self { account_id: account, code, kind, from, to, .. } = *self;
        Ok(EntryFilter { owner, account, code, kind, from, to })
    }
}

/// Entries without their lines, the latest day first.
#[utoipa::path(tag = "ledger", operation_id = "list_ledger_entries", params(EntryQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Head>), Problems))]
#[get("/api/v1/ledger/entries")]
async fn list_ledger_entries(app: App, caller: Caller, query: Query<EntryQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListLedgerEntries, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::entries(conn, ctx, &query.filter()?, &page)?)
    })
    .await
}

/// One entry with its lines.
#[utoipa::path(tag = "ledger", operation_id = "get_ledger_entry",
    params(("id" = EntryId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = LedgerEntry), Problems))]
#[get("/api/v1/ledger/entries/{id}")]
async fn get_ledger_entry(app: App, caller: Caller, id: Path<EntryId>) -> HttpResponse {
    http::query(&app, caller, Action::GetLedgerEntry, move |conn, ctx| {
        Done::ok(&service::entry(conn, ctx, *id)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AtQuery {
    /// The day; today when absent.
    at: Option<Date>,
}

/// What every account came to at the end of a day.
#[utoipa::path(tag = "ledger", operation_id = "get_trial_balance", params(AtQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "By code", body = TrialBalance), Problems))]
#[get("/api/v1/ledger/trial-balance")]
async fn get_trial_balance(app: App, caller: Caller, query: Query<AtQuery>) -> HttpResponse {
    http::query(&app, caller, Action::GetTrialBalance, move |conn, ctx| {
        let query = query.read()?;
        let at = query.at.unwrap_or(ctx.today());
        Done::ok(&service::trial_balance(conn, ctx, at)?)
    })
    .await
}
