//! Applications that nothing is missing for an award of, for those who award.

use super::more::{EACH, More};
use super::next::NextStep;
use super::waiting::step;
use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{grants, offers};

/// Open applications whose offers reach their minimum, with the day that was promised: those whose
/// award would refuse this person are left out.
pub(super) fn to_award(
    conn: &mut Conn,
    ctx: &Ctx,
    me: PersonId,
    more: &mut More,
) -> Result<Vec<NextStep>> {
    let (rows, others) = offers::service::awardable(conn, ctx, EACH)?;
    more.note("application", others);
    let mut steps = Vec::new();
    for (row, comes_to) in rows {
        if grants::service::keeps_out(conn, ctx, me, &row)? {
            continue;
        }
        let href = format!("/api/v1/applications/{}/award", row.id);
        let what = format!("Its offers come to {comes_to}, which is enough: award it, or wait.");
        steps.push(step(
            ("application", row.id.uuid(), row.title),
            "open",
            (&what, row.promised_on, href),
            "Awarded, it is a grant; offers lapse if nobody does.",
        ));
    }
    Ok(steps)
}
