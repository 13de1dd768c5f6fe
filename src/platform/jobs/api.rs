//! Jobs that were given up: the list, and another chance.

use super::model::DeadJob;
use super::service;
use crate::kernel::ids::{JobId, of};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{
    App, Body, Caller, Done, Empty, Problems, Query, Routes, command, query,
};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_dead_jobs).service(retry_job);
}

/// Background jobs that were given up, newest first: mails that a server refused, and the like.
/// What they were to work with is not shown, for it may be secret.
#[utoipa::path(
    operation_id = "list_dead_jobs",
    tag = "jobs",
    params(PageQuery),
    responses((status = 200, body = Page<DeadJob>), Problems)
)]
#[get("/api/v1/jobs/dead")]
pub async fn list_dead_jobs(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    query(&app, caller, Action::ListDeadJobs, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::list_dead(conn, ctx, &page.checked::<of::Job>()?)?)
    })
    .await
}

/// Gives a job that was given up all its tries again, at once. Do so after removing the cause.
#[utoipa::path(
    operation_id = "retry_job",
    tag = "jobs",
    params(("id" = JobId, Path)),
    request_body = Empty,
    responses((status = 202, body = DeadJob), Problems)
)]
#[post("/api/v1/jobs/{id}/retry")]
pub async fn retry_job(
    app: App,
    caller: Caller,
    id: Path<JobId>,
    body: Body<Empty>,
) -> HttpResponse {
    command(&app, caller, Action::RetryJob, body, move |conn, ctx, _| {
        Done::accepted(&service::retry_dead(conn, ctx, *id)?)
    })
    .await
}
