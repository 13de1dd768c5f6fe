//! The applicant's side: what they are asked, and what they answer.

use super::{begun, held, letters, meanwhile, note, seals, sets};
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::concerns::model::{
    AnswerScreening, ApplicantScreening, ConcernStatus, RespondForm, ScreeningAsked,
    ScreeningStatus,
};
use crate::concerns::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::ApplicationId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
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
    own(conn, ctx, id, Action::GetScreeningForm)?;
    let screening = store::screening_of(conn, id)?;
    let number = screening.as_ref().and_then(|screening| screening.set_number);
    let set = match number {
        Some(number) => sets::numbered(conn, number)?,
        None => sets::newest(conn)?,
    };
    let mut asked = Vec::new();
    let theirs = super::all_of(conn, id)?.into_iter().filter(|c| c.application_id == id);
    for record in theirs.rev() {
        let texts = seals::texts(ctx, &record)?;
        let (Some(asked_at), Some(summary)) = (record.asked_at, texts.summary) else { continue };
        let raised_by = match texts.named {
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
        });
    }
    let answers = match &screening {
        Some(screening) => seals::answers(ctx, screening)?,
        None => Vec::new(),
    };
    let answered_at = screening.and_then(|screening| screening.answered_at);
    Ok(ApplicantScreening {
        number: set.number,
        questions: set.questions,
        answers,
        answered_at,
        asked,
    })
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
        if open && record.application_id == facts.id {
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
    if screening.status == ScreeningStatus::Cleared {
        return Err(Problem::wrong_state("It was looked at: your answers stay as they are."));
    }
    let sealed = seals::seal_answers(ctx, screening.id, &answers)?;
    if !store::answer(conn, screening.id, set.number, sealed, ctx.now)? {
        return Err(meanwhile());
    }
    // That they answered is no secret: everybody is asked.
    audit::record(conn, ctx, Change::by(action, "application", id.uuid()))?;
    if screening.answered_at.is_none() {
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
    own(conn, ctx, id, action)?;
    let mut fields = Fields::new();
    let response = fields.paragraphs("/response", &form.response, 1, rules::CONCERN_MAX);
    fields.finish()?;
    held(conn, id)?;
    let found = super::find(conn, form.concern_id)?;
    let found = found.filter(|c| c.application_id == id && c.asked_at.is_some());
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

/// Forgets what an applicant answered to concerns: they deleted what they said. That they answered
/// stays, and so does what others wrote.
pub(in crate::concerns) fn forget_answers(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
) -> Result<()> {
    held(conn, id)?;
    for record in store::concerns_of(conn, &[id])? {
        let mut texts = seals::texts(ctx, &record)?;
        if texts.response.take().is_some() {
            store::reseal(conn, record.id, seals::seal_texts(ctx, record.id, &texts)?)?;
        }
    }
    Ok(())
}
