//! Rows that are public, and decisions on what is published.

mod publications;
mod shown;

pub(super) use publications::{decision, decisions, keep};
pub(super) use shown::{
    AppRow, GrantRow, application, applications, feed, grant, grant_feed, grants,
};
