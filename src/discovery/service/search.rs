//! Searching.

use crate::agendas;
use crate::applications;
use crate::applications::model::ApplicationRow;
use crate::applications::service::{Among, Sight};
use crate::discovery::model::Asked;
use crate::discovery::rules::{self, Wanted};
use crate::discovery::store::{self, Found, Tier};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, Id, of};
use crate::kernel::page::{self, Page, PageOf};
use crate::kernel::problem::Problem;
use crate::platform::auth::seal;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::search::words;
use std::collections::BTreeMap;

/// Documents to one look, besides those of a page.
const MORE: usize = 13;
/// Looks to a page: one that is not full by then is short.
const LOOKS: usize = 12;
/// Applications of one's own, newest first, that are found among all others.
const THEIRS: i64 = 200;

/// Where a page goes on: below this document, among those of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    tier: Tier,
    before: i64,
}

impl Place {
    const FIRST: Place = Place { tier: Tier::Title, before: i64::MAX };

    /// As a cursor. How many documents there are is nobody's business: a pad hides the number, and
    /// shows that a cursor is one of ours.
    fn cursor(self, ctx: &Ctx) -> Id<of::Found> {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&ctx.id::<of::Found>().uuid().into_bytes()[12..]);
        bytes[7] = tier_number(self.tier);
        bytes[8..].copy_from_slice(&self.before.to_be_bytes());
        let pad = pad(ctx, &bytes);
        bytes[4..7].copy_from_slice(&pad[16..19]);
        Id::from_uuid(uuid::Uuid::from_bytes(under(&pad, bytes)))
    }
    /// From a cursor.
    fn read(ctx: &Ctx, cursor: Id<of::Found>) -> Option<Self> {
        let bytes = cursor.uuid().into_bytes();
        let pad = pad(ctx, &bytes);
        if bytes[4..7] != pad[16..19] {
            return None;
        }
        let bytes = under(&pad, bytes);
        let tier = Tier::ALL.into_iter().find(|tier| tier_number(*tier) == bytes[7])?;
        let before = i64::from_be_bytes(bytes[8..].try_into().ok()?);
        (before > 0).then_some(Self { tier, before })
    }
}

fn tier_number(tier: Tier) -> u8 {
    match tier {
        Tier::Title => 0xA1,
        Tier::Lead => 0xB2,
        Tier::Text => 0xC3,
    }
}

/// The pad of a cursor; it belongs to its first four bytes.
fn pad(ctx: &Ctx, bytes: &[u8; 16]) -> [u8; 32] {
    seal::equality(&ctx.env.keys, "search.cursor", &bytes[..4])
}

/// The last nine bytes under a pad, or out from under it.
fn under(pad: &[u8; 32], mut bytes: [u8; 16]) -> [u8; 16] {
    for (byte, pad) in bytes[7..].iter_mut().zip(pad) {
        *byte ^= *pad;
    }
    bytes
}

/// What is looked for, and by whom.
struct Look {
    words: Vec<String>,
    /// Marks of the filters.
    filters: Vec<Vec<String>>,
    /// Those, and the one that all documents carry.
    marks: Vec<Vec<String>>,
    among: Among,
    sight: Sight,
}

impl Look {
    fn new(conn: &mut Conn, ctx: &Ctx, asked: &Asked, wanted: Wanted) -> Result<Self> {
        let words = wanted.text.as_deref().map(words).unwrap_or_default();
        let mut filters = wanted.marks;
        if let Some(id) = asked.agenda_id {
            let directions = agendas::service::with_narrower(conn, &[id])?;
            filters.push(rules::about(&directions));
        }
        let mut marks = filters.clone();
        marks.push(vec!["anyx".to_owned()]);
        let sight = applications::service::sight(conn, ctx)?;
        let among = Among { status: asked.status, call_id: asked.call_id, amounts: wanted.amounts };
        Ok(Self { words, filters, marks, among, sight })
    }
    /// Without words there is one tier: everything.
    fn first(&self) -> Tier {
        if self.words.is_empty() { Tier::Text } else { Tier::Title }
    }
}

/// What is looked for page by page.
struct Walk {
    look: Look,
    /// Marks of the filters and of what the actor may come across.
    scoped: Vec<Vec<String>>,
    /// The documents of what is the actor's own.
    theirs: BTreeMap<i64, ApplicationId>,
    /// All documents are below it.
    top: i64,
}

impl Walk {
    fn new(conn: &mut Conn, ctx: &Ctx, look: Look) -> Result<Self> {
        let mut scoped = look.filters.clone();
        let mut theirs = BTreeMap::new();
        if ctx.actor.is_sponsor() {
            scoped.push(vec!["anyx".to_owned()]);
        } else {
            scoped.push(rules::scope(look.sight.backs()));
            if ctx.actor.person().is_some() {
                let ids = applications::service::theirs(conn, &look.sight, THEIRS)?;
                theirs.extend(store::documents(conn, &ids)?);
            }
        }
        let top = store::top(conn)?;
        Ok(Self { look, scoped, theirs, top })
    }
    /// The documents of one look, newest first, and where the next one goes on in this tier.
    fn batch(
        &self,
        conn: &mut Conn,
        place: Place,
        size: usize,
    ) -> Result<(Vec<Found>, Option<i64>)> {
        let Place { tier, before } = place;
        let Look { words, marks, .. } = &self.look;
        let below = (before.min(self.top), size);
        let mut found = store::found(conn, tier, (words, &self.scoped), below)?;
        let floor = found.last().filter(|_| found.len() == size).map(|last| last.doc);
        let docs: Vec<i64> = found.iter().map(|f| f.doc).collect();
        let theirs: Vec<i64> =
            self.theirs.range(floor.unwrap_or(0)..before).map(|(doc, _)| *doc).collect();
        found.extend(store::matching(conn, tier, (words, marks), &theirs)?);
        found.sort_unstable_by_key(|f| std::cmp::Reverse(f.doc));
        found.dedup();
        if let Some(better) = tier.better().filter(|_| !words.is_empty()) {
            let mut shown = store::holding(conn, better, (words, &self.scoped), &docs)?;
            let own = store::matching(conn, better, (words, marks), &theirs)?;
            shown.extend(own.into_iter().map(|f| f.doc));
            found.retain(|f| !shown.contains(&f.doc));
        }
        if tier == Tier::Text && !words.is_empty() {
            let ids: Vec<ApplicationId> = found.iter().map(|f| f.application_id).collect();
            let closed = store::closed(conn, &ids)?;
            found.retain(|f| !closed.contains(&f.application_id));
        }
        Ok((found, floor))
    }
}

/// Applications that were handed in and that the actor may come across, which hold all words and
/// meet all filters: those with the words in the title first, then in title and summary, then
/// anywhere; the newest first among each.
///
/// # Errors
/// 422 with each filter that is wrong.
pub fn search(
    conn: &mut Conn,
    ctx: &Ctx,
    asked: &Asked,
    page: &PageOf<of::Found>,
) -> Result<Page<ApplicationRow>> {
    authz::require(ctx, Action::SearchApplications, &[])?;
    let wanted = rules::wanted(asked, "?")?;
    let bad = || {
        let says = "send the `next` of the page before, unchanged";
        Problem::field("?after", "malformed", says)
    };
    let after = page.after.map(|cursor| Place::read(ctx, cursor).ok_or_else(bad)).transpose()?;
    let typed = wanted.text.as_deref().is_some_and(|text| !text.is_empty());
    let look = Look::new(conn, ctx, asked, wanted)?;
    let hidden = match asked.call_id {
        Some(call) => !look.sight.may_ask(conn, ctx, (call, false))?,
        None => false,
    };
    // Signs alone are in no text; and of a private call not even a `next` tells that it is there.
    if hidden || (typed && look.words.is_empty()) {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let start = after.unwrap_or(Place { tier: look.first(), ..Place::FIRST });
    let limit = usize::try_from(page.limit).unwrap_or(0);
    let walk = Walk::new(conn, ctx, look)?;
    let (items, next) = collect(conn, ctx, &walk, start, limit)?;
    Ok(Page { items, next: next.map(|place| page::encode(place.cursor(ctx))) })
}

/// Looks until the page is full, there is nothing left, or it was enough.
fn collect(
    conn: &mut Conn,
    ctx: &Ctx,
    walk: &Walk,
    start: Place,
    limit: usize,
) -> Result<(Vec<ApplicationRow>, Option<Place>)> {
    let Look { sight, among, .. } = &walk.look;
    let mut items: Vec<ApplicationRow> = Vec::new();
    let mut place = Some(start);
    for _ in 0..LOOKS {
        let Some(here) = place else { break };
        let (found, floor) = walk.batch(conn, here, limit + MORE)?;
        let ids: Vec<ApplicationId> = found.iter().map(|f| f.application_id).collect();
        let rows = applications::service::among(conn, ctx, sight, &ids, *among)?;
        let mut rows: BTreeMap<ApplicationId, ApplicationRow> =
            rows.into_iter().map(|row| (row.id, row)).collect();
        for f in &found {
            let Some(row) = rows.remove(&f.application_id) else { continue };
            if items.len() == limit {
                // One more than the page holds: it begins the next.
                return Ok((items, Some(Place { before: f.doc + 1, ..here })));
            }
            items.push(row);
        }
        place = match floor {
            Some(floor) => Some(Place { before: floor, ..here }),
            None => Tier::ALL
                .into_iter()
                .find(|tier| *tier > here.tier)
                .map(|tier| Place { tier, ..Place::FIRST }),
        };
    }
    Ok((items, place))
}

/// Applications that are to be found anew, up to `limit`.
pub(in crate::discovery) fn stale(conn: &mut Conn, limit: i64) -> Result<Vec<ApplicationId>> {
    store::stale(conn, limit)
}

/// Has an application found by what may be read of it now.
pub(in crate::discovery) fn refresh(conn: &mut Conn, _: &Ctx, id: ApplicationId) -> Result<()> {
    store::refresh(conn, id)
}

/// Which of some applications the actor would find now; for digests.
pub(super) fn matches(
    conn: &mut Conn,
    ctx: &Ctx,
    asked: &Asked,
    ids: &[ApplicationId],
) -> Result<Vec<ApplicationRow>> {
    let wanted = rules::wanted(asked, "/asked/")?;
    let typed = wanted.text.as_deref().is_some_and(|text| !text.is_empty());
    let look = Look::new(conn, ctx, asked, wanted)?;
    if typed && look.words.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    for some in ids.chunks(100) {
        let docs = store::documents(conn, some)?;
        let docs: Vec<i64> = docs.into_iter().map(|(doc, _)| doc).collect();
        let mut found = store::matching(conn, Tier::Text, (&look.words, &look.marks), &docs)?;
        let closed = store::closed(conn, some)?;
        if !closed.is_empty() {
            let lead = store::matching(conn, Tier::Lead, (&look.words, &look.marks), &docs)?;
            found.retain(|f| !closed.contains(&f.application_id) || lead.contains(f));
        }
        let found: Vec<ApplicationId> = found.into_iter().map(|f| f.application_id).collect();
        rows.extend(applications::service::among(conn, ctx, &look.sight, &found, look.among)?);
    }
    Ok(rows)
}
