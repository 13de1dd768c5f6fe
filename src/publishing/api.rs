//! Routes of what everybody may read, and of what is published of a grant.

mod giving;

pub(super) use giving::counted;

use super::model::{
    PublicApplication, PublicApplicationRow, PublicGrant, PublicGrantRow, Publication,
    PublicationForm,
};
use super::service;
use crate::applications::model::ApplicationStatus;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, GrantId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, put};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_public_applications)
        .service(get_public_application)
        .service(list_public_grants)
        .service(get_public_grant)
        .service(get_publication)
        .service(decide_publication);
    giving::routes(cfg);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PublicQuery {
    /// `open`, which is meant where this is absent, or `awarded`; nothing else is public.
    status: Option<ApplicationStatus>,
    /// Only in this call.
    call_id: Option<CallId>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Public applications, newest first, the same for whoever asks.
#[utoipa::path(tag = "public", operation_id = "list_public_applications", params(PublicQuery),
    responses((status = 200, description = "A page", body = Page<PublicApplicationRow>), Problems))]
#[get("/api/v1/public/applications")]
async fn list_public_applications(
    app: App,
    caller: Caller,
    query: Query<PublicQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListPublicApplications, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        let status = query.status.unwrap_or(ApplicationStatus::Open);
        Done::ok(&service::applications(conn, ctx, (status, query.call_id), &page)?)
    })
    .await
}

/// One public application.
#[utoipa::path(tag = "public", operation_id = "get_public_application",
    params(("id" = ApplicationId, Path)),
    responses((status = 200, description = "Found", body = PublicApplication), Problems))]
#[get("/api/v1/public/applications/{id}")]
async fn get_public_application(app: App, caller: Caller, id: Path<ApplicationId>) -> HttpResponse {
    http::query(&app, caller, Action::GetPublicApplication, move |conn, ctx| {
        Done::ok(&service::application(conn, ctx, *id)?)
    })
    .await
}

/// Public grants in the order of their applications, the newest first.
#[utoipa::path(tag = "public", operation_id = "list_public_grants", params(PageQuery),
    responses((status = 200, description = "A page", body = Page<PublicGrantRow>), Problems))]
#[get("/api/v1/public/grants")]
async fn list_public_grants(app: App, caller: Caller, query: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListPublicGrants, move |conn, ctx| {
        Done::ok(&service::grants(conn, ctx, &query.read()?.checked()?)?)
    })
    .await
}

/// One public grant.
#[utoipa::path(tag = "public", operation_id = "get_public_grant", params(("id" = GrantId, Path)),
    responses((status = 200, description = "Found", body = PublicGrant), Problems))]
#[get("/api/v1/public/grants/{id}")]
async fn get_public_grant(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    http::query(&app, caller, Action::GetPublicGrant, move |conn, ctx| {
        Done::ok(&service::grant(conn, ctx, *id)?)
    })
    .await
}

fn versioned(publication: &Publication) -> Result<Done> {
    Ok(Done::ok(publication)?.version(publication.version))
}

/// What is published of a grant: what was decided, or the rule of the house.
#[utoipa::path(tag = "public", operation_id = "get_publication", params(("id" = GrantId, Path)),
    security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Publication), Problems))]
#[get("/api/v1/grants/{id}/publication")]
async fn get_publication(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    http::query(&app, caller, Action::GetPublication, move |conn, ctx| {
        versioned(&service::decision(conn, ctx, *id)?)
    })
    .await
}

/// Decides what is published of a grant, in place of what was decided before.
#[utoipa::path(tag = "public", operation_id = "decide_publication",
    params(("id" = GrantId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = PublicationForm, security(("bearer" = [])),
    responses((status = 200, description = "Decided", body = Publication), Problems))]
#[put("/api/v1/grants/{id}/publication")]
async fn decide_publication(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<PublicationForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::DecidePublication, body, move |conn, ctx, form| {
        versioned(&service::decide(conn, ctx, *id, form)?)
    })
    .await
}
