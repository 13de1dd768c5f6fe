//! What the last check found, as it is kept.

use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::ledger::service::CheckReport;
use crate::platform::db::{Conn, meta};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Its name among the facts about the database.
const KEY: &str = "ledger.check";

/// A check that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// When it began.
    pub at: Instant,
    /// Whether every invariant held.
    pub holds: bool,
    /// Entries looked at.
    pub entries: u64,
    /// Number of the newest sealed entry.
    pub sealed: i64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What broke the first invariant that did not hold.
    pub first: Option<String>,
}

impl Checked {
    /// What a check found.
    pub fn of(report: &CheckReport, at: Instant, took: Duration) -> Self {
        let broken = report.findings.iter().find(|f| !f.holds);
        Self {
            at,
            holds: report.holds,
            entries: report.entries,
            sealed: report.sealed,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            first: broken.map(|f| f.first.clone().unwrap_or_else(|| f.says.to_owned())),
        }
    }
}

/// Keeps it in place of the one before.
pub fn keep_check(conn: &mut Conn, checked: &Checked) -> Result<()> {
    let text = serde_json::to_string(checked).map_err(Problem::internal)?;
    meta::put(conn, KEY, &text)
}

/// The last check; none if there was none.
pub fn last_check(conn: &mut Conn) -> Result<Option<Checked>> {
    Ok(meta::get(conn, KEY)?.and_then(|text| serde_json::from_str(&text).ok()))
}
