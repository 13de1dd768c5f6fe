//! Changing and resetting passwords.

use super::sessions::cut_off;
use super::{acting_as, letters, meanwhile, new_link, session};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text;
use crate::people::model::{EndReason, Link, LinkKind, PasswordHash, Person, PersonStatus};
use crate::people::{events, jobs, store};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::jobs::{NewJob, enqueue};
use crate::platform::outbox;
use serde_json::json;

/// Sets a new password for the acting person, who has shown the one that `seen` holds. Ends all
/// other sessions and revokes all personal access tokens.
///
/// # Errors
/// Edited meanwhile, if the password is not the one that was read any more.
pub fn change_password(
    conn: &mut Conn,
    ctx: &Ctx,
    seen: &Person,
    new: &PasswordHash,
) -> Result<()> {
    authz::require(ctx, Action::ChangePassword, &[])?;
    let current = session(ctx)?;
    // The person before the session, as everywhere: no two wait for each other in a ring.
    if !store::set_password(conn, seen, new)? || !store::touch_session(conn, current, ctx.now)? {
        return Err(meanwhile());
    }
    let ended = cut_off(conn, ctx, seen.id, Some(current), EndReason::PasswordChanged)?;
    store::void_links(conn, seen.id, ctx.now)?;
    let change = Change::by(Action::ChangePassword, "person", seen.id.uuid());
    audit::record(conn, ctx, change.to(ended.told()))?;
    letters::password_changed(conn, ctx, seen, false)
}

/// Asks for a link that resets the password of this address. One job is stored whether anybody
/// has the address or not, so that neither answer nor time tells.
pub fn ask_reset(conn: &mut Conn, ctx: &Ctx, email: &str) -> Result<()> {
    authz::require(ctx, Action::RequestPasswordReset, &[])?;
    let payload = json!({ "v": 1, "email": text::email(email).unwrap_or_default() });
    let job = NewJob { kind: jobs::MAIL_RESET, payload, run_at: ctx.now, dedupe: None };
    enqueue(conn, ctx, job)?;
    Ok(())
}

/// Mails the link, if the address has an account that may be used. A job does this.
pub fn mail_reset(conn: &mut Conn, ctx: &Ctx, email: &str) -> Result<()> {
    let Some(person) = store::find_by_email(conn, email)? else { return Ok(()) };
    if person.status == PersonStatus::Suspended {
        return Ok(());
    }
    let seconds = ctx.env.config.auth.reset_minutes.saturating_mul(60);
    let link = new_link(conn, ctx, person.id, LinkKind::Reset, seconds)?;
    let change = Change::by(Action::RequestPasswordReset, "person", person.id.uuid());
    audit::record(conn, ctx, change)?;
    letters::reset(conn, ctx, &person, &link)
}

/// Sets a new password by a mailed link. It shows that the address is theirs, so it confirms it
/// too; whoever had got in meanwhile is out: sessions end, personal access tokens are revoked. The
/// second factor stays: whoever reads the mail does not have it.
///
/// # Errors
/// The token is not accepted if it was used meanwhile or the account is suspended.
pub fn reset_password(conn: &mut Conn, ctx: &Ctx, link: &Link, new: &PasswordHash) -> Result<()> {
    authz::require(ctx, Action::ResetPassword, &[])?;
    let refused = |detail: &str| Problem::new(Kind::TokenRefused, detail);
    let person = &link.person;
    if !store::use_link(conn, link.id, ctx.now)? {
        return Err(refused("This link was used at the same moment."));
    }
    if person.status == PersonStatus::Suspended || !store::set_password(conn, person, new)? {
        return Err(refused("The account was changed since the link was mailed."));
    }
    let now = ctx.now;
    let confirmed = store::confirm(conn, person.id, now)?;
    let ended = cut_off(conn, ctx, person.id, None, EndReason::PasswordReset)?;
    store::void_links(conn, person.id, now)?;
    let ctx = &acting_as(ctx, person, None);
    let change = Change::by(Action::ResetPassword, "person", person.id.uuid());
    audit::record(conn, ctx, change.to(ended.told()))?;
    if confirmed {
        outbox::emit(conn, ctx, events::PERSON_CONFIRMED, json!({ "person_id": person.id }))?;
    }
    letters::password_changed(conn, ctx, person, true)
}
