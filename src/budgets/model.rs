//! Budgets, their terms, and what was allocated to them.

use crate::funds::model::Restriction;
use crate::kernel::ids::{AllocationId, BudgetId, EntryId, FundId, PersonId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::{Date, Instant};
pub use crate::ledger::model::BudgetBalances;
use crate::text_enum;
use serde::Serialize;

text_enum! {
    /// Where a budget stands: `active → closed`.
    pub enum BudgetStatus {
        /// Can be spent from, until it expires.
        Active = "active",
        /// Ended by an admin.
        Closed = "closed",
    }
}

text_enum! {
    /// Which way money went.
    pub enum AllocationKind {
        /// From the fund to the budget.
        Allocated = "allocated",
        /// Back to the fund.
        Recalled = "recalled",
    }
}

/// A budget, as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Budget {
    /// Its id.
    pub id: BudgetId,
    /// The fund that it spends from.
    pub fund_id: FundId,
    /// The regrantor who spends it.
    pub holder_id: PersonId,
    /// What people call it.
    pub name: String,
    /// That of the fund.
    pub currency: Currency,
    /// The most that one application may get from it; null for no cap.
    pub per_grant_cap: Option<Money>,
    /// Offers above this wait for a second person; null for none.
    pub approval_threshold: Option<Money>,
    /// The last day on which it can be spent from; null for no end.
    pub expires_on: Option<Date>,
    /// Research directions that it is meant for.
    pub agendas: Vec<String>,
    /// Where it stands.
    pub status: BudgetStatus,
    /// Version, for ETags.
    pub version: i32,
    /// When it was made.
    pub created_at: Instant,
}

/// What whoever sees a budget sees of its fund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FundOfBudget {
    /// Its name.
    pub name: String,
    /// What the givers have tied the money to.
    pub restriction: Restriction,
    /// What it is for.
    pub purpose: String,
}

/// A budget with its fund and its balances.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BudgetView {
    /// The budget.
    #[serde(flatten)]
    pub budget: Budget,
    /// Whether its last day has passed.
    pub expired: bool,
    /// What there is to know of its fund.
    pub fund: FundOfBudget,
    /// Where its money is.
    pub balances: BudgetBalances,
}

/// Money that went to a budget or came back from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Allocation {
    /// Its id.
    pub id: AllocationId,
    /// The budget.
    pub budget_id: BudgetId,
    /// Which way it went.
    pub kind: AllocationKind,
    /// How much.
    pub amount: Money,
    /// Why, in words.
    pub note: String,
    /// The ledger entry.
    pub entry_id: EntryId,
    /// Who did it; null for imports.
    pub made_by: Option<PersonId>,
    /// When.
    pub created_at: Instant,
}

/// What other domains need to know of a budget; amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetTerms {
    /// Its id.
    pub id: BudgetId,
    /// The fund that it spends from.
    pub fund_id: FundId,
    /// The regrantor who spends it.
    pub holder_id: PersonId,
    /// What people call it.
    pub name: String,
    /// That of the fund.
    pub currency: Currency,
    /// The most that one application may get from it.
    pub per_grant_cap: Option<i64>,
    /// Offers above this wait for a second person.
    pub approval_threshold: Option<i64>,
    /// The last day on which it can be spent from.
    pub expires_on: Option<Date>,
    /// Where it stands.
    pub status: BudgetStatus,
}

impl BudgetTerms {
    /// Whether its last day has passed.
    pub fn expired(&self, today: Date) -> bool {
        self.expires_on.is_some_and(|last| last < today)
    }
    /// Whether it can be spent from: active, and not expired.
    pub fn usable(&self, today: Date) -> bool {
        self.status == BudgetStatus::Active && !self.expired(today)
    }
}

impl From<Budget> for BudgetTerms {
    fn from(b: Budget) -> Self {
        Self {
            id: b.id,
            fund_id: b.fund_id,
            holder_id: b.holder_id,
            name: b.name,
            currency: b.currency,
            per_grant_cap: b.per_grant_cap.map(Money::minor),
            approval_threshold: b.approval_threshold.map(Money::minor),
            expires_on: b.expires_on,
            status: b.status,
        }
    }
}

impl Budget {
    /// Whether its last day has passed.
    pub fn expired(&self, today: Date) -> bool {
        self.expires_on.is_some_and(|last| last < today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::Id;

    #[test]
    fn the_last_day_still_counts() {
        let day = |d| Date::new(2028, 2, d).expect("a leap year");
        let mut terms = BudgetTerms {
            id: Id::from_uuid(uuid::Uuid::nil()),
            fund_id: Id::from_uuid(uuid::Uuid::nil()),
            holder_id: Id::from_uuid(uuid::Uuid::nil()),
            name: "b".into(),
            currency: Currency::parse("USD").expect("known"),
            per_grant_cap: None,
            approval_threshold: None,
            expires_on: Some(day(29)),
            status: BudgetStatus::Active,
        };
        assert!(terms.usable(day(28)) && terms.usable(day(29)));
        assert!(!terms.usable(Date::new(2028, 3, 1).expect("a day")));
        terms.status = BudgetStatus::Closed;
        assert!(!terms.usable(day(1)));
        terms.expires_on = None;
        assert!(!terms.expired(day(29)));
    }
}
