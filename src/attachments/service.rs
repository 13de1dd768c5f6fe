//! Use-cases of attachments. Who may is decided by the domain that holds what they hang on: it
//! asks first, and holds its row while files are added or removed.

use super::model::{Attachment, AttachmentFacts, FileKind, NewAttachment};
use super::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, AttachmentId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::people;
use crate::people::model::Limited;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::files::{Files, Sha};
use serde_json::json;
use std::collections::BTreeMap;

pub use super::rules::{BYTES_MAX, Scan};

const DAY: i64 = 86_400;

fn missing() -> Problem {
    Problem::not_found("attachment")
}

/// What other domains need to know of an attachment; none where there is none, or no more.
pub fn facts(conn: &mut Conn, id: AttachmentId) -> Result<Option<AttachmentFacts>> {
    store::find(conn, id)
}

/// Whether one more fits; asked before a file is read, and again when it is added.
///
/// # Errors
/// 409 where there are too many.
pub fn room_for_another(conn: &mut Conn, ctx: &Ctx, application: ApplicationId) -> Result<()> {
    let me = ctx.me()?;
    let full = |detail: String| Err(Problem::new(Kind::LimitReached, detail));
    if store::count(conn, application)? >= rules::FILES_MAX {
        let most = rules::FILES_MAX;
        return full(format!("An application has at most {most} files: remove one first."));
    }
    let since = ctx.now.plus_seconds(-DAY);
    let attached = store::count_since(conn, me, since)?
        + people::service::still_counted(conn, me, Limited::File, since)?;
    if attached >= rules::DAILY_MAX {
        return full(format!("You attached {} files in a day: wait a while.", rules::DAILY_MAX));
    }
    Ok(())
}

/// Whether a file may be sent under this name; asked before it is read, and again when it is added.
///
/// # Errors
/// 422 for a name with nothing in it.
pub fn may_be_called(name: &str) -> Result<()> {
    let mut fields = Fields::new();
    rules::named(&mut fields, name, FileKind::Text);
    fields.finish()
}

/// Hangs a file that is in place on an application, whose row the caller holds.
///
/// # Errors
/// 409 where there are too many, 422 for a name with nothing in it.
pub fn add(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    new: &NewAttachment,
) -> Result<Attachment> {
    let me = ctx.me()?;
    // Held while theirs are counted, or two at once would each find the last place free.
    people::service::hold(conn, me)?;
    room_for_another(conn, ctx, application)?;
    let mut fields = Fields::new();
    let kind = rules::called(&new.name, new.found);
    let name = rules::named(&mut fields, &new.name, kind);
    fields.finish()?;
    let made = AttachmentFacts {
        id: ctx.id(),
        application_id: application,
        uploaded_by: me,
        uploaded_for: ctx.behalf.as_ref().map(|(person, _)| *person),
        name,
        kind,
        bytes: i64::try_from(new.bytes).map_err(Problem::internal)?,
        sha256: new.sha256,
        created_at: ctx.now,
        copied: false,
        closed: false,
    };
    store::insert(conn, &made)?;
    // Who reads the audit log does not see drafts: no name, nothing to know the content by.
    let change = Change::by(Action::AttachFile, "application", application.uuid());
    let after = json!({ "attachment_id": made.id, "content_type": kind, "bytes": made.bytes });
    audit::record(conn, ctx, change.to(after))?;
    let names = names(conn, std::slice::from_ref(&made))?;
    Ok(Attachment::of(made, &names))
}

/// Refuses where so many more would be too many for an application.
///
/// # Errors
/// 409, naming the limit.
pub fn room_for(conn: &mut Conn, application: ApplicationId, more: usize) -> Result<()> {
    let all = store::count(conn, application)? + i64::try_from(more).unwrap_or(i64::MAX);
    if more > 0 && all > rules::FILES_MAX {
        let most = rules::FILES_MAX;
        let detail = format!("Together they have {all} files, of at most {most}: remove some.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok(())
}

/// All files of an application, the oldest first: it has few.
pub fn all_of(conn: &mut Conn, application: ApplicationId) -> Result<Vec<AttachmentFacts>> {
    let all = PageOf { limit: rules::FILES_MAX, after: None };
    let mut files = store::list(conn, application, (&[], None), &all)?;
    files.reverse();
    Ok(files)
}

/// Copies of the files of an application, in their order: each with the id of the one that it is
/// of. They name the same contents, and hang nowhere yet.
pub fn copies(
    conn: &mut Conn,
    ctx: &Ctx,
    from: ApplicationId,
) -> Result<Vec<(AttachmentId, AttachmentFacts)>> {
    let copy = |facts: AttachmentFacts| {
        let made = AttachmentFacts { id: ctx.id(), created_at: ctx.now, ..facts };
        (facts.id, made)
    };
    Ok(all_of(conn, from)?.into_iter().map(copy).collect())
}

/// Hangs copies on an application of the same people, whose row is held as that of the other is.
pub fn hang(
    conn: &mut Conn,
    copies: Vec<(AttachmentId, AttachmentFacts)>,
    to: ApplicationId,
) -> Result<()> {
    for (_, mut made) in copies {
        made.application_id = to;
        store::insert(conn, &made)?;
    }
    Ok(())
}

/// Hangs a copy of a file on another application of the same person, whose row the caller holds;
/// none where the file is there no more, the application has no room for it, or too many were
/// copied today.
pub fn copy(
    conn: &mut Conn,
    ctx: &Ctx,
    of: AttachmentId,
    (to, whose): (ApplicationId, PersonId),
) -> Result<Option<AttachmentId>> {
    let Some(facts) = store::find(conn, of)? else { return Ok(None) };
    let since = ctx.now.plus_seconds(-DAY);
    let copied = store::copied_since(conn, whose, since)?
        + people::service::still_counted(conn, whose, Limited::Copy, since)?;
    if copied >= rules::DAILY_MAX || store::count(conn, to)? >= rules::FILES_MAX {
        return Ok(None);
    }
    let made = AttachmentFacts {
        id: ctx.id(),
        uploaded_by: whose,
        uploaded_for: None,
        created_at: ctx.now,
        copied: true,
        ..facts
    };
    let id = made.id;
    let change = Change::by(Action::AttachFile, "application", to.uuid());
    let after = json!({ "attachment_id": id, "content_type": made.kind, "bytes": made.bytes,
        "copy_of": of });
    hang(conn, vec![(of, made)], to)?;
    audit::record(conn, ctx, change.to(after))?;
    Ok(Some(id))
}

/// Marks files of an application, whose row the caller holds, as closed to who may read it only
/// because it is public. Nothing opens them again; nor copies that are made of them.
pub fn close(conn: &mut Conn, application: ApplicationId, files: &[AttachmentId]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    store::close(conn, application, files)
}

/// Takes a file off an application, whose row the caller holds.
///
/// # Errors
/// 404 where it does not hang there.
pub fn remove(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, id): (ApplicationId, AttachmentId),
) -> Result<()> {
    let facts = of_application(conn, (application, id), None)?;
    if !store::remove(conn, id, ctx.now)? {
        return Err(missing());
    }
    let change = Change::by(Action::RemoveAttachment, "application", application.uuid());
    let before = json!({ "attachment_id": id, "content_type": facts.kind, "bytes": facts.bytes });
    audit::record(conn, ctx, change.from(before))
}

/// One file of an application.
///
/// # Errors
/// 404 where it does not hang there.
pub fn of_application(
    conn: &mut Conn,
    (application, id): (ApplicationId, AttachmentId),
    until: Option<Instant>,
) -> Result<AttachmentFacts> {
    let found = store::find(conn, id)?.filter(|found| found.application_id == application);
    let there = |found: &AttachmentFacts| until.is_none_or(|until| found.created_at <= until);
    found.filter(there).ok_or_else(missing)
}

/// The files of an application but some, newest first; those that hung there at a time, where one
/// is named.
pub fn list(
    conn: &mut Conn,
    application: ApplicationId,
    (but, until): (&[AttachmentId], Option<Instant>),
    page: &PageOf<of::Attachment>,
) -> Result<Page<Attachment>> {
    let rows = store::list(conn, application, (but, until), page)?;
    let rows = Page::cut(rows, page.limit, |row| row.id);
    let names = names(conn, &rows.items)?;
    Ok(rows.map(|facts| Attachment::of(facts, &names)))
}

fn names(conn: &mut Conn, files: &[AttachmentFacts]) -> Result<BTreeMap<PersonId, String>> {
    let who = files.iter().flat_map(|file| [Some(file.uploaded_by), file.uploaded_for]);
    let mut who: Vec<PersonId> = who.flatten().collect();
    who.sort_unstable();
    who.dedup();
    people::service::names(conn, &who)
}

/// Which of these contents are still named by somebody's attachment.
pub(super) fn named(conn: &mut Conn, shas: &[Sha]) -> Result<Vec<Sha>> {
    store::named(conn, shas)
}

/// What should be in the folder of files, and what of it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// Attachments with a file.
    pub files: u64,
    /// Those whose file is missing or of another length.
    pub missing: u64,
}

/// Looks for the file of every attachment, a page of rows at a time.
pub fn stock(conn: &mut Conn, files: &Files) -> Result<Stock> {
    const PAGE: i64 = 1_000;
    let (mut stock, mut after) = (Stock { files: 0, missing: 0 }, None);
    loop {
        let rows = store::contents(conn, after, PAGE)?;
        let Some((last, _, _)) = rows.last() else { return Ok(stock) };
        after = Some(*last);
        for (_, sha, bytes) in &rows {
            let there = <Sha>::try_from(&sha[..])
                .is_ok_and(|sha| files.has(&sha, u64::try_from(*bytes).unwrap_or(0)));
            stock.files += 1;
            stock.missing += u64::from(!there);
        }
    }
}
