//! Rows of applications, their teams and conflicts.

mod agendas;
mod applications;
mod conflicts;
mod found;
mod lists;
mod members;
mod merges;
mod nominations;

pub(super) use agendas::*;
pub(super) use applications::*;
pub(super) use conflicts::*;
pub(super) use found::*;
pub(super) use lists::*;
pub(super) use members::*;
pub(super) use merges::*;
pub(super) use nominations::*;

use super::model::{
    ApplicationStatus, Consent, Ground, MemberRole, MergeStatus, NominationStatus, Stage,
};

crate::db_text!(ApplicationStatus, Consent, Ground, MemberRole, Stage);
crate::db_text!(MergeStatus, NominationStatus);
