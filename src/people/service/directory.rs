//! What other domains and the command line ask about people. No rights are checked here: who asks
//! answers for what is shown.

use super::meanwhile;
use crate::kernel::Result;
use crate::kernel::actor::{Role, Roles};
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::people::model::{EndReason, PasswordHash, Person, PersonStatus, Registration};
use crate::people::store;
use crate::platform::audit::{self, Change};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What others need to know of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Id.
    pub id: PersonId,
    /// As others see them.
    pub name: String,
    /// For mails to them; not to be shown to others.
    pub email: String,
    /// Whether they may act.
    pub active: bool,
    /// Whether they were suspended; who has not confirmed their account yet was not.
    pub suspended: bool,
    /// Granted roles.
    pub roles: Roles,
}
impl From<Person> for Brief {
    fn from(p: Person) -> Self {
        let active = p.status == PersonStatus::Active;
        let suspended = p.status == PersonStatus::Suspended;
        Self { id: p.id, name: p.name, email: p.email, active, suspended, roles: p.roles }
    }
}

/// A person by id.
pub fn brief(conn: &mut Conn, id: PersonId) -> Result<Option<Brief>> {
    Ok(store::find(conn, id)?.map(Brief::from))
}

/// A person by address, in the form that `kernel::text::email` gives.
pub fn find_by_email(conn: &mut Conn, email: &str) -> Result<Option<Brief>> {
    Ok(store::find_by_email(conn, email)?.map(Brief::from))
}

/// Holds the person until the transaction ends, so that what is counted about them is not counted
/// by two at once.
pub fn hold(conn: &mut Conn, id: PersonId) -> Result<()> {
    store::lock(conn, id)
}

/// Keeps the person as they are until the transaction ends: neither suspended nor without a role
/// that they have. Others may do so at the same moment. Who they are by then.
pub fn kept(conn: &mut Conn, id: PersonId) -> Result<Option<Brief>> {
    Ok(store::keep(conn, id)?.map(Brief::from))
}

/// The same for all of these, whatever their order: who is read of them from here on stays so.
pub fn keep_all(conn: &mut Conn, ids: &BTreeSet<PersonId>) -> Result<()> {
    let ids: Vec<PersonId> = ids.iter().copied().collect();
    store::keep_all(conn, &ids)
}

/// Keeps the acting person as they are until the transaction ends. The service itself passes.
///
/// # Errors
/// 403 where they were suspended or lost a role since their request was let in.
pub fn keep_acting(conn: &mut Conn, ctx: &Ctx) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    let has_all = |person: &Brief| {
        Role::ALL.into_iter().all(|role| person.roles.has(role) || !ctx.actor.has(role))
    };
    if kept(conn, me)?.is_some_and(|person| person.active && has_all(&person)) {
        return Ok(());
    }
    let detail = "You were suspended or lost a role just now: nothing was done. Log in again.";
    Err(Problem::new(Kind::Forbidden, detail))
}

/// The names of these people; who is unknown is left out.
pub fn names(conn: &mut Conn, ids: &[PersonId]) -> Result<BTreeMap<PersonId, String>> {
    store::names(conn, ids)
}

/// The active people who hold a role, at most 200, oldest first.
pub fn holders(conn: &mut Conn, role: Role) -> Result<Vec<Brief>> {
    Ok(store::holders(conn, role, 200)?.into_iter().map(Brief::from).collect())
}

/// All the active people who hold a role, oldest first; `None` where they are more than `most`.
pub fn all_holders(conn: &mut Conn, role: Role, most: usize) -> Result<Option<Vec<Brief>>> {
    let limit = i64::try_from(most.saturating_add(1)).unwrap_or(i64::MAX);
    let found = store::holders(conn, role, limit)?;
    Ok((found.len() <= most).then(|| found.into_iter().map(Brief::from).collect()))
}

/// The person with this address, made if absent: confirmed, with these roles besides those they
/// have. For imports, demonstrations and the first admin; only the service itself may.
///
/// # Errors
/// An internal problem if a person acts.
pub fn ensure(
    conn: &mut Conn,
    ctx: &Ctx,
    email: &str,
    name: &str,
    password_hash: Option<PasswordHash>,
    roles: Roles,
) -> Result<(PersonId, bool)> {
    if !ctx.actor.is_system() {
        return Err(Problem::internal("only the service makes people"));
    }
    let registration = Registration { email: email.into(), name: name.into(), password_hash };
    let new = store::insert(conn, ctx.id(), &registration, ctx.now)?;
    let person = store::find_by_email(conn, email)?.ok_or_else(meanwhile)?;
    if new && !store::confirm(conn, person.id, ctx.now)? {
        return Err(meanwhile());
    }
    let person = store::find(conn, person.id)?.ok_or_else(meanwhile)?;
    let all: Roles = person.roles.iter().chain(roles.iter()).collect();
    if all != person.roles && !store::set_roles(conn, &person, all)? {
        return Err(meanwhile());
    }
    if all != person.roles {
        store::end_sessions(conn, person.id, None, EndReason::RolesChanged, ctx.now)?;
    }
    if new || all != person.roles {
        let names: Vec<&str> = all.iter().map(Role::as_str).collect();
        let change = Change {
            action: "ensure_person",
            object: ("person", person.id.uuid()),
            before: None,
            after: Some(json!({ "roles": names })),
        };
        audit::record(conn, ctx, change)?;
    }
    Ok((person.id, new))
}

/// The roles of everybody who is active and holds any, and whether they have a second factor: for
/// those who look after the service.
pub fn staff(conn: &mut Conn) -> Result<Vec<(Roles, bool)>> {
    store::staff(conn)
}

/// People with an account in common that are looked at; far more than have one.
const SHARERS: i64 = 2000;

/// Notes that somebody gave this account, as a keyed hash, as one of theirs.
pub fn note_account(conn: &mut Conn, ctx: &Ctx, person: PersonId, hash: &[u8]) -> Result<()> {
    store::note_account(conn, person, hash, ctx.now)
}

/// Everybody who gave an account that this person gave, themselves as well. They are held until the
/// transaction ends, and for each account the first of all who gave it: who else counts what goes
/// to one of those accounts waits here. `also` is held with them, who is [`kept`] afterwards.
pub fn hold_with_accounts(conn: &mut Conn, id: PersonId, also: PersonId) -> Result<Vec<PersonId>> {
    let shared = store::sharers(conn, id, SHARERS)?;
    let mut first: BTreeMap<&[u8], PersonId> = BTreeMap::new();
    for (account, person) in &shared {
        first.entry(account).or_insert(*person);
    }
    // In the order of ids: nobody waits in a ring.
    let held: BTreeSet<PersonId> = first.into_values().chain([id, also]).collect();
    held.into_iter().try_for_each(|person| store::lock(conn, person))?;
    let all: BTreeSet<PersonId> = shared.iter().map(|(_, person)| *person).chain([id]).collect();
    Ok(all.into_iter().collect())
}

/// Whether somebody ever gave an account that one of the others gave as well.
pub fn shares_account(conn: &mut Conn, person: PersonId, others: &[PersonId]) -> Result<bool> {
    Ok(!others.is_empty() && store::shares(conn, person, others)?)
}
