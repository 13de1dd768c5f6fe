//! What is shown.

use super::{GrantStatus, ReleaseCondition, TrancheStatus};
use crate::kernel::ids::{
    ApplicationId, BudgetId, CallId, FundId, GrantId, OfferId, PayeeId, PersonId, TrancheId,
};
use crate::kernel::money::Money;
use crate::kernel::time::{Date, Instant};
use serde::Serialize;

/// A grant as it stands in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GrantSummary {
    /// Its id.
    pub id: GrantId,
    /// What was applied for.
    pub application_id: ApplicationId,
    /// In which call.
    pub call_id: CallId,
    /// Whom the award names.
    pub recipient_id: PersonId,
    /// Their name.
    pub recipient_name: String,
    /// The title of the application at the award.
    pub title: String,
    /// What was awarded.
    pub amount_awarded: Money,
    /// Where it stands.
    pub status: GrantStatus,
    /// Why it was paused, wound down, closed or cancelled.
    pub status_reason: Option<String>,
    /// The day of the award.
    pub awarded_on: Date,
    /// Who awarded it; nobody for an import.
    pub awarded_by: Option<PersonId>,
    /// Whom the bank pays.
    pub payee_id: Option<PayeeId>,
    /// When it became active.
    pub activated_at: Option<Instant>,
    /// When it is to end.
    pub ends_on: Option<Date>,
    /// When it was closed or cancelled.
    pub closed_at: Option<Instant>,
    /// Grows with each change.
    pub version: i32,
}

/// A tranche, as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TrancheView {
    /// Its id.
    pub id: TrancheId,
    /// From 1 on.
    pub sequence: i32,
    /// How much.
    pub amount: Money,
    /// When it is due, if a day was planned.
    pub due_on: Option<Date>,
    /// What has to happen first.
    pub release_condition: ReleaseCondition,
    /// Where it stands.
    pub status: TrancheStatus,
    /// When it was released.
    pub released_at: Option<Instant>,
}

/// Who funds a grant, and with how much.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SourceView {
    /// The offer that was committed.
    pub offer_id: OfferId,
    /// The budget that pays; null where the offer is private.
    pub budget_id: Option<BudgetId>,
    /// Its name; null where the offer is private.
    pub budget_name: Option<String>,
    /// The fund that it spends from.
    pub fund_id: FundId,
    /// Its name.
    pub fund_name: String,
    /// Who offered it; null where the offer is private.
    pub regrantor_id: Option<PersonId>,
    /// Their name; null where the offer is private.
    pub regrantor_name: Option<String>,
    /// How much.
    pub amount: Money,
}

/// Where the money of a grant is.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Balances {
    /// Planned, not yet released.
    pub committed: Money,
    /// Released, and the bank not yet told.
    pub payable: Money,
    /// The bank was told, and has not settled.
    pub in_transit: Money,
    /// Arrived at the payee.
    pub paid: Money,
    /// Given back by the recipient.
    pub refunded: Money,
    /// Never to be released: gone back to the budgets.
    pub cancelled: Money,
}
