//! Routes of budgets. Their terms are changed in the room of offers, which knows what is open.

use super::model::{Allocation, Budget, BudgetStatus, BudgetView};
use super::service::{self, BudgetForm, ListBudgets, MoveForm};
use crate::kernel::Result;
use crate::kernel::ids::{BudgetId, FundId, PersonId};
use crate::kernel::page::{Page, PageQuery};
use crate::kernel::time::Date;
use crate::ledger::service::{Days, Statement};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(create_budget)
        .service(list_budgets)
        .service(get_budget)
        .service(close_budget)
        .service(allocate_budget)
        .service(recall_budget)
        .service(list_allocations)
        .service(get_budget_statement);
}

fn changed(view: &BudgetView) -> Result<Done> {
    Ok(Done::ok(view)?.version(view.budget.version))
}

fn moved(it: &Allocation) -> Result<Done> {
    Done::created(it, format!("/api/v1/budgets/{}/allocations", it.budget_id))
}

/// Makes a budget for a regrantor, without money in it.
#[utoipa::path(tag = "budgets", operation_id = "create_budget",
    request_body = BudgetForm, security(("bearer" = [])),
    responses((status = 201, description = "Made", body = BudgetView), Problems))]
#[post("/api/v1/budgets")]
async fn create_budget(app: App, caller: Caller, body: Body<BudgetForm>) -> HttpResponse {
    http::command(&app, caller, Action::CreateBudget, body, |conn, ctx, form| {
        let view = service::create(conn, ctx, form)?;
        let address = format!("/api/v1/budgets/{}", view.budget.id);
        Ok(Done::created(&view, address)?.version(view.budget.version))
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BudgetQuery {
    /// Only of this fund.
    fund_id: Option<FundId>,
    /// Only held by this person.
    holder_id: Option<PersonId>,
    /// Only in this state.
    status: Option<BudgetStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Budgets, newest first: for regrantors their own.
#[utoipa::path(tag = "budgets", operation_id = "list_budgets",
    params(BudgetQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Budget>), Problems))]
#[get("/api/v1/budgets")]
async fn list_budgets(app: App, caller: Caller, query: Query<BudgetQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListBudgets, move |conn, ctx| {
        let query = query.read()?;
        let q = &query;
        let page = PageQuery { limit: q.limit, after: q.after.clone() }.checked()?;
        let wanted = ListBudgets { fund_id: q.fund_id, holder_id: q.holder_id, status: q.status };
        Done::ok(&service::list(conn, ctx, &wanted, &page)?)
    })
    .await
}

/// One budget with its balances.
#[utoipa::path(tag = "budgets", operation_id = "get_budget",
    params(("id" = BudgetId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = BudgetView), Problems))]
#[get("/api/v1/budgets/{id}")]
async fn get_budget(app: App, caller: Caller, id: Path<BudgetId>) -> HttpResponse {
    http::query(&app, caller, Action::GetBudget, move |conn, ctx| {
        changed(&service::get(conn, ctx, *id)?)
    })
    .await
}

/// Closes a budget on which no offer holds money; what it has available goes back to its fund.
#[utoipa::path(tag = "budgets", operation_id = "close_budget",
    params(("id" = BudgetId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Closed", body = BudgetView), Problems))]
#[post("/api/v1/budgets/{id}/close")]
async fn close_budget(
    app: App,
    caller: Caller,
    id: Path<BudgetId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::CloseBudget, body, move |conn, ctx, _| {
        changed(&service::close(conn, ctx, *id)?)
    })
    .await
}

/// Gives a budget money that its fund has unallocated.
#[utoipa::path(tag = "budgets", operation_id = "allocate_budget",
    params(("id" = BudgetId, Path)),
    request_body = MoveForm, security(("bearer" = [])),
    responses((status = 201, description = "Allocated", body = Allocation), Problems))]
#[post("/api/v1/budgets/{id}/allocate")]
async fn allocate_budget(
    app: App,
    caller: Caller,
    id: Path<BudgetId>,
    body: Body<MoveForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::AllocateBudget, body, move |conn, ctx, form| {
        moved(&service::allocate(conn, ctx, *id, form)?)
    })
    .await
}

/// Takes back what a budget has available.
#[utoipa::path(tag = "budgets", operation_id = "recall_budget",
    params(("id" = BudgetId, Path)),
    request_body = MoveForm, security(("bearer" = [])),
    responses((status = 201, description = "Recalled", body = Allocation), Problems))]
#[post("/api/v1/budgets/{id}/recall")]
async fn recall_budget(
    app: App,
    caller: Caller,
    id: Path<BudgetId>,
    body: Body<MoveForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::RecallBudget, body, move |conn, ctx, form| {
        moved(&service::recall(conn, ctx, *id, form)?)
    })
    .await
}

/// What went to a budget and came back, newest first.
#[utoipa::path(tag = "budgets", operation_id = "list_allocations",
    params(("id" = BudgetId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Allocation>), Problems))]
#[get("/api/v1/budgets/{id}/allocations")]
async fn list_allocations(
    app: App,
    caller: Caller,
    id: Path<BudgetId>,
    query: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListAllocations, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::list_allocations(conn, ctx, *id, &query.checked()?)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatementQuery {
    /// From this day on.
    from: Option<Date>,
    /// Up to this day, inclusive.
    to: Option<Date>,
    /// Lines to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// What happened on a budget's accounts, in the order of days, with the balances before and after.
#[utoipa::path(tag = "budgets", operation_id = "get_budget_statement",
    params(("id" = BudgetId, Path), StatementQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Statement), Problems))]
#[get("/api/v1/budgets/{id}/statement")]
async fn get_budget_statement(
    app: App,
    caller: Caller,
    id: Path<BudgetId>,
    query: Query<StatementQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetBudgetStatement, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        let days = Days { from: query.from, to: query.to };
        Done::ok(&service::statement(conn, ctx, *id, days, &page)?)
    })
    .await
}
