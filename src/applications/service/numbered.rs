//! What lists show, by the number of a page: for protocols that count pages.

use super::sight::Sight;
use super::{list, versions};
use crate::applications::model::{ApplicationRow, ApplicationStatus};
use crate::applications::store::{self, Filter, Listed};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::time::Instant;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// Most applications that are on pages, the newest: who wants others asks for less.
pub const MOST: i64 = 1_000;

/// Which applications to list, and which page of them.
#[derive(Debug, Clone, Copy)]
pub struct Numbered<'a> {
    /// Only in one of these statuses; in any where absent.
    pub statuses: Option<&'a [ApplicationStatus]>,
    /// Only those that were written for one of these calls; for any where absent. What came into a
    /// call by a route is not among them. What its own call alone declined is for who reads so (the
    /// team, and those who run the service), and for nobody else.
    pub calls: Option<&'a [CallId]>,
    /// Rows before the page.
    pub offset: i64,
    /// Rows to the page.
    pub size: i32,
}

/// A page by its number.
#[derive(Debug)]
pub struct NumberedPage {
    /// The rows, newest first, each with when it was last changed.
    pub rows: Vec<(ApplicationRow, Instant)>,
    /// Rows on all pages, at most [`MOST`]; where there are `more`, no further than one past this
    /// page.
    pub total: i64,
    /// There are more than were counted.
    pub more: bool,
}

/// A page of the applications that the actor may see: those that [`list`](super::list()) shows
/// them, for the same reasons. No more are looked for than tell whether there is a page after it.
pub fn numbered(conn: &mut Conn, ctx: &Ctx, asked: Numbered<'_>) -> Result<NumberedPage> {
    authz::require(ctx, Action::ListApplications, &[])?;
    let sight = Sight::of(conn, ctx, false)?;
    // With one row of the page after it, so that who goes from page to page knows of that.
    let reach = asked.offset.saturating_add(asked.size.into()).saturating_add(1).min(MOST);
    let page = PageOf { limit: reach, after: None };
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut ids: Vec<ApplicationId> = Vec::new();
    for filter in filters(asked) {
        let branches = list::branches(conn, ctx, &sight, filter, false)?;
        ids.extend(store::list_ids(conn, &branches, filter, &page)?);
        ids.sort_unstable_by(|x, y| y.cmp(x));
        ids.dedup();
        // And one that is not counted: it tells that there are more.
        ids.truncate(count(reach + 1));
    }
    let more = ids.len() > count(reach);
    ids.truncate(count(reach));
    let total = i64::try_from(ids.len()).unwrap_or(MOST);
    let page = ids.into_iter().skip(count(asked.offset)).take(count(asked.size.into()));
    let page: Vec<ApplicationId> = page.collect();
    if page.is_empty() {
        return Ok(NumberedPage { rows: Vec::new(), total, more });
    }
    let found = store::these(conn, &page, Filter::default(), None)?;
    let changed = changed(conn, &sight, &found)?;
    let page = Page { items: found, next: None };
    let rows = list::named(conn, ctx, &sight, asked.calls.is_some(), page)?.items.into_iter();
    let dated = |row: ApplicationRow| {
        let at = changed.get(&row.id).copied().unwrap_or(row.created_at);
        (row, at)
    };
    Ok(NumberedPage { rows: rows.map(dated).collect(), total, more })
}

/// A filter for each call that is asked for; none where nothing fits.
fn filters(asked: Numbered<'_>) -> Vec<Filter<'_>> {
    let statuses = asked.statuses;
    if statuses.is_some_and(<[_]>::is_empty) {
        return Vec::new();
    }
    let calls: Vec<Option<CallId>> =
        asked.calls.map_or(vec![None], |all| all.iter().copied().map(Some).collect());
    let filter = |call| Filter { statuses, call, written: true, ..Filter::default() };
    calls.into_iter().map(filter).collect()
}

/// When each was last changed, as far as the actor reads it: of what is being changed, or ended
/// meanwhile, the team alone is told when something was written.
fn changed(
    conn: &mut Conn,
    sight: &Sight,
    rows: &[Listed],
) -> Result<BTreeMap<ApplicationId, Instant>> {
    let apart =
        |row: &&Listed| versions::may_differ(row.status) && !sight.acts_as(row.applicant_id);
    let apart: Vec<ApplicationId> = rows.iter().filter(apart).map(|row| row.id).collect();
    let placed = sight.placed(conn, &apart)?;
    let reads = |id: &ApplicationId| !apart.contains(id) || placed.contains(id);
    let read: Vec<ApplicationId> = rows.iter().map(|row| row.id).filter(|id| reads(id)).collect();
    let saved: BTreeMap<ApplicationId, Instant> =
        store::saved_last(conn, &read)?.into_iter().collect();
    let last = |row: &Listed| {
        let days = [saved.get(&row.id).copied(), row.submitted_at, row.opened_at, row.decided_at];
        (row.id, days.into_iter().flatten().fold(row.created_at, Ord::max))
    };
    Ok(rows.iter().map(last).collect())
}
