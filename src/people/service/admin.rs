//! What admins do with people.

use super::sessions::cut_off;
use super::{letters, meanwhile, shares_account};
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people::model::{EndReason, PeopleFilter, Person, PersonStatus};
use crate::people::{events, rules, store};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;
use std::collections::BTreeSet;

/// People, newest first.
pub fn list_people(
    conn: &mut Conn,
    ctx: &Ctx,
    filter: &PeopleFilter,
    page: &PageOf<of::Person>,
) -> Result<Page<Person>> {
    authz::require(ctx, Action::ListPeople, &[])?;
    Ok(Page::cut(store::list(conn, filter, page)?, page.limit, |p| p.id))
}

/// One person.
pub fn get_person(conn: &mut Conn, ctx: &Ctx, id: PersonId) -> Result<Person> {
    let relations: &[Relation] = if ctx.actor.is(id) { &[Relation::Own] } else { &[] };
    authz::require(ctx, Action::GetPerson, relations)?;
    load(conn, id)
}

/// Grants or removes a role. What is so already stays so. It ends the person's sessions
/// and tokens: what they may do is never decided by, nor was granted under, roles of before.
///
/// # Errors
/// Two persons for oneself, and for who counts as one with the acting person where it is granted;
/// wrong state for who is not active, and for the last admin.
pub fn change_role(
    conn: &mut Conn,
    ctx: &Ctx,
    id: PersonId,
    role: Role,
    granted: bool,
) -> Result<Person> {
    let action = if granted { Action::GrantRole } else { Action::RemoveRole };
    authz::require(ctx, action, &[])?;
    let (person, admins) = match (role, granted) {
        (Role::Admin, false) => held_with_admins(conn, ctx, id)?,
        _ => (held(conn, ctx, id)?, Vec::new()),
    };
    if !rules::change_role(ctx.actor.person(), &person, role, granted)? {
        return Ok(person);
    }
    if granted {
        another_person(conn, ctx, id)?;
    }
    rules::leaves_an_admin(&person, &admins)?;
    let roles = if granted { person.roles.with(role) } else { person.roles.without(role) };
    if !store::set_roles(conn, &person, roles)? {
        return Err(meanwhile());
    }
    cut_off(conn, ctx, id, None, EndReason::RolesChanged)?;
    let list =
        |roles: crate::kernel::actor::Roles| roles.iter().map(Role::as_str).collect::<Vec<_>>();
    let change = Change::by(action, "person", id.uuid())
        .from(json!({ "roles": list(person.roles) }))
        .to(json!({ "roles": list(roles) }));
    audit::record(conn, ctx, change)?;
    let told = json!({ "person_id": id, "role": role, "granted": granted });
    outbox::emit(conn, ctx, events::ROLE_CHANGED, told)?;
    load(conn, id)
}

/// Suspends somebody: all their sessions end, all their tokens and links are void.
///
/// # Errors
/// Two persons for oneself; wrong state for who is suspended, and for the last admin.
pub fn suspend(conn: &mut Conn, ctx: &Ctx, id: PersonId, reason: &str) -> Result<Person> {
    authz::require(ctx, Action::SuspendPerson, &[])?;
    let (person, admins) = held_with_admins(conn, ctx, id)?;
    rules::suspend(ctx.actor.person(), &person)?;
    rules::leaves_an_admin(&person, &admins)?;
    if !store::set_status(conn, &person, PersonStatus::Suspended)? {
        return Err(meanwhile());
    }
    cut_off(conn, ctx, id, None, EndReason::Suspended)?;
    store::void_links(conn, id, ctx.now)?;
    let change = Change::by(Action::SuspendPerson, "person", id.uuid())
        .from(json!({ "status": person.status }))
        .to(json!({ "status": PersonStatus::Suspended, "reason": reason }));
    audit::record(conn, ctx, change)?;
    outbox::emit(conn, ctx, events::PERSON_SUSPENDED, json!({ "person_id": id }))?;
    letters::suspended(conn, ctx, &person, reason)?;
    load(conn, id)
}

/// Lets somebody in again. They log in anew: what was ended stays ended.
pub fn reactivate(conn: &mut Conn, ctx: &Ctx, id: PersonId) -> Result<Person> {
    authz::require(ctx, Action::ReactivatePerson, &[])?;
    let person = held(conn, ctx, id)?;
    let status = rules::reactivate(ctx.actor.person(), &person)?;
    another_person(conn, ctx, id)?;
    if !store::set_status(conn, &person, status)? {
        return Err(meanwhile());
    }
    let change = Change::by(Action::ReactivatePerson, "person", id.uuid())
        .from(json!({ "status": person.status }))
        .to(json!({ "status": status }));
    audit::record(conn, ctx, change)?;
    outbox::emit(conn, ctx, events::PERSON_REACTIVATED, json!({ "person_id": id }))?;
    letters::reactivated(conn, ctx, &person)?;
    load(conn, id)
}

/// This person, held until the transaction ends together with the admin who acts, in the order of
/// ids: nobody waits in a ring. Of two admins who take each other's rights at the same moment the
/// second has none any more.
///
/// # Errors
/// Unauthenticated, where who acts is no active admin any more.
pub(super) fn held(conn: &mut Conn, ctx: &Ctx, id: PersonId) -> Result<Person> {
    let both: BTreeSet<PersonId> = ctx.actor.person().into_iter().chain([id]).collect();
    both.into_iter().try_for_each(|person| store::lock(conn, person))?;
    still_admin(conn, ctx)?;
    load(conn, id)
}

/// The same with all active admins, who are held as well: asked by whatever may take an admin away,
/// over the API or at the command line. Of two that take one each at the same moment the second
/// sees what the first has left.
fn held_with_admins(conn: &mut Conn, ctx: &Ctx, id: PersonId) -> Result<(Person, Vec<Person>)> {
    let mut held = BTreeSet::new();
    let admins = loop {
        let admins = store::holders(conn, Role::Admin, i64::MAX)?;
        let all = admins.iter().map(|admin| admin.id).chain(ctx.actor.person()).chain([id]);
        // In the order of ids. Who became an admin while others were waited for comes after them.
        let wanted: BTreeSet<PersonId> = all.filter(|person| !held.contains(person)).collect();
        if wanted.is_empty() {
            break admins;
        }
        wanted.iter().try_for_each(|person| store::lock(conn, *person))?;
        held.extend(wanted);
    };
    still_admin(conn, ctx)?;
    Ok((load(conn, id)?, admins))
}

/// Refuses who acts and is no active admin any more; they are held.
fn still_admin(conn: &mut Conn, ctx: &Ctx) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    let still = |me: &Person| me.status == PersonStatus::Active && me.roles.has(Role::Admin);
    if store::find(conn, me)?.is_some_and(|me| still(&me)) {
        return Ok(());
    }
    let detail = "Your own account was changed meanwhile; log in again.";
    Err(Problem::new(Kind::Unauthenticated, detail))
}

/// Refuses to give something to who gave the same bank account as the acting person: they count as
/// one.
pub(super) fn another_person(conn: &mut Conn, ctx: &Ctx, id: PersonId) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    if me == id || !shares_account(conn, me, &[id])? {
        return Ok(());
    }
    let detail = "You and this person gave the same bank account: somebody else has to do this.";
    Err(Problem::new(Kind::TwoPersons, detail))
}

fn load(conn: &mut Conn, id: PersonId) -> Result<Person> {
    store::find(conn, id)?.ok_or_else(|| Problem::not_found("person"))
}
