use super::*;
use crate::grants::model::TranchePlan;
use crate::kernel::ids::{Id, TrancheId};
use crate::kernel::money::{Currency, MoneyText};
use crate::kernel::problem::Kind;
use proptest::prelude::*;
use uuid::Uuid;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").expect("known"))
}
fn day(d: i8) -> Date {
    Date::new(2026, 6, d).expect("a day")
}
fn tranche(minor: i64, condition: ReleaseCondition, due_on: Option<Date>) -> TranchePlan {
    TranchePlan { amount: MoneyText::from(usd(minor)), due_on, release_condition: condition }
}
fn planned(tranches: Vec<TranchePlan>) -> Result<Vec<Planned>> {
    plan(&AwardForm { amount: None, tranches: Some(tranches), ends_on: None }, usd(10_000), day(15))
}
fn pointers(result: Result<Vec<Planned>>) -> Vec<String> {
    let problem = result.expect_err("refused");
    assert_eq!(problem.kind(), Kind::Invalid);
    problem.fields().iter().map(|f| format!("{} {}", f.pointer, f.code)).collect()
}

#[test]
fn an_award_takes_offers_that_reach_the_minimum() {
    assert_eq!(may_award(false, usd(0), usd(1)), Err(Refusal::NoOffers));
    assert_eq!(may_award(true, usd(5), usd(5)), Ok(()));
    // They may stand and come to nothing.
    for (offered, minimum) in [(usd(4), usd(5)), (usd(0), usd(1))] {
        let below = Err(Refusal::BelowMinimum { offered, minimum });
        assert_eq!(may_award(true, offered, minimum), below);
    }
}

#[test]
fn without_a_plan_there_is_one_tranche() {
    assert_eq!(pointers(planned(vec![])), ["/tranches required"]);
    let one = plan(&AwardForm::default(), usd(10_000), day(15)).expect("a default");
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].amount, usd(10_000));
    assert_eq!(one[0].release_condition, ReleaseCondition::OnActivation);
}

#[test]
fn a_plan_sums_exactly() {
    use ReleaseCondition::{OnActivation, OnDate, OnReport};
    let good = vec![
        tranche(3_334, OnActivation, None),
        tranche(3_333, OnDate, Some(day(15))),
        tranche(3_333, OnReport, None),
    ];
    assert_eq!(planned(good).expect("it sums").len(), 3);
    for off in [9_999, 10_001] {
        let wrong = planned(vec![tranche(off, OnActivation, None)]);
        assert_eq!(pointers(wrong), ["/tranches sum_mismatch"]);
    }
    let largest = crate::kernel::money::MAX_MINOR;
    let huge = planned(vec![tranche(largest, OnActivation, None); 60]);
    assert_eq!(pointers(huge), ["/tranches sum_mismatch"]);
}

#[test]
fn all_wrong_fields_are_told_at_once() {
    use ReleaseCondition::{OnActivation, OnDate};
    let euro = Currency::parse("EUR").expect("known");
    let mut other = tranche(1, OnActivation, None);
    other.amount = MoneyText::from(Money::new(5_000, euro));
    let wrong = planned(vec![
        tranche(0, OnActivation, None),
        tranche(10_000, OnDate, None),
        tranche(1, OnDate, Some(day(14))),
        other,
    ]);
    let expected = [
        "/tranches/0/amount/amount not_positive",
        "/tranches/1/due_on required",
        "/tranches/2/due_on in_the_past",
        "/tranches/3/amount/currency currency_mismatch",
    ];
    assert_eq!(pointers(wrong), expected);
    let many = planned(vec![tranche(1, OnActivation, None); 61]);
    assert_eq!(pointers(many), ["/tranches too_many"]);
}

#[test]
fn by_hand_only_when_the_condition_holds() {
    let tranche = |release_condition, due_on| TrancheFacts {
        id: TrancheId::from_uuid(Uuid::from_u128(1)),
        grant_id: Id::from_uuid(Uuid::from_u128(2)),
        sequence: 1,
        amount: 1,
        currency: usd(1).currency(),
        due_on,
        release_condition,
        status: TrancheStatus::Planned,
        released_at: None,
    };
    let today = day(15);
    assert!(may_release(&tranche(ReleaseCondition::OnActivation, None), today).is_ok());
    assert!(may_release(&tranche(ReleaseCondition::OnDate, Some(day(15))), today).is_ok());
    assert!(may_release(&tranche(ReleaseCondition::OnDate, Some(day(16))), today).is_err());
    assert!(may_release(&tranche(ReleaseCondition::OnReport, None), today).is_err());
    assert!(may_release(&tranche(ReleaseCondition::OnCheckpoint, None), today).is_err());
}

fn parts(amounts: &[i64]) -> Vec<Part> {
    let part = |(n, amount): (usize, &i64)| {
        let id = Uuid::from_u128(n as u128 + 1);
        Part { budget_id: Id::from_uuid(id), fund_id: Id::from_uuid(id), amount: *amount }
    };
    amounts.iter().enumerate().map(part).collect()
}
fn total(parts: &[Part]) -> i64 {
    parts.iter().map(|part| part.amount).sum()
}
fn less(held: &mut [Part], parts: &[Part]) {
    for part in parts {
        let from = held.iter_mut().find(|h| h.budget_id == part.budget_id).expect("a source");
        from.amount -= part.amount;
        assert!(from.amount >= 0, "a budget pays no more than it holds");
    }
}

#[test]
fn nothing_is_divided_that_is_not_there() {
    assert!(divide(11, &parts(&[5, 5])).is_err());
    assert!(divide(1, &[]).is_err());
    assert_eq!(total(&divide(10, &parts(&[5, 5])).expect("exactly")), 10);
}

#[test]
fn what_is_owed_cannot_be_given_back() {
    let open = refundable(&parts(&[50, 30, 20]), &parts(&[50, 10]));
    assert_eq!(open.iter().map(|p| p.amount).collect::<Vec<_>>(), [0, 20, 20]);
}

proptest! {
    /// Releases in any cuts, then a wind-down and refunds in any cuts: to the cent, per budget.
    #[test]
    fn a_grant_loses_no_cent(
        sources in proptest::collection::vec(1..=1_000_000i64, 1..8),
        cuts in proptest::collection::vec(1..=1_000i64, 1..12),
        released in 0..12usize,
        refunds in proptest::collection::vec(1..=1_000i64, 1..5),
    ) {
        let held = parts(&sources);
        let award = total(&held);
        let tranches: Vec<i64> = pro_rata(award, &cuts).expect("weights");
        let mut committed = held.clone();
        let mut spent = parts(&vec![0; sources.len()]);
        for amount in tranches.iter().take(released).filter(|a| **a > 0) {
            let paid = divide(*amount, &committed).expect("the budgets hold it");
            prop_assert_eq!(total(&paid), *amount);
            less(&mut committed, &paid);
            for part in &paid {
                let to = spent.iter_mut().find(|s| s.budget_id == part.budget_id);
                to.expect("a source").amount += part.amount;
            }
        }
        // What is left is what the planned tranches sum to; it all goes home at a wind-down.
        let planned: i64 = tranches.iter().skip(released).sum();
        prop_assert_eq!(total(&committed), planned);
        for ((source, left), out) in held.iter().zip(&committed).zip(&spent) {
            prop_assert_eq!(source.amount, left.amount + out.amount);
        }
        // Refunds take each budget back to nothing spent, and never beyond.
        let before = total(&spent);
        if before > 0 {
            let mut open = refundable(&spent, &[]);
            for amount in pro_rata(before, &refunds).expect("weights") {
                if amount == 0 { continue; }
                let back = divide(amount, &open).expect("no more than was paid");
                prop_assert_eq!(total(&back), amount);
                less(&mut open, &back);
            }
            prop_assert_eq!(total(&open), 0);
        }
    }
}
