//! What is told of each step of a payment: a row of the audit log, and a line of the log once the
//! step has committed. By the id of the disbursement both tell its whole story; neither holds bank
//! details, nor what people wrote.

use super::super::model::{Act, Disbursement};
use crate::grants;
use crate::kernel::Result;
use crate::kernel::ids::EntryId;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, once_committed};
use serde_json::{Value, json};

/// What kind of step it is: by which operation, whether it takes a payment out of its batch before
/// the bank was given it, and how it was paid where nobody was given its file.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) action: Action,
    pub(super) act: Act,
    pub(super) not_sent: bool,
    pub(super) without_file: Option<&'a str>,
}

impl Step<'_> {
    /// A step of which nothing else is told.
    pub(super) const fn of(action: Action, act: Act) -> Self {
        Self { action, act, not_sent: false, without_file: None }
    }
}

/// Adds to a row of the audit log whom the payment is to, under which reference, and what it looks
/// like: a new try writes over all of these.
pub(super) fn identify(row: &mut Value, it: &Disbursement) {
    row["payee"] = json!(it.payee_id);
    row["payee_version"] = json!(it.payee_version);
    row["reference"] = json!(it.reference);
    if let Some(other) = it.double_of {
        row["double_of"] = json!(other);
    }
}

/// A step from one state to another, with the entry that was posted for it.
pub(super) fn step(
    conn: &mut Conn,
    ctx: &Ctx,
    step: Step<'_>,
    (was, now): (&Disbursement, &Disbursement),
    entry: Option<EntryId>,
) -> Result<()> {
    let mut before = json!({ "status": was.status });
    if step.act == Act::Retry {
        identify(&mut before, was);
    }
    let reason = &now.status_reason;
    let mut after = json!({ "status": now.status, "amount": now.amount, "reason": reason });
    if let Some(entry) = entry {
        after["entry_id"] = json!(entry);
    }
    if let Some(batch) = now.batch_id {
        after["batch_id"] = json!(batch);
    }
    if step.not_sent {
        after["not_sent"] = json!(true);
    }
    if let Some(how) = step.without_file {
        after["paid_without_file"] = json!(how);
    }
    identify(&mut after, now);
    let change = Change::by(step.action, "disbursement", now.id.uuid()).from(before).to(after);
    audit::record(conn, ctx, change)?;
    line(conn, ctx, step.act.past(), (Some(was), now), entry)
}

/// One line of the log: who did what to which payment.
pub(super) fn line(
    conn: &mut Conn,
    ctx: &Ctx,
    step: &'static str,
    (was, now): (Option<&Disbursement>, &Disbursement),
    entry: Option<EntryId>,
) -> Result<()> {
    let tranche = grants::service::tranche(conn, now.tranche_id)?.map(|t| t.sequence);
    let (disbursement, grant, batch) = (now.id, now.grant_id, now.batch_id);
    let (before, after) = (was.map(|w| w.status.as_str()), now.status.as_str());
    let (amount, currency) = (now.amount.decimal(), now.amount.currency());
    let (person, request) = (ctx.actor.person(), ctx.request_id);
    let system = ctx.actor.is_system().then(|| ctx.actor_name.clone());
    once_committed(move || {
        tracing::info!(
            step,
            %disbursement,
            %grant,
            tranche,
            person = person.map(tracing::field::display),
            system = system.as_deref(),
            amount,
            currency = currency.code(),
            before,
            after,
            batch = batch.map(tracing::field::display),
            entry = entry.map(tracing::field::display),
            request_id = %request,
            "payment"
        );
    });
    Ok(())
}
