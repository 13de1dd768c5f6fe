//! The answer bank: what somebody answered before, for the next form. It is theirs alone.

use crate::answers::model::{Answers, Form, Origin, Paper, Question, QuestionKind, Remembered};
use crate::answers::{rules, store};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// Remembers what was handed in under names for reuse. Of a file its id is remembered: it goes on
/// hanging on its application.
pub fn remember(
    conn: &mut Conn,
    ctx: &Ctx,
    person: PersonId,
    application: ApplicationId,
    (form, answers): (&Form, &Answers),
) -> Result<()> {
    for question in &form.questions {
        let (Some(name), Some(answer)) = (&question.reuse_key, answers.get(&question.key)) else {
            continue;
        };
        let remembered = Remembered {
            reuse_key: name.clone(),
            kind: question.kind,
            answer: answer.clone(),
            label: question.label.clone(),
            application_id: application,
            answered_at: ctx.now,
        };
        store::remember(conn, person, ctx.id(), &remembered)?;
    }
    Ok(())
}

/// Fills in what somebody answered before and fits, where nothing is answered yet; each with where
/// it came from, until somebody confirms it. No files: see [`suggest_files`].
pub fn suggest(conn: &mut Conn, person: PersonId, form: &Form, paper: &mut Paper) -> Result<()> {
    fill(conn, person, paper, form.questions.iter().filter(|q| q.kind != QuestionKind::File))
}

/// The same of questions that are answered with a file. The answer is the id of the file that was
/// handed in with another application: whoever calls has it copied.
pub fn suggest_files(
    conn: &mut Conn,
    person: PersonId,
    form: &Form,
    paper: &mut Paper,
) -> Result<()> {
    fill(conn, person, paper, form.questions.iter().filter(|q| q.kind == QuestionKind::File))
}

fn fill<'f>(
    conn: &mut Conn,
    person: PersonId,
    paper: &mut Paper,
    asked: impl Iterator<Item = &'f Question>,
) -> Result<()> {
    let open = asked.filter(|q| !paper.answers.contains_key(&q.key));
    let asked: Vec<_> = open.filter_map(|q| Some((q, q.reuse_key.clone()?))).collect();
    let names: Vec<String> = asked.iter().map(|(_, name)| name.clone()).collect();
    let known = store::remembered(conn, person, &names)?;
    for (question, name) in asked {
        let Some(found) = known.iter().find(|r| r.reuse_key == name) else { continue };
        // The id of a file says nothing as a text, and no text is a file.
        let alike = (found.kind == QuestionKind::File) == (question.kind == QuestionKind::File);
        if !alike || !rules::fills(question, &found.answer) {
            continue;
        }
        paper.answers.insert(question.key.clone(), found.answer.clone());
        let origin = Origin {
            reuse_key: name,
            application_id: found.application_id,
            answered_at: found.answered_at,
        };
        paper.suggested.insert(question.key.clone(), origin);
    }
    Ok(())
}

/// What is remembered of the acting person, newest first.
pub fn my_answers(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::Remembered>,
) -> Result<Page<Remembered>> {
    authz::require(ctx, Action::ListMyAnswers, &[])?;
    let rows = store::bank(conn, ctx.me()?, page)?;
    Ok(Page::cut(rows, page.limit, |row| row.0).map(|row| row.1))
}

/// Forgets an answer. What was handed in with it stays as it is.
///
/// # Errors
/// 404 where none of this name is remembered.
pub fn forget_answer(conn: &mut Conn, ctx: &Ctx, name: &str) -> Result<()> {
    authz::require(ctx, Action::ForgetAnswer, &[])?;
    let me = ctx.me()?;
    if !store::forget(conn, me, name)? {
        return Err(Problem::not_found("remembered answer"));
    }
    let change = Change::by(Action::ForgetAnswer, "person", me.uuid());
    audit::record(conn, ctx, change.to(json!({ "reuse_key": name })))
}
