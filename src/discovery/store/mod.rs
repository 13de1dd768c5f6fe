//! The words of documents, saved searches, and what may stand in a queue.

mod again;
mod alike;
mod queue;
mod saved;
mod search;

pub(super) use again::{closed, refresh, stale};
pub(super) use alike::{keep, same_people, sharing, signature, take, text, uncompared};
pub(super) use queue::{Purse, Whose, lapsing, pressing};
pub(super) use saved::{
    NewSearch, count, delete, due, find, full_at, insert, list, lock, move_on, opened_between,
    stop, update,
};
pub(super) use search::{Found, Tier, documents, find as found, holding, matching, top};
