//! Writing applications and reading them.

use super::changed;
use crate::agendas::model::LookingFor;
use crate::applications::model::{
    Application, ApplicationRow, ApplicationStatus, CreateApplication, EditApplication,
    WithdrawForm,
};
use crate::applications::service::{self, ListApplications};
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(create_application)
        .service(edit_application)
        .service(submit_application)
        .service(withdraw_application)
        .service(delete_application)
        .service(list_applications)
        .service(get_application);
}

/// Begins an application in a call that takes them today. A title is enough to begin with.
#[utoipa::path(tag = "applications", operation_id = "create_application",
    request_body = CreateApplication, security(("bearer" = [])),
    responses((status = 201, description = "Begun", body = Application), Problems))]
#[post("/api/v1/applications")]
async fn create_application(
    app: App,
    caller: Caller,
    body: Body<CreateApplication>,
) -> HttpResponse {
    http::command(&app, caller, Action::CreateApplication, body, |conn, ctx, form| {
        let made = service::create(conn, ctx, form)?;
        let place = format!("/api/v1/applications/{}", made.row.id);
        Ok(Done::created(&made, place)?.version(made.version))
    })
    .await
}

/// Saves what is being written: an absent field is left, null clears it. Possible in a draft and
/// when changes were requested.
#[utoipa::path(tag = "applications", operation_id = "edit_application",
    params(("id" = ApplicationId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = EditApplication,
    security(("bearer" = [])),
    responses((status = 200, description = "Saved", body = Application), Problems))]
#[patch("/api/v1/applications/{id}")]
async fn edit_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<EditApplication>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditApplication, body, move |conn, ctx, form| {
        changed(&service::edit(conn, ctx, *id, form)?)
    })
    .await
}

/// Hands an application in, also again after changes. All that is missing is told at once.
#[utoipa::path(tag = "applications", operation_id = "submit_application",
    params(("id" = ApplicationId, Path), ("If-Match" = Option<String>, Header,
        description = "The ETag of what you read, where nothing else may be handed in")),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Handed in", body = Application), Problems))]
#[post("/api/v1/applications/{id}/submit")]
async fn submit_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::SubmitApplication, body, move |conn, ctx, _| {
        changed(&service::submit(conn, ctx, *id)?)
    })
    .await
}

/// Takes an application back; offers on it are released.
#[utoipa::path(tag = "applications", operation_id = "withdraw_application",
    params(("id" = ApplicationId, Path)), request_body = WithdrawForm, security(("bearer" = [])),
    responses((status = 200, description = "Taken back", body = Application), Problems))]
#[post("/api/v1/applications/{id}/withdraw")]
async fn withdraw_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<WithdrawForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::WithdrawApplication, body, move |conn, ctx, form| {
        changed(&service::withdraw(conn, ctx, *id, form)?)
    })
    .await
}

/// Deletes an application that was never handed in, with its text, versions, answers and files, for
/// good. One that was handed in and is withdrawn, declined or lapsed is emptied: what its applicant
/// and team wrote is gone for everybody; that it was there, its amounts and dates, and what others
/// wrote and decided stays. What others still rely on is withdrawn first.
#[utoipa::path(tag = "applications", operation_id = "delete_application",
    params(("id" = ApplicationId, Path)), security(("bearer" = [])),
    responses((status = 204, description = "Deleted"), Problems))]
#[delete("/api/v1/applications/{id}")]
async fn delete_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeleteApplication, body, move |conn, ctx, _| {
        service::delete(conn, ctx, *id).map(|()| Done::nothing())
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ApplicationQuery {
    /// Only in this status.
    status: Option<ApplicationStatus>,
    /// Only in this call.
    call_id: Option<CallId>,
    /// Only those that look for this.
    looking_for: Option<LookingFor>,
    /// true: only those that you apply with, are on the team of, or are invited to.
    mine: Option<bool>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Applications, newest first: those that the caller may see.
#[utoipa::path(tag = "applications", operation_id = "list_applications",
    params(ApplicationQuery),
    responses((status = 200, description = "A page", body = Page<ApplicationRow>), Problems))]
#[get("/api/v1/applications")]
async fn list_applications(
    app: App,
    caller: Caller,
    query: Query<ApplicationQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListApplications, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        let asked = ListApplications {
            status: query.status,
            call_id: query.call_id,
            looking_for: query.looking_for,
            mine: query.mine.unwrap_or(false),
        };
        Done::ok(&service::list(conn, ctx, asked, &page)?)
    })
    .await
}

/// One application in full.
#[utoipa::path(tag = "applications", operation_id = "get_application",
    params(("id" = ApplicationId, Path)),
    responses((status = 200, description = "Found", body = Application), Problems))]
#[get("/api/v1/applications/{id}")]
async fn get_application(app: App, caller: Caller, id: Path<ApplicationId>) -> HttpResponse {
    http::query(&app, caller, Action::GetApplication, move |conn, ctx| {
        changed(&service::get(conn, ctx, *id)?)
    })
    .await
}
