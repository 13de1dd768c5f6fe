//! Moving to another form, and the history of what was written.

use super::changed;
use crate::applications::model::{Application, MoveAnswers, VersionDiff, VersionRow, VersionView};
use crate::applications::service;
use crate::kernel::ids::ApplicationId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(move_application_form)
        .service(list_application_versions)
        .service(diff_application_version)
        .service(get_application_version)
        .service(restore_application_version);
}

/// Moves an application that is being written to another version of its call's form. Answers that
/// fit are kept; the rest stays in the version before.
#[utoipa::path(tag = "applications", operation_id = "move_application_form",
    params(("id" = ApplicationId, Path)), request_body = MoveAnswers, security(("bearer" = [])),
    responses((status = 200, description = "Moved", body = Application), Problems))]
#[post("/api/v1/applications/{id}/form")]
async fn move_application_form(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<MoveAnswers>,
) -> HttpResponse {
    http::command(&app, caller, Action::MoveApplicationForm, body, move |conn, ctx, form| {
        changed(&service::move_form(conn, ctx, *id, form)?)
    })
    .await
}

/// What an application said before, newest first: the team sees all versions, those who run the
/// service those that were handed in.
#[utoipa::path(tag = "applications", operation_id = "list_application_versions",
    params(("id" = ApplicationId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<VersionRow>), Problems))]
#[get("/api/v1/applications/{id}/versions")]
async fn list_application_versions(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListApplicationVersions, move |conn, ctx| {
        Done::ok(&service::versions(conn, ctx, *id, &page.read()?.checked()?)?)
    })
    .await
}

/// One version in full.
#[utoipa::path(tag = "applications", operation_id = "get_application_version",
    params(("id" = ApplicationId, Path), ("number" = i32, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = VersionView), Problems))]
#[get("/api/v1/applications/{id}/versions/{number}")]
async fn get_application_version(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, i32)>,
) -> HttpResponse {
    let place = path.into_inner();
    http::query(&app, caller, Action::GetApplicationVersion, move |conn, ctx| {
        Done::ok(&service::version(conn, ctx, place)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DiffQuery {
    /// The version to compare with; the one before where absent.
    #[param(minimum = 1)]
    from: Option<i32>,
}

/// What changed in a version, word by word.
#[utoipa::path(tag = "applications", operation_id = "diff_application_version",
    params(("id" = ApplicationId, Path), ("number" = i32, Path), DiffQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "The difference", body = VersionDiff), Problems))]
#[get("/api/v1/applications/{id}/versions/{number}/diff")]
async fn diff_application_version(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, i32)>,
    query: Query<DiffQuery>,
) -> HttpResponse {
    let place = path.into_inner();
    http::query(&app, caller, Action::DiffApplicationVersion, move |conn, ctx| {
        Done::ok(&service::diff_versions(conn, ctx, place, query.read()?.from)?)
    })
    .await
}

/// Writes what a version said over what is written now, in a draft and when changes were requested.
/// What was written now stays in the history.
#[utoipa::path(tag = "applications", operation_id = "restore_application_version",
    params(("id" = ApplicationId, Path), ("number" = i32, Path),
        ("If-Match" = String, Header, description = "The ETag of the application as you read it")),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Restored", body = Application), Problems))]
#[post("/api/v1/applications/{id}/versions/{number}/restore")]
async fn restore_application_version(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, i32)>,
    body: Body<Empty>,
) -> HttpResponse {
    let place = path.into_inner();
    let action = Action::RestoreApplicationVersion;
    http::command(&app, caller, action, body, move |conn, ctx, _| {
        changed(&service::restore(conn, ctx, place)?)
    })
    .await
}
