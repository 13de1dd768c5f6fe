//! What a check is told, and what it tells.

use crate::kernel::ids::{BankAccountId, BudgetId, EntryId, FundId, GrantId};
use crate::kernel::money::Currency;
use crate::ledger::model::Code;
use crate::ledger::store::journal::Account;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the domains say that the ledger must hold (invariant 4), in minor units.
#[derive(Debug, Default)]
pub struct Expectations {
    /// Open offers, by budget.
    pub reserved: BTreeMap<(BudgetId, Currency), i128>,
    /// Planned tranches, by grant.
    pub committed: BTreeMap<(GrantId, Currency), i128>,
    /// Released and not yet instructed, by grant.
    pub payable: BTreeMap<(GrantId, Currency), i128>,
    /// Instructed and not yet settled, by bank account.
    pub in_transit: BTreeMap<(BankAccountId, Currency), i128>,
    /// Held for applications, by fund: at least as much is unallocated.
    pub tied: BTreeMap<(FundId, Currency), i128>,
    /// Contributions that stand, by fund, of those that ever had one.
    pub contributed: BTreeMap<(FundId, Currency), i128>,
    /// Bank charges that stand, by fund, of those that ever had one.
    pub charged: BTreeMap<(FundId, Currency), i128>,
    /// What says something else than its entries, and entries without what they came from: the
    /// first of each kind, in words.
    pub strayed: Vec<String>,
    /// Amounts of the domains that do not sum to each other, the first of each kind, in words.
    pub uneven: Vec<String>,
}

/// How one invariant fared.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// Its number in docs/LEDGER.md.
    pub invariant: u8,
    /// What it says.
    pub says: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// How often it is broken.
    pub broken: u64,
    /// The first that breaks it, in words.
    pub first: Option<String>,
    /// The entry that the first is about, if it is about one.
    pub entry_id: Option<EntryId>,
}

/// What a check found.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CheckReport {
    /// Whether every invariant holds.
    pub holds: bool,
    /// Entries looked at.
    pub entries: u64,
    /// Postings looked at.
    pub postings: u64,
    /// Accounts looked at.
    pub accounts: u64,
    /// Number of the newest sealed entry.
    pub sealed: i64,
    /// The chain's newest hash.
    pub seal: Option<String>,
    /// Each invariant.
    pub findings: Vec<Finding>,
}

pub(super) const SAYS: [(u8, &str); 8] = [
    (1, "each entry balances, per book and currency, and nothing changes what was posted"),
    (2, "per fund: spending authority = unallocated + available + reserved + committed + spent"),
    (3, "per fund: contributions − fees − charges − grants = what may still be spent"),
    (
        4,
        "open offers, planned, released and instructed amounts, contributions, allocations, bank \
         charges, transfers and what each budget gives are what the ledger holds, and what funds \
         hold for applications is unallocated",
    ),
    (5, "each guarded balance equals its postings and is not below zero"),
    (6, "the seals are unbroken, and no entry is outside of the chain and its queue"),
    (7, "each reversal is the exact opposite of its entry"),
    (
        8,
        "awards are the sums of their sources and of their tranches, tranches of their parts, and \
         what applications say is offered of their offers",
    ),
];

impl Expectations {
    /// Takes what an account holds off what was expected of it; what is left over is wrong.
    pub(super) fn take(&mut self, account: &Account, credits: i128) {
        let currency = account.currency;
        match (account.code, account.budget, account.grant, account.bank) {
            (Code::Reserved, Some(id), _, _) => {
                *self.reserved.entry((id, currency)).or_insert(0) -= credits;
            }
            (Code::Committed, _, Some(id), _) => {
                *self.committed.entry((id, currency)).or_insert(0) -= credits;
            }
            (Code::GrantsPayable, _, Some(id), _) => {
                *self.payable.entry((id, currency)).or_insert(0) -= credits;
            }
            (Code::InTransit, _, _, Some(id)) => {
                *self.in_transit.entry((id, currency)).or_insert(0) -= credits;
            }
            (Code::Contributions, ..) => {
                let given = account.fund.and_then(|id| self.contributed.get_mut(&(id, currency)));
                if let Some(given) = given {
                    *given -= credits;
                }
            }
            (Code::BankCharges, ..) => {
                let taken = account.fund.and_then(|id| self.charged.get_mut(&(id, currency)));
                if let Some(taken) = taken {
                    *taken += credits;
                }
            }
            (Code::Unallocated, ..) => {
                if let Some(tied) = account.fund.and_then(|id| self.tied.get_mut(&(id, currency))) {
                    *tied -= credits;
                }
            }
            _ => {}
        }
    }
    pub(super) fn first_difference(&self) -> Option<String> {
        fn off<K: std::fmt::Display>(
            what: &str,
            sums: &BTreeMap<(K, Currency), i128>,
        ) -> Option<String> {
            let ((id, currency), by) = sums.iter().find(|(_, by)| **by != 0)?;
            Some(format!("{what} {id}: the domain says {by} {currency} minor units more"))
        }
        off("open offers of budget", &self.reserved)
            .or_else(|| off("planned tranches of grant", &self.committed))
            .or_else(|| off("released tranches of grant", &self.payable))
            .or_else(|| off("payments in transit of bank account", &self.in_transit))
            .or_else(|| off("contributions to fund", &self.contributed))
            .or_else(|| off("bank charges of fund", &self.charged))
            .or_else(|| self.strayed.first().cloned())
            .or_else(|| {
                let ((id, currency), by) = self.tied.iter().find(|(_, by)| **by > 0)?;
                let less = "minor units less are unallocated than are held for applications";
                Some(format!("fund {id}: {by} {currency} {less}"))
            })
    }
}
