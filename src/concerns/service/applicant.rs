//! The applicant's side: what they are asked, and what they answer.

use super::{begun, caught_up, held, letters, meanwhile, note, seals, sets};
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::concerns::model::{
    AnswerScreening, ApplicantScreening, ConcernRecord, ConcernStatus, RespondForm, ScreeningAsked,
    ScreeningStatus,
};
use crate::concerns::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::{Date, Instant};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// The application, where the actor is the one who applies.
fn own(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, action: Action) -> Result<ApplicationFacts> {
    let application = applications::service::visible(conn, ctx, id)?;
    let relations = applications::service::relations(conn, ctx, &application)?;
    authz::require(ctx, action, &relations)?;
    Ok(application)
}

/// What the applicant is asked, and has answered.
///
/// # Errors
/// 404 for everybody else.
pub fn mine(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<ApplicantScreening> {
    let application = own(conn, ctx, id, Action::GetScreeningForm)?;
    let me = application.applicant_id;
    let screening = store::screening_of(conn, id)?;
    let number = screening.as_ref().and_then(|screening| screening.set_number);
    let set = match number {
        Some(number) => sets::numbered(conn, number)?,
        None => sets::newest(conn)?,
    };
    let mut asked = Vec::new();
    let all = super::all_of(conn, id)?.into_iter();
    let theirs = all.filter(|c| c.application_id == id && c.asks(me));
    for record in theirs.rev() {
        let texts = seals::texts(ctx, &record)?;
        let (Some(asked_at), Some(summary)) = (record.asked_at, texts.summary) else { continue };
        let raised_by = match texts.named && may_name_to(conn, &record, me)? {
            true => people::service::brief(conn, record.raised_by)?.map(|person| person.name),
            false => None,
        };
        asked.push(ScreeningAsked {
            concern_id: record.id,
            summary,
            raised_by,
            asked_at,
            response: texts.response,
            answered_at: record.answered_at,
            decided_at: record.decided_at,
        });
    }
    let answers = match &screening {
        Some(screening) => seals::answers(ctx, screening)?,
        None => Vec::new(),
    };
    let answered_at = screening.and_then(|screening| screening.answered_at);
    Ok(ApplicantScreening {
        application_title: application.title,
        number: set.number,
        questions: set.questions,
        answers,
        answered_at,
        asked,
    })
}

/// Whoever raised a concern agreed to be named to who applied with what it was raised about.
fn may_name_to(conn: &mut Conn, record: &ConcernRecord, person: PersonId) -> Result<bool> {
    let Some(first) = record.raised_about else { return Ok(true) };
    let facts = applications::service::facts(conn, first)?;
    Ok(facts.is_some_and(|facts| facts.applicant_id == person))
}

/// What waits for the applicant's answer: whether it is a question of the group, and the day by
/// which it is answered before it is decided without. Nothing for others.
pub fn to_answer(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
) -> Result<Vec<(bool, Option<Date>)>> {
    use ApplicationStatus as S;
    let going = matches!(facts.status, S::Submitted | S::Open | S::ChangesRequested);
    if !going
        || !ctx.actor.is(facts.applicant_id)
        || authz::gate(ctx, Action::GetScreeningForm).is_err()
    {
        return Ok(Vec::new());
    }
    let mut waits = Vec::new();
    let screening = store::screening_of(conn, facts.id)?;
    let silent =
        screening.filter(|s| s.status == ScreeningStatus::Waiting && s.answered_at.is_none());
    // A concern may begin a screening before they are asked: that would tell them of it.
    if silent.is_some_and(|s| s.asked_at.is_some()) {
        waits.push((false, None));
    }
    for record in super::all_of(conn, facts.id)? {
        let Some(asked_at) = record.asked_at else { continue };
        let open = record.status == ConcernStatus::Open && record.answered_at.is_none();
        if open && record.application_id == facts.id && record.asks(facts.applicant_id) {
            let days = i32::try_from(rules::ANSWER_DAYS).unwrap_or(i32::MAX);
            waits.push((true, Some(asked_at.date().plus_days(days))));
        }
    }
    Ok(waits)
}

/// Answers the questions that everybody is asked, in their newest version; again, until the
/// screening is done.
///
/// # Errors
/// 403 for others than the applicant, 409 before it is handed in, once it is done or the
/// application has ended, 422 with all that is wrong.
pub fn answer(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &AnswerScreening,
) -> Result<ApplicantScreening> {
    let action = Action::AnswerScreening;
    own(conn, ctx, id, action)?;
    let set = sets::newest(conn)?;
    let mut fields = Fields::new();
    let answers = rules::answers(&mut fields, &set, &form.answers);
    fields.finish()?;
    let application = held(conn, id)?;
    use ApplicationStatus as S;
    if application.status == S::Draft {
        // A draft can be deleted: nothing of the lane hangs on it.
        let detail = "It is a draft: you are asked once it is handed in.";
        return Err(Problem::wrong_state(detail));
    }
    if matches!(application.status, S::Awarded | S::Declined | S::Withdrawn | S::Lapsed) {
        let detail = format!("The application is {}.", application.status);
        return Err(Problem::wrong_state(detail));
    }
    let screening = begun(conn, ctx, id)?;
    let was = screening.status;
    let screening = caught_up(conn, ctx, screening)?;
    if screening.status == ScreeningStatus::Cleared {
        return Err(Problem::wrong_state("It was looked at: your answers stay as they are."));
    }
    let before = seals::answers(ctx, &screening)?;
    let sealed = seals::seal_answers(ctx, screening.id, &answers)?;
    if !store::answer(conn, screening.id, set.number, sealed, ctx.now)? {
        return Err(meanwhile());
    }
    // That they answered is no secret: everybody is asked.
    audit::record(conn, ctx, Change::by(action, "application", id.uuid()))?;
    // Who writes them over and over mails the group once.
    let told = |at: Instant| ctx.now < at.plus_seconds(rules::TELL_AGAIN_SECONDS);
    let again = before != answers && !screening.answered_at.is_some_and(told);
    // What came in besides made it wait: no job tells of that any more.
    if screening.answered_at.is_none() || again || was == ScreeningStatus::Cleared {
        letters::waits(conn, ctx, id, &format!("/screenings/{}", screening.id))?;
    }
    mine(conn, ctx, id)
}

/// Answers a question that the group asked.
///
/// # Errors
/// 403 for others than the applicant, 404 where it was not asked, 409 where it was answered or
/// decided.
pub fn respond(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &RespondForm,
) -> Result<ApplicantScreening> {
    let action = Action::RespondToConcern;
    let me = own(conn, ctx, id, action)?.applicant_id;
    let mut fields = Fields::new();
    let response = fields.paragraphs("/response", &form.response, 1, rules::CONCERN_MAX);
    fields.finish()?;
    held(conn, id)?;
    let found = super::find(conn, form.concern_id)?;
    let found = found.filter(|c| c.application_id == id && c.asks(me));
    let unknown = || Problem::field("/concern_id", "unknown", "you were not asked this");
    let mut record = found.ok_or_else(unknown)?;
    if record.status == ConcernStatus::Closed {
        return Err(Problem::wrong_state("It was decided already."));
    }
    if record.answered_at.is_some() {
        return Err(Problem::new(Kind::AlreadyExists, "You answered it already."));
    }
    let mut texts = seals::texts(ctx, &record)?;
    texts.response = Some(response);
    record.sealed = seals::seal_texts(ctx, record.id, &texts)?;
    record.answered_at = Some(ctx.now);
    if !store::save_concern(conn, &record)? {
        return Err(meanwhile());
    }
    note(conn, ctx, action, id, ("concern", record.id.uuid(), Some(record.id)))?;
    letters::waits(conn, ctx, id, &format!("/concerns/{}", record.id))?;
    mine(conn, ctx, id)
}

/// Forgets what an applicant answered to concerns, wherever these went on: they deleted what they
/// said. That they answered stays, and so does what others wrote, and what they said themselves
/// with what goes on.
pub(in crate::concerns) fn forget_answers(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
) -> Result<()> {
    let heir = applications::service::heir(conn, id)?;
    let mut all = applications::service::lineage(conn, heir)?;
    all.push(id);
    all.sort_unstable();
    all.dedup();
    all.iter().try_for_each(|id| applications::service::lock(conn, *id))?;
    let facts = applications::service::facts_of(conn, &all)?;
    let applies = |id: &ApplicationId| facts.get(id).map(|facts| facts.applicant_id);
    let who = applies(&id);
    for record in store::concerns_of(conn, &all)? {
        let mut texts = seals::texts(ctx, &record)?;
        let here = record.application_id == id;
        let asked = record.asked_id.is_none() || record.asked_id == who;
        let theirs = match here {
            true => asked,
            false => record.asked_id == who && applies(&record.application_id) != who,
        };
        let mut gone = theirs && texts.response.take().is_some();
        for before in texts.earlier.iter_mut().filter(|before| before.asked == who) {
            gone |= before.response.take().is_some();
        }
        if gone {
            store::reseal(conn, record.id, seals::seal_texts(ctx, record.id, &texts)?)?;
        }
    }
    Ok(())
}
