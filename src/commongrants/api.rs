//! Routes of the protocol. Their addresses are the protocol's own, at the root of the server.

use super::model::{
    AppSearchForm, AppSearchQuery, ApplicationAnswer, ApplicationResults, CompetitionAnswer,
    FormAnswer, FormPage, FormResponseAnswer, OpportunityAnswer, OpportunityPage,
    OpportunityResults, PageForm, ProtocolError, SearchForm, StartForm,
};
use super::service;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post, put};
use serde::Serialize;
use serde_json::{Map, Value};

/// Registers the routes. `search` comes before what takes any id.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(search_opportunities)
        .service(list_opportunities)
        .service(get_opportunity)
        .service(get_competition)
        .service(list_protocol_forms)
        .service(get_protocol_form)
        .service(search_protocol_applications)
        .service(start_protocol_application)
        .service(submit_protocol_application)
        .service(get_protocol_response)
        .service(set_protocol_response)
        .service(get_protocol_application);
}

/// With the entity tag of the application's version.
fn tagged<T: Serialize>((answer, version): &(T, i32)) -> Result<Done> {
    Ok(Done::ok(answer)?.version(*version))
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

/// Applications that lists show the caller, the newest first: as these show them, without answers.
/// A filter, or an order, that cannot be followed is refused.
#[utoipa::path(tag = "commongrants", operation_id = "search_protocol_applications",
    params(AppSearchQuery), request_body = AppSearchForm,
    responses((status = 200, description = "A page of what fits", body = ApplicationResults),
        (status = 422, description = "What cannot be read or followed", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[post("/common-grants/applications/search")]
async fn search_protocol_applications(
    app: App,
    caller: Caller,
    query: Query<AppSearchQuery>,
    body: Body<AppSearchForm>,
) -> HttpResponse {
    http::query(&app, caller, Action::SearchProtocolApplications, move |conn, ctx| {
        let form = body.read_with(&query.read()?.objects()?)?;
        Done::ok(&service::search_applications(conn, ctx, form)?)
    })
    .await
}

/// Begins a private application in a competition: the call's.
#[utoipa::path(tag = "commongrants", operation_id = "start_protocol_application",
    request_body = StartForm, security(("bearer" = [])),
    responses((status = 201, description = "Begun", body = ApplicationAnswer),
        (status = 401, description = "Nobody is signed in", body = ProtocolError),
        (status = 409, description = "Not possible in the present state", body = ProtocolError),
        (status = 422, description = "What cannot be", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[post("/common-grants/applications/start")]
async fn start_protocol_application(
    app: App,
    caller: Caller,
    body: Body<StartForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::StartProtocolApplication, body, move |conn, ctx, form| {
        let (made, version) = service::start(conn, ctx, form)?;
        let location = format!("/common-grants/applications/{}", made.data.id);
        Ok(Done::created(&made, location)?.version(version))
    })
    .await
}

/// One application with its answers and what is still missing, for who writes it or hands it in.
#[utoipa::path(tag = "commongrants", operation_id = "get_protocol_application",
    params(("appId" = ApplicationId, Path, description = "The id of the application")),
    security(("bearer" = [])),
    responses((status = 200, description = "Found", body = ApplicationAnswer),
        (status = 401, description = "Nobody is signed in", body = ProtocolError),
        (status = 404, description = "There is none", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[get("/common-grants/applications/{appId}")]
async fn get_protocol_application(app: App, caller: Caller, app_id: Path<String>) -> HttpResponse {
    http::query(&app, caller, Action::GetProtocolApplication, move |conn, ctx| {
        tagged(&service::application(conn, ctx, &app_id)?)
    })
    .await
}

/// The answers to one form of an application, for whoever writes it or hands it in.
#[utoipa::path(tag = "commongrants", operation_id = "get_protocol_response",
    params(("appId" = ApplicationId, Path, description = "The id of the application"),
        ("formId" = CallId, Path, description = "The id of the form")),
    security(("bearer" = [])),
    responses((status = 200, description = "Found", body = FormResponseAnswer),
        (status = 401, description = "Nobody is signed in", body = ProtocolError),
        (status = 404, description = "There is none", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[get("/common-grants/applications/{appId}/forms/{formId}")]
async fn get_protocol_response(
    app: App,
    caller: Caller,
    ids: Path<(String, String)>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetProtocolResponse, move |conn, ctx| {
        tagged(&service::form_response(conn, ctx, (&ids.0, &ids.1))?)
    })
    .await
}

/// Answers a form anew: what is left out is cleared, and what is sent is confirmed.
#[utoipa::path(tag = "commongrants", operation_id = "set_protocol_response",
    params(("appId" = ApplicationId, Path, description = "The id of the application"),
        ("formId" = CallId, Path, description = "The id of the form"),
        ("If-Match" = Option<String>, Header,
            description = "The version that was read, where no other may be answered over")),
    request_body(content = Object, description = "The answers, by what the form asks"),
    security(("bearer" = [])),
    responses((status = 200, description = "Answered", body = FormResponseAnswer),
        (status = 401, description = "Nobody is signed in", body = ProtocolError),
        (status = 404, description = "There is none", body = ProtocolError),
        (status = 409, description = "Not possible in the present state", body = ProtocolError),
        (status = 412, description = "Somebody changed it meanwhile", body = ProtocolError),
        (status = 422, description = "What cannot be", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[put("/common-grants/applications/{appId}/forms/{formId}")]
async fn set_protocol_response(
    app: App,
    caller: Caller,
    ids: Path<(String, String)>,
    body: Body<Map<String, Value>>,
) -> HttpResponse {
    http::command(&app, caller, Action::SetProtocolResponse, body, move |conn, ctx, sent| {
        tagged(&service::respond(conn, ctx, (&ids.0, &ids.1), sent)?)
    })
    .await
}

/// Hands an application in; 400 with all that is missing, as the protocol has it.
#[utoipa::path(tag = "commongrants", operation_id = "submit_protocol_application",
    params(("appId" = ApplicationId, Path, description = "The id of the application"),
        ("If-Match" = Option<String>, Header,
            description = "The version that was read, where nothing else may be handed in")),
    security(("bearer" = [])),
    responses((status = 200, description = "Handed in", body = ApplicationAnswer),
        (status = 400, description = "What is missing", body = ProtocolError),
        (status = 401, description = "Nobody is signed in", body = ProtocolError),
        (status = 404, description = "There is none", body = ProtocolError),
        (status = 409, description = "Not possible in the present state", body = ProtocolError),
        (status = 412, description = "Somebody changed it meanwhile", body = ProtocolError),
        (status = "default", description = "An error", body = ProtocolError)))]
#[put("/common-grants/applications/{appId}/submit")]
async fn submit_protocol_application(
    app: App,
    caller: Caller,
    app_id: Path<String>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::SubmitProtocolApplication, body, move |conn, ctx, _| {
        tagged(&service::submit(conn, ctx, &app_id)?)
    })
    .await
}
