//! What people, jobs and other domains do with grants.

mod agendas;
mod award;
mod books;
mod lifecycle;
mod notify;
mod paperwork;
mod read;
mod readers;
mod refund;
mod remind;
mod tranches;

pub use super::model::{AwardForm, GrantFacts, TrancheFacts, TranchePlan};
pub use super::store::is_award;
pub use agendas::{AgendaGrant, of_agenda};
pub use award::{award, backers_have_nothing_in_common, keeps_out};
pub use books::shares;
pub use lifecycle::{
    activate_if_ready, cancel, close, pause, pause_by_checkpoint, payee_changed, payee_verified,
    resume, set_payee, wind_down, wind_down_by_checkpoint,
};
pub use paperwork::{
    agreement, agreement_text, choose_payee, going, half_signed, papers, provide_requirement,
    refuse_requirement, requirements, satisfy_requirement, sign_agreement, verify_agreement,
    waive_requirement,
};
pub use read::{
    GrantDetail, ListGrants, StatementQuery, detail, expected_committed, expected_payable, kept,
    kept_of, list, private_makers, statement, unnamed,
};
pub use refund::{RefundUndone, RefundView, record as record_refund, undo as undo_refund};
pub(super) use remind::{remind, to_remind};
pub use tranches::{
    due, give_back, instruct, pay, release, release_due, release_number, undo_number,
};

use super::model::{GrantStatus, Step};
use super::{rules, store};
use crate::applications;
use crate::applications::model::Ground;
use crate::budgets;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::{Errand, Role};
use crate::kernel::ids::{ApplicationId, GrantId, PersonId, TrancheId};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use std::collections::BTreeMap;

/// One grant; `None` if there is none.
pub fn facts(conn: &mut Conn, id: GrantId) -> Result<Option<GrantFacts>> {
    store::find(conn, id)
}

/// The grant that an application became, if it did.
pub fn of_application(conn: &mut Conn, id: ApplicationId) -> Result<Option<GrantFacts>> {
    store::of_application(conn, id)
}

/// The newest grants in one of these statuses that a person receives, up to `limit`.
pub fn of_recipient(
    conn: &mut Conn,
    person: PersonId,
    statuses: &[GrantStatus],
    limit: i64,
) -> Result<Vec<GrantFacts>> {
    store::of_recipient(conn, (person, statuses), limit)
}

/// What other domains need to know of some grants, by id.
pub fn facts_of(conn: &mut Conn, ids: &[GrantId]) -> Result<BTreeMap<GrantId, GrantFacts>> {
    Ok(store::facts_of(conn, ids)?.into_iter().map(|grant| (grant.id, grant)).collect())
}

/// How the actor is related to a grant.
pub fn relations(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<Vec<Relation>> {
    let Some(me) = ctx.actor.person() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    if me == grant.recipient_id {
        found.push(Relation::Recipient);
    }
    if let Some(application) = applications::service::facts(conn, grant.application_id)? {
        let theirs = applications::service::relations(conn, ctx, &application)?;
        if theirs.contains(&Relation::Team) {
            found.push(Relation::Team);
        }
        // Whoever reports for the recipient.
        let reporter = Relation::Delegate(Errand::Report);
        found.extend(theirs.into_iter().filter(|relation| *relation == reporter));
    }
    let held = match ctx.actor.has(Role::Regrantor) {
        true => budgets::service::held_by(conn, me)?,
        // Whoever is no regrantor any more backs nothing, whatever budgets still bear their name.
        false => Vec::new(),
    };
    if !held.is_empty() {
        let given = store::given(conn, grant.id)?;
        if given.iter().any(|part| held.iter().any(|budget| budget.id == part.budget_id)) {
            found.push(Relation::Backer);
        }
    }
    Ok(found)
}

/// The grant, if the actor may see it.
///
/// # Errors
/// 404 otherwise.
pub fn visible(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<GrantFacts> {
    related(conn, ctx, id).map(|(grant, _)| grant)
}

/// The same, with how the actor is related to it.
fn related(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<(GrantFacts, Vec<Relation>)> {
    let grant = store::find(conn, id)?.ok_or_else(missing)?;
    let relations = relations(conn, ctx, &grant)?;
    authz::require(ctx, Action::GetGrant, &relations)?;
    Ok((grant, relations))
}

/// The grant, if the actor may do this with it, and how they are related to it.
///
/// # Errors
/// 404 where they may not see it, 403 where they may not do this.
pub fn grant_for(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    action: Action,
) -> Result<(GrantFacts, Vec<Relation>)> {
    let (grant, relations) = related(conn, ctx, id)?;
    authz::require(ctx, action, &relations)?;
    Ok((grant, relations))
}

/// Who holds the budgets that pay for a grant.
pub fn holders(conn: &mut Conn, grant: GrantId) -> Result<Vec<PersonId>> {
    store::holders(conn, grant)
}

/// One tranche; `None` if there is none.
pub fn tranche(conn: &mut Conn, id: TrancheId) -> Result<Option<TrancheFacts>> {
    store::tranche(conn, id)
}

/// The tranches of a grant, in their order.
pub fn tranches(conn: &mut Conn, grant: GrantId) -> Result<Vec<TrancheFacts>> {
    store::tranches(conn, grant)
}

/// Holds a grant until the transaction ends. Several are held in the order of their ids.
///
/// # Errors
/// 404 if there is none.
pub fn hold(conn: &mut Conn, id: GrantId) -> Result<()> {
    held(conn, id).map(drop)
}

fn missing() -> Problem {
    Problem::not_found("grant")
}

fn changed() -> Problem {
    Problem::changed_meanwhile("grant")
}

/// The grant, with its row held until the transaction ends: from here on nobody else writes it,
/// its tranches, or what its budgets hold for it.
///
/// # Errors
/// 404 if there is none.
pub fn held(conn: &mut Conn, id: GrantId) -> Result<GrantFacts> {
    if !store::hold(conn, id)? {
        return Err(missing());
    }
    store::find(conn, id)?.ok_or_else(missing)
}

/// Moves a held grant on, and records who did it.
fn advance(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    step: Step,
    action: &str,
    reason: Option<&str>,
) -> Result<GrantStatus> {
    let to = rules::step(grant.status, step)?;
    if !store::shift(conn, grant.id, grant.status, to, reason)? {
        return Err(changed());
    }
    let change = Change { action, object: ("grant", grant.id.uuid()), before: None, after: None }
        .from(json!({ "status": grant.status }))
        .to(json!({ "status": to, "reason": reason }));
    audit::record(conn, ctx, change)?;
    Ok(to)
}

/// What was found that keeps somebody from deciding on an award and on what comes of it. To be of
/// one organisation is asked about where money is offered: the sponsor's people share a domain with
/// whoever applies in house.
const ONE_PERSON: &[Ground] = &[Ground::BankAccount];

/// Refuses who gains from the grant or is partial to it: nobody decides about their own.
///
/// # Errors
/// 403 for the recipient, everybody on the team, whoever is one person with the recipient and
/// whoever declared a conflict; 409 for who has an account in common with the team.
pub fn impartial(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    if me == grant.recipient_id || applications::service::is_on(conn, grant.application_id, me)? {
        return Err(Problem::new(Kind::TwoPersons, "You are on this grant."));
    }
    let recipient = (Some(grant.recipient_id), grant.awarded_on.start());
    delegations::service::another_side(conn, ctx, recipient, "receives the grant")?;
    applications::service::impartial(conn, ctx, grant.application_id, ONE_PERSON)
}

/// Whether somebody is the grant's recipient, or on its application or partial to it.
pub fn is_partial(conn: &mut Conn, grant: &GrantFacts, person: PersonId) -> Result<bool> {
    Ok(person == grant.recipient_id
        || applications::service::is_partial(conn, grant.application_id, person, ONE_PERSON)?)
}
