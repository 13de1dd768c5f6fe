//! Routes of grants.

mod agendas;
mod lifecycle;
mod money;
mod paperwork;

use super::model::{AwardForm, GrantSummary};
use super::service::{self, GrantDetail, ListGrants, StatementQuery};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, GrantId};
use crate::kernel::page::Page;
use crate::ledger::service::Statement;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

/// Registers them.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(award_application)
        .service(list_grants)
        .service(get_grant)
        .service(get_grant_statement);
    money::routes(cfg);
    lifecycle::routes(cfg);
    paperwork::routes(cfg);
    agendas::routes(cfg);
}

/// The grant as it is now, with its version.
fn shown(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<Done> {
    let grant = service::detail(conn, ctx, id)?;
    Ok(Done::ok(&grant)?.version(grant.grant.version))
}

/// Award an application: its offers become commitments and the tranches are planned; they sum
/// exactly to the award. Without a plan there is one tranche, released on activation. Needs an
/// Idempotency-Key.
#[utoipa::path(tag = "grants", operation_id = "award_application", request_body = AwardForm,
    params(("id" = ApplicationId, Path, description = "The application")),
    security(("bearer" = [])),
    responses((status = 201, description = "The grant", body = GrantDetail), Problems))]
#[post("/api/v1/applications/{id}/award")]
async fn award_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<AwardForm>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::AwardApplication, body, move |conn, ctx, form| {
        let id = service::award(conn, ctx, id, form)?;
        let grant = service::detail(conn, ctx, id)?;
        let version = grant.grant.version;
        Ok(Done::created(&grant, format!("/api/v1/grants/{id}"))?.version(version))
    })
    .await
}

/// Grants, newest first: your own, your team's, those that your budgets pay for; all of them for
/// those who run, pay or audit.
#[utoipa::path(tag = "grants", operation_id = "list_grants", params(ListGrants),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<GrantSummary>), Problems))]
#[get("/api/v1/grants")]
async fn list_grants(app: App, caller: Caller, query: Query<ListGrants>) -> HttpResponse {
    http::query(&app, caller, Action::ListGrants, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::list(conn, ctx, &query)?)
    })
    .await
}

/// A grant with its tranches, its sources, what has to be on file, and where the money is.
#[utoipa::path(tag = "grants", operation_id = "get_grant",
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[get("/api/v1/grants/{id}")]
async fn get_grant(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    let id = id.into_inner();
    http::query(&app, caller, Action::GetGrant, move |conn, ctx| shown(conn, ctx, id)).await
}

/// What happened on the grant's accounts, in the order of days.
#[utoipa::path(tag = "grants", operation_id = "get_grant_statement",
    params(("id" = GrantId, Path, description = "The grant"), StatementQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Statement), Problems))]
#[get("/api/v1/grants/{id}/statement")]
async fn get_grant_statement(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    query: Query<StatementQuery>,
) -> HttpResponse {
    let id = id.into_inner();
    http::query(&app, caller, Action::GetGrantStatement, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::statement(conn, ctx, id, &query)?)
    })
    .await
}
