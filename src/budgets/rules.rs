//! What may be done with a budget.

use super::model::{Budget, BudgetBalances, BudgetStatus};
use crate::kernel::Result;
use crate::kernel::money::Money;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::{Date, Instant};

/// Most agendas to a budget.
pub const MAX_AGENDAS: usize = 20;

/// Refuses what only an active budget takes; `what` completes “it takes no …”.
pub fn must_be_active(budget: &Budget, what: &str) -> Result<()> {
    match budget.status {
        BudgetStatus::Active => Ok(()),
        BudgetStatus::Closed => {
            let detail = format!("The budget “{}” is closed: it takes no {what}.", budget.name);
            Err(Problem::wrong_state(detail))
        }
    }
}

/// Whether money may be allocated: to an active budget whose last day has not passed.
pub fn may_allocate(budget: &Budget, today: Date) -> Result<()> {
    must_be_active(budget, "allocations")?;
    match budget.expires_on {
        Some(last) if budget.expired(today) => Err(Problem::wrong_state(format!(
            "The budget “{}” expired after {last}: give it a later last day first.",
            budget.name
        ))),
        _ => Ok(()),
    }
}

/// Whether it may be closed: nothing may be held by offers.
pub fn may_close(budget: &Budget, balances: &BudgetBalances) -> Result<()> {
    if budget.status == BudgetStatus::Closed {
        return Err(Problem::wrong_state("The budget is closed already."));
    }
    if balances.reserved.minor() != 0 {
        let detail = format!(
            "{} is reserved by offers: let them be awarded or withdrawn first.",
            balances.reserved
        );
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

/// Whether its last day may be this one: no open offer reaches beyond, for a change of terms ends
/// none that was made.
pub fn may_end(last: Date, reach: Option<Instant>) -> Result<()> {
    match reach.filter(|end| *end > last.plus_days(1).start()) {
        None => Ok(()),
        Some(end) => Err(Problem::wrong_state(format!(
            "An open offer from this budget runs until {end}: name {} or a later day, or let what \
             runs beyond {last} be awarded or withdrawn first.",
            end.last_day()
        ))),
    }
}

/// In one sentence, for whoever asked for more than there is.
pub fn not_enough(place: &str, name: &str, left: Money, state: &str, wanted: Money) -> Problem {
    let detail = format!("The {place} “{name}” has {left} {state}; {wanted} was asked for.");
    Problem::new(Kind::InsufficientFunds, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::Id;
    use crate::kernel::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").expect("known"))
    }
    fn day(d: i8) -> Date {
        Date::new(2026, 12, d).expect("a day")
    }
    fn budget() -> Budget {
        Budget {
            id: Id::from_uuid(uuid::Uuid::nil()),
            fund_id: Id::from_uuid(uuid::Uuid::nil()),
            holder_id: Id::from_uuid(uuid::Uuid::nil()),
            name: "Safety".into(),
            currency: Currency::parse("USD").expect("known"),
            per_grant_cap: None,
            approval_threshold: None,
            expires_on: Some(day(31)),
            agendas: Vec::new(),
            status: BudgetStatus::Active,
            version: 1,
            created_at: Instant::from_micros(0).expect("in range"),
        }
    }

    #[test]
    fn allocating_stops_with_the_last_day() {
        let it = budget();
        assert!(may_allocate(&it, day(31)).is_ok());
        let new_year = Date::new(2027, 1, 1).expect("a day");
        let late = may_allocate(&it, new_year).expect_err("expired");
        assert!(late.detail().contains("2026-12-31"), "{}", late.detail());
        assert!(may_allocate(&Budget { expires_on: None, ..it.clone() }, new_year).is_ok());
        let closed = Budget { status: BudgetStatus::Closed, ..it };
        assert_eq!(may_allocate(&closed, day(1)).expect_err("closed").kind(), Kind::WrongState);
    }

    #[test]
    fn closing_waits_for_offers_only() {
        let zero = usd(0);
        let mut balances =
            BudgetBalances { available: usd(5), reserved: zero, committed: usd(7), spent: usd(9) };
        assert!(may_close(&budget(), &balances).is_ok());
        balances.reserved = usd(1);
        let refused = may_close(&budget(), &balances).expect_err("an offer holds money");
        assert!(refused.detail().starts_with("0.01 USD is reserved"), "{}", refused.detail());
        balances.reserved = zero;
        let closed = Budget { status: BudgetStatus::Closed, ..budget() };
        assert!(may_close(&closed, &balances).is_err());
    }

    #[test]
    fn a_last_day_is_no_earlier_than_the_last_offer_ends() {
        let midnight = day(5).start();
        assert!(may_end(day(5), None).is_ok());
        assert!(may_end(day(4), Some(midnight)).is_ok(), "the day before ends then");
        let late = may_end(day(4), Some(midnight.plus_seconds(1))).expect_err("it runs on");
        assert!(late.detail().contains("name 2026-12-05 or"), "{}", late.detail());
        assert!(may_end(day(5), Some(midnight.plus_seconds(1))).is_ok());
        // The day that is named is one that may be.
        let early = may_end(day(3), Some(midnight)).expect_err("it runs on");
        assert!(early.detail().contains("name 2026-12-04 or"), "{}", early.detail());
    }

    #[test]
    fn a_refusal_says_what_is_left() {
        let p = not_enough("fund", "Safety", usd(500), "unallocated", usd(80_000));
        let said = "The fund “Safety” has 5.00 USD unallocated; 800.00 USD was asked for.";
        assert_eq!((p.kind(), p.detail()), (Kind::InsufficientFunds, said));
    }
}
