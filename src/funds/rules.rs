//! Fees, and what may be done to a fund.

use super::model::{Fund, FundMoney, FundStatus, Restriction};
use crate::kernel::Result;
use crate::kernel::money::Money;
use crate::kernel::problem::{Kind, Problem};

/// The largest fee, in hundredths of a percent; the database repeats the rule.
pub const MAX_FEE_BASIS_POINTS: i32 = 5_000;

/// The sponsor's fee on an amount: rounded half up to the minor unit, never more than the amount.
pub fn fee(amount: Money, basis_points: i32) -> Result<Money> {
    let points = u32::try_from(basis_points).map_err(Problem::internal)?;
    amount.basis_points(points).map_err(Problem::internal)
}

/// A reference without what two people write differently: spaces, signs, capitals.
pub fn bare(reference: &str) -> String {
    let signs = reference.chars().filter(|c| c.is_alphanumeric());
    signs.flat_map(char::to_lowercase).collect()
}

/// Whether one of these references is this one, but for what two people write differently. One
/// without letters and digits says nothing, and is the same as none.
pub fn is_among(reference: &str, there: &[String]) -> bool {
    let same = bare(reference);
    !same.is_empty() && there.iter().any(|other| bare(other) == same)
}

/// Whether this can have left one own account and that have reached another: within one currency as
/// much.
pub fn may_move(from: Money, to: Money) -> bool {
    from.currency() != to.currency() || from == to
}

/// Refuses what only an open fund takes; `what` completes “it takes no …”.
pub fn must_be_open(name: &str, status: FundStatus, what: &str) -> Result<()> {
    match status {
        FundStatus::Open => Ok(()),
        FundStatus::Closed => {
            Err(Problem::wrong_state(format!("The fund “{name}” is closed: it takes no {what}.")))
        }
    }
}

/// Refuses another purpose for money that was given, or announced, for this one.
pub fn may_change_purpose(fund: &Fund, purpose: &str, given: bool) -> Result<()> {
    if fund.restriction == Restriction::None || fund.purpose == purpose || !given {
        return Ok(());
    }
    let detail = "Money was given to this fund, or is announced for it, for the purpose that is \
                  written down: it cannot be changed. Make another fund.";
    Err(Problem::wrong_state(detail))
}

/// Refuses to close a fund in which something is left that could still be spent, or that owes
/// something (`owed`: unpaid, or not settled by the bank), and names it.
pub fn may_close(balances: &FundMoney, owed: Money) -> Result<()> {
    let left = [
        (balances.unallocated, "unallocated: allocate it"),
        (balances.available, "available in budgets: recall and allocate it elsewhere"),
        (balances.reserved, "reserved by offers: let them be awarded or withdrawn"),
        (balances.committed, "committed to grants: wait until it is paid or wound down"),
        (owed, "owed to grants: wait until the bank has settled it"),
    ];
    let left: Vec<String> = left
        .into_iter()
        .filter(|(money, _)| money.minor() != 0)
        .map(|(money, what)| format!("{money} is {what}"))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(Problem::new(Kind::WrongState, format!("A fund closes empty. {}.", left.join("; "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::{Currency, MAX_MINOR};
    use proptest::prelude::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").expect("known"))
    }

    fn balances() -> FundMoney {
        let zero = usd(0);
        FundMoney {
            contributed: usd(1_000),
            fees: zero,
            charges: zero,
            unallocated: zero,
            allocated: usd(1_000),
            available: zero,
            reserved: zero,
            committed: zero,
            spent: usd(1_000),
        }
    }

    #[test]
    fn fees_round_half_up() {
        for (amount, points, expected) in
            [(10_000, 500, 500), (1, 5_000, 1), (1, 4_999, 0), (333, 1_000, 33), (335, 1_000, 34)]
        {
            assert_eq!(fee(usd(amount), points).expect("fits").minor(), expected, "{amount}");
        }
        assert_eq!(fee(usd(7), 0).expect("fits").minor(), 0);
        assert!(fee(usd(7), -1).is_err());
    }

    #[test]
    fn references_are_the_same_by_letters_and_digits() {
        let there = ["Wire fee, 2 Nov.".to_owned(), "—".to_owned()];
        assert!(is_among("WIRE FEE 2 nov", &there));
        assert!(!is_among("Wire fee, 3 Nov.", &there));
        assert!(!is_among("—", &there), "nothing tells it apart, or makes it the same");
    }

    #[test]
    fn as_much_arrives_within_one_currency() {
        let eur = Money::new(1, Currency::parse("EUR").expect("known"));
        assert!(may_move(usd(1), usd(1)) && may_move(usd(2), eur));
        assert!(!may_move(usd(2), usd(1)));
    }

    #[test]
    fn a_fund_closes_only_when_nothing_can_be_spent() {
        assert!(may_close(&balances(), usd(0)).is_ok(), "what was spent may stay");
        let refusal = may_close(&balances(), usd(1)).expect_err("something is owed");
        assert!(refusal.detail().contains("0.01 USD is owed"), "{}", refusal.detail());
        let set: [fn(&mut FundMoney); 4] = [
            |b| b.unallocated = usd(1),
            |b| b.available = usd(1),
            |b| b.reserved = usd(1),
            |b| b.committed = usd(1),
        ];
        for change in set {
            let mut left = balances();
            change(&mut left);
            let refusal = may_close(&left, usd(0)).expect_err("something is left");
            assert_eq!(refusal.kind(), Kind::WrongState);
            assert!(refusal.detail().contains("0.01 USD"), "{}", refusal.detail());
        }
    }

    proptest! {
        #[test]
        fn a_fee_is_never_more_than_the_amount(
            amount in 1..=MAX_MINOR, points in 0..=MAX_FEE_BASIS_POINTS,
        ) {
            let fee = fee(usd(amount), points).expect("fits").minor();
            prop_assert!((0..=amount).contains(&fee));
            let exact = i128::from(amount) * i128::from(points);
            let off = i128::from(fee) * 10_000 - exact;
            prop_assert!((-5_000 < off) && (off <= 5_000), "half up: {off}");
        }
    }
}
