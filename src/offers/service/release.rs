//! Giving the money of an offer back to its budget, for whatever reason, once.

use super::super::events;
use super::super::model::{OfferStatus, OfferView, ReleaseReason, Step, WithdrawOffer};
use super::super::store::{self, Row};
use super::earmarked::Home;
use super::{books, changed, decide, earmarked, held, logged, notify, possible, shown};
use crate::applications;
use crate::applications::model::Ground;
use crate::budgets;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, BudgetId, OfferId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::people;
use crate::people::service::Brief;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// How the audit log calls the end of an offer of somebody who is no regrantor any more.
pub(super) const FORMER: &str = "end_offer_of_former";
/// The same of somebody who has come to be on its application.
pub(super) const INSIDER: &str = "end_offer_of_insider";
/// The same of others.
const ENDED: &str = "end_offer";

/// How an offer ends.
pub(super) struct Ending<'a> {
    /// As the audit log calls it.
    pub(super) action: &'a str,
    pub(super) reason: ReleaseReason,
    /// Whose offers an award took, each with what it gives, in minor units; empty without one.
    pub(super) taken: &'a [(PersonId, i64)],
}

impl Ending<'static> {
    fn of(action: &'static str, reason: ReleaseReason) -> Self {
        Self { action, reason, taken: &[] }
    }
}

/// The regrantor takes an offer back, also while it waits for approval; or an admin does, for a
/// reason that the regrantor is told.
///
/// # Errors
/// 404 if there is none in sight, 403 for an admin who is on the application or partial to it, 409
/// once it is committed or released, 422 where an admin gives no reason.
pub fn withdraw(
    conn: &mut Conn,
    ctx: &Ctx,
    id: OfferId,
    form: &WithdrawOffer,
) -> Result<OfferView> {
    let row = held(conn, id)?.ok_or_else(|| Problem::not_found("offer"))?;
    let own = ctx.actor.is(row.regrantor_id);
    authz::require(ctx, Action::WithdrawOffer, if own { &[Relation::Own] } else { &[] })?;
    let mut fields = Fields::new();
    let least = if own { 0 } else { 1 };
    let reason = form.reason.as_deref().unwrap_or_default();
    let reason = fields.paragraphs("/reason", reason, least, 1000);
    fields.finish()?;
    if !own {
        applications::service::impartial(conn, ctx, row.application_id, &[Ground::BankAccount])?;
    }
    possible(row.status, Step::Release(ReleaseReason::Withdrawn))?;
    let ending = Ending::of(Action::WithdrawOffer.as_str(), ReleaseReason::Withdrawn);
    let home = end(conn, ctx, &row, &ending)?;
    if !own {
        notify::withdrawn(conn, ctx, (&row, home), &reason)?;
    }
    shown(conn, id)
}

/// The open offers of a person, up to `limit`.
pub fn open_by(conn: &mut Conn, person: PersonId, limit: i64) -> Result<Vec<OfferId>> {
    store::open_by(conn, person, limit)
}

/// Whether somebody is still one whose offers stand: active, and a regrantor.
pub fn may_offer(conn: &mut Conn, person: PersonId) -> Result<bool> {
    Ok(people::service::brief(conn, person)?.is_some_and(|person| makes_offers(&person)))
}

/// [`may_offer`], of who was read already.
pub(super) fn makes_offers(person: &Brief) -> bool {
    person.active && person.roles.has(Role::Regrantor)
}

/// Releases an offer of somebody who was suspended or is no regrantor any more, and still is not,
/// as if they had withdrawn it; nothing where somebody was faster.
pub fn end_of_former(conn: &mut Conn, ctx: &Ctx, id: OfferId) -> Result<()> {
    let Some(row) = held(conn, id)? else { return Ok(()) };
    if row.status.is_open() && !may_offer(conn, row.regrantor_id)? {
        end(conn, ctx, &row, &Ending::of(FORMER, ReleaseReason::Withdrawn))?;
    }
    Ok(())
}

/// The open offers on an application.
pub fn open_on(conn: &mut Conn, application: ApplicationId) -> Result<Vec<OfferId>> {
    Ok(store::open_of(conn, application)?.into_iter().map(|row| row.id).collect())
}

/// When the last of the open offers of a budget ends.
pub fn reach(conn: &mut Conn, budget: BudgetId) -> Result<Option<Instant>> {
    store::reach(conn, budget)
}

/// Releases an offer of somebody who has come to be on its application, or is in a declared
/// conflict with it, as if they had withdrawn it; nothing where somebody was faster.
pub fn end_of_insider(conn: &mut Conn, ctx: &Ctx, id: OfferId) -> Result<()> {
    let Some(row) = held(conn, id)?.filter(|row| row.status.is_open()) else { return Ok(()) };
    let (application, maker) = (row.application_id, row.regrantor_id);
    let action = if applications::service::is_on(conn, application, maker)? {
        INSIDER
    } else if applications::service::has_conflict(conn, application, maker)? {
        ENDED
    } else {
        return Ok(());
    };
    end(conn, ctx, &row, &Ending::of(action, ReleaseReason::Withdrawn)).map(drop)
}

/// Releases an offer whose time is over; nothing where somebody was faster.
pub fn lapse(conn: &mut Conn, ctx: &Ctx, id: OfferId) -> Result<()> {
    let Some(row) = held(conn, id)? else { return Ok(()) };
    if row.status.is_open() && row.expires_at <= ctx.now {
        end(conn, ctx, &row, &Ending::of("lapse_offer", ReleaseReason::Lapsed))?;
    }
    Ok(())
}

/// Open offers whose time is over, up to `limit`.
pub fn overdue(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<OfferId>> {
    store::overdue(conn, ctx.now, limit)
}

/// Lets an open application lapse, if its time is over and its offers do not reach its minimum:
/// those on a condition count with what they come to, those that wait for approval not at all.
pub fn lapse_application(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    applications::service::lock(conn, id)?;
    let firm = super::firm(conn, ctx, id)?;
    applications::service::lapse(conn, ctx, id, firm).map(drop)
}

/// Releases what is open on an application that came to an end without an award; how many. Where it
/// goes on by now after an appeal, only what was open at the end, `told_at`: new offers stay.
pub fn end_of_application(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    told_at: Instant,
) -> Result<usize> {
    applications::service::lock(conn, id)?;
    store::forget_award(conn, id, told_at)?;
    let mut open = store::open_of(conn, id)?;
    let facts = applications::service::facts(conn, id)?;
    // Instants are compared only where they have to be: a clock may have been set back.
    if facts.is_some_and(|facts| !facts.status.is_end()) {
        open.retain(|row| row.created_at <= told_at);
    }
    end_here(conn, ctx, open, &[])
}

/// Releases what is still open of an application that was awarded, and whose row the caller holds;
/// how many.
pub fn release_rest(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<usize> {
    // Those that can be awarded are looked up among these.
    store::forget_award(conn, id, ctx.now.just_after())?;
    let open = store::open_of(conn, id)?;
    if open.is_empty() {
        return Ok(0);
    }
    let standing = store::standing(conn, id)?;
    let taken = standing.iter().filter(|(row, _)| row.status == OfferStatus::Committed);
    let gives = |row: &Row| (row.regrantor_id, row.effective.unwrap_or(row.amount));
    let taken: Vec<(PersonId, i64)> = taken.map(|(row, _)| gives(row)).collect();
    end_here(conn, ctx, open, &taken)
}

/// Those over their time as lapsed, the others because the application ended.
fn end_here(
    conn: &mut Conn,
    ctx: &Ctx,
    open: Vec<Row>,
    taken: &[(PersonId, i64)],
) -> Result<usize> {
    end_all(conn, ctx, open, |row| {
        let over = row.expires_at <= ctx.now;
        let reason = if over { ReleaseReason::Lapsed } else { ReleaseReason::ApplicationEnded };
        Ending { action: ENDED, reason, taken }
    })
}

/// A regrantor declared a conflict with an application, or joined its team: what they had offered
/// to it goes back, as if they had withdrawn it. How many; none where the conflict was lifted by
/// now, for what they offer since stands.
pub fn end_of_impartiality(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    person: PersonId,
) -> Result<usize> {
    applications::service::lock(conn, application)?;
    let mut open = store::open_of(conn, application)?;
    open.retain(|row| row.regrantor_id == person);
    let inside = applications::service::is_on(conn, application, person)?;
    if !inside && !applications::service::has_conflict(conn, application, person)? {
        return Ok(0);
    }
    let action = if inside { INSIDER } else { ENDED };
    end_all(conn, ctx, open, |_| Ending::of(action, ReleaseReason::Withdrawn))
}

/// An application left one of its calls: what was offered out of funds that could spend there alone
/// goes back. How many.
pub fn end_of_route(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<usize> {
    applications::service::lock(conn, id)?;
    let mut ended = Vec::new();
    for row in store::open_of(conn, id)? {
        if is_unrouted(conn, id, row.budget_id)? {
            ended.push(row);
        }
    }
    end_all(conn, ctx, ended, |_| Ending::of(ENDED, ReleaseReason::ApplicationEnded))
}

/// Whether the fund of a budget was named by a call that the application has left, and may spend in
/// none of those that it is in.
pub fn is_unrouted(conn: &mut Conn, id: ApplicationId, budget: BudgetId) -> Result<bool> {
    let Some(facts) = applications::service::facts(conn, id)? else { return Ok(false) };
    let Some(budget) = budgets::service::terms(conn, budget)? else { return Ok(false) };
    applications::service::is_unrouted(conn, &facts, budget.fund_id)
}

/// In the order of the budgets: no two that end at once wait for each other in a ring.
fn end_all<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    mut open: Vec<Row>,
    ending: impl Fn(&Row) -> Ending<'a>,
) -> Result<usize> {
    open.sort_by_key(|row| (row.budget_id, row.id));
    for row in &open {
        end(conn, ctx, row, &ending(row))?;
    }
    Ok(open.len())
}

fn end(conn: &mut Conn, ctx: &Ctx, row: &Row, ending: &Ending<'_>) -> Result<Home> {
    decide::end(conn, ctx, row)?;
    let home = give_back(conn, ctx, row, ending.reason)?;
    let after = store::find(conn, row.id)?.ok_or_else(changed)?;
    let object = ("offer", row.id.uuid());
    let change = Change { action: ending.action, object, before: None, after: None };
    audit::record(conn, ctx, change.from(logged(row)).to(logged(&after)))?;
    notify::released(conn, ctx, (row, home), ending)?;
    Ok(home)
}

/// The status first, guarded: whoever changes it moves the money, nobody else does. Says where the
/// money is now.
pub(super) fn give_back(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &Row,
    reason: ReleaseReason,
) -> Result<Home> {
    if possible(row.status, Step::Release(reason))? != OfferStatus::Released
        || !store::release(conn, row.id, row.status, reason, ctx.now)?
    {
        return Err(changed());
    }
    let promised = row.status == OfferStatus::Placed;
    applications::service::take_offered(conn, row.application_id, row.amount, promised)?;
    let earmark = earmarked::hold(conn, row)?;
    books::freed(conn, ctx, row)?;
    let home = match earmark {
        Some(earmark) => earmarked::tie_again(conn, ctx, row, &earmark)?,
        None => Home::Budget,
    };
    events::tell(conn, ctx, events::RELEASED, &row.facts())?;
    Ok(home)
}
