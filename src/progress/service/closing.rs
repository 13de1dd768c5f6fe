//! What is left to do once a payment is in a batch: its file, the bank's word, and the end of its
//! grant.

use super::desk::theirs;
use super::more::More;
use super::next::NextStep;
use super::waiting::{may_do, step};
use crate::disbursements;
use crate::disbursements::model::{Batch, Obstacle};
use crate::disbursements::service::OpenBatch;
use crate::kernel::Result;
use crate::kernel::ids::{BatchId, GrantId, PersonId};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, backup::mark};
use crate::progress::store;
use std::collections::BTreeSet;

/// Batches of each kind, and grants, that are looked through, those with a stake among them.
const LOOKED: i64 = 100;
/// Batches of each kind that are told: each has up to 500 payments.
const BATCHES: usize = 10;
/// Grants that are told.
const TO_CLOSE: usize = 50;

/// What is asked about a batch whose file nobody was given.
const GIVE: &str = "Fetch its file, and give it to the bank.";
/// The same, where the database was put back since: it may not know.
const GIVEN_BEFORE: &str = "Ask whether the bank was given its file before the database was put \
                            back: if it has paid, settle it; if not, fetch it with a reason.";

/// What is done about a payment for which the file of its batch is refused.
const TAKE_OUT: &str = "Then the file of the others can be fetched.";

/// All of it that the acting person may do. Nothing of what they have a stake in.
pub(super) fn closing(
    conn: &mut Conn,
    ctx: &Ctx,
    me: PersonId,
    more: &mut More,
) -> Result<Vec<NextStep>> {
    let may = |act: Action, reads: Action| may_do(ctx, act, reads);
    let mut steps = Vec::new();
    if may(Action::GetPaymentFile, Action::ListPaymentBatches) {
        steps.extend(to_give(conn, me, more)?);
    }
    if may(Action::SettlePaymentBatch, Action::ListPaymentBatches) {
        let open = disbursements::service::to_hear(conn, ctx, LOOKED + 1)?;
        let what =
            "The bank has had its file for five days: record what it paid, and what came back.";
        let next = "Until then the books have it on its way.";
        let mine = free(conn, me, open, more)?.into_iter();
        steps.extend(mine.map(|batch| of_batch(batch, ("settle", what, next))));
    }
    if may(Action::CloseGrant, Action::ListGrants) {
        steps.extend(to_close(conn, me, more)?);
    }
    Ok(steps)
}

/// Batches whose file nobody was given; none while no file is given out at all.
fn to_give(conn: &mut Conn, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    if mark::standing(conn)?.is_some() {
        return Ok(Vec::new());
    }
    let open = disbursements::service::to_give(conn, me, LOOKED + 1)?;
    let mine = free(conn, me, open, more)?;
    let ids: Vec<BatchId> = mine.iter().map(|batch| batch.id).collect();
    let held = disbursements::service::held_up(conn, &ids)?;
    let mut steps = Vec::new();
    for batch in mine {
        let next = "When the bank has paid, record it as settled.";
        steps.push(match (mark::put_back_since(conn, batch.created_at)?, held.get(&batch.id)) {
            (true, _) => of_batch(batch, ("file", GIVEN_BEFORE, next)),
            (false, None) => of_batch(batch, ("file", GIVE, next)),
            (false, Some((payment, obstacle))) => {
                let what = format!(
                    "Its file is not given out: {} Wait until that is settled, or take the payment \
                     out (returned, not sent).",
                    in_the_way(*obstacle)
                );
                let href = format!("/api/v1/disbursements/{payment}/return");
                told(batch, (&what, href, TAKE_OUT))
            }
        });
    }
    Ok(steps)
}

/// What keeps the file of a batch from being given out, in a sentence.
const fn in_the_way(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Paused => "the grant of a payment in it is paused.",
        Obstacle::Suspended => "the recipient of a payment in it is suspended.",
        Obstacle::Approval => "whoever approved a payment in it may not approve payments any more.",
        Obstacle::Payee => "the payee of a payment in it changed since it was approved.",
        Obstacle::Papers => "some paperwork of the grant of a payment in it is open.",
    }
}

/// The first of them in which the person has no stake; one more was asked for than are looked
/// through.
fn free(
    conn: &mut Conn,
    me: PersonId,
    open: Vec<OpenBatch>,
    more: &mut More,
) -> Result<Vec<Batch>> {
    let mut mine = Vec::new();
    let mut open = more.cut_to(LOOKED, "payment_batch", open).into_iter().peekable();
    while mine.len() <= BATCHES && open.peek().is_some() {
        let some: Vec<OpenBatch> = open.by_ref().take(BATCHES).collect();
        let ids: BTreeSet<GrantId> = some.iter().flat_map(|it| it.grants.iter().copied()).collect();
        let free = theirs(conn, me, ids.into_iter().collect())?;
        let all_free = |it: &OpenBatch| it.grants.iter().all(|id| free.contains_key(id));
        mine.extend(some.into_iter().filter(all_free).map(|it| it.batch));
    }
    more.note("payment_batch", mine.len() > BATCHES);
    mine.truncate(BATCHES);
    Ok(mine)
}

fn of_batch(batch: Batch, (act, what, next): (&str, &str, &str)) -> NextStep {
    let href = format!("/api/v1/payment-batches/{}/{act}", batch.id);
    told(batch, (what, href, next))
}

fn told(batch: Batch, (what, href, next): (&str, String, &str)) -> NextStep {
    let title = match batch.payments {
        1 => format!("A payment of {}", batch.total),
        many => format!("{many} payments of {}", batch.total),
    };
    let object = ("payment_batch", batch.id.uuid(), title);
    step(object, &batch.status.to_string(), (what, None, href), next)
}

/// Grants of which nothing is left to pay; while they go on, nor to report or to decide.
fn to_close(conn: &mut Conn, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let ids = more.cut_to(LOOKED, "grant", store::to_close(conn, LOOKED + 1)?);
    let mine = theirs(conn, me, ids)?;
    more.note("grant", mine.len() > TO_CLOSE);
    let told = mine.into_values().take(TO_CLOSE).map(|grant| {
        let href = format!("/api/v1/grants/{}/close", grant.id);
        step(
            ("grant", grant.id.uuid(), grant.title),
            &grant.status.to_string(),
            ("Nothing of it is left to pay: close it.", None, href),
            "Its recipient hears that it is complete.",
        )
    });
    Ok(told.collect())
}
