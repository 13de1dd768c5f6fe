//! Routes of the protocol. Their addresses are the protocol's own, at the root of the server.

use super::model::{
    CompetitionAnswer, FormAnswer, FormPage, OpportunityAnswer, OpportunityPage,
    OpportunityResults, PageForm, ProtocolError, SearchForm,
};
use super::service;
use crate::kernel::ids::CallId;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

/// Registers the routes. `search` comes before what takes any id.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(search_opportunities)
        .service(list_opportunities)
        .service(get_opportunity)
        .service(get_competition)
        .service(list_protocol_forms)
        .service(get_protocol_form);
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

/// How a public call takes applications: what has to be filled in, and when. A call has one
/// competition, with the call's id.
#[utoipa::path(tag = "commongrants", operation_id = "get_competition",
    params(("compId" = CallId, Path, description = "The id of the competition")),
    responses((status = 200, description = "Found", body = CompetitionAnswer),
        (status = 404, description = "There is none", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[get("/common-grants/competitions/{compId}")]
async fn get_competition(app: App, caller: Caller, comp_id: Path<String>) -> HttpResponse {
    http::query(&app, caller, Action::GetCompetition, move |conn, ctx| {
        Done::ok(&service::competition(conn, ctx, &comp_id)?)
    })
    .await
}

/// The forms of public calls, the newest call's first.
#[utoipa::path(tag = "commongrants", operation_id = "list_protocol_forms", params(PageForm),
    responses((status = 200, description = "A page", body = FormPage),
        (status = 422, description = "A page that cannot be", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[get("/common-grants/forms")]
async fn list_protocol_forms(app: App, caller: Caller, query: Query<PageForm>) -> HttpResponse {
    http::query(&app, caller, Action::ListProtocolForms, move |conn, ctx| {
        Done::ok(&service::forms(conn, ctx, &query.read()?)?)
    })
    .await
}

/// What a public call asks, as JSON Schema; the id is the call's.
#[utoipa::path(tag = "commongrants", operation_id = "get_protocol_form",
    params(("formId" = CallId, Path, description = "The id of the form")),
    responses((status = 200, description = "Found", body = FormAnswer),
        (status = 404, description = "There is none", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[get("/common-grants/forms/{formId}")]
async fn get_protocol_form(app: App, caller: Caller, form_id: Path<String>) -> HttpResponse {
    http::query(&app, caller, Action::GetProtocolForm, move |conn, ctx| {
        Done::ok(&service::form(conn, ctx, &form_id)?)
    })
    .await
}
