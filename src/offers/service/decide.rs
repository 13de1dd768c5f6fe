//! The second person's word on an offer above its budget's threshold.

use super::super::model::{ApproveOffer, DenyOffer, OfferStatus, OfferView, ReleaseReason, Step};
use super::super::rules::Refusal;
use super::super::store::{self, Row};
use super::super::{events, rules};
use super::{changed, held, logged, notify, possible, release, shown};
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus, Ground};
use crate::approvals;
use crate::approvals::model::{Subject, SubjectKind, Vote, VoteResult};
use crate::budgets;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{OfferId, PersonId};
use crate::kernel::money::Money;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use sha2::{Digest as _, Sha256};

/// How many approvals an offer needs.
const NEEDED: i32 = 1;

/// Says yes. The offer stands once as many have as it needs.
///
/// # Errors
/// 404 if there is none, 403 for who made it or is on the application, 409 in another state or
/// where the budget may not give as much to the application any more.
pub fn approve(conn: &mut Conn, ctx: &Ctx, id: OfferId, form: &ApproveOffer) -> Result<OfferView> {
    authz::require(ctx, Action::ApproveOffer, &[])?;
    let mut fields = Fields::new();
    let reason = form.reason.as_deref().map(|r| fields.paragraphs("/reason", r, 1, 1000));
    fields.finish()?;
    let row = held(conn, id)?.ok_or_else(|| Problem::not_found("offer"))?;
    let application = impartial(conn, ctx, &row)?;
    possible(row.status, Step::Approve)?;
    if application.status != ApplicationStatus::Open {
        return Err(Problem::wrong_state("The application is not open for offers."));
    }
    if row.expires_at <= ctx.now {
        return Err(Problem::wrong_state("The offer's time is over."));
    }
    // Nobody changes its terms from here on.
    let budget = budgets::service::kept_terms(conn, row.budget_id)?;
    if let Some(last) = budget.expires_on.filter(|last| *last < ctx.today()) {
        return Err(Refusal::BudgetExpired(last).into());
    }
    // Itself included.
    let held = store::held(conn, row.application_id, (row.budget_id, row.regrantor_id))?;
    if let Some(cap) = budget.per_grant_cap.filter(|cap| held.of_budget > *cap) {
        let money = |minor| Money::new(minor, row.currency);
        return Err(Refusal::CapLowered(money(cap), money(held.of_budget)).into());
    }
    let outcome = vote(conn, ctx, &row, Vote::Approve, reason.as_deref())?;
    if outcome == VoteResult::Approved {
        if !store::approve(conn, row.id, ctx.now)? {
            return Err(changed());
        }
        applications::service::set_promised(conn, row.application_id, row.amount, true)?;
        events::tell(conn, ctx, events::PLACED, &row.facts())?;
        notify::placed(conn, ctx, &row, &application)?;
        notify::approved(conn, ctx, &row, &application)?;
        // With itself placed, by now.
        let written = held.placed.saturating_add(row.amount);
        notify::reached(conn, ctx, (&row, written), &application)?;
    }
    log(conn, ctx, Action::ApproveOffer, &row)?;
    shown(conn, id)
}

/// Says no: the money goes back to the budget.
///
/// # Errors
/// As [`approve`], but for the budget.
pub fn deny(conn: &mut Conn, ctx: &Ctx, id: OfferId, form: &DenyOffer) -> Result<OfferView> {
    authz::require(ctx, Action::DenyOffer, &[])?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", &form.reason, 1, 1000);
    fields.finish()?;
    let row = held(conn, id)?.ok_or_else(|| Problem::not_found("offer"))?;
    impartial(conn, ctx, &row)?;
    possible(row.status, Step::Release(ReleaseReason::Denied))?;
    if vote(conn, ctx, &row, Vote::Deny, Some(&reason))? == VoteResult::Denied {
        let home = release::give_back(conn, ctx, &row, ReleaseReason::Denied)?;
        notify::denied(conn, ctx, (&row, home), &reason)?;
    }
    log(conn, ctx, Action::DenyOffer, &row)?;
    shown(conn, id)
}

/// Asks for the second person.
pub(super) fn open(conn: &mut Conn, ctx: &Ctx, row: &Row) -> Result<()> {
    approvals::service::open(conn, ctx, &subject(row), NEEDED)?;
    Ok(())
}

/// Withdraws the question, where it is still open.
pub(super) fn end(conn: &mut Conn, ctx: &Ctx, row: &Row) -> Result<()> {
    if row.status == OfferStatus::AwaitingApproval {
        approvals::service::end(conn, ctx, SubjectKind::Offer, row.id.uuid())?;
    }
    Ok(())
}

fn vote(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &Row,
    vote: Vote,
    reason: Option<&str>,
) -> Result<VoteResult> {
    approvals::service::vote(conn, ctx, &subject(row), vote, reason, &[row.regrantor_id])
}

/// Refuses those who gain from the application or said that they are partial.
fn impartial(conn: &mut Conn, ctx: &Ctx, row: &Row) -> Result<ApplicationFacts> {
    let application = applications::service::facts(conn, row.application_id)?;
    let application = application.ok_or_else(|| Problem::not_found("application"))?;
    let maker = (Some(row.regrantor_id), row.created_at);
    delegations::service::another_side(conn, ctx, maker, "made this offer")?;
    applications::service::impartial(conn, ctx, application.id, Ground::ALL)?;
    Ok(application)
}

/// Refuses an offer above its budget's threshold where the second person has come to be partial
/// since they approved it, or to be of one side with who made it.
///
/// # Errors
/// 403 `two_persons`.
pub fn still_approved(conn: &mut Conn, id: OfferId) -> Result<()> {
    let row = store::find(conn, id)?.ok_or_else(|| Problem::not_found("offer"))?;
    for person in approvers(conn, id)? {
        let maker = (row.regrantor_id, row.created_at);
        if applications::service::is_partial(conn, row.application_id, person, Ground::ALL)?
            || delegations::service::same_side(conn, person, maker.0, maker.1)?
        {
            let name = people::service::brief(conn, person)?.map_or_else(String::new, |p| p.name);
            let detail = format!(
                "{name}, who approved an offer of {}, is on this application, in conflict with \
                 it, or of one side with who made the offer since: withdraw it, and have it made \
                 again for somebody else to approve.",
                row.money()
            );
            return Err(Problem::new(Kind::TwoPersons, detail));
        }
    }
    Ok(())
}

/// Who approved an offer as it is.
fn approvers(conn: &mut Conn, id: OfferId) -> Result<Vec<PersonId>> {
    let newest =
        approvals::service::history(conn, SubjectKind::Offer, id.uuid())?.into_iter().next();
    let votes = newest.map_or_else(Vec::new, |approval| approval.votes);
    let approved = votes.into_iter().filter(|voted| voted.vote == Vote::Approve);
    Ok(approved.map(|voted| voted.person_id).collect())
}

fn subject(row: &Row) -> Subject {
    let (amount, terms) = (row.money(), row.terms());
    let words =
        rules::approved_text(row.id, row.application_id, row.budget_id, amount, terms, row.version);
    let hash = text::hex(&Sha256::digest(words.as_bytes()));
    Subject { kind: SubjectKind::Offer, id: row.id.uuid(), hash }
}

fn log(conn: &mut Conn, ctx: &Ctx, action: Action, before: &Row) -> Result<()> {
    let after = store::find(conn, before.id)?.ok_or_else(changed)?;
    let change = Change::by(action, "offer", before.id.uuid());
    audit::record(conn, ctx, change.from(logged(before)).to(logged(&after)))
}
