//! What somebody does who was declined: has another person look at it, or hands it in again.

use super::{
    Turn, answered, clock, conflicts, decide, declines, hold, meanwhile, named, routes, turn,
    versions, write,
};
use crate::answers;
use crate::applications::events;
use crate::applications::model::{
    Act, Appeal, AppealAnswer, AppealForm, AppealOutcome, AppealRecord, AppealStatus,
    AppealVerdict, Application, ApplicationFacts, DeclineRecord, Record, RouteStatus, State,
    WithdrawAppealForm,
};
use crate::applications::rules::{self, declines as limits};
use crate::applications::store;
use crate::attachments;
use crate::calls;
use crate::calls::model::Appeals;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// How it was declined, or its own call did, if that is where it stands.
fn decline_of(conn: &mut Conn, record: &Record) -> Result<DeclineRecord> {
    let never = || Problem::wrong_state("The application was not declined.");
    if !declines::stands(&ApplicationFacts::from(record)) {
        return Err(never());
    }
    store::last_decline(conn, record.id, None)?.ok_or_else(never)
}

/// The further call that is named, if one is that is not the application's own.
fn there(record: &Record, call: Option<CallId>) -> Option<CallId> {
    call.filter(|call| *call != record.call_id)
}

/// Asks that another person looks at the decision; once for each call that declined.
///
/// # Errors
/// 404 where it is not routed to the call that is named, 409 where it was not declined, or the call
/// does not allow it, or no longer.
pub fn appeal(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, form: &AppealForm) -> Result<Appeal> {
    let (record, _) = hold(conn, ctx, id, Action::AppealDecline)?;
    let there = there(&record, form.call_id);
    let said = match there {
        Some(call) => {
            let (route, said) = routes::declined_there(conn, &record, call)?;
            limits::may(Appeals::Appeal, routes::remedy(conn, ctx, &route)?)?;
            said
        }
        None => {
            let said = decline_of(conn, &record)?;
            limits::may(Appeals::Appeal, declines::remedy(conn, ctx, id, &said)?)?;
            said
        }
    };
    let mut fields = Fields::new();
    let text = fields.paragraphs("/text", &form.text, 1, rules::REASON_MAX);
    fields.finish()?;
    let call = calls::service::facts(conn, there.unwrap_or(record.call_id))?;
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
        call_id: there,
    };
    store::insert_appeal(conn, &made, ctx.me()?, said.declined_by)?;
    let change = Change::by(Action::AppealDecline, "application", id.uuid());
    let after = json!({ "appeal_id": made.id, "call_id": there });
    audit::record(conn, ctx, change.to(after))?;
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
pub fn withdraw_appeal(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &WithdrawAppealForm,
) -> Result<Appeal> {
    let (record, _) = hold(conn, ctx, id, Action::WithdrawAppeal)?;
    let appeal = store::appeal_of(conn, id, there(&record, form.call_id))?;
    let waits = appeal.filter(|appeal| appeal.decided_at.is_none());
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
    let there = there(&record, form.call_id);
    let mut appeal = store::appeal_of(conn, id, there)?.ok_or_else(none)?;
    let said = match there {
        Some(call) => routes::declined_there(conn, &record, call)?.1,
        None => decline_of(conn, &record)?,
    };
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
    match (form.outcome, there) {
        (AppealVerdict::Upheld, _) => answered::upheld(conn, ctx, &record, (there, &reason))?,
        (AppealVerdict::Reopened, None) => {
            let back = reopen(conn, ctx, &record, &said)?;
            answered::back(conn, ctx, (record.state, &back), &reason)?;
        }
        (AppealVerdict::Reopened, Some(call)) => {
            let back = match record.state {
                State::Declined => Some(reopen(conn, ctx, &record, &said)?),
                _ => None,
            };
            let now = back.as_ref().unwrap_or(&record);
            let day = routes::back_there(conn, ctx, (now, call), back.is_some())?;
            answered::back_there(conn, ctx, now, (call, day, &reason))?;
        }
    }
    Ok(appeal.into())
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
/// where it is handed in again first; or, where it goes on and its own call alone had said this, in
/// that again. As it is then.
fn reopen(conn: &mut Conn, ctx: &Ctx, record: &Record, said: &DeclineRecord) -> Result<Record> {
    // What its own call said alone is taken back there; a later no in all calls leaves it.
    let own = said.call_id.is_none() && record.own_call_declined_at == Some(said.declined_at);
    if record.state != State::Declined {
        return routes::back_in_own(conn, ctx, record.clone(), false);
    }
    let back = came_back(conn, ctx, record)?;
    match own {
        true => routes::back_in_own(conn, ctx, back, true),
        false => Ok(back),
    }
}

fn came_back(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<Record> {
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

/// An application came to an end: appeals that could only bring back what is over end with it, and
/// those who were to answer them need not. One that ends declined can still be brought back by what
/// was appealed against itself, or, where its calls declined it one by one, in any of them.
pub(super) fn end(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    for mut appeal in store::appeals_of(conn, record.id)? {
        let stays =
            record.state == State::Declined && (appeal.call_id.is_none() || record.left_own_call());
        if stays || appeal.decided_at.is_some() {
            continue;
        }
        appeal.outcome = Some(AppealOutcome::Ended);
        appeal.decided_at = Some(ctx.now);
        if !store::answer_appeal(conn, &appeal)? {
            return Err(meanwhile());
        }
        let object = ("application", record.id.uuid());
        let change = Change { action: "end_appeal", object, before: None, after: None };
        let after = json!({
            "appeal_id": appeal.id, "call_id": appeal.call_id, "outcome": appeal.outcome,
        });
        audit::record(conn, ctx, change.to(after))?;
        clock::taken_back(conn, ctx, record, &appeal)?;
    }
    Ok(())
}

/// An application came back: appeals that had ended with it wait again, where the further call that
/// they are about has declined it still.
pub(super) fn wait_again(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    for appeal in store::appeals_of(conn, record.id)? {
        let ended = appeal.outcome == Some(AppealOutcome::Ended);
        let Some(call) = appeal.call_id.filter(|_| ended) else { continue };
        let route = store::route(conn, (record.id, call))?;
        if route.is_some_and(|route| route.status == RouteStatus::Declined) {
            clock::waits_again(conn, ctx, record, appeal)?;
        }
    }
    Ok(())
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
/// 409 where it was not declined, goes on in further calls, an appeal may still bring it back, the
/// call does not allow it, or no longer.
pub fn resubmit(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Application> {
    let (record, _) = hold(conn, ctx, id, Action::ResubmitApplication)?;
    let said = decline_of(conn, &record)?;
    // One of the two: it comes back, or begins anew.
    if declines::appealed(conn, id)? {
        let detail = "Your appeal waits, and may bring it back: wait for its answer, or take it \
                      back first.";
        return Err(Problem::wrong_state(detail));
    }
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
