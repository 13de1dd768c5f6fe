//! Drafting, approving and dropping a disbursement.

use super::super::model::{Act, Disbursement, DisbursementStatus};
use super::super::{rules, store};
use super::{Loaded, advance, double, keep_hands, load_held, tell, uninvolved};
use crate::approvals::model::{Subject, SubjectKind, Vote};
use crate::approvals::service::VoteResult;
use crate::grants::model::{GrantStatus, TrancheStatus};
use crate::grants::service::{GrantFacts, TrancheFacts};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{DisbursementId, GrantId, PersonId, TrancheId, of};
use crate::kernel::money::Money;
use crate::kernel::problem::{Kind, Problem};
use crate::paperwork::model::RequirementKind;
use crate::payees::model::Method;
use crate::payees::service::PayeeFacts;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Allow};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{approvals, delegations, grants, paperwork, payees, people};
use serde::Deserialize;
use serde_json::json;

/// Drafts the payment of one released tranche to the grant's payee. Refuses while anything is
/// missing: an active grant, every requirement settled, a verified payee outside its cooling
/// period in the grant's currency; and a double of a payment that waits or that the bank was told
/// of within three days. With `despite_double` that is drafted, and held: see [`super::double`].
pub fn draft(
    conn: &mut Conn,
    ctx: &Ctx,
    grant_id: GrantId,
    sequence: i32,
    despite_double: bool,
) -> Result<Disbursement> {
    authz::require(ctx, Action::DraftDisbursement, &[])?;
    // Held before it is looked at: nobody pauses it or takes the release back meanwhile.
    grants::service::hold(conn, grant_id)?;
    let grant = grants::service::visible(conn, ctx, grant_id)?;
    let tranche = tranche(conn, grant_id, sequence)?;
    let payee = payee(conn, &grant)?;
    ready(conn, ctx, &grant, &tranche, &payee)?;
    let hands = rules::Hands {
        drafted_by: ctx.actor.person(),
        approved_by: None,
        recipient: grant.recipient_id,
        payee_owner: payee.person_id,
    };
    rules::may_draft(&hands, ctx.actor.person())?;
    uninvolved(conn, ctx, &grant, &payee)?;
    let like = (&payee, tranche.amount);
    let double_of = double::look(conn, ctx, like, None)?;
    let drafted = insert(conn, ctx, &tranche, &payee, double_of)?;
    double::refuse(&drafted, despite_double)?;
    Ok(drafted)
}

fn insert(
    conn: &mut Conn,
    ctx: &Ctx,
    tranche: &TrancheFacts,
    payee: &PayeeFacts,
    double_of: Option<DisbursementId>,
) -> Result<Disbursement> {
    let id = ctx.id::<of::Disbursement>();
    let row = Disbursement {
        id,
        grant_id: tranche.grant_id,
        tranche_id: tranche.id,
        payee_id: payee.id,
        payee_version: payee.details_version,
        amount: Money::new(tranche.amount, tranche.currency),
        status: DisbursementStatus::Drafted,
        reference: rules::reference(id, 1),
        drafted_by: ctx.actor.person(),
        approved_by: None,
        batch_id: None,
        status_reason: None,
        version: 1,
        created_at: ctx.now,
        instructed_at: None,
        settled_on: None,
        double_of,
        double_confirmed_by: None,
        double_reason: None,
    };
    store::insert(conn, &row, &payee.fingerprint).map_err(already_drafted)?;
    open_approval(conn, ctx, &row)?;
    let mut after = json!({ "tranche": tranche.sequence, "amount": row.amount });
    tell::identify(&mut after, &row);
    let change = Change::by(Action::DraftDisbursement, "disbursement", id.uuid()).to(after);
    audit::record(conn, ctx, change)?;
    tell::line(conn, ctx, "drafted", (None, &row), None)?;
    Ok(row)
}

/// The unique index over live disbursements of a tranche speaks, not a check before the insert.
pub(super) fn already_drafted(problem: Problem) -> Problem {
    match crate::platform::db::constraint(&problem) {
        Some(_) => Problem::new(Kind::AlreadyExists, "This tranche has a disbursement already."),
        None => problem,
    }
}

/// Opens the approval of what is drafted, as it is now.
pub(super) fn open_approval(conn: &mut Conn, ctx: &Ctx, it: &Disbursement) -> Result<()> {
    let subject = subject(conn, it)?;
    approvals::service::open(conn, ctx, &subject, 1)?;
    Ok(())
}

/// What its approval is bound to: as it is now, of the release that stands now.
fn subject(conn: &mut Conn, it: &Disbursement) -> Result<Subject> {
    let bound = rules::Bound {
        amount: it.amount,
        payee: it.payee_id,
        payee_version: it.payee_version,
        attempt: tries(conn, it.id)?,
        released_at: its_tranche(conn, it)?.released_at,
    };
    let hash = rules::bound_hash(&bound);
    Ok(Subject { kind: SubjectKind::Disbursement, id: it.id.uuid(), hash })
}

pub(super) fn its_tranche(conn: &mut Conn, it: &Disbursement) -> Result<TrancheFacts> {
    let tranche = grants::service::tranche(conn, it.tranche_id)?;
    tranche.ok_or_else(|| Problem::internal("a disbursement without its tranche"))
}

fn tranche(conn: &mut Conn, grant: GrantId, sequence: i32) -> Result<TrancheFacts> {
    grants::service::tranches(conn, grant)?
        .into_iter()
        .find(|t| t.sequence == sequence)
        .ok_or_else(|| Problem::not_found("tranche"))
}

fn payee(conn: &mut Conn, grant: &GrantFacts) -> Result<PayeeFacts> {
    let missing = || Problem::wrong_state("The recipient has not named a payee yet.");
    let id = grant.payee_id.ok_or_else(missing)?;
    payees::service::facts(conn, id)?.ok_or_else(missing)
}

/// Whether everything is there that a payment needs.
pub(super) fn ready(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    tranche: &TrancheFacts,
    payee: &PayeeFacts,
) -> Result<()> {
    if !matches!(grant.status, GrantStatus::Active | GrantStatus::WindingDown) {
        let detail = format!("The grant is {}: only an active one is paid.", grant.status);
        return Err(Problem::wrong_state(detail));
    }
    if tranche.status != TrancheStatus::Released {
        let detail = format!("The tranche is {}: only a released one is paid.", tranche.status);
        return Err(Problem::wrong_state(detail));
    }
    not_suspended(conn, ctx, grant)?;
    papers_settled(conn, grant)?;
    usable(ctx, payee, tranche)
}

/// Nothing more is paid to who was suspended, until it is decided what becomes of their grant. An
/// import tells of what was paid before.
pub(super) fn not_suspended(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    if ctx.actor.is_system() || !is_suspended(conn, grant)? {
        return Ok(());
    }
    let detail = "The recipient is suspended: nothing more is paid to them. Pause the grant or \
                  wind it down, or let them in again.";
    Err(Problem::wrong_state(detail))
}

/// Whether whom a grant names was suspended.
pub(super) fn is_suspended(conn: &mut Conn, grant: &GrantFacts) -> Result<bool> {
    let recipient = people::service::brief(conn, grant.recipient_id)?;
    Ok(recipient.is_some_and(|recipient| recipient.suspended))
}

/// All paperwork is settled: asked at every step until the bank is told, for what was settled may
/// be opened again meanwhile.
pub(super) fn papers_settled(conn: &mut Conn, grant: &GrantFacts) -> Result<()> {
    if paperwork::service::all_settled(conn, grant.id, RequirementKind::ALL)? {
        return Ok(());
    }
    let detail = "Some paperwork of this grant is still open: see its requirements.";
    Err(Problem::wrong_state(detail))
}

fn usable(ctx: &Ctx, payee: &PayeeFacts, tranche: &TrancheFacts) -> Result<()> {
    if payee.currency != tranche.currency {
        let detail =
            format!("The payee takes {}, the tranche is in {}.", payee.currency, tranche.currency);
        return Err(Problem::wrong_state(detail));
    }
    has_account(ctx, payee)?;
    payees::rules::usable(payee, ctx.now)
}

/// What an import made is paid elsewhere: a file would tell the bank of no account.
fn has_account(ctx: &Ctx, payee: &PayeeFacts) -> Result<()> {
    if payee.method != Method::External || ctx.actor.is_system() {
        return Ok(());
    }
    let detail = "The payee was imported without an account, so the bank cannot be told where to \
                  pay. Ask the recipient to register a payee and to name it on the grant, and \
                  draft the payment for that one.";
    Err(Problem::wrong_state(detail))
}

/// Approves what was drafted: by somebody who neither drafted it nor is paid by it, and only as
/// long as the payee's details are those that it was drafted for.
pub fn approve(conn: &mut Conn, ctx: &Ctx, id: DisbursementId) -> Result<Disbursement> {
    authz::require(ctx, Action::ApproveDisbursement, &[])?;
    let loaded = load_held(conn, id)?;
    keep_hands(conn, ctx, std::slice::from_ref(&loaded))?;
    loaded.it.status.after(Act::Approve)?;
    rules::may_approve(&loaded.hands(), ctx.actor.person())?;
    let drafter = (loaded.it.drafted_by, loaded.it.created_at);
    delegations::service::another_side(conn, ctx, drafter, "drafted it")?;
    uninvolved(conn, ctx, &loaded.grant, &loaded.payee)?;
    not_suspended(conn, ctx, &loaded.grant)?;
    unchanged(ctx, &loaded)?;
    papers_settled(conn, &loaded.grant)?;
    still_released(conn, &loaded.it)?;
    double::settled(&loaded.it)?;
    let excluded = [loaded.grant.recipient_id, loaded.payee.person_id];
    let subject = subject(conn, &loaded.it)?;
    match approvals::service::vote(conn, ctx, &subject, Vote::Approve, None, &excluded)? {
        VoteResult::Approved => {}
        VoteResult::Pending => return Ok(loaded.it),
        VoteResult::Denied => return Err(Problem::wrong_state("It was denied.")),
    }
    let set = store::Set { approved_by: Some(ctx.actor.person()), ..Default::default() };
    advance(conn, ctx, &loaded.it, Act::Approve, Action::ApproveDisbursement, set)
}

/// Whether somebody may approve payments now.
pub(super) fn may_still_approve(conn: &mut Conn, person: PersonId) -> Result<bool> {
    let person = people::service::brief(conn, person)?.filter(|person| person.active);
    let mut roles = Action::ApproveDisbursement.rule().allow.iter();
    Ok(person.is_some_and(|person| {
        roles.any(|allow| matches!(allow, Allow::Role(role) if person.roles.has(*role)))
    }))
}

/// How a payment that is not to go out as it is gets another try.
pub(super) const fn way_out(it: &Disbursement) -> &'static str {
    match it.status {
        DisbursementStatus::Instructed => {
            "if nobody was given its file, take it out of the batch by recording it as returned \
             with \"not_sent\": true, and try it again; if somebody was, wait for the bank's word"
        }
        _ => "void it and draft it again",
    }
}

/// The payee's details are still those that the disbursement was drafted for, and may be used.
pub(super) fn unchanged(ctx: &Ctx, loaded: &Loaded) -> Result<()> {
    let then = way_out(&loaded.it);
    if loaded.grant.payee_id != Some(loaded.it.payee_id) {
        let detail = format!("The grant names another payee since this was drafted: {then}.");
        return Err(Problem::wrong_state(detail));
    }
    if loaded.payee.details_version != loaded.it.payee_version {
        let detail =
            format!("The payee's bank details have changed since this was drafted: {then}.");
        return Err(Problem::wrong_state(detail));
    }
    has_account(ctx, &loaded.payee)?;
    payees::rules::usable(&loaded.payee, ctx.now)
}

/// The tranche is owed by the very release that the disbursement was drafted for: what was taken
/// back and released again needs a new draft, and a new approval.
pub(super) fn still_released(conn: &mut Conn, it: &Disbursement) -> Result<()> {
    if stands(conn, it)? {
        return Ok(());
    }
    let detail = "The release of the tranche was taken back since this was drafted: void it, and \
                  draft it again once the tranche is released.";
    Err(Problem::wrong_state(detail))
}

/// Whether its tranche is owed, by the release that its approval was asked for.
fn stands(conn: &mut Conn, it: &Disbursement) -> Result<bool> {
    let released = its_tranche(conn, it)?.status == TrancheStatus::Released;
    let subject = subject(conn, it)?;
    Ok(released && approvals::service::stands(conn, &subject)?)
}

/// A release was taken back: what was to pay it, and the bank was not told of, is dropped.
pub fn release_undone(conn: &mut Conn, ctx: &Ctx, tranche: TrancheId) -> Result<()> {
    for it in store::untold(conn, tranche)? {
        if stands(conn, &it)? {
            continue; // drafted anew after a second release
        }
        let reason = "the release of the tranche was taken back".to_owned();
        drop_it(conn, ctx, &it, reason)?;
    }
    Ok(())
}

fn drop_it(conn: &mut Conn, ctx: &Ctx, it: &Disbursement, reason: String) -> Result<Disbursement> {
    approvals::service::end(conn, ctx, SubjectKind::Disbursement, it.id.uuid())?;
    let set = store::Set { status_reason: Some(Some(reason)), ..Default::default() };
    advance(conn, ctx, it, Act::Void, Action::VoidDisbursement, set)
}

pub(super) fn tries(conn: &mut Conn, id: DisbursementId) -> Result<i32> {
    let count = store::attempts(conn, id)?.len();
    i32::try_from(count).map_err(Problem::internal)
}

/// Why a disbursement is dropped.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidForm {
    /// For those who look at it later.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Drops a disbursement that the bank was not told of; the tranche stays released.
pub fn void(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DisbursementId,
    form: &VoidForm,
) -> Result<Disbursement> {
    authz::require(ctx, Action::VoidDisbursement, &[])?;
    let mut fields = Fields::new();
    let reason = fields.line("/reason", &form.reason, 1, 500);
    fields.finish()?;
    let loaded = super::bank::held(conn, ctx, id)?;
    loaded.it.status.after(Act::Void)?;
    drop_it(conn, ctx, &loaded.it, reason)
}

/// A payment of the past, made outside of this service: drafted and approved by the service
/// itself. Imports only.
pub fn historical(
    conn: &mut Conn,
    ctx: &Ctx,
    grant_id: GrantId,
    sequence: i32,
) -> Result<Disbursement> {
    if !ctx.actor.is_system() {
        return Err(Problem::new(Kind::Forbidden, "Only an import records payments of the past."));
    }
    let it = draft(conn, ctx, grant_id, sequence, true)?;
    approve(conn, ctx, it.id)
}
