//! What an application comes from, and what goes on in its place: who looks at one for harm, or
//! keeps out of it, does so with what it was before.

use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// Most that are looked at.
const MOST: usize = 100;

/// The application, and all that went into it: what it took up, and what it was handed in again
/// from.
pub fn lineage(conn: &mut Conn, id: ApplicationId) -> Result<Vec<ApplicationId>> {
    Ok(lineages(conn, &[id])?.remove(&id).unwrap_or_default())
}

/// The same of several, by their ids.
pub fn lineages(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, Vec<ApplicationId>>> {
    let mut sources: BTreeMap<ApplicationId, Vec<ApplicationId>> = BTreeMap::new();
    let mut next = ids.to_vec();
    for _ in 0..MOST {
        next.retain(|id| !sources.contains_key(id));
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            break;
        }
        sources.extend(next.iter().map(|id| (*id, Vec::new())));
        let found = store::sources_of(conn, &next)?;
        next = found.iter().map(|(_, from)| *from).collect();
        for (into, from) in found {
            sources.entry(into).or_default().push(from);
        }
    }
    Ok(ids.iter().map(|id| (*id, walked(&sources, *id))).collect())
}

fn walked(
    sources: &BTreeMap<ApplicationId, Vec<ApplicationId>>,
    id: ApplicationId,
) -> Vec<ApplicationId> {
    let (mut all, mut next) = (vec![id], 0);
    while next < all.len() && all.len() < MOST {
        for source in sources.get(&all[next]).into_iter().flatten() {
            if !all.contains(source) {
                all.push(*source);
            }
        }
        next += 1;
    }
    all
}

/// What goes on in its place, once that was handed in; until then, itself.
pub fn heir(conn: &mut Conn, id: ApplicationId) -> Result<ApplicationId> {
    Ok(heirs(conn, &[id])?.remove(&id).unwrap_or(id))
}

/// The same of several, by their ids.
pub fn heirs(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, ApplicationId>> {
    let mut heirs: BTreeMap<_, _> = ids.iter().map(|id| (*id, *id)).collect();
    // Where each has come to, whether that was handed in or not.
    let mut last = heirs.clone();
    for _ in 0..MOST {
        let at: Vec<ApplicationId> = last.values().copied().collect();
        let after = if at.is_empty() { BTreeMap::new() } else { store::successors(conn, &at)? };
        last = last.into_iter().filter_map(|(id, at)| Some((id, *after.get(&at)?))).collect();
        let there: Vec<ApplicationId> = last.values().copied().collect();
        if there.is_empty() {
            break;
        }
        let all = super::facts_of(conn, &there)?;
        for (id, at) in &last {
            if all.get(at).is_some_and(|facts| facts.submitted_at.is_some()) {
                heirs.insert(*id, *at);
            }
        }
    }
    Ok(heirs)
}
