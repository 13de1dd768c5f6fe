//! Routes of bank accounts, funds, contributions, and what banks do on their own.

mod banks;

use super::model::{Contribution, Fund, FundStatus, FundView};
use super::service::{self, ContributionForm, FundForm, UndoContribution};
use crate::kernel::Result;
use crate::kernel::ids::{ContributionId, FundId, of};
use crate::kernel::page::{Page, PageOf, PageQuery};
use crate::kernel::time::Date;
use crate::ledger::service::{Days, Statement};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(create_fund)
        .service(list_funds)
        .service(get_fund)
        .service(close_fund)
        .service(reopen_fund)
        .service(record_contribution)
        .service(undo_contribution)
        .service(list_contributions)
        .service(get_fund_statement);
    banks::routes(cfg);
}

fn changed(view: &FundView) -> Result<Done> {
    Ok(Done::ok(view)?.version(view.fund.version))
}

/// Makes a fund.
#[utoipa::path(tag = "funds", operation_id = "create_fund",
    request_body = FundForm, security(("bearer" = [])),
    responses((status = 201, description = "Made", body = FundView), Problems))]
#[post("/api/v1/funds")]
async fn create_fund(app: App, caller: Caller, body: Body<FundForm>) -> HttpResponse {
    http::command(&app, caller, Action::CreateFund, body, |conn, ctx, form| {
        let view = service::create(conn, ctx, form)?;
        let address = format!("/api/v1/funds/{}", view.fund.id);
        Ok(Done::created(&view, address)?.version(view.fund.version))
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FundQuery {
    /// Only in this state.
    status: Option<FundStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Funds, newest first: for funders those that they gave to.
#[utoipa::path(tag = "funds", operation_id = "list_funds",
    params(FundQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Fund>), Problems))]
#[get("/api/v1/funds")]
async fn list_funds(app: App, caller: Caller, query: Query<FundQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListFunds, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::list(conn, ctx, query.status, &page)?)
    })
    .await
}

/// One fund with its balances.
#[utoipa::path(tag = "funds", operation_id = "get_fund",
    params(("id" = FundId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = FundView), Problems))]
#[get("/api/v1/funds/{id}")]
async fn get_fund(app: App, caller: Caller, id: Path<FundId>) -> HttpResponse {
    http::query(&app, caller, Action::GetFund, move |conn, ctx| {
        changed(&service::get(conn, ctx, *id)?)
    })
    .await
}

/// Closes a fund in which nothing is left that could still be spent, and that owes nothing.
#[utoipa::path(tag = "funds", operation_id = "close_fund",
    params(("id" = FundId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Closed", body = FundView), Problems))]
#[post("/api/v1/funds/{id}/close")]
async fn close_fund(app: App, caller: Caller, id: Path<FundId>, body: Body<Empty>) -> HttpResponse {
    http::command(&app, caller, Action::CloseFund, body, move |conn, ctx, _| {
        changed(&service::close(conn, ctx, *id)?)
    })
    .await
}

/// Opens a closed fund again, for example because a grantee gave something back.
#[utoipa::path(tag = "funds", operation_id = "reopen_fund",
    params(("id" = FundId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Open again", body = FundView), Problems))]
#[post("/api/v1/funds/{id}/reopen")]
async fn reopen_fund(
    app: App,
    caller: Caller,
    id: Path<FundId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::ReopenFund, body, move |conn, ctx, _| {
        changed(&service::reopen(conn, ctx, *id)?)
    })
    .await
}

/// Records money received, and the sponsor's fee on it.
#[utoipa::path(tag = "funds", operation_id = "record_contribution",
    params(("id" = FundId, Path)),
    request_body = ContributionForm, security(("bearer" = [])),
    responses((status = 201, description = "Recorded", body = Contribution), Problems))]
#[post("/api/v1/funds/{id}/contributions")]
async fn record_contribution(
    app: App,
    caller: Caller,
    id: Path<FundId>,
    body: Body<ContributionForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::RecordContribution, body, move |conn, ctx, form| {
        let made = service::record_contribution(conn, ctx, *id, form)?;
        Done::created(&made, format!("/api/v1/funds/{id}/contributions"))
    })
    .await
}

/// Takes a contribution that was recorded in error out of the books: receipt and fee are reversed,
/// and the transfer can be recorded anew.
#[utoipa::path(tag = "funds", operation_id = "undo_contribution",
    params(("id" = FundId, Path), ("contribution_id" = ContributionId, Path)),
    request_body = UndoContribution, security(("bearer" = [])),
    responses((status = 200, description = "Undone", body = Contribution), Problems))]
#[post("/api/v1/funds/{id}/contributions/{contribution_id}/undo")]
async fn undo_contribution(
    app: App,
    caller: Caller,
    path: Path<(FundId, ContributionId)>,
    body: Body<UndoContribution>,
) -> HttpResponse {
    let (fund, id) = path.into_inner();
    http::command(&app, caller, Action::UndoContribution, body, move |conn, ctx, form| {
        Done::ok(&service::undo_contribution(conn, ctx, fund, id, form)?)
    })
    .await
}

/// Contributions to a fund, newest first: for funders their own.
#[utoipa::path(tag = "funds", operation_id = "list_contributions",
    params(("id" = FundId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Contribution>), Problems))]
#[get("/api/v1/funds/{id}/contributions")]
async fn list_contributions(
    app: App,
    caller: Caller,
    id: Path<FundId>,
    query: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListContributions, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::list_contributions(conn, ctx, *id, &query.checked()?)?)
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

impl StatementQuery {
    fn checked(&self) -> Result<(Days, PageOf<of::Posting>)> {
        let page = PageQuery { limit: self.limit, after: self.after.clone() }.checked()?;
        Ok((Days { from: self.from, to: self.to }, page))
    }
}

/// What a fund had to do with, in the order of days, with what was there before and after.
#[utoipa::path(tag = "funds", operation_id = "get_fund_statement",
    params(("id" = FundId, Path), StatementQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Statement), Problems))]
#[get("/api/v1/funds/{id}/statement")]
async fn get_fund_statement(
    app: App,
    caller: Caller,
    id: Path<FundId>,
    query: Query<StatementQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetFundStatement, move |conn, ctx| {
        let (days, page) = query.read()?.checked()?;
        Done::ok(&service::statement(conn, ctx, *id, days, &page)?)
    })
    .await
}
