//! Conflicts of interest, declared by those who would have a say.

use super::found::Ties;
use super::{missing, see};
use crate::applications::events;
use crate::applications::model::{ApplicationFacts, Conflict, Ground, Named, found_conflict};
use crate::applications::rules::{Stake, may_decide};
use crate::applications::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// Whether the person declared a conflict with this application that was not lifted.
pub fn has_conflict(conn: &mut Conn, id: ApplicationId, person: PersonId) -> Result<bool> {
    store::has_conflict(conn, id, person)
}

/// Whether somebody gains from an application or is partial to it: on it, or in a conflict with it,
/// declared, or found on one of these grounds and not looked at.
pub fn is_partial(
    conn: &mut Conn,
    id: ApplicationId,
    person: PersonId,
    grounds: &[Ground],
) -> Result<bool> {
    let Some(facts) = super::facts(conn, id)? else { return Ok(false) };
    let ties = super::ties(conn, &facts, person)?;
    let found = ties.found.iter().any(|found| grounds.contains(found));
    Ok(ties.takes_part || ties.conflict || found)
}

/// Refuses the acting person where [`is_partial`] is true of them: nobody decides about their own
/// money.
///
/// # Errors
/// 403 `two_persons` for who is on the application, 403 `conflict_of_interest` for who declared a
/// conflict with it, 409 `conflict_found`.
pub fn impartial(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, grounds: &[Ground]) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    let Some(facts) = super::facts(conn, id)? else { return Ok(()) };
    let ties = super::ties(conn, &facts, me)?;
    if ties.takes_part {
        return Err(Problem::new(Kind::TwoPersons, "You are on this application."));
    }
    without_conflict(ties, grounds)
}

/// Refuses whoever is tied to an application like this where it is a conflict, declared, or found
/// on one of these grounds and not looked at.
pub(super) fn without_conflict(ties: Ties, grounds: &[Ground]) -> Result<()> {
    if ties.conflict {
        let detail = "You declared a conflict with this application.";
        return Err(Problem::new(Kind::ConflictOfInterest, detail));
    }
    let mut found = ties.found;
    found.retain(|found| grounds.contains(found));
    let who = "You and somebody on this application";
    if found.is_empty() { Ok(()) } else { Err(found_conflict(who, &found)) }
}

/// Declares a conflict of the acting person, who has no say in this application from then on.
///
/// # Errors
/// 404 where there is no application that they may see, 409 where they declared one already.
pub fn declare_conflict(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    text: &str,
) -> Result<Conflict> {
    let facts = super::facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::DeclareConflict, &relations)?;
    declare(conn, ctx, Action::DeclareConflict, id, text)
}

/// Declares it for somebody who may.
pub(super) fn declare(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    id: ApplicationId,
    text: &str,
) -> Result<Conflict> {
    let me = ctx.me()?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", text, 1, rules::REASON_MAX);
    fields.finish()?;
    let row = store::ConflictRow { id: ctx.id(), person_id: me, reason, declared_at: ctx.now };
    if !store::insert_conflict(conn, id, &row)? {
        let detail = "You have declared a conflict with this application already.";
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    let change = Change::by(action, "application", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "person_id": me, "reason": row.reason })))?;
    let told = json!({ "v": 1, "application_id": id, "person_id": me });
    outbox::emit(conn, ctx, events::CONFLICT_DECLARED, told)?;
    let name = ctx.actor_name.to_string();
    Ok(shown(id, (row, None), name))
}

fn shown(id: ApplicationId, (row, lifted): store::Declared, name: String) -> Conflict {
    Conflict {
        id: row.id,
        application_id: id,
        person: Named { id: row.person_id, name },
        reason: row.reason,
        declared_at: row.declared_at,
        lifted_at: lifted.as_ref().map(|lifted| lifted.decided_at),
        lifted_by: lifted.as_ref().map(|lifted| lifted.decided_by),
        lifted_reason: lifted.map(|lifted| lifted.reason),
    }
}

/// Refuses whoever is on an application: who keeps out of it, or might have to, is not for them.
pub(super) fn not_on_it(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    let on_team = see::takes_part(conn, facts, me)?;
    may_decide(Stake { on_team, conflict: false })
}

/// The conflicts declared with an application, those that were lifted among them, newest first.
///
/// # Errors
/// 404 where there is no application that the actor may see, 403 for who is on it.
pub fn conflicts(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::Conflict>,
) -> Result<Page<Conflict>> {
    let facts = super::facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::ListConflicts, &relations)?;
    not_on_it(conn, ctx, &facts)?;
    let rows = Page::cut(store::declared(conn, id, page)?, page.limit, |(row, _)| row.id);
    let people: Vec<PersonId> = rows.items.iter().map(|(row, _)| row.person_id).collect();
    let names = people::service::names(conn, &people)?;
    let name = |person: PersonId| names.get(&person).cloned().unwrap_or_default();
    Ok(rows.map(|row| {
        let name = name(row.0.person_id);
        shown(id, row, name)
    }))
}

/// Conflicts that were declared with the one, and not lifted, hold for what it becomes.
pub(super) fn carry(
    conn: &mut Conn,
    ctx: &Ctx,
    into: ApplicationId,
    from: ApplicationId,
) -> Result<()> {
    let mut page = PageOf::<of::Conflict> { limit: 200, after: None };
    loop {
        let rows = store::conflicts(conn, from, &page)?;
        let more = i64::try_from(rows.len()).unwrap_or(0) > page.limit;
        page.after = rows.last().map(|row| row.id);
        for mut row in rows {
            let person = row.person_id;
            row.id = ctx.id();
            if store::insert_conflict(conn, into, &row)? {
                let told = json!({ "v": 1, "application_id": into, "person_id": person });
                outbox::emit(conn, ctx, events::CONFLICT_DECLARED, told)?;
            }
        }
        if !more {
            return Ok(());
        }
    }
}
