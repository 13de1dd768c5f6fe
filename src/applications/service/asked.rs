//! What somebody is asked to answer: invitations to teams, and merges.

use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, MemberId, MergeId};
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Places on teams that the acting person was asked to take and has not answered, the newest.
pub fn invitations(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<(ApplicationId, MemberId, String)>> {
    let Some(me) = people::service::brief(conn, ctx.me()?)? else { return Ok(Vec::new()) };
    store::invitations(conn, &me.email, limit)
}

/// Merges that wait for the acting person's answer, the newest.
pub fn merges_to_answer(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<(MergeId, String)>> {
    store::merges_to_answer(conn, ctx.me()?, limit)
}
