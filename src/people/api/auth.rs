//! Getting in and out. Passwords are hashed between transactions, never inside one.

use super::views::{ChallengeView, Message, TokensView};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::people::model::{self, LinkKind, PasswordHash, Registration};
use crate::people::{rules, service};
use crate::platform::auth::password;
use crate::platform::authz::Action;
use crate::platform::config::Secret;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Routes};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(register)
        .service(confirm_email)
        .service(login)
        .service(refresh_session)
        .service(logout)
        .service(request_password_reset)
        .service(reset_password)
        .service(change_password);
}

/// Who registers.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// As others will see it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// At least 10 characters; what many people use is refused.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 256)]
    password: Secret,
}

/// A mailed link and the password that was chosen at registration.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmEmail {
    /// The `token` of the link.
    #[schema(value_type = String)]
    token: Secret,
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

/// Address and password.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    #[schema(format = Email)]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

/// The last refresh token of the session.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshSession {
    #[schema(value_type = String)]
    refresh_token: Secret,
}

/// Whose password is lost.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestPasswordReset {
    #[schema(format = Email)]
    email: String,
}

/// A mailed link and the new password.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    /// The `token` of the link.
    #[schema(value_type = String)]
    token: Secret,
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 256)]
    password: Secret,
}

/// The present and the new password.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    #[schema(value_type = String, format = Password)]
    current_password: Secret,
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 256)]
    new_password: Secret,
}

pub(super) fn plain(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(secret.expose().to_owned())
}

fn checked_password(fields: &mut Fields, pointer: &str, new: &Secret, email: &str) {
    if let Err((code, message)) = password::check(new.expose(), email) {
        fields.push(pointer, code, message);
    }
}

/// Registers. The answer is the same whether or not the address is known: a mail tells the rest.
#[utoipa::path(operation_id = "register", tag = "auth", request_body = Register,
    responses((status = 202, body = Message), Problems))]
#[post("/api/v1/auth/register")]
async fn register(app: App, caller: Caller, body: Body<Register>) -> HttpResponse {
    http::open_command(&app, caller, Action::Register, body, do_register).await
}

async fn do_register(app: App, ctx: Ctx, body: Register) -> Result<Done> {
    app.tried(&ctx, Action::Register, Some(&body.email))?;
    let mut fields = Fields::new();
    let email = fields.email("/email", &body.email);
    let name = fields.line("/name", &body.name, 1, 200);
    checked_password(&mut fields, "/password", &body.password, &email);
    fields.finish()?;
    let hash = PasswordHash(app.hasher.hash(plain(&body.password)).await?);
    let new = Registration { email, name, password_hash: Some(hash) };
    app.db.write("register", move |conn| service::register(conn, &ctx, &new)).await?;
    Done::accepted(&Message { message: "A mail to this address says how to go on." })
}

/// Confirms the address by the mailed link, and the password chosen at registration: so that
/// nobody confirms what a stranger registered with their address.
#[utoipa::path(operation_id = "confirm_email", tag = "auth", request_body = ConfirmEmail,
    responses((status = 204, description = "Confirmed: log in."), Problems))]
#[post("/api/v1/auth/confirm")]
async fn confirm_email(app: App, caller: Caller, body: Body<ConfirmEmail>) -> HttpResponse {
    http::open_command(&app, caller, Action::ConfirmEmail, body, do_confirm).await
}

async fn do_confirm(app: App, ctx: Ctx, body: ConfirmEmail) -> Result<Done> {
    let token = plain(&body.token);
    app.tried(&ctx, Action::ConfirmEmail, Some(&token))?;
    let asking = ctx.clone();
    let link = app
        .db
        .read("confirm_email", move |conn| service::link(conn, &asking, LinkKind::Confirm, &token))
        .await?;
    let kept = link.person.password_hash.clone().map(|h| h.0);
    let fits = app.hasher.verify(plain(&body.password), kept).await?;
    rules::confirming(fits)?;
    app.db.write("confirm_email", move |conn| service::confirm(conn, &ctx, &link)).await?;
    Ok(Done::nothing())
}

/// Logs in: begins a session, or, for those who have a second factor, answers with a challenge
/// that is good only for the second step.
#[utoipa::path(operation_id = "login", tag = "auth", request_body = Login,
    responses((status = 200, body = TokensView),
        (status = 202, body = ChallengeView,
            description = "The password is right: go on with POST /api/v1/auth/login/factor."),
        Problems))]
#[post("/api/v1/auth/login")]
async fn login(app: App, caller: Caller, body: Body<Login>) -> HttpResponse {
    http::open_command(&app, caller, Action::Login, body, do_login).await
}

async fn do_login(app: App, ctx: Ctx, body: Login) -> Result<Done> {
    app.tried(&ctx, Action::Login, Some(&body.email))?;
    let email = body.email.clone();
    let person = app.db.read("login", move |conn| service::account(conn, &email)).await?;
    let kept = person.as_ref().and_then(|p| p.password_hash.clone()).map(|h| h.0);
    let fits = app.hasher.verify(plain(&body.password), kept).await?;
    let person = rules::login(person.as_ref(), fits)?.clone();
    let answer =
        app.db.write("login", move |conn| service::begin_session(conn, &ctx, &person)).await?;
    match answer {
        model::Login::Begun(tokens) => Done::ok(&TokensView::from(tokens)),
        model::Login::Waits(token, seconds) => Done::accepted(&ChallengeView::of(&token, seconds)),
    }
}

/// Continues a session: new tokens for the last refresh token. Each is good once; using one twice
/// ends the session, also when both come at the same moment.
#[utoipa::path(operation_id = "refresh_session", tag = "auth", request_body = RefreshSession,
    responses((status = 200, body = TokensView), Problems))]
#[post("/api/v1/auth/refresh")]
async fn refresh_session(app: App, caller: Caller, body: Body<RefreshSession>) -> HttpResponse {
    http::open_command(&app, caller, Action::RefreshSession, body, do_refresh).await
}

async fn do_refresh(app: App, ctx: Ctx, body: RefreshSession) -> Result<Done> {
    app.tried(&ctx, Action::RefreshSession, None)?;
    let token = plain(&body.refresh_token);
    let tokens =
        app.db.write("refresh_session", move |conn| service::refresh(conn, &ctx, &token)).await??;
    Done::ok(&TokensView::from(tokens))
}

/// Ends the session: its access and refresh tokens are no good from now on.
#[utoipa::path(operation_id = "logout", tag = "auth", security(("bearer" = [])),
    responses((status = 204, description = "Logged out."), Problems))]
#[post("/api/v1/auth/logout")]
async fn logout(app: App, caller: Caller, body: Body<Empty>) -> HttpResponse {
    http::command(&app, caller, Action::Logout, body, |conn, ctx, _| {
        service::log_out(conn, ctx).map(|()| Done::nothing())
    })
    .await
}

/// Asks for a link that resets a password. The answer is the same whether or not the address is
/// known.
#[utoipa::path(operation_id = "request_password_reset", tag = "auth",
    request_body = RequestPasswordReset,
    responses((status = 202, body = Message), Problems))]
#[post("/api/v1/auth/request-reset")]
async fn request_password_reset(
    app: App,
    caller: Caller,
    body: Body<RequestPasswordReset>,
) -> HttpResponse {
    http::open_command(&app, caller, Action::RequestPasswordReset, body, ask_reset).await
}

async fn ask_reset(app: App, ctx: Ctx, body: RequestPasswordReset) -> Result<Done> {
    app.tried(&ctx, Action::RequestPasswordReset, Some(&body.email))?;
    let mut fields = Fields::new();
    let email = fields.email("/email", &body.email);
    fields.finish()?;
    app.db.write("ask_reset", move |conn| service::ask_reset(conn, &ctx, &email)).await?;
    Done::accepted(&Message { message: "If the address has an account, a mail is on its way." })
}

/// Sets a new password by a mailed link. Ends all sessions and revokes all personal access
/// tokens.
#[utoipa::path(operation_id = "reset_password", tag = "auth", request_body = ResetPassword,
    responses((status = 204, description = "Set: log in with it."), Problems))]
#[post("/api/v1/auth/reset")]
async fn reset_password(app: App, caller: Caller, body: Body<ResetPassword>) -> HttpResponse {
    http::open_command(&app, caller, Action::ResetPassword, body, do_reset).await
}

async fn do_reset(app: App, ctx: Ctx, body: ResetPassword) -> Result<Done> {
    let token = plain(&body.token);
    app.tried(&ctx, Action::ResetPassword, Some(&token))?;
    let asking = ctx.clone();
    let link = app
        .db
        .read("reset_password", move |conn| service::link(conn, &asking, LinkKind::Reset, &token))
        .await?;
    let mut fields = Fields::new();
    checked_password(&mut fields, "/password", &body.password, &link.person.email);
    fields.finish()?;
    let hash = PasswordHash(app.hasher.hash(plain(&body.password)).await?);
    app.db
        .write("reset_password", move |conn| service::reset_password(conn, &ctx, &link, &hash))
        .await?;
    Ok(Done::nothing())
}

/// The acting person's account, and whether this is its password.
pub(super) async fn own_password(
    app: &App,
    ctx: &Ctx,
    action: Action,
    typed: &Secret,
) -> Result<(model::Person, bool)> {
    let me = ctx.me()?.to_string();
    app.tried(ctx, action, Some(&me))?;
    let asking = ctx.clone();
    let read = move |conn: &mut Conn| service::own_account(conn, &asking, action);
    let person = app.db.read("own_password", read).await?;
    let kept = person.password_hash.clone().map(|h| h.0);
    let fits = app.hasher.verify(plain(typed), kept).await?;
    Ok((person, fits))
}

/// Changes the password. Ends all other sessions and revokes all personal access tokens.
#[utoipa::path(operation_id = "change_password", tag = "me", security(("bearer" = [])),
    request_body = ChangePassword,
    responses((status = 204, description = "Changed."), Problems))]
#[post("/api/v1/me/password")]
async fn change_password(app: App, caller: Caller, body: Body<ChangePassword>) -> HttpResponse {
    http::staged_command(&app, caller, Action::ChangePassword, body, do_change).await
}

async fn do_change(app: App, ctx: Ctx, body: ChangePassword) -> Result<Done> {
    let (person, fits) =
        own_password(&app, &ctx, Action::ChangePassword, &body.current_password).await?;
    let mut fields = Fields::new();
    fields.check(fits, "/current_password", "wrong", "this is not the present password");
    checked_password(&mut fields, "/new_password", &body.new_password, &person.email);
    let same = body.new_password == body.current_password;
    fields.check(!same, "/new_password", "unchanged", "this is the present password");
    fields.finish()?;
    let hash = PasswordHash(app.hasher.hash(plain(&body.new_password)).await?);
    app.db
        .write("change_password", move |conn| service::change_password(conn, &ctx, &person, &hash))
        .await?;
    Ok(Done::nothing())
}
