//! Answers that are files. Each names one that hangs on the same application, so that whoever reads
//! the answer gets the file; and a file that an answer names is not taken away beneath it.

use super::{routes, see, versions};
use crate::answers;
use crate::answers::model::{Answers, Form, Paper};
use crate::answers::rules as forms;
use crate::applications::model::{Record, RouteRecord, RouteStatus};
use crate::applications::store;
use crate::attachments;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, AttachmentId, CallId, PersonId};
use crate::kernel::problem::Problem;
use crate::platform::authz::Relation;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// Refuses answers that name no file of this application; of these keys alone, where some are
/// given. One that is being begun has no files yet.
pub(super) fn check(
    conn: &mut Conn,
    fields: &mut Fields,
    id: Option<ApplicationId>,
    (form, answers): (&Form, &Answers),
    only: Option<&Answers>,
) -> Result<()> {
    let named = forms::files(form, answers);
    let asked = |key: &String| only.is_none_or(|sent| sent.contains_key(key));
    let named: Vec<_> = named.into_iter().filter(|(q, _)| asked(&q.key)).collect();
    if named.is_empty() {
        return Ok(());
    }
    let there = match id {
        Some(id) => attachments::service::all_of(conn, id)?,
        None => Vec::new(),
    };
    let message = match id {
        Some(_) => "no file of this application has this id: attach the file, then answer",
        None => "begin the application and attach the file to it, then answer",
    };
    for (question, file) in named {
        let known = there.iter().any(|attachment| attachment.id == file);
        fields.check(known, &format!("/answers/{}", question.key), "unknown", message);
    }
    Ok(())
}

/// Takes out what names a file that does not hang there, after answers came from elsewhere.
pub(super) fn prune(
    conn: &mut Conn,
    id: ApplicationId,
    form: &Form,
    paper: &mut Paper,
) -> Result<()> {
    if forms::files(form, &paper.answers).is_empty() {
        return Ok(());
    }
    let there = attachments::service::all_of(conn, id)?;
    let keep = |file: AttachmentId| there.iter().any(|a| a.id == file).then_some(file);
    forms::point(form, &mut paper.answers, keep);
    Ok(())
}

/// The files that answer what a further call asks.
fn of_route(conn: &mut Conn, route: &RouteRecord) -> Result<Vec<AttachmentId>> {
    let form = answers::service::form_of(conn, route.call_id, route.paper.form_version)?;
    let named = forms::files(&form, &route.paper.answers);
    Ok(named.into_iter().map(|(_, file)| file).collect())
}

/// Closes the files that answer questions which are not public, or what a private call asks: see
/// [`closed`].
fn close(
    conn: &mut Conn,
    (id, call): (ApplicationId, CallId),
    form: &Form,
    answers: &Answers,
) -> Result<()> {
    let named = forms::files(form, answers);
    if named.is_empty() {
        return Ok(());
    }
    let private = !calls::service::private_among(conn, &[call])?.is_empty();
    let named = named.into_iter().filter(|(question, _)| private || !question.public);
    let files: Vec<AttachmentId> = named.map(|(_, file)| file).collect();
    attachments::service::close(conn, id, &files)
}

/// The same of what a further call asks, whatever that is.
pub(super) fn close_there(conn: &mut Conn, route: &RouteRecord) -> Result<()> {
    let files = of_route(conn, route)?;
    attachments::service::close(conn, route.application_id, &files)
}

/// The files that this actor does not see. What answered a question that is not public, or what a
/// further call asks, is shown to nobody but for an answer that they read and that names it now:
/// who meets the application only because it is public reads those to public questions, and none
/// that a private call asks; who may fund it all of its own, and those of the further calls in
/// their sight.
pub(super) fn closed(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    relations: &[Relation],
) -> Result<Vec<AttachmentId>> {
    if see::is_inside(relations) || ctx.actor.is_sponsor() || ctx.actor.is_system() {
        return Ok(Vec::new());
    }
    let all = attachments::service::all_of(conn, record.id)?.into_iter();
    let mut closed: Vec<_> = all.filter(|file| file.closed).map(|file| file.id).collect();
    let reads = see::knows_call(conn, ctx, record.call_id, relations)?;
    if closed.is_empty() && reads {
        return Ok(closed);
    }
    let works = relations.iter().any(|relation| *relation != Relation::Public);
    let paper = match versions::handed_in(conn, record)? {
        Some((_, paper)) => paper,
        None => answers::service::paper(conn, record.id)?,
    };
    let form = answers::service::form_of(conn, record.call_id, paper.form_version)?;
    let mut open: Vec<AttachmentId> = Vec::new();
    for (question, file) in forms::files(&form, &paper.answers) {
        if works || (reads && question.public) {
            open.push(file);
        } else {
            closed.push(file);
        }
    }
    let sight = routes::Sight::of(conn, ctx, relations)?;
    for route in store::routes(conn, record.id)? {
        if sight.shows(conn, &route)? {
            open.extend(of_route(conn, &route)?);
        }
    }
    closed.retain(|file| !open.contains(file));
    closed.sort_unstable();
    closed.dedup();
    Ok(closed)
}

/// Hangs copies of the files that the answer bank filled in on the application itself, and has its
/// answers name those. What is there no more, or finds no room, is not suggested.
pub(super) fn adopt(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, applicant, call): (ApplicationId, PersonId, CallId),
    form: &Form,
    paper: &mut Paper,
) -> Result<()> {
    let filled = suggested(form, paper);
    if filled.is_empty() {
        return Ok(());
    }
    let there = attachments::service::all_of(conn, id)?;
    for (key, file) in filled {
        if there.iter().any(|attachment| attachment.id == file) {
            continue;
        }
        if let Some(made) = attachments::service::copy(conn, ctx, file, (id, applicant))? {
            paper.answers.insert(key, json!(made));
        } else {
            paper.answers.remove(&key);
            paper.suggested.remove(&key);
        }
    }
    close(conn, (id, call), form, &paper.answers)
}

/// The form of an application, what was answered surely, and the copies that only the answer bank
/// filled in.
pub(super) fn sure(conn: &mut Conn, record: &Record) -> Result<(Form, Answers, Vec<AttachmentId>)> {
    let paper = answers::service::paper(conn, record.id)?;
    let form = answers::service::form_of(conn, record.call_id, paper.form_version)?;
    let filled = suggested(&form, &paper);
    let Paper { mut answers, suggested, .. } = paper;
    answers.retain(|key, _| !suggested.contains_key(key));
    let answered = forms::files(&form, &answers);
    let mut unsure = Vec::new();
    for (_, file) in filled {
        if answered.iter().all(|(_, other)| *other != file) && is_copy(conn, file)? {
            unsure.push(file);
        }
    }
    Ok((form, answers, unsure))
}

/// The files that the answer bank filled in, and nobody has confirmed.
fn suggested(form: &Form, paper: &Paper) -> Vec<(String, AttachmentId)> {
    let named = forms::files(form, &paper.answers).into_iter();
    let open = named.filter(|(question, _)| paper.suggested.contains_key(&question.key));
    open.map(|(question, file)| (question.key.clone(), file)).collect()
}

/// Whether the answer bank hung it on the application.
fn is_copy(conn: &mut Conn, file: AttachmentId) -> Result<bool> {
    Ok(attachments::service::facts(conn, file)?.is_some_and(|facts| facts.copied))
}

/// Keeps new answers in the place of old ones, closes the files that they name and not everybody
/// reads, and takes the copies off again that nobody wants any more: they answered otherwise, or
/// not at all.
pub(super) fn replace(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (old, new): (&Paper, &Paper),
) -> Result<()> {
    answers::service::save_paper(conn, record.id, new)?;
    let form = answers::service::form_of(conn, record.call_id, new.form_version)?;
    close(conn, (record.id, record.call_id), &form, &new.answers)?;
    if old.suggested.is_empty() {
        return Ok(());
    }
    let form = answers::service::form_of(conn, record.call_id, old.form_version)?;
    for (key, file) in suggested(&form, old) {
        if new.answers.get(&key) == old.answers.get(&key) {
            continue;
        }
        let (now, then) = users(conn, record, file)?;
        if is_copy(conn, file)? && now.is_empty() && then.is_empty() {
            attachments::service::remove(conn, ctx, (record.id, file))?;
        }
    }
    Ok(())
}

/// Refuses to take away a file that answers a question.
///
/// # Errors
/// 409, naming the questions.
pub(super) fn free(conn: &mut Conn, record: &Record, file: AttachmentId) -> Result<()> {
    let (now, then) = users(conn, record, file)?;
    let detail = match (now.is_empty(), then.is_empty()) {
        (true, true) => return Ok(()),
        (false, _) => format!(
            "This file answers {}: answer that with another file, or clear the answer, first.",
            now.join(" and ")
        ),
        (true, false) => format!(
            "This file answers {} in what was handed in, which others read: leave it there.",
            then.join(" and ")
        ),
    };
    Err(Problem::wrong_state(detail))
}

/// The questions that a file answers: in what is being written, and in what was handed in.
fn users(
    conn: &mut Conn,
    record: &Record,
    file: AttachmentId,
) -> Result<(Vec<String>, Vec<String>)> {
    let paper = answers::service::paper(conn, record.id)?;
    let mut now = labels(conn, record.call_id, &paper, file)?;
    let mut then = Vec::new();
    for route in store::routes(conn, record.id)? {
        let (call, mut paper) = (route.call_id, route.paper);
        match route.status {
            RouteStatus::Draft => {
                // What comes over follows the application.
                let own = |key: &String| route.carried.get(key).is_none_or(String::is_empty);
                paper.answers.retain(|key, _| own(key));
                now.extend(labels(conn, call, &paper, file)?);
            }
            RouteStatus::Submitted => then.extend(labels(conn, call, &paper, file)?),
            // Nothing can be done any more about what was answered there.
            _ => {}
        }
    }
    if let Some((_, paper)) = versions::handed_in(conn, record)? {
        then.extend(labels(conn, record.call_id, &paper, file)?);
    }
    Ok((now, then))
}

/// The questions of a call that are answered with this file.
fn labels(conn: &mut Conn, call: CallId, paper: &Paper, file: AttachmentId) -> Result<Vec<String>> {
    let form = answers::service::form_of(conn, call, paper.form_version)?;
    let named = forms::files(&form, &paper.answers).into_iter();
    Ok(named.filter(|(_, id)| *id == file).map(|(q, _)| format!("“{}”", q.label)).collect())
}
