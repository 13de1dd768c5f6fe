//! What the group does.

use super::read::version;
use super::waiting::has_ended;
use super::{
    LANE, anonymous, back, begun, caught_up, held, hold, is_held, letters, may_see, meanwhile,
    note, seals,
};
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::concerns::model::{
    AskForm, AskedBefore, Concern, ConcernOutcome, ConcernRecord, ConcernStatus, DecideConcern,
    Screening, ScreeningStatus,
};
use crate::concerns::rules::{self, Case};
use crate::concerns::{events, store};
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, ConcernId, PersonId, ScreeningId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::platform::audit;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// In which status applications are screened without anybody's doing.
const SCREENED: [ApplicationStatus; 2] = [ApplicationStatus::Submitted, ApplicationStatus::Open];

/// What brings in something that the group reads.
const COMES_IN: &[Action] = &[
    Action::AnswerScreening,
    Action::SubmitApplication,
    Action::SubmitRoute,
    Action::AcceptMembership,
];

/// What somebody does in the lane that has a say there.
const HAVE_A_SAY: &[Action] =
    &[Action::ClearScreening, Action::AskAboutConcern, Action::DecideConcern];

/// Those of some applications whose screening somebody cleared, or about which they asked or
/// decided on a concern.
pub fn decided_on(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    let acts: Vec<&str> = HAVE_A_SAY.iter().map(|act| act.as_str()).collect();
    store::did(conn, ids, person, &acts)
}

/// Nothing speaks against an application: it may be awarded.
///
/// # Errors
/// 404 outside the group and for who is partial, 409 where it was cleared, a concern is open, or
/// the applicant has not answered; 412 where something came in that was not read, 428 where what
/// was read is not named.
pub fn clear(conn: &mut Conn, ctx: &Ctx, id: ScreeningId) -> Result<Screening> {
    let action = Action::ClearScreening;
    let missing = || Problem::not_found("screening");
    let record = store::screening(conn, id)?.ok_or_else(missing)?;
    let application = record.application_id;
    // Held first: who joins its team just now has joined before this look, or does not any more.
    let facts = held(conn, application)?;
    may_see(conn, ctx, action, application)?;
    let record = store::screening(conn, id)?.ok_or_else(missing)?;
    if !SCREENED.contains(&facts.status) {
        let detail = format!(
            "The application is {}: what is cleared is what will be handed in, not what was.",
            facts.status
        );
        return Err(Problem::wrong_state(detail));
    }
    let record = caught_up(conn, ctx, record)?;
    if record.status == ScreeningStatus::Cleared {
        return Err(Problem::wrong_state("It was cleared already."));
    }
    if record.answered_at.is_none() {
        return Err(Problem::wrong_state("The applicant has not answered the questions yet."));
    }
    let all = applications::service::lineage(conn, application)?;
    if store::any_open(conn, &all)? {
        return Err(Problem::wrong_state("A concern is open: decide it first."));
    }
    // The group takes back its own word on it; not in passing what it said of what it comes from.
    let stop = store::stopped_at(conn, &all)?;
    if stop.is_some() && stopped_here(conn, application)? != stop {
        let detail = "It comes from what was stopped: raise a concern about it as it is now, and \
                      decide that first.";
        return Err(Problem::wrong_state(detail));
    }
    let version = version(conn, &record)?;
    audit::expect_version(conn, ctx, ("application", application.uuid()), version, COMES_IN)?;
    if !store::clear(conn, id, ctx.now)? {
        return Err(meanwhile());
    }
    note(conn, ctx, action, application, ("screening", id.uuid(), None))?;
    events::tell_cleared(conn, &anonymous(ctx), application)?;
    super::screening(conn, ctx, id)
}

/// When it was stopped last by what was decided at this very application.
fn stopped_here(conn: &mut Conn, id: ApplicationId) -> Result<Option<Instant>> {
    store::stopped_at_itself(conn, id, Action::DecideConcern.as_str())
}

/// Asks the applicant to answer a concern, of which they read this summary; also where somebody
/// else was asked, who applied with what lives on in the application.
///
/// # Errors
/// 404 outside the group and for who is partial, 409 where they were asked or it was decided.
pub fn ask(conn: &mut Conn, ctx: &Ctx, id: ConcernId, form: &AskForm) -> Result<Concern> {
    let action = Action::AskAboutConcern;
    let (mut record, application) = hold(conn, ctx, id, action)?;
    let mut fields = Fields::new();
    let summary = fields.paragraphs("/summary", &form.summary, 1, rules::TEXT_MAX);
    fields.finish()?;
    if record.status == ConcernStatus::Closed {
        return Err(Problem::wrong_state("It was decided already."));
    }
    if record.asks(application.applicant_id) {
        return Err(Problem::new(Kind::AlreadyExists, "They were asked already."));
    }
    let mut texts = seals::texts(ctx, &record)?;
    if let Some(asked_at) = record.asked_at {
        texts.earlier.push(AskedBefore {
            asked: record.asked_id,
            asked_at,
            summary: texts.summary.take().unwrap_or_default(),
            response: texts.response.take(),
            answered_at: record.answered_at,
        });
    }
    texts.summary = Some(summary);
    record.sealed = seals::seal_texts(ctx, id, &texts)?;
    (record.asked_at, record.answered_at) = (Some(ctx.now), None);
    record.asked_id = Some(application.applicant_id);
    save(conn, ctx, action, &record)?;
    store::asked_anew(conn, id)?;
    letters::asked(conn, ctx, &application)?;
    super::read::shown(conn, ctx, &record)
}

fn save(conn: &mut Conn, ctx: &Ctx, action: Action, record: &ConcernRecord) -> Result<()> {
    if !store::save_concern(conn, record)? {
        return Err(meanwhile());
    }
    let about = ("concern", record.id.uuid(), Some(record.id));
    note(conn, ctx, action, record.application_id, about)
}

/// Decides a concern. What is stopped is declined, with a reason that says nothing of it; offers on
/// it go back.
///
/// # Errors
/// 404 outside the group and for who is partial; 403 for who acts for whoever raised it; otherwise
/// as [`rules::decide`].
pub fn decide(conn: &mut Conn, ctx: &Ctx, id: ConcernId, form: &DecideConcern) -> Result<Concern> {
    let action = Action::DecideConcern;
    let (mut record, application) = hold(conn, ctx, id, action)?;
    // Whoever applies with it was heard, not somebody before them.
    let asked = record.asks(application.applicant_id);
    let case = Case {
        status: record.status,
        own: ctx.actor.is(record.raised_by),
        asked_at: record.asked_at.filter(|_| asked),
        answered: asked && record.answered_at.is_some(),
        application: application.status,
    };
    let decided = rules::decide(&case, form, ctx.now)?;
    let raised = (Some(record.raised_by), record.raised_at);
    delegations::service::another_side(conn, ctx, raised, "raised it")?;
    let mut texts = seals::texts(ctx, &record)?;
    texts.reason = Some(decided.reason);
    record.sealed = seals::seal_texts(ctx, id, &texts)?;
    record.status = ConcernStatus::Closed;
    record.outcome = Some(form.outcome);
    record.conditions = decided.conditions;
    record.decided_at = Some(ctx.now);
    save(conn, ctx, action, &record)?;
    if let (ConcernOutcome::Stopped, Some(reason)) = (form.outcome, decided.public_reason) {
        applications::service::stop(conn, &anonymous(ctx), application.id, &reason)?;
    } else {
        if asked && !has_ended(application.status) {
            letters::decided(conn, ctx, &application, record.conditions.is_some())?;
        }
        tell_if_free(conn, ctx, &application)?;
    }
    super::read::shown(conn, ctx, &record)
}

/// Tells that an application may be awarded again, where nothing of screening holds it any longer.
fn tell_if_free(conn: &mut Conn, ctx: &Ctx, application: &ApplicationFacts) -> Result<()> {
    if SCREENED.contains(&application.status) && !is_held(conn, application.id)? {
        events::tell_cleared(conn, &anonymous(ctx), application.id)?;
    }
    Ok(())
}

/// Changes were requested of an application: what comes back is looked at again. Where this is
/// heard late, what was cleared since it came back stays so.
pub fn reopen(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    let facts = held(conn, id)?;
    let Some(screening) = store::screening_of(conn, id)? else { return Ok(()) };
    let came_in = applications::service::came_in(conn, id)?;
    let after = screening.cleared_at.zip(came_in).is_some_and(|(cleared, came)| cleared > came);
    if !(after && SCREENED.contains(&facts.status)) {
        back(conn, ctx, &screening)?;
    }
    Ok(())
}

/// Something of an application, or its team, is another than it was: its screening waits again
/// where it was cleared before, and the group is told, once, by whichever of several comes first.
pub fn changed(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    // A draft has none, and may be deleted by now.
    if store::screening_of(conn, id)?.is_none() {
        return Ok(());
    }
    applications::service::lock(conn, id)?;
    let Some(screening) = store::screening_of(conn, id)? else { return Ok(()) };
    let cleared = screening.status == ScreeningStatus::Cleared;
    let now = caught_up(conn, ctx, screening)?;
    if cleared && now.status == ScreeningStatus::Waiting {
        letters::waits(conn, ctx, id, &format!("/screenings/{}", now.id))?;
    }
    Ok(())
}

/// An appeal brought an application back: where it was stopped, its screening waits for the group
/// again, which is told; an applicant who has not answered is asked again first. The same if it is
/// heard again. Elsewhere it waits only where something came in after it was cleared.
pub fn reopened(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    applications::service::lock(conn, id)?;
    let all = applications::service::lineage(conn, id)?;
    let Some(stop) = store::stopped_at(conn, &all)? else { return changed(conn, ctx, id) };
    if stopped_here(conn, id)? != Some(stop) {
        return Ok(());
    }
    let screening = begun(conn, ctx, id)?;
    let back = store::brought_back(conn, screening.id, stop, ctx.now)?;
    if back && screening.answered_at.is_some() {
        letters::waits(conn, ctx, id, &format!("/screenings/{}", screening.id))?;
    }
    Ok(())
}

/// An application came into a further call: what it says there alone is looked at as well.
pub fn routed(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, call: CallId) -> Result<()> {
    match applications::service::adds_there(conn, id, call)? {
        true => reopen(conn, ctx, id),
        false => Ok(()),
    }
}

/// Whether an applicant is to be asked.
pub fn is_due(conn: &mut Conn) -> Result<bool> {
    if !store::any_member(conn)? {
        return Ok(false);
    }
    for status in SCREENED {
        if !store::unasked(conn, status, 1)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Begins the screening of applications that have none, where there is a group, and asks each
/// applicant once, also where a concern began it, and once more after a stop that was taken back;
/// whether there may be more.
pub fn sweep(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<bool> {
    if !store::any_member(conn)? {
        return Ok(false);
    }
    let mut found = 0;
    for status in SCREENED {
        for id in store::unasked(conn, status, limit)? {
            found += 1;
            let Some(application) = applications::service::facts(conn, id)? else { continue };
            let screening = begun(conn, ctx, id)?;
            let first = store::questions_asked(conn, screening.id, ctx.now)?;
            if first && screening.answered_at.is_none() {
                letters::questions(conn, ctx, &application)?;
            }
        }
    }
    tracing::debug!(found, by = LANE, "applicants asked");
    Ok(found >= limit)
}
