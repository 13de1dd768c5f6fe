//! The decision that makes a grant.

use super::super::events;
use super::super::model::{AwardForm, GrantFacts, GrantStatus, TrancheStatus};
use super::super::rules::{self, Planned};
use super::super::store::{self, Row, SourceRow, TrancheRow};
use super::{books, notify};
use crate::applications::model::{ApplicationFacts, Ground, found_conflict};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, GrantId, PersonId};
use crate::kernel::money::Money;
use crate::kernel::problem::{Kind, Problem};
use crate::offers::model::OfferFacts;
use crate::paperwork::model::AgreementFacts;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, budgets, concerns, delegations, offers, paperwork, people};
use serde_json::json;
use std::collections::BTreeSet;

/// Days in which the recipient is asked to settle what the award opens.
const PAPERWORK_DAYS: i32 = 30;

/// Awards an application: what its placed offers come to becomes commitments of a grant, the
/// tranches are planned, the requirements opened and the agreement drafted. Offers that wait for
/// approval, are over their time or come to nothing are released.
///
/// # Errors
/// 404 for an application out of sight, 403 for an admin who is on it or in conflict, who was
/// suspended or lost a role while the request waited, and where an approval came from somebody who
/// is on it, 409 where it is not open, its offers come to another amount than the form says or do
/// not reach its minimum, 422 for a plan that does not sum.
pub fn award(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    form: &AwardForm,
) -> Result<GrantId> {
    authz::require(ctx, Action::AwardApplication, &[])?;
    let application = applications::service::visible(conn, ctx, application)?;
    // Holds the application's row: from here on nobody else writes its offers. And who joins its
    // team just now has joined before the next look, or does not any more.
    applications::service::lock(conn, application.id)?;
    keep_hands(conn, ctx, application.id)?;
    applications::service::impartial(conn, ctx, application.id, super::ONE_PERSON)?;
    applications::service::mark_awarded(conn, ctx, application.id)?;
    // What it asks for may have changed before it was held.
    let held = applications::service::facts(conn, application.id)?;
    let application = held.ok_or_else(|| Problem::not_found("application"))?;
    let mut placed = offers::service::placed_on(conn, application.id)?;
    placed.retain(|offer| offer.expires_at > ctx.now);
    let placed = disinterested(conn, ctx, &application, placed)?;
    let placed = spendable(conn, ctx, application.id, placed)?;
    let currency = application.currency.ok_or_else(|| Problem::internal("no currency"))?;
    let any = !placed.is_empty();
    // Offers on a condition come to what the others make of them, all in one pass.
    let mut placed = offers::service::come_to(placed);
    let award = Money::sum(currency, placed.iter().map(|(_, gives)| Money::new(*gives, currency)))
        .map_err(|e| Problem::internal(e.to_string()))?;
    rules::as_seen(form, award)?;
    let minimum = Money::new(application.amount_minimum.unwrap_or(0), currency);
    rules::may_award(any, award, minimum)?;
    let plan = rules::plan(form, award, ctx.today())?;
    // Last, so that a refusal for another reason tells nothing of screening.
    concerns::service::may_be_awarded(conn, ctx, application.id)?;

    let call = applications::service::lead_call(conn, &application)?;
    let row = grant_row(ctx, (&application, call), award, form);
    store::insert(conn, &row)?;
    let grant = row.facts();
    // Budgets in the order of their ids, as everywhere: two awards never wait in a ring.
    placed.sort_by_key(|(offer, _)| (offer.budget_id, offer.id));
    for (offer, gives) in &placed {
        take_over(conn, ctx, &grant, (offer, *gives))?;
    }
    offers::service::release_rest(conn, ctx, application.id)?;
    for (place, planned) in plan.iter().enumerate() {
        store::insert_tranche(conn, &tranche_row(ctx, grant.id, place, planned))?;
    }
    paperwork(conn, ctx, &grant, &application, &plan, &placed)?;
    finish(conn, ctx, &grant, &plan)?;
    Ok(grant.id)
}

/// Keeps whoever awards, and who made the offers of an application that is held, as they are until
/// the transaction ends: nobody is suspended or loses a role between the look at them and what is
/// decided on it. An import asks nobody.
///
/// # Errors
/// 403 where the acting person was suspended or lost a role since their request was let in.
fn keep_hands(conn: &mut Conn, ctx: &Ctx, application: ApplicationId) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    let placed = offers::service::placed_on(conn, application)?;
    let mut hands: BTreeSet<PersonId> = placed.iter().map(|offer| offer.regrantor_id).collect();
    hands.insert(me);
    people::service::keep_all(conn, &hands)?;
    people::service::keep_acting(conn, ctx)
}

/// Whether the award of an application refuses somebody, whatever they plan: they are on it or
/// partial to it, or of one side with whoever made one of its offers.
pub fn keeps_out(
    conn: &mut Conn,
    ctx: &Ctx,
    person: PersonId,
    application: &ApplicationFacts,
) -> Result<bool> {
    let id = application.id;
    if applications::service::is_partial(conn, id, person, super::ONE_PERSON)? {
        return Ok(true);
    }
    let mut placed = offers::service::placed_on(conn, id)?;
    placed.retain(|offer| offer.expires_at > ctx.now);
    let makers: Vec<PersonId> = placed.iter().map(|offer| offer.regrantor_id).collect();
    delegations::service::one_side(conn, person, &makers, application.created_at)
}

/// The offers of those who may still fund it: whoever has joined the team, declared a conflict or
/// was suspended since they offered may not, and their offers are released. Nobody awards their own
/// offer, nor one whose second person has come to gain from it.
fn disinterested(
    conn: &mut Conn,
    ctx: &Ctx,
    application: &ApplicationFacts,
    placed: Vec<OfferFacts>,
) -> Result<Vec<OfferFacts>> {
    if ctx.actor.is_system() {
        return Ok(placed);
    }
    let mut kept = Vec::with_capacity(placed.len());
    for offer in placed {
        if ctx.actor.is(offer.regrantor_id) {
            let detail = "One of the offers is your own: somebody else has to award.";
            return Err(Problem::new(Kind::TwoPersons, detail));
        }
        let maker = (Some(offer.regrantor_id), application.created_at);
        delegations::service::another_side(conn, ctx, maker, "made one of the offers")?;
        let ties = applications::service::ties(conn, application, offer.regrantor_id)?;
        let may = offers::service::may_offer(conn, offer.regrantor_id)?;
        if !ties.takes_part && !ties.conflict && may {
            nothing_found(conn, offer.regrantor_id, &ties.found)?;
            offers::service::still_approved(conn, offer.id)?;
            kept.push(offer);
        }
    }
    Ok(kept)
}

/// Without the offers of funds that may spend in none of its calls since it left one of them, and
/// of budgets whose time is over: they are released, at the latest now.
fn spendable(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    placed: Vec<OfferFacts>,
) -> Result<Vec<OfferFacts>> {
    let mut kept = Vec::with_capacity(placed.len());
    for offer in placed {
        let budget = budgets::service::terms(conn, offer.budget_id)?;
        let last = budget.and_then(|budget| budget.expires_on);
        let over = last.is_some_and(|last| last < ctx.today());
        if !over && !offers::service::is_unrouted(conn, application, offer.budget_id)? {
            kept.push(offer);
        }
    }
    Ok(kept)
}

/// Refuses to pay a grant where something was found between one of its backers and the team that no
/// admin has looked at: the team's accounts may have come to be known after the award.
pub fn backers_have_nothing_in_common(conn: &mut Conn, grant: &GrantFacts) -> Result<()> {
    let application = applications::service::facts(conn, grant.application_id)?;
    let Some(application) = application else { return Ok(()) };
    for backer in store::backers(conn, grant.id)? {
        let ties = applications::service::ties(conn, &application, backer)?;
        nothing_found(conn, backer, &ties.found)?;
    }
    Ok(())
}

/// Refuses where something was found between a backer and the team that no admin has looked at.
fn nothing_found(conn: &mut Conn, backer: PersonId, found: &[Ground]) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let who = format!("{} and somebody on this application", name(conn, backer)?);
    Err(found_conflict(&who, found))
}

/// Records and tells.
fn finish(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, plan: &[Planned]) -> Result<()> {
    let change = Change::by(Action::AwardApplication, "grant", grant.id.uuid()).to(json!({
        "application_id": grant.application_id,
        "amount_awarded": grant.awarded(),
        "tranches": plan.len(),
    }));
    audit::record(conn, ctx, change)?;
    events::tell(conn, ctx, events::AWARDED, grant.id)?;
    notify::awarded(conn, ctx, grant)
}

/// What one offer comes to becomes a source of the grant.
fn take_over(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (offer, gives): (&OfferFacts, i64),
) -> Result<()> {
    offers::service::commit(conn, ctx, offer, (gives, grant.id))?;
    let missing = || Problem::internal("an offer without its budget");
    let budget = budgets::service::terms(conn, offer.budget_id)?.ok_or_else(missing)?;
    let source = SourceRow {
        id: ctx.id(),
        grant_id: grant.id,
        offer_id: offer.id,
        budget_id: budget.id,
        fund_id: budget.fund_id,
        amount: gives,
    };
    store::insert_source(conn, &source)?;
    books::awarded(conn, ctx, grant, &source)
}

fn grant_row(
    ctx: &Ctx,
    (application, call_id): (&ApplicationFacts, CallId),
    award: Money,
    form: &AwardForm,
) -> Row {
    Row {
        id: ctx.id(),
        application_id: application.id,
        recipient_id: application.applicant_id,
        call_id,
        title: application.title.clone(),
        amount_awarded: award.minor(),
        currency: award.currency(),
        awarded_on: ctx.today(),
        awarded_by: ctx.actor.person(),
        status: GrantStatus::Awarded,
        status_reason: None,
        payee_id: None,
        activated_at: None,
        ends_on: form
            .ends_on
            .or_else(|| application.duration_months.map(|months| ctx.today().plus_months(months))),
        closed_at: None,
        version: 1,
        created_at: ctx.now,
    }
}

fn tranche_row(ctx: &Ctx, grant: GrantId, place: usize, planned: &Planned) -> TrancheRow {
    TrancheRow {
        id: ctx.id(),
        grant_id: grant,
        sequence: number(place),
        amount: planned.amount.minor(),
        currency: planned.amount.currency(),
        due_on: planned.due_on,
        release_condition: planned.release_condition,
        status: TrancheStatus::Planned,
        released_at: None,
        released_by: None,
        version: 1,
    }
}

/// Tranches are counted from 1 on.
fn number(place: usize) -> i32 {
    i32::try_from(place + 1).expect("invariant: a plan has at most 60 tranches")
}

/// Opens what the recipient has to settle, and drafts the agreement.
fn paperwork(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    application: &ApplicationFacts,
    plan: &[Planned],
    placed: &[(OfferFacts, i64)],
) -> Result<()> {
    let due_on = ctx.today().plus_days(PAPERWORK_DAYS);
    paperwork::service::open_requirements(conn, ctx, grant.id, Some(due_on))?;
    let tranches = plan.iter().enumerate();
    let facts = AgreementFacts {
        grantee: name(conn, grant.recipient_id)?,
        sponsor: ctx.env.config.sponsor.name.clone(),
        title: grant.title.clone(),
        amount: grant.awarded(),
        awarded_on: grant.awarded_on,
        ends_on: grant.ends_on,
        tranches: tranches.map(|(n, p)| (number(n), p.amount, rules::when(p))).collect(),
        conditions: placed
            .iter()
            .filter(|(offer, _)| !offer.conditions.is_empty())
            .map(|(offer, _)| offer.conditions.clone())
            .chain(concerns::service::conditions_of(conn, application.id)?)
            .collect(),
        purpose: application.summary.clone(),
    };
    paperwork::service::draft_agreement(conn, ctx, grant.id, &facts)?;
    Ok(())
}

fn name(conn: &mut Conn, person: PersonId) -> Result<String> {
    let contact = people::service::brief(conn, person)?;
    Ok(contact.map_or_else(String::new, |contact| contact.name))
}
