//! Delegations as the two see them.

use super::{missing, related};
use crate::delegations::model::{Delegation, Record, Who};
use crate::delegations::store;
use crate::kernel::Result;
use crate::kernel::ids::{DelegationId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// One delegation.
///
/// # Errors
/// 404 for those whom it does not concern.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: DelegationId) -> Result<Delegation> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    let relations = related(conn, ctx, &record, None)?;
    authz::require(ctx, Action::GetDelegation, &relations)?;
    one(conn, ctx, record)
}

/// Who acts for the acting person, or was asked to, newest first.
pub fn delegates(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::Delegation>,
) -> Result<Page<Delegation>> {
    authz::require(ctx, Action::ListDelegates, &[])?;
    let rows = store::of_principal(conn, ctx.me()?, page)?;
    shown(conn, ctx, Page::cut(rows, page.limit, |row| row.id))
}

/// For whom the acting person acts, or is asked to, newest first.
pub fn delegations(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::Delegation>,
) -> Result<Page<Delegation>> {
    authz::require(ctx, Action::ListDelegations, &[])?;
    let me = ctx.me()?;
    let email = people::service::brief(conn, me)?.map(|p| p.email).unwrap_or_default();
    let rows = store::of_delegate(conn, me, &email, page)?;
    shown(conn, ctx, Page::cut(rows, page.limit, |row| row.id))
}

/// Those of them that wait for the acting person's answer, newest first, up to `limit`.
pub fn to_answer(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<Delegation>> {
    authz::require(ctx, Action::ListDelegations, &[])?;
    let email = people::service::brief(conn, ctx.me()?)?.map(|p| p.email).unwrap_or_default();
    let items = store::to_answer(conn, &email, ctx.today(), limit)?;
    Ok(shown(conn, ctx, Page { items, next: None })?.items)
}

pub(super) fn one(conn: &mut Conn, ctx: &Ctx, record: Record) -> Result<Delegation> {
    let page = shown(conn, ctx, Page { items: vec![record], next: None })?;
    page.items.into_iter().next().ok_or_else(missing)
}

fn shown(conn: &mut Conn, ctx: &Ctx, page: Page<Record>) -> Result<Page<Delegation>> {
    let sides = page.items.iter().flat_map(|d| [Some(d.principal_id), d.delegate_id]);
    let ids: Vec<PersonId> = sides.flatten().collect();
    let names = people::service::names(conn, &ids)?;
    let who = |id: PersonId| Who { id, name: names.get(&id).cloned().unwrap_or_default() };
    Ok(page.map(|record| Delegation {
        id: record.id,
        principal: who(record.principal_id),
        delegate: record.delegate_id.map(who),
        status: record.status_on(ctx.today()),
        email: record.email,
        scopes: record.errands,
        expires_on: record.expires_on,
        invited_at: record.created_at,
        answered_at: record.answered_at,
        ended_at: record.ended_at,
    }))
}
