//! Routes of payees.

use super::model::{
    CreatePayee, EditPayee, PayeeFilter, PayeeRow, PayeeStatus, PayeeView, RejectPayee, VerifyPayee,
};
use super::service;
use crate::kernel::Result;
use crate::kernel::ids::{PayeeId, PersonId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(create_payee)
        .service(list_payees)
        .service(get_payee)
        .service(edit_payee)
        .service(submit_payee)
        .service(verify_payee)
        .service(reject_payee);
}

fn one(view: &PayeeView) -> Result<Done> {
    Ok(Done::ok(view)?.version(view.row.version))
}

/// Registers a payee of yours. The account is sealed and from then on shown masked only.
#[utoipa::path(operation_id = "create_payee", tag = "payees", request_body = CreatePayee,
    security(("bearer" = [])),
    responses((status = 201, description = "Registered; hand it in with submit", body = PayeeView),
        Problems))]
#[post("/api/v1/payees")]
async fn create_payee(app: App, caller: Caller, body: Body<CreatePayee>) -> HttpResponse {
    http::command(&app, caller, Action::CreatePayee, body, |conn, ctx, form| {
        let view = service::create(conn, ctx, form)?;
        Ok(Done::created(&view, format!("/api/v1/payees/{}", view.row.id))?
            .version(view.row.version))
    })
    .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListPayees {
    /// Only of this person; others than yourself only for staff.
    person_id: Option<PersonId>,
    /// Only in this state.
    #[param(inline)]
    status: Option<PayeeStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Payees, newest first: your own; all of them for finance, admins and auditors.
#[utoipa::path(operation_id = "list_payees", tag = "payees", params(ListPayees),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<PayeeRow>), Problems))]
#[get("/api/v1/payees")]
async fn list_payees(app: App, caller: Caller, query: Query<ListPayees>) -> HttpResponse {
    http::query(&app, caller, Action::ListPayees, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        let filter = PayeeFilter { person: query.person_id, status: query.status };
        Done::ok(&service::list(conn, ctx, &filter, &page)?)
    })
    .await
}

/// One payee.
#[utoipa::path(operation_id = "get_payee", tag = "payees", params(("id" = PayeeId, Path)),
    security(("bearer" = [])),
    responses((status = 200, description = "The payee", body = PayeeView), Problems))]
#[get("/api/v1/payees/{id}")]
async fn get_payee(app: App, caller: Caller, id: Path<PayeeId>) -> HttpResponse {
    http::query(&app, caller, Action::GetPayee, move |conn, ctx| {
        one(&service::get(conn, ctx, *id)?)
    })
    .await
}

/// Changes a payee of yours (needs If-Match). New details are verified anew and, where you had a
/// verified payee, wait for the cooling period.
#[utoipa::path(operation_id = "edit_payee", tag = "payees",
    params(("id" = PayeeId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = EditPayee, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = PayeeView), Problems))]
#[patch("/api/v1/payees/{id}")]
async fn edit_payee(
    app: App,
    caller: Caller,
    id: Path<PayeeId>,
    body: Body<EditPayee>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditPayee, body, move |conn, ctx, form| {
        one(&service::edit(conn, ctx, *id, form)?)
    })
    .await
}

/// Hands a payee of yours in, to be verified.
#[utoipa::path(operation_id = "submit_payee", tag = "payees", params(("id" = PayeeId, Path)),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Handed in", body = PayeeView), Problems))]
#[post("/api/v1/payees/{id}/submit")]
async fn submit_payee(
    app: App,
    caller: Caller,
    id: Path<PayeeId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::SubmitPayee, body, move |conn, ctx, _| {
        one(&service::submit(conn, ctx, *id)?)
    })
    .await
}

/// Confirms that the account is the payee's: by somebody else than who owns or wrote it.
#[utoipa::path(operation_id = "verify_payee", tag = "payees", params(("id" = PayeeId, Path)),
    request_body = VerifyPayee, security(("bearer" = [])),
    responses((status = 200, description = "Verified", body = PayeeView), Problems))]
#[post("/api/v1/payees/{id}/verify")]
async fn verify_payee(
    app: App,
    caller: Caller,
    id: Path<PayeeId>,
    body: Body<VerifyPayee>,
) -> HttpResponse {
    http::command(&app, caller, Action::VerifyPayee, body, move |conn, ctx, form| {
        one(&service::verify(conn, ctx, *id, form)?)
    })
    .await
}

/// Refuses a payee, or withdraws its verification. Its owner reads the reason.
#[utoipa::path(operation_id = "reject_payee", tag = "payees", params(("id" = PayeeId, Path)),
    request_body = RejectPayee, security(("bearer" = [])),
    responses((status = 200, description = "Rejected", body = PayeeView), Problems))]
#[post("/api/v1/payees/{id}/reject")]
async fn reject_payee(
    app: App,
    caller: Caller,
    id: Path<PayeeId>,
    body: Body<RejectPayee>,
) -> HttpResponse {
    http::command(&app, caller, Action::RejectPayee, body, move |conn, ctx, form| {
        one(&service::reject(conn, ctx, *id, form)?)
    })
    .await
}
