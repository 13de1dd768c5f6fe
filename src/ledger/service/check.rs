//! Proving the invariants over the whole journal, a chunk at a time.
//!
//! What is kept meanwhile is one sum to an account; entries and postings stream by.

use super::super::model::Code;
use super::super::store::journal::{self, Account, Entry};
use super::super::{model::AccountKey, rules};
use super::seal::{Hash, SealHead, hex, link};
use crate::kernel::Result;
use crate::kernel::ids::{AccountId, BankAccountId, BudgetId, FundId, GrantId};
use crate::kernel::money::Currency;
use crate::platform::db::Conn;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Entries to a chunk.
const CHUNK: i64 = 1_000;

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
    /// The first that breaks it.
    pub first: Option<String>,
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
    /// Number of the newest sealed entry.
    pub sealed: i64,
    /// The chain's newest hash.
    pub seal: Option<String>,
    /// Each invariant.
    pub findings: Vec<Finding>,
}

const SAYS: [(u8, &str); 6] = [
    (1, "each entry balances, per book and currency"),
    (2, "per fund: spending authority = unallocated + available + reserved + committed + spent"),
    (3, "per fund: contributions − fees − charges − grants = what may still be spent"),
    (4, "open offers, planned, released and instructed amounts are what the ledger holds"),
    (5, "each guarded balance equals its postings and is not below zero"),
    (6, "the seals are unbroken, and no entry is outside of the chain and its queue"),
];

#[derive(Default)]
struct Checker {
    entries: u64,
    postings: u64,
    sums: HashMap<AccountId, i128>,
    broken: BTreeMap<u8, String>,
}

impl Checker {
    fn broke(&mut self, invariant: u8, what: impl FnOnce() -> String) {
        self.broken.entry(invariant).or_insert_with(what);
    }

    fn entry(&mut self, entry: &Entry) {
        self.entries += 1;
        let id = entry.head.id;
        let lines = entry.postings.iter().map(|p| (p.book, p.currency, p.side, p.amount));
        for ((book, currency), difference) in rules::differences(lines) {
            if difference != 0 {
                self.broke(1, || format!("entry {id}: {book} is off by {difference} {currency}"));
            }
        }
        if entry.postings.len() < 2 {
            self.broke(1, || format!("entry {id} has {} postings", entry.postings.len()));
        }
        for p in &entry.postings {
            self.postings += 1;
            *self.sums.entry(p.account_id).or_insert(0) += i128::from(p.signed());
            let astray = p.effective_on != entry.head.effective_on || p.book != p.code.book();
            if astray {
                self.broke(1, || format!("entry {id}: line {} is not of its entry", p.line));
            }
        }
    }

    fn chain(&mut self, conn: &mut Conn, against: Option<&SealHead>) -> Result<(i64, Hash)> {
        let (mut seq, mut hash): (i64, Hash) = (0, [0; 32]);
        loop {
            let chunk = journal::sealed(conn, seq, CHUNK)?;
            let Some(last) = chunk.last().map(|s| s.seq) else { break };
            for sealed in &chunk {
                let id = sealed.entry.head.id;
                if sealed.seq != seq + 1 {
                    self.broke(6, || format!("seal {} is missing", seq + 1));
                }
                seq = sealed.seq;
                let expected = link(&hash, seq, &sealed.entry);
                if expected.as_slice() != sealed.hash.as_slice() {
                    self.broke(6, || format!("entry {id} (seal {seq}) was changed"));
                }
                hash = sealed.hash.as_slice().try_into().unwrap_or(expected);
                if let Some(kept) = against.filter(|k| k.seq == seq && k.hash != hex(&hash)) {
                    self.broke(6, || format!("seal {} is not the one that was kept", kept.seq));
                }
                self.entry(&sealed.entry);
            }
            seq = last;
        }
        if let Some(kept) = against.filter(|k| k.seq > seq) {
            self.broke(6, || format!("the chain ends at {seq}, before {} that was kept", kept.seq));
        }
        Ok((seq, hash))
    }

    fn queue(&mut self, conn: &mut Conn) -> Result<()> {
        let mut after = None;
        loop {
            let chunk = journal::unsealed(conn, after, CHUNK)?;
            let Some(last) = chunk.last() else { return Ok(()) };
            after = Some(last.head.id);
            chunk.iter().for_each(|entry| self.entry(entry));
        }
    }

    fn accounts(&mut self, conn: &mut Conn, expected: &mut Expectations) -> Result<()> {
        let mut funds: BTreeMap<(FundId, Currency), FundSums> = BTreeMap::new();
        let mut after = None;
        loop {
            let chunk = journal::accounts_after(conn, after, CHUNK)?;
            let Some(last) = chunk.last() else { break };
            after = Some(last.id);
            for account in &chunk {
                let debits = self.sums.remove(&account.id).unwrap_or(0);
                self.account(account, debits);
                expected.take(account, -debits);
                if let Some(fund) = account.fund {
                    funds.entry((fund, account.currency)).or_default().add(account.code, debits);
                }
            }
        }
        if let Some(id) = self.sums.keys().next().copied() {
            self.broke(5, || format!("postings on account {id}, which is not there"));
        }
        for ((fund, currency), sums) in funds {
            if sums.authority != sums.parts + sums.spent {
                self.broke(2, || {
                    let (a, b) = (sums.authority, sums.parts + sums.spent);
                    format!("fund {fund}: authority {a}, parts {b} {currency}")
                });
            }
            if sums.left != sums.parts {
                self.broke(3, || {
                    format!("fund {fund}: {} left, {} to spend {currency}", sums.left, sums.parts)
                });
            }
        }
        Ok(())
    }

    fn account(&mut self, account: &Account, debits: i128) {
        if !account.guarded {
            return;
        }
        let (kept, key) = (i128::from(account.balance), &account.key);
        if kept != -debits || kept < 0 {
            self.broke(5, || format!("account {key}: balance {kept}, postings {}", -debits));
        }
        let dims = super::super::model::Dims {
            fund: account.fund,
            budget: account.budget,
            grant: account.grant,
            bank: account.bank,
        };
        if AccountKey::new(account.code, account.currency, dims).text() != *key {
            self.broke(5, || format!("account {key} is not what its key says"));
        }
    }
}

/// Sums of one fund, with credits above zero but for the authority.
#[derive(Default)]
struct FundSums {
    authority: i128,
    parts: i128,
    spent: i128,
    left: i128,
}

impl FundSums {
    fn add(&mut self, code: Code, debits: i128) {
        match code {
            Code::SpendingAuthority => self.authority += debits,
            Code::Unallocated | Code::Available | Code::Reserved | Code::Committed => {
                self.parts -= debits;
            }
            Code::Spent => self.spent -= debits,
            Code::Contributions | Code::Grants | Code::SponsorFee | Code::BankCharges => {
                self.left -= debits;
            }
            _ => {}
        }
    }
}

impl Expectations {
    /// Takes what an account holds off what was expected of it; what is left over is wrong.
    fn take(&mut self, account: &Account, credits: i128) {
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
            _ => {}
        }
    }
    fn first_difference(&self) -> Option<String> {
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
    }
}

/// Proves every invariant over the whole journal, in the caller's snapshot; `against` is a seal
/// that was kept outside.
pub fn check(
    conn: &mut Conn,
    mut expected: Expectations,
    against: Option<&SealHead>,
) -> Result<CheckReport> {
    let mut checker = Checker::default();
    let (sealed, hash) = checker.chain(conn, against)?;
    checker.queue(conn)?;
    if let Some(stray) = journal::stray(conn)? {
        checker.broke(6, || format!("entry {stray} is neither sealed nor waiting for it"));
    }
    checker.accounts(conn, &mut expected)?;
    if let Some(difference) = expected.first_difference() {
        checker.broke(4, || difference);
    }
    let Checker { entries, postings, mut broken, .. } = checker;
    let finding = |(invariant, says): (u8, &'static str)| {
        let first = broken.remove(&invariant);
        Finding { invariant, says, holds: first.is_none(), first }
    };
    let findings: Vec<Finding> = SAYS.into_iter().map(finding).collect();
    Ok(CheckReport {
        holds: findings.iter().all(|f| f.holds),
        entries,
        postings,
        sealed,
        seal: (sealed > 0).then(|| hex(&hash)),
        findings,
    })
}
