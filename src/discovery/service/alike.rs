//! Pointing out what is alike: near-duplicate texts, and other applications of the same people.

use crate::applications;
use crate::applications::service::Among;
use crate::discovery::model::Similar;
use crate::discovery::rules::Signature;
use crate::discovery::store;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// Texts that share this much are told, in hundredths.
const ALIKE: i64 = 30;
/// Texts to a band, and applications of the same people, that are looked at.
const EACH: i64 = 50;
/// Applications that are told.
const TOLD: usize = 50;

/// Applications whose text is to be looked at again, up to `limit`.
pub(in crate::discovery) fn uncompared(conn: &mut Conn, limit: i64) -> Result<Vec<ApplicationId>> {
    store::uncompared(conn, limit)
}

/// Keeps the signature of an application's text as it is now.
pub(in crate::discovery) fn sign(conn: &mut Conn, _: &Ctx, id: ApplicationId) -> Result<()> {
    if !store::take(conn, id)? {
        return Ok(());
    }
    let Some((version, text)) = store::text(conn, id)? else { return Ok(()) };
    let signature = Signature::of(&text);
    let kept = signature.as_ref().map(|s| (s.bytes(), s.bands()));
    let kept = kept.as_ref().map(|(bytes, bands)| (bytes.as_slice(), bands.as_slice()));
    store::keep(conn, (id, version), kept)
}

/// What is like an application: those whose texts share much first, then others of the same people;
/// only what the actor would come across in a list.
///
/// # Errors
/// 404 for an application out of sight, or whose likes are not the actor's to know.
pub fn similar(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Vec<Similar>> {
    applications::service::visible(conn, ctx, id)?;
    authz::require(ctx, Action::ListSimilarApplications, &[])?;
    let mut found: BTreeMap<ApplicationId, (i64, bool)> = BTreeMap::new();
    let own = store::signature(conn, id)?.and_then(|bytes| Signature::read(&bytes));
    if let Some(own) = own {
        for (other, bytes) in store::sharing(conn, id, &own.bands(), EACH)? {
            let shares = Signature::read(&bytes).map_or(0, |theirs| own.shares(&theirs));
            if shares >= ALIKE {
                found.insert(other, (shares, false));
            }
        }
    }
    for other in store::same_people(conn, id, EACH)? {
        found.entry(other).or_insert((0, true)).1 = true;
    }
    let mut ids: Vec<ApplicationId> = found.keys().copied().collect();
    ids.sort_unstable_by_key(|id| (found.get(id).map(|(s, _)| -s), std::cmp::Reverse(*id)));
    let mut told = Vec::new();
    for some in ids.chunks(100) {
        let rows = applications::service::among(conn, ctx, some, Among::default())?;
        let mut rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        for id in some {
            let (Some(row), Some((shares, people))) = (rows.remove(id), found.get(id)) else {
                continue;
            };
            told.push(Similar { row, text_shared: *shares, same_people: *people });
        }
    }
    told.truncate(TOLD);
    Ok(told)
}
