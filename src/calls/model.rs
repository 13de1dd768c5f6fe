//! A call and where it stands.

mod decisions;

pub use decisions::{APPEAL_DAYS, Appeals, CallDecisions, DecisionTerms, SetDecisions};

use crate::kernel::Result;
use crate::kernel::ids::{CallId, FundId, PersonId};
use crate::kernel::patch::Patch;
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Whether a call has a last day.
    pub enum CallKind {
        /// None: it is open until somebody closes it.
        Rolling = "rolling",
        /// It has one.
        Dated = "dated",
    }
}

text_enum! {
    /// Where a call stands.
    pub enum CallStatus {
        /// Being written; only admins and auditors see it.
        Draft = "draft",
        /// Takes applications within its days.
        Open = "open",
        /// Takes no more.
        Closed = "closed",
    }
}

text_enum! {
    /// Who may come across it.
    pub enum Visibility {
        /// Everyone.
        Public = "public",
        /// Only those concerned.
        Private = "private",
    }
}

impl CallStatus {
    /// Open from now on; only a draft can be opened.
    pub fn open(self) -> Result<Self> {
        match self {
            CallStatus::Draft => Ok(CallStatus::Open),
            other => Err(Problem::wrong_state(format!("The call is {other}: it cannot open."))),
        }
    }
    /// Closed from now on; only an open one can be closed.
    pub fn close(self) -> Result<Self> {
        match self {
            CallStatus::Open => Ok(CallStatus::Closed),
            other => Err(Problem::wrong_state(format!("The call is {other}: it cannot close."))),
        }
    }
    /// Whether it can still be edited.
    pub fn edit(self) -> Result<Self> {
        match self {
            CallStatus::Closed => Err(Problem::wrong_state("The call is closed: it stays so.")),
            other => Ok(other),
        }
    }
}

/// What an admin writes into a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// Its name.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// Whether it has a last day.
    pub kind: CallKind,
    /// First day on which applications can begin.
    pub opens_on: Date,
    /// Last day on which applications can be submitted.
    pub closes_on: Option<Date>,
    /// Days within which a decision is promised.
    pub decision_days: i32,
    /// Who may come across it.
    pub visibility: Visibility,
    /// Funds that may spend in it, in the order of their ids; none: any fund.
    pub fund_ids: Vec<FundId>,
}

/// A call, as kept.
#[derive(Debug, Clone)]
pub struct CallRecord {
    /// Its id.
    pub id: CallId,
    /// What was written.
    pub terms: Terms,
    /// Where it stands.
    pub status: CallStatus,
    /// Counts edits.
    pub version: i32,
    /// Who made it; absent for imports.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Instant,
}

/// What other domains need to know of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFacts {
    /// Its id.
    pub id: CallId,
    /// Its name.
    pub title: String,
    /// Where it stands.
    pub status: CallStatus,
    /// Whether it has a last day.
    pub kind: CallKind,
    /// First day on which applications can begin.
    pub opens_on: Date,
    /// Last day on which applications can be submitted; for a rolling call, the day on which it
    /// was closed.
    pub closes_on: Option<Date>,
    /// Days within which a decision is promised.
    pub decision_days: i32,
    /// Funds that may spend in it; none: any fund.
    pub fund_ids: Vec<FundId>,
    /// Who may come across it.
    pub visibility: Visibility,
}

impl From<CallRecord> for CallFacts {
    fn from(call: CallRecord) -> Self {
        let Terms {
            title,
            kind,
            opens_on,
            closes_on,
            decision_days,
            visibility,
            fund_ids,
            summary: _,
        } = call.terms;
        Self {
            id: call.id,
            title,
            status: call.status,
            kind,
            opens_on,
            closes_on,
            decision_days,
            fund_ids,
            visibility,
        }
    }
}

/// A call, as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Its name.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// Whether it has a last day.
    pub kind: CallKind,
    /// First day on which applications can begin (UTC).
    pub opens_on: Date,
    /// Last day on which applications can be submitted (UTC).
    pub closes_on: Option<Date>,
    /// Days within which a decision is promised.
    pub decision_days: i32,
    /// Who may come across it.
    pub visibility: Visibility,
    /// Where it stands.
    pub status: CallStatus,
    /// Whether an application can begin today.
    pub accepting: bool,
    /// Funds that may spend in it; none: any fund.
    pub fund_ids: Vec<FundId>,
    /// Version, for ETags.
    pub version: i32,
    /// When it was made.
    pub created_at: Instant,
}

/// A new call. It starts as a draft.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCall {
    /// Its name, up to 200 characters.
    pub title: String,
    /// What it is for, up to 10,000 characters.
    #[serde(default)]
    pub summary: String,
    /// Whether it has a last day.
    pub kind: CallKind,
    /// First day on which applications can begin; today where absent.
    #[serde(default)]
    pub opens_on: Option<Date>,
    /// Last day on which applications can be submitted; a dated call needs it, a rolling one has
    /// none.
    #[serde(default)]
    pub closes_on: Option<Date>,
    /// Days within which a decision is promised, 1 to 365; where absent as the service is set.
    #[serde(default)]
    pub decision_days: Option<i32>,
    /// Who may come across it; public where absent.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// Funds that may spend in it, up to 50; none: any fund.
    #[serde(default)]
    pub fund_ids: Vec<FundId>,
}

/// Changes to a call: an absent field is left, null clears it.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditCall {
    /// Its name, up to 200 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub title: Patch<String>,
    /// What it is for, up to 10,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub summary: Patch<String>,
    /// Whether it has a last day; fixed once the call is open.
    #[serde(default)]
    #[schema(value_type = Option<CallKind>)]
    pub kind: Patch<CallKind>,
    /// First day on which applications can begin; fixed once the call is open.
    #[serde(default)]
    #[schema(value_type = Option<Date>)]
    pub opens_on: Patch<Date>,
    /// Last day on which applications can be submitted.
    #[serde(default)]
    #[schema(value_type = Option<Date>)]
    pub closes_on: Patch<Date>,
    /// Days within which a decision is promised, 1 to 365.
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    pub decision_days: Patch<i32>,
    /// Who may come across it.
    #[serde(default)]
    #[schema(value_type = Option<Visibility>)]
    pub visibility: Patch<Visibility>,
    /// Funds that may spend in it, up to 50; none: any fund.
    #[serde(default)]
    #[schema(value_type = Option<Vec<FundId>>)]
    pub fund_ids: Patch<Vec<FundId>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_and_every_act() {
        use CallStatus as S;
        for (status, open, close, edit) in [
            (S::Draft, Some(S::Open), None, true),
            (S::Open, None, Some(S::Closed), true),
            (S::Closed, None, None, false),
        ] {
            assert_eq!(status.open().ok(), open, "{status}");
            assert_eq!(status.close().ok(), close, "{status}");
            assert_eq!(status.edit().is_ok(), edit, "{status}");
        }
        assert_eq!(S::ALL.len(), 3);
    }
}
