//! Personal access tokens.

use super::factor;
use crate::kernel::Result;
use crate::kernel::ids::{AccessTokenId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people::model::AccessToken;
use crate::people::{rules, store};
use crate::platform::audit::{self, Change};
use crate::platform::auth::token;
use crate::platform::authz::{self, Action, Asks};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// The scope of what only a login may do: passwords, sessions, tokens. No token gets it, or it
/// could make others that reach further than itself.
const LOGIN_ONLY: &str = "account";

/// The scopes that a token may have, in the order of the alphabet. A scope of which everything asks
/// for a fresh second factor is none: no token can show one.
pub fn grantable_scopes() -> Vec<&'static str> {
    let rules = Action::ALL.iter().map(|a| a.rule()).filter(|r| r.asks != Asks::Fresh);
    let all: BTreeSet<&str> = rules.map(|r| r.scope).collect();
    all.into_iter().filter(|scope| *scope != LOGIN_ONLY).collect()
}

/// Makes a token; its secret is returned this once. `scopes` are checked already.
///
/// # Errors
/// Limit reached, if the person has too many; unauthenticated, if the session has just ended.
pub fn create_access_token(
    conn: &mut Conn,
    ctx: &Ctx,
    name: &str,
    scopes: &[String],
    days: i64,
) -> Result<(AccessToken, Zeroizing<String>)> {
    authz::require(ctx, Action::CreateAccessToken, &[])?;
    // Held while it is counted, or two at once would each find the last place free.
    let (person, _) = factor::held(conn, ctx)?;
    let me = person.id;
    if store::count_access_tokens(conn, me, ctx.now)? >= rules::MAX_ACCESS_TOKENS {
        let most = rules::MAX_ACCESS_TOKENS;
        let detail = format!("A person has at most {most} tokens; revoke one first.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let minted = token::mint(&ctx.env.keys, token::Kind::Personal);
    let new = AccessToken {
        id: ctx.id(),
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        created_at: ctx.now,
        expires_at: ctx.now.plus_seconds(days.saturating_mul(86400)),
        revoked_at: None,
    };
    store::insert_access_token(conn, me, &new, &minted.hash)?;
    let change = Change::by(Action::CreateAccessToken, "access token", new.id.uuid());
    let after = json!({ "name": name, "scopes": scopes, "expires_at": new.expires_at });
    audit::record(conn, ctx, change.to(after))?;
    Ok((new, minted.secret))
}

/// The acting person's tokens that are not revoked, newest first.
pub fn list_access_tokens(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::AccessToken>,
) -> Result<Page<AccessToken>> {
    authz::require(ctx, Action::ListAccessTokens, &[])?;
    Ok(Page::cut(store::list_access_tokens(conn, ctx.me()?, page)?, page.limit, |t| t.id))
}

/// Revokes one of the acting person's tokens.
///
/// # Errors
/// Not found, also for somebody else's and for one that is revoked.
pub fn revoke_access_token(conn: &mut Conn, ctx: &Ctx, id: AccessTokenId) -> Result<()> {
    authz::require(ctx, Action::RevokeAccessToken, &[authz::Relation::Own])?;
    if !store::revoke_access_token(conn, ctx.me()?, id, ctx.now)? {
        return Err(Problem::not_found("access token"));
    }
    audit::record(conn, ctx, Change::by(Action::RevokeAccessToken, "access token", id.uuid()))
}
