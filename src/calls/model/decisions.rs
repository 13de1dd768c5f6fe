//! How a call is decided: who answers for it, and what somebody who was declined can do.

use crate::kernel::ids::{CallId, PersonId};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What somebody can do who was declined.
    pub enum Appeals {
        /// Nothing in this call.
        None = "none",
        /// Have another person look at the decision.
        Appeal = "appeal",
        /// Hand in again, changed.
        Resubmit = "resubmit",
    }
}

/// Days in which it can be done, where nobody said otherwise.
pub const APPEAL_DAYS: i32 = 30;

/// How a call is decided, as kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionTerms {
    /// An admin who is reminded; every admin where there is none.
    pub responsible_id: Option<PersonId>,
    /// What somebody can do who was declined.
    pub appeals: Appeals,
    /// For how many days.
    pub appeal_days: i32,
    /// Counts edits; 0 where nobody said anything yet.
    pub version: i32,
}

impl DecisionTerms {
    /// Where nobody said otherwise.
    pub const UNSAID: Self =
        Self { responsible_id: None, appeals: Appeals::None, appeal_days: APPEAL_DAYS, version: 0 };
}

/// How a call is decided, as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CallDecisions {
    /// The call.
    pub call_id: CallId,
    /// Who is reminded before a promised day; all admins where absent. Shown to admins and
    /// auditors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible_id: Option<PersonId>,
    /// What somebody can do who was declined.
    pub appeals: Appeals,
    /// For how many days.
    pub appeal_days: i32,
    /// Version, for ETags.
    pub version: i32,
}

/// How a call is to be decided, as a whole.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDecisions {
    /// An admin who is reminded before a promised day; absent: all of them are.
    #[serde(default)]
    pub responsible_id: Option<PersonId>,
    /// What somebody can do who was declined.
    pub appeals: Appeals,
    /// For how many days, 1 to 365; 30 where absent.
    #[serde(default)]
    pub appeal_days: Option<i32>,
}
