//! What an application is about, and the applications of an agenda.

use crate::agendas::model::{DirectoryMessage, SetAgendas, WriteMessage};
use crate::applications::model::{About, AgendaPage, ApplicationRow};
use crate::applications::service;
use crate::kernel::ids::{AgendaId, ApplicationId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post, put};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(set_application_agendas)
        .service(list_application_agendas)
        .service(get_agenda)
        .service(list_agenda_applications)
        .service(send_agenda_message);
}

/// Says which research directions an application is about, in place of those before, and where its
/// work is done and what it looks for. Possible in a draft and when changes were requested.
#[utoipa::path(tag = "applications", operation_id = "set_application_agendas",
    params(("id" = ApplicationId, Path),
        ("If-Match" = String, Header, description = "The ETag of the application")),
    request_body = SetAgendas, security(("bearer" = [])),
    responses((status = 200, description = "Named; the ETag is the application's",
        body = About), Problems))]
#[put("/api/v1/applications/{id}/agendas")]
async fn set_application_agendas(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<SetAgendas>,
) -> HttpResponse {
    http::command(&app, caller, Action::SetApplicationAgendas, body, move |conn, ctx, form| {
        let (about, version) = service::set_about(conn, ctx, *id, form)?;
        Ok(Done::ok(&about)?.version(version))
    })
    .await
}

/// The research directions that an application is about, where its work is done, and what it looks
/// for.
#[utoipa::path(tag = "applications", operation_id = "list_application_agendas",
    params(("id" = ApplicationId, Path)),
    responses((status = 200, description = "All of them", body = About), Problems))]
#[get("/api/v1/applications/{id}/agendas")]
async fn list_application_agendas(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListApplicationAgendas, move |conn, ctx| {
        Done::ok(&service::about(conn, ctx, *id)?)
    })
    .await
}

/// One research direction, with who works on it and where, who wants to join a team or needs
/// somebody for theirs (only those who want to be found, for who is signed in), and what was
/// applied for: the first of each. All of them: `/people`, `/applications`, `/grants`.
#[utoipa::path(tag = "agendas", operation_id = "get_agenda", params(("id" = AgendaId, Path)),
    responses((status = 200, description = "Found", body = AgendaPage), Problems))]
#[get("/api/v1/agendas/{id}")]
async fn get_agenda(app: App, caller: Caller, id: Path<AgendaId>) -> HttpResponse {
    http::query(&app, caller, Action::GetAgenda, move |conn, ctx| {
        let page = service::agenda_page(conn, ctx, *id)?;
        let version = page.detail.agenda.version;
        Ok(Done::ok(&page)?.version(version))
    })
    .await
}

/// The applications that are about a research direction, or one below it, newest first: those that
/// the caller may see.
#[utoipa::path(tag = "agendas", operation_id = "list_agenda_applications",
    params(("id" = AgendaId, Path), PageQuery),
    responses((status = 200, description = "A page", body = Page<ApplicationRow>), Problems))]
#[get("/api/v1/agendas/{id}/applications")]
async fn list_agenda_applications(
    app: App,
    caller: Caller,
    id: Path<AgendaId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListAgendaApplications, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::of_agenda(conn, ctx, *id, &page.checked()?)?)
    })
    .await
}

/// Writes to somebody whom a research direction, or one below it, shows: who wants to be found, or
/// the applicant of a public application that says what it looks for. They get one mail with the
/// text, your name and your e-mail address, to which they answer; their address you are not shown.
/// At most five a day, and one a week to the same person.
#[utoipa::path(tag = "agendas", operation_id = "send_agenda_message",
    params(("id" = AgendaId, Path)), request_body = WriteMessage, security(("bearer" = [])),
    responses((status = 202, description = "Sent", body = DirectoryMessage), Problems))]
#[post("/api/v1/agendas/{id}/messages")]
async fn send_agenda_message(
    app: App,
    caller: Caller,
    id: Path<AgendaId>,
    body: Body<WriteMessage>,
) -> HttpResponse {
    http::command(&app, caller, Action::SendAgendaMessage, body, move |conn, ctx, form| {
        Done::accepted(&service::send_message(conn, ctx, *id, form)?)
    })
    .await
}
