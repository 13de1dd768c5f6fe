//! One's own account.

use super::{meanwhile, myself};
use crate::kernel::Result;
use crate::people::model::Person;
use crate::people::store;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// The acting person.
pub fn get_me(conn: &mut Conn, ctx: &Ctx) -> Result<Person> {
    authz::require(ctx, Action::GetMe, &[])?;
    myself(conn, ctx)
}

/// The acting person, for an action that asks for their password: the first of its steps.
pub fn own_account(conn: &mut Conn, ctx: &Ctx, action: Action) -> Result<Person> {
    authz::require(ctx, action, &[])?;
    myself(conn, ctx)
}

/// Changes the acting person's name, if one is given.
///
/// # Errors
/// Edited meanwhile, if the version is not the one in If-Match.
pub fn edit_me(conn: &mut Conn, ctx: &Ctx, name: Option<&str>) -> Result<Person> {
    authz::require(ctx, Action::EditMe, &[])?;
    let person = myself(conn, ctx)?;
    audit::expect_version(
        conn,
        ctx,
        ("person", person.id.uuid()),
        person.version,
        &[Action::EditMe],
    )?;
    let Some(name) = name.filter(|name| *name != person.name) else { return Ok(person) };
    if !store::rename(conn, &person, name)? {
        return Err(meanwhile());
    }
    let change = Change::by(Action::EditMe, "person", person.id.uuid())
        .from(json!({ "name": person.name }))
        .to(json!({ "name": name }));
    audit::record(conn, ctx, change)?;
    myself(conn, ctx)
}
