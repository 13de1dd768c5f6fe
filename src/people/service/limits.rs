//! Limits of a day hold though what they count was deleted.

use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::time::Instant;
use crate::people::model::{Did, Limited};
use crate::people::store;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

const DAY: i64 = 86_400;

/// From when on anything counts for a limit.
pub fn counted_from(ctx: &Ctx) -> Instant {
    ctx.now.plus_seconds(-DAY)
}

/// How often somebody did since then what was deleted. To be asked after what stands was counted:
/// what is deleted in between is counted twice then, and never not at all.
pub fn still_counted(
    conn: &mut Conn,
    person: PersonId,
    kind: Limited,
    since: Instant,
) -> Result<i64> {
    store::still_counted(conn, person, kind, since)
}

/// Counts on what was deleted: what stood `before` and does not `after`.
pub fn still_count(conn: &mut Conn, ctx: &Ctx, mut before: Vec<Did>, after: &[Did]) -> Result<()> {
    let mut left: BTreeMap<&Did, usize> = BTreeMap::new();
    for one in after {
        *left.entry(one).or_default() += 1;
    }
    before.retain(|one| match left.get_mut(one) {
        Some(times) if *times > 0 => {
            *times -= 1;
            false
        }
        _ => true,
    });
    store::still_count(conn, before.into_iter().map(|one| (ctx.id(), one)).collect())
}
