//! Who keeps out of deciding on an application, and of what is written for those who decide.

use super::lineage::lineages;
use crate::applications::store;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
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
    let (mut found, asked) = involved(conn, person, ids)?;
    // An invitation that nobody has answered is to one application alone.
    found.extend(asked);
    found.retain(|id| ids.contains(id));
    Ok(found)
}

/// Whether somebody is on an application as [`super::is_on`] knows it, and was not only asked.
pub fn belongs_to(conn: &mut Conn, id: ApplicationId, person: PersonId) -> Result<bool> {
    Ok(involved(conn, person, &[id])?.0.contains(&id))
}

/// The applications that make somebody be on these, and those of the teams that they have a place
/// on or are asked onto.
fn involved(
    conn: &mut Conn,
    person: PersonId,
    ids: &[ApplicationId],
) -> Result<(BTreeSet<ApplicationId>, Vec<ApplicationId>)> {
    let Some(brief) = people::service::brief(conn, person)?.filter(|_| !ids.is_empty()) else {
        return Ok((BTreeSet::new(), Vec::new()));
    };
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
    let teams = store::teams_of(conn, &[ids, past.as_slice()].concat(), (person, &brief.email))?;
    let was = teams.iter().filter(|(_, whose)| *whose == Some(person));
    let mut found: BTreeSet<ApplicationId> = was.map(|(id, _)| *id).collect();
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
    Ok((found, teams.into_iter().map(|(id, _)| id).collect()))
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

/// Whether somebody is on an application, was or stood for who applies, or declared a conflict.
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
