//! Who is in the group, and what it asks everybody.

use crate::concerns::model::{LaneMember, LaneReason, QuestionSet, SetQuestions};
use crate::concerns::service;
use crate::kernel::ids::PersonId;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post, put};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_need_to_know)
        .service(add_need_to_know)
        .service(remove_need_to_know)
        .service(get_screening_questions)
        .service(set_screening_questions);
}

/// Who is in the need-to-know group, and why.
#[utoipa::path(tag = "concerns", operation_id = "get_need_to_know", security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Vec<LaneMember>), Problems))]
#[get("/api/v1/need-to-know")]
async fn get_need_to_know(app: App, caller: Caller) -> HttpResponse {
    http::query(&app, caller, Action::GetNeedToKnow, move |conn, ctx| {
        Done::ok(&service::members(conn, ctx)?)
    })
    .await
}

/// Adds somebody to the need-to-know group; all of it are told.
#[utoipa::path(tag = "concerns", operation_id = "add_need_to_know",
    params(("id" = PersonId, Path)), request_body = LaneReason, security(("bearer" = [])),
    responses((status = 200, description = "Added", body = Vec<LaneMember>), Problems))]
#[post("/api/v1/people/{id}/need-to-know")]
async fn add_need_to_know(
    app: App,
    caller: Caller,
    id: Path<PersonId>,
    body: Body<LaneReason>,
) -> HttpResponse {
    http::command(&app, caller, Action::AddNeedToKnow, body, move |conn, ctx, form| {
        Done::ok(&service::add(conn, ctx, *id, form)?)
    })
    .await
}

/// Takes somebody out of the need-to-know group; the last one stays.
#[utoipa::path(tag = "concerns", operation_id = "remove_need_to_know",
    params(("id" = PersonId, Path)), request_body = LaneReason, security(("bearer" = [])),
    responses((status = 200, description = "Removed", body = Vec<LaneMember>), Problems))]
#[post("/api/v1/people/{id}/need-to-know/remove")]
async fn remove_need_to_know(
    app: App,
    caller: Caller,
    id: Path<PersonId>,
    body: Body<LaneReason>,
) -> HttpResponse {
    http::command(&app, caller, Action::RemoveNeedToKnow, body, move |conn, ctx, form| {
        Done::ok(&service::remove(conn, ctx, *id, form)?)
    })
    .await
}

/// What every applicant is asked about harm.
#[utoipa::path(tag = "concerns", operation_id = "get_screening_questions",
    security(("bearer" = [])),
    responses((status = 200, description = "Found", body = QuestionSet), Problems))]
#[get("/api/v1/screening-questions")]
async fn get_screening_questions(app: App, caller: Caller) -> HttpResponse {
    http::query(&app, caller, Action::GetScreeningQuestions, move |conn, ctx| {
        Done::ok(&service::current(conn, ctx)?)
    })
    .await
}

/// Asks these questions from now on: a new version.
#[utoipa::path(tag = "concerns", operation_id = "set_screening_questions",
    request_body = SetQuestions, security(("bearer" = [])),
    responses((status = 200, description = "Set", body = QuestionSet), Problems))]
#[put("/api/v1/screening-questions")]
async fn set_screening_questions(
    app: App,
    caller: Caller,
    body: Body<SetQuestions>,
) -> HttpResponse {
    http::command(&app, caller, Action::SetScreeningQuestions, body, move |conn, ctx, form| {
        Done::ok(&service::set_questions(conn, ctx, form)?)
    })
    .await
}
