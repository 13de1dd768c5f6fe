//! The second factor: one's own, at login, and once more in a session.

use super::auth::{own_password, plain};
use super::views::{EnrolmentView, FactorView, Fresh, PersonView, RecoveryCodesView, TokensView};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::Problem;
use crate::people::model::Shown;
use crate::people::service;
use crate::platform::authz::Action;
use crate::platform::config::Secret;
use crate::platform::context::Ctx;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, post};
use serde::Deserialize;
use utoipa::ToSchema;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(login_factor)
        .service(step_up)
        .service(get_factor)
        .service(enrol_factor)
        .service(confirm_factor)
        .service(remove_factor)
        .service(renew_recovery_codes)
        .service(reset_factor);
}

/// The challenge of a login, and the second factor: a code or a recovery code.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginFactor {
    /// What the login answered.
    #[schema(value_type = String)]
    challenge: Secret,
    /// The six digits that the device shows.
    #[schema(value_type = Option<String>)]
    code: Option<Secret>,
    /// One of the recovery codes, instead.
    #[schema(value_type = Option<String>)]
    recovery_code: Option<Secret>,
}

/// The second factor: a code or a recovery code.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepUp {
    /// The six digits that the device shows.
    #[schema(value_type = Option<String>)]
    code: Option<Secret>,
    /// One of the recovery codes, instead.
    #[schema(value_type = Option<String>)]
    recovery_code: Option<Secret>,
}

/// Who begins a second factor.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnrolFactor {
    /// One's password, for the first factor; for one that replaces it, a step-up is asked for.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
}

/// The first code of a new device.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmFactor {
    /// The six digits that it shows.
    #[schema(value_type = String)]
    code: Secret,
}

/// Why somebody's factor is taken away; they are told.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetFactor {
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

fn shown(code: Option<&Secret>, recovery_code: Option<&Secret>) -> Result<Shown> {
    match (code, recovery_code) {
        (Some(code), None) => Ok(Shown::Code(plain(code))),
        (None, Some(code)) => Ok(Shown::Recovery(plain(code))),
        _ => Err(Problem::field("/code", "required", "send either code or recovery_code")),
    }
}

/// The second step of a login, for those who have a second factor: begins the session. A challenge
/// lasts for five minutes and five codes.
#[utoipa::path(operation_id = "login_factor", tag = "auth", request_body = LoginFactor,
    responses((status = 200, body = TokensView), Problems))]
#[post("/api/v1/auth/login/factor")]
async fn login_factor(app: App, caller: Caller, body: Body<LoginFactor>) -> HttpResponse {
    http::open_command(&app, caller, Action::LoginFactor, body, do_login_factor).await
}

async fn do_login_factor(app: App, ctx: Ctx, body: LoginFactor) -> Result<Done> {
    let shown = shown(body.code.as_ref(), body.recovery_code.as_ref())?;
    let (asking, token) = (ctx.clone(), plain(&body.challenge));
    let waiting =
        app.db.read("login_factor", move |conn| service::waiting(conn, &asking, &token)).await?;
    let person = waiting.person_id.to_string();
    app.tried(&ctx, Action::LoginFactor, Some(&person))?;
    let tokens = app
        .db
        .write("login_factor", move |conn| service::pass_factor(conn, &ctx, &waiting, &shown))
        .await??;
    Done::ok(&TokensView::from(tokens))
}

/// Shows the second factor once more, in this session: for the next five minutes it may do what
/// asks for a fresh one.
#[utoipa::path(operation_id = "step_up", tag = "auth", security(("bearer" = [])),
    request_body = StepUp,
    responses((status = 200, body = Fresh), Problems))]
#[post("/api/v1/auth/step-up")]
async fn step_up(app: App, caller: Caller, body: Body<StepUp>) -> HttpResponse {
    http::staged_command(&app, caller, Action::StepUp, body, do_step_up).await
}

async fn do_step_up(app: App, ctx: Ctx, body: StepUp) -> Result<Done> {
    let shown = shown(body.code.as_ref(), body.recovery_code.as_ref())?;
    limited(&app, &ctx, Action::StepUp)?;
    let at = app.db.write("step_up", move |conn| service::step_up(conn, &ctx, &shown)).await?;
    Done::ok(&Fresh::from(at))
}

/// One's second factor, without its secret.
#[utoipa::path(operation_id = "get_factor", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = FactorView), Problems))]
#[get("/api/v1/me/factor")]
async fn get_factor(app: App, caller: Caller) -> HttpResponse {
    http::query(&app, caller, Action::GetFactor, |conn, ctx| {
        Done::ok(&FactorView::from(service::get_factor(conn, ctx)?))
    })
    .await
}

/// Begins a second factor, for which one shows one's password; or one that replaces it, which
/// needs a step-up. The secret for one's device is shown in this answer only. It counts once it is
/// confirmed.
#[utoipa::path(operation_id = "enrol_factor", tag = "me", security(("bearer" = [])),
    request_body = EnrolFactor,
    responses((status = 201, body = EnrolmentView), Problems))]
#[post("/api/v1/me/factor")]
async fn enrol_factor(app: App, caller: Caller, body: Body<EnrolFactor>) -> HttpResponse {
    http::staged_command(&app, caller, Action::EnrolFactor, body, do_enrol_factor).await
}

async fn do_enrol_factor(app: App, ctx: Ctx, body: EnrolFactor) -> Result<Done> {
    let mut seen = None;
    if let Some(password) = &body.password {
        let (person, fits) = own_password(&app, &ctx, Action::EnrolFactor, password).await?;
        let mut fields = Fields::new();
        fields.check(fits, "/password", "wrong", "this is not your password");
        fields.finish()?;
        seen = Some(person);
    }
    let enrolment = app
        .db
        .write("enrol_factor", move |conn| service::enrol_factor(conn, &ctx, seen.as_ref()))
        .await?;
    Done::created(&EnrolmentView::from(enrolment), "/api/v1/me/factor".to_owned())
}

/// Confirms the second factor that was begun, by the first code that the device shows. The
/// recovery codes are shown in this answer only. Ends all other sessions.
#[utoipa::path(operation_id = "confirm_factor", tag = "me", security(("bearer" = [])),
    request_body = ConfirmFactor,
    responses((status = 200, body = RecoveryCodesView), Problems))]
#[post("/api/v1/me/factor/confirm")]
async fn confirm_factor(app: App, caller: Caller, body: Body<ConfirmFactor>) -> HttpResponse {
    http::staged_command(&app, caller, Action::ConfirmFactor, body, do_confirm_factor).await
}

async fn do_confirm_factor(app: App, ctx: Ctx, body: ConfirmFactor) -> Result<Done> {
    limited(&app, &ctx, Action::ConfirmFactor)?;
    let code = plain(&body.code);
    let codes = app
        .db
        .write("confirm_factor", move |conn| service::confirm_factor(conn, &ctx, &code))
        .await?;
    Done::ok(&RecoveryCodesView::from(codes))
}

/// Removes the second factor, unless one of one's roles needs it. Ends all other sessions.
#[utoipa::path(operation_id = "remove_factor", tag = "me", security(("bearer" = [])),
    responses((status = 204, description = "Removed."), Problems))]
#[delete("/api/v1/me/factor")]
async fn remove_factor(app: App, caller: Caller, body: Body<Empty>) -> HttpResponse {
    http::command(&app, caller, Action::RemoveFactor, body, |conn, ctx, _| {
        service::remove_factor(conn, ctx).map(|()| Done::nothing())
    })
    .await
}

/// New recovery codes, shown in this answer only; the ones before are void.
#[utoipa::path(operation_id = "renew_recovery_codes", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = RecoveryCodesView), Problems))]
#[post("/api/v1/me/factor/recovery-codes")]
async fn renew_recovery_codes(app: App, caller: Caller, body: Body<Empty>) -> HttpResponse {
    http::command(&app, caller, Action::RenewRecoveryCodes, body, |conn, ctx, _| {
        Done::ok(&RecoveryCodesView::from(service::renew_recovery_codes(conn, ctx)?))
    })
    .await
}

/// Takes the second factor of somebody else away who lost it: their sessions end, they are told
/// why, and enrol a new one at their next login if their role needs it.
#[utoipa::path(operation_id = "reset_factor", tag = "people", security(("bearer" = [])),
    params(("id" = PersonId, Path)), request_body = ResetFactor,
    responses((status = 200, body = PersonView, headers(("ETag" = String))), Problems))]
#[post("/api/v1/people/{id}/reset-factor")]
async fn reset_factor(
    app: App,
    caller: Caller,
    id: Path<PersonId>,
    body: Body<ResetFactor>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::ResetFactor, body, move |conn, ctx, reset| {
        let mut fields = Fields::new();
        let reason = fields.paragraphs("/reason", &reset.reason, 1, 1000);
        fields.finish()?;
        let person = service::reset_factor(conn, ctx, id, &reason)?;
        let version = person.version;
        Ok(Done::ok(&PersonView::from(person))?.version(version))
    })
    .await
}

/// Counts a code that is tried.
fn limited(app: &App, ctx: &Ctx, action: Action) -> Result<()> {
    app.tried(ctx, action, Some(&ctx.me()?.to_string()))
}
