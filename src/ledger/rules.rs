//! What every movement has to be before it is written, and every entry when it is read again.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod seal;
#[cfg(test)]
mod tests;

use super::model::{AccountKey, Book, Code, Line, MAX_SHARES, Movement, Side};
use crate::kernel::ids::FundId;
use crate::kernel::money::Currency;
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a memo, at most.
pub const MAX_MEMO: usize = 500;
/// Lines of a movement, at most.
pub const MAX_LINES: usize = 4 * MAX_SHARES;

/// What is wrong with a movement: always a fault of ours, never of a caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// It does not balance.
    #[error("the {book} book does not balance in {currency}: {difference} minor units")]
    Unbalanced {
        /// In which book.
        book: Book,
        /// In which currency.
        currency: Currency,
        /// Debits minus credits.
        difference: i128,
    },
    /// What a fund may spend is not what its parts sum to (invariant 2).
    #[error(
        "the spending authority of fund {fund} and its parts differ by {difference} {currency}"
    )]
    Authority {
        /// Whose.
        fund: FundId,
        /// In which currency.
        currency: Currency,
        /// Minor units.
        difference: i128,
    },
    /// What the general book says is left is not what may be spent (invariant 3).
    #[error("what fund {fund} has left and what it may spend differ by {difference} {currency}")]
    Left {
        /// Whose.
        fund: FundId,
        /// In which currency.
        currency: Currency,
        /// Minor units.
        difference: i128,
    },
    /// A line of zero or less, or in another currency than its account.
    #[error("a line of {0}")]
    BadLine(String),
    /// An account without the ids that tell it apart.
    #[error("the account {0} lacks its dimension")]
    Incomplete(String),
    /// No lines, or too many.
    #[error("{0} lines")]
    Count(usize),
}

/// A line, of a movement or as it was posted, with what the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Fact {
    code: Code,
    side: Side,
    currency: Currency,
    minor: i64,
    fund: Option<FundId>,
}

impl Fact {
    /// Of a posting.
    pub fn new(
        code: Code,
        side: Side,
        currency: Currency,
        minor: i64,
        fund: Option<FundId>,
    ) -> Self {
        Self { code, side, currency, minor, fund }
    }
    fn signed(&self) -> i128 {
        self.side.sign().saturating_mul(i128::from(self.minor))
    }
    fn growth(&self) -> i128 {
        self.signed().saturating_mul(self.code.normal_side().sign())
    }
}
impl From<&Line> for Fact {
    fn from(line: &Line) -> Self {
        let (code, amount) = (line.account.code, line.amount);
        Self::new(code, line.side, amount.currency(), amount.minor(), line.dims.fund)
    }
}

/// Checks a movement: lines above zero, accounts whole, each book balanced per currency, and
/// each fund's two identities kept.
pub fn sound(movement: &Movement) -> Result<(), Unsound> {
    let count = movement.lines.len();
    if !(2..=MAX_LINES).contains(&count) {
        return Err(Unsound::Count(count));
    }
    for Line { account, amount, .. } in &movement.lines {
        if !amount.is_positive() || amount.currency() != account.currency {
            return Err(Unsound::BadLine(amount.to_string()));
        }
        if !account.is_whole() {
            return Err(Unsound::Incomplete(account.text()));
        }
    }
    let facts = || movement.lines.iter().map(Fact::from);
    balanced(facts())?;
    authority(facts())?;
    left(facts())
}

/// Invariant 1: debits are credits, per book and currency.
pub fn balanced(facts: impl IntoIterator<Item = Fact>) -> Result<(), Unsound> {
    let mut sums = BTreeMap::new();
    for fact in facts {
        let sum = sums.entry((fact.code.book(), fact.currency)).or_insert(0i128);
        *sum = sum.saturating_add(fact.signed());
    }
    match sums.into_iter().find(|(_, difference)| *difference != 0) {
        Some(((book, currency), difference)) => {
            Err(Unsound::Unbalanced { book, currency, difference })
        }
        None => Ok(()),
    }
}

/// Invariant 2: what a fund may spend is the sum of where it stands.
pub fn authority(facts: impl IntoIterator<Item = Fact>) -> Result<(), Unsound> {
    let part = |code| match code {
        Code::SpendingAuthority => 1,
        Code::Unallocated | Code::Available | Code::Reserved | Code::Committed | Code::Spent => -1,
        _ => 0,
    };
    match off(facts, part) {
        Some((fund, currency, difference)) => {
            Err(Unsound::Authority { fund, currency, difference })
        }
        None => Ok(()),
    }
}

/// Invariant 3: what a fund received and did not use is what it may still spend.
pub fn left(facts: impl IntoIterator<Item = Fact>) -> Result<(), Unsound> {
    let part = |code| match code {
        Code::Contributions => 1,
        Code::SponsorFee | Code::BankCharges | Code::Grants => -1,
        Code::Unallocated | Code::Available | Code::Reserved | Code::Committed => -1,
        _ => 0,
    };
    match off(facts, part) {
        Some((fund, currency, difference)) => Err(Unsound::Left { fund, currency, difference }),
        None => Ok(()),
    }
}

/// The first fund whose weighted sum is not zero.
fn off(
    facts: impl IntoIterator<Item = Fact>,
    weight: impl Fn(Code) -> i128,
) -> Option<(FundId, Currency, i128)> {
    let mut sums = BTreeMap::new();
    for fact in facts {
        let weight = weight(fact.code);
        if let Some(fund) = fact.fund.filter(|_| weight != 0) {
            let sum = sums.entry((fund, fact.currency)).or_insert(0i128);
            *sum = sum.saturating_add(weight.saturating_mul(fact.growth()));
        }
    }
    let wrong = sums.into_iter().find(|(_, sum)| *sum != 0);
    wrong.map(|((fund, currency), sum)| (fund, currency, sum))
}

/// By how much movements change each guarded account, in minor units; `None` on overflow.
pub fn changes<'a>(
    lines: impl IntoIterator<Item = &'a Line>,
) -> Option<BTreeMap<String, (AccountKey, i64)>> {
    let mut changes = BTreeMap::new();
    for line in lines.into_iter().filter(|l| l.account.code.guarded()) {
        let grows = line.side == line.account.code.normal_side();
        let delta = if grows { line.amount.minor() } else { line.amount.minor().checked_neg()? };
        let change = changes.entry(line.account.text()).or_insert((line.account, 0i64));
        change.1 = change.1.checked_add(delta)?;
    }
    Some(changes)
}

/// A memo as it is kept: one line in NFC, without control characters and marks that override the
/// writing direction, cut where it is too long. Nothing of it is refused: a movement of money
/// does not fail over its description.
pub fn memo(text: &str) -> String {
    let blank = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let marks = |c: &char| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let text: String = text.chars().filter(marks).map(|c| if blank(c) { ' ' } else { c }).collect();
    let words = text.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    let line: String = words.nfc().take(MAX_MEMO).collect();
    line.trim().to_owned()
}
