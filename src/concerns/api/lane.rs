//! What the group reads and does.

use crate::attachments::api::download;
use crate::concerns::model::{
    AskForm, Concern, ConcernRow, ConcernStatus, DecideConcern, Screening, ScreeningRow,
    ScreeningStatus,
};
use crate::concerns::service;
use crate::kernel::Result;
use crate::kernel::ids::{AttachmentId, ConcernId, ScreeningId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_screenings)
        .service(get_screening)
        .service(get_screened_attachment)
        .service(clear_screening)
        .service(list_concerns)
        .service(get_concern)
        .service(ask_about_concern)
        .service(decide_concern);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ScreeningQuery {
    /// Only in this status; those that wait where absent.
    status: Option<ScreeningStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Screenings, newest first; for the need-to-know group.
#[utoipa::path(tag = "concerns", operation_id = "list_screenings",
    params(ScreeningQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<ScreeningRow>), Problems))]
#[get("/api/v1/screenings")]
async fn list_screenings(app: App, caller: Caller, query: Query<ScreeningQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListScreenings, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::screenings(conn, ctx, query.status, &page)?)
    })
    .await
}

fn screened(screening: &Screening) -> Result<Done> {
    Ok(Done::ok(screening)?.version(screening.version))
}

/// One screening: the application, the answers, what was raised, and who did what.
#[utoipa::path(tag = "concerns", operation_id = "get_screening",
    params(("id" = ScreeningId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Screening), Problems))]
#[get("/api/v1/screenings/{id}")]
async fn get_screening(app: App, caller: Caller, id: Path<ScreeningId>) -> HttpResponse {
    http::query(&app, caller, Action::GetScreening, move |conn, ctx| {
        screened(&service::screening(conn, ctx, *id)?)
    })
    .await
}

/// A file of an application that is screened, to download.
#[utoipa::path(tag = "concerns", operation_id = "get_screened_attachment",
    params(("id" = ScreeningId, Path), ("attachment_id" = AttachmentId, Path)),
    security(("bearer" = [])),
    responses((status = 200, description = "The file", content(
        (String = "application/pdf"), (String = "image/png"), (String = "image/jpeg"),
        (String = "image/webp"), (String = "text/plain"), (String = "text/markdown"))), Problems))]
#[get("/api/v1/screenings/{id}/attachments/{attachment_id}")]
async fn get_screened_attachment(
    app: App,
    caller: Caller,
    path: Path<(ScreeningId, AttachmentId)>,
) -> HttpResponse {
    let place = path.into_inner();
    http::download(&app, caller, Action::GetScreenedAttachment, move |conn, ctx| {
        service::attachment(conn, ctx, place).map(download)
    })
    .await
}

/// Nothing speaks against the application, as it was read: where an answer came in since, or it was
/// handed in again, it is read first.
#[utoipa::path(tag = "concerns", operation_id = "clear_screening",
    params(("id" = ScreeningId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Cleared", body = Screening), Problems))]
#[post("/api/v1/screenings/{id}/clear")]
async fn clear_screening(
    app: App,
    caller: Caller,
    id: Path<ScreeningId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::ClearScreening, body, move |conn, ctx, _| {
        screened(&service::clear(conn, ctx, *id)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ConcernQuery {
    /// Only in this status; open ones where absent.
    status: Option<ConcernStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Concerns, newest first; for the need-to-know group.
#[utoipa::path(tag = "concerns", operation_id = "list_concerns",
    params(ConcernQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<ConcernRow>), Problems))]
#[get("/api/v1/concerns")]
async fn list_concerns(app: App, caller: Caller, query: Query<ConcernQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListConcerns, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::concerns(conn, ctx, query.status, &page)?)
    })
    .await
}

/// One concern in full.
#[utoipa::path(tag = "concerns", operation_id = "get_concern",
    params(("id" = ConcernId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Concern), Problems))]
#[get("/api/v1/concerns/{id}")]
async fn get_concern(app: App, caller: Caller, id: Path<ConcernId>) -> HttpResponse {
    http::query(&app, caller, Action::GetConcern, move |conn, ctx| {
        Done::ok(&service::concern(conn, ctx, *id)?)
    })
    .await
}

/// Asks the applicant to answer; they read the summary, not the concern.
#[utoipa::path(tag = "concerns", operation_id = "ask_about_concern",
    params(("id" = ConcernId, Path)), request_body = AskForm, security(("bearer" = [])),
    responses((status = 200, description = "Asked", body = Concern), Problems))]
#[post("/api/v1/concerns/{id}/ask")]
async fn ask_about_concern(
    app: App,
    caller: Caller,
    id: Path<ConcernId>,
    body: Body<AskForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::AskAboutConcern, body, move |conn, ctx, form| {
        Done::ok(&service::ask(conn, ctx, *id, form)?)
    })
    .await
}

/// Decides a concern: nothing speaks against the application, it goes on under conditions, or it is
/// declined.
#[utoipa::path(tag = "concerns", operation_id = "decide_concern",
    params(("id" = ConcernId, Path)), request_body = DecideConcern, security(("bearer" = [])),
    responses((status = 200, description = "Decided", body = Concern), Problems))]
#[post("/api/v1/concerns/{id}/decide")]
async fn decide_concern(
    app: App,
    caller: Caller,
    id: Path<ConcernId>,
    body: Body<DecideConcern>,
) -> HttpResponse {
    http::command(&app, caller, Action::DecideConcern, body, move |conn, ctx, form| {
        Done::ok(&service::decide(conn, ctx, *id, form)?)
    })
    .await
}
