//! Routes of the directory.

use super::model::{
    Agenda, AgendaPerson, AgendaStatus, CreateAgenda, EditAgenda, LookingFor, Profile, SetProfile,
};
use super::service;
use crate::kernel::Result;
use crate::kernel::ids::AgendaId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post, put};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(create_agenda)
        .service(edit_agenda)
        .service(retire_agenda)
        .service(restore_agenda)
        .service(list_agendas)
        .service(list_agenda_people)
        .service(get_profile)
        .service(set_profile);
}

fn changed(agenda: &Agenda) -> Result<Done> {
    Ok(Done::ok(agenda)?.version(agenda.version))
}

/// Makes a research direction.
#[utoipa::path(tag = "agendas", operation_id = "create_agenda", request_body = CreateAgenda,
    security(("bearer" = [])),
    responses((status = 201, description = "Made", body = Agenda), Problems))]
#[post("/api/v1/agendas")]
async fn create_agenda(app: App, caller: Caller, body: Body<CreateAgenda>) -> HttpResponse {
    http::command(&app, caller, Action::CreateAgenda, body, |conn, ctx, form| {
        let made = service::create(conn, ctx, form)?;
        Ok(Done::created(&made, format!("/api/v1/agendas/{}", made.id))?.version(made.version))
    })
    .await
}

/// Changes a research direction: an absent field is left, null clears it. Its slug never changes.
#[utoipa::path(tag = "agendas", operation_id = "edit_agenda",
    params(("id" = AgendaId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = EditAgenda, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = Agenda), Problems))]
#[patch("/api/v1/agendas/{id}")]
async fn edit_agenda(
    app: App,
    caller: Caller,
    id: Path<AgendaId>,
    body: Body<EditAgenda>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditAgenda, body, move |conn, ctx, form| {
        changed(&service::edit(conn, ctx, *id, form)?)
    })
    .await
}

/// Retires a research direction: it stays where it is named, and is not named anew.
#[utoipa::path(tag = "agendas", operation_id = "retire_agenda", params(("id" = AgendaId, Path)),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Retired", body = Agenda), Problems))]
#[post("/api/v1/agendas/{id}/retire")]
async fn retire_agenda(
    app: App,
    caller: Caller,
    id: Path<AgendaId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::RetireAgenda, body, move |conn, ctx, _| {
        changed(&service::retire(conn, ctx, *id)?)
    })
    .await
}

/// Takes a retired research direction back into use.
#[utoipa::path(tag = "agendas", operation_id = "restore_agenda", params(("id" = AgendaId, Path)),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Active", body = Agenda), Problems))]
#[post("/api/v1/agendas/{id}/restore")]
async fn restore_agenda(
    app: App,
    caller: Caller,
    id: Path<AgendaId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::RestoreAgenda, body, move |conn, ctx, _| {
        changed(&service::restore(conn, ctx, *id)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AgendaQuery {
    /// `active` where absent.
    status: Option<AgendaStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Research directions, newest first.
#[utoipa::path(tag = "agendas", operation_id = "list_agendas", params(AgendaQuery),
    responses((status = 200, description = "A page", body = Page<Agenda>), Problems))]
#[get("/api/v1/agendas")]
async fn list_agendas(app: App, caller: Caller, query: Query<AgendaQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListAgendas, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::list(conn, ctx, query.status, &page)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    /// Only those who look for this.
    looking_for: Option<LookingFor>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Who works on it, or on a direction below it, where, and what they look for: those who want to be
/// found, the newest first.
#[utoipa::path(tag = "agendas", operation_id = "list_agenda_people",
    params(("id" = AgendaId, Path), PeopleQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<AgendaPerson>), Problems))]
#[get("/api/v1/agendas/{id}/people")]
async fn list_agenda_people(
    app: App,
    caller: Caller,
    id: Path<AgendaId>,
    query: Query<PeopleQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListAgendaPeople, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::people(conn, ctx, *id, query.looking_for, &page)?)
    })
    .await
}

/// What one says of oneself to those who look for people.
#[utoipa::path(tag = "me", operation_id = "get_profile", security(("bearer" = [])),
    responses((status = 200, body = Profile, headers(("ETag" = String))), Problems))]
#[get("/api/v1/me/profile")]
async fn get_profile(app: App, caller: Caller) -> HttpResponse {
    http::query(&app, caller, Action::GetProfile, |conn, ctx| {
        let profile = service::get_profile(conn, ctx)?;
        Ok(Done::ok(&profile)?.version(profile.version))
    })
    .await
}

/// Says it anew, whole, and whether one wants to be found.
#[utoipa::path(tag = "me", operation_id = "set_profile", security(("bearer" = [])),
    params(("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = SetProfile,
    responses((status = 200, body = Profile, headers(("ETag" = String))), Problems))]
#[put("/api/v1/me/profile")]
async fn set_profile(app: App, caller: Caller, body: Body<SetProfile>) -> HttpResponse {
    http::command(&app, caller, Action::SetProfile, body, |conn, ctx, form| {
        let profile = service::set_profile(conn, ctx, form)?;
        Ok(Done::ok(&profile)?.version(profile.version))
    })
    .await
}
