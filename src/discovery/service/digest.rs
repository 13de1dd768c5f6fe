//! Telling people what is new among what they look for.

use super::saved::unsubscribe_path;
use super::search::matches;
use crate::applications::model::ApplicationRow;
use crate::calls::model::Visibility;
use crate::discovery::model::{Digest, SavedSearch};
use crate::discovery::rules;
use crate::discovery::store;
use crate::kernel::Result;
use crate::kernel::actor::{Actor, Scopes};
use crate::kernel::ids::SavedSearchId;
use crate::people;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

/// Applications of a period that are looked at: where more were opened, it ends with the last of
/// them, and another begins.
const OPENED: i64 = 1_000;
/// Seconds after which what was opened is seen by others: who opened one a moment ago may not have
/// finished, and what is told of ends before that.
const SETTLED: i64 = 60;
/// Applications that a mail names; how many more there are it says.
const NAMED: usize = 20;

/// Searches whose owners are to be told, up to `limit`.
pub(in crate::discovery) fn due(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<SavedSearchId>> {
    store::due(conn, ctx.now, limit)
}

/// Tells the owner of a search what was opened since they were told, if anything was: once a
/// period, or more often where more was opened than a mail can be made of; and only what they may
/// come across now.
pub(in crate::discovery) fn tell(conn: &mut Conn, ctx: &Ctx, id: SavedSearchId) -> Result<()> {
    let Some(search) = store::find(conn, id)? else { return Ok(()) };
    if search.due_at.is_none_or(|due| due > ctx.now) {
        return Ok(());
    }
    let until = ctx.now.plus_seconds(-SETTLED).max(search.told_until);
    let call = search.asked.call_id;
    let (until, next) = match store::full_at(conn, (search.told_until, until), call, OPENED)? {
        // The next moment, not this one, at which it may be due already.
        Some(full) if full < until => (full, Some(ctx.now.plus_seconds(1))),
        _ => (until, rules::due_at(search.digest, ctx.now)),
    };
    // The row moves on first: of two that tell at once, one does.
    if !store::move_on(conn, &search, until, next)? {
        return Ok(());
    }
    let owner = people::service::brief(conn, search.person_id)?;
    let Some(owner) = owner.filter(|owner| owner.active) else { return Ok(()) };
    let opened = store::opened_between(conn, (search.told_until, until), call)?;
    // As they are now, not as they were when they saved it.
    let actor =
        Actor::Person { id: owner.id, roles: owner.roles, session: None, scopes: Scopes::All };
    let theirs = ctx.acting(actor, &owner.name).known_at(&owner.email);
    let mut found = matches(conn, &theirs, &search.asked, &opened)?;
    // What they wrote themselves is no news to them.
    found.retain(|row| row.applicant.as_ref().is_none_or(|who| who.id != owner.id));
    if found.is_empty() {
        return Ok(());
    }
    mail::send(conn, ctx, &owner.email, &letter(ctx, &search, &owner, &found))
}

fn letter(ctx: &Ctx, search: &SavedSearch, owner: &Brief, found: &[ApplicationRow]) -> Letter {
    let count = match found.len() {
        1 => "One new application".to_owned(),
        n => format!("{n} new applications"),
    };
    let often = if search.digest == Digest::Weekly { "each week" } else { "each day" };
    let because = format!("you asked to be told {often} what is new for this search");
    let mut letter = Letter::new(format!("{count}: {}", search.name), because)
        .greeting(&owner.name)
        .paragraph(format!("{count} for your search “{}”:", search.name));
    for row in found.iter().take(NAMED) {
        let asks = row.amount_requested.map(|m| format!(" ({m})")).unwrap_or_default();
        let path = match row.visibility {
            Visibility::Public => format!("/a/{}", row.id),
            Visibility::Private => format!("/applications/{}", row.id),
        };
        let by = row.applicant.as_ref().map(|who| format!(", by {}", who.name));
        letter = letter
            .paragraph(format!("{}{asks}{}", row.title, by.unwrap_or_default()))
            .link("Read it", path);
    }
    if let Some(more @ 1..) = found.len().checked_sub(NAMED) {
        letter = letter.paragraph(format!("And {more} more: run the search to see them."));
    }
    letter
        .paragraph("If you do not want these mails any more, end them; no login is needed.")
        .link("End these mails", unsubscribe_path(ctx, search.id))
}
