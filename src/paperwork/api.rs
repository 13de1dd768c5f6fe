//! Routes of templates. Those of a grant's paperwork are with the grants.

use super::model::{CreateTemplate, TemplateView};
use super::service;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Query, Routes};
use actix_web::{HttpResponse, get, post};

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_templates).service(create_template);
}

/// Versions of the agreement's template, newest first.
#[utoipa::path(operation_id = "list_templates", tag = "paperwork", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<TemplateView>), Problems))]
#[get("/api/v1/templates")]
async fn list_templates(app: App, caller: Caller, query: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListTemplates, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::list_templates(conn, ctx, &query.checked()?)?)
    })
    .await
}

/// Makes a new version of the agreement's template; agreements are drafted from the newest.
#[utoipa::path(operation_id = "create_template", tag = "paperwork", request_body = CreateTemplate,
    security(("bearer" = [])),
    responses((status = 201, description = "Made", body = TemplateView), Problems))]
#[post("/api/v1/templates")]
async fn create_template(app: App, caller: Caller, body: Body<CreateTemplate>) -> HttpResponse {
    http::command(&app, caller, Action::CreateTemplate, body, |conn, ctx, form| {
        let template = service::create_template(conn, ctx, form)?;
        Done::created(&template, "/api/v1/templates".into())
    })
    .await
}
