//! What every movement has to be before it is written.

use super::model::{Book, Line, Movement, Side};
use crate::kernel::money::Currency;
use std::collections::BTreeMap;

/// Characters of a memo, at most.
pub const MAX_MEMO: usize = 500;
/// Lines of a movement, at most.
pub const MAX_LINES: usize = 400;

/// Why a movement is refused: always a fault of ours, never of a caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// It does not balance.
    #[error("{book} does not balance in {currency}: {difference} minor units")]
    Unbalanced {
        /// In which book.
        book: Book,
        /// In which currency.
        currency: Currency,
        /// Debits minus credits.
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

/// Checks a movement: lines above zero, accounts whole, and each book balanced per currency.
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
    let sums = differences(
        movement
            .lines
            .iter()
            .map(|l| (l.account.code.book(), l.amount.currency(), l.side, l.amount.minor())),
    );
    for ((book, currency), difference) in sums {
        if difference != 0 {
            return Err(Unsound::Unbalanced { book, currency, difference });
        }
    }
    Ok(())
}

/// Debits minus credits, per book and currency.
pub fn differences(
    lines: impl IntoIterator<Item = (Book, Currency, Side, i64)>,
) -> BTreeMap<(Book, Currency), i128> {
    let mut sums = BTreeMap::new();
    for (book, currency, side, minor) in lines {
        let signed = match side {
            Side::Debit => i128::from(minor),
            Side::Credit => -i128::from(minor),
        };
        *sums.entry((book, currency)).or_insert(0) += signed;
    }
    sums
}
