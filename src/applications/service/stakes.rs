//! Who keeps out of deciding on an application, and of what is written for those who decide.

use super::lineage::{lineage, lineages};
use crate::applications::store;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::people;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeSet;

/// Those of some applications in which somebody has a stake: they are on it as
/// [`super::is_on`] knows it. Of what has come from no other one, nothing more is asked for.
pub fn on_which(
    conn: &mut Conn,
    person: PersonId,
    ids: &[ApplicationId],
) -> Result<BTreeSet<ApplicationId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let stood_for = delegations::service::stood_for_whom(conn, person)?;
    let mut applied = store::applicants(conn, ids)?;
    let come = applied.iter().filter(|(.., took, made)| *took || *made);
    let come: Vec<ApplicationId> = come.map(|(id, ..)| *id).collect();
    let lineages = lineages(conn, &come)?;
    let past = lineages.values().flatten().filter(|id| !ids.contains(id));
    let past: Vec<ApplicationId> = past.copied().collect::<BTreeSet<_>>().into_iter().collect();
    if !past.is_empty() {
        applied.extend(store::applicants(conn, &past)?);
    }
    let teams = store::teams_of(conn, &[ids, past.as_slice()].concat(), person)?;
    let mut found: BTreeSet<ApplicationId> = teams.into_iter().collect();
    for (id, applicant, since, ..) in applied {
        let stood = stood_for.iter().any(|(principal, until)| {
            *principal == applicant && until.is_none_or(|until| until >= since)
        });
        if applicant == person || stood {
            found.insert(id);
        }
    }
    let on = |all: &Vec<ApplicationId>| all.iter().any(|id| found.contains(id));
    let come = lineages.iter().filter(|(_, all)| on(all)).map(|(id, _)| *id);
    let come: Vec<ApplicationId> = come.collect();
    found.extend(come);
    found.retain(|id| ids.contains(id));
    Ok(found)
}

/// Everybody who is on an application as [`super::is_on`] knows it.
pub(super) fn all_on(conn: &mut Conn, id: ApplicationId) -> Result<BTreeSet<PersonId>> {
    let past = lineage(conn, id)?;
    let mut people: BTreeSet<PersonId> = store::ever_on(conn, &past)?.into_iter().collect();
    for (_, applicant, since, ..) in store::applicants(conn, &past)? {
        people.insert(applicant);
        people.extend(delegations::service::stood_by(conn, applicant, since)?);
    }
    Ok(people)
}

/// [`on_which`], and those with which they declared a conflict.
pub fn stakes(
    conn: &mut Conn,
    person: PersonId,
    ids: &[ApplicationId],
) -> Result<BTreeSet<ApplicationId>> {
    let mut found = on_which(conn, person, ids)?;
    found.extend(store::declared_by(conn, ids, person)?);
    Ok(found)
}

/// Whether somebody is on an application, was or stood for who applies, or declared a conflict; not
/// who was only asked onto its team.
pub fn has_stake(conn: &mut Conn, person: PersonId, id: ApplicationId) -> Result<bool> {
    Ok(!stakes(conn, person, &[id])?.is_empty())
}

/// Those of some applications whose offers the actor reads, also those that wait for a second
/// person: they look after all applications and have no stake in these.
pub fn offers_read(
    conn: &mut Conn,
    ctx: &Ctx,
    ids: &[ApplicationId],
) -> Result<BTreeSet<ApplicationId>> {
    let mut all = BTreeSet::new();
    if ids.is_empty() || !ctx.actor.is_sponsor() {
        return Ok(all);
    }
    all.extend(ids.iter().copied());
    if let Some(me) = ctx.actor.person() {
        let theirs = stakes(conn, me, ids)?;
        all.retain(|id| !theirs.contains(id));
    }
    Ok(all)
}

/// Those of these people who have no stake in an application: the others may not decide on it.
pub fn without_stake(conn: &mut Conn, id: ApplicationId, people: Vec<Brief>) -> Result<Vec<Brief>> {
    let mut free = Vec::with_capacity(people.len());
    for person in people {
        if !has_stake(conn, person.id, id)? {
            free.push(person);
        }
    }
    Ok(free)
}

/// Whoever decides in a call, but for `but`, if they have no stake in an application of it; where
/// nobody is left, all other admins who have none.
pub fn free_deciders(
    conn: &mut Conn,
    (id, call): (ApplicationId, CallId),
    but: Option<PersonId>,
) -> Result<Vec<Brief>> {
    let named = super::deciders(conn, call, but)?;
    let free = without_stake(conn, id, named)?;
    if !free.is_empty() {
        return Ok(free);
    }
    let mut admins = people::service::holders(conn, Role::Admin)?;
    admins.retain(|admin| Some(admin.id) != but);
    without_stake(conn, id, admins)
}
