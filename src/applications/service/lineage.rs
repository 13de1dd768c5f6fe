//! What an application comes from, and what goes on in its place: who looks at one for harm, or
//! keeps out of it, does so with what it was before.

use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::db::Conn;

/// Most that are looked at.
const MOST: usize = 100;

/// The application, and all that went into it: what it took up, and what it was handed in again
/// from.
pub fn lineage(conn: &mut Conn, id: ApplicationId) -> Result<Vec<ApplicationId>> {
    let (mut all, mut next) = (vec![id], 0);
    while next < all.len() && all.len() < MOST {
        for source in store::sources(conn, all[next])? {
            if !all.contains(&source) {
                all.push(source);
            }
        }
        next += 1;
    }
    Ok(all)
}

/// What goes on in its place, once that was handed in; until then, itself.
pub fn heir(conn: &mut Conn, id: ApplicationId) -> Result<ApplicationId> {
    let (mut heir, mut last) = (id, id);
    for _ in 0..MOST {
        let Some(next) = store::successor(conn, last)? else { break };
        last = next;
        if super::facts(conn, last)?.is_some_and(|facts| facts.submitted_at.is_some()) {
            heir = last;
        }
    }
    Ok(heir)
}
