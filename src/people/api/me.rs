//! One's own account, sessions and tokens.

use super::views::{AccessTokenView, Ended, NewAccessToken, PersonView, SessionView};
use crate::kernel::actor::Actor;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AccessTokenId, SessionId};
use crate::kernel::page::{Page, PageQuery};
use crate::people::{rules, service};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use utoipa::ToSchema;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_me)
        .service(edit_me)
        .service(list_sessions)
        .service(end_session)
        .service(end_other_sessions)
        .service(list_access_tokens)
        .service(create_access_token)
        .service(revoke_access_token);
}

/// What to change of one's account; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EditMe {
    /// As others see it.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
}

/// A new personal access token.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateAccessToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// How far it reaches; never beyond one's own rights.
    #[schema(min_items = 1)]
    scopes: Vec<String>,
    /// Days until it expires.
    #[schema(minimum = 1, maximum = 366)]
    expires_in_days: i64,
}

/// Who is signed in.
#[utoipa::path(operation_id = "get_me", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = PersonView, headers(("ETag" = String))), Problems))]
#[get("/api/v1/me")]
async fn get_me(app: App, caller: Caller) -> HttpResponse {
    http::query(&app, caller, Action::GetMe, |conn, ctx| {
        let me = service::get_me(conn, ctx)?;
        let version = me.version;
        Ok(Done::ok(&PersonView::from(me))?.version(version))
    })
    .await
}

/// Changes one's account.
#[utoipa::path(operation_id = "edit_me", tag = "me", security(("bearer" = [])),
    params(("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = EditMe,
    responses((status = 200, body = PersonView, headers(("ETag" = String))), Problems))]
#[patch("/api/v1/me")]
async fn edit_me(app: App, caller: Caller, body: Body<EditMe>) -> HttpResponse {
    http::command(&app, caller, Action::EditMe, body, |conn, ctx, edit| {
        let mut fields = Fields::new();
        let name = edit.name.as_deref().map(|n| fields.line("/name", n, 1, 200));
        fields.finish()?;
        let me = service::edit_me(conn, ctx, name.as_deref())?;
        let version = me.version;
        Ok(Done::ok(&PersonView::from(me))?.version(version))
    })
    .await
}

/// One's live sessions, newest first.
#[utoipa::path(operation_id = "list_sessions", tag = "me", security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, body = Page<SessionView>), Problems))]
#[get("/api/v1/me/sessions")]
async fn list_sessions(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListSessions, move |conn, ctx| {
        let page = page.read()?;
        let sessions = service::list_sessions(conn, ctx, &page.checked()?)?;
        let current = match &ctx.actor {
            Actor::Person { session, .. } => *session,
            _ => None,
        };
        Done::ok(&sessions.map(|s| SessionView::of(s, current)))
    })
    .await
}

/// Ends one of one's sessions.
#[utoipa::path(operation_id = "end_session", tag = "me", security(("bearer" = [])),
    params(("id" = SessionId, Path)),
    responses((status = 204, description = "Ended."), Problems))]
#[delete("/api/v1/me/sessions/{id}")]
async fn end_session(
    app: App,
    caller: Caller,
    id: Path<SessionId>,
    body: Body<Empty>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::EndSession, body, move |conn, ctx, _| {
        service::end_session(conn, ctx, id).map(|()| Done::nothing())
    })
    .await
}

/// Ends all of one's sessions but the one that asks.
#[utoipa::path(operation_id = "end_other_sessions", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = Ended), Problems))]
#[post("/api/v1/me/sessions/end-others")]
async fn end_other_sessions(app: App, caller: Caller, body: Body<Empty>) -> HttpResponse {
    http::command(&app, caller, Action::EndOtherSessions, body, |conn, ctx, _| {
        let ended = service::end_other_sessions(conn, ctx)?;
        Done::ok(&Ended { ended })
    })
    .await
}

/// One's personal access tokens that are not revoked, newest first.
#[utoipa::path(operation_id = "list_access_tokens", tag = "me", security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, body = Page<AccessTokenView>), Problems))]
#[get("/api/v1/me/access-tokens")]
async fn list_access_tokens(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListAccessTokens, move |conn, ctx| {
        let page = page.read()?;
        let tokens = service::list_access_tokens(conn, ctx, &page.checked()?)?;
        Done::ok(&tokens.map(AccessTokenView::from))
    })
    .await
}

/// Makes a personal access token. Its secret is shown in this answer only.
#[utoipa::path(operation_id = "create_access_token", tag = "me", security(("bearer" = [])),
    request_body = CreateAccessToken,
    responses((status = 201, body = NewAccessToken), Problems))]
#[post("/api/v1/me/access-tokens")]
async fn create_access_token(
    app: App,
    caller: Caller,
    body: Body<CreateAccessToken>,
) -> HttpResponse {
    http::command(&app, caller, Action::CreateAccessToken, body, |conn, ctx, new| {
        let mut fields = Fields::new();
        let name = fields.line("/name", &new.name, 1, 100);
        let scopes = rules::scopes(&mut fields, &new.scopes, &service::grantable_scopes());
        fields.range("/expires_in_days", new.expires_in_days, 1, rules::MAX_TOKEN_DAYS);
        fields.finish()?;
        let days = new.expires_in_days;
        let (token, secret) = service::create_access_token(conn, ctx, &name, &scopes, days)?;
        let location = format!("/api/v1/me/access-tokens/{}", token.id);
        Done::created(&NewAccessToken::of(token, &secret), location)
    })
    .await
}

/// Revokes one of one's personal access tokens.
#[utoipa::path(operation_id = "revoke_access_token", tag = "me", security(("bearer" = [])),
    params(("id" = AccessTokenId, Path)),
    responses((status = 204, description = "Revoked."), Problems))]
#[delete("/api/v1/me/access-tokens/{id}")]
async fn revoke_access_token(
    app: App,
    caller: Caller,
    id: Path<AccessTokenId>,
    body: Body<Empty>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::RevokeAccessToken, body, move |conn, ctx, _| {
        service::revoke_access_token(conn, ctx, id).map(|()| Done::nothing())
    })
    .await
}
