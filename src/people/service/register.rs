//! Registering, and confirming the address.

use super::{acting_as, letters, meanwhile, new_link};
use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::people::events;
use crate::people::model::{Link, LinkKind, PersonStatus, Registration};
use crate::people::store;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// Registers somebody, whatever becomes of it: a free address gets a link to confirm it, one that
/// is not confirmed yet gets another (the newer name and password count), one that has an account
/// gets a mail saying so. The caller cannot tell which.
pub fn register(conn: &mut Conn, ctx: &Ctx, new: &Registration) -> Result<()> {
    authz::require(ctx, Action::Register, &[])?;
    let id = ctx.id();
    if store::insert(conn, id, new, ctx.now)? {
        let change = Change::by(Action::Register, "person", id.uuid());
        // No address and no name: what only grows could never forget them.
        audit::record(conn, ctx, change.to(json!({ "status": PersonStatus::Unconfirmed })))?;
        return ask_to_confirm(conn, ctx, id, new);
    }
    let again = store::register_again(conn, new)?;
    let person = store::find_by_email(conn, &new.email)?.ok_or_else(meanwhile)?;
    if again {
        let change = Change::by(Action::Register, "person", person.id.uuid());
        audit::record(conn, ctx, change.to(json!({ "again": true })))?;
        return ask_to_confirm(conn, ctx, person.id, new);
    }
    letters::registered_already(conn, ctx, &person)
}

fn ask_to_confirm(conn: &mut Conn, ctx: &Ctx, id: PersonId, new: &Registration) -> Result<()> {
    let seconds = ctx.env.config.auth.confirm_hours.saturating_mul(3600);
    let link = new_link(conn, ctx, id, LinkKind::Confirm, seconds)?;
    letters::confirm(conn, ctx, &new.email, &new.name, &link)
}

/// Confirms the address of a link whose person has shown the password that `link` was read with.
///
/// # Errors
/// The token is not accepted if it was used meanwhile, or the password was changed.
pub fn confirm(conn: &mut Conn, ctx: &Ctx, link: &Link) -> Result<()> {
    authz::require(ctx, Action::ConfirmEmail, &[])?;
    let refused = || Problem::new(Kind::TokenRefused, "This link was used at the same moment.");
    // Held before it is read: who registers anew at this moment may change the password.
    store::lock(conn, link.person.id)?;
    let person = store::find(conn, link.person.id)?.ok_or_else(refused)?;
    if !store::use_link(conn, link.id, ctx.now)?
        || person.password_hash != link.person.password_hash
        || person.status != PersonStatus::Unconfirmed
        || !store::confirm(conn, person.id, ctx.now)?
    {
        return Err(refused());
    }
    store::void_links(conn, person.id, ctx.now)?;
    let ctx = &acting_as(ctx, &person, None);
    let change = Change::by(Action::ConfirmEmail, "person", person.id.uuid())
        .from(json!({ "status": PersonStatus::Unconfirmed }))
        .to(json!({ "status": PersonStatus::Active }));
    audit::record(conn, ctx, change)?;
    outbox::emit(conn, ctx, events::PERSON_CONFIRMED, json!({ "person_id": person.id }))?;
    Ok(())
}
