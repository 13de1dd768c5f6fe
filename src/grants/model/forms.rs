//! What is sent.

use super::ReleaseCondition;
use crate::kernel::ids::BankAccountId;
use crate::kernel::money::MoneyText;
use crate::kernel::time::Date;
use serde::{Deserialize, Serialize};

/// One planned tranche of an award.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TranchePlan {
    /// How much, in the currency of the award.
    pub amount: MoneyText,
    /// When it is due; needed where the condition is `on_date`.
    #[serde(default)]
    pub due_on: Option<Date>,
    /// What has to happen first.
    pub release_condition: ReleaseCondition,
}

/// To award an application.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwardForm {
    /// What the offers came to when you looked: at another sum nothing is awarded.
    #[serde(default)]
    pub amount: Option<MoneyText>,
    /// They sum exactly to the award. Left out: one tranche, released on activation.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 60)]
    pub tranches: Option<Vec<TranchePlan>>,
    /// When the grant is to end.
    #[serde(default)]
    pub ends_on: Option<Date>,
}

/// To pause, wind down, close or cancel a grant.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// Why; the recipient reads it.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// To do something that needs no reason, though one can be given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaybeBecause {
    /// Why; kept in the audit log.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
}

/// Money that came back from the recipient.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordRefund {
    /// How much, in the currency of the award.
    pub amount: MoneyText,
    /// The day on which it arrived.
    pub received_on: Date,
    /// How the bank names it.
    #[schema(min_length = 1, max_length = 140)]
    pub reference: String,
    /// The bank account on which it arrived; without it, that of each fund which paid.
    #[serde(default)]
    pub bank_account_id: Option<BankAccountId>,
}

/// A refund that was recorded in error: it is named by its day and reference.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoRefund {
    /// The day under which it was recorded.
    pub received_on: Date,
    /// The reference under which it was recorded.
    #[schema(min_length = 1, max_length = 140)]
    pub reference: String,
    /// What was wrong.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}
