//! Use-cases of discovery.

mod digest;
mod queue;
mod saved;
mod search;

pub use queue::queue;
pub use saved::{create, delete, edit, get, list, unsubscribe};
pub use search::{Place, search};

pub(super) use digest::{due, tell};
