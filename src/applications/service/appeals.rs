//! What somebody does who was declined: has another person look at it, or hands it in again.

use super::{
    Turn, clock, conflicts, decide, declines, hold, letters, mates, meanwhile, named, turn,
    versions, write,
};
use crate::answers;
use crate::applications::events;
use crate::applications::model::{
    Act, Appeal, AppealAnswer, AppealForm, AppealOutcome, AppealRecord, AppealStatus,
    AppealVerdict, Application, ApplicationFacts, DeclineRecord, Record, State,
};
use crate::applications::rules::{self, declines as limits};
use crate::applications::store;
use crate::attachments;
use crate::calls;
use crate::calls::model::Appeals;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// How it was declined, if that is where it stands.
fn decline_of(conn: &mut Conn, record: &Record) -> Result<DeclineRecord> {
    let never = || Problem::wrong_state("The application was not declined.");
    if record.state != State::Declined {
        return Err(never());
    }
    store::last_decline(conn, record.id)?.ok_or_else(never)
}

/// Asks that another person looks at the decision; once for each application.
///
/// # Errors
/// 409 where it was not declined, or the call does not allow it, or no longer.
pub fn appeal(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, form: &AppealForm) -> Result<Appeal> {
    let (record, _) = hold(conn, ctx, id, Action::AppealDecline)?;
    let said = decline_of(conn, &record)?;
    limits::may(Appeals::Appeal, declines::remedy(conn, ctx, id, &said)?)?;
    let mut fields = Fields::new();
    let text = fields.paragraphs("/text", &form.text, 1, rules::REASON_MAX);
    fields.finish()?;
    let call = calls::service::facts(conn, record.call_id)?;
    let promised = ctx.today().plus_days(call.map_or(7, |call| call.decision_days));
    let made = AppealRecord {
        id: ctx.id(),
        application_id: id,
        text,
        appealed_at: ctx.now,
        outcome: None,
        answer: None,
        decided_by: None,
        decided_at: None,
        promised_on: Some(promised),
        due_on: Some(crate::applications::rules::clock::begin(promised, ctx.today()).on),
    };
    if !store::insert_appeal(conn, &made, ctx.me()?, said.declined_by)? {
        return Err(Problem::new(Kind::AlreadyExists, "There is an appeal already."));
    }
    let change = Change::by(Action::AppealDecline, "application", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "appeal_id": made.id })))?;
    clock::appealed(conn, ctx, &record, &made)?;
    Ok(made.into())
}

fn none() -> Problem {
    Problem::wrong_state("No appeal waits here.")
}

/// Takes back an appeal that waits for its answer: the decision stands, and those who were to
/// answer read that they need not. Another appeal cannot be made.
///
/// # Errors
/// 403 for others than the applicant, 409 where no appeal waits.
pub fn withdraw_appeal(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Appeal> {
    let (record, _) = hold(conn, ctx, id, Action::WithdrawAppeal)?;
    let waits = store::appeal_of(conn, id)?.filter(|appeal| appeal.decided_at.is_none());
    let mut appeal = waits.ok_or_else(none)?;
    appeal.outcome = Some(AppealOutcome::Withdrawn);
    appeal.decided_by = Some(ctx.me()?);
    appeal.decided_at = Some(ctx.now);
    if !store::answer_appeal(conn, &appeal)? {
        return Err(meanwhile());
    }
    let change = Change::by(Action::WithdrawAppeal, "application", id.uuid());
    let after = json!({ "appeal_id": appeal.id, "outcome": AppealOutcome::Withdrawn });
    audit::record(conn, ctx, change.to(after))?;
    clock::taken_back(conn, ctx, &record, &appeal)?;
    Ok(appeal.into())
}

/// Answers an appeal: the decision stands, or the application is looked at again, with a new
/// promise. Offers that were released when it was declined stay released.
///
/// # Errors
/// 403 for whoever declined or acts for them, or has a stake in it; 409 where no appeal waits.
pub fn answer_appeal(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &AppealAnswer,
) -> Result<Appeal> {
    let (record, _) = decide::screen(conn, ctx, id, Action::AnswerAppeal)?;
    let mut appeal = store::appeal_of(conn, id)?.ok_or_else(none)?;
    let said = decline_of(conn, &record)?;
    let me = ctx.me()?;
    limits::another(said.declined_by, me)?;
    let decliner = (said.declined_by, said.declined_at);
    delegations::service::another_side(conn, ctx, decliner, "declined it")?;
    if appeal.decided_at.is_some() {
        return Err(none());
    }
    let reason = super::reason(&form.reason)?;
    appeal.outcome = Some(form.outcome.into());
    appeal.answer = Some(reason.clone());
    appeal.decided_by = Some(me);
    appeal.decided_at = Some(ctx.now);
    if !store::answer_appeal(conn, &appeal)? {
        return Err(meanwhile());
    }
    let change = Change::by(Action::AnswerAppeal, "application", id.uuid());
    let after = json!({ "appeal_id": appeal.id, "outcome": form.outcome, "reason": reason });
    audit::record(conn, ctx, change.to(after))?;
    let back = match form.outcome {
        AppealVerdict::Upheld => None,
        AppealVerdict::Reopened => Some(reopen(conn, ctx, &record)?),
    };
    tell(conn, ctx, &record, (back.as_ref(), &reason))?;
    Ok(appeal.into())
}

/// The applicant and the team read the answer, and how the application stands now if it came back.
fn tell(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (back, reason): (Option<&Record>, &str),
) -> Result<()> {
    let (letter, text) = match back {
        None => {
            let letter = letters::letter(record, "Your appeal was answered")
                .paragraph("Another person has looked at the decision: it stands, for this reason:")
                .quote(reason);
            (letter, "Another person has looked at its decline: it stands.")
        }
        Some(now) => {
            let letter = letters::letter(record, "Your application is looked at again")
                .paragraph("Another person has looked at the decision, and takes it back:")
                .quote(reason);
            if now.state == State::Submitted {
                let promised = now.promised_on.map(|day| day.to_string()).unwrap_or_default();
                let promised = format!("You will have a new decision by {promised}.");
                let days = letters::days(conn, now, &promised)?;
                let text = "Its decline was taken back: it is looked at again.";
                (letter.paragraph(days), text)
            } else {
                let next = "Since you handed it in it has taken up another application. Read it, \
                            change it if you like, and submit it again: then it is looked at, and \
                            you read by when it is decided.";
                let text = "Its decline was taken back: it is looked at again once its lead has \
                            submitted it with what it took up.";
                (letter.paragraph(next), text)
            }
        }
    };
    let letter = letter.link("Your application", letters::path(record));
    letters::to_applicant(conn, ctx, record, letter)?;
    mates::tell(conn, ctx, record, ("An appeal was answered", text), &[reason])
}

/// Puts what was handed in last in the place of what was changed since and handed in by nobody;
/// that is kept among the versions. As it is then.
fn put_back(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<Record> {
    let mut record = record.clone();
    let Some((mut content, paper)) = versions::handed_in(conn, &record)? else {
        return Ok(record);
    };
    let facts = ApplicationFacts::from(&record);
    let Some(handed_in_at) = versions::handed_in_at(conn, &facts)? else { return Ok(record) };
    // Who may come across it is for the applicant to say at any time.
    content.visibility = record.content.visibility;
    let now = answers::service::paper(conn, record.id)?;
    versions::begin(conn, ctx, &record, &now)?;
    if !store::save_content(conn, record.id, &content, record.version)? {
        return Err(meanwhile());
    }
    if paper.form_version > 0 {
        named::replace(conn, ctx, &record, (&now, &paper))?;
    }
    // Files that nobody handed in are nobody's to read.
    for file in attachments::service::all_of(conn, record.id)? {
        let facts = attachments::service::facts(conn, file.id)?;
        if facts.is_some_and(|facts| facts.created_at > handed_in_at) {
            attachments::service::remove(conn, ctx, (record.id, file.id))?;
        }
    }
    record.content = content;
    record.version += 1;
    Ok(record)
}

/// Whether it has taken up another one since it was handed in: that is not put away again, for the
/// other one has ended, and nobody has handed it in.
fn took_up_since(conn: &mut Conn, record: &Record) -> Result<bool> {
    match versions::handed_in_at(conn, &ApplicationFacts::from(record))? {
        Some(handed_in_at) => store::merged_since(conn, record.id, handed_in_at),
        None => Ok(false),
    }
}

/// Back to those that wait for a first look, with what was handed in last; or to its applicant,
/// where it is handed in again first. As it is then.
fn reopen(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<Record> {
    let call = calls::service::facts(conn, record.call_id)?;
    let call = call.ok_or_else(|| Problem::internal("an application without its call"))?;
    let step = Turn {
        act: Act::Reopen,
        action: Action::AnswerAppeal.as_str(),
        reason: None,
        promised_on: Some(ctx.today().plus_days(call.decision_days)),
        event: Some(events::REOPENED),
    };
    if !took_up_since(conn, record)? {
        let record = put_back(conn, ctx, record)?;
        return turn(conn, ctx, record, step);
    }
    let record = turn(conn, ctx, record.clone(), step)?;
    let step = Turn {
        act: Act::RequestChanges,
        action: Action::RequestChanges.as_str(),
        reason: Some("It has taken up another application: submit it again.".into()),
        promised_on: None,
        event: Some(events::CHANGES_REQUESTED),
    };
    turn(conn, ctx, record, step)
}

/// The appeals, newest first.
pub fn appeals(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<AppealStatus>,
    page: &PageOf<of::Appeal>,
) -> Result<Page<Appeal>> {
    authz::require(ctx, Action::ListAppeals, &[])?;
    let rows = Page::cut(store::appeals(conn, status, page)?, page.limit, |row| row.id);
    Ok(rows.map(Into::into))
}

/// Begins a new application with what a declined one said, files included; its team is asked anew.
///
/// # Errors
/// 409 where it was not declined, the call does not allow it, or no longer.
pub fn resubmit(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Application> {
    let (record, _) = hold(conn, ctx, id, Action::ResubmitApplication)?;
    let said = decline_of(conn, &record)?;
    limits::may(Appeals::Resubmit, declines::remedy(conn, ctx, id, &said)?)?;
    // Its days are those of the decline: most come after the last day of a call.
    write::room_for_another(conn, record.applicant_id)?;
    let place = (record.applicant_id, record.call_id);
    let mut paper = answers::service::paper(conn, record.id)?;
    // What nobody had confirmed is not handed on.
    let (form, given, unsure) = named::sure(conn, &record)?;
    paper.suggested.clear();
    paper.answers = given;
    let mut copies = attachments::service::copies(conn, ctx, id)?;
    copies.retain(|(of, _)| !unsure.contains(of));
    // Answers that are files name the copy of what they named.
    let copy = |file| copies.iter().find(|(of, _)| *of == file).map(|(_, made)| made.id);
    answers::rules::point(&form, &mut paper.answers, copy);
    let made = write::begin(conn, ctx, place, record.content.clone(), &paper)?;
    store::insert_resubmission(conn, made.row.id, id)?;
    conflicts::carry(conn, ctx, made.row.id, id)?;
    attachments::service::hang(conn, copies, made.row.id)?;
    let change = Change::by(Action::ResubmitApplication, "application", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "application_id": made.row.id })))?;
    Ok(made)
}
