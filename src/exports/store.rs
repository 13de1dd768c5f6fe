//! Which rows of a file were imported, and what leaves.

mod giving;
mod sums;

pub(super) use giving::{Award, awards};
pub(super) use sums::{charged, contributed, strayed, uneven};

use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::kernel::money::Money;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::db::schema::import_rows::dsl as i;
use diesel::prelude::*;

/// Whether the row of this source was imported before.
pub(super) fn imported(conn: &mut Conn, source: &str, external: &str) -> Result<bool> {
    let found: Option<GrantId> =
        i::import_rows.find((source, external)).select(i::grant_id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Remembers that a row was imported.
pub(super) fn remember(
    conn: &mut Conn,
    ctx: &Ctx,
    (source, external): (&str, &str),
    grant: GrantId,
    amount: Money,
) -> Result<()> {
    diesel::insert_into(i::import_rows)
        .values((
            i::source.eq(source),
            i::external_id.eq(external),
            i::grant_id.eq(grant),
            i::amount.eq(amount.minor()),
            i::imported_at.eq(ctx.env.clock.now()),
        ))
        .execute(conn)?;
    Ok(())
}
