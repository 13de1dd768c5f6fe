//! Use-cases of the lane. Each write about an application holds its row from its first statement
//! on: a concern and an award at the same moment come one after the other.

mod applicant;
mod decide;
mod group;
mod letters;
mod raise;
mod read;
mod remind;
mod seals;
mod sets;
mod waiting;

pub(in crate::concerns) use applicant::forget_answers;
pub use applicant::{answer, mine, respond, to_answer};
pub use decide::{
    ask, changed, clear, decide, decided_on, is_due, reopen, reopened, routed, sweep,
};
pub use group::{add, members, remove};
pub use raise::{raise, raised};
pub use read::{attachment, concern, concerns, screening, screenings};
pub use remind::to_look_at;
pub(super) use remind::{remind, to_remind};
pub use sets::{current, set_questions};

use super::model::{ConcernRecord, ConcernStatus, Conditions, ScreeningRecord, ScreeningStatus};
use super::rules::{self, Hold};
use super::store;
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::kernel::Result;
use crate::kernel::actor::Actor;
use crate::kernel::ids::{ApplicationId, ConcernId, PersonId};
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Who acts for the group in what others may read.
const LANE: &str = "screening";

fn meanwhile() -> Problem {
    Problem::changed_meanwhile("screening")
}

fn relations(conn: &mut Conn, ctx: &Ctx) -> Result<Vec<Relation>> {
    let Some(me) = ctx.actor.person() else { return Ok(Vec::new()) };
    Ok(if store::is_member(conn, me)? { vec![Relation::NeedToKnow] } else { Vec::new() })
}

/// Refuses who is not in the group; the same for everybody.
fn in_group(conn: &mut Conn, ctx: &Ctx, action: Action) -> Result<()> {
    let relations = relations(conn, ctx)?;
    authz::require(ctx, action, &relations)
}

/// Whether somebody is kept out of an application's lane: they are on it, or in conflict with it,
/// or so they were with what it comes from; or they review it, and names are hidden from them
/// still.
fn is_partial(conn: &mut Conn, application: ApplicationId, person: PersonId) -> Result<bool> {
    Ok(!partial_to(conn, &[application], person)?.is_empty())
}

/// The same of several: those of them from whose lane somebody is kept out.
fn partial_to(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<BTreeSet<ApplicationId>> {
    let lineages = applications::service::lineages(conn, ids)?;
    let mut left: BTreeSet<ApplicationId> = lineages.values().flatten().copied().collect();
    let every: Vec<ApplicationId> = left.iter().copied().collect();
    let mut apart = applications::service::stakes(conn, person, &every)?;
    let blind = reviews::service::blind_to(conn, &every, person)?;
    let blind: Vec<ApplicationId> = blind.into_iter().collect();
    // Who applies with what is open is known to those who fund, or to everybody.
    let known = |status| matches!(status, ApplicationStatus::Open | ApplicationStatus::Awarded);
    let facts = applications::service::facts_of(conn, &blind)?;
    apart.extend(facts.values().filter(|facts| !known(facts.status)).map(|facts| facts.id));
    left.retain(|id| !apart.contains(id));
    let left: Vec<ApplicationId> = left.into_iter().collect();
    apart.extend(applications::service::found_among(conn, &left, person)?);
    let partial = |all: &Vec<ApplicationId>| all.iter().any(|id| apart.contains(id));
    Ok(lineages.into_iter().filter(|(_, all)| partial(all)).map(|(id, _)| id).collect())
}

/// A concern, where it is dealt with by now.
fn find(conn: &mut Conn, id: ConcernId) -> Result<Option<ConcernRecord>> {
    store::concern(conn, id)?.map(|record| settled(conn, record)).transpose()
}

/// An open concern goes on with what goes on: the application that took up the one that it was
/// raised about, or that was made of it. A closed one stays where it was decided.
fn settled(conn: &mut Conn, mut record: ConcernRecord) -> Result<ConcernRecord> {
    if record.status == ConcernStatus::Open {
        record.goes_on_with(applications::service::heir(conn, record.application_id)?);
    }
    Ok(record)
}

/// All concerns about an application and what it comes from, newest first; without those that went
/// on with another.
fn all_of(conn: &mut Conn, id: ApplicationId) -> Result<Vec<ConcernRecord>> {
    let ids = applications::service::lineage(conn, id)?;
    let mut all = Vec::new();
    for record in store::concerns_of(conn, &ids)? {
        let record = settled(conn, record)?;
        if ids.contains(&record.application_id) {
            all.push(record);
        }
    }
    Ok(all)
}

/// Refuses who may not see the lane of an application, in the words for what is not there.
fn may_see(conn: &mut Conn, ctx: &Ctx, action: Action, application: ApplicationId) -> Result<()> {
    let missing = || Problem::not_found(action.rule().resource);
    let me = ctx.me()?;
    if !store::is_member(conn, me)? || is_partial(conn, application, me)? {
        return Err(missing());
    }
    authz::require(ctx, action, &[Relation::NeedToKnow])
}

/// The application's facts, its row held until the transaction ends.
fn held(conn: &mut Conn, id: ApplicationId) -> Result<ApplicationFacts> {
    applications::service::lock(conn, id)?;
    let facts = applications::service::facts(conn, id)?;
    facts.ok_or_else(|| Problem::not_found("application"))
}

/// The screening of an application, begun where it has not been.
fn begun(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<ScreeningRecord> {
    store::begin(conn, ctx.id(), id, ctx.now)?;
    let found = store::screening_of(conn, id)?;
    found.ok_or_else(|| Problem::internal("a screening was begun and is not there"))
}

/// Notes an act: in the lane's own log who did it to which application, in the audit log that it
/// was done, by the lane.
fn note(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    application: ApplicationId,
    (kind, id, concern): (&str, Uuid, Option<ConcernId>),
) -> Result<()> {
    let entry = (action.as_str(), concern, ctx.me()?, ctx.now);
    store::log(conn, ctx.id(), application, entry)?;
    audit::record(conn, &anonymous(ctx), Change::by(action, kind, id))
}

/// The same request, in the name of the lane: its address would tell who it was.
fn anonymous(ctx: &Ctx) -> Ctx {
    let mut lane = ctx.acting(Actor::System(LANE), LANE);
    lane.request_id = ctx.id();
    lane.address = None;
    lane
}

/// Whether screening lets an application be awarded; for the award, as its last look. The service
/// itself (an import) is not held.
///
/// # Errors
/// 409 while it is being screened, in the same words whatever it waits for.
pub fn may_be_awarded(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    rules::may_be_awarded(standing(conn, id)?)
}

/// Whether screening holds an application back, for the service itself as well: what listens acts
/// for nobody.
pub fn is_held(conn: &mut Conn, id: ApplicationId) -> Result<bool> {
    Ok(rules::may_be_awarded(standing(conn, id)?).is_err())
}

fn standing(conn: &mut Conn, id: ApplicationId) -> Result<Hold> {
    let all = applications::service::lineage(conn, id)?;
    let screening = store::screening_of(conn, id)?;
    Ok(Hold {
        group: store::any_member(conn)?,
        screening: screening.map(|screening| stands(conn, &screening)).transpose()?,
        // What was stopped and came back by an appeal is still stopped, until the group says
        // otherwise.
        open_concern: store::any_open(conn, &all)? || store::stopped_at(conn, &all)?.is_some(),
    })
}

/// Where a screening stands: what came in after it was cleared is not cleared, from that moment on.
fn stands(conn: &mut Conn, screening: &ScreeningRecord) -> Result<ScreeningStatus> {
    let Some(cleared) = screening.cleared_at else { return Ok(screening.status) };
    let came_in = applications::service::came_in(conn, screening.application_id)?;
    let later = came_in.is_some_and(|at| at > cleared);
    Ok(if later { ScreeningStatus::Waiting } else { screening.status })
}

/// A screening as it stands: where something came in after it was cleared, and the job that hears
/// of that has not run, it waits again from here on.
fn caught_up(conn: &mut Conn, ctx: &Ctx, screening: ScreeningRecord) -> Result<ScreeningRecord> {
    if stands(conn, &screening)? == screening.status {
        return Ok(screening);
    }
    back(conn, ctx, &screening)?;
    Ok(ScreeningRecord { status: ScreeningStatus::Waiting, cleared_at: None, ..screening })
}

/// Puts a screening that was cleared back to waiting, from now on. What is stopped waits from when
/// an appeal brings it back.
fn back(conn: &mut Conn, ctx: &Ctx, screening: &ScreeningRecord) -> Result<()> {
    let all = applications::service::lineage(conn, screening.application_id)?;
    let since = match store::stopped_at(conn, &all)? {
        Some(_) => screening.reopened_at,
        None => Some(ctx.now),
    };
    store::back(conn, screening.id, since)
}

/// The conditions that screening set for an application; for its agreement.
pub fn conditions_of(conn: &mut Conn, id: ApplicationId) -> Result<Vec<String>> {
    let all = applications::service::lineage(conn, id)?;
    store::conditions(conn, &all)
}

/// The same, for its team and those who may fund it; for those who run the service once they bind,
/// with the award: until then they are not to see that there was a concern.
///
/// # Errors
/// 404 where there is no application that the actor may see, or they are none of these.
pub fn conditions(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Conditions> {
    let facts = applications::service::visible(conn, ctx, id)?;
    let relations = applications::service::relations(conn, ctx, &facts)?;
    authz::require(ctx, Action::GetScreeningConditions, &relations)?;
    use Relation::{Backer, Own, Team};
    let theirs = relations.iter().any(|relation| matches!(relation, Own | Team | Backer));
    if !theirs && facts.status != ApplicationStatus::Awarded {
        return Ok(Conditions { conditions: Vec::new() });
    }
    Ok(Conditions { conditions: conditions_of(conn, id)? })
}

/// The concern and its application, held, for somebody in the group who may act on it.
fn hold(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ConcernId,
    action: Action,
) -> Result<(ConcernRecord, ApplicationFacts)> {
    let missing = || Problem::not_found("concern");
    let record = find(conn, id)?.ok_or_else(missing)?;
    // Held first: who joins its team just now has joined before this look, or does not any more.
    let application = held(conn, record.application_id)?;
    may_see(conn, ctx, action, record.application_id)?;
    // As it is now that nobody else writes it.
    let record = find(conn, id)?.ok_or_else(missing)?;
    if record.application_id != application.id {
        return Err(meanwhile());
    }
    Ok((record, application))
}
