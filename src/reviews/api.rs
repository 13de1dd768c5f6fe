//! Routes of reviews.

use super::model::{
    AssignCall, AssignReviewer, Assigned, DecideReview, EditReview, Review, ReviewDecision,
    ReviewReason, ReviewRow, ReviewSettings, ReviewStatus, ReviewVersion, Reviews, SettingsForm,
};
use super::service;
use crate::attachments::api::download;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, AttachmentId, CallId, ReviewId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post, put};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_review_settings)
        .service(set_review_settings)
        .service(assign_reviewer)
        .service(assign_reviewers)
        .service(decide_reviews)
        .service(list_my_reviews)
        .service(get_review)
        .service(edit_review)
        .service(get_reviewed_attachment)
        .service(get_review_summary)
        .service(get_review_versions)
        .service(submit_review)
        .service(declare_review_conflict)
        .service(decline_review)
        .service(set_aside_review);
}

fn changed(review: &Review) -> Result<Done> {
    Ok(Done::ok(review)?.version(review.version))
}

/// How a call is reviewed: whether names are hidden, and what is scored.
#[utoipa::path(tag = "reviews", operation_id = "get_review_settings",
    params(("id" = CallId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = ReviewSettings), Problems))]
#[get("/api/v1/calls/{id}/review-settings")]
async fn get_review_settings(app: App, caller: Caller, id: Path<CallId>) -> HttpResponse {
    http::query(&app, caller, Action::GetReviewSettings, move |conn, ctx| {
        Done::ok(&service::settings(conn, ctx, *id)?)
    })
    .await
}

/// Says whether names are hidden from the reviewers of a call; fixed once one is assigned.
#[utoipa::path(tag = "reviews", operation_id = "set_review_settings",
    params(("id" = CallId, Path)), request_body = SettingsForm, security(("bearer" = [])),
    responses((status = 200, description = "Set", body = ReviewSettings), Problems))]
#[put("/api/v1/calls/{id}/review-settings")]
async fn set_review_settings(
    app: App,
    caller: Caller,
    id: Path<CallId>,
    body: Body<SettingsForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::SetReviewSettings, body, move |conn, ctx, form| {
        Done::ok(&service::set_settings(conn, ctx, *id, form)?)
    })
    .await
}

/// Asks a reviewer for a review of an application.
#[utoipa::path(tag = "reviews", operation_id = "assign_reviewer",
    params(("id" = ApplicationId, Path)), request_body = AssignReviewer,
    security(("bearer" = [])),
    responses((status = 201, description = "Asked", body = Review), Problems))]
#[post("/api/v1/applications/{id}/reviewers")]
async fn assign_reviewer(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<AssignReviewer>,
) -> HttpResponse {
    http::command(&app, caller, Action::AssignReviewer, body, move |conn, ctx, form| {
        let made = service::assign(conn, ctx, *id, form)?;
        Ok(Done::created(&made, format!("/api/v1/reviews/{}", made.id))?.version(made.version))
    })
    .await
}

/// Spreads the applications of a call over its reviewers, by what waits for them already, past
/// their conflicts; or tells how it would (`dry_run`).
#[utoipa::path(tag = "reviews", operation_id = "assign_reviewers",
    params(("id" = CallId, Path)), request_body = AssignCall, security(("bearer" = [])),
    responses((status = 200, description = "Asked, or only told", body = Assigned), Problems))]
#[post("/api/v1/calls/{id}/assign-reviewers")]
async fn assign_reviewers(
    app: App,
    caller: Caller,
    id: Path<CallId>,
    body: Body<AssignCall>,
) -> HttpResponse {
    http::command(&app, caller, Action::AssignReviewers, body, move |conn, ctx, form| {
        Done::ok(&service::assign_call(conn, ctx, *id, form)?)
    })
    .await
}

/// Records what comes of the reviews of an application, and why: they are closed from then on.
#[utoipa::path(tag = "reviews", operation_id = "decide_reviews",
    params(("id" = ApplicationId, Path)), request_body = DecideReview,
    security(("bearer" = [])),
    responses((status = 200, description = "Decided", body = ReviewDecision), Problems))]
#[post("/api/v1/applications/{id}/reviews/decide")]
async fn decide_reviews(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<DecideReview>,
) -> HttpResponse {
    http::command(&app, caller, Action::DecideReviews, body, move |conn, ctx, form| {
        Done::ok(&service::decide(conn, ctx, *id, form)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct QueueQuery {
    /// Only in this status.
    status: Option<ReviewStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// The reviews that you were asked for, newest first.
#[utoipa::path(tag = "reviews", operation_id = "list_my_reviews",
    params(QueueQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<ReviewRow>), Problems))]
#[get("/api/v1/me/reviews")]
async fn list_my_reviews(app: App, caller: Caller, query: Query<QueueQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListMyReviews, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::queue(conn, ctx, query.status, &page)?)
    })
    .await
}

/// One review: to its reviewer what they are writing, to others what was submitted last.
#[utoipa::path(tag = "reviews", operation_id = "get_review",
    params(("id" = ReviewId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Review), Problems))]
#[get("/api/v1/reviews/{id}")]
async fn get_review(app: App, caller: Caller, id: Path<ReviewId>) -> HttpResponse {
    http::query(&app, caller, Action::GetReview, move |conn, ctx| {
        changed(&service::get(conn, ctx, *id)?)
    })
    .await
}

/// Saves what you are writing: an absent field is left, null clears it. After a submission it is
/// kept for the next version.
#[utoipa::path(tag = "reviews", operation_id = "edit_review",
    params(("id" = ReviewId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = EditReview, security(("bearer" = [])),
    responses((status = 200, description = "Saved", body = Review), Problems))]
#[patch("/api/v1/reviews/{id}")]
async fn edit_review(
    app: App,
    caller: Caller,
    id: Path<ReviewId>,
    body: Body<EditReview>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditReview, body, move |conn, ctx, form| {
        changed(&service::edit(conn, ctx, *id, form)?)
    })
    .await
}

/// A file of the application that you review, to download; where the call hides names, without its
/// own.
#[utoipa::path(tag = "reviews", operation_id = "get_reviewed_attachment",
    params(("id" = ReviewId, Path), ("attachment_id" = AttachmentId, Path)),
    security(("bearer" = [])),
    responses((status = 200, description = "The file", content(
        (String = "application/pdf"), (String = "image/png"), (String = "image/jpeg"),
        (String = "image/webp"), (String = "text/plain"), (String = "text/markdown"))), Problems))]
#[get("/api/v1/reviews/{id}/attachments/{attachment_id}")]
async fn get_reviewed_attachment(
    app: App,
    caller: Caller,
    path: Path<(ReviewId, AttachmentId)>,
) -> HttpResponse {
    let place = path.into_inner();
    http::download(&app, caller, Action::GetReviewedAttachment, move |conn, ctx| {
        service::attachment(conn, ctx, place).map(download)
    })
    .await
}

/// What the others said, once yours is in.
#[utoipa::path(tag = "reviews", operation_id = "get_review_summary",
    params(("id" = ReviewId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Reviews), Problems))]
#[get("/api/v1/reviews/{id}/summary")]
async fn get_review_summary(app: App, caller: Caller, id: Path<ReviewId>) -> HttpResponse {
    http::query(&app, caller, Action::GetReviewSummary, move |conn, ctx| {
        Done::ok(&service::summary(conn, ctx, *id)?)
    })
    .await
}

/// What a review said each time that it was submitted, the newest first.
#[utoipa::path(tag = "reviews", operation_id = "get_review_versions",
    params(("id" = ReviewId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Vec<ReviewVersion>), Problems))]
#[get("/api/v1/reviews/{id}/versions")]
async fn get_review_versions(app: App, caller: Caller, id: Path<ReviewId>) -> HttpResponse {
    http::query(&app, caller, Action::GetReviewVersions, move |conn, ctx| {
        Done::ok(&service::versions(conn, ctx, *id)?)
    })
    .await
}

/// Hands your review in, complete; again, as a new version.
#[utoipa::path(tag = "reviews", operation_id = "submit_review",
    params(("id" = ReviewId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "In", body = Review), Problems))]
#[post("/api/v1/reviews/{id}/submit")]
async fn submit_review(
    app: App,
    caller: Caller,
    id: Path<ReviewId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::SubmitReview, body, move |conn, ctx, _| {
        changed(&service::submit(conn, ctx, *id)?)
    })
    .await
}

/// Declares that you have a conflict of interest with the application that you were to review.
#[utoipa::path(tag = "reviews", operation_id = "declare_review_conflict",
    params(("id" = ReviewId, Path)), request_body = ReviewReason, security(("bearer" = [])),
    responses((status = 200, description = "Set aside", body = Review), Problems))]
#[post("/api/v1/reviews/{id}/conflict")]
async fn declare_review_conflict(
    app: App,
    caller: Caller,
    id: Path<ReviewId>,
    body: Body<ReviewReason>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeclareReviewConflict, body, move |conn, ctx, form| {
        changed(&service::declare_conflict(conn, ctx, *id, &form.reason)?)
    })
    .await
}

/// Says that you cannot write a review; somebody else can be asked.
#[utoipa::path(tag = "reviews", operation_id = "decline_review",
    params(("id" = ReviewId, Path)), request_body = ReviewReason, security(("bearer" = [])),
    responses((status = 200, description = "Set aside", body = Review), Problems))]
#[post("/api/v1/reviews/{id}/decline")]
async fn decline_review(
    app: App,
    caller: Caller,
    id: Path<ReviewId>,
    body: Body<ReviewReason>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeclineReview, body, move |conn, ctx, form| {
        changed(&service::decline(conn, ctx, *id, &form.reason)?)
    })
    .await
}

/// Takes a review away: it does not count.
#[utoipa::path(tag = "reviews", operation_id = "set_aside_review",
    params(("id" = ReviewId, Path)), request_body = ReviewReason, security(("bearer" = [])),
    responses((status = 200, description = "Set aside", body = Review), Problems))]
#[post("/api/v1/reviews/{id}/set-aside")]
async fn set_aside_review(
    app: App,
    caller: Caller,
    id: Path<ReviewId>,
    body: Body<ReviewReason>,
) -> HttpResponse {
    http::command(&app, caller, Action::SetAsideReview, body, move |conn, ctx, form| {
        changed(&service::set_aside(conn, ctx, *id, &form.reason)?)
    })
    .await
}
