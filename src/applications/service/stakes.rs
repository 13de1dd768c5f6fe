//! Who keeps out of deciding on an application, and of what is written for those who decide.

use crate::applications::store;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::people;
use crate::people::service::Brief;
use crate::platform::db::Conn;
use std::collections::BTreeSet;

/// Those of some applications in which somebody has a stake: they are on it as
/// [`super::is_on`] knows it.
pub fn on_which(
    conn: &mut Conn,
    person: PersonId,
    ids: &[ApplicationId],
) -> Result<BTreeSet<ApplicationId>> {
    let Some(brief) = people::service::brief(conn, person)?.filter(|_| !ids.is_empty()) else {
        return Ok(BTreeSet::new());
    };
    let stood_for = delegations::service::stood_for_whom(conn, person)?;
    let mut found = BTreeSet::new();
    for (id, applicant, since) in store::applicants(conn, ids)? {
        let stood = stood_for.iter().any(|(principal, until)| {
            *principal == applicant && until.is_none_or(|until| until >= since)
        });
        if applicant == person || stood {
            found.insert(id);
        }
    }
    found.extend(store::teams_of(conn, ids, (person, &brief.email))?);
    Ok(found)
}

/// The same, and those with which they declared a conflict.
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
