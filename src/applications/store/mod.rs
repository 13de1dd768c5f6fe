//! Rows of applications, their teams and conflicts.

/// That an application was not declined in its own call alone.
macro_rules! in_own_call {
    () => {
        a::own_call_declined_at.is_null()
    };
}

/// Whether one of these funds may spend in a call, or any fund may.
macro_rules! pays {
    ($call:expr, $funds:expr) => {{
        let named = f::call_funds.filter(f::call_id.eq($call));
        let ours =
            f::call_funds.filter(f::call_id.eq($call).and(f::fund_id.eq_any(padded($funds))));
        exists(ours).or(not(exists(named)))
    }};
}

mod agendas;
mod applications;
mod beside;
mod clock;
mod conflicts;
mod declines;
mod delete;
mod found;
mod lifted;
mod lineage;
mod lists;
mod members;
mod merges;
mod nominations;
mod routes;
mod sight;
mod stakes;
mod versions;

pub(super) use agendas::*;
pub(super) use applications::*;
pub(super) use beside::*;
pub(super) use clock::*;
pub(super) use conflicts::*;
pub(super) use declines::*;
pub(super) use delete::*;
pub(super) use found::*;
pub(super) use lifted::*;
pub(super) use lineage::*;
pub(super) use lists::*;
pub(super) use members::*;
pub(super) use merges::*;
pub(super) use nominations::*;
pub(super) use routes::*;
pub(super) use sight::*;
pub(super) use stakes::*;
pub(super) use versions::*;

use super::model::{
    AppealOutcome, ApplicationStatus, Consent, Ground, MemberRole, MergeStatus, NominationStatus,
    RouteStatus, Stage, Step, Tally, VersionStage,
};
crate::db_text!(
    AppealOutcome,
    ApplicationStatus,
    Consent,
    Ground,
    MemberRole,
    MergeStatus,
    NominationStatus,
    RouteStatus,
    Stage,
    Step,
    Tally,
    VersionStage
);
