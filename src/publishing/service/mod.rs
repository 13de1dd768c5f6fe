//! Use-cases of what is public.

mod announce;
mod decide;
mod feeds;
mod left;
mod letters;
mod show;

pub use announce::{
    ListAnnouncements, announce, announcement, announcements, awaited, may_announce, offer_earmark,
    reassign, receive,
};
pub(super) use announce::{expire, not_received, overdue};
pub use decide::{decide, decided_with_import, decision, decisions};
pub use feeds::{application_feed, call_feed, grant_feed};
pub(super) use left::{cancelled, ended, granted, stranded};
pub use show::{application, applications, grant, grants};
