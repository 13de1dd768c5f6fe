//! The mark of a database that was put back from a backup. What was sent to the bank since is not
//! in it: as long as the mark stands, nothing more is sent.

use super::super::{Conn, meta};
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use serde::{Deserialize, Serialize};

/// Its name among the facts about the database.
const KEY: &str = "restored";
/// Under this name it stays once the bank was asked.
const ASKED: &str = "reconciled";

/// From which backup the database was put back, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When the backup was begun.
    pub made_at: Instant,
    /// When it was put back.
    pub put_back_at: Instant,
}

impl Mark {
    /// What it means, and what to do.
    pub fn says(&self) -> String {
        format!(
            "The database was put back from a backup of {}: payments that were sent after that are \
             not in it, and would be sent again. Compare with the bank's statements since then, \
             note what the bank has paid already, and then run almoner reconciled --yes. Put that \
             into a batch of its own, or leave it in the one that it is in; send its file to \
             nobody, and settle it with a word in \"paid_without_file\".",
            self.made_at
        )
    }
}

/// The mark, where the bank has still to be asked.
pub fn standing(conn: &mut Conn) -> Result<Option<Mark>> {
    let text = meta::get(conn, KEY)?;
    text.map(|text| serde_json::from_str(&text).map_err(Problem::internal)).transpose()
}

/// Marks a database that was put back. Where the backup has a mark itself, it says since when the
/// bank was not asked.
pub fn set(conn: &mut Conn, made_at: Instant, put_back_at: Instant) -> Result<Mark> {
    let before = standing(conn)?;
    let made_at = before.map_or(made_at, |before| before.made_at.min(made_at));
    let mark = Mark { made_at, put_back_at };
    let text = serde_json::to_string(&mark).map_err(Problem::internal)?;
    meta::put(conn, KEY, &text)?;
    Ok(mark)
}

/// Takes the mark away: the bank was asked.
pub fn clear(conn: &mut Conn) -> Result<()> {
    if let Some(mark) = meta::get(conn, KEY)? {
        meta::put(conn, ASKED, &mark)?;
    }
    meta::remove(conn, KEY)
}

/// Whether the database was put back since then: what was sent before it, it may not know.
pub fn put_back_since(conn: &mut Conn, at: Instant) -> Result<bool> {
    let Some(text) = meta::get(conn, ASKED)? else { return Ok(false) };
    let mark: Mark = serde_json::from_str(&text).map_err(Problem::internal)?;
    Ok(at < mark.put_back_at)
}

/// Refuses what goes to the bank while the mark stands.
///
/// # Errors
/// 409 with what to do.
pub fn must_be_reconciled(conn: &mut Conn) -> Result<()> {
    match standing(conn)? {
        Some(mark) => Err(Problem::wrong_state(mark.says())),
        None => Ok(()),
    }
}
