//! Grants that are at their end.

use crate::grants::model::GrantStatus;
use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::platform::db::Conn;
use crate::platform::db::schema::{checkpoints, grants, reports};
use crate::progress::model::{CheckpointStatus, ReportStatus};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// Grants of which nothing is left to release or to pay, the oldest first. Of one that is not wound
/// down, each report is accepted and each checkpoint decided as well: what is wound down waits for
/// none, for what they were to release was cancelled.
pub(in crate::progress) fn to_close(conn: &mut Conn, limit: i64) -> Result<Vec<GrantId>> {
    use GrantStatus::{Active, Paused, WindingDown};
    let unread = reports::table
        .filter(reports::grant_id.eq(grants::id))
        .filter(reports::status.ne(ReportStatus::Accepted));
    let undecided = checkpoints::table
        .filter(checkpoints::grant_id.eq(grants::id))
        .filter(checkpoints::status.ne(CheckpointStatus::Decided));
    let all_heard = not(exists(unread)).and(not(exists(undecided)));
    Ok(grants::table
        .filter(grants::status.eq_any([Active, Paused, WindingDown]))
        .filter(grants::nothing_left)
        .filter(grants::status.eq(WindingDown).or(all_heard))
        .order(grants::id.asc())
        .limit(limit)
        .select(grants::id)
        .load(conn)?)
}
