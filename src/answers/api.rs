//! Routes of forms and of the answer bank.

use super::model::{Eligibility, Form, FormView, Remembered, TryEligibility};
use super::service;
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, post, put};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(edit_call_form)
        .service(get_call_form)
        .service(get_call_form_schema)
        .service(try_eligibility)
        .service(list_my_answers)
        .service(forget_answer);
}

fn changed(view: &FormView) -> Result<Done> {
    Ok(Done::ok(view)?.version(view.version))
}

/// Writes what a call asks, as a whole; it becomes the next version. Applications that were begun
/// keep the version that they were begun under.
#[utoipa::path(tag = "answers", operation_id = "edit_call_form",
    params(("id" = CallId, Path),
        ("If-Match" = String, Header, description = "The ETag of the newest version")),
    request_body = Form, security(("bearer" = [])),
    responses((status = 200, description = "Written", body = FormView), Problems))]
#[put("/api/v1/calls/{id}/form")]
async fn edit_call_form(
    app: App,
    caller: Caller,
    id: Path<CallId>,
    body: Body<Form>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditCallForm, body, move |conn, ctx, form| {
        changed(&service::edit_form(conn, ctx, *id, form)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FormQuery {
    /// Which version; the newest where absent.
    #[param(minimum = 0)]
    version: Option<i32>,
}

/// What a call asks.
#[utoipa::path(tag = "answers", operation_id = "get_call_form",
    params(("id" = CallId, Path), FormQuery),
    responses((status = 200, description = "Found", body = FormView), Problems))]
#[get("/api/v1/calls/{id}/form")]
async fn get_call_form(
    app: App,
    caller: Caller,
    id: Path<CallId>,
    query: Query<FormQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetCallForm, move |conn, ctx| {
        changed(&service::get_form(conn, ctx, *id, query.read()?.version)?)
    })
    .await
}

/// What a call asks, as a JSON Schema (2020-12) of the answers that can be handed in.
#[utoipa::path(tag = "answers", operation_id = "get_call_form_schema",
    params(("id" = CallId, Path), FormQuery),
    responses((status = 200, description = "Found", body = Object), Problems))]
#[get("/api/v1/calls/{id}/form/schema")]
async fn get_call_form_schema(
    app: App,
    caller: Caller,
    id: Path<CallId>,
    query: Query<FormQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetCallFormSchema, move |conn, ctx| {
        Done::ok(&service::form_schema(conn, ctx, *id, query.read()?.version)?)
    })
    .await
}

/// Tells whether somebody who answers so can apply. Nothing is kept.
#[utoipa::path(tag = "answers", operation_id = "try_eligibility", params(("id" = CallId, Path)),
    request_body = TryEligibility, security(("bearer" = [])),
    responses((status = 200, description = "Told", body = Eligibility), Problems))]
#[post("/api/v1/calls/{id}/eligibility")]
async fn try_eligibility(
    app: App,
    caller: Caller,
    id: Path<CallId>,
    body: Body<TryEligibility>,
) -> HttpResponse {
    http::command(&app, caller, Action::TryEligibility, body, move |conn, ctx, form| {
        Done::ok(&service::try_eligibility(conn, ctx, *id, form)?)
    })
    .await
}

/// What is remembered of your answers, to be filled in where it is asked again.
#[utoipa::path(tag = "answers", operation_id = "list_my_answers", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Remembered>), Problems))]
#[get("/api/v1/me/answers")]
async fn list_my_answers(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListMyAnswers, move |conn, ctx| {
        Done::ok(&service::my_answers(conn, ctx, &page.read()?.checked()?)?)
    })
    .await
}

/// Forgets one of your answers. What was handed in with it stays.
#[utoipa::path(tag = "answers", operation_id = "forget_answer", params(("key" = String, Path)),
    security(("bearer" = [])),
    responses((status = 204, description = "Forgotten"), Problems))]
#[delete("/api/v1/me/answers/{key}")]
async fn forget_answer(
    app: App,
    caller: Caller,
    key: Path<String>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::ForgetAnswer, body, move |conn, ctx, _| {
        service::forget_answer(conn, ctx, &key).map(|()| Done::nothing())
    })
    .await
}
