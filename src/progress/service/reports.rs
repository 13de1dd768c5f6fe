//! Reports: written by the recipient, accepted by those who pay.

use super::super::model::{Report, ReportAct};
use super::super::{rules, store};
use super::{going, just_changed, letters, new_report, readers, release, reporting, to_come};
use crate::grants;
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{GrantId, ReportId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde::Deserialize;
use serde_json::json;

/// Characters of a report, at most.
const MAX_BODY: usize = 50_000;
/// Who writes reports in their own name.
const WRITERS: &[Relation] = &[Relation::Recipient, Relation::Team];
/// Who reads what is still being written: those who write it, also in the recipient's name.
const AUTHORS: &[Relation] =
    &[Relation::Recipient, Relation::Team, Relation::Delegate(Errand::Report)];
/// What makes another report of one that was handed in.
const HANDED_IN: &[Action] = &[Action::EditReport, Action::SubmitReport];

/// A report that is asked for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// The day by which it is wanted.
    pub due_on: Date,
}

/// The text of a report.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportText {
    /// What was done, what was learned, what comes next.
    #[schema(max_length = 50_000)]
    pub body: String,
}

/// What the reader answers.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// What is missing.
    #[schema(min_length = 1, max_length = 5_000)]
    pub feedback: String,
}

/// The reports of a grant, newest first; without the text of those that were never handed in, but
/// for those who write them.
pub fn reports(conn: &mut Conn, ctx: &Ctx, grant: GrantId) -> Result<Vec<Report>> {
    let (facts, relations) = grants::service::grant_for(conn, ctx, grant, Action::ListReports)?;
    let unnamed = grants::service::unnamed(conn, ctx, &facts)?;
    let mut all = store::reports(conn, grant)?;
    discreet(ctx, &relations, &mut all);
    Ok(all.into_iter().map(|report| report.without(&unnamed)).collect())
}

/// Takes away what was written and never handed in, but for those who write it.
fn discreet(ctx: &Ctx, relations: &[Relation], all: &mut [Report]) {
    if ctx.actor.is_system() || relations.iter().any(|relation| AUTHORS.contains(relation)) {
        return;
    }
    for report in all.iter_mut().filter(|report| report.submitted_at.is_none()) {
        report.body.clear();
    }
}

/// One of them, as the list shows it, with the version that a change names.
///
/// # Errors
/// 404 where there is none of a grant whose reports they read.
pub fn report(conn: &mut Conn, ctx: &Ctx, id: ReportId) -> Result<Report> {
    let mut found = load(conn, id)?;
    let grant = grants::service::grant_for(conn, ctx, found.grant_id, Action::GetReport);
    let (facts, relations) = grant.map_err(hidden)?;
    discreet(ctx, &relations, std::slice::from_mut(&mut found));
    Ok(found.without(&grants::service::unnamed(conn, ctx, &facts)?))
}

/// Asks for a report that no tranche waits for; the recipient is told.
pub fn add_report(conn: &mut Conn, ctx: &Ctx, grant: GrantId, form: &NewReport) -> Result<Report> {
    let facts = going(conn, ctx, grant, Action::AddReport)?;
    grants::service::impartial(conn, ctx, &facts)?;
    let mut fields = Fields::new();
    to_come(&mut fields, ctx, "/due_on", form.due_on);
    fields.finish()?;
    let mut report = new_report(ctx, grant, None, form.due_on);
    // They hear of it now.
    report.remind_on = rules::remind_report(report.status, report.due_on, ctx.today());
    store::insert_report(conn, &report, ctx.now)?;
    let change = Change::by(Action::AddReport, "report", report.id.uuid())
        .to(json!({ "grant_id": grant, "due_on": form.due_on }));
    audit::record(conn, ctx, change)?;
    letters::report_wanted(conn, ctx, &facts, (form.due_on, None))?;
    Ok(report)
}

fn load(conn: &mut Conn, id: ReportId) -> Result<Report> {
    store::report(conn, id)?.ok_or_else(|| Problem::not_found("report"))
}

/// The report and its grant, for an act on it: from here on nobody else does one.
fn held(conn: &mut Conn, ctx: &Ctx, id: ReportId, action: Action) -> Result<(Report, GrantFacts)> {
    let seen = load(conn, id)?;
    let grant = going(conn, ctx, seen.grant_id, action).map_err(hidden)?;
    // Again, now that its grant is held.
    Ok((load(conn, id)?, grant))
}

/// Others write as well: who says what they read hands in, or sends back, nothing else.
fn as_read(conn: &mut Conn, ctx: &Ctx, report: &Report, edits: &[Action]) -> Result<()> {
    if ctx.if_match.is_none() {
        return Ok(());
    }
    audit::expect_version(conn, ctx, ("report", report.id.uuid()), report.version, edits)
}

/// A report of a grant that the actor may not see is a report that is not there.
fn hidden(problem: Problem) -> Problem {
    if problem.status() == 404 { Problem::not_found("report") } else { problem }
}

fn write(
    conn: &mut Conn,
    ctx: &Ctx,
    was: &Report,
    act: ReportAct,
    action: Action,
    edit: impl FnOnce(&mut Report),
) -> Result<Report> {
    let mut now = was.clone();
    now.status = was.status.after(act)?;
    if now.status != was.status {
        now.remind_on = rules::remind_report(now.status, was.due_on, ctx.today());
    }
    edit(&mut now);
    if !store::change_report(conn, was, &now)? {
        return Err(just_changed());
    }
    now.version = was.version + 1;
    let change = Change::by(action, "report", was.id.uuid())
        .from(json!({ "status": was.status }))
        .to(json!({ "status": now.status, "feedback": now.feedback }));
    audit::record(conn, ctx, change)?;
    Ok(now)
}

/// Writes the text (an autosave: send the version that you edit).
pub fn edit(conn: &mut Conn, ctx: &Ctx, id: ReportId, text: &ReportText) -> Result<Report> {
    let (report, grant) = held(conn, ctx, id, Action::EditReport)?;
    let ctx = &reporting(conn, ctx, &grant, WRITERS)?;
    audit::expect_version(conn, ctx, ("report", id.uuid()), report.version, &[Action::EditReport])?;
    let mut fields = Fields::new();
    let body = fields.paragraphs("/body", &text.body, 0, MAX_BODY);
    fields.finish()?;
    let after = write(conn, ctx, &report, ReportAct::Edit, Action::EditReport, |r| {
        r.body = body;
        r.author_id = ctx.actor.person();
    })?;
    Ok(after.without(&grants::service::unnamed(conn, ctx, &grant)?))
}

/// Hands the report in; as it was read, where the request says what that was.
///
/// # Errors
/// 409 unless it is written and not handed in, 412 where it was changed since, 422 while it is
/// empty.
pub fn submit(conn: &mut Conn, ctx: &Ctx, id: ReportId) -> Result<Report> {
    let (report, grant) = held(conn, ctx, id, Action::SubmitReport)?;
    let ctx = &reporting(conn, ctx, &grant, WRITERS)?;
    report.status.after(ReportAct::Submit)?;
    as_read(conn, ctx, &report, &[Action::EditReport])?;
    if report.body.is_empty() {
        return Err(Problem::field("/body", "required", "write the report first"));
    }
    let after = write(conn, ctx, &report, ReportAct::Submit, Action::SubmitReport, |r| {
        r.submitted_at = Some(ctx.now);
        r.submitted_by = ctx.actor.person();
    })?;
    letters::reported_for(conn, ctx, &grant)?;
    readers::handed_in(conn, ctx, &grant, &after)?;
    let payload = json!({ "v": 1, "report_id": id, "grant_id": report.grant_id });
    outbox::emit(conn, ctx, "report_submitted", payload)?;
    Ok(after.without(&grants::service::unnamed(conn, ctx, &grant)?))
}

/// Accepts the report that was read; a tranche that waits for it is released in the same
/// transaction.
///
/// # Errors
/// 403 for who is on the grant, or was suspended or lost a role while the request waited; 409
/// unless it was handed in, 412 where it was handed in anew since.
pub fn accept(conn: &mut Conn, ctx: &Ctx, id: ReportId) -> Result<Report> {
    let (report, grant) = held(conn, ctx, id, Action::AcceptReport)?;
    people::service::keep_acting(conn, ctx)?;
    grants::service::impartial(conn, ctx, &grant)?;
    report.status.after(ReportAct::Accept)?;
    // It may have been sent back and handed in again since.
    audit::expect_version(conn, ctx, ("report", id.uuid()), report.version, HANDED_IN)?;
    let after = write(conn, ctx, &report, ReportAct::Accept, Action::AcceptReport, |r| {
        r.decided_by = ctx.actor.person();
        r.decided_at = Some(ctx.now);
        r.feedback = None;
    })?;
    let released = match report.tranche_id {
        Some(tranche) => release(conn, ctx, &grant, tranche, "report accepted")?,
        None => false,
    };
    // What is released is told by the grant.
    if !released {
        letters::accepted(conn, ctx, &grant)?;
    }
    Ok(after)
}

/// Asks for changes, and says which; the recipient is told. Of what was read, where the request
/// says what that was.
///
/// # Errors
/// 409 unless it was handed in, 412 where it was handed in anew since, 422 without a word.
pub fn send_back(conn: &mut Conn, ctx: &Ctx, id: ReportId, form: &Feedback) -> Result<Report> {
    let (report, grant) = held(conn, ctx, id, Action::ReturnReport)?;
    grants::service::impartial(conn, ctx, &grant)?;
    report.status.after(ReportAct::Return)?;
    as_read(conn, ctx, &report, HANDED_IN)?;
    let mut fields = Fields::new();
    let feedback = fields.paragraphs("/feedback", &form.feedback, 1, 5_000);
    fields.finish()?;
    let after = write(conn, ctx, &report, ReportAct::Return, Action::ReturnReport, |r| {
        r.decided_by = ctx.actor.person();
        r.decided_at = Some(ctx.now);
        r.feedback = Some(feedback.clone());
    })?;
    letters::returned(conn, ctx, &grant, &feedback)?;
    Ok(after)
}
