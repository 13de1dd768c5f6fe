//! Use-cases of payees.

mod decide;
mod details;
mod letters;
mod write;

pub use super::model::PayeeFacts;
pub use decide::{reject, submit, verify};
pub use details::{external, external_of, facts, held, hold, open_details, sharing};
pub use write::{create, edit};

use super::model::{Payee, PayeeFilter, PayeeRow, PayeeView};
use super::store;
use crate::kernel::Result;
use crate::kernel::ids::{PayeeId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Value, json};

/// A payee, for its owner and staff.
///
/// # Errors
/// 404 for everybody else.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: PayeeId) -> Result<PayeeView> {
    let (payee, _) = visible(conn, ctx, id)?;
    shown(conn, ctx, payee)
}

/// A page of payees, newest first: all of them for staff, their own for everybody else.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    filter: &PayeeFilter,
    page: &PageOf<of::Payee>,
) -> Result<Page<PayeeRow>> {
    authz::require(ctx, Action::ListPayees, &[])?;
    let mut filter = *filter;
    if !is_staff(ctx) {
        let me = ctx.me()?;
        if filter.person.is_some_and(|person| person != me) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        filter.person = Some(me);
    }
    let found = Page::cut(store::list(conn, &filter, page)?, page.limit, |p| p.facts.id);
    let staff = is_staff(ctx);
    let same = if staff { store::shared(conn, &found.items)? } else { Vec::new() };
    let others = |payee: &Payee| {
        let other = same.iter().filter(|(account, whose, _)| {
            *account == payee.facts.fingerprint && *whose != payee.facts.person_id
        });
        other.map(|(.., payees)| payees).sum()
    };
    Ok(found.map(|payee| {
        let told = staff && !ctx.actor.is(payee.facts.person_id);
        let same_account = told.then(|| others(&payee));
        payee.row(same_account)
    }))
}

/// Whether the actor sees everybody's payees.
fn is_staff(ctx: &Ctx) -> bool {
    authz::allowed(&ctx.actor, Action::GetPayee, &[])
}

/// A payee that the actor may see, and how they stand to it.
fn visible(conn: &mut Conn, ctx: &Ctx, id: PayeeId) -> Result<(Payee, Vec<Relation>)> {
    let payee = store::find(conn, id)?.ok_or_else(|| Problem::not_found("payee"))?;
    let own = ctx.actor.is(payee.facts.person_id);
    let relations = if own { vec![Relation::Own] } else { Vec::new() };
    authz::require(ctx, Action::GetPayee, &relations)?;
    Ok((payee, relations))
}

/// A payee that the actor may act on.
fn for_action(conn: &mut Conn, ctx: &Ctx, id: PayeeId, action: Action) -> Result<Payee> {
    authz::gate(ctx, action)?;
    let (payee, relations) = visible(conn, ctx, id)?;
    authz::require(ctx, action, &relations)?;
    Ok(payee)
}

/// As the actor may see it. Whether somebody else has the same account is for staff only: its
/// owner could otherwise find out whose accounts are known here.
fn shown(conn: &mut Conn, ctx: &Ctx, payee: Payee) -> Result<PayeeView> {
    let mut same_account = None;
    if is_staff(ctx) && !ctx.actor.is(payee.facts.person_id) {
        same_account = Some(details::sharing(conn, ctx, &payee.facts)?.others);
    }
    Ok(payee.view(same_account))
}

/// As it is now, after a change.
fn again(conn: &mut Conn, id: PayeeId) -> Result<Payee> {
    store::find(conn, id)?.ok_or_else(|| Problem::internal("a payee vanished"))
}

/// Writes a change to a payee that nobody else has changed meanwhile.
fn change(conn: &mut Conn, was: &Payee, set: store::Set) -> Result<Payee> {
    if !store::change(conn, was, set)? {
        let detail = "The payee was changed a moment ago.";
        return Err(Problem::new(Kind::EditedMeanwhile, detail));
    }
    again(conn, was.facts.id)
}

/// What the audit log may hold of a payee: no account, no address.
fn logged(payee: &Payee) -> Value {
    json!({
        "status": payee.facts.status,
        "name": payee.facts.name,
        "country": payee.facts.country,
        "currency": payee.facts.currency,
        "method": payee.facts.method,
        "account": payee.facts.masked,
        "details_version": payee.facts.details_version,
        "usable_from": payee.facts.usable_from,
        "status_reason": payee.status_reason,
    })
}
