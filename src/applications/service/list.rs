//! Lists, scoped by who asks before anything is read.

use super::sight::Sight;
use super::{routes, stakes, versions};
use crate::agendas::model::LookingFor;
use crate::applications::model::{ApplicationRow, ApplicationStatus, Named};
use crate::applications::store::{self, Amounts, Branch, Filter, Listed};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, PageOf};
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::{BTreeMap, BTreeSet};

/// Which applications to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListApplications {
    /// Only in this status.
    pub status: Option<ApplicationStatus>,
    /// Only in this call.
    pub call_id: Option<CallId>,
    /// Only those that look for this.
    pub looking_for: Option<LookingFor>,
    /// Only those that the actor applies with, is on the team of, or is invited to.
    pub mine: bool,
}

/// A page of the applications that the actor may see, newest first: everybody the public ones that
/// are open or awarded, and their own; regrantors also private ones that they could fund; admins,
/// finance and auditors all but the drafts of others.
///
/// # Errors
/// 401 where somebody unknown asks for theirs.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    asked: ListApplications,
    page: &PageOf<of::Application>,
) -> Result<Page<ApplicationRow>> {
    authz::require(ctx, Action::ListApplications, &[])?;
    let ListApplications { status, call_id: call, looking_for, .. } = asked;
    let statuses = status.as_ref().map(std::slice::from_ref);
    let filter = Filter { statuses, call, looking_for, ..Filter::default() };
    let sight = Sight::of(conn, ctx, asked.mine)?;
    let branches = branches(conn, ctx, &sight, filter, asked.mine)?;
    let rows = store::list(conn, &branches, filter, page)?;
    let by_call = asked.call_id.is_some();
    named(conn, ctx, &sight, by_call, Page::cut(rows, page.limit, |row| row.id))
}

/// Why the actor comes across what is asked for, or across what is theirs alone; nothing of a call
/// of which they may not ask.
pub(super) fn branches<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    sight: &'a Sight,
    filter: Filter<'_>,
    mine: bool,
) -> Result<Vec<Branch<'a>>> {
    if let Some(call) = filter.call.filter(|_| !mine)
        && !sight.may_ask(conn, ctx, (call, filter.written))?
    {
        // Not even a `next` tells that there is such a call.
        return Ok(Vec::new());
    }
    let mut branches = sight.theirs();
    if ctx.actor.is_sponsor() && !mine {
        branches.extend(handed_in(filter));
    } else if !mine {
        branches.extend(sight.shown(filter.statuses));
    }
    if sight.hides_public(conn, ctx, filter.call)? {
        branches.retain(|branch| !matches!(branch, Branch::Public(_)));
    }
    Ok(branches)
}

/// The branches of all that was handed in. Visibility and status lead the indexes of what looks for
/// something, of what is in a call and a status, and of what is in one of several statuses: there
/// it is one branch for each.
fn handed_in(filter: Filter<'_>) -> Vec<Branch<'static>> {
    let apart = filter.statuses.is_some_and(|all| filter.call.is_some() || all.len() > 1);
    if !apart && filter.looking_for.is_none() {
        return vec![Branch::Submitted(None)];
    }
    let mut statuses = ApplicationStatus::ALL.to_vec();
    statuses.retain(|status| match filter.statuses {
        Some(wanted) => wanted.contains(status),
        None => *status != ApplicationStatus::Draft,
    });
    let of = |status| Visibility::ALL.iter().map(move |v| Branch::Submitted(Some((*v, status))));
    statuses.into_iter().flat_map(of).collect()
}

/// What somebody looks for among applications that they found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Among {
    /// Only in this status.
    pub status: Option<ApplicationStatus>,
    /// Only in this call.
    pub call_id: Option<CallId>,
    /// Only those that ask for at least and at most this, in minor units.
    pub amounts: Option<(Currency, i64, i64)>,
}

/// Those of some applications that were handed in and that the actor would come across in a list,
/// the newest first. The same branches decide as for lists.
pub fn among(
    conn: &mut Conn,
    ctx: &Ctx,
    sight: &Sight,
    ids: &[ApplicationId],
    wanted: Among,
) -> Result<Vec<ApplicationRow>> {
    authz::require(ctx, Action::ListApplications, &[])?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let statuses = wanted.status.as_ref().map(std::slice::from_ref);
    let filter = Filter { statuses, call: wanted.call_id, ..Filter::default() };
    let amounts = wanted.amounts.map(|(currency, least, most)| Amounts { currency, least, most });
    let mut rows = store::these(conn, ids, filter, amounts)?;
    rows.retain(|row| row.submitted_at.is_some());
    sight.retain(conn, ctx, wanted.call_id, &mut rows)?;
    as_handed_in(conn, sight, &mut rows)?;
    if let Some((currency, least, most)) = wanted.amounts {
        let fits = |amount: Option<i64>| amount.is_some_and(|sum| (least..=most).contains(&sum));
        rows.retain(|row| row.currency == Some(currency) && fits(row.amount_requested));
    }
    let page = Page { items: rows, next: None };
    Ok(told(conn, ctx, sight, wanted.call_id.is_some(), page)?.items)
}

/// The newest applications that the actor applies with, is on the team of, or is invited to, at
/// most `limit`.
pub fn theirs(conn: &mut Conn, sight: &Sight, limit: i64) -> Result<Vec<ApplicationId>> {
    let page = PageOf { limit, after: None };
    let mut ids = store::list_ids(conn, &sight.theirs(), Filter::default(), &page)?;
    // It tells of one more than a page holds.
    ids.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(ids)
}

/// Puts what was handed in last in the place of what is being changed, but for those on whose team
/// the actor is, or for whom they act: what others write meanwhile is not theirs to read.
fn as_handed_in(conn: &mut Conn, sight: &Sight, rows: &mut [Listed]) -> Result<()> {
    let changing =
        rows.iter().filter(|row| row.submitted_at.is_some() && versions::may_differ(row.status));
    let mut changing: BTreeMap<ApplicationId, PersonId> =
        changing.map(|row| (row.id, row.applicant_id)).collect();
    if changing.is_empty() {
        return Ok(());
    }
    changing.retain(|_, applicant| !sight.acts_as(*applicant));
    let left: Vec<ApplicationId> = changing.keys().copied().collect();
    for id in sight.placed(conn, &left)? {
        changing.remove(&id);
    }
    let left: Vec<ApplicationId> = changing.into_keys().collect();
    let mut all = versions::all_handed_in(conn, &left)?;
    for row in rows {
        let Some(then) = all.remove(&row.id) else { continue };
        row.title = then.title;
        row.summary = then.summary;
        row.amount_minimum = then.amount_minimum;
        row.amount_requested = then.amount_requested;
        row.currency = then.currency;
        row.visibility = then.visibility;
    }
    Ok(())
}

/// Rows as they are told to the actor.
pub(super) fn named(
    conn: &mut Conn,
    ctx: &Ctx,
    sight: &Sight,
    by_call: bool,
    mut page: Page<Listed>,
) -> Result<Page<ApplicationRow>> {
    as_handed_in(conn, sight, &mut page.items)?;
    told(conn, ctx, sight, by_call, page)
}

fn told(
    conn: &mut Conn,
    ctx: &Ctx,
    sight: &Sight,
    by_call: bool,
    mut page: Page<Listed>,
) -> Result<Page<ApplicationRow>> {
    let told = declined_in_own(conn, ctx, sight, &page.items)?;
    let left = |row: &&Listed| row.own_call_declined_at.is_some() && !told.contains(&row.id);
    let left: Vec<ApplicationId> = page.items.iter().filter(left).map(|row| row.id).collect();
    // To them it is in a further call, as if it had been written for that.
    let further = routes::told_calls(conn, &left, sight.funds())?;
    let mut hidden = sight.call_hidden(conn, ctx, &page.items)?;
    hidden.retain(|id| !left.contains(id));
    page.items.retain(|row| !by_call || !hidden.contains(&row.id));
    let known = ctx.actor.person().is_some() || ctx.actor.is_system();
    let people: Vec<PersonId> = page.items.iter().map(|row| row.applicant_id).collect();
    let names = people::service::names(conn, &people)?;
    let waits = page.items.iter().filter(|row| row.offered != row.promised);
    let all = stakes::offers_read(conn, ctx, &waits.map(|row| row.id).collect::<Vec<_>>())?;
    Ok(page.map(|row| {
        let offered = if all.contains(&row.id) { row.offered } else { row.promised };
        let money = |minor: Option<i64>| Some(Money::new(minor?, row.currency?));
        let name = names.get(&row.applicant_id).cloned().unwrap_or_default();
        ApplicationRow {
            id: row.id,
            call_id: match left.contains(&row.id) {
                true => further.get(&row.id).copied(),
                false => (!hidden.contains(&row.id)).then_some(row.call_id),
            },
            applicant: known.then_some(Named { id: row.applicant_id, name }),
            status: row.status,
            amount_minimum: money(row.amount_minimum),
            amount_requested: money(row.amount_requested),
            offered: money(Some(offered)),
            visibility: row.visibility,
            promised_on: row.promised_on,
            own_call_declined_at: row.own_call_declined_at.filter(|_| told.contains(&row.id)),
            submitted_at: row.submitted_at,
            created_at: row.created_at,
            title: row.title,
            summary: row.summary,
        }
    }))
}

/// Those that were declined in their own call alone and of which the actor may know it: those who
/// run the service, who applies and acts for them, and the team.
fn declined_in_own(
    conn: &mut Conn,
    ctx: &Ctx,
    sight: &Sight,
    rows: &[Listed],
) -> Result<BTreeSet<ApplicationId>> {
    let rows = rows.iter().filter(|row| row.own_call_declined_at.is_some());
    let (theirs, others): (Vec<&Listed>, Vec<&Listed>) =
        rows.partition(|row| ctx.actor.is_sponsor() || sight.acts_as(row.applicant_id));
    let mut told: BTreeSet<ApplicationId> = theirs.into_iter().map(|row| row.id).collect();
    let others: Vec<ApplicationId> = others.into_iter().map(|row| row.id).collect();
    told.extend(sight.placed(conn, &others)?);
    Ok(told)
}
