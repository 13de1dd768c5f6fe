//! What applicants and others do: answer, raise, and read what was set.

use crate::concerns::model::{
    AnswerScreening, ApplicantScreening, Conditions, MyConcern, RaiseConcern, Raised, RespondForm,
};
use crate::concerns::service;
use crate::kernel::ids::ApplicationId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post, put};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_screening_form)
        .service(answer_screening)
        .service(respond_to_concern)
        .service(get_screening_conditions)
        .service(raise_concern)
        .service(list_my_concerns);
}

/// What you are asked about harm that your application could do, and what you answered.
#[utoipa::path(tag = "concerns", operation_id = "get_screening_form",
    params(("id" = ApplicationId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = ApplicantScreening), Problems))]
#[get("/api/v1/applications/{id}/screening")]
async fn get_screening_form(app: App, caller: Caller, id: Path<ApplicationId>) -> HttpResponse {
    http::query(&app, caller, Action::GetScreeningForm, move |conn, ctx| {
        Done::ok(&service::mine(conn, ctx, *id)?)
    })
    .await
}

/// Answers what every applicant is asked; again, until it was looked at.
#[utoipa::path(tag = "concerns", operation_id = "answer_screening",
    params(("id" = ApplicationId, Path)), request_body = AnswerScreening,
    security(("bearer" = [])),
    responses((status = 200, description = "Kept", body = ApplicantScreening), Problems))]
#[put("/api/v1/applications/{id}/screening")]
async fn answer_screening(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<AnswerScreening>,
) -> HttpResponse {
    http::command(&app, caller, Action::AnswerScreening, body, move |conn, ctx, form| {
        Done::ok(&service::answer(conn, ctx, *id, form)?)
    })
    .await
}

/// Answers a question that you were asked besides.
#[utoipa::path(tag = "concerns", operation_id = "respond_to_concern",
    params(("id" = ApplicationId, Path)), request_body = RespondForm, security(("bearer" = [])),
    responses((status = 200, description = "Kept", body = ApplicantScreening), Problems))]
#[post("/api/v1/applications/{id}/screening/respond")]
async fn respond_to_concern(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<RespondForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::RespondToConcern, body, move |conn, ctx, form| {
        Done::ok(&service::respond(conn, ctx, *id, form)?)
    })
    .await
}

/// The conditions under which an application may be funded, if screening set any.
#[utoipa::path(tag = "concerns", operation_id = "get_screening_conditions",
    params(("id" = ApplicationId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Conditions), Problems))]
#[get("/api/v1/applications/{id}/screening-conditions")]
async fn get_screening_conditions(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetScreeningConditions, move |conn, ctx| {
        Done::ok(&service::conditions(conn, ctx, *id)?)
    })
    .await
}

/// Raises a concern about harm that an application could do. Only the need-to-know group reads it.
#[utoipa::path(tag = "concerns", operation_id = "raise_concern",
    params(("id" = ApplicationId, Path)), request_body = RaiseConcern, security(("bearer" = [])),
    responses((status = 201, description = "Raised", body = Raised), Problems))]
#[post("/api/v1/applications/{id}/concerns")]
async fn raise_concern(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<RaiseConcern>,
) -> HttpResponse {
    http::command(&app, caller, Action::RaiseConcern, body, move |conn, ctx, form| {
        Done::created(&service::raise(conn, ctx, *id, form)?, "/api/v1/me/concerns".into())
    })
    .await
}

/// What you raised, newest first.
#[utoipa::path(tag = "concerns", operation_id = "list_my_concerns",
    params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<MyConcern>), Problems))]
#[get("/api/v1/me/concerns")]
async fn list_my_concerns(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListMyConcerns, move |conn, ctx| {
        let page = page.read()?.checked()?;
        Done::ok(&service::raised(conn, ctx, &page)?)
    })
    .await
}
