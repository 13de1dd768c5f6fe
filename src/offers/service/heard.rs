//! What those who offered hear of what is said on the application.

use super::super::store;
use crate::comments;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Tells those who have a live offer on an application what its team said to its funders in an
/// hour, as the event tells it. Each gets a mail of their own, so that nobody learns of a private
/// offer or of who made it.
pub fn makers_hear(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    hour: i64,
) -> Result<()> {
    let open = store::open_of(conn, application)?;
    let live = open.into_iter().filter(|row| row.expires_at > ctx.now);
    let mut makers: Vec<PersonId> = live.map(|row| row.regrantor_id).collect();
    makers.sort_unstable();
    makers.dedup();
    comments::service::tell_also(conn, ctx, (application, hour), &makers)
}
