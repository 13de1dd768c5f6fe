//! What admins do with people.

use super::views::{PersonRow, PersonView};
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::PersonId;
use crate::kernel::page::{Page, PageQuery};
use crate::kernel::text;
use crate::people::model::{PeopleFilter, Person, PersonStatus, search_words};
use crate::people::service;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_people)
        .service(get_person)
        .service(grant_role)
        .service(remove_role)
        .service(suspend_person)
        .service(reactivate_person);
}

/// Which people to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListPeople {
    /// Words that all have to be in name or address; case and accents do not count.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only who holds this role.
    #[param(inline)]
    role: Option<Role>,
    /// Only who stands here.
    #[param(inline)]
    status: Option<PersonStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A role to grant or to remove.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeRole {
    role: Role,
}

/// Why somebody is suspended; they are told.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SuspendPerson {
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

fn one(person: Person) -> Result<Done> {
    let version = person.version;
    Ok(Done::ok(&PersonView::from(person))?.version(version))
}

/// People, newest first; addresses are masked, and found by `q` all the same.
#[utoipa::path(operation_id = "list_people", tag = "people", security(("bearer" = [])),
    params(ListPeople),
    responses((status = 200, body = Page<PersonRow>), Problems))]
#[get("/api/v1/people")]
async fn list_people(app: App, caller: Caller, query: Query<ListPeople>) -> HttpResponse {
    http::query(&app, caller, Action::ListPeople, move |conn, ctx| {
        let query = query.read()?;
        let words = query.q.as_deref().unwrap_or_default();
        let mut fields = Fields::new();
        if let Err(e) = text::line(words, 0, 200) {
            fields.push("?q", e.code, e.message);
        }
        fields.finish()?;
        let filter =
            PeopleFilter { words: search_words(words), role: query.role, status: query.status };
        let page = PageQuery { limit: query.limit, after: query.after.clone() };
        let people = service::list_people(conn, ctx, &filter, &page.checked()?)?;
        Done::ok(&people.map(PersonRow::from))
    })
    .await
}

/// One person.
#[utoipa::path(operation_id = "get_person", tag = "people", security(("bearer" = [])),
    params(("id" = PersonId, Path)),
    responses((status = 200, body = PersonView, headers(("ETag" = String))), Problems))]
#[get("/api/v1/people/{id}")]
async fn get_person(app: App, caller: Caller, id: Path<PersonId>) -> HttpResponse {
    let id = id.into_inner();
    http::query(&app, caller, Action::GetPerson, move |conn, ctx| {
        one(service::get_person(conn, ctx, id)?)
    })
    .await
}

/// Grants a role to somebody else. It ends their sessions: they log in again with it.
#[utoipa::path(operation_id = "grant_role", tag = "people", security(("bearer" = [])),
    params(("id" = PersonId, Path)), request_body = ChangeRole,
    responses((status = 200, body = PersonView, headers(("ETag" = String))), Problems))]
#[post("/api/v1/people/{id}/grant-role")]
async fn grant_role(
    app: App,
    caller: Caller,
    id: Path<PersonId>,
    body: Body<ChangeRole>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::GrantRole, body, move |conn, ctx, change| {
        one(service::change_role(conn, ctx, id, change.role, true)?)
    })
    .await
}

/// Removes a role from somebody else. It ends their sessions.
#[utoipa::path(operation_id = "remove_role", tag = "people", security(("bearer" = [])),
    params(("id" = PersonId, Path)), request_body = ChangeRole,
    responses((status = 200, body = PersonView, headers(("ETag" = String))), Problems))]
#[post("/api/v1/people/{id}/remove-role")]
async fn remove_role(
    app: App,
    caller: Caller,
    id: Path<PersonId>,
    body: Body<ChangeRole>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::RemoveRole, body, move |conn, ctx, change| {
        one(service::change_role(conn, ctx, id, change.role, false)?)
    })
    .await
}

/// Suspends somebody else: their sessions end, their tokens are revoked, they are told why.
#[utoipa::path(operation_id = "suspend_person", tag = "people", security(("bearer" = [])),
    params(("id" = PersonId, Path)), request_body = SuspendPerson,
    responses((status = 200, body = PersonView, headers(("ETag" = String))), Problems))]
#[post("/api/v1/people/{id}/suspend")]
async fn suspend_person(
    app: App,
    caller: Caller,
    id: Path<PersonId>,
    body: Body<SuspendPerson>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::SuspendPerson, body, move |conn, ctx, suspension| {
        let mut fields = Fields::new();
        let reason = fields.paragraphs("/reason", &suspension.reason, 1, 1000);
        fields.finish()?;
        one(service::suspend(conn, ctx, id, &reason)?)
    })
    .await
}

/// Lets somebody in again who was suspended.
#[utoipa::path(operation_id = "reactivate_person", tag = "people", security(("bearer" = [])),
    params(("id" = PersonId, Path)),
    responses((status = 200, body = PersonView, headers(("ETag" = String))), Problems))]
#[post("/api/v1/people/{id}/reactivate")]
async fn reactivate_person(
    app: App,
    caller: Caller,
    id: Path<PersonId>,
    body: Body<Empty>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::ReactivatePerson, body, move |conn, ctx, _| {
        one(service::reactivate(conn, ctx, id)?)
    })
    .await
}
