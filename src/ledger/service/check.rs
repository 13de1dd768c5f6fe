//! Proving the invariants over the whole journal, a chunk at a time.
//!
//! Three passes, each in the order of an index: over the seals (and what waits for one) with the
//! entries, over the accounts with the sums of their postings, and over what the domains expect.
//! Only sums of funds, and what is open in the domains, are kept meanwhile.

mod report;
mod reversals;

pub use report::{CheckReport, Expectations, Finding};

use super::super::model::{AccountKey, Code, Dims};
use super::super::rules::seal::GENESIS;
use super::super::rules::{self, Fact};
use super::super::store::journal::{self, Account, Entry, Posting};
use super::super::store::{seals, sums};
use super::seal::{SealHead, link};
use crate::kernel::Result;
use crate::kernel::ids::{EntryId, FundId};
use crate::kernel::money::Currency;
use crate::kernel::text::hex;
use crate::platform::db::health::{GUARDS_POSTGRES, GUARDS_SQLITE};
use crate::platform::db::{Conn, ext, is_unreadable};
use report::SAYS;
use std::collections::{BTreeMap, HashMap};

/// Rows to a chunk.
const CHUNK: i64 = 1_000;

/// What breaks one invariant.
struct Broken {
    count: u64,
    first: String,
    entry: Option<EntryId>,
}

#[derive(Default)]
struct Checker {
    entries: u64,
    postings: u64,
    accounts: u64,
    broken: BTreeMap<u8, Broken>,
}

impl Checker {
    fn broke(&mut self, invariant: u8, entry: Option<EntryId>, what: impl FnOnce() -> String) {
        let new = || Broken { count: 0, first: what(), entry };
        self.broken.entry(invariant).or_insert_with(new).count += 1;
    }

    /// What one entry has to be by itself (invariants 1 to 3).
    fn entry(&mut self, entry: &Entry) {
        self.entries += 1;
        self.postings += u64::try_from(entry.postings.len()).unwrap_or(u64::MAX);
        let id = entry.head.id;
        if entry.postings.len() < 2 {
            let count = entry.postings.len();
            self.broke(1, Some(id), || format!("entry {id} has {count} postings"));
        }
        for (posting, number) in entry.postings.iter().zip(1..) {
            let wrong = |p: &Posting| format!("entry {id}: line {} is not of its account", p.line);
            if !fits(posting, entry, number) {
                self.broke(1, Some(id), || wrong(posting));
            }
        }
        let facts = || entry.postings.iter().map(fact);
        let verdicts = [
            (1, rules::balanced(facts())),
            (2, rules::authority(facts())),
            (3, rules::left(facts())),
        ];
        for (invariant, verdict) in verdicts {
            if let Err(why) = verdict {
                self.broke(invariant, Some(id), || format!("entry {id}: {why}"));
            }
        }
    }

    /// Reads entries; what cannot be read, or is not there, breaks the seals.
    fn read(&mut self, conn: &mut Conn, ids: &[EntryId]) -> Result<HashMap<EntryId, Entry>> {
        let entries = match journal::entries(conn, ids) {
            Err(problem) if is_unreadable(&problem) => self.read_each(conn, ids)?,
            result => result?,
        };
        entries.iter().for_each(|entry| self.entry(entry));
        for id in reversals::lame(conn, &entries)? {
            let what = || format!("entry {id} is not the opposite of one that it reverses");
            self.broke(7, Some(id), what);
        }
        Ok(entries.into_iter().map(|entry| (entry.head.id, entry)).collect())
    }

    fn read_each(&mut self, conn: &mut Conn, ids: &[EntryId]) -> Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(ids.len());
        for id in ids {
            match journal::entries(conn, &[*id]) {
                Err(problem) if is_unreadable(&problem) => {
                    self.broke(6, Some(*id), || format!("entry {id} cannot be read"));
                }
                result => entries.extend(result?),
            }
        }
        Ok(entries)
    }

    fn chain(&mut self, conn: &mut Conn, against: Option<&SealHead>) -> Result<(i64, Vec<u8>)> {
        let (mut seq, mut hash) = (0, GENESIS.to_vec());
        loop {
            let chunk = seals::after(conn, seq, CHUNK)?;
            let ids: Vec<EntryId> = chunk.iter().map(|s| s.entry_id).collect();
            let entries = self.read(conn, &ids)?;
            if chunk.is_empty() {
                break;
            }
            for seal in chunk {
                let id = seal.entry_id;
                if seal.seq != seq + 1 {
                    self.broke(6, None, || format!("seal {} is missing", seq + 1));
                }
                seq = seal.seq;
                match entries.get(&id) {
                    Some(entry) if link(&hash, seq, seal.sealed_at, entry)[..] == seal.hash => {}
                    Some(_) => {
                        self.broke(6, Some(id), || format!("entry {id} (seal {seq}) was changed"));
                    }
                    None => self.broke(6, Some(id), || format!("entry {id} (seal {seq}) is gone")),
                }
                // On from what is stored, so that one change is found once, where it was made.
                hash = seal.hash;
                if against.is_some_and(|k| k.seq == seq && k.hash != hex(&hash)) {
                    self.broke(6, None, || format!("seal {seq} is not the one that was kept"));
                }
            }
        }
        if let Some(kept) = against.filter(|k| k.seq > seq) {
            let kept = kept.seq;
            self.broke(6, None, || format!("the chain ends at {seq}, before {kept} that was kept"));
        }
        Ok((seq, hash))
    }

    /// Entries that wait for their seal, and those that nobody queued.
    fn outside(&mut self, conn: &mut Conn) -> Result<()> {
        let mut after = None;
        loop {
            let ids = seals::waiting(conn, after, CHUNK)?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            let entries = self.read(conn, &ids)?;
            for id in ids.iter().filter(|id| !entries.contains_key(*id)) {
                self.broke(6, Some(*id), || {
                    format!("entry {id}, which waits for its seal, is gone")
                });
            }
        }
        let mut above = None;
        loop {
            let ids = seals::strays(conn, above, CHUNK)?;
            let Some(last) = ids.last() else { return Ok(()) };
            above = Some(*last);
            for id in &ids {
                let what = || format!("entry {id} is neither sealed nor waiting for it");
                self.broke(6, Some(*id), what);
            }
            self.read(conn, &ids)?;
        }
    }

    /// Nothing that the first pass did not come by, and nothing that lets postings be changed.
    fn complete(&mut self, conn: &mut Conn) -> Result<()> {
        let (entries, postings) = sums::counts(conn)?;
        let seen = (i64::try_from(self.entries), i64::try_from(self.postings));
        if seen != (Ok(entries), Ok(postings)) && self.broken.is_empty() {
            self.broke(1, None, || format!("there are {entries} entries with {postings} postings"));
        }
        let there = ext::triggers(conn)?;
        let guards: &[&str] = match conn {
            Conn::Pg(_) => &GUARDS_POSTGRES,
            Conn::Sqlite(_) => &GUARDS_SQLITE,
        };
        // What keeps the journal insert-only; the other guards are the doctor's.
        let guards = guards.iter().filter(|g| g.starts_with("ledger_"));
        for guard in guards.filter(|g| !there.iter().any(|t| t == **g)) {
            self.broke(1, None, || format!("the database's trigger {guard} is not in force"));
        }
        Ok(())
    }

    fn accounts(&mut self, conn: &mut Conn, expected: &mut Expectations) -> Result<()> {
        let mut funds: BTreeMap<(FundId, Currency), FundSums> = BTreeMap::new();
        let mut above = None;
        loop {
            let chunk = match journal::accounts_after(conn, above, CHUNK) {
                Err(problem) if is_unreadable(&problem) => {
                    self.broke(5, None, || "an account cannot be read".into());
                    break;
                }
                result => result?,
            };
            let Some(up_to) = chunk.last().map(|a| a.id) else { break };
            let mut grown = HashMap::new();
            for posted in sums::of_accounts(conn, above, up_to)? {
                *grown.entry(posted.account).or_insert(0) += posted.side.sign() * posted.minor;
            }
            above = Some(up_to);
            for account in &chunk {
                let debits = grown.get(&account.id).copied().unwrap_or(0);
                self.account(conn, account, debits)?;
                expected.take(account, -debits);
                if let Some(fund) = account.fund {
                    funds.entry((fund, account.currency)).or_default().add(account.code, debits);
                }
            }
        }
        for ((fund, currency), sums) in funds {
            self.fund(fund, currency, &sums);
        }
        Ok(())
    }

    fn account(&mut self, conn: &mut Conn, account: &Account, debits: i128) -> Result<()> {
        self.accounts += 1;
        let (key, guarded) = (&account.key, account.code.guarded());
        let posted = if guarded { debits * account.code.normal_side().sign() } else { 0 };
        let kept = i128::from(account.balance);
        if kept == posted && kept >= 0 && account.guarded == guarded && is_whole(account) {
            return Ok(());
        }
        let entry = sums::newest(conn, account.id)?;
        let newest = entry.map_or("none".into(), |id| id.to_string());
        self.broke(5, entry, || {
            format!("account {key}: balance {kept}, postings {posted}; its newest entry: {newest}")
        });
        Ok(())
    }

    fn fund(&mut self, fund: FundId, currency: Currency, sums: &FundSums) {
        let FundSums { authority, parts, spent, left } = sums;
        if *authority != parts + spent {
            let what = || {
                format!("fund {fund}: authority {authority}, parts {parts} + {spent} {currency}")
            };
            self.broke(2, None, what);
        }
        if left != parts {
            self.broke(3, None, || {
                format!("fund {fund}: {left} left, {parts} to spend {currency}")
            });
        }
    }
}

fn fact(p: &Posting) -> Fact {
    Fact::new(p.code, p.side, p.currency, p.amount, p.fund)
}

/// Whether a posting says what its entry and its account say.
fn fits(posting: &Posting, entry: &Entry, number: i32) -> bool {
    fn agrees<T: PartialEq>(of_account: Option<T>, of_posting: Option<T>) -> bool {
        of_account.is_none() || of_account == of_posting
    }
    let account = &posting.account;
    posting.line == number
        && posting.amount > 0
        && posting.effective_on == entry.head.effective_on
        && posting.code == account.code
        && posting.currency == account.currency
        && agrees(account.fund, posting.fund)
        && agrees(account.budget, posting.budget)
        && agrees(account.grant, posting.grant)
}

/// Whether an account has what its code wants, and the key that says so.
fn is_whole(account: &Account) -> bool {
    let Account { fund, budget, grant, bank, .. } = *account;
    let dims = Dims { fund, budget, grant, bank };
    let key = AccountKey::new(account.code, account.currency, dims);
    key.is_whole() && key.dims == dims && key.text() == account.key
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

/// Proves every invariant over the whole journal, in the caller's snapshot; `against` is a seal
/// that was kept outside.
pub fn check(
    conn: &mut Conn,
    mut expected: Expectations,
    against: Option<&SealHead>,
) -> Result<CheckReport> {
    let mut checker = Checker::default();
    let (sealed, hash) = checker.chain(conn, against)?;
    checker.outside(conn)?;
    checker.accounts(conn, &mut expected)?;
    if let Some(difference) = expected.first_difference() {
        checker.broke(4, None, || difference);
    }
    for uneven in expected.uneven {
        checker.broke(8, None, || uneven);
    }
    checker.complete(conn)?;
    let Checker { entries, postings, accounts, mut broken } = checker;
    let finding = |(invariant, says): (u8, &'static str)| match broken.remove(&invariant) {
        Some(Broken { count: broken, first, entry: entry_id }) => {
            Finding { invariant, says, holds: false, broken, first: Some(first), entry_id }
        }
        None => Finding { invariant, says, holds: true, broken: 0, first: None, entry_id: None },
    };
    let findings: Vec<Finding> = SAYS.into_iter().map(finding).collect();
    Ok(CheckReport {
        holds: findings.iter().all(|f| f.holds),
        entries,
        postings,
        accounts,
        sealed,
        seal: (sealed > 0).then(|| hex(&hash)),
        findings,
    })
}
