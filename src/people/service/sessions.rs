//! Going on with a session, and ending it.

use super::{acting_as, counted_from, letters, session};
use crate::kernel::Result;
use crate::kernel::ids::{PersonId, SessionId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::people::model::{EndReason, Person, RefreshToken, Session, Tokens};
use crate::people::rules::{self, Refresh};
use crate::people::store;
use crate::platform::audit::{self, Change};
use crate::platform::auth::{jwt, token};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use zeroize::Zeroizing;

/// New tokens for a refresh token. `Err` inside `Ok`: refused, but what was written stays, for a
/// token that is used twice ends its session.
///
/// Of several who come with one token at the same moment, one gets tokens; all others find it
/// used and end the session, so that the tokens of the first are no good either.
pub fn refresh(conn: &mut Conn, ctx: &Ctx, presented: &str) -> Result<Result<Tokens>> {
    authz::require(ctx, Action::RefreshSession, &[])?;
    let refused = |detail: &str| Problem::new(Kind::TokenRefused, detail);
    let unknown = || refused("This refresh token is not known.");
    let hash = token::hash(&ctx.env.keys, token::Kind::Refresh, presented).ok_or_else(unknown)?;
    let found = store::find_refresh_token(conn, &hash)?.ok_or_else(unknown)?;
    // Held from here on: whoever comes with the same token waits, and then sees what was done.
    store::hold_session(conn, found.session_id)?;
    let found = store::find_refresh_token(conn, &hash)?.ok_or_else(unknown)?;
    let (session, person, _) =
        store::session_and_person(conn, found.session_id)?.ok_or_else(unknown)?;
    let oldest = ctx.now.plus_seconds(-session_seconds(ctx));
    let ctx = &acting_as(ctx, &person, Some(session.id));
    match rules::refresh(&found, &session, person.status, ctx.now, oldest) {
        Refresh::Refuse(reason) => Ok(Err(refused(reason))),
        Refresh::EndFamily => {
            tracing::warn!(session = %session.id, "a refresh token was used twice");
            end(conn, ctx, Action::RefreshSession, session.id, EndReason::Reuse)?;
            letters::session_ended(conn, ctx, &person)?;
            Ok(Err(refused(EndReason::Reuse.explain())))
        }
        Refresh::Rotate => {
            let used = store::use_refresh_token(conn, found.id, ctx.now)?;
            if !used || !store::touch_session(conn, session.id, ctx.now)? {
                return Err(Problem::internal("a session was changed while it was held"));
            }
            tokens(conn, ctx, &session, &person).map(Ok)
        }
    }
}

/// Ends the session that acts.
pub fn log_out(conn: &mut Conn, ctx: &Ctx) -> Result<()> {
    authz::require(ctx, Action::Logout, &[])?;
    let id = session(ctx)?;
    end(conn, ctx, Action::Logout, id, EndReason::Logout)
}

/// The acting person's live sessions, newest first.
pub fn list_sessions(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::Session>,
) -> Result<Page<Session>> {
    authz::require(ctx, Action::ListSessions, &[])?;
    let idle = ctx.now.plus_seconds(-idle_seconds(ctx));
    let oldest = ctx.now.plus_seconds(-session_seconds(ctx));
    let sessions = store::list_sessions(conn, ctx.me()?, (idle, oldest), page)?;
    Ok(Page::cut(sessions, page.limit, |s| s.id))
}

/// Ends one of the acting person's sessions. One that has ended already stays so.
///
/// # Errors
/// Not found, also for somebody else's.
pub fn end_session(conn: &mut Conn, ctx: &Ctx, id: SessionId) -> Result<()> {
    let found = store::find_session(conn, id)?.ok_or_else(|| Problem::not_found("session"))?;
    let own = ctx.actor.is(found.person_id);
    let relations: &[Relation] = if own { &[Relation::Own] } else { &[] };
    authz::require(ctx, Action::EndSession, relations)?;
    end(conn, ctx, Action::EndSession, id, EndReason::Ended)
}

/// Ends all sessions of the acting person but the one that acts; how many.
pub fn end_other_sessions(conn: &mut Conn, ctx: &Ctx) -> Result<usize> {
    authz::require(ctx, Action::EndOtherSessions, &[])?;
    let (me, current) = (ctx.me()?, session(ctx)?);
    let ended = store::end_sessions(conn, me, Some(current), EndReason::Ended, ctx.now)?;
    let change = Change::by(Action::EndOtherSessions, "session", current.uuid());
    audit::record(conn, ctx, change.to(json!({ "sessions_ended": ended })))?;
    Ok(ended)
}

/// What a person was let in by, and is not any more.
pub(super) struct CutOff {
    /// How many sessions ended.
    pub(super) sessions: usize,
    /// How many personal access tokens were revoked.
    pub(super) tokens: usize,
}

/// Ends all that lets a person in, except one session: sessions, logins that wait for a factor,
/// personal access tokens. For whenever what they were given on does not hold any more.
pub(super) fn cut_off(
    conn: &mut Conn,
    ctx: &Ctx,
    person: PersonId,
    but: Option<SessionId>,
    reason: EndReason,
) -> Result<CutOff> {
    store::void_challenges(conn, person, ctx.now)?;
    let sessions = store::end_sessions(conn, person, but, reason, ctx.now)?;
    let tokens = store::revoke_access_tokens(conn, person, ctx.now)?;
    Ok(CutOff { sessions, tokens })
}

impl CutOff {
    /// For the audit trail.
    pub(super) fn told(&self) -> serde_json::Value {
        json!({ "sessions_ended": self.sessions, "tokens_revoked": self.tokens })
    }
}

fn end(conn: &mut Conn, ctx: &Ctx, action: Action, id: SessionId, reason: EndReason) -> Result<()> {
    if store::end_session(conn, id, reason, ctx.now)? {
        let change = Change::by(action, "session", id.uuid());
        audit::record(conn, ctx, change.to(json!({ "ended": reason })))?;
    }
    Ok(())
}

/// Days for which what has expired is kept, to explain why it is refused.
const KEPT_DAYS: i64 = 90;

/// Forgets what expired long ago, and what no limit counts any more, up to `most` of each kind; how
/// much.
pub fn purge(conn: &mut Conn, ctx: &Ctx, most: i64) -> Result<usize> {
    let before = ctx.now.plus_seconds(-KEPT_DAYS * 86400);
    let idle = before.plus_seconds(-idle_seconds(ctx));
    Ok(store::purge_refresh_tokens(conn, before, most)?
        + store::purge_sessions(conn, idle, most)?
        + store::purge_links(conn, before, most)?
        + store::purge_challenges(conn, before, most)?
        + store::purge_still_counted(conn, counted_from(ctx), most)?)
}

fn idle_seconds(ctx: &Ctx) -> i64 {
    ctx.env.config.auth.refresh_token_days.saturating_mul(86400)
}

fn session_seconds(ctx: &Ctx) -> i64 {
    ctx.env.config.auth.session_days.saturating_mul(86400)
}

/// The next pair of tokens of a session.
pub(super) fn tokens(
    conn: &mut Conn,
    ctx: &Ctx,
    session: &Session,
    person: &Person,
) -> Result<Tokens> {
    let env = &ctx.env;
    let settings = &env.config.auth;
    let minted = token::mint(&env.keys, token::Kind::Refresh);
    let idle = ctx.now.plus_seconds(idle_seconds(ctx));
    let expires_at: Instant = idle.min(session.created_at.plus_seconds(session_seconds(ctx)));
    let kept = RefreshToken { id: ctx.id(), session_id: session.id, expires_at, used_at: None };
    store::insert_refresh_token(conn, &kept, &minted.hash, ctx.now)?;
    let seconds = settings.access_token_minutes.saturating_mul(60);
    let access_token = jwt::issue(
        &env.keys,
        &jwt::Grant {
            issuer: &settings.issuer,
            person: person.id,
            session: session.id,
            id: ctx.id::<of::AccessToken>().uuid(),
            now: ctx.now,
            seconds,
        },
    )?;
    Ok(Tokens {
        session_id: session.id,
        access_token: Zeroizing::new(access_token),
        expires_in: seconds,
        refresh_token: minted.secret,
        refresh_expires_at: expires_at,
    })
}
