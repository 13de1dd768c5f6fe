//! What waits for those who run the service: what to look at, to approve, to sign, to verify and to
//! draft a payment of. Nothing of it is for them where they have a stake in it.

use super::more::{ASKED, More};
use super::next::NextStep;
use super::payments::{in_status, to_pay};
use super::waiting::{may_do, page, step};
use crate::applications::model::{AppealStatus, ApplicationStatus, Ground};
use crate::applications::service::ApplicationFacts;
use crate::disbursements::model::DisbursementStatus;
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, GrantId, PersonId};
use crate::offers::model::OfferStatus;
use crate::paperwork::model::{RequirementKind, RequirementStatus};
use crate::payees::model::{PayeeFilter, PayeeStatus};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, delegations, disbursements, grants, offers, payees};
use std::collections::{BTreeMap, BTreeSet};

/// All that waits for the acting person because of their role. A token sees what its scopes reach;
/// that a step asks for the second factor again hides nothing.
pub(super) fn desk(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let Some(me) = ctx.actor.person() else { return Ok(Vec::new()) };
    let may = |act: Action, reads: Action| may_do(ctx, act, reads);
    let mut steps = Vec::new();
    if may(Action::OpenApplication, Action::ListApplications) {
        steps.extend(to_open(conn, me, more)?);
    }
    if may(Action::AnswerAppeal, Action::ListAppeals) {
        steps.extend(to_answer(conn, ctx, me, more)?);
    }
    if may(Action::ApproveOffer, Action::ListOffers) {
        steps.extend(to_approve(conn, ctx, me, more)?);
    }
    if may(Action::AwardApplication, Action::GetFunding) {
        steps.extend(super::awarding::to_award(conn, ctx, me, more)?);
    }
    if may(Action::AwardApplication, Action::ListGrants) {
        steps.extend(to_sign(conn, me, more)?);
    }
    steps.extend(super::watch::watch(conn, ctx, me, more)?);
    if may(Action::VerifyPayee, Action::ListPayees) {
        steps.extend(to_verify(conn, ctx, more)?);
    }
    if may(Action::SatisfyRequirement, Action::ListRequirements) {
        steps.extend(of_papers(conn, me, more)?);
    }
    if may(Action::DraftDisbursement, Action::ListDisbursements) {
        steps.extend(to_draft(conn, ctx, me, more)?);
    }
    let mut unsent = Vec::new();
    for (status, act) in [
        (DisbursementStatus::Drafted, Action::ApproveDisbursement),
        (DisbursementStatus::Approved, Action::CreatePaymentBatch),
    ] {
        if may(act, Action::ListDisbursements) {
            unsent.extend(in_status(conn, ctx, status, more)?);
        }
    }
    if !unsent.is_empty() {
        steps.extend(to_pay(conn, ctx, me, unsent)?);
    }
    steps.extend(super::closing::closing(conn, ctx, me, more)?);
    steps.extend(super::halted::halted(conn, ctx, me, more)?);
    if may(Action::RetryDisbursement, Action::ListDisbursements) {
        let rows = more.cut("disbursement", disbursements::service::to_retry(conn, ASKED)?);
        steps.extend(to_pay(conn, ctx, me, rows)?);
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

fn to_open(conn: &mut Conn, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let rows = more.cut("application", applications::service::to_open(conn, ASKED)?);
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

fn to_answer(conn: &mut Conn, ctx: &Ctx, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let rows = applications::service::appeals(conn, ctx, Some(AppealStatus::Waiting), &page())?;
    let rows = more.page("application", rows);
    let mut steps = Vec::new();
    for row in free(conn, me, rows, |row| row.application_id)? {
        let declined_by = applications::service::declined_by(conn, row.application_id, row.call_id);
        if declined_by? == Some(me) {
            continue;
        }
        let href = format!("/api/v1/applications/{}/appeal/answer", row.application_id);
        let what = match row.call_id {
            None => "It was declined, and its applicant appeals: look at it again, and answer.",
            Some(_) => {
                "It was declined in a further call, and its applicant appeals: look at it again, \
                 and answer with the call_id of the appeal."
            }
        };
        steps.push(step(
            ("application", row.application_id.uuid(), "An appeal".to_owned()),
            "appealed",
            (what, row.promised_on, href),
            "Whoever declined it cannot answer.",
        ));
    }
    Ok(steps)
}

/// Offers that the person may approve: theirs, those of who is one with them, those on what they
/// gain from or are partial to, and those that it is too late for, are left out.
fn to_approve(conn: &mut Conn, ctx: &Ctx, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let waiting = Some(OfferStatus::AwaitingApproval);
    let mut rows = more.page("offer", offers::service::list(conn, ctx, waiting, &page())?);
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.application_id).collect();
    let facts = applications::service::facts_of(conn, &ids)?;
    let open =
        |id: &ApplicationId| facts.get(id).map(|it| it.status) == Some(ApplicationStatus::Open);
    rows.retain(|row| row.expires_at > ctx.now && open(&row.application_id));
    let mut apart = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(maker) = row.regrantor_id else { continue };
        let application = row.application_id;
        if !delegations::service::same_side(conn, me, maker, row.created_at)?
            && !applications::service::is_partial(conn, application, me, Ground::ALL)?
        {
            apart.push(row);
        }
    }
    let told = apart.into_iter().map(|row| {
        let href = format!("/api/v1/offers/{}/approve", row.id);
        let title = format!("An offer of {}", row.amount);
        step(
            ("offer", row.id.uuid(), title),
            "awaiting_approval",
            ("Approve or deny it.", Some(row.expires_at.last_day()), href),
            "Approved, it counts; by the end of that day it lapses.",
        )
    });
    Ok(told.collect())
}

/// Agreements that their recipient has signed, and nobody for the sponsor.
fn to_sign(conn: &mut Conn, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let ids = more.cut("grant", grants::service::half_signed(conn, ASKED)?);
    let told = theirs(conn, me, ids)?.into_values().map(|grant| {
        let href = format!("/api/v1/grants/{}/agreement/sign", grant.id);
        step(
            ("grant", grant.id.uuid(), grant.title),
            "awarded",
            ("Its recipient has signed the agreement: read it, and sign.", None, href),
            "With both signatures and a payee that was verified it starts.",
        )
    });
    Ok(told.collect())
}

fn to_verify(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let filter = PayeeFilter { person: None, status: Some(PayeeStatus::Submitted) };
    let rows = more.page("payee", payees::service::list(conn, ctx, &filter, &page())?);
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

/// Those of some grants about whose papers and payments the person may decide.
pub(super) fn theirs(
    conn: &mut Conn,
    me: PersonId,
    ids: Vec<GrantId>,
) -> Result<BTreeMap<GrantId, GrantFacts>> {
    let mut all = grants::service::facts_of(conn, &ids)?;
    let applications: Vec<ApplicationId> = all.values().map(|grant| grant.application_id).collect();
    let stakes = applications::service::stakes(conn, me, &applications)?;
    all.retain(|_, grant| grant.recipient_id != me && !stakes.contains(&grant.application_id));
    Ok(all)
}

/// Screenings that nobody has done, or that were found wrong, and papers that another person gave.
fn of_papers(conn: &mut Conn, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    use RequirementKind::{Screening, TaxForm};
    use RequirementStatus::{Open, Provided, Refused};
    let to_do = grants::service::papers(conn, (&[Screening], &[Open, Refused]), ASKED)?;
    let given = grants::service::papers(conn, (&[TaxForm, Screening], &[Provided]), ASKED)?;
    let mut rows = more.cut("grant", to_do);
    rows.extend(more.cut("grant", given));
    let all = theirs(conn, me, rows.iter().map(|(grant, ..)| *grant).collect())?;
    let mut steps = Vec::new();
    for (grant, kind, status, by) in rows {
        let given = status == Provided;
        let Some(grant) = all.get(&grant).filter(|_| !given || by != Some(me)) else { continue };
        let (what, act, next) = match (status, kind) {
            (Provided, TaxForm) => (
                "Look at the tax form: find it right, or refuse it.",
                "satisfy",
                "It is on file then.",
            ),
            (Provided, _) => (
                "Look at what the screening found: find it right, or refuse it.",
                "satisfy",
                "Nothing is released before.",
            ),
            (Refused, _) => (
                "The screening was refused: look into it again, or ask an admin to end the grant.",
                "provide",
                "Nothing is released before another person finds it right.",
            ),
            _ => (
                "Compare its recipient with the sanctions lists, and say what was found.",
                "provide",
                "Another person finds it right; nothing is released before.",
            ),
        };
        let href = format!("/api/v1/grants/{}/requirements/{kind}/{act}", grant.id);
        let object = ("grant", grant.id.uuid(), grant.title.clone());
        steps.push(step(object, &status.to_string(), (what, None, href), next));
    }
    Ok(steps)
}

/// Released tranches that nobody has drafted a payment of, and of which one can be drafted now.
fn to_draft(conn: &mut Conn, ctx: &Ctx, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let rows = more.cut("grant", disbursements::service::undrafted(conn, ctx, ASKED)?);
    let all = theirs(conn, me, rows.iter().map(|(grant, _)| *grant).collect())?;
    let mut steps = Vec::new();
    for (grant, number) in rows {
        let Some(grant) = all.get(&grant) else { continue };
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
