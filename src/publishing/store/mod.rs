//! Rows that are public, and decisions on what is published.

mod announcements;
mod publications;
mod shown;

pub(super) use announcements::{
    announcement, announcement_of, announcements, await_announcement, expire_announcement,
    hold_announcement, insert_announcement, is_awaited, overdue_announcements,
    receive_announcement,
};
pub(super) use publications::{decision, decisions, keep};
pub(super) use shown::{
    AppRow, GrantRow, application, applications, awarded, feed, grant, grant_feed, grants,
};
