//! What waits for those who run the service: what to look at, to approve, to sign, to verify and to
//! pay. Nothing of it is for them where they have a stake in it.

use super::next::NextStep;
use super::waiting::step;
use crate::applications::model::AppealStatus;
use crate::applications::service::ApplicationFacts;
use crate::disbursements::model::DisbursementStatus;
use crate::disbursements::service::ListDisbursements;
use crate::grants::model::GrantStatus;
use crate::grants::service::{GrantFacts, ListGrants};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, GrantId, PersonId};
use crate::kernel::page::PageOf;
use crate::offers::model::OfferStatus;
use crate::paperwork::model::{RequirementKind, RequirementStatus};
use crate::payees::model::{PayeeFilter, PayeeStatus};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, disbursements, grants, offers, paperwork, payees};
use std::collections::BTreeSet;

/// Rows of each kind that are looked through, and so the most that are told.
const EACH: i64 = 20;

fn page<T>() -> PageOf<T> {
    PageOf { limit: EACH, after: None }
}

/// All that waits for the acting person because of their role. A token sees what its scopes reach;
/// that a step asks for the second factor again hides nothing.
pub(super) fn desk(conn: &mut Conn, ctx: &Ctx) -> Result<Vec<NextStep>> {
    let Some(me) = ctx.actor.person() else { return Ok(Vec::new()) };
    let may = |act: Action, reads: Action| {
        authz::allowed(&ctx.actor, act, &[]) && authz::gate(ctx, reads).is_ok()
    };
    let mut steps = Vec::new();
    if may(Action::OpenApplication, Action::ListApplications) {
        steps.extend(to_open(conn, me)?);
    }
    if may(Action::AnswerAppeal, Action::ListAppeals) {
        steps.extend(to_answer(conn, ctx, me)?);
    }
    if may(Action::ApproveOffer, Action::ListOffers) {
        steps.extend(to_approve(conn, ctx)?);
    }
    if may(Action::AwardApplication, Action::ListGrants) {
        steps.extend(to_sign(conn, ctx)?);
    }
    if may(Action::VerifyPayee, Action::ListPayees) {
        steps.extend(to_verify(conn, ctx)?);
    }
    if may(Action::SatisfyRequirement, Action::ListRequirements) {
        steps.extend(to_satisfy(conn, ctx)?);
    }
    if may(Action::DraftDisbursement, Action::ListDisbursements) {
        steps.extend(to_draft(conn, me)?);
    }
    for (status, act) in [
        (DisbursementStatus::Drafted, Action::ApproveDisbursement),
        (DisbursementStatus::Approved, Action::CreatePaymentBatch),
        (DisbursementStatus::Returned, Action::RetryDisbursement),
    ] {
        if may(act, Action::ListDisbursements) {
            steps.extend(to_pay(conn, ctx, (me, status))?);
        }
    }
    Ok(steps)
}

/// Without those that the person has a stake in.
fn free<T>(
    conn: &mut Conn,
    me: PersonId,
    mut rows: Vec<T>,
    of: impl Fn(&T) -> ApplicationId,
) -> Result<Vec<T>> {
    let ids: Vec<ApplicationId> = rows.iter().map(&of).collect();
    let theirs: BTreeSet<ApplicationId> = applications::service::stakes(conn, me, &ids)?;
    rows.retain(|row| !theirs.contains(&of(row)));
    Ok(rows)
}

fn to_open(conn: &mut Conn, me: PersonId) -> Result<Vec<NextStep>> {
    let rows = applications::service::to_open(conn, EACH)?;
    let rows = free(conn, me, rows, |row: &ApplicationFacts| row.id)?;
    let told = rows.into_iter().map(|row| {
        let href = format!("/api/v1/applications/{}/open", row.id);
        let what = "Look at eligibility and risk: open it, ask for changes, or decline.";
        step(
            ("application", row.id.uuid(), row.title),
            "submitted",
            (what, row.promised_on, href),
            "Opened, it is seen by those who may fund it.",
        )
    });
    Ok(told.collect())
}

fn to_answer(conn: &mut Conn, ctx: &Ctx, me: PersonId) -> Result<Vec<NextStep>> {
    let rows =
        applications::service::appeals(conn, ctx, Some(AppealStatus::Waiting), &page())?.items;
    let mut steps = Vec::new();
    for row in free(conn, me, rows, |row| row.application_id)? {
        if applications::service::declined_by(conn, row.application_id)? == Some(me) {
            continue;
        }
        let Some(facts) = applications::service::facts(conn, row.application_id)? else { continue };
        let href = format!("/api/v1/applications/{}/appeal/answer", row.application_id);
        let what = "It was declined, and its applicant appeals: look at it again, and answer.";
        steps.push(step(
            ("application", row.application_id.uuid(), facts.title),
            "appealed",
            (what, row.promised_on, href),
            "Whoever declined it cannot answer.",
        ));
    }
    Ok(steps)
}

fn to_approve(conn: &mut Conn, ctx: &Ctx) -> Result<Vec<NextStep>> {
    let waiting = Some(OfferStatus::AwaitingApproval);
    let rows = offers::service::list(conn, ctx, waiting, &page())?.items;
    let told = rows.into_iter().filter(|row| row.regrantor_id != ctx.actor.person()).map(|row| {
        let href = format!("/api/v1/offers/{}/approve", row.id);
        let title = format!("An offer of {}", row.amount);
        step(
            ("offer", row.id.uuid(), title),
            "awaiting_approval",
            ("Approve or deny it.", Some(row.expires_at.date()), href),
            "Approved, it counts; on that day it lapses.",
        )
    });
    Ok(told.collect())
}

/// Agreements that their recipient has signed, and nobody for the sponsor.
fn to_sign(conn: &mut Conn, ctx: &Ctx) -> Result<Vec<NextStep>> {
    let asked =
        ListGrants { status: Some(GrantStatus::Awarded), limit: Some(EACH), ..<_>::default() };
    let mut steps = Vec::new();
    for grant in grants::service::list(conn, ctx, &asked)?.items {
        let all = paperwork::service::requirements(conn, grant.id)?;
        let agreement = all.iter().find(|r| r.kind == RequirementKind::Agreement);
        let open = agreement.is_some_and(|r| r.status == RequirementStatus::Open);
        if !open || !paperwork::service::signed_by_recipient(conn, grant.id)? {
            continue;
        }
        if ctx.actor.is(grant.recipient_id) {
            continue;
        }
        let href = format!("/api/v1/grants/{}/agreement/sign", grant.id);
        steps.push(step(
            ("grant", grant.id.uuid(), grant.title),
            "awarded",
            ("Its recipient has signed the agreement: read it, and sign.", None, href),
            "With both signatures and the rest of the papers it starts.",
        ));
    }
    Ok(steps)
}

fn to_verify(conn: &mut Conn, ctx: &Ctx) -> Result<Vec<NextStep>> {
    let filter = PayeeFilter { person: None, status: Some(PayeeStatus::Submitted) };
    let rows = payees::service::list(conn, ctx, &filter, &page())?.items;
    let told = rows.into_iter().filter(|row| !ctx.actor.is(row.person_id)).map(|row| {
        let href = format!("/api/v1/payees/{}/verify", row.id);
        step(
            ("payee", row.id.uuid(), format!("{}, {}", row.name, row.account)),
            "submitted",
            ("Check the account with its holder: verify it, or reject it.", None, href),
            "A grant that names it can start then.",
        )
    });
    Ok(told.collect())
}

/// The grant, where the person may decide about its papers and payments.
fn theirs(conn: &mut Conn, me: PersonId, id: GrantId) -> Result<Option<GrantFacts>> {
    let Some(grant) = grants::service::facts(conn, id)? else { return Ok(None) };
    Ok(if grants::service::is_partial(conn, &grant, me)? { None } else { Some(grant) })
}

fn to_satisfy(conn: &mut Conn, ctx: &Ctx) -> Result<Vec<NextStep>> {
    let me = ctx.me()?;
    let mut steps = Vec::new();
    for (grant, kind, by) in paperwork::service::provided(conn, EACH)? {
        if kind.is_automatic() || by == Some(me) {
            continue;
        }
        let Some(grant) = theirs(conn, me, grant)? else { continue };
        if grant.status.has_ended() {
            continue;
        }
        let what = match kind {
            RequirementKind::TaxForm => "Look at the tax form: find it right, or refuse it.",
            _ => "Look at what the screening found: find it right, or refuse it.",
        };
        let href = format!("/api/v1/grants/{}/requirements/{kind}/satisfy", grant.id);
        steps.push(step(
            ("grant", grant.id.uuid(), grant.title),
            "provided",
            (what, None, href),
            "Until then it does not start, and nothing is paid.",
        ));
    }
    Ok(steps)
}

/// Released tranches that nobody has drafted a payment of.
fn to_draft(conn: &mut Conn, me: PersonId) -> Result<Vec<NextStep>> {
    let mut steps = Vec::new();
    for tranche in disbursements::service::undrafted(conn, EACH)? {
        let Some(grant) = theirs(conn, me, tranche.grant_id)? else { continue };
        let number = tranche.sequence;
        let href = format!("/api/v1/grants/{}/tranches/{number}/disbursement", grant.id);
        steps.push(step(
            ("grant", grant.id.uuid(), format!("{}, tranche {number}", grant.title)),
            "released",
            ("It is released: draft its payment.", None, href),
            "Another person approves it, then the bank is told.",
        ));
    }
    Ok(steps)
}

/// Payments that another person drafted, that wait to be sent, or that came back.
fn to_pay(
    conn: &mut Conn,
    ctx: &Ctx,
    (me, status): (PersonId, DisbursementStatus),
) -> Result<Vec<NextStep>> {
    let asked = ListDisbursements { status: Some(status), ..ListDisbursements::default() };
    let mut steps = Vec::new();
    for row in disbursements::service::list(conn, ctx, &asked, &page())?.items {
        let (done_by, what, href, next) = match status {
            DisbursementStatus::Drafted => (
                row.drafted_by,
                "Compare it with the grant, and approve it.",
                format!("/api/v1/disbursements/{}/approve", row.id),
                "Approved, it goes to the bank with the next batch.",
            ),
            DisbursementStatus::Returned => (
                None,
                "The bank sent it back: have the account corrected, then try again, or void it.",
                format!("/api/v1/disbursements/{}/retry", row.id),
                "Tried again, another person approves it anew.",
            ),
            _ => (
                row.approved_by,
                "Put it into a batch, and give the bank its file.",
                "/api/v1/payment-batches".to_owned(),
                "When the bank has paid, record it as settled.",
            ),
        };
        if done_by == Some(me) {
            continue;
        }
        let Some(grant) = theirs(conn, me, row.grant_id)? else { continue };
        let title = format!("{} for “{}”", row.amount, grant.title);
        steps.push(step(
            ("disbursement", row.id.uuid(), title),
            &status.to_string(),
            (what, None, href),
            next,
        ));
    }
    Ok(steps)
}
