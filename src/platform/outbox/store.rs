//! Rows of events; they are only ever added.

use crate::kernel::Result;
use crate::kernel::ids::EventId;
use crate::platform::context::Ctx;
use crate::platform::db::schema::events::dsl as e;
use crate::platform::db::types::Doc;
use crate::platform::db::{Conn, later};
use diesel::prelude::*;
use serde_json::Value;

pub(super) fn insert(
    conn: &mut Conn,
    ctx: &Ctx,
    id: EventId,
    name: &str,
    data: Value,
) -> Result<()> {
    let row = diesel::insert_into(e::events).values((
        e::id.eq(id),
        e::name.eq(name.to_owned()),
        e::payload.eq(Doc(data)),
        e::person_id.eq(ctx.actor.person()),
        e::occurred_at.eq(ctx.now),
    ));
    later(conn, "events", row)
}
