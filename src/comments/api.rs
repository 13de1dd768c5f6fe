//! Routes of comments.

use super::model::{Comment, CreateComment, EditComment};
use super::service;
use crate::kernel::ids::{ApplicationId, CommentId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, patch, post};

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(create_comment)
        .service(list_comments)
        .service(edit_comment)
        .service(remove_comment);
}

/// Says something on an application that was handed in, to those whom the visibility names.
#[utoipa::path(tag = "comments", operation_id = "create_comment",
    params(("id" = ApplicationId, Path)), request_body = CreateComment,
    security(("bearer" = [])),
    responses((status = 201, description = "Said", body = Comment), Problems))]
#[post("/api/v1/applications/{id}/comments")]
async fn create_comment(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<CreateComment>,
) -> HttpResponse {
    http::command(&app, caller, Action::CreateComment, body, move |conn, ctx, form| {
        let made = service::create(conn, ctx, *id, form)?;
        let place = format!("/api/v1/applications/{}/comments", *id);
        Ok(Done::created(&made, place)?.version(made.version))
    })
    .await
}

/// The comments that the caller may read, newest first.
#[utoipa::path(tag = "comments", operation_id = "list_comments",
    params(("id" = ApplicationId, Path), PageQuery),
    responses((status = 200, description = "A page", body = Page<Comment>), Problems))]
#[get("/api/v1/applications/{id}/comments")]
async fn list_comments(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListComments, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::list(conn, ctx, *id, &page.checked()?)?)
    })
    .await
}

/// Changes what oneself said, within fifteen minutes.
#[utoipa::path(tag = "comments", operation_id = "edit_comment",
    params(("id" = ApplicationId, Path), ("comment_id" = CommentId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = EditComment, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = Comment), Problems))]
#[patch("/api/v1/applications/{id}/comments/{comment_id}")]
async fn edit_comment(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, CommentId)>,
    body: Body<EditComment>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::EditComment, body, move |conn, ctx, form| {
        let view = service::edit(conn, ctx, place, form)?;
        Ok(Done::ok(&view)?.version(view.version))
    })
    .await
}

/// Takes a text away; that something was said there stays.
#[utoipa::path(tag = "comments", operation_id = "remove_comment",
    params(("id" = ApplicationId, Path), ("comment_id" = CommentId, Path)),
    security(("bearer" = [])),
    responses((status = 204, description = "Removed"), Problems))]
#[delete("/api/v1/applications/{id}/comments/{comment_id}")]
async fn remove_comment(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, CommentId)>,
    body: Body<Empty>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::RemoveComment, body, move |conn, ctx, _| {
        service::remove(conn, ctx, place).map(|()| Done::nothing())
    })
    .await
}
