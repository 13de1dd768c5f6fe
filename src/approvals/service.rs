//! Use-cases of approvals. Whether the actor may vote on this kind of object at all is asked by
//! the domain whose object it is, before it calls [`vote`].

use super::model::{Approval, ApprovalStatus, ApprovalView, Vote, Voted};
use super::{events, rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApprovalId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::context::Ctx;
use crate::platform::db::{self, Conn};
use crate::platform::outbox;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

pub use super::model::{Subject, SubjectKind, VoteResult};

/// Approvals of one object that are shown; more than its life can ask for.
const SHOWN: i64 = 50;

/// Asks for `needed` (1 to 5) different persons' approval of the subject as it is now. Refuses
/// while another approval of it is pending: end that one first.
pub fn open(conn: &mut Conn, ctx: &Ctx, subject: &Subject, needed: i32) -> Result<ApprovalId> {
    if !(1..=rules::MOST_NEEDED).contains(&needed) {
        return Err(Problem::internal(format!("an approval that needs {needed} persons")));
    }
    let row = Approval {
        id: ctx.id(),
        subject_hash: subject.hash.clone(),
        needed,
        status: ApprovalStatus::Pending,
        requested_by: ctx.actor.person(),
        created_at: ctx.now,
        concluded_at: None,
    };
    store::insert(conn, subject, &row).map_err(already_open)?;
    let facts = json!({
        "v": 1, "approval_id": row.id,
        "subject_kind": subject.kind, "subject_id": subject.id,
    });
    let change = Change {
        action: "open_approval",
        object: ("approval", row.id.uuid()),
        before: None,
        after: Some(json!({
            "subject_kind": subject.kind, "subject_id": subject.id, "needed": needed,
        })),
    };
    audit::record(conn, ctx, change)?;
    outbox::emit(conn, ctx, events::APPROVAL_OPENED, facts)?;
    Ok(row.id)
}

/// The unique index over pending approvals speaks, not a check before the insert.
fn already_open(problem: Problem) -> Problem {
    match db::constraint(&problem) {
        Some(_) => Problem::new(Kind::AlreadyExists, "An approval of this is pending already."),
        None => problem,
    }
}

/// The actor's vote on the subject as it is now. `excluded` are those who made it or gain from
/// it. Each person votes once; one denial denies, `needed` approvals approve. The service itself
/// concludes at once.
///
/// # Errors
/// 403 for who is excluded, asked for it, or was suspended or lost a role while their request
/// waited; 409 where it is not pending, changed since, or voted on.
pub fn vote(
    conn: &mut Conn,
    ctx: &Ctx,
    subject: &Subject,
    vote: Vote,
    reason: Option<&str>,
    excluded: &[PersonId],
) -> Result<VoteResult> {
    let mut fields = Fields::new();
    let reason = reason.map(|r| fields.paragraphs("/reason", r, 1, 2000));
    fields.finish()?;
    // Before the approval: who holds a person to change them waits for none.
    people::service::keep_acting(conn, ctx)?;
    // Locked before it is read: a vote at the same moment waits here, and then sees this one.
    let approval = match store::hold(conn, subject.kind, subject.id)? {
        Some(pending) => pending,
        None => newest(conn, subject)?,
    };
    let outcome = if ctx.actor.is_system() {
        rules::still_pending(&approval, &subject.hash)?;
        match vote {
            Vote::Approve => VoteResult::Approved,
            Vote::Deny => VoteResult::Denied,
        }
    } else {
        let me = ctx.me()?;
        rules::may_vote(&approval, &subject.hash, me, excluded)?;
        let voted = Voted { person_id: me, vote, reason: reason.clone(), voted_at: ctx.now };
        if !store::add_vote(conn, ctx.id(), approval.id, &voted)? {
            return Err(Problem::wrong_state("You have voted on this already."));
        }
        let votes = store::votes(conn, approval.id)?;
        let votes: Vec<_> = votes.iter().map(|v| (v.person_id, v.vote)).collect();
        rules::outcome(&approval, &votes, excluded)
    };
    let change = Change {
        action: "vote",
        object: ("approval", approval.id.uuid()),
        before: None,
        after: Some(json!({ "vote": vote, "reason": reason, "outcome": outcome })),
    };
    audit::record(conn, ctx, change)?;
    conclude(conn, ctx, subject, approval.id, outcome)?;
    Ok(outcome)
}

/// The newest approval, for telling how it was concluded.
fn newest(conn: &mut Conn, subject: &Subject) -> Result<Approval> {
    store::newest(conn, subject.kind, subject.id)?
        .ok_or_else(|| Problem::wrong_state("No approval was asked for."))
}

/// Whether the newest approval of an object is of the object as it is now: asked for or given.
pub fn stands(conn: &mut Conn, subject: &Subject) -> Result<bool> {
    let newest = store::newest(conn, subject.kind, subject.id)?;
    Ok(newest.is_some_and(|it| {
        let alive = matches!(it.status, ApprovalStatus::Pending | ApprovalStatus::Approved);
        alive && it.subject_hash == subject.hash
    }))
}

fn conclude(
    conn: &mut Conn,
    ctx: &Ctx,
    subject: &Subject,
    id: ApprovalId,
    outcome: VoteResult,
) -> Result<()> {
    let status = match outcome {
        VoteResult::Pending => return Ok(()),
        VoteResult::Approved => ApprovalStatus::Approved,
        VoteResult::Denied => ApprovalStatus::Denied,
    };
    if !store::conclude(conn, id, status, ctx.now)? {
        return Err(Problem::changed_meanwhile("approval"));
    }
    let facts = json!({
        "v": 1, "approval_id": id, "outcome": outcome,
        "subject_kind": subject.kind, "subject_id": subject.id,
    });
    outbox::emit(conn, ctx, events::APPROVAL_CONCLUDED, facts)?;
    Ok(())
}

/// Ends the pending approval of an object that was changed or dropped; whether there was one.
pub fn end(conn: &mut Conn, ctx: &Ctx, kind: SubjectKind, id: Uuid) -> Result<bool> {
    let Some(approval) = store::hold(conn, kind, id)? else { return Ok(false) };
    if !store::conclude(conn, approval.id, ApprovalStatus::Ended, ctx.now)? {
        return Ok(false);
    }
    let change = Change {
        action: "end_approval",
        object: ("approval", approval.id.uuid()),
        before: Some(json!({ "status": ApprovalStatus::Pending })),
        after: Some(json!({ "status": ApprovalStatus::Ended })),
    };
    audit::record(conn, ctx, change)?;
    Ok(true)
}

/// The approvals of an object with their votes, newest first, at most fifty.
pub fn history(conn: &mut Conn, kind: SubjectKind, id: Uuid) -> Result<Vec<ApprovalView>> {
    let approvals = store::all(conn, kind, id, SHOWN)?;
    let mut views = Vec::with_capacity(approvals.len());
    for approval in approvals {
        let votes = store::votes(conn, approval.id)?;
        views.push(ApprovalView { approval, votes });
    }
    Ok(views)
}

/// The offer that each of these approvals is of, by the approval's id; those of something else are
/// left out.
pub fn of_offers(conn: &mut Conn, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Uuid>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<ApprovalId> = ids.iter().map(|id| ApprovalId::from_uuid(*id)).collect();
    let found = store::subjects(conn, &ids, SubjectKind::Offer)?;
    Ok(found.into_iter().map(|(id, offer)| (id.uuid(), offer)).collect())
}
