//! Routes of the protocol. Their addresses are the protocol's own, at the root of the server.

use super::model::{
    OpportunityAnswer, OpportunityPage, OpportunityResults, PageForm, ProtocolError, SearchForm,
};
use super::service;
use crate::kernel::ids::CallId;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Query};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes. `search` comes before what takes any id.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(search_opportunities).service(list_opportunities).service(get_opportunity);
}

/// Public calls as opportunities, last changed first.
#[utoipa::path(tag = "commongrants", operation_id = "list_opportunities", params(PageForm),
    responses((status = 200, description = "A page", body = OpportunityPage),
        (status = 422, description = "A page that cannot be", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[get("/common-grants/opportunities")]
async fn list_opportunities(app: App, caller: Caller, query: Query<PageForm>) -> HttpResponse {
    http::query(&app, caller, Action::ListOpportunities, move |conn, ctx| {
        Done::ok(&service::list(conn, ctx, &query.read()?)?)
    })
    .await
}

/// One public call as an opportunity.
#[utoipa::path(tag = "commongrants", operation_id = "get_opportunity",
    params(("oppId" = CallId, Path, description = "The id of the opportunity")),
    responses((status = 200, description = "Found", body = OpportunityAnswer),
        (status = 404, description = "There is none", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[get("/common-grants/opportunities/{oppId}")]
async fn get_opportunity(app: App, caller: Caller, opp_id: Path<String>) -> HttpResponse {
    http::query(&app, caller, Action::GetOpportunity, move |conn, ctx| {
        Done::ok(&service::get(conn, ctx, &opp_id)?)
    })
    .await
}

/// Looks for public calls by words and filters.
#[utoipa::path(tag = "commongrants", operation_id = "search_opportunities",
    request_body = SearchForm,
    responses((status = 200, description = "A page of what fits", body = OpportunityResults),
        (status = 422, description = "What cannot be read", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[post("/common-grants/opportunities/search")]
async fn search_opportunities(app: App, caller: Caller, body: Body<SearchForm>) -> HttpResponse {
    http::query(&app, caller, Action::SearchOpportunities, move |conn, ctx| {
        Done::ok(&service::search(conn, ctx, body.read()?)?)
    })
    .await
}
