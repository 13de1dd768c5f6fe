//! What somebody is asked to answer: invitations to teams, nominations, and merges; and what they
//! are asked to write.

use crate::applications::model::{
    ApplicationFacts, MemberRecord, NominationRecord, NominationStatus,
};
use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, MemberId, MergeId};
use crate::people;
use crate::platform::auth::token;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// Places on teams that the acting person was asked to take and has not answered, the newest.
pub fn invitations(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<(ApplicationId, MemberId, String)>> {
    let Some(me) = people::service::brief(conn, ctx.me()?)? else { return Ok(Vec::new()) };
    store::invitations(conn, (me.id, &me.email), limit)
}

/// By name, who was asked onto the teams of these and has not answered: none of these is handed in
/// before they do, or the invitation is taken back. For its applicant: whoever calls has asked.
pub fn awaited(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, Vec<String>>> {
    let mut all: BTreeMap<ApplicationId, Vec<String>> = BTreeMap::new();
    for (id, name) in store::awaited(conn, ids)? {
        all.entry(id).or_default().push(name);
    }
    Ok(all)
}

/// Drafts, and what waits for changes, that the acting person writes with somebody else who hands
/// them in; the newest first.
pub fn to_write(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<ApplicationFacts>> {
    let ids = store::written_with(conn, ctx.me()?, limit)?;
    let mut all = super::facts_of(conn, &ids)?;
    Ok(ids.iter().filter_map(|id| all.remove(id)).collect())
}

/// The longest that a call lets people do something about a decline, in days, and one.
const REMEDY_DAYS: i64 = 366;

/// The acting person's declined applications about which something may be left to do, or whose
/// appeal waits, the newest; also what was taken back or lapsed after its own call had declined it.
pub fn declined_lately(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<ApplicationFacts>> {
    let since = ctx.now.plus_seconds(-REMEDY_DAYS * 86_400);
    store::declined_lately(conn, ctx.me()?, (ctx.today(), since), limit)
}

/// Merges that wait for the acting person's answer, the newest.
pub fn merges_to_answer(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<(MergeId, String)>> {
    store::merges_to_answer(conn, ctx.me()?, limit)
}

/// The place on a team to which this token was mailed, with the title of the application and who
/// applies. None where it was answered, taken back, or the application has ended.
pub fn mailed_place(
    conn: &mut Conn,
    ctx: &Ctx,
    presented: &str,
) -> Result<Option<(MemberRecord, String, String)>> {
    let Some(hash) = token::hash(&ctx.env.keys, token::Kind::Mail, presented) else {
        return Ok(None);
    };
    let Some((member, title, applicant)) = store::invited_by(conn, &hash)? else {
        return Ok(None);
    };
    let from = people::service::brief(conn, applicant)?.map(|p| p.name).unwrap_or_default();
    Ok(Some((member, title, from)))
}

/// The nomination to which this token was mailed, and who nominates. None where it was answered,
/// taken back, or its time is over.
pub fn mailed_nomination(
    conn: &mut Conn,
    ctx: &Ctx,
    presented: &str,
) -> Result<Option<(NominationRecord, String)>> {
    let Some(hash) = token::hash(&ctx.env.keys, token::Kind::Mail, presented) else {
        return Ok(None);
    };
    let found = store::nomination_by(conn, &hash)?;
    let open = |row: &NominationRecord| row.status_at(ctx.now) == NominationStatus::Open;
    let Some(row) = found.filter(open) else { return Ok(None) };
    let from = people::service::brief(conn, row.nominator_id)?.map(|p| p.name);
    Ok(Some((row, from.unwrap_or_default())))
}
