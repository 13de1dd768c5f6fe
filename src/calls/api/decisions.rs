//! How calls are decided.

use crate::calls::model::{CallDecisions, SetDecisions};
use crate::calls::service;
use crate::kernel::ids::CallId;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, put};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_call_decisions).service(set_call_decisions);
}

/// What somebody can do who was declined in this call, and for how long.
#[utoipa::path(tag = "calls", operation_id = "get_call_decisions",
    params(("id" = CallId, Path)),
    responses((status = 200, description = "Found", body = CallDecisions), Problems))]
#[get("/api/v1/calls/{id}/decisions")]
async fn get_call_decisions(app: App, caller: Caller, id: Path<CallId>) -> HttpResponse {
    http::query(&app, caller, Action::GetCallDecisions, move |conn, ctx| {
        let view = service::decisions(conn, ctx, *id)?;
        Ok(Done::ok(&view)?.version(view.version))
    })
    .await
}

/// Says who is reminded before a promised day, and what somebody can do who was declined.
#[utoipa::path(tag = "calls", operation_id = "set_call_decisions",
    params(("id" = CallId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = SetDecisions, security(("bearer" = [])),
    responses((status = 200, description = "Said", body = CallDecisions), Problems))]
#[put("/api/v1/calls/{id}/decisions")]
async fn set_call_decisions(
    app: App,
    caller: Caller,
    id: Path<CallId>,
    body: Body<SetDecisions>,
) -> HttpResponse {
    http::command(&app, caller, Action::SetCallDecisions, body, move |conn, ctx, form| {
        let view = service::set_decisions(conn, ctx, *id, form)?;
        Ok(Done::ok(&view)?.version(view.version))
    })
    .await
}
