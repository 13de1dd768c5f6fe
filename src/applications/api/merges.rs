//! Two applications that become one; proposing that and saying yes is in the room of offers, which
//! knows who keeps off a team.

use crate::applications::model::Merge;
use crate::applications::service;
use crate::kernel::ids::{ApplicationId, MergeId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_merges).service(get_merge).service(decline_merge).service(withdraw_merge);
}

/// The merges of an application, proposed and past, newest first.
#[utoipa::path(tag = "applications", operation_id = "list_merges",
    params(("id" = ApplicationId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Merge>), Problems))]
#[get("/api/v1/applications/{id}/merges")]
async fn list_merges(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListMerges, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::merges(conn, ctx, *id, &page.checked()?)?)
    })
    .await
}

/// One merge, for the two applicants whom it concerns, with what would be taken up.
#[utoipa::path(tag = "applications", operation_id = "get_merge", params(("id" = MergeId, Path)),
    security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Merge), Problems))]
#[get("/api/v1/merges/{id}")]
async fn get_merge(app: App, caller: Caller, id: Path<MergeId>) -> HttpResponse {
    http::query(&app, caller, Action::GetMerge, move |conn, ctx| {
        Done::ok(&service::merge(conn, ctx, *id)?)
    })
    .await
}

/// Says no: both stay as they are.
#[utoipa::path(tag = "applications", operation_id = "decline_merge",
    params(("id" = MergeId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Declined", body = Merge), Problems))]
#[post("/api/v1/merges/{id}/decline")]
async fn decline_merge(
    app: App,
    caller: Caller,
    id: Path<MergeId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeclineMerge, body, move |conn, ctx, _| {
        Done::ok(&service::end_merge(conn, ctx, *id, Action::DeclineMerge)?)
    })
    .await
}

/// Takes a proposal back.
#[utoipa::path(tag = "applications", operation_id = "withdraw_merge",
    params(("id" = MergeId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Taken back", body = Merge), Problems))]
#[post("/api/v1/merges/{id}/withdraw")]
async fn withdraw_merge(
    app: App,
    caller: Caller,
    id: Path<MergeId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::WithdrawMerge, body, move |conn, ctx, _| {
        Done::ok(&service::end_merge(conn, ctx, *id, Action::WithdrawMerge)?)
    })
    .await
}
