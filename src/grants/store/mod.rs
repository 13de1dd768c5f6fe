//! Rows of grants: the grants themselves, their sources, and their tranches.

mod agendas;
mod grants;
mod sources;
mod tranches;
mod waiting;

pub(super) use agendas::*;
pub use grants::is_award;
pub(super) use grants::*;
pub(super) use sources::*;
pub(super) use tranches::*;
pub(super) use waiting::*;

use super::model::{GrantStatus, ReleaseCondition, TrancheStatus};
use crate::platform::db::types::db_text;

db_text!(GrantStatus);
db_text!(ReleaseCondition);
db_text!(TrancheStatus);
