//! Handing a payee in, and what finance decides about it.

use super::{again, change, for_action, letters, logged, sharing, shown};
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{PayeeId, PersonId};
use crate::kernel::time::Instant;
use crate::payees::model::{Payee, PayeeFacts, PayeeStatus, PayeeView, RejectPayee, VerifyPayee};
use crate::payees::{events, rules, store};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::Value;
use std::collections::BTreeSet;

/// Its owner hands a complete payee in, to be verified.
///
/// # Errors
/// 422 for what is missing; 409 unless it is incomplete or was rejected.
pub fn submit(conn: &mut Conn, ctx: &Ctx, id: PayeeId) -> Result<PayeeView> {
    let was = for_action(conn, ctx, id, Action::SubmitPayee)?;
    rules::may_submit(was.facts.status)?;
    let mut fields = Fields::new();
    fields.check(!was.town.is_empty(), "/town", "required", "the bank wants to know the town");
    fields.check(!was.address.is_empty(), "/address", "required", "the bank wants the address");
    fields.finish()?;
    let set = store::Set {
        status: Some(PayeeStatus::Submitted),
        status_reason: Some(None),
        ..Default::default()
    };
    let now = decided(conn, ctx, Action::SubmitPayee, &was, set, events::SUBMITTED, Value::Null)?;
    shown(conn, ctx, now)
}

/// Somebody of finance has made sure, by a second way, that the account is the payee's.
///
/// # Errors
/// 403 `two_persons` for whoever owns or wrote it, or has a payee with the same account, and 403
/// for who was suspended or lost a role while the request waited; 409 when it is not submitted, was
/// changed since, or shares its account and nobody said that this is right.
pub fn verify(conn: &mut Conn, ctx: &Ctx, id: PayeeId, form: &VerifyPayee) -> Result<PayeeView> {
    for_action(conn, ctx, id, Action::VerifyPayee)?;
    // Held before people, as everywhere; as it is by now.
    store::hold_row(conn, id)?;
    let was = again(conn, id)?;
    keep_hands(conn, ctx, was.facts.person_id)?;
    let sharing = sharing(conn, ctx, &was.facts)?;
    rules::may_verify(&was.facts, ctx.actor.person(), form, sharing)?;
    for (person, did) in [(was.facts.person_id, "owns it"), (was.facts.edited_by, "wrote it")] {
        delegations::service::another_side(conn, ctx, (Some(person), was.created_at), did)?;
    }
    let (usable_from, further) = usable_from(conn, ctx, &was.facts)?;
    let set = store::Set {
        status: Some(PayeeStatus::Verified),
        status_reason: Some(None),
        verified_by: Some(Some(ctx.me()?)),
        verified_at: Some(Some(ctx.now)),
        usable_from: Some(Some(usable_from)),
        ..Default::default()
    };
    let shared = Value::from(sharing.others > 0);
    let now = decided(conn, ctx, Action::VerifyPayee, &was, set, events::VERIFIED, shared)?;
    if further {
        letters::added(conn, ctx, &now.facts)?;
    }
    letters::verified(conn, ctx, &now.facts)?;
    shown(conn, ctx, now)
}

/// Holds the owner of a payee, or two of theirs that are verified at once would each be the first,
/// and keeps who verifies it as they are; in the order of their ids, so that no two wait in a ring.
///
/// # Errors
/// 403 where the acting person was suspended or lost a role since their request was let in.
fn keep_hands(conn: &mut Conn, ctx: &Ctx, owner: PersonId) -> Result<()> {
    for person in BTreeSet::from([owner, ctx.me()?]) {
        match person == owner {
            true => people::service::hold(conn, person)?,
            false => drop(people::service::kept(conn, person)?),
        }
    }
    people::service::keep_acting(conn, ctx)
}

/// From when on it can be paid to, verified now, its owner being held; and whether that is late
/// because they have a further one by now, which nobody knew when this one was registered.
fn usable_from(conn: &mut Conn, ctx: &Ctx, payee: &PayeeFacts) -> Result<(Instant, bool)> {
    if let Some(from) = payee.usable_from {
        return Ok((from.max(ctx.now), false));
    }
    let known = store::was_usable(conn, payee.person_id)?;
    let cooled = rules::cooled(None, known, ctx.now, ctx.env.config.payees.cooling_hours);
    Ok((cooled.unwrap_or(ctx.now), cooled.is_some()))
}

/// Somebody of finance has found it wrong; also one that was verified, which can then no longer be
/// paid to.
///
/// # Errors
/// 422 without a reason; 409 unless it is submitted or verified.
pub fn reject(conn: &mut Conn, ctx: &Ctx, id: PayeeId, form: &RejectPayee) -> Result<PayeeView> {
    let was = for_action(conn, ctx, id, Action::RejectPayee)?;
    rules::may_reject(&was.facts)?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", &form.reason, 1, 1000);
    fields.finish()?;
    let set = store::Set {
        status: Some(PayeeStatus::Rejected),
        status_reason: Some(Some(reason.clone())),
        verified_by: Some(None),
        verified_at: Some(None),
        ..Default::default()
    };
    let now = decided(conn, ctx, Action::RejectPayee, &was, set, events::REJECTED, Value::Null)?;
    letters::rejected(conn, ctx, &now.facts, &reason)?;
    shown(conn, ctx, now)
}

fn decided(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    was: &Payee,
    set: store::Set,
    event: &'static str,
    shared: Value,
) -> Result<Payee> {
    let now = change(conn, was, set)?;
    let mut after = logged(&now);
    if !shared.is_null() {
        after["shared_account"] = shared;
    }
    let decision = Change::by(action, "payee", now.facts.id.uuid()).from(logged(was)).to(after);
    audit::record(conn, ctx, decision)?;
    events::tell(conn, ctx, event, &now.facts)?;
    Ok(now)
}
