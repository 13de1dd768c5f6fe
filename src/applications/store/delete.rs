//! Deleting an application that was never handed in, with all that hangs on it.

use crate::applications::model::MergeStatus;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::schema::{
    answer_bank, application_agendas, application_answers, application_members,
    application_resubmissions, application_routes, application_versions, applications, attachments,
    comment_mentions, comments, conflicts, merges, nominations, vouch_requests, vouches,
};
use diesel::dsl::exists;
use diesel::prelude::*;

macro_rules! all_of {
    ($conn:expr, $id:expr, $($table:ident),+) => {{
        $( diesel::delete($table::table.filter($table::application_id.eq($id))).execute($conn)?; )+
    }};
}

/// Whether it took another up, or was taken up.
pub(in crate::applications) fn took_part_in_merge(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<bool> {
    let of = merges::table
        .filter(merges::into_id.eq(id).or(merges::from_id.eq(id)))
        .filter(merges::status.eq(MergeStatus::Accepted));
    Ok(diesel::select(exists(of)).get_result(conn)?)
}

/// Whether anything of it counts for a limit of the time since then: somebody who was invited to
/// it, a merge or a nomination that was asked for, a file that was attached, removed or not.
pub(in crate::applications) fn counted_since(
    conn: &mut Conn,
    id: ApplicationId,
    since: Instant,
) -> Result<bool> {
    let invited = application_members::table
        .filter(application_members::application_id.eq(id))
        .filter(application_members::invited_by.is_not_null())
        .filter(application_members::created_at.ge(since));
    let merged = merges::table
        .filter(merges::into_id.eq(id).or(merges::from_id.eq(id)))
        .filter(merges::created_at.ge(since));
    let nominated = nominations::table
        .filter(nominations::application_id.eq(id).and(nominations::created_at.ge(since)));
    let attached = attachments::table
        .filter(attachments::application_id.eq(id).and(attachments::created_at.ge(since)))
        .filter(attachments::copied.eq(false));
    let any = exists(invited).or(exists(merged)).or(exists(nominated)).or(exists(attached));
    Ok(diesel::select(any).get_result(conn)?)
}

/// Deletes every row of it. What only an application has that was handed in (reviews, screenings,
/// offers, its clock) is not looked for: where there is any, the database refuses.
pub(in crate::applications) fn delete(conn: &mut Conn, id: ApplicationId) -> Result<()> {
    let said = comments::table.filter(comments::application_id.eq(id)).select(comments::id);
    let mentions = comment_mentions::table.filter(comment_mentions::comment_id.eq_any(said));
    diesel::delete(mentions).execute(conn)?;
    let of = merges::table.filter(merges::into_id.eq(id).or(merges::from_id.eq(id)));
    diesel::delete(of).execute(conn)?;
    // The request that a vouch answers is named by it.
    all_of!(conn, id, vouches, vouch_requests, comments, attachments, application_agendas);
    all_of!(conn, id, answer_bank, application_answers, application_versions, application_routes);
    all_of!(conn, id, application_resubmissions, conflicts, application_members);
    diesel::delete(nominations::table.filter(nominations::application_id.eq(id))).execute(conn)?;
    diesel::delete(applications::table.find(id)).execute(conn)?;
    Ok(())
}
