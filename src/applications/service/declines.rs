//! How an application was declined: the reason that was read, and the texts that reasons begin as.

use super::{meanwhile, missing, routes, see};
use crate::applications::model::{
    ApplicationFacts, ApplicationStatus, CreateDeclineTemplate, DeclineForm, DeclineRecord,
    DeclineRouteForm, DeclineTemplate, DeclinedView, EditDeclineTemplate, Named, Record, Remedy,
    TemplateRecord,
};
use crate::applications::rules::{self, declines};
use crate::applications::store;
use crate::calls;
use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, DeclineTemplateId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::{Date, Instant};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

const NAME_MAX: usize = 200;

/// What is said to the applicant, as sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saying<'f> {
    reason: &'f str,
    advice: Option<&'f str>,
    template_id: Option<DeclineTemplateId>,
}

impl<'f> From<&'f DeclineForm> for Saying<'f> {
    fn from(form: &'f DeclineForm) -> Self {
        let DeclineForm { reason, advice, template_id, .. } = form;
        Self { reason, advice: advice.as_deref(), template_id: *template_id }
    }
}

impl<'f> From<&'f DeclineRouteForm> for Saying<'f> {
    fn from(form: &'f DeclineRouteForm) -> Self {
        let DeclineRouteForm { reason, advice, template_id } = form;
        Self { reason, advice: advice.as_deref(), template_id: *template_id }
    }
}

/// What is said to the applicant, checked.
pub(super) fn said(conn: &mut Conn, ctx: &Ctx, form: Saying<'_>) -> Result<DeclineRecord> {
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", form.reason, 1, rules::REASON_MAX);
    declines::filled_in(&mut fields, "/reason", &reason);
    let advice = form.advice.map(|text| {
        let advice = fields.paragraphs("/advice", text, 1, rules::REASON_MAX);
        declines::filled_in(&mut fields, "/advice", &advice);
        advice
    });
    if let Some(id) = form.template_id {
        let known = store::template(conn, id)?.is_some();
        fields.check(known, "/template_id", "unknown", "there is no such template");
    }
    fields.finish()?;
    Ok(DeclineRecord {
        id: ctx.id(),
        declined_by: ctx.actor.person(),
        reason,
        advice,
        template_id: form.template_id,
        declined_at: ctx.now,
        promised: None,
        call_id: None,
    })
}

/// A reason of the service's own, without advice.
pub(super) fn plain(ctx: &Ctx, reason: &str) -> DeclineRecord {
    DeclineRecord {
        id: ctx.id(),
        declined_by: ctx.actor.person(),
        reason: reason.to_owned(),
        advice: None,
        template_id: None,
        declined_at: ctx.now,
        promised: None,
        call_id: None,
    }
}

/// Keeps it with the application, and with it what the applicant can do about it: that, in a
/// sentence.
pub(super) fn keep(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    said: &DeclineRecord,
) -> Result<Option<String>> {
    let promised = unused(conn, ctx, (record.id, record.call_id), said)?;
    store::insert_decline(conn, record.id, &DeclineRecord { promised, ..said.clone() })?;
    Ok(promised.map(|remedy| match remedy.appeals {
        Appeals::Appeal => may_appeal(remedy.until),
        _ if record.state.is_end() => {
            format!("You can hand it in again, changed, until {}.", remedy.until)
        }
        _ => format!(
            "You can hand it in again, changed, until {}, once it goes on in no other call.",
            remedy.until
        ),
    }))
}

/// That somebody can appeal until a day, in a sentence.
pub(super) fn may_appeal(until: Date) -> String {
    format!(
        "If you think that the decision is wrong, you can appeal until {until}: another person \
         looks at it again."
    )
}

/// What can be done about a decline in a call at this moment, whether it was done or not.
pub(super) fn granted(
    conn: &mut Conn,
    (call, declined_at): (CallId, Instant),
    promised: Option<Remedy>,
) -> Result<Remedy> {
    let terms = calls::service::decision_terms(conn, call)?;
    Ok(declines::granted(promised, (terms.appeals, terms.appeal_days), declined_at.date()))
}

/// What is given for a decline of an application, or in its own call, and was not used.
fn unused(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, call): (ApplicationId, CallId),
    said: &DeclineRecord,
) -> Result<Option<Remedy>> {
    let granted = granted(conn, (call, said.declined_at), said.promised)?;
    let used = match granted.appeals {
        Appeals::None => false,
        Appeals::Appeal => store::appeal_of(conn, id, None)?.is_some(),
        Appeals::Resubmit => store::resubmitted_as(conn, id)?.is_some(),
    };
    Ok(declines::left(granted, used, ctx.today()))
}

/// What is left to do about a decline of an application, or in its own call: an appeal brings back
/// what goes on, or was declined; what has ended is handed in again, unless it became a grant, or
/// may come back by an appeal that waits. Nobody has both of the two.
pub(super) fn remedy(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    said: &DeclineRecord,
) -> Result<Option<Remedy>> {
    let Some(facts) = super::facts(conn, id)? else { return Ok(None) };
    if store::is_emptied(conn, id)? {
        return Ok(None);
    }
    let status = facts.status;
    let Some(left) = unused(conn, ctx, (id, facts.call_id), said)? else { return Ok(None) };
    let may = match left.appeals {
        Appeals::Appeal => {
            (!status.is_end() || status == ApplicationStatus::Declined)
                && store::resubmitted_as(conn, id)?.is_none()
        }
        _ => status.is_end() && status != ApplicationStatus::Awarded && !appealed(conn, id)?,
    };
    Ok(may.then_some(left))
}

/// Whether an appeal about an application waits for its answer, in whichever of its calls.
pub(super) fn appealed(conn: &mut Conn, id: ApplicationId) -> Result<bool> {
    Ok(store::appeals_of(conn, id)?.iter().any(|appeal| appeal.decided_at.is_none()))
}

/// Whether an application was begun with what another one said that was declined, and the days for
/// that are not over: whatever the days of its call are.
pub(super) fn comes_again(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<bool> {
    Ok(again_until(conn, ctx, id)?.is_some())
}

/// The last of those days; none where it was not begun so, or they are over.
pub(super) fn again_until(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Option<Date>> {
    let Some(of) = store::resubmission_of(conn, id)? else { return Ok(None) };
    let Some(said) = store::last_decline(conn, of, None)? else { return Ok(None) };
    let Some(facts) = super::facts(conn, of)? else { return Ok(None) };
    let granted = granted(conn, (facts.call_id, said.declined_at), said.promised)?;
    let left = declines::left(granted, false, ctx.today());
    Ok(left.filter(|left| left.appeals == Appeals::Resubmit).map(|left| left.until))
}

/// Whether an application stands declined: itself, or in its own call.
pub(super) fn stands(facts: &ApplicationFacts) -> bool {
    facts.status == ApplicationStatus::Declined || facts.own_call().is_none()
}

/// What its applicant can still do about a decline of it, or in its own call, and until when.
pub fn remedy_for(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
) -> Result<Option<(Appeals, Date)>> {
    if !stands(facts) {
        return Ok(None);
    }
    let Some(said) = store::last_decline(conn, facts.id, None)? else { return Ok(None) };
    let left = remedy(conn, ctx, facts.id, &said)?;
    Ok(left.map(|left| (left.appeals, left.until)))
}

/// Whether a declined application may still come back: an appeal waits for its answer, or may still
/// be made.
pub fn may_be_reopened(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<bool> {
    let Some(facts) = super::facts(conn, id)? else { return Ok(false) };
    if facts.status != ApplicationStatus::Declined {
        return Ok(false);
    }
    if appealed(conn, id)? {
        return Ok(true);
    }
    let own = remedy_for(conn, ctx, &facts)?;
    Ok(own.is_some_and(|(appeals, _)| appeals == Appeals::Appeal)
        || routes::may_be_appealed(conn, ctx, &facts)?)
}

/// Who declined an application last: in this further call, or, where none is named, itself or in
/// its own.
pub fn declined_by(
    conn: &mut Conn,
    id: ApplicationId,
    call: Option<CallId>,
) -> Result<Option<PersonId>> {
    Ok(store::last_decline(conn, id, call)?.and_then(|said| said.declined_by))
}

/// From when until when an application was declined before an appeal brought it back.
pub fn declined_between(conn: &mut Conn, id: ApplicationId) -> Result<Option<(Instant, Instant)>> {
    let answered = store::appeals_of(conn, id)?.into_iter().filter_map(|appeal| appeal.decided_at);
    Ok(store::last_declined_at(conn, id)?.zip(answered.max()))
}

/// How an application was declined, in a further call where one is named, for its team and for
/// those who run the service.
///
/// # Errors
/// 404 where there is no application that the actor may see, or it was not routed there, 403 where
/// it is not theirs to know, 409 where it was never declined.
pub fn declined(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    call: Option<CallId>,
) -> Result<DeclinedView> {
    let facts = super::facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::GetDecline, &relations)?;
    let there = call.filter(|call| *call != facts.call_id);
    let remedy = match there {
        Some(call) => routes::remedy_seen(conn, ctx, (&facts, call), &relations)?,
        None => remedy_for(conn, ctx, &facts)?,
    };
    let never = || Problem::wrong_state("The application was not declined.");
    let said = store::last_decline(conn, id, there)?.ok_or_else(never)?;
    let by = match said.declined_by.filter(|_| ctx.actor.is_sponsor()) {
        Some(id) => {
            let name = people::service::brief(conn, id)?.map(|p| p.name).unwrap_or_default();
            Some(Named { id, name })
        }
        None => None,
    };
    Ok(DeclinedView {
        application_id: id,
        call_id: there,
        status: facts.status,
        reason: said.reason,
        advice: said.advice,
        declined_at: said.declined_at,
        declined_by: by,
        remedy: remedy.map_or(Appeals::None, |(appeals, _)| appeals),
        remedy_until: remedy.map(|(_, until)| until),
        appeal: store::appeal_of(conn, id, there)?.map(Into::into),
        resubmitted_as: match there {
            Some(_) => None,
            None => store::resubmitted_as(conn, id)?,
        },
    })
}

fn no_template() -> Problem {
    Problem::not_found("decline template")
}

/// Makes a text that reasons begin as.
///
/// # Errors
/// 409 where there are too many, 422 with all that is wrong.
pub fn create_template(
    conn: &mut Conn,
    ctx: &Ctx,
    form: &CreateDeclineTemplate,
) -> Result<DeclineTemplate> {
    authz::require(ctx, Action::CreateDeclineTemplate, &[])?;
    let mut fields = Fields::new();
    let name = fields.line("/name", &form.name, 1, NAME_MAX);
    let body = fields.paragraphs("/body", &form.body, 1, rules::REASON_MAX);
    fields.finish()?;
    room(conn)?;
    let (id, created_at) = (ctx.id(), ctx.now);
    let made = TemplateRecord { id, name, body, retired_at: None, version: 1, created_at };
    store::insert_template(conn, &made, ctx.actor.person())?;
    let change = Change::by(Action::CreateDeclineTemplate, "decline_template", made.id.uuid());
    audit::record(conn, ctx, change.to(json!({ "name": made.name, "body": made.body })))?;
    Ok(made.into())
}

/// Two at once may both find the last place: it is a limit for order's sake.
fn room(conn: &mut Conn) -> Result<()> {
    if store::templates_in_use(conn)? < declines::TEMPLATES_MAX {
        return Ok(());
    }
    let most = declines::TEMPLATES_MAX;
    let detail = format!("There are {most} templates in use: retire one first.");
    Err(Problem::new(Kind::LimitReached, detail))
}

/// Changes a text that reasons begin as; what was sent stays as it was read.
///
/// # Errors
/// 404 where there is none, 412 when somebody changed it meanwhile, 422 with all that is wrong.
pub fn edit_template(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DeclineTemplateId,
    form: &EditDeclineTemplate,
) -> Result<DeclineTemplate> {
    authz::require(ctx, Action::EditDeclineTemplate, &[])?;
    let old = store::template(conn, id)?.ok_or_else(no_template)?;
    audit::expect_version(
        conn,
        ctx,
        ("decline_template", id.uuid()),
        old.version,
        &[Action::EditDeclineTemplate],
    )?;
    let mut new = old.clone();
    let mut fields = Fields::new();
    let needed = "this is needed: it cannot be cleared";
    match &form.name {
        Patch::Leave => {}
        Patch::Clear => fields.push("/name", "required", needed),
        Patch::Set(text) => new.name = fields.line("/name", text, 1, NAME_MAX),
    }
    match &form.body {
        Patch::Leave => {}
        Patch::Clear => fields.push("/body", "required", needed),
        Patch::Set(text) => new.body = fields.paragraphs("/body", text, 1, rules::REASON_MAX),
    }
    match form.retired {
        Patch::Leave => {}
        Patch::Set(true) => new.retired_at = old.retired_at.or(Some(ctx.now)),
        Patch::Set(false) | Patch::Clear => new.retired_at = None,
    }
    fields.finish()?;
    if old.retired_at.is_some() && new.retired_at.is_none() {
        room(conn)?;
    }
    if !store::save_template(conn, &new, old.version)? {
        return Err(meanwhile());
    }
    let told = |template: &TemplateRecord| {
        let retired = template.retired_at.is_some();
        json!({ "name": template.name, "body": template.body, "retired": retired })
    };
    let change = Change::by(Action::EditDeclineTemplate, "decline_template", id.uuid());
    audit::record(conn, ctx, change.from(told(&old)).to(told(&new)))?;
    new.version += 1;
    Ok(new.into())
}

/// One text that reasons begin as.
///
/// # Errors
/// 404 where there is none.
pub fn template(conn: &mut Conn, ctx: &Ctx, id: DeclineTemplateId) -> Result<DeclineTemplate> {
    authz::require(ctx, Action::GetDeclineTemplate, &[])?;
    store::template(conn, id)?.map(Into::into).ok_or_else(no_template)
}

/// The texts that reasons begin as, newest first, retired ones too.
pub fn templates(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::DeclineTemplate>,
) -> Result<Page<DeclineTemplate>> {
    authz::require(ctx, Action::ListDeclineTemplates, &[])?;
    let rows = Page::cut(store::templates(conn, page)?, page.limit, |row| row.id);
    Ok(rows.map(Into::into))
}
