//! Figures about decisions.

use crate::kernel::ids::CallId;
use crate::kernel::time::Date;
use serde::Serialize;

/// How long something took, in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Figure {
    /// Whether there were fewer than five, so that nothing more is told.
    pub suppressed: bool,
    /// How many there were.
    pub count: Option<i64>,
    /// Within so many days at least half of them were done.
    pub median_days: Option<i32>,
    /// Within so many days at least nine of ten were done.
    pub p90_days: Option<i32>,
}

/// One month of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Month {
    /// The month (UTC) in which the answers were given, as `2026-11`.
    pub month: String,
    /// Days from the submission to the first answer of a person: opened, changes asked for,
    /// declined or awarded.
    pub first_answer: Figure,
    /// Days from the submission to the first decision: declined, awarded or lapsed. Days on which
    /// the applicant made changes count as well.
    pub decision: Figure,
}

/// All months that were asked for, together. A figure is suppressed as well where the suppressed
/// months have fewer than five in it: they could be computed by difference. Where they have more,
/// what they have is counted to the five below, so that none can be computed from two spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SpanStats {
    /// As in each month.
    pub first_answer: Figure,
    /// As in each month.
    pub decision: Figure,
}

/// What waits for a decision now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StillWaiting {
    /// Whether there are fewer than five, so that nothing more is told.
    pub suppressed: bool,
    /// How many there are, submitted or open, those that came from another call included.
    pub count: Option<i64>,
    /// For how many days the first of them has waited since it came in.
    pub oldest_days: Option<i32>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CallStats {
    /// Its id.
    pub call_id: CallId,
    /// Its name.
    pub title: String,
    /// The days that it promises.
    pub promised_days: i32,
    /// What waits for a decision now.
    pub waiting: StillWaiting,
    /// All of these months together.
    pub span: SpanStats,
    /// Months in which something was answered, the newest first.
    pub months: Vec<Month>,
}

/// The months that were asked for, as their first days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first month.
    pub from: Date,
    /// The last one.
    pub to: Date,
}
