//! Pointing out what is alike: near-duplicate texts, and other applications of the same people.

use crate::applications;
use crate::applications::service::Among;
use crate::discovery::model::{
    Alike, Likeness, ReviewedAndAlike, ReviewsAndAlike, Similar, SimilarList,
};
use crate::discovery::rules::Signature;
use crate::discovery::store;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ReviewId};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews;
use std::collections::{BTreeMap, BTreeSet};

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
/// only what the actor would come across in a list, and to its reviewers the names of the others.
/// In a blind call nothing is told that names who applies; nor of what the actor reviews blind
/// elsewhere.
///
/// # Errors
/// 404 for an application out of sight that the actor does not review, or whose likes are not
/// theirs to know; 403 and 409 for its reviewer who is partial to it by now.
pub fn similar(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<SimilarList> {
    let blind = match ctx.actor.person() {
        Some(me) => reviews::service::reads_blind(conn, id, me)?,
        None => None,
    };
    if blind.is_none() {
        applications::service::visible(conn, ctx, id)?;
    }
    authz::require(ctx, Action::ListSimilarApplications, &[])?;
    let (found, ids) = likes(conn, id)?;
    let hides = blind == Some(true);
    let mut told = SimilarList::default();
    let apart = match ctx.actor.person() {
        Some(me) => reviews::service::blind_to(conn, &ids, me)?,
        None => BTreeSet::new(),
    };
    let sight = applications::service::sight(conn, ctx)?;
    for some in ids.chunks(100) {
        let rows = match hides {
            true => Vec::new(),
            false => applications::service::among(conn, ctx, &sight, some, Among::default())?,
        };
        let mut rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        rows.retain(|id, _| !apart.contains(id));
        let unseen: Vec<ApplicationId> = match blind {
            Some(_) => some.iter().copied().filter(|id| !rows.contains_key(id)).collect(),
            None => Vec::new(),
        };
        let others = applications::service::facts_handed_in(conn, &unseen)?;
        for id in some {
            let Some((shares, people)) = found.get(id) else { continue };
            let hides = hides || apart.contains(id);
            if let Some(row) = rows.remove(id) {
                told.items.push(Similar { row, text_shared: *shares, same_people: *people });
            } else if blind.is_some() && (*shares > 0 || !hides) {
                // What somebody has not handed in is nobody's to know.
                let facts = others.get(id).filter(|facts| facts.submitted_at.is_some());
                let Some(facts) = facts else { continue };
                told.others.push(Likeness {
                    title: facts.title.clone(),
                    text_shared: *shares,
                    same_people: (!hides).then_some(*people),
                });
            }
        }
    }
    told.items.truncate(TOLD);
    told.others.truncate(TOLD);
    Ok(told)
}

/// An application for its reviewer, and how many are like it.
///
/// # Errors
/// As [`reviews::service::application`].
pub fn reviewed(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<ReviewedAndAlike> {
    let application = reviews::service::application(conn, ctx, id)?;
    let alike = alike(conn, ctx, application.id)?;
    Ok(ReviewedAndAlike { application, alike })
}

/// All reviews of an application for those who decide, and how many are like it.
///
/// # Errors
/// As [`reviews::service::of_application`].
pub fn reviews_of(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<ReviewsAndAlike> {
    let reviews = reviews::service::of_application(conn, ctx, id)?;
    Ok(ReviewsAndAlike { reviews, alike: alike(conn, ctx, id)? })
}

/// How many are like an application that the actor reads to review it, or to decide on that. What
/// is hidden from them in [`similar`] is not counted.
fn alike(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Alike> {
    let (found, ids) = likes(conn, id)?;
    let (blind, apart) = match ctx.actor.person() {
        Some(me) => (
            reviews::service::reviews_blind(conn, id, me)?,
            reviews::service::blind_to(conn, &ids, me)?,
        ),
        None => (None, BTreeSet::new()),
    };
    let (mut texts, mut people) = (0, 0);
    for some in ids.chunks(100) {
        for (other, facts) in applications::service::facts_of(conn, some)? {
            let Some((shares, same)) = found.get(&other) else { continue };
            // What somebody has not handed in is nobody's to know.
            if facts.submitted_at.is_none() {
                continue;
            }
            let apart = apart.contains(&other);
            texts += usize::from(*shares > 0 && (blind.is_some() || !apart));
            people += usize::from(*same && !apart);
        }
    }
    Ok(Alike { texts, same_people: (blind != Some(true)).then_some(people) })
}

/// How much each shares of its text, and whether people; by id, and the ids in the order that they
/// are told in.
type Likes = (BTreeMap<ApplicationId, (i64, bool)>, Vec<ApplicationId>);

fn likes(conn: &mut Conn, id: ApplicationId) -> Result<Likes> {
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
    Ok((found, ids))
}
