//! Use-cases of discovery.

mod alike;
mod digest;
mod queue;
mod saved;
mod search;

pub use alike::{reviewed, reviews_of, similar};
pub use queue::queue;
pub use saved::{create, delete, edit, get, list, unsubscribe};
pub use search::{Place, search};

pub(super) use alike::{sign, uncompared};
pub(super) use digest::{due, tell};
pub(super) use search::{refresh, stale};
