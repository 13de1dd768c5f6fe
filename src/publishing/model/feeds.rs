//! What a feed holds.

use crate::kernel::time::Instant;

/// An entry of a feed.
#[derive(Debug, Clone)]
pub struct FeedEntry {
    /// Stays the same for good.
    pub id: uuid::Uuid,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Its page.
    pub page: String,
    /// When it was handed in, or awarded; this stays the same.
    pub published: Instant,
    /// When it last changed in a way that matters.
    pub updated: Instant,
}

/// A feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// What it holds.
    pub title: String,
    /// Its own address.
    pub address: String,
    /// The newest first.
    pub entries: Vec<FeedEntry>,
}
