//! What of the paperwork of grants somebody is to be reminded of.

use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::paperwork::model::Reminder;
use crate::paperwork::{rules, store};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeSet;

/// Grants of which something is to be spoken of today, each once. Up to `limit` requirements are
/// looked at, the longest noted first.
pub fn due(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<BTreeSet<GrantId>> {
    Ok(store::due(conn, ctx.today(), limit)?.into_iter().collect())
}

/// What of a grant is to be spoken of today, in the order in which it is usually met: whoever takes
/// it is the only one, and notes the next day; none where the grant `goes_on` no more.
pub fn take_due(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    goes_on: bool,
) -> Result<Vec<Reminder>> {
    let today = ctx.today();
    let mut noted = store::due_of(conn, grant, today)?;
    noted.sort_by_key(|(kind, ..)| *kind);
    let mut taken = Vec::new();
    for it in noted {
        let (kind, status, due_on, day) = it;
        let next = rules::remind((kind, status), due_on, today).filter(|_| goes_on);
        let first = store::reminded(conn, grant, it, next)?;
        if let (true, Some(_), Some(due_on), Some(day)) = (first, next, due_on, day) {
            let long_late = rules::is_long_late(due_on, day, today);
            taken.push(Reminder { kind, status, due_on, long_late });
        }
    }
    Ok(taken)
}
