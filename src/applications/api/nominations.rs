//! Applications begun for somebody else.

use crate::applications::model::{AnswerForm, Application, Nominate, Nomination};
use crate::applications::service;
use crate::kernel::ids::NominationId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(nominate)
        .service(list_nominations)
        .service(get_nomination)
        .service(accept_nomination)
        .service(decline_nomination)
        .service(withdraw_nomination);
}

/// Begins an application for somebody, who is asked by mail to make it theirs within 60 days.
#[utoipa::path(tag = "applications", operation_id = "nominate", request_body = Nominate,
    security(("bearer" = [])),
    responses((status = 201, description = "Nominated", body = Nomination), Problems))]
#[post("/api/v1/nominations")]
async fn nominate(app: App, caller: Caller, body: Body<Nominate>) -> HttpResponse {
    http::command(&app, caller, Action::Nominate, body, |conn, ctx, form| {
        let made = service::nominate(conn, ctx, form)?;
        Done::created(&made, format!("/api/v1/nominations/{}", made.id))
    })
    .await
}

/// The nominations that you made, answered, or are asked to answer, newest first.
#[utoipa::path(tag = "applications", operation_id = "list_nominations", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Nomination>), Problems))]
#[get("/api/v1/nominations")]
async fn list_nominations(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListNominations, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::nominations(conn, ctx, &page.checked()?)?)
    })
    .await
}

/// One nomination, for its nominator and its nominee.
#[utoipa::path(tag = "applications", operation_id = "get_nomination",
    params(("id" = NominationId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Nomination), Problems))]
#[get("/api/v1/nominations/{id}")]
async fn get_nomination(app: App, caller: Caller, id: Path<NominationId>) -> HttpResponse {
    http::query(&app, caller, Action::GetNomination, move |conn, ctx| {
        Done::ok(&service::nomination(conn, ctx, *id)?)
    })
    .await
}

/// Makes it your own application: a draft, which says who nominated you.
#[utoipa::path(tag = "applications", operation_id = "accept_nomination",
    params(("id" = NominationId, Path)), request_body = AnswerForm, security(("bearer" = [])),
    responses((status = 201, description = "Yours", body = Application), Problems))]
#[post("/api/v1/nominations/{id}/accept")]
async fn accept_nomination(
    app: App,
    caller: Caller,
    id: Path<NominationId>,
    body: Body<AnswerForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::AcceptNomination, body, move |conn, ctx, form| {
        let made = service::accept_nomination(conn, ctx, *id, form.token.as_deref())?;
        let place = format!("/api/v1/applications/{}", made.row.id);
        Ok(Done::created(&made, place)?.version(made.version))
    })
    .await
}

/// Says no to a nomination.
#[utoipa::path(tag = "applications", operation_id = "decline_nomination",
    params(("id" = NominationId, Path)), request_body = AnswerForm, security(("bearer" = [])),
    responses((status = 200, description = "Declined", body = Nomination), Problems))]
#[post("/api/v1/nominations/{id}/decline")]
async fn decline_nomination(
    app: App,
    caller: Caller,
    id: Path<NominationId>,
    body: Body<AnswerForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeclineNomination, body, move |conn, ctx, form| {
        Done::ok(&service::decline_nomination(conn, ctx, *id, form.token.as_deref())?)
    })
    .await
}

/// Takes a nomination back.
#[utoipa::path(tag = "applications", operation_id = "withdraw_nomination",
    params(("id" = NominationId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Taken back", body = Nomination), Problems))]
#[post("/api/v1/nominations/{id}/withdraw")]
async fn withdraw_nomination(
    app: App,
    caller: Caller,
    id: Path<NominationId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::WithdrawNomination, body, move |conn, ctx, _| {
        Done::ok(&service::withdraw_nomination(conn, ctx, *id)?)
    })
    .await
}
