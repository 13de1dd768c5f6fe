//! One trace of requests on both databases: the same answers, to the byte. Ids, and hashes over
//! them, are compared by the order in which they came up; see [`crate::trace`].

use crate::promise::{Kept, On, Promise, Run, missing};
use crate::support::{Harness, Side};
use crate::trace::{Trace, served};

/// G11.
pub const SAME: Promise = Promise {
    id: "G11",
    says: "Both databases give the same answers to the same requests",
    short: "A story in which every operation succeeds, and 100 requests more, byte for byte",
    full: "The same, and 5,000 requests more over all operations, byte for byte",
    on: On::Once,
    run: same,
};

/// Of a hundred requests by chance, in every room, that many have to succeed in the full form.
const SHARE: usize = 10;

fn same(run: &Run) -> Kept {
    let with_both = |left: &Harness| {
        let both = Harness::try_run(Side::Postgres, |right| trace(run, [left, right]));
        both.unwrap_or_else(|why| missing("ALMONER_REQUIRE_POSTGRES", &why))
    };
    Harness::try_run(Side::Sqlite, with_both)?
}

fn trace(run: &Run, both: [&Harness; 2]) -> Kept {
    let [one, other] = both.map(served);
    let mut trace = Trace::new(&[(&one, both[0]), (&other, both[1])])?;
    trace.tell_the_story()?;
    let story = trace.asked();
    trace.look_for_the_rest()?;
    let first = trace.asked();
    trace.by_chance(run.much(100, 5_000))?;
    let (room, least) = trace.least();
    if run.full && least < SHARE {
        return Err(format!("of requests by chance in {room} only {least} % succeeded"));
    }
    Ok(format!(
        "{} answers identical: {story} of the story, {} to look for the rest, {} by chance, of \
         which {} % succeeded ({room}: {least} %); {}",
        trace.asked(),
        first - story,
        trace.asked() - first,
        trace.share(),
        trace.counts(),
    ))
}
