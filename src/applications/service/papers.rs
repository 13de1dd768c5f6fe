//! The answers of an application: filled in, edited, handed in, moved to a newer form.

use super::see::{is_inside, shown as whole};
use super::{acting, hold, meanwhile, named, versions};
use crate::answers;
use crate::answers::model::{Answers, Form, Paper};
use crate::answers::rules as forms;
use crate::applications::model::{
    Act, Application, EditApplication, MoveAnswers, Record, State, VersionStage,
};
use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The answers of a new application, under the call's newest form: what was sent, and what the
/// applicant answered before. Who cannot apply is told before anything is made.
pub(super) fn begin(
    conn: &mut Conn,
    ctx: &Ctx,
    fields: &mut Fields,
    (call, applicant): (CallId, PersonId),
    sent: &Answers,
) -> Result<Paper> {
    let (form_version, form) = answers::service::newest(conn, call)?;
    let mut paper = Paper { form_version, ..Paper::default() };
    paper.answers = forms::merge(fields, &form, &paper.answers, sent);
    forms::fits(fields, &paper.answers);
    named::check(conn, fields, None, (&form, &paper.answers), None)?;
    for refused in forms::eligibility(&form, &paper.answers).reasons {
        fields.push(&format!("/answers/{}", refused.key), "not_eligible", refused.reason);
    }
    if !ctx.actor.is_system() {
        answers::service::suggest(conn, applicant, &form, &mut paper)?;
        answers::service::suggest_files(conn, applicant, &form, &mut paper)?;
    }
    Ok(paper)
}

/// Keeps the answers of a new application, as they are kept: files that the answer bank filled in
/// are copied. A call without a form has none to keep.
pub(super) fn save_first(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    paper: &Paper,
) -> Result<Paper> {
    let mut paper = paper.clone();
    if paper.form_version == 0 {
        return Ok(paper);
    }
    let form = answers::service::form_of(conn, record.call_id, paper.form_version)?;
    let of = (record.id, record.applicant_id, record.call_id);
    named::adopt(conn, ctx, of, &form, &mut paper)?;
    answers::service::save_paper(conn, record.id, &paper)?;
    Ok(paper)
}

/// The answers with the changes asked for. What is answered again, or confirmed, is a suggestion no
/// longer; only `theirs`, whose bank it came from, confirm, also by answering the same.
pub(super) fn edit(
    conn: &mut Conn,
    fields: &mut Fields,
    (record, theirs): (&Record, bool),
    old: &Paper,
    form: &EditApplication,
) -> Result<Paper> {
    let mut paper = old.clone();
    if form.answers.is_empty() && form.confirm.is_empty() {
        return Ok(paper);
    }
    let asked = answers::service::form_of(conn, record.call_id, old.form_version)?;
    paper.answers = forms::merge(fields, &asked, &old.answers, &form.answers);
    forms::fits(fields, &paper.answers);
    let sent = Some(&form.answers);
    named::check(conn, fields, Some(record.id), (&asked, &paper.answers), sent)?;
    let same = |key: &String| paper.answers.get(key) == old.answers.get(key);
    paper.suggested.retain(|key, _| !form.answers.contains_key(key) || (!theirs && same(key)));
    let message = "who applies confirms what comes from their earlier answers";
    fields.check(theirs || form.confirm.is_empty(), "/confirm", "not_yours", message);
    let few = form.confirm.len() <= forms::QUESTIONS_MAX;
    fields.check(few, "/confirm", "too_many", "these are more than a form has questions");
    for (i, key) in form.confirm.iter().enumerate().take(forms::QUESTIONS_MAX) {
        let known = old.suggested.contains_key(key);
        let message = "no suggested answer has this key";
        fields.check(known, &format!("/confirm/{i}"), "unknown", message);
        paper.suggested.remove(key);
    }
    Ok(paper)
}

/// Which answers changed, for the audit log: their keys, and of drafts not even those.
pub(super) fn note(after: &mut Value, draft: bool, old: &Paper, new: &Paper) {
    if old == new {
        return;
    }
    if draft {
        if let Some(changed) = after["changed"].as_array_mut() {
            changed.push(json!("answers"));
        }
        return;
    }
    let keys: BTreeSet<&String> = old.answers.keys().chain(new.answers.keys()).collect();
    let changed = keys.into_iter().filter(|key| old.answers.get(*key) != new.answers.get(*key));
    after["answers"] = json!({ "changed": changed.collect::<Vec<_>>() });
}

/// The answers as they are handed in, without those to questions that are not shown. What is
/// missing or wrong goes to `fields`. Records of the past have what they have.
pub(super) fn hand_in(
    conn: &mut Conn,
    ctx: &Ctx,
    fields: &mut Fields,
    record: &Record,
) -> Result<Paper> {
    let mut paper = answers::service::paper(conn, record.id)?;
    if paper.form_version == 0 || ctx.actor.is_system() {
        return Ok(paper);
    }
    let form = answers::service::form_of(conn, record.call_id, paper.form_version)?;
    paper.answers = forms::prune(&form, &paper.answers);
    paper.suggested.retain(|key, _| paper.answers.contains_key(key));
    forms::check(fields, &form, &paper.answers);
    named::check(conn, fields, Some(record.id), (&form, &paper.answers), None)?;
    unconfirmed(fields, &paper);
    Ok(paper)
}

/// Refuses answers that were filled in from the bank and that nobody has confirmed.
pub(super) fn unconfirmed(fields: &mut Fields, paper: &Paper) {
    for (key, origin) in &paper.suggested {
        let message = format!(
            "this was filled in from what you wrote on {}: confirm it, or answer anew",
            origin.answered_at.date()
        );
        fields.push(&format!("/answers/{key}"), "unconfirmed", message);
    }
}

/// Keeps what was handed in, and remembers what may be asked again.
pub(super) fn keep(conn: &mut Conn, ctx: &Ctx, record: &Record, paper: &Paper) -> Result<()> {
    if paper.form_version == 0 || ctx.actor.is_system() {
        return Ok(());
    }
    let before = answers::service::paper(conn, record.id)?;
    // What nobody was asked about in the end is handed in to nobody.
    named::replace(conn, ctx, record, (&before, paper))?;
    let form = answers::service::form_of(conn, record.call_id, paper.form_version)?;
    let handed_in = (&form, &paper.answers);
    answers::service::remember(conn, ctx, record.applicant_id, record.id, handed_in)
}

/// The answers as this actor sees them: who meets the application only because it is public sees
/// those to public questions; suggestions are the team's.
pub(super) fn shown(
    conn: &mut Conn,
    ctx: &Ctx,
    (record, handed_in): (&Record, Option<Paper>),
    relations: &[Relation],
) -> Result<Paper> {
    let mut paper = match handed_in {
        Some(paper) => paper,
        None => answers::service::paper(conn, record.id)?,
    };
    if !is_inside(relations) {
        paper.suggested.clear();
    }
    let works = relations.iter().any(|relation| *relation != Relation::Public);
    if works || ctx.actor.is_sponsor() || ctx.actor.is_system() || paper.answers.is_empty() {
        return Ok(paper);
    }
    let form = answers::service::form_of(conn, record.call_id, paper.form_version)?;
    paper.answers = public(&form, &paper.answers);
    Ok(paper)
}

/// The answers to public questions.
pub(super) fn public(form: &Form, answers: &Answers) -> Answers {
    let open = form.questions.iter().filter(|question| question.public);
    open.filter_map(|q| Some((q.key.clone(), answers.get(&q.key)?.clone()))).collect()
}

/// Moves an application that is being written to another version of its call's form: answers to
/// questions that both ask are kept where they fit, and wait for a yes there as they did; what is
/// left out stays in the version before.
///
/// # Errors
/// 409 where its state does not allow it, 422 where there is no such version.
pub fn move_form(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    asked: &MoveAnswers,
) -> Result<Application> {
    let (mut record, relations) = hold(conn, ctx, id, Action::MoveApplicationForm)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Draft)?;
    record.state.after(Act::Edit)?;
    let (newest, _) = answers::service::newest(conn, record.call_id)?;
    let version = asked.version.unwrap_or(newest);
    let mut fields = Fields::new();
    let there = version == newest || (1..=newest).contains(&version);
    let message = format!("the form has the versions 1 to {newest}");
    fields.check(there, "/version", "unknown", &message);
    fields.finish()?;
    let old = answers::service::paper(conn, id)?;
    if old.form_version == version {
        return whole(conn, ctx, record, &relations);
    }
    let from = answers::service::form_of(conn, record.call_id, old.form_version)?;
    let to = answers::service::form_of(conn, record.call_id, version)?;
    let answers = forms::carry(&from, &old.answers, &to);
    let mut paper = Paper { form_version: version, answers, ..Paper::default() };
    for (key, before) in forms::common(&from, &old.answers, &to) {
        if let Some(origin) = old.suggested.get(&before) {
            paper.suggested.insert(key, origin.clone());
        }
    }
    named::prune(conn, id, &to, &mut paper)?;
    paper.suggested.retain(|key, _| paper.answers.contains_key(key));
    answers::service::suggest(conn, record.applicant_id, &to, &mut paper)?;
    answers::service::suggest_files(conn, record.applicant_id, &to, &mut paper)?;
    named::adopt(conn, ctx, (id, record.applicant_id, record.call_id), &to, &mut paper)?;
    versions::begin(conn, ctx, &record, &old)?;
    if !store::save_content(conn, id, &record.content, record.version)? {
        return Err(meanwhile());
    }
    named::replace(conn, ctx, &record, (&old, &paper))?;
    record.version += 1;
    versions::keep(conn, ctx, &record, &paper, VersionStage::Draft)?;
    let change = Change::by(Action::MoveApplicationForm, "application", id.uuid())
        .from(json!({ "form_version": old.form_version }))
        .to(json!({ "form_version": version, "draft": record.state == State::Draft }));
    audit::record(conn, ctx, change)?;
    whole(conn, ctx, record, &relations)
}
