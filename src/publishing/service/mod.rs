//! Use-cases of what is public.

mod decide;
mod feeds;
mod show;

pub use decide::{decide, decided_with_import, decision, decisions};
pub use feeds::{application_feed, call_feed, grant_feed};
pub use show::{application, applications, grant, grants};
