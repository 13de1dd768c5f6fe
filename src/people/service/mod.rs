//! Use-cases about people. What needs a password hashed or verified is done in steps: read, hash
//! outside of any transaction (see `api`), then write and check again what was read.

mod access_tokens;
mod admin;
mod directory;
mod factor;
mod identify;
mod letters;
mod limits;
mod login;
mod me;
mod password;
mod register;
mod sessions;

pub use access_tokens::{
    create_access_token, grantable_scopes, list_access_tokens, revoke_access_token,
};
pub use admin::{change_role, get_person, list_people, reactivate, suspend};
pub use directory::{
    Brief, all_holders, brief, ensure, find_by_email, hold, hold_with_accounts, holders,
    keep_acting, keep_all, kept, names, note_account, shares_account, staff,
};
pub use factor::{
    confirm_factor, enrol_factor, ensure_factor, get_factor, remove_factor, renew_recovery_codes,
    reset_factor,
};
pub use identify::identify;
pub use limits::{counted_from, still_count, still_counted};
pub use login::{account, begin_session, pass_factor, step_up, waiting};
pub use me::{edit_me, get_me, own_account};
pub use password::{ask_reset, change_password, mail_reset, reset_password};
pub use register::{confirm, register};
pub use sessions::{end_other_sessions, end_session, list_sessions, log_out, purge, refresh};

use crate::kernel::Result;
use crate::kernel::actor::{Actor, Scopes};
use crate::kernel::ids::{PersonId, SessionId};
use crate::kernel::problem::{Kind, Problem};
use crate::people::model::{Link, LinkKind, Person};
use crate::people::store;
use crate::platform::auth::token::{self, TokenHash};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// The link that this token belongs to, while it is good.
///
/// # Errors
/// The token is not accepted: wrong, used, or too old.
pub fn link(conn: &mut Conn, ctx: &Ctx, kind: LinkKind, presented: &str) -> Result<Link> {
    let refused = || {
        let detail = "This link was used already or is too old, or is not complete.";
        Problem::new(Kind::TokenRefused, detail)
    };
    let hash = token::hash(&ctx.env.keys, token::Kind::Mail, presented).ok_or_else(refused)?;
    store::find_link(conn, kind, &hash, ctx.now)?.ok_or_else(refused)
}

/// Makes a link of this kind for a person, good for `seconds`: the path to mail, from `/` on.
fn new_link(
    conn: &mut Conn,
    ctx: &Ctx,
    person: PersonId,
    kind: LinkKind,
    seconds: i64,
) -> Result<NewLink> {
    let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
    let hash: TokenHash = minted.hash;
    let until = ctx.now.plus_seconds(seconds);
    store::insert_link(conn, ctx.id(), person, kind, &hash, (ctx.now, until))?;
    // Behind the #, so that no server and no referrer ever sees it.
    let path = zeroize::Zeroizing::new(format!("/{kind}#token={}", minted.secret.as_str()));
    Ok(NewLink { path, until })
}

struct NewLink {
    path: zeroize::Zeroizing<String>,
    until: crate::kernel::time::Instant,
}

/// The session that acts; a personal access token has none.
fn session(ctx: &Ctx) -> Result<SessionId> {
    match &ctx.actor {
        Actor::Person { session: Some(session), .. } => Ok(*session),
        _ => Err(Problem::new(Kind::Forbidden, "This needs a login, not a token.")),
    }
}

/// The acting person's row.
fn myself(conn: &mut Conn, ctx: &Ctx) -> Result<Person> {
    let me = ctx.me()?;
    store::find(conn, me)?.ok_or_else(|| Problem::not_found("account"))
}

/// The same request, carried out by this person, who has just shown who they are.
fn acting_as(ctx: &Ctx, person: &Person, session: Option<SessionId>) -> Ctx {
    let actor = Actor::Person { id: person.id, roles: person.roles, session, scopes: Scopes::All };
    ctx.acting(actor, &person.name)
}

/// What a session finds that was ended since the request came in.
fn just_ended() -> Problem {
    Problem::new(Kind::Unauthenticated, "This session has just ended; log in again.")
}

/// What a guarded update found changed since it was read.
fn meanwhile() -> Problem {
    Problem::changed_meanwhile("account")
}
