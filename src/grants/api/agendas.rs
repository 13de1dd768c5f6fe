//! The grants of a research direction.

use crate::grants::service::{self, AgendaGrant};
use crate::kernel::ids::AgendaId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Caller, Done, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_agenda_grants);
}

/// The grants for work on a research direction, or one below it, those of the newest applications
/// first: of public applications, and those that the caller may see besides.
#[utoipa::path(tag = "agendas", operation_id = "list_agenda_grants",
    params(("id" = AgendaId, Path), PageQuery),
    responses((status = 200, description = "A page", body = Page<AgendaGrant>), Problems))]
#[get("/api/v1/agendas/{id}/grants")]
async fn list_agenda_grants(
    app: App,
    caller: Caller,
    id: Path<AgendaId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListAgendaGrants, move |conn, ctx| {
        Done::ok(&service::of_agenda(conn, ctx, *id, &page.read()?)?)
    })
    .await
}
