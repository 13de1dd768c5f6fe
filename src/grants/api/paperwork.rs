//! Routes of a grant's paperwork: agreement, requirements, payee.

use super::shown;
use crate::grants::service::{self, GrantDetail};
use crate::kernel::Result;
use crate::kernel::ids::{GrantId, PayeeId};
use crate::kernel::problem::Problem;
use crate::paperwork::model::{
    AgreementView, RequirementKind, RequirementView, SignForm, Verification,
};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, File, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Registers them.
pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_agreement)
        .service(get_agreement_text)
        .service(sign_agreement)
        .service(verify_agreement)
        .service(list_requirements)
        .service(provide_requirement)
        .service(satisfy_requirement)
        .service(refuse_requirement)
        .service(waive_requirement)
        .service(set_grant_payee);
}

/// What must be on file for a grant.
#[derive(Debug, Serialize, ToSchema)]
struct Requirements {
    /// At most one of each kind, in the order in which they are usually met.
    items: Vec<RequirementView>,
}

/// What is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProvideRequirement {
    /// What it is, and where it is.
    #[schema(max_length = 2000)]
    note: Option<String>,
}

/// Why it is refused or waived.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequirementReason {
    /// The recipient reads it.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Where the money goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetGrantPayee {
    /// One of your payees, handed in, in the grant's currency.
    payee_id: PayeeId,
}

/// The agreement, its SHA-256 and signatures. Where a signature came from is for whoever made it
/// and for staff.
#[utoipa::path(tag = "grants", operation_id = "get_agreement",
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The agreement", body = AgreementView), Problems))]
#[get("/api/v1/grants/{id}/agreement")]
async fn get_agreement(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    http::query(&app, caller, Action::GetAgreement, move |conn, ctx| {
        Done::ok(&service::agreement(conn, ctx, *id)?)
    })
    .await
}

/// The exact bytes of the agreement, as Markdown.
#[utoipa::path(tag = "grants", operation_id = "get_agreement_text",
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The text", body = String,
        content_type = "text/markdown"), Problems))]
#[get("/api/v1/grants/{id}/agreement/text")]
async fn get_agreement_text(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    http::query(&app, caller, Action::GetAgreementText, move |conn, ctx| {
        let bytes = service::agreement_text(conn, ctx, *id)?;
        let name = format!("agreement-{id}.md");
        Ok(Done::file(File { content_type: "text/markdown; charset=utf-8", name, bytes }))
    })
    .await
}

/// Sign the agreement: the recipient for themselves, an admin for the sponsor. Needs a login.
#[utoipa::path(tag = "grants", operation_id = "sign_agreement", request_body = SignForm,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The agreement", body = AgreementView), Problems))]
#[post("/api/v1/grants/{id}/agreement/sign")]
async fn sign_agreement(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<SignForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::SignAgreement, body, move |conn, ctx, form| {
        Done::ok(&service::sign_agreement(conn, ctx, *id, form)?)
    })
    .await
}

/// Compute the SHA-256 of the kept agreement anew, and compare it with what was signed.
#[utoipa::path(tag = "grants", operation_id = "verify_agreement",
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "What was found", body = Verification), Problems))]
#[get("/api/v1/grants/{id}/agreement/verification")]
async fn verify_agreement(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    http::query(&app, caller, Action::VerifyAgreement, move |conn, ctx| {
        Done::ok(&service::verify_agreement(conn, ctx, *id)?)
    })
    .await
}

/// What must be on file before the grant is paid.
#[utoipa::path(tag = "grants", operation_id = "list_requirements",
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Requirements), Problems))]
#[get("/api/v1/grants/{id}/requirements")]
async fn list_requirements(app: App, caller: Caller, id: Path<GrantId>) -> HttpResponse {
    http::query(&app, caller, Action::ListRequirements, move |conn, ctx| {
        Done::ok(&Requirements { items: service::requirements(conn, ctx, *id)? })
    })
    .await
}

/// Which requirement of which grant an address names.
type Which = Path<(GrantId, String)>;

fn kind(name: &str) -> Result<RequirementKind> {
    name.parse().map_err(|_| Problem::not_found("requirement"))
}

/// Give what a requirement asks.
#[utoipa::path(tag = "grants", operation_id = "provide_requirement",
    request_body = ProvideRequirement, security(("bearer" = [])),
    params(("id" = GrantId, Path, description = "The grant"), ("kind" = RequirementKind, Path)),
    responses((status = 200, description = "As it is now", body = RequirementView), Problems))]
#[post("/api/v1/grants/{id}/requirements/{kind}/provide")]
async fn provide_requirement(
    app: App,
    caller: Caller,
    which: Which,
    body: Body<ProvideRequirement>,
) -> HttpResponse {
    let (id, name) = which.into_inner();
    http::command(&app, caller, Action::ProvideRequirement, body, move |conn, ctx, form| {
        let note = form.note.as_deref();
        Done::ok(&service::provide_requirement(conn, ctx, id, kind(&name)?, note)?)
    })
    .await
}

/// Find right what was given.
#[utoipa::path(tag = "grants", operation_id = "satisfy_requirement", request_body = Empty,
    params(("id" = GrantId, Path, description = "The grant"), ("kind" = RequirementKind, Path)),
    security(("bearer" = [])),
    responses((status = 200, description = "As it is now", body = RequirementView), Problems))]
#[post("/api/v1/grants/{id}/requirements/{kind}/satisfy")]
async fn satisfy_requirement(
    app: App,
    caller: Caller,
    which: Which,
    body: Body<Empty>,
) -> HttpResponse {
    let (id, name) = which.into_inner();
    http::command(&app, caller, Action::SatisfyRequirement, body, move |conn, ctx, _| {
        Done::ok(&service::satisfy_requirement(conn, ctx, id, kind(&name)?)?)
    })
    .await
}

/// Find wrong what was given; the recipient is told why.
#[utoipa::path(tag = "grants", operation_id = "refuse_requirement",
    request_body = RequirementReason, security(("bearer" = [])),
    params(("id" = GrantId, Path, description = "The grant"), ("kind" = RequirementKind, Path)),
    responses((status = 200, description = "As it is now", body = RequirementView), Problems))]
#[post("/api/v1/grants/{id}/requirements/{kind}/refuse")]
async fn refuse_requirement(
    app: App,
    caller: Caller,
    which: Which,
    body: Body<RequirementReason>,
) -> HttpResponse {
    let (id, name) = which.into_inner();
    http::command(&app, caller, Action::RefuseRequirement, body, move |conn, ctx, form| {
        Done::ok(&service::refuse_requirement(conn, ctx, id, kind(&name)?, &form.reason)?)
    })
    .await
}

/// Do without a requirement.
#[utoipa::path(tag = "grants", operation_id = "waive_requirement",
    request_body = RequirementReason, security(("bearer" = [])),
    params(("id" = GrantId, Path, description = "The grant"), ("kind" = RequirementKind, Path)),
    responses((status = 200, description = "As it is now", body = RequirementView), Problems))]
#[post("/api/v1/grants/{id}/requirements/{kind}/waive")]
async fn waive_requirement(
    app: App,
    caller: Caller,
    which: Which,
    body: Body<RequirementReason>,
) -> HttpResponse {
    let (id, name) = which.into_inner();
    http::command(&app, caller, Action::WaiveRequirement, body, move |conn, ctx, form| {
        Done::ok(&service::waive_requirement(conn, ctx, id, kind(&name)?, &form.reason)?)
    })
    .await
}

/// Name which of your payees the grant is paid to.
#[utoipa::path(tag = "grants", operation_id = "set_grant_payee", request_body = SetGrantPayee,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[put("/api/v1/grants/{id}/payee")]
async fn set_grant_payee(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<SetGrantPayee>,
) -> HttpResponse {
    http::command(&app, caller, Action::SetGrantPayee, body, move |conn, ctx, form| {
        service::choose_payee(conn, ctx, *id, form.payee_id)?;
        shown(conn, ctx, *id)
    })
    .await
}
