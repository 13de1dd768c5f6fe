//! Deleting an application that was never handed in, with all that hangs on it.

use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::db::Conn;
use crate::platform::db::schema::{
    answer_bank, application_agendas, application_answers, application_members,
    application_resubmissions, application_versions, applications, attachments, comment_mentions,
    comments, conflicts, merges, nominations, vouch_requests, vouches,
};
use diesel::prelude::*;

macro_rules! all_of {
    ($conn:expr, $id:expr, $($table:ident),+) => {{
        $( diesel::delete($table::table.filter($table::application_id.eq($id))).execute($conn)?; )+
    }};
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
    all_of!(conn, id, answer_bank, application_answers, application_versions);
    all_of!(conn, id, application_resubmissions, conflicts, application_members);
    diesel::delete(nominations::table.filter(nominations::application_id.eq(id))).execute(conn)?;
    diesel::delete(applications::table.find(id)).execute(conn)?;
    Ok(())
}
