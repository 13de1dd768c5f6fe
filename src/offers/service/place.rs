//! Placing an offer.

use super::super::model::{OfferStatus, OfferView, PlaceOffer};
use super::super::rules::{self, Above, BudgetFacts, Decision, Facts, Terms};
use super::super::store::{self, Row};
use super::{books, decide, logged, notify, release, shown};
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::applications::service::Ties;
use crate::budgets;
use crate::budgets::model::{BudgetStatus, BudgetTerms};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, BudgetId, PersonId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::offers::events;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// The form, checked.
pub(super) struct Checked {
    pub(super) amount: Money,
    pub(super) terms: Terms,
    conditions: String,
    expires_at: Instant,
}

/// What an offer is made of, before anything is decided.
pub(super) struct Prepared {
    pub(super) application: ApplicationFacts,
    pub(super) budget: BudgetTerms,
    pub(super) form: Checked,
    pub(super) regrantor: PersonId,
}

/// Places an offer and reserves its amount; above the budget's threshold it then waits for a
/// second person.
///
/// # Errors
/// 404 for an application out of sight, 403 for somebody else's budget and for conflicts, 409
/// where a state or a limit forbids it or the budget has not enough left, 422 for wrong fields.
pub fn place(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    form: &PlaceOffer,
) -> Result<OfferView> {
    let Prepared { application, budget: read, form: first, regrantor } =
        prepare(conn, ctx, (Action::PlaceOffer, application), form)?;

    // Holds the application's row: from here on the sums below are nobody else's to change.
    let held = applications::service::add_offered(conn, application.id, first.amount.minor())?;
    let fits = held.is_some();
    let found = match held {
        Some(held) => Some(held),
        None => applications::service::facts(conn, application.id)?,
    };
    let application = found.ok_or_else(|| Problem::not_found("application"))?;
    // Its terms may have changed before they were held.
    let budget = budgets::service::kept_terms(conn, read.id)?;
    let private = form.private;
    let form = if budget == read { first } else { checked(ctx, form, &budget)? };
    let about = (&application, &budget, regrantor);
    let (facts, placed) = facts(conn, ctx, about, &form, fits)?;
    still_offers(conn, ctx, regrantor)?;
    let above = match rules::may_offer(&facts)? {
        // Two-person rules do not bind the service itself.
        Decision::AwaitApproval(above) if !ctx.actor.is_system() => Some(above),
        _ => None,
    };
    if !fits {
        return Err(Problem::changed_meanwhile("application"));
    }
    let (kind, others_minimum) = Row::columns(form.terms);
    let row = Row {
        id: ctx.id(),
        application_id: application.id,
        budget_id: budget.id,
        regrantor_id: regrantor,
        amount: form.amount.minor(),
        currency: form.amount.currency(),
        conditions: form.conditions,
        status: above.map_or(OfferStatus::Placed, |_| OfferStatus::AwaitingApproval),
        release_reason: None,
        expires_at: form.expires_at,
        grant_id: None,
        version: 1,
        created_at: ctx.now,
        decided_at: None,
        placed_at: above.is_none().then_some(ctx.now),
        kind,
        others_minimum,
        effective: None,
        private,
    };
    store::insert(conn, &row)?;
    finish(conn, ctx, (&row, placed, above), &budget, &application)
}

/// Refuses a person who was suspended or lost the role while their request waited. From here on
/// whoever would do that waits, and finds this offer.
fn still_offers(conn: &mut Conn, ctx: &Ctx, regrantor: PersonId) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    let kept = people::service::kept(conn, regrantor)?;
    if kept.is_some_and(|person| release::makes_offers(&person)) {
        return Ok(());
    }
    let detail = "You are no regrantor any more, or were suspended: nothing was offered.";
    Err(Problem::new(Kind::Forbidden, detail))
}

/// The form, read, and what it is about.
pub(super) fn prepare(
    conn: &mut Conn,
    ctx: &Ctx,
    (action, application): (Action, ApplicationId),
    form: &PlaceOffer,
) -> Result<Prepared> {
    let (application, budget) =
        applications::service::visible_beside(conn, ctx, application, form.budget_id)?;
    // Somebody else's budget and one that is not there answer alike.
    let holds = budget.as_ref().is_some_and(|b| ctx.actor.is(b.holder_id));
    authz::require(ctx, action, if holds { &[Relation::Holder] } else { &[] })?;
    let unknown = || Problem::field("/budget_id", "unknown", "there is no such budget");
    let budget = budget.ok_or_else(unknown)?;
    let form = checked(ctx, form, &budget)?;
    // The service itself (an import) offers in the holder's name.
    let regrantor = ctx.actor.person().unwrap_or(budget.holder_id);
    Ok(Prepared { application, budget, form, regrantor })
}

/// Posts, records, tells.
fn finish(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, placed_before, above): (&Row, i64, Option<Above>),
    budget: &BudgetTerms,
    application: &ApplicationFacts,
) -> Result<OfferView> {
    books::reserved(conn, ctx, row, budget)?;
    let change = Change::by(Action::PlaceOffer, "offer", row.id.uuid()).to(logged(row));
    audit::record(conn, ctx, change)?;
    if above.is_some() {
        decide::open(conn, ctx, row)?;
        applications::service::set_promised(conn, row.application_id, row.amount, false)?;
        events::tell(conn, ctx, events::AWAITING_APPROVAL, &row.facts())?;
        notify::approvers(conn, ctx, (row, above), application)?;
    } else {
        events::tell(conn, ctx, events::PLACED, &row.facts())?;
        notify::placed(conn, ctx, row, application)?;
        let written = placed_before.saturating_add(row.amount);
        notify::reached(conn, ctx, (row, written), application)?;
    }
    // A person who acts goes by the name that is shown.
    if ctx.actor.is(row.regrantor_id) {
        return Ok(row.clone().view(ctx.actor_name.to_string()));
    }
    shown(conn, row.id)
}

fn checked(ctx: &Ctx, form: &PlaceOffer, budget: &BudgetTerms) -> Result<Checked> {
    let mut fields = Fields::new();
    let amount = fields.money_in("/amount", &form.amount, budget.currency);
    let asked = form.if_others.as_ref();
    let others = asked.and_then(|sum| fields.money_in("/if_others", sum, budget.currency));
    let one = asked.is_none() || !form.matching;
    fields.check(one, "/match", "contradiction", "leave out either match or if_others");
    let conditions = fields.paragraphs("/conditions", &form.conditions, 0, 4000);
    let days = i64::from(ctx.env.config.offers.expiry_days);
    let term = ctx.now.plus_seconds(days * 86_400);
    let over = budget.expires_on.map(|last| last.plus_days(1).start());
    let expires_at = form.expires_at.unwrap_or(over.map_or(term, |over| term.min(over)));
    let within = form.expires_at.is_none_or(|end| over.is_none_or(|over| end <= over));
    let last = budget.expires_on.map_or_else(String::new, |last| last.to_string());
    let message = format!("the budget can be spent until {last}: write a moment up to its end");
    fields.check(within, "/expires_at", "out_of_range", &message);
    let message = "write a moment ahead, within a year from now";
    // The service's own term is its operator's to choose.
    let ahead = form.expires_at.is_none_or(|end| rules::may_expire(ctx.now, end));
    fields.check(ahead, "/expires_at", "out_of_range", message);
    fields.finish()?;
    let amount = amount.expect("invariant: without a wrong field the amount is there");
    let terms = match (others, form.matching) {
        (Some(least), _) => Terms::IfOthers(least.minor()),
        (None, true) => Terms::Match,
        (None, false) => Terms::Plain,
    };
    Ok(Checked { amount, terms, conditions, expires_at })
}

/// What decides; the application as it is held, and the rest read after that. `fits` tells whether
/// this amount is among what is offered already. With it, what the offers that are placed come to
/// as they are written.
pub(super) fn facts(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, budget, regrantor): (&ApplicationFacts, &BudgetTerms, PersonId),
    form: &Checked,
    fits: bool,
) -> Result<(Facts, i64)> {
    let amount = form.amount;
    let ties = match ctx.actor.is_system() {
        true => Ties::default(),
        false => applications::service::ties(conn, application, regrantor)?,
    };
    let fund_may_spend = applications::service::may_spend(conn, application, budget.fund_id)?;
    let currency = application.currency.unwrap_or(amount.currency());
    let recent = match budget.approval_threshold {
        Some(_) => recently(conn, ctx, application, (budget.id, regrantor), currency)?,
        None => 0,
    };
    let held = store::held(conn, application.id, (budget.id, regrantor))?;
    let facts = Facts {
        amount,
        terms: form.terms,
        application_open: application.status == ApplicationStatus::Open,
        requested: Money::new(application.amount_requested.unwrap_or(0), currency),
        offered: application.offered - if fits { amount.minor() } else { 0 },
        own: held.own,
        open: held.open,
        on_application: ties.takes_part,
        conflict: ties.conflict,
        found: ties.found,
        budget: BudgetFacts {
            active: budget.status == BudgetStatus::Active,
            expires_on: budget.expires_on,
            fund_may_spend,
            per_grant_cap: budget.per_grant_cap,
            approval_threshold: budget.approval_threshold,
            on_application: held.of_budget,
            others: held.others,
            recent,
        },
        today: ctx.today(),
    };
    Ok((facts, held.placed))
}

/// What was offered to the applicant of late, or to whoever has an account in common with them,
/// from one budget, by one regrantor, or by others with that one's approval. The applicant and
/// their accounts are held: two offers at once would each not see the other. So is the regrantor,
/// with them and in the order of ids: no two wait in a ring.
fn recently(
    conn: &mut Conn,
    ctx: &Ctx,
    application: &ApplicationFacts,
    from: (BudgetId, PersonId),
    currency: Currency,
) -> Result<i64> {
    let (applicant, regrantor) = (application.applicant_id, from.1);
    let paid = people::service::hold_with_accounts(conn, applicant, regrantor)?;
    let since = ctx.now.plus_seconds(-rules::SPLIT_DAYS * 86_400);
    store::recent(conn, &paid, from, (currency, since))
}
