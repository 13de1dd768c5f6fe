//! The paperwork of a grant: who may see it, sign, give, decide, and name the payee.

use super::super::store;
use super::lifecycle::{activate_if_ready, go_on, reopen_screening, set_payee};
use super::{GrantFacts, grant_for, held, impartial, notify, readers};
use crate::delegations;
use crate::grants::model::WaitingPaper;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{GrantId, PayeeId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::offers;
use crate::paperwork;
use crate::paperwork::model::{
    AgreementView, Party, RequirementKind, RequirementStatus, RequirementView, SignForm,
    SignatureView, Verification,
};
use crate::payees;
use crate::payees::model::{PayeeFacts, PayeeStatus};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// The agreement and who has signed it. Where a signature came from is shown to whoever made it,
/// and to those who run and audit.
///
/// # Errors
/// 404 where the grant is not in sight, or has no agreement.
pub fn agreement(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<AgreementView> {
    may(conn, ctx, id, Action::GetAgreement)?;
    shown(conn, ctx, id)
}

/// The exact bytes of the agreement.
///
/// # Errors
/// As [`agreement`].
pub fn agreement_text(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<Vec<u8>> {
    may(conn, ctx, id, Action::GetAgreementText)?;
    let text = paperwork::service::agreement_text(conn, id)?;
    text.map(|(bytes, _)| bytes).ok_or_else(|| Problem::not_found("agreement"))
}

/// Whether the agreement still is what was signed.
///
/// # Errors
/// As [`agreement`].
pub fn verify_agreement(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<Verification> {
    may(conn, ctx, id, Action::VerifyAgreement)?;
    let mut found = paperwork::service::verify_agreement(conn, id)?;
    found.signatures.iter_mut().for_each(|check| discreet(ctx, &mut check.signature));
    Ok(found)
}

/// Signs the agreement: the recipient for themselves, an admin who is not on the grant for the
/// sponsor. The second signature may make the grant active.
///
/// # Errors
/// 403 for whoever is neither; 409 where the grant has ended or it was signed; 422.
pub fn sign_agreement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    form: &SignForm,
) -> Result<AgreementView> {
    may(conn, ctx, id, Action::SignAgreement)?;
    let grant = going(held(conn, id)?)?;
    let party = if ctx.actor.is(grant.recipient_id) {
        Party::Recipient
    } else {
        impartial(conn, ctx, &grant)?;
        Party::Sponsor
    };
    paperwork::service::sign(conn, ctx, id, party, form)?;
    activate_if_ready(conn, ctx, id)?;
    shown(conn, ctx, id)
}

/// What must be on file. What was said about tax and screening is between the recipient and
/// those who look after it: team and backers see how far it is, not what it says.
///
/// # Errors
/// 404 where the grant is not in sight.
pub fn requirements(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<Vec<RequirementView>> {
    let grant = may(conn, ctx, id, Action::ListRequirements)?;
    told(conn, ctx, &grant)
}

/// The requirements of a grant that the actor may see, without what is not theirs to read.
pub(super) fn told(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<Vec<RequirementView>> {
    let mut all = paperwork::service::requirements(conn, grant.id)?;
    // Whoever looks after grants, unless this one is theirs.
    if offers::service::reads_all(conn, ctx, grant.application_id)? {
        return Ok(all);
    }
    let recipient = ctx.actor.is(grant.recipient_id);
    for view in &mut all {
        let theirs = match view.kind {
            RequirementKind::Agreement | RequirementKind::Payee => true,
            RequirementKind::TaxForm => recipient,
            RequirementKind::Screening => false,
        };
        if !theirs {
            view.note = None;
            view.reason = None;
        }
    }
    Ok(all)
}

/// Gives what a requirement asks.
///
/// # Errors
/// 404; 403; 409 unless it is open or was refused; 422.
pub fn provide_requirement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    kind: RequirementKind,
    note: Option<&str>,
) -> Result<RequirementView> {
    may(conn, ctx, id, Action::ProvideRequirement)?;
    let grant = going(held(conn, id)?)?;
    if kind == RequirementKind::Screening {
        // What finance found out about a recipient is not the recipient's to say.
        if !ctx.actor.is_sponsor() {
            let detail = "Screening is done by finance: nothing is asked of the recipient.";
            return Err(Problem::new(Kind::Forbidden, detail));
        }
        impartial(conn, ctx, &grant)?;
    }
    paperwork::service::provide(conn, ctx, id, kind, note)
}

/// Finds right what was given: by somebody of finance who is not on the grant.
///
/// # Errors
/// 404; 403; 409 unless it was provided.
pub fn satisfy_requirement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    kind: RequirementKind,
) -> Result<RequirementView> {
    let grant = decides(conn, ctx, id, Action::SatisfyRequirement)?;
    let given = paperwork::service::requirements(conn, id)?;
    let given_by = given.into_iter().find(|r| r.kind == kind).and_then(|r| r.provided_by);
    if given_by.is_some_and(|person| ctx.actor.is(person)) {
        let detail = "You provided it: somebody else has to find it right.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    // As long as the grant has been there.
    let given = (given_by, grant.awarded_on.start());
    delegations::service::another_side(conn, ctx, given, "provided it")?;
    let view = paperwork::service::satisfy(conn, ctx, id, kind)?;
    go_on(conn, ctx, id)?;
    Ok(view)
}

/// Finds wrong what was given; the recipient is told why, unless it is the screening. That one is
/// refused also after it was settled: what is found later holds releases and payments, and admins
/// hear of it, who can end the grant.
///
/// # Errors
/// 404; 403; 409 unless it was provided; 422 without a reason.
pub fn refuse_requirement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    kind: RequirementKind,
    reason: &str,
) -> Result<RequirementView> {
    let grant = decides(conn, ctx, id, Action::RefuseRequirement)?;
    let view = paperwork::service::refuse(conn, ctx, id, kind, reason)?;
    match kind {
        // What finance found out about somebody is not for them to read.
        RequirementKind::Screening => readers::screening_refused(conn, ctx, &grant)?,
        _ => notify::refused(conn, ctx, &grant, &view)?,
    }
    Ok(view)
}

/// Does without a requirement, for a reason: by an admin who is not on the grant.
///
/// # Errors
/// 404; 403; 409 unless it is open; 422 without a reason.
pub fn waive_requirement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    kind: RequirementKind,
    reason: &str,
) -> Result<RequirementView> {
    decides(conn, ctx, id, Action::WaiveRequirement)?;
    let view = paperwork::service::waive(conn, ctx, id, kind, reason)?;
    go_on(conn, ctx, id)?;
    Ok(view)
}

/// The recipient names which of their payees the grant is paid to.
///
/// # Errors
/// 404 where the grant is not in sight; 403 for anybody else; 422 for a payee that is not theirs
/// or takes another currency; 409 for one that was not handed in or was rejected.
pub fn choose_payee(conn: &mut Conn, ctx: &Ctx, id: GrantId, payee: PayeeId) -> Result<()> {
    may(conn, ctx, id, Action::SetGrantPayee)?;
    let grant = held(conn, id)?;
    // Held as well: what verifies it meanwhile would not find that this grant waits for it.
    let found = payees::service::held(conn, payee)?;
    let theirs = found.filter(|payee| payee.person_id == grant.recipient_id);
    let Some(payee) = theirs else {
        let message = "you have no payee with this id";
        return Err(Problem::field("/payee_id", "unknown", message));
    };
    let mut fields = Fields::new();
    let message = format!("the grant is paid in {}, this payee takes another", grant.currency);
    fields.check(payee.currency == grant.currency, "/payee_id", "currency_mismatch", &message);
    fields.finish()?;
    let status = match payee.status {
        PayeeStatus::Verified => RequirementStatus::Satisfied,
        PayeeStatus::Submitted => RequirementStatus::Provided,
        PayeeStatus::Incomplete | PayeeStatus::Rejected => {
            let detail = format!("The payee is {}: hand it in first.", payee.status);
            return Err(Problem::wrong_state(detail));
        }
    };
    let by = payee.verified_by;
    if grant.payee_id == Some(payee.id) {
        let goes_on = !grant.status.has_ended();
        return if goes_on { named(conn, ctx, id, (status, by)) } else { Ok(()) };
    }
    let before = match grant.payee_id {
        Some(before) => payees::service::facts(conn, before)?,
        None => None,
    };
    // Whom somebody has just renamed was not the one that was screened; nor was anybody before a
    // first payee was named.
    let same = |b: &PayeeFacts| {
        b.status == PayeeStatus::Verified && b.name == payee.name && b.country == payee.country
    };
    let screened = match &before {
        Some(before) => same(before),
        None => is_waived(conn, id, RequirementKind::Screening)?,
    };
    if !screened {
        reopen_screening(conn, ctx, id)?;
    }
    set_payee(conn, ctx, id, payee.id)?;
    named(conn, ctx, id, (status, by))
}

/// The requirement stands as the payee that is named does, by whoever verified that.
fn named(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    (status, by): (RequirementStatus, Option<PersonId>),
) -> Result<()> {
    paperwork::service::mark_by(conn, ctx, id, (RequirementKind::Payee, status), by)?;
    activate_if_ready(conn, ctx, id)
}

fn is_waived(conn: &mut Conn, id: GrantId, kind: RequirementKind) -> Result<bool> {
    let all = paperwork::service::requirements(conn, id)?;
    Ok(all.iter().any(|r| r.kind == kind && r.status == RequirementStatus::Waived))
}

/// The grant, if the actor may do this with it.
fn may(conn: &mut Conn, ctx: &Ctx, id: GrantId, action: Action) -> Result<GrantFacts> {
    grant_for(conn, ctx, id, action).map(|(grant, _)| grant)
}

/// Papers of these kinds that stand so, of grants that go on, the oldest first. For who looks after
/// them: whoever calls has asked.
pub fn papers(
    conn: &mut Conn,
    which: (&[RequirementKind], &[RequirementStatus]),
    limit: i64,
) -> Result<Vec<WaitingPaper>> {
    store::papers(conn, which, limit)
}

/// Grants whose agreement waits for the sponsor's signature alone, the oldest first.
pub fn half_signed(conn: &mut Conn, limit: i64) -> Result<Vec<GrantId>> {
    store::half_signed(conn, limit)
}

/// The grant, held, if the actor may decide about its paperwork.
fn decides(conn: &mut Conn, ctx: &Ctx, id: GrantId, action: Action) -> Result<GrantFacts> {
    may(conn, ctx, id, action)?;
    let grant = going(held(conn, id)?)?;
    impartial(conn, ctx, &grant)?;
    Ok(grant)
}

/// Refuses a grant that has ended.
///
/// # Errors
/// 409, saying how.
pub fn going(grant: GrantFacts) -> Result<GrantFacts> {
    if grant.status.has_ended() {
        return Err(Problem::wrong_state(format!("The grant is {}.", grant.status)));
    }
    Ok(grant)
}

fn shown(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<AgreementView> {
    let found = paperwork::service::agreement(conn, id)?;
    let mut view = found.ok_or_else(|| Problem::not_found("agreement"))?;
    view.signatures.iter_mut().for_each(|signature| discreet(ctx, signature));
    Ok(view)
}

/// Takes away where a signature came from, but for whoever made it, runs the service or audits.
fn discreet(ctx: &Ctx, signature: &mut SignatureView) {
    if !ctx.actor.is_sponsor() && !ctx.actor.is(signature.person_id) {
        signature.address = None;
        signature.agent = None;
        signature.authenticated = None;
    }
}
