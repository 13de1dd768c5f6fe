//! Routes of reports, checkpoints, and what to do next.

use super::model::{Checkpoint, Report};
use super::service::{
    self, CheckpointDecision, Feedback, Invitation, MailedToken, NewCheckpoint, NewReport,
    NextView, ReportText, Seen,
};
use crate::kernel::Result;
use crate::kernel::ids::{CheckpointId, GrantId, ReportId};
use crate::kernel::page::Page;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post};

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_next)
        .service(preview_invitation)
        .service(list_reports)
        .service(add_report)
        .service(get_report)
        .service(edit_report)
        .service(submit_report)
        .service(accept_report)
        .service(return_report)
        .service(list_checkpoints)
        .service(add_checkpoint)
        .service(get_checkpoint)
        .service(report_checkpoint)
        .service(decide_checkpoint);
}

fn report(r: &Report) -> Result<Done> {
    Ok(Done::ok(r)?.version(r.version))
}

fn checkpoint(c: &Checkpoint) -> Result<Done> {
    Ok(Done::ok(c)?.version(c.version))
}

/// What is asked of me, at which stage each of my applications and grants is, and what happens
/// next: of each list the first rows are looked through, and `more` says where others may wait.
#[utoipa::path(tag = "me", operation_id = "get_next", security(("bearer" = [])),
    responses((status = 200, description = "Most urgent first", body = NextView), Problems))]
#[get("/api/v1/me/next")]
async fn get_next(app: App, caller: Caller) -> HttpResponse {
    http::query(&app, caller, Action::GetNext, |conn, ctx| Done::ok(&service::next(conn, ctx)?))
        .await
}

/// What a mailed link asks: an invitation to a team, a nomination or a delegation, read by the
/// token behind its `#`, before you answer it or log in.
#[utoipa::path(tag = "me", operation_id = "preview_invitation", request_body = MailedToken,
    responses((status = 200, description = "What is asked", body = Invitation), Problems))]
#[post("/api/v1/invitations/preview")]
async fn preview_invitation(app: App, caller: Caller, body: Body<MailedToken>) -> HttpResponse {
    http::query(&app, caller, Action::PreviewInvitation, move |conn, ctx| {
        Done::ok(&service::mailed(conn, ctx, &body.read()?.token)?)
    })
    .await
}

/// The reports of a grant, newest first.
#[utoipa::path(tag = "progress", operation_id = "list_reports", params(("id" = GrantId, Path)),
    security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Page<Report>), Problems))]
#[get("/api/v1/grants/{id}/reports")]
async fn list_reports(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    http::query(&app, caller, Action::ListReports, move |conn, ctx| {
        Done::ok(&Page { items: service::reports(conn, ctx, *id)?, next: None })
    })
    .await
}

/// Asks for a report on a grant.
#[utoipa::path(tag = "progress", operation_id = "add_report", params(("id" = GrantId, Path)),
    request_body = NewReport, security(("bearer" = [])),
    responses((status = 201, description = "Asked for", body = Report), Problems))]
#[post("/api/v1/grants/{id}/reports")]
async fn add_report(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<NewReport>,
) -> HttpResponse {
    http::command(&app, caller, Action::AddReport, body, move |conn, ctx, form| {
        let made = service::add_report(conn, ctx, *id, form)?;
        let location = format!("/api/v1/reports/{}", made.id);
        Ok(Done::created(&made, location)?.version(made.version))
    })
    .await
}

/// One report, with the ETag that is sent with what changes it.
#[utoipa::path(tag = "progress", operation_id = "get_report", params(("id" = ReportId, Path)),
    security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Report), Problems))]
#[get("/api/v1/reports/{id}")]
async fn get_report(app: App, caller: Caller, id: Path<ReportId>) -> HttpResponse {
    http::query(&app, caller, Action::GetReport, move |conn, ctx| {
        report(&service::report(conn, ctx, *id)?)
    })
    .await
}

/// Writes the text of a report.
#[utoipa::path(tag = "progress", operation_id = "edit_report",
    params(("id" = ReportId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = ReportText, security(("bearer" = [])),
    responses((status = 200, description = "Saved", body = Report), Problems))]
#[patch("/api/v1/reports/{id}")]
async fn edit_report(
    app: App,
    caller: Caller,
    id: Path<ReportId>,
    body: Body<ReportText>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditReport, body, move |conn, ctx, form| {
        report(&service::edit(conn, ctx, *id, form)?)
    })
    .await
}

/// Hands a report in; as you read it, if you say what that was.
#[utoipa::path(tag = "progress", operation_id = "submit_report",
    params(("id" = ReportId, Path), ("If-Match" = Option<String>, Header,
        description = "The ETag of what you read: nothing else is handed in")),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Handed in", body = Report), Problems))]
#[post("/api/v1/reports/{id}/submit")]
async fn submit_report(
    app: App,
    caller: Caller,
    id: Path<ReportId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::SubmitReport, body, move |conn, ctx, _| {
        report(&service::submit(conn, ctx, *id)?)
    })
    .await
}

/// Accepts a report as you read it; the tranche that waits for it is released.
#[utoipa::path(tag = "progress", operation_id = "accept_report",
    params(("id" = ReportId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Accepted", body = Report), Problems))]
#[post("/api/v1/reports/{id}/accept")]
async fn accept_report(
    app: App,
    caller: Caller,
    id: Path<ReportId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::AcceptReport, body, move |conn, ctx, _| {
        report(&service::accept(conn, ctx, *id)?)
    })
    .await
}

/// Asks for changes to a report; to what you read, if you say what that was.
#[utoipa::path(tag = "progress", operation_id = "return_report",
    params(("id" = ReportId, Path), ("If-Match" = Option<String>, Header,
        description = "The ETag of what you read: nothing else is sent back")),
    request_body = Feedback, security(("bearer" = [])),
    responses((status = 200, description = "Sent back", body = Report), Problems))]
#[post("/api/v1/reports/{id}/return")]
async fn return_report(
    app: App,
    caller: Caller,
    id: Path<ReportId>,
    body: Body<Feedback>,
) -> HttpResponse {
    http::command(&app, caller, Action::ReturnReport, body, move |conn, ctx, form| {
        report(&service::send_back(conn, ctx, *id, form)?)
    })
    .await
}

/// The checkpoints of a grant, newest first.
#[utoipa::path(tag = "progress", operation_id = "list_checkpoints",
    params(("id" = GrantId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Page<Checkpoint>), Problems))]
#[get("/api/v1/grants/{id}/checkpoints")]
async fn list_checkpoints(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    http::query(&app, caller, Action::ListCheckpoints, move |conn, ctx| {
        Done::ok(&Page { items: service::checkpoints(conn, ctx, *id)?, next: None })
    })
    .await
}

/// Adds a dated checkpoint to a grant.
#[utoipa::path(tag = "progress", operation_id = "add_checkpoint", params(("id" = GrantId, Path)),
    request_body = NewCheckpoint, security(("bearer" = [])),
    responses((status = 201, description = "Added", body = Checkpoint), Problems))]
#[post("/api/v1/grants/{id}/checkpoints")]
async fn add_checkpoint(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<NewCheckpoint>,
) -> HttpResponse {
    http::command(&app, caller, Action::AddCheckpoint, body, move |conn, ctx, form| {
        let made = service::add_checkpoint(conn, ctx, *id, form)?;
        let location = format!("/api/v1/checkpoints/{}", made.id);
        Ok(Done::created(&made, location)?.version(made.version))
    })
    .await
}

/// One checkpoint, with the ETag that is sent with what changes it.
#[utoipa::path(tag = "progress", operation_id = "get_checkpoint",
    params(("id" = CheckpointId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Checkpoint), Problems))]
#[get("/api/v1/checkpoints/{id}")]
async fn get_checkpoint(app: App, caller: Caller, id: Path<CheckpointId>) -> HttpResponse {
    http::query(&app, caller, Action::GetCheckpoint, move |conn, ctx| {
        checkpoint(&service::checkpoint(conn, ctx, *id)?)
    })
    .await
}

/// Writes down what was seen at a checkpoint; again over what you read, until it is decided.
#[utoipa::path(tag = "progress", operation_id = "report_checkpoint",
    params(("id" = CheckpointId, Path), ("If-Match" = Option<String>, Header,
        description = "The ETag of what you read; needed where it is reported already")),
    request_body = Seen, security(("bearer" = [])),
    responses((status = 200, description = "Written", body = Checkpoint), Problems))]
#[post("/api/v1/checkpoints/{id}/report")]
async fn report_checkpoint(
    app: App,
    caller: Caller,
    id: Path<CheckpointId>,
    body: Body<Seen>,
) -> HttpResponse {
    http::command(&app, caller, Action::ReportCheckpoint, body, move |conn, ctx, form| {
        checkpoint(&service::report_checkpoint(conn, ctx, *id, form)?)
    })
    .await
}

/// Decides a checkpoint as you read it, and carries the decision out. To pause the grant or to wind
/// it down is an admin's to decide, while it goes on; whoever's budget pays continues or rescopes.
#[utoipa::path(tag = "progress", operation_id = "decide_checkpoint",
    params(("id" = CheckpointId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = CheckpointDecision, security(("bearer" = [])),
    responses((status = 200, description = "Decided", body = Checkpoint), Problems))]
#[post("/api/v1/checkpoints/{id}/decide")]
async fn decide_checkpoint(
    app: App,
    caller: Caller,
    id: Path<CheckpointId>,
    body: Body<CheckpointDecision>,
) -> HttpResponse {
    http::command(&app, caller, Action::DecideCheckpoint, body, move |conn, ctx, form| {
        checkpoint(&service::decide(conn, ctx, *id, form)?)
    })
    .await
}
