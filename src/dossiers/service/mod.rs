//! Writing an application out, and bringing one in.

mod texts;

use super::model::{
    Answered, Dossier, FORMAT, Filed, Further, ImportApplication, Imported, Said, Standing,
    Teammate, VERSION, Vouched, Written,
};
use super::{model, rules};
use crate::answers;
use crate::answers::model::{Answers, Form, QuestionKind, Suggested};
use crate::applications;
use crate::applications::model::{Application, Consent};
use crate::attachments::model::Attachment;
use crate::calls;
use crate::calls::model::Visibility;
use crate::comments;
use crate::comments::model::CommentVisibility;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::money::Money;
use crate::kernel::page::PageOf;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::vouches;
use serde_json::{Value, json};

/// Comments or vouches read at a time, and the most pages of them.
const PAGE: i64 = 200;
const PAGES: i64 = 100;

/// The whole application, as its team may see it.
///
/// # Errors
/// 404 where there is none whose team they are on, or for whose applicant they draft.
pub fn export(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Dossier> {
    let facts = applications::service::visible(conn, ctx, id)?;
    let relations = applications::service::relations(conn, ctx, &facts)?;
    authz::require(ctx, Action::ExportApplication, &relations)?;
    let whole = applications::service::get(conn, ctx, id)?;
    let page = PageOf { limit: PAGE, after: None };
    let mut files = applications::service::attachments(conn, ctx, id, &page)?.items;
    files.reverse();
    let form = answers::service::form_of(conn, facts.call_id, whole.form_version)?;
    let agendas = applications::service::about(conn, ctx, id)?.items;
    let team = applications::service::members(conn, ctx, id)?;
    let live = team.into_iter().filter(|member| member.consent != Consent::Removed);
    Ok(Dossier {
        format: FORMAT.to_owned(),
        version: VERSION,
        exported_at: ctx.now.to_string(),
        answers: answered(&form, &sure(&whole.answers, &whole.suggested), &files),
        standing: standing(conn, facts.call_id, &whole)?,
        team: live
            .map(|member| Teammate {
                name: member.name,
                role: member.role.to_string(),
                consent: member.consent.to_string(),
            })
            .collect(),
        further_calls: further(conn, ctx, id, &files)?,
        files: files.into_iter().map(filed).collect(),
        comments: said(conn, ctx, id)?,
        vouches: vouched(conn, ctx, (id, &relations))?,
        application: written(whole, agendas.into_iter().map(|a| a.title).collect()),
    })
}

fn written(whole: Application, agendas: Vec<String>) -> Written {
    let money = |money: Money| money.into();
    let line = |line: applications::model::BudgetLine| model::BudgetLine {
        label: line.label,
        amount: line.amount.into(),
    };
    Written {
        title: whole.row.title,
        summary: whole.row.summary,
        body: whole.body,
        amount_minimum: whole.row.amount_minimum.map(money),
        amount_requested: whole.row.amount_requested.map(money),
        budget_lines: whole.budget_lines.into_iter().map(line).collect(),
        duration_months: whole.duration_months,
        visibility: Some(whole.row.visibility),
        agendas,
        place: whole.place,
        looking_for: whole.looking_for,
    }
}

fn standing(conn: &mut Conn, call: CallId, whole: &Application) -> Result<Standing> {
    let row = &whole.row;
    let call = calls::service::facts(conn, call)?;
    Ok(Standing {
        id: row.id.to_string(),
        call: call.map(|call| call.title).unwrap_or_default(),
        applicant: row.applicant.as_ref().map(|who| who.name.clone()).unwrap_or_default(),
        status: row.status.to_string(),
        reason: whole.status_reason.clone(),
        submitted_at: row.submitted_at.map(|at| at.to_string()),
        promised_on: row.promised_on.map(|day| day.to_string()),
        decided_at: whole.decided_at.map(|at| at.to_string()),
        offered: row.offered.map(Into::into),
    })
}

/// Without what was filled in from the bank and confirmed by nobody: it is no answer yet.
fn sure(answers: &Answers, suggested: &Suggested) -> Answers {
    let sure = answers.iter().filter(|(key, _)| !suggested.contains_key(*key));
    sure.map(|(key, answer)| (key.clone(), answer.clone())).collect()
}

/// What was asked and answered; a file by its name.
fn answered(form: &Form, answers: &Answers, files: &[Attachment]) -> Vec<Answered> {
    let quiz = form.eligibility.iter().filter_map(|quiz| {
        let answer = answers.get(&quiz.key)?;
        Some(Answered {
            key: quiz.key.clone(),
            label: quiz.label.clone(),
            kind: rules::QUIZ.to_owned(),
            reuse_key: None,
            answer: answer.clone(),
            text: texts::chosen(quiz, answer),
        })
    });
    let named = |answer: &Value| {
        let found = files.iter().find(|file| answer.as_str() == Some(&file.id.to_string()));
        found.map_or(Value::Null, |file| json!(file.name))
    };
    let questions = form.questions.iter().filter_map(|question| {
        let answer = answers.get(&question.key)?;
        let answer = match question.kind {
            QuestionKind::File => named(answer),
            _ => answer.clone(),
        };
        Some(Answered {
            key: question.key.clone(),
            label: question.label.clone(),
            kind: question.kind.to_string(),
            reuse_key: question.reuse_key.clone(),
            text: texts::readable(question, &answer),
            answer,
        })
    });
    quiz.chain(questions).collect()
}

fn filed(file: Attachment) -> Filed {
    Filed {
        name: file.name,
        content_type: file.content_type.to_string(),
        bytes: file.bytes,
        sha256: file.sha256,
    }
}

fn further(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    files: &[Attachment],
) -> Result<Vec<Further>> {
    let mut all = Vec::new();
    for row in applications::service::routes(conn, ctx, id)?.items {
        let call: CallId = row.call_id;
        let route = applications::service::route(conn, ctx, (id, call))?;
        let form = answers::service::form_of(conn, call, route.form_version)?;
        all.push(Further {
            call: row.call_title,
            status: row.status.to_string(),
            promised_on: row.promised_on.map(|day| day.to_string()),
            answers: answered(&form, &sure(&route.answers, &route.suggested), files),
        });
    }
    Ok(all)
}

/// What the team may read, whatever else whoever asks may read.
fn said(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Vec<Said>> {
    let mut page = PageOf { limit: PAGE, after: None };
    let mut all = Vec::new();
    for _ in 0..PAGES {
        let read = comments::service::list(conn, ctx, id, &page)?;
        page.after = read.items.last().map(|comment| comment.id);
        let told = read.items.into_iter().filter(|c| c.visibility != CommentVisibility::Internal);
        all.extend(told.filter_map(|comment| {
            Some(Said {
                author: comment.speaker(),
                said_at: comment.created_at.to_string(),
                visibility: comment.visibility.to_string(),
                body: comment.body?,
            })
        }));
        if read.next.is_none() {
            all.reverse();
            return Ok(all);
        }
    }
    Err(too_many("comments"))
}

fn too_many(what: &str) -> Problem {
    let detail = format!(
        "More than {} {what} stand with it: too many for one document. Ask whoever runs the \
         service for a copy.",
        PAGES * PAGE
    );
    Problem::new(Kind::LimitReached, detail)
}

/// The public ones; none to a token that may not read vouches, nor to a delegate where only the
/// team reads them.
fn vouched(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, relations): (ApplicationId, &[Relation]),
) -> Result<Vec<Vouched>> {
    if authz::require(ctx, Action::ListApplicationVouches, relations).is_err() {
        return Ok(Vec::new());
    }
    let mut page = PageOf { limit: PAGE, after: None };
    let mut all = Vec::new();
    for _ in 0..PAGES {
        let read = vouches::service::of_application(conn, ctx, id, &page)?;
        page.after = read.items.last().map(|vouch| vouch.id);
        let live = read
            .items
            .into_iter()
            .filter(|vouch| vouch.visibility == Visibility::Public && vouch.withdrawn_at.is_none());
        all.extend(live.map(|vouch| Vouched {
            voucher: vouch.voucher.name,
            signed_at: vouch.signed_at.to_string(),
            scopes: vouch.scopes.iter().map(ToString::to_string).collect(),
            strength: vouch.strength.to_string(),
            how_known: vouch.how_known,
            statement: vouch.statement,
        }));
        if read.next.is_none() {
            return Ok(all);
        }
    }
    Err(too_many("vouches"))
}

/// Makes a draft of a document that was written out here or elsewhere.
///
/// # Errors
/// 409 where the call takes none today, 422 for another form or version of document, and with all
/// that is wrong with what it says.
pub fn import(conn: &mut Conn, ctx: &Ctx, asked: &ImportApplication) -> Result<Imported> {
    authz::require(ctx, Action::ImportApplication, &[])?;
    let mut fields = Fields::new();
    rules::known(&mut fields, &asked.document);
    match calls::service::visible(conn, ctx, asked.call_id, Action::GetCall) {
        Err(problem) if problem.kind() == Kind::NotFound => {
            fields.push("/call_id", "unknown", "there is no such call");
        }
        known => drop(known?),
    }
    fields.finish()?;
    let (_, form) = answers::service::newest(conn, asked.call_id)?;
    let mut left = Vec::new();
    let mut draft = rules::draft(asked.call_id, &asked.document.application);
    draft.answers = texts::answers(&form, &asked.document, &mut left);
    rules::left_out(&asked.document, &mut left);
    let made = applications::service::create(conn, ctx, &draft).map_err(inside)?;
    let change = Change::by(Action::ImportApplication, "application", made.row.id.uuid());
    audit::record(conn, ctx, change.to(json!({ "not_taken_over": left.len() })))?;
    Ok(Imported { application: made, not_taken_over: left })
}

/// The same refusal, with pointers into the document.
fn inside(problem: Problem) -> Problem {
    if problem.kind() != Kind::Invalid {
        return problem;
    }
    let mut fields = Fields::new();
    for field in problem.fields() {
        let place = match field.pointer.as_str() {
            "/call_id" => field.pointer.clone(),
            other if other.starts_with("/answers") => format!("/document{other}"),
            other => format!("/document/application{other}"),
        };
        fields.push(&place, field.code, field.message.clone());
    }
    fields.finish().err().unwrap_or(problem)
}
