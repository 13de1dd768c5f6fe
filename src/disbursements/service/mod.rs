//! Use-cases of paying.

mod bank;
mod batch;
mod double;
mod draft;
mod tell;
mod view;

pub use bank::{ReturnForm, SettleForm, retry, returned, settle, settle_batch};
pub use batch::{BatchForm, FileForm, create as create_batch, file as payment_file};
pub use double::{ConfirmForm, confirm};
pub use draft::{VoidForm, approve, draft, historical, release_undone, void};
pub use view::{
    BatchDetail, DisbursementDetail, ListDisbursements, OpenBatch, batch, batches, cooling, detail,
    expected_in_transit, given, held_up, list, not_sent, owed_again, stale, suspended, to_give,
    to_hear, to_retry, unapproved, undrafted, unsettled,
};

use super::model::{Act, Disbursement};
use super::rules::{self, Hands};
use super::store;
use crate::delegations;
use crate::grants;
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::ids::DisbursementId;
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::payees;
use crate::payees::service::PayeeFacts;
use crate::people;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeSet;

/// A disbursement with what decides about it.
struct Loaded {
    it: Disbursement,
    grant: GrantFacts,
    payee: PayeeFacts,
}

impl Loaded {
    fn hands(&self) -> Hands {
        Hands {
            drafted_by: self.it.drafted_by,
            approved_by: self.it.approved_by,
            recipient: self.grant.recipient_id,
            payee_owner: self.payee.person_id,
        }
    }
}

fn load(conn: &mut Conn, id: DisbursementId) -> Result<Loaded> {
    let it = store::find(conn, id)?.ok_or_else(|| Problem::not_found("disbursement"))?;
    let broken = || Problem::internal("a disbursement without its grant or payee");
    let grant = grants::service::facts(conn, it.grant_id)?.ok_or_else(broken)?;
    let payee = payees::service::facts(conn, it.payee_id)?.ok_or_else(broken)?;
    Ok(Loaded { it, grant, payee })
}

/// The same, with its grant held until the transaction ends: from here on nobody else moves it.
fn load_held(conn: &mut Conn, id: DisbursementId) -> Result<Loaded> {
    let seen = load(conn, id)?;
    grants::service::hold(conn, seen.it.grant_id)?;
    load(conn, id)
}

/// Keeps all who have a hand in these payments or are paid by them, and who acts, as they are until
/// the transaction ends: nobody is suspended or loses a role between the look at them and what is
/// decided on it. Their grants are held before, and their batch. An import asks nobody.
///
/// # Errors
/// 403 where the acting person was suspended or lost a role since their request was let in.
fn keep_hands(conn: &mut Conn, ctx: &Ctx, payments: &[Loaded]) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    let mut all = BTreeSet::from([me]);
    for hands in payments.iter().map(Loaded::hands) {
        all.extend([hands.recipient, hands.payee_owner]);
        all.extend([hands.drafted_by, hands.approved_by].into_iter().flatten());
    }
    people::service::keep_all(conn, &all)?;
    people::service::keep_acting(conn, ctx)
}

/// Refuses who gains from a payment: who is on the grant, and who has a payee with the account
/// that is paid; and, whoever asks, a payment to somebody with whom its backers have something in
/// common that nobody has looked at.
fn uninvolved(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, payee: &PayeeFacts) -> Result<()> {
    gains_nothing(conn, ctx, grant, payee)?;
    unbiased(conn, ctx, grant)
}

/// Refuses what is still to be paid to somebody with whom its backers have something in common.
fn unbiased(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    grants::service::backers_have_nothing_in_common(conn, grant)
}

/// Refuses who gains from a payment. What the bank has done is recorded whatever has come to light
/// about its backers since.
fn gains_nothing(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, payee: &PayeeFacts) -> Result<()> {
    grants::service::impartial(conn, ctx, grant)?;
    // As long as the grant has been there.
    let paid = (Some(payee.person_id), grant.awarded_on.start());
    delegations::service::another_side(conn, ctx, paid, "is paid")?;
    rules::unshared(payees::service::sharing(conn, ctx, payee)?)
}

/// Moves a disbursement on where no entry is posted for it.
fn advance(
    conn: &mut Conn,
    ctx: &Ctx,
    it: &Disbursement,
    act: Act,
    action: Action,
    set: store::Set,
) -> Result<Disbursement> {
    let now = moved(conn, it, act, set)?;
    tell::step(conn, ctx, tell::Step::of(action, act), (it, &now), None)?;
    Ok(now)
}

/// Moves a disbursement on; refuses when somebody else has moved it since it was read. The caller
/// tells of it once it has posted.
fn moved(
    conn: &mut Conn,
    it: &Disbursement,
    act: Act,
    mut set: store::Set,
) -> Result<Disbursement> {
    let to = it.status.after(act)?;
    set.status = Some(to);
    set.version = Some(it.version + 1);
    if !store::change(conn, it, &set)? {
        return Err(Problem::changed_meanwhile("disbursement"));
    }
    store::find(conn, it.id)?.ok_or_else(|| Problem::internal("a disbursement vanished"))
}

/// A day on which something happened: not after today, and not before the bank was told.
fn plausible_day(ctx: &Ctx, on: Option<Date>, not_before: Option<Date>) -> Result<Date> {
    let today = ctx.today();
    let on = on.unwrap_or(today);
    if on > today {
        return Err(Problem::field("/on", "in_the_future", "this day has not come yet"));
    }
    if not_before.is_some_and(|first| on < first) {
        let message = "this is before the day on which the bank was told to pay";
        return Err(Problem::field("/on", "too_early", message));
    }
    Ok(on)
}
