//! Routes of vouches.

use super::model::{DeclineVouch, RequestVouch, SignVouch, Vouch, VouchReason, VouchRequest};
use super::service;
use crate::kernel::ids::{ApplicationId, PersonId, VouchId, VouchRequestId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(sign_vouch)
        .service(list_application_vouches)
        .service(request_vouch)
        .service(list_vouch_requests)
        .service(list_my_vouches)
        .service(list_person_vouches)
        .service(get_vouch)
        .service(withdraw_vouch)
        .service(list_my_vouch_requests)
        .service(get_vouch_request)
        .service(sign_requested_vouch)
        .service(decline_vouch_request)
        .service(withdraw_vouch_request);
}

fn made(vouch: &Vouch) -> crate::kernel::Result<Done> {
    Done::created(vouch, format!("/api/v1/vouches/{}", vouch.id))
}

/// Vouches for an application, under your name.
#[utoipa::path(tag = "vouches", operation_id = "sign_vouch",
    params(("id" = ApplicationId, Path)), request_body = SignVouch, security(("bearer" = [])),
    responses((status = 201, description = "Signed", body = Vouch), Problems))]
#[post("/api/v1/applications/{id}/vouches")]
async fn sign_vouch(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<SignVouch>,
) -> HttpResponse {
    http::command(&app, caller, Action::SignVouch, body, move |conn, ctx, form| {
        made(&service::sign(conn, ctx, *id, form)?)
    })
    .await
}

/// The vouches for an application that you may read, newest first; withdrawn ones say so.
#[utoipa::path(tag = "vouches", operation_id = "list_application_vouches",
    params(("id" = ApplicationId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Vouch>), Problems))]
#[get("/api/v1/applications/{id}/vouches")]
async fn list_application_vouches(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListApplicationVouches, move |conn, ctx| {
        let page = page.read()?.checked()?;
        Done::ok(&service::of_application(conn, ctx, *id, &page)?)
    })
    .await
}

/// Asks somebody by mail to vouch for your application. Who was asked and has not answered is
/// mailed again, at most once a day in the first seven days; the link before is void.
#[utoipa::path(tag = "vouches", operation_id = "request_vouch",
    params(("id" = ApplicationId, Path)), request_body = RequestVouch, security(("bearer" = [])),
    responses((status = 201, description = "Asked", body = VouchRequest), Problems))]
#[post("/api/v1/applications/{id}/vouch-requests")]
async fn request_vouch(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<RequestVouch>,
) -> HttpResponse {
    http::command(&app, caller, Action::RequestVouch, body, move |conn, ctx, form| {
        let asked = service::request(conn, ctx, *id, form)?;
        Done::created(&asked, format!("/api/v1/vouch-requests/{}", asked.id))
    })
    .await
}

/// Whom you asked to vouch for your application, and what became of it, newest first.
#[utoipa::path(tag = "vouches", operation_id = "list_vouch_requests",
    params(("id" = ApplicationId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<VouchRequest>), Problems))]
#[get("/api/v1/applications/{id}/vouch-requests")]
async fn list_vouch_requests(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListVouchRequests, move |conn, ctx| {
        let page = page.read()?.checked()?;
        Done::ok(&service::requests(conn, ctx, *id, &page)?)
    })
    .await
}

/// What you have vouched for, newest first, withdrawn ones included.
#[utoipa::path(tag = "vouches", operation_id = "list_my_vouches",
    params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Vouch>), Problems))]
#[get("/api/v1/me/vouches")]
async fn list_my_vouches(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListMyVouches, move |conn, ctx| {
        let page = page.read()?.checked()?;
        Done::ok(&service::of_me(conn, ctx, &page)?)
    })
    .await
}

/// What somebody has vouched for, newest first, withdrawn ones included.
#[utoipa::path(tag = "vouches", operation_id = "list_person_vouches",
    params(("id" = PersonId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Vouch>), Problems))]
#[get("/api/v1/people/{id}/vouches")]
async fn list_person_vouches(
    app: App,
    caller: Caller,
    id: Path<PersonId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListPersonVouches, move |conn, ctx| {
        let page = page.read()?.checked()?;
        Done::ok(&service::of_person(conn, ctx, *id, &page)?)
    })
    .await
}

/// One vouch.
#[utoipa::path(tag = "vouches", operation_id = "get_vouch",
    params(("id" = VouchId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Vouch), Problems))]
#[get("/api/v1/vouches/{id}")]
async fn get_vouch(app: App, caller: Caller, id: Path<VouchId>) -> HttpResponse {
    http::query(&app, caller, Action::GetVouch, move |conn, ctx| {
        Done::ok(&service::get(conn, ctx, *id)?)
    })
    .await
}

/// Takes your vouch back; it stays in your record, with the reason.
#[utoipa::path(tag = "vouches", operation_id = "withdraw_vouch",
    params(("id" = VouchId, Path)), request_body = VouchReason, security(("bearer" = [])),
    responses((status = 200, description = "Withdrawn", body = Vouch), Problems))]
#[post("/api/v1/vouches/{id}/withdraw")]
async fn withdraw_vouch(
    app: App,
    caller: Caller,
    id: Path<VouchId>,
    body: Body<VouchReason>,
) -> HttpResponse {
    http::command(&app, caller, Action::WithdrawVouch, body, move |conn, ctx, form| {
        Done::ok(&service::withdraw(conn, ctx, *id, &form.reason)?)
    })
    .await
}

/// What you were asked to vouch for, newest first.
#[utoipa::path(tag = "vouches", operation_id = "list_my_vouch_requests",
    params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<VouchRequest>), Problems))]
#[get("/api/v1/me/vouch-requests")]
async fn list_my_vouch_requests(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListMyVouchRequests, move |conn, ctx| {
        let page = page.read()?.checked()?;
        Done::ok(&service::requests_to_me(conn, ctx, &page)?)
    })
    .await
}

/// One question for a vouch, for who asked and who is asked.
#[utoipa::path(tag = "vouches", operation_id = "get_vouch_request",
    params(("id" = VouchRequestId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = VouchRequest), Problems))]
#[get("/api/v1/vouch-requests/{id}")]
async fn get_vouch_request(app: App, caller: Caller, id: Path<VouchRequestId>) -> HttpResponse {
    http::query(&app, caller, Action::GetVouchRequest, move |conn, ctx| {
        Done::ok(&service::request_of(conn, ctx, *id)?)
    })
    .await
}

/// Vouches because you were asked to, under your name.
#[utoipa::path(tag = "vouches", operation_id = "sign_requested_vouch",
    params(("id" = VouchRequestId, Path)), request_body = SignVouch, security(("bearer" = [])),
    responses((status = 201, description = "Signed", body = Vouch), Problems))]
#[post("/api/v1/vouch-requests/{id}/sign")]
async fn sign_requested_vouch(
    app: App,
    caller: Caller,
    id: Path<VouchRequestId>,
    body: Body<SignVouch>,
) -> HttpResponse {
    http::command(&app, caller, Action::SignRequestedVouch, body, move |conn, ctx, form| {
        made(&service::sign_requested(conn, ctx, *id, form)?)
    })
    .await
}

/// Says that you will not vouch; the applicant is told that, and not why.
#[utoipa::path(tag = "vouches", operation_id = "decline_vouch_request",
    params(("id" = VouchRequestId, Path)), request_body = DeclineVouch, security(("bearer" = [])),
    responses((status = 200, description = "Declined", body = VouchRequest), Problems))]
#[post("/api/v1/vouch-requests/{id}/decline")]
async fn decline_vouch_request(
    app: App,
    caller: Caller,
    id: Path<VouchRequestId>,
    body: Body<DeclineVouch>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeclineVouchRequest, body, move |conn, ctx, form| {
        Done::ok(&service::decline(conn, ctx, *id, form)?)
    })
    .await
}

/// Takes a question back that you asked and that waits for its answer; who was asked is told.
#[utoipa::path(tag = "vouches", operation_id = "withdraw_vouch_request",
    params(("id" = VouchRequestId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Taken back", body = VouchRequest), Problems))]
#[post("/api/v1/vouch-requests/{id}/withdraw")]
async fn withdraw_vouch_request(
    app: App,
    caller: Caller,
    id: Path<VouchRequestId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::WithdrawVouchRequest, body, move |conn, ctx, _| {
        Done::ok(&service::take_back(conn, ctx, *id)?)
    })
    .await
}
