//! Further calls that an application is routed to.

use crate::applications::model::{
    DeclineRouteForm, EditRoute, RouteApplication, RouteRow, RouteView, WithdrawForm,
};
use crate::applications::service;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::page::Page;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_application_routes)
        .service(route_application)
        .service(get_route)
        .service(edit_route)
        .service(submit_route)
        .service(withdraw_route)
        .service(decline_route);
}

fn changed(route: &RouteView) -> Result<Done> {
    Ok(Done::ok(route)?.version(route.row.version))
}

/// The further calls that an application is routed to, the first first.
#[utoipa::path(tag = "applications", operation_id = "list_application_routes",
    params(("id" = ApplicationId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "All", body = Page<RouteRow>), Problems))]
#[get("/api/v1/applications/{id}/routes")]
async fn list_application_routes(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListApplicationRoutes, move |conn, ctx| {
        Done::ok(&service::routes(conn, ctx, *id)?)
    })
    .await
}

/// Routes an application to a further call. What its own form asked comes over; the answer says
/// what the call asks besides, and what of that is missing.
#[utoipa::path(tag = "applications", operation_id = "route_application",
    params(("id" = ApplicationId, Path)), request_body = RouteApplication,
    security(("bearer" = [])),
    responses((status = 201, description = "Routed, to be answered", body = RouteView), Problems))]
#[post("/api/v1/applications/{id}/routes")]
async fn route_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<RouteApplication>,
) -> HttpResponse {
    http::command(&app, caller, Action::RouteApplication, body, move |conn, ctx, form| {
        let made = service::route_application(conn, ctx, *id, form)?;
        let place = format!("/api/v1/applications/{}/routes/{}", *id, made.row.call_id);
        Ok(Done::created(&made, place)?.version(made.row.version))
    })
    .await
}

/// One route, with what its call asks besides and what came over.
#[utoipa::path(tag = "applications", operation_id = "get_route",
    params(("id" = ApplicationId, Path), ("call_id" = CallId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = RouteView), Problems))]
#[get("/api/v1/applications/{id}/routes/{call_id}")]
async fn get_route(app: App, caller: Caller, path: Path<(ApplicationId, CallId)>) -> HttpResponse {
    let place = path.into_inner();
    http::query(&app, caller, Action::GetRoute, move |conn, ctx| {
        changed(&service::route(conn, ctx, place)?)
    })
    .await
}

/// Answers what a further call asks, before it is handed in there.
#[utoipa::path(tag = "applications", operation_id = "edit_route",
    params(("id" = ApplicationId, Path), ("call_id" = CallId, Path),
        ("If-Match" = String, Header, description = "The ETag of the version that you edit")),
    request_body = EditRoute, security(("bearer" = [])),
    responses((status = 200, description = "Saved", body = RouteView), Problems))]
#[patch("/api/v1/applications/{id}/routes/{call_id}")]
async fn edit_route(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, CallId)>,
    body: Body<EditRoute>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::EditRoute, body, move |conn, ctx, form| {
        changed(&service::edit_route(conn, ctx, place, form)?)
    })
    .await
}

/// Hands an application in to a further call; the day by which that call decides is promised.
#[utoipa::path(tag = "applications", operation_id = "submit_route",
    params(("id" = ApplicationId, Path), ("call_id" = CallId, Path),
        ("If-Match" = Option<String>, Header,
        description = "The ETag of what you read, where nothing else may be handed in")),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "In the call", body = RouteView), Problems))]
#[post("/api/v1/applications/{id}/routes/{call_id}/submit")]
async fn submit_route(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, CallId)>,
    body: Body<Empty>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::SubmitRoute, body, move |conn, ctx, _| {
        changed(&service::submit_route(conn, ctx, place)?)
    })
    .await
}

/// Takes an application out of one further call; it stays in the others. To leave its own call,
/// withdraw the application.
#[utoipa::path(tag = "applications", operation_id = "withdraw_route",
    params(("id" = ApplicationId, Path), ("call_id" = CallId, Path)),
    request_body = WithdrawForm, security(("bearer" = [])),
    responses((status = 200, description = "Taken out", body = RouteView), Problems))]
#[post("/api/v1/applications/{id}/routes/{call_id}/withdraw")]
async fn withdraw_route(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, CallId)>,
    body: Body<WithdrawForm>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::WithdrawRoute, body, move |conn, ctx, form| {
        changed(&service::withdraw_route(conn, ctx, place, form)?)
    })
    .await
}

/// Says no in one further call, with a reason that the applicant reads; the application goes on in
/// the others.
#[utoipa::path(tag = "applications", operation_id = "decline_route",
    params(("id" = ApplicationId, Path), ("call_id" = CallId, Path)),
    request_body = DeclineRouteForm, security(("bearer" = [])),
    responses((status = 200, description = "Declined there", body = RouteView), Problems))]
#[post("/api/v1/applications/{id}/routes/{call_id}/decline")]
async fn decline_route(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, CallId)>,
    body: Body<DeclineRouteForm>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::DeclineRoute, body, move |conn, ctx, form| {
        changed(&service::decline_route(conn, ctx, place, form)?)
    })
    .await
}
