//! Who stands how to an application, and what they see of it.

use super::missing;
use crate::answers::model::Paper;
use crate::applications::model::{
    Application, ApplicationFacts, ApplicationRow, ApplicationStatus, BudgetLine, Consent,
    MemberRecord, MemberRole, Named, Record,
};
use crate::applications::store;
use crate::budgets;
use crate::budgets::model::BudgetTerms;
use crate::calls;
use crate::calls::model::Visibility;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::{Actor, Role};
use crate::kernel::ids::{ApplicationId, BudgetId, CallId, FundId, PersonId};
use crate::kernel::money::Money;
use crate::kernel::time::Date;
use crate::people;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// What other domains need to know of an application.
pub fn facts(conn: &mut Conn, id: ApplicationId) -> Result<Option<ApplicationFacts>> {
    store::fact(conn, id)
}

/// The same of several, by id; those that are not there are left out.
pub fn facts_of(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, ApplicationFacts>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let all = store::facts(conn, ids)?;
    Ok(all.into_iter().map(|facts| (facts.id, facts)).collect())
}

/// The same, where the actor may see it.
///
/// # Errors
/// 404 where there is none that they may see.
pub fn visible(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<ApplicationFacts> {
    let facts = facts(conn, id)?.ok_or_else(missing)?;
    in_sight(conn, ctx, &facts)?;
    Ok(facts)
}

/// The same, and what is known of a budget, if it is there: for who would spend it on that.
///
/// # Errors
/// As [`visible`], whatever becomes of the budget.
pub fn visible_beside(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    budget: BudgetId,
) -> Result<(ApplicationFacts, Option<BudgetTerms>)> {
    let (facts, budget) = store::fact_beside(conn, id, budget)?.ok_or_else(missing)?;
    in_sight(conn, ctx, &facts)?;
    Ok((facts, budget))
}

fn in_sight(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts) -> Result<()> {
    // What everybody may see needs no look at who asks.
    let for_all = is_public(facts) && facts.submitted_at.is_some();
    if !for_all || !authz::allowed(&ctx.actor, Action::GetApplication, &[Relation::Public]) {
        may_see(conn, ctx, facts)?;
    }
    Ok(())
}

fn is_shown(facts: &ApplicationFacts) -> bool {
    matches!(facts.status, ApplicationStatus::Open | ApplicationStatus::Awarded)
}

pub(super) fn is_public(facts: &ApplicationFacts) -> bool {
    is_shown(facts) && facts.visibility == Visibility::Public && !facts.withheld
}

/// The grant that it became is withheld, or is so no more: for the domain that decides that.
pub fn withhold(conn: &mut Conn, id: ApplicationId, withheld: bool) -> Result<()> {
    store::withhold(conn, id, withheld)
}

/// Whether the person applies, is on the team or was at any time, or may act for the applicant, now
/// or at any time since it was begun; or so it was with what it took up, and with the declined one
/// that it was made of. An invitation that nobody has said yes to binds nobody: whoever has a say
/// in it does not lose that by being asked.
pub fn is_on(conn: &mut Conn, id: ApplicationId, person: PersonId) -> Result<bool> {
    let Some(facts) = facts(conn, id)? else { return Ok(false) };
    takes_part(conn, &facts, person)
}

/// [`is_on`], of an application that was read already.
pub fn takes_part(conn: &mut Conn, facts: &ApplicationFacts, person: PersonId) -> Result<bool> {
    if facts.applicant_id == person {
        return Ok(true);
    }
    let stands = store::stands(conn, facts.id, person)?;
    takes_part_as(conn, facts, person, &stands)
}

/// The same, of who stands to it like this.
pub(super) fn takes_part_as(
    conn: &mut Conn,
    facts: &ApplicationFacts,
    person: PersonId,
    stands: &store::Stands,
) -> Result<bool> {
    // Whose a place is says who ever said yes to it.
    let placed = stands.places.iter().any(|(_, (whose, ..))| *whose == Some(person));
    if facts.applicant_id == person || placed || stands.acts {
        return Ok(true);
    }
    let past = stands.past;
    Ok(past && super::on_which(conn, person, &[facts.id])?.contains(&facts.id))
}

/// [`takes_part`], of whoever has this address, by their account or by the place on the team that
/// they took there.
pub fn takes_part_at(conn: &mut Conn, facts: &ApplicationFacts, email: &str) -> Result<bool> {
    let on = |m: &MemberRecord| m.consent == Consent::Accepted && m.email == email;
    if store::team(conn, facts.id)?.iter().any(on) {
        return Ok(true);
    }
    match people::service::find_by_email(conn, email)? {
        Some(person) => takes_part(conn, facts, person.id),
        None => Ok(false),
    }
}

/// Whether the actor is on it as it stands, or acts for who applies: who left it is not, nor who
/// was only asked.
pub fn is_on_now(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts) -> Result<bool> {
    let mut relations = relations(conn, ctx, facts)?;
    relations.retain(|relation| *relation != Relation::Invited);
    Ok(is_inside(&relations))
}

/// How the actor is related to the application.
pub fn relations(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts) -> Result<Vec<Relation>> {
    let mut relations = Vec::new();
    if is_public(facts) {
        relations.push(Relation::Public);
    }
    let Some(me) = ctx.actor.person() else { return Ok(relations) };
    if facts.applicant_id == me {
        relations.push(Relation::Own);
    }
    relations.extend(delegations::service::relations(conn, ctx, facts.applicant_id)?);
    match place(conn, facts.id, me)?.map(|member| (member.consent, member.role)) {
        Some((Consent::Accepted, MemberRole::Mentor)) => relations.push(Relation::Team),
        Some((Consent::Accepted, _)) => relations.extend([Relation::Team, Relation::Writer]),
        Some((Consent::Invited, _)) => relations.push(Relation::Invited),
        _ => {}
    }
    if is_shown(facts) && ctx.actor.has(Role::Regrantor) {
        let place = (facts.id, facts.call_id, facts.own_call().is_some());
        let backed = store::backed(conn, me, place, ctx.today())?;
        relations.extend(backed.then_some(Relation::Backer));
    }
    Ok(relations)
}

/// The place of a person on a team: by their account, or by their address where they were invited
/// and have not answered; the one that they left where there is no other.
fn place(conn: &mut Conn, id: ApplicationId, person: PersonId) -> Result<Option<MemberRecord>> {
    let team = store::team(conn, id)?;
    let mine = || team.iter().filter(|m| m.person_id == Some(person));
    let live = |m: &&MemberRecord| m.consent.is_live();
    if let Some(member) = mine().find(live) {
        return Ok(Some(member.clone()));
    }
    let former = mine().next().cloned();
    if !team.iter().any(|m| m.consent == Consent::Invited) {
        return Ok(former);
    }
    let Some(person) = people::service::brief(conn, person)? else { return Ok(former) };
    // Somebody else's place stays theirs, whoever has its address by now.
    let free = |m: &MemberRecord| m.consent == Consent::Invited && m.person_id.is_none();
    let invited = |m: &MemberRecord| free(m) && m.email == person.email;
    Ok(team.into_iter().find(invited).or(former))
}

/// Whether one of these funds may spend in a call.
pub(super) fn pays(conn: &mut Conn, call: CallId, funds: &[FundId]) -> Result<bool> {
    let named = calls::service::facts(conn, call)?.map(|call| call.fund_ids).unwrap_or_default();
    Ok(named.is_empty() || named.iter().any(|fund| funds.contains(fund)))
}

/// The funds of the active budgets that a person holds.
pub(super) fn spendable(conn: &mut Conn, ctx: &Ctx, person: PersonId) -> Result<Vec<FundId>> {
    Ok(usable(ctx, &budgets::service::held_by(conn, person)?))
}

/// The same, of budgets that were read already.
pub(super) fn usable(ctx: &Ctx, held: &[BudgetTerms]) -> Vec<FundId> {
    let active = held.iter().filter(|budget| budget.usable(ctx.today()));
    let mut funds: Vec<FundId> = active.map(|budget| budget.fund_id).collect();
    funds.sort_unstable();
    funds.dedup();
    funds
}

/// How the actor is related to an application that they may see.
///
/// # Errors
/// 404 where they may not: a draft is its team's alone, whatever roles others hold.
pub(super) fn may_see(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
) -> Result<Vec<Relation>> {
    let relations = relations(conn, ctx, facts)?;
    let seen = facts.submitted_at.is_some() || ctx.actor.is_system() || is_inside(&relations);
    if seen && authz::allowed(&ctx.actor, Action::GetApplication, &relations) {
        Ok(relations)
    } else {
        Err(missing())
    }
}

/// Whether they apply or act for who does, are on the team, or are invited to it.
pub(super) fn is_inside(relations: &[Relation]) -> bool {
    use Relation::{Delegate, Invited, Own, Team};
    relations.iter().any(|relation| matches!(relation, Own | Delegate(_) | Team | Invited))
}

/// Whether the actor reads why it stands where it stands.
pub(super) fn reads_reason(actor: &Actor, relations: &[Relation]) -> bool {
    actor.is_sponsor() || is_inside(relations)
}

/// Whether they may learn which call it is in, and so what that asks: who has the address of a
/// private one may apply there, so that a public application does not tell it.
pub(super) fn knows_call(
    conn: &mut Conn,
    ctx: &Ctx,
    call: CallId,
    relations: &[Relation],
) -> Result<bool> {
    let works = relations.iter().any(|relation| *relation != Relation::Public);
    if works || ctx.actor.is_sponsor() || ctx.actor.is_system() {
        return Ok(true);
    }
    Ok(calls::service::private_among(conn, &[call])?.is_empty())
}

/// One application in full.
///
/// # Errors
/// 404 where there is none that the actor may see.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Application> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    let relations = may_see(conn, ctx, &ApplicationFacts::from(&record))?;
    authz::require(ctx, Action::GetApplication, &relations)?;
    shown(conn, ctx, record, &relations)
}

/// As this actor sees it.
pub(super) fn shown(
    conn: &mut Conn,
    ctx: &Ctx,
    mut record: Record,
    relations: &[Relation],
) -> Result<Application> {
    let applicant = record.applicant_id;
    let known = [Some(applicant), record.submitted_by, record.nominated_by];
    let ids: Vec<PersonId> = known.into_iter().flatten().collect();
    let names = people::service::names(conn, &ids)?;
    let named = |id: PersonId| Named { id, name: names.get(&id).cloned().unwrap_or_default() };
    let mut paper = None;
    // Who does not write it reads what was handed in.
    if !is_inside(relations)
        && let Some((content, then)) = super::versions::handed_in(conn, &record)?
    {
        (record.content, paper) = (content, Some(then));
    }
    let knows_call = knows_call(conn, ctx, record.call_id, relations)?;
    let paper = match knows_call {
        true => super::papers::shown(conn, ctx, (&record, paper), relations)?,
        false => Paper::default(),
    };
    let waits = record.offered != record.promised;
    let all = waits && !super::stakes::offers_read(conn, ctx, &[record.id])?.is_empty();
    let offered = if all { record.offered } else { record.promised };
    let reads = reads_reason(&ctx.actor, relations);
    let call_id = call(conn, ctx, &record, (relations, knows_call))?;
    let status_reason = record.status_reason.filter(|_| reads);
    let content = record.content;
    let money = |minor: Option<i64>| Some(Money::new(minor?, content.currency?));
    let lines = content.budget_lines.iter().filter_map(|line| {
        let amount = Money::new(line.amount, content.currency?);
        Some(BudgetLine { label: line.label.clone(), amount })
    });
    let budget_lines = lines.collect();
    let row = ApplicationRow {
        id: record.id,
        call_id,
        applicant: Some(named(applicant)),
        status: record.state.status(),
        amount_minimum: money(content.amount_minimum),
        amount_requested: money(content.amount_requested),
        offered: money(Some(offered)),
        visibility: content.visibility,
        promised_on: record.promised_on,
        own_call_declined_at: record.own_call_declined_at.filter(|_| reads),
        submitted_at: record.submitted_at,
        created_at: record.created_at,
        title: content.title,
        summary: content.summary,
    };
    Ok(Application {
        row,
        body: content.body,
        budget_lines,
        duration_months: content.duration_months,
        form_version: paper.form_version,
        answers: paper.answers,
        suggested: paper.suggested,
        status_reason,
        submitted_by: record.submitted_by.map(named),
        nominated_by: record.nominated_by.map(named),
        opened_at: record.opened_at,
        decided_at: record.decided_at,
        place: record.place,
        looking_for: record.looking_for,
        version: record.version,
    })
}

/// The call that is told of an application: its own, where they may know it; of what that has
/// declined alone, a further one to who does not read so.
fn call(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (relations, knows_own): (&[Relation], bool),
) -> Result<Option<CallId>> {
    if !record.left_own_call() || reads_reason(&ctx.actor, relations) {
        return Ok(knows_own.then_some(record.call_id));
    }
    told_instead(conn, ctx, record.id, relations)
}

/// The further call that is told in the place of the own one, which has declined it alone.
pub(super) fn told_instead(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    relations: &[Relation],
) -> Result<Option<CallId>> {
    let backs = relations.contains(&Relation::Backer);
    let funds = match ctx.actor.person().filter(|_| backs) {
        Some(me) => spendable(conn, ctx, me)?,
        None => Vec::new(),
    };
    Ok(super::routes::told_calls(conn, &[id], &funds)?.remove(&id))
}

/// Holds an application until the transaction ends: from here on nobody else changes what hangs
/// on it.
pub fn lock(conn: &mut Conn, id: ApplicationId) -> Result<()> {
    store::lock(conn, id)?.map(drop).ok_or_else(super::missing)
}

/// Somebody's applications in these statuses, in their order, then newest first: at most `limit` in
/// each.
pub fn of_person(
    conn: &mut Conn,
    person: PersonId,
    statuses: &[ApplicationStatus],
    limit: i64,
) -> Result<Vec<ApplicationFacts>> {
    let mut all = Vec::new();
    for status in statuses {
        all.extend(store::of_person(conn, (person, *status), limit)?);
    }
    Ok(all)
}

/// What was handed in and waits for a first look, what is promised first at the top.
pub fn to_open(conn: &mut Conn, limit: i64) -> Result<Vec<ApplicationFacts>> {
    store::promised_in(conn, ApplicationStatus::Submitted, limit)
}

/// The day by which an appeal that waits is answered, against a decline of an application or in its
/// own call.
pub fn appeal_promised(conn: &mut Conn, id: ApplicationId) -> Result<Option<Date>> {
    let appeal = store::appeal_of(conn, id, None)?.filter(|appeal| appeal.decided_at.is_none());
    Ok(appeal.and_then(|appeal| appeal.promised_on))
}
