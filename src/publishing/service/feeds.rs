//! Feeds: what became public last. They name nobody.

use super::super::model::{Feed, FeedEntry};
use super::super::store;
use super::super::store::AppRow;
use super::show::{call, grant_row};
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::kernel::problem::Problem;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Entries of a feed.
const ENTRIES: i64 = 50;

fn entry(ctx: &Ctx, app: AppRow) -> FeedEntry {
    // What is opened again has changed; it was published before.
    let published = app.submitted_at.unwrap_or(app.created_at);
    FeedEntry {
        id: app.id.uuid(),
        page: format!("{}/a/{}", ctx.env.config.base_url(), app.id),
        title: app.title,
        summary: app.summary,
        published,
        updated: app.opened_at.unwrap_or(published),
    }
}

/// Applications that are open, those that became public last first.
pub fn application_feed(conn: &mut Conn, ctx: &Ctx) -> Result<Feed> {
    authz::require(ctx, Action::ListPublicApplications, &[])?;
    let entries = store::feed(conn, None, ENTRIES)?;
    Ok(Feed {
        title: format!("Open applications at {}", ctx.env.config.sponsor.name),
        address: format!("{}/feeds/applications.atom", ctx.env.config.base_url()),
        entries: entries.into_iter().map(|app| entry(ctx, app)).collect(),
    })
}

/// Open applications of one public call, those that became public last first.
///
/// # Errors
/// 404 for a call that is not there or not public.
pub fn call_feed(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<Feed> {
    authz::require(ctx, Action::ListPublicApplications, &[])?;
    let call = call(conn, id)?.ok_or_else(|| Problem::not_found("call"))?;
    let entries = store::feed(conn, Some(id), ENTRIES)?;
    Ok(Feed {
        title: format!("Open applications: {}", call.title),
        address: format!("{}/feeds/calls/{id}/applications.atom", ctx.env.config.base_url()),
        entries: entries.into_iter().map(|app| entry(ctx, app)).collect(),
    })
}

/// Grants, those that were awarded last first.
pub fn grant_feed(conn: &mut Conn, ctx: &Ctx) -> Result<Feed> {
    authz::require(ctx, Action::ListPublicGrants, &[])?;
    let rows = store::grant_feed(conn, ENTRIES)?;
    let entries = rows.into_iter().map(|row| {
        let updated = row.closed_at.map_or(row.created_at, |closed| closed.max(row.created_at));
        let shown = grant_row(ctx, &row, None);
        FeedEntry {
            id: row.id.uuid(),
            title: shown.title,
            summary: format!(
                "{} awarded on {}. {}",
                shown.amount_awarded, shown.awarded_on, shown.summary
            ),
            page: shown.page,
            published: row.created_at,
            updated,
        }
    });
    Ok(Feed {
        title: format!("Grants of {}", ctx.env.config.sponsor.name),
        address: format!("{}/feeds/grants.atom", ctx.env.config.base_url()),
        entries: entries.collect(),
    })
}
