//! Routes of calls.

mod decisions;

use super::model::{Call, CallStatus, CreateCall, EditCall};
use super::service;
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(create_call)
        .service(edit_call)
        .service(open_call)
        .service(close_call)
        .service(list_calls)
        .service(get_call);
    decisions::routes(cfg);
}

fn changed(call: &Call) -> Result<Done> {
    Ok(Done::ok(call)?.version(call.version))
}

/// Makes a call. It starts as a draft.
#[utoipa::path(tag = "calls", operation_id = "create_call", request_body = CreateCall,
    security(("bearer" = [])),
    responses((status = 201, description = "Made", body = Call), Problems))]
#[post("/api/v1/calls")]
async fn create_call(app: App, caller: Caller, body: Body<CreateCall>) -> HttpResponse {
    http::command(&app, caller, Action::CreateCall, body, |conn, ctx, form| {
        let call = service::create(conn, ctx, form)?;
        Ok(Done::created(&call, format!("/api/v1/calls/{}", call.id))?.version(call.version))
    })
    .await
}

/// Changes a draft or an open call: an absent field is left, null clears it.
#[utoipa::path(tag = "calls", operation_id = "edit_call",
    params(("id" = CallId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = EditCall, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = Call), Problems))]
#[patch("/api/v1/calls/{id}")]
async fn edit_call(
    app: App,
    caller: Caller,
    id: Path<CallId>,
    body: Body<EditCall>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditCall, body, move |conn, ctx, form| {
        changed(&service::edit(conn, ctx, *id, form)?)
    })
    .await
}

/// Opens a draft: it takes applications from its first day on.
#[utoipa::path(tag = "calls", operation_id = "open_call", params(("id" = CallId, Path)),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Open", body = Call), Problems))]
#[post("/api/v1/calls/{id}/open")]
async fn open_call(app: App, caller: Caller, id: Path<CallId>, body: Body<Empty>) -> HttpResponse {
    http::command(&app, caller, Action::OpenCall, body, move |conn, ctx, _| {
        changed(&service::open(conn, ctx, *id)?)
    })
    .await
}

/// Closes an open call; the applications in it go on.
#[utoipa::path(tag = "calls", operation_id = "close_call", params(("id" = CallId, Path)),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Closed", body = Call), Problems))]
#[post("/api/v1/calls/{id}/close")]
async fn close_call(app: App, caller: Caller, id: Path<CallId>, body: Body<Empty>) -> HttpResponse {
    http::command(&app, caller, Action::CloseCall, body, move |conn, ctx, _| {
        changed(&service::close(conn, ctx, *id)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CallQuery {
    /// Only in this status; for those who are neither admin nor auditor `open` where absent.
    status: Option<CallStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Calls, newest first: the public ones, and all for admins and auditors.
#[utoipa::path(tag = "calls", operation_id = "list_calls", params(CallQuery),
    responses((status = 200, description = "A page", body = Page<Call>), Problems))]
#[get("/api/v1/calls")]
async fn list_calls(app: App, caller: Caller, query: Query<CallQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListCalls, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::list(conn, ctx, query.status, &page)?)
    })
    .await
}

/// One call.
#[utoipa::path(tag = "calls", operation_id = "get_call", params(("id" = CallId, Path)),
    responses((status = 200, description = "Found", body = Call), Problems))]
#[get("/api/v1/calls/{id}")]
async fn get_call(app: App, caller: Caller, id: Path<CallId>) -> HttpResponse {
    http::query(&app, caller, Action::GetCall, move |conn, ctx| {
        changed(&service::get(conn, ctx, *id)?)
    })
    .await
}
