//! Who hears of a comment by mail.

use crate::applications;
use crate::applications::model::ApplicationFacts;
use crate::comments::model::CommentVisibility;
use crate::comments::{events, jobs, rules, store};
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// Who hears of it without being mentioned: who spoke there before, and of what others say, the
/// applicant; of what is for applicant and funders, the team and those who do paperwork for it; of
/// what comes from `inside`, those who decide in each of its calls. Of internal words only who said
/// internal ones. Whoever offered stands above: see [`tell_funders`].
pub(super) fn concerned(
    conn: &mut Conn,
    ctx: &Ctx,
    (facts, inside): (&ApplicationFacts, bool),
    visibility: CommentVisibility,
) -> Result<Vec<PersonId>> {
    use CommentVisibility::{ApplicantAndFunders, Internal, Public};
    let internal = visibility == Internal;
    let thread = if internal { &[Internal][..] } else { &[Public, ApplicantAndFunders] };
    let since = ctx.now.plus_seconds(-rules::THREAD_SECONDS);
    let mut all = store::speakers(conn, facts.id, thread, since)?;
    if internal {
        return Ok(all);
    }
    all.push(facts.applicant_id);
    if visibility == ApplicantAndFunders {
        all.extend(applications::service::on_team(conn, facts.id)?);
        all.extend(delegations::service::acting_for(conn, ctx, facts.applicant_id)?);
    }
    if inside {
        let mut calls = applications::service::in_calls(conn, facts)?;
        if calls.is_empty() {
            calls.push(facts.call_id);
        }
        for call in calls {
            let deciders = applications::service::deciders(conn, call, ctx.actor.person())?;
            all.extend(deciders.into_iter().map(|person| person.id));
        }
    }
    Ok(all)
}

/// Has those hear of it who offered on the application. Who they are is known above: they are
/// added there, by [`tell_also`].
pub(super) fn tell_funders(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    hour: i64,
) -> Result<()> {
    let told = json!({ "v": 1, "application_id": application, "hour": hour });
    outbox::emit(conn, ctx, events::SAID_TO_FUNDERS, told)
}

/// Has readers hear of what was said in an hour, counted from 1970 as the event tells it:
/// each once, and only of what they may read by then and did not say themselves.
pub fn tell_also(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, hour): (ApplicationId, i64),
    readers: &[PersonId],
) -> Result<()> {
    for reader in readers {
        jobs::tell(conn, ctx, (application, *reader), hour)?;
    }
    Ok(())
}
