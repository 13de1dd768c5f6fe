//! Who is in the group.

use super::{letters, relations};
use crate::applications::model::Named;
use crate::concerns::model::{LaneMember, LaneReason};
use crate::concerns::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::people::service::Brief;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::db::ext::alone;
use serde_json::json;

/// Held while members are counted.
const GROUP: i64 = 0x6c61_6e65;

/// Who is in the group, the first first.
///
/// # Errors
/// 403 for others than admins, auditors and the group.
pub fn members(conn: &mut Conn, ctx: &Ctx) -> Result<Vec<LaneMember>> {
    let relations = relations(conn, ctx)?;
    authz::require(ctx, Action::GetNeedToKnow, &relations)?;
    let rows = store::members(conn)?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.0).collect();
    let names = people::service::names(conn, &people)?;
    let member = |(id, reason, added_at, added_by)| LaneMember {
        person: Named { id, name: names.get(&id).cloned().unwrap_or_default() },
        reason,
        added_at,
        added_by,
    };
    Ok(rows.into_iter().map(member).collect())
}

fn checked(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    id: PersonId,
    form: &LaneReason,
) -> Result<(Brief, String)> {
    authz::require(ctx, action, &[])?;
    let person = people::service::brief(conn, id)?.ok_or_else(|| Problem::not_found("person"))?;
    if ctx.actor.is(id) {
        let detail = "Nobody puts themselves into the group, or out of it: ask another admin.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", &form.reason, 1, rules::SHORT_MAX);
    fields.finish()?;
    alone(conn, GROUP)?;
    Ok((person, reason))
}

/// Adds somebody to the group; all of it are told.
///
/// # Errors
/// 403 for oneself, 404 for an unknown person, 409 where they are in it, may not act, or it is
/// full.
pub fn add(conn: &mut Conn, ctx: &Ctx, id: PersonId, form: &LaneReason) -> Result<Vec<LaneMember>> {
    let action = Action::AddNeedToKnow;
    let (person, reason) = checked(conn, ctx, action, id, form)?;
    if !person.active {
        return Err(Problem::wrong_state("They may not act: their account is not active."));
    }
    if store::is_member(conn, id)? {
        return Err(Problem::new(Kind::AlreadyExists, "They are in the group already."));
    }
    if store::members(conn)?.len() >= rules::MEMBERS_MAX {
        let detail = format!("The group has {} people: it is to be small.", rules::MEMBERS_MAX);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    store::add_member(conn, ctx.id(), id, &reason, (ctx.actor.person(), ctx.now))?;
    let change = Change::by(action, "person", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "need_to_know": true, "reason": reason })))?;
    letters::group_changed(conn, ctx, &person.name, true)?;
    members(conn, ctx)
}

/// Takes somebody out of the group; those who stay are told. The last one stays: what is held back
/// would not be any more.
///
/// # Errors
/// 403 for oneself, 404 for an unknown person, 409 where they are not in it, or the last.
pub fn remove(
    conn: &mut Conn,
    ctx: &Ctx,
    id: PersonId,
    form: &LaneReason,
) -> Result<Vec<LaneMember>> {
    let action = Action::RemoveNeedToKnow;
    let (person, reason) = checked(conn, ctx, action, id, form)?;
    if !store::is_member(conn, id)? {
        return Err(Problem::wrong_state("They are not in the group."));
    }
    if store::members(conn)?.len() == 1 {
        let detail = "They are the last in the group: add somebody else first.";
        return Err(Problem::wrong_state(detail));
    }
    if !store::remove_member(conn, id, (ctx.actor.person(), ctx.now))? {
        return Err(super::meanwhile());
    }
    let change = Change::by(action, "person", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "need_to_know": false, "reason": reason })))?;
    letters::group_changed(conn, ctx, &person.name, false)?;
    members(conn, ctx)
}
