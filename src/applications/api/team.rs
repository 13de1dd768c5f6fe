//! The team of an application; who is asked onto it and says yes is in the room of offers, which
//! knows who keeps off it.

use crate::applications::model::{AnswerForm, EditMember, Member};
use crate::applications::service;
use crate::kernel::ids::{ApplicationId, MemberId};
use crate::kernel::page::Page;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, patch, post};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_members)
        .service(edit_member)
        .service(remove_member)
        .service(decline_membership);
}

/// The whole team, the first first.
#[utoipa::path(tag = "applications", operation_id = "list_members",
    params(("id" = ApplicationId, Path)),
    responses((status = 200, description = "The team", body = Page<Member>), Problems))]
#[get("/api/v1/applications/{id}/members")]
async fn list_members(app: App, caller: Caller, id: Path<ApplicationId>) -> HttpResponse {
    http::query(&app, caller, Action::ListMembers, move |conn, ctx| {
        let items = service::members(conn, ctx, *id)?;
        Done::ok(&Page { items, next: None })
    })
    .await
}

/// Says what somebody does on the team; they read it by mail. Possible in a draft and when changes
/// were requested.
#[utoipa::path(tag = "applications", operation_id = "edit_member",
    params(("id" = ApplicationId, Path), ("member_id" = MemberId, Path),
        ("If-Match" = String, Header, description = "The ETag of the application")),
    request_body = EditMember, security(("bearer" = [])),
    responses((status = 200, description = "Changed; the ETag is the application's",
        body = Member), Problems))]
#[patch("/api/v1/applications/{id}/members/{member_id}")]
async fn edit_member(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, MemberId)>,
    body: Body<EditMember>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::EditMember, body, move |conn, ctx, form| {
        let (member, version) = service::edit_member(conn, ctx, place, form)?;
        Ok(Done::ok(&member)?.version(version))
    })
    .await
}

/// Takes somebody off the team, or their invitation back, until the application ends.
#[utoipa::path(tag = "applications", operation_id = "remove_member",
    params(("id" = ApplicationId, Path), ("member_id" = MemberId, Path)), security(("bearer" = [])),
    responses((status = 204, description = "Removed"), Problems))]
#[delete("/api/v1/applications/{id}/members/{member_id}")]
async fn remove_member(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, MemberId)>,
    body: Body<Empty>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::RemoveMember, body, move |conn, ctx, _| {
        service::remove(conn, ctx, place).map(|()| Done::nothing())
    })
    .await
}

/// Says no to an invitation, or leaves the team, for oneself.
#[utoipa::path(tag = "applications", operation_id = "decline_membership",
    params(("id" = ApplicationId, Path), ("member_id" = MemberId, Path)),
    request_body = AnswerForm, security(("bearer" = [])),
    responses((status = 200, description = "Not on the team", body = Member), Problems))]
#[post("/api/v1/applications/{id}/members/{member_id}/decline")]
async fn decline_membership(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, MemberId)>,
    body: Body<AnswerForm>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::DeclineMembership, body, move |conn, ctx, form| {
        Done::ok(&service::decline_membership(conn, ctx, place, form)?)
    })
    .await
}
