//! Files that hang on an application: seen by whoever sees it, changed by whoever edits it, while
//! it can be edited; by a delegate in two names. Who sees the application only because it is public
//! does not get the files that are answers to questions that are not.

use super::{acting, hold, missing, named, see, versions};
use crate::applications::model::{Act, ApplicationFacts};
use crate::applications::store;
use crate::attachments;
use crate::attachments::model::{Attachment, AttachmentFacts, NewAttachment};
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::ids::{ApplicationId, AttachmentId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Refuses before the file is read what would be refused after.
///
/// # Errors
/// 404 where there is no application that they may see, 403 where they may not edit it, 409 where
/// it cannot be edited or has too many files.
pub fn may_attach(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &ApplicationFacts::from(&record))?;
    authz::require(ctx, Action::AttachFile, &relations)?;
    record.state.after(Act::Edit)?;
    attachments::service::room_for_another(conn, ctx, id)
}

/// Hangs a file on an application.
///
/// # Errors
/// As [`may_attach`]; 422 for a name with nothing in it.
pub fn attach(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    new: &NewAttachment,
) -> Result<Attachment> {
    let (record, relations) = hold(conn, ctx, id, Action::AttachFile)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Draft)?;
    record.state.after(Act::Edit)?;
    attachments::service::add(conn, ctx, id, new)
}

/// Takes a file off an application.
///
/// # Errors
/// 404 where it does not hang there, 409 where the application cannot be edited, or an answer names
/// the file.
pub fn detach(conn: &mut Conn, ctx: &Ctx, place: (ApplicationId, AttachmentId)) -> Result<()> {
    let (record, relations) = hold(conn, ctx, place.0, Action::RemoveAttachment)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Draft)?;
    record.state.after(Act::Edit)?;
    attachments::service::of_application(conn, place, None)?;
    named::free(conn, &record, place.1)?;
    attachments::service::remove(conn, ctx, place)
}

/// One file.
///
/// # Errors
/// 404 where there is none that the actor may see.
pub fn attachment(
    conn: &mut Conn,
    ctx: &Ctx,
    place: (ApplicationId, AttachmentId),
) -> Result<AttachmentFacts> {
    let (closed, until) = readable(conn, ctx, place.0, Action::GetAttachment)?;
    if closed.contains(&place.1) {
        return Err(Problem::not_found("attachment"));
    }
    attachments::service::of_application(conn, place, until)
}

/// The files of an application that the actor sees, newest first.
///
/// # Errors
/// 404 where there is no application that the actor may see.
pub fn attachments(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::Attachment>,
) -> Result<Page<Attachment>> {
    let (closed, until) = readable(conn, ctx, id, Action::ListAttachments)?;
    attachments::service::list(conn, id, (&closed, until), page)
}

/// The files of an application that the actor may see which they do not see all the same, and until
/// when files count for them: who does not write it reads what was handed in, while it is changed.
fn readable(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    action: Action,
) -> Result<(Vec<AttachmentId>, Option<Instant>)> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    let facts = ApplicationFacts::from(&record);
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, action, &relations)?;
    let until = match see::is_inside(&relations) {
        true => None,
        false => versions::handed_in_at(conn, &facts)?,
    };
    Ok((named::closed(conn, ctx, &record, &relations)?, until))
}
