//! What offers on conditions come to.
//!
//! Each offer asks for something of the others that grows with them: nothing; that they reach a
//! sum; that it only matches them. So there is one greatest outcome in which every condition holds,
//! whatever the order in which they are looked at: begin with everything that is promised, and
//! lower what its condition does not bear out until nothing has to be lowered. Offers that wait for
//! each other all count, as each of them said: the condition of each is true.
//!
//! *Others* are other people: nobody's own second offer makes their condition come true.

use crate::kernel::ids::{OfferId, PersonId};
use std::collections::BTreeMap;

/// On which condition an offer is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// None.
    Plain,
    /// All of it if others bring this much, in minor units; nothing otherwise.
    IfOthers(i64),
    /// As much as others bring.
    Match,
}

/// What somebody promised, and on which condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// The offer.
    pub id: OfferId,
    /// Whose it is.
    pub by: PersonId,
    /// The most that it gives, in minor units: what its budget holds for it.
    pub most: i64,
    /// On which condition.
    pub terms: Terms,
}

impl Promise {
    /// What it comes to if others bring `others`.
    fn worth(&self, others: i64) -> i64 {
        match self.terms {
            Terms::Plain => self.most,
            Terms::IfOthers(least) if others >= least => self.most,
            Terms::IfOthers(_) => 0,
            Terms::Match => self.most.min(others),
        }
    }
}

/// What each offer comes to, from nothing to all of it. The sum of all stays below what an
/// application asks for, so it fits.
pub fn resolve(promises: &[Promise]) -> BTreeMap<OfferId, i64> {
    let mut granted: BTreeMap<OfferId, i64> = promises.iter().map(|p| (p.id, p.most)).collect();
    let mut theirs: BTreeMap<PersonId, i64> = BTreeMap::new();
    for promise in promises {
        let sum = theirs.entry(promise.by).or_default();
        *sum = sum.saturating_add(promise.most);
    }
    let mut total: i64 = theirs.values().sum();
    loop {
        let mut lowered = false;
        for promise in promises {
            let mine = theirs.entry(promise.by).or_default();
            let now = granted.entry(promise.id).or_default();
            let worth = promise.worth(total.saturating_sub(*mine));
            let less = now.saturating_sub(worth.min(*now));
            if less > 0 {
                *now = now.saturating_sub(less);
                *mine = mine.saturating_sub(less);
                total = total.saturating_sub(less);
                lowered = true;
            }
        }
        // It ends: each round lowers something, a sum that is not reached for good, and a match
        // only after one of those (who only matches is lowered to what the others bring, and so
        // brings them all that they bring).
        if !lowered {
            return granted;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::Id;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn promise(id: u128, by: u128, most: i64, terms: Terms) -> Promise {
        let (id, by) = (Id::from_uuid(Uuid::from_u128(id)), Id::from_uuid(Uuid::from_u128(by)));
        Promise { id, by, most, terms }
    }
    /// Offers of different people, in order.
    fn people(all: &[(i64, Terms)]) -> Vec<Promise> {
        (1..).zip(all).map(|(n, (most, terms))| promise(n, n, *most, *terms)).collect()
    }
    fn outcome(all: &[(i64, Terms)]) -> Vec<i64> {
        resolve(&people(all)).into_values().collect()
    }
    use Terms::{IfOthers, Match, Plain};

    #[test]
    fn each_condition_alone() {
        assert!(outcome(&[]).is_empty());
        assert_eq!(outcome(&[(5, Plain)]), [5]);
        assert_eq!(outcome(&[(5, Match)]), [0]);
        assert_eq!(outcome(&[(5, IfOthers(1))]), [0]);
        assert_eq!(outcome(&[(5, IfOthers(7)), (7, Plain)]), [5, 7]);
        assert_eq!(outcome(&[(5, IfOthers(8)), (7, Plain)]), [0, 7]);
        assert_eq!(outcome(&[(9, Match), (7, Plain)]), [7, 7]);
        assert_eq!(outcome(&[(5, Match), (7, Plain)]), [5, 7]);
    }

    #[test]
    fn who_waits_for_each_other_counts() {
        assert_eq!(outcome(&[(100, IfOthers(100)), (100, IfOthers(100))]), [100, 100]);
        assert_eq!(outcome(&[(100, IfOthers(100)), (99, IfOthers(100))]), [0, 0]);
        assert_eq!(outcome(&[(100, Match), (40, Match)]), [40, 40]);
        assert_eq!(outcome(&[(100, Match), (40, IfOthers(41))]), [0, 0]);
        assert_eq!(outcome(&[(100, Match), (40, IfOthers(40))]), [40, 40]);
        let chain = [(10, IfOthers(20)), (10, IfOthers(30)), (10, IfOthers(20))];
        assert_eq!(outcome(&chain), [0, 0, 0], "one that fails takes the others with it");
        assert_eq!(outcome(&[(i64::MAX / 2, Match), (1, Plain)]), [1, 1]);
    }

    #[test]
    fn nobody_brings_others_by_themselves() {
        let own = [promise(1, 1, 50, Plain), promise(2, 1, 50, IfOthers(50))];
        assert_eq!(resolve(&own).into_values().collect::<Vec<_>>(), [50, 0]);
        let own = [promise(1, 1, 50, Plain), promise(2, 1, 50, Match)];
        assert_eq!(resolve(&own).into_values().collect::<Vec<_>>(), [50, 0]);
    }

    fn some() -> impl Strategy<Value = Vec<Promise>> {
        let terms = prop_oneof![
            Just(Plain),
            (1..60i64).prop_map(IfOthers),
            Just(Match),
            (1..60i64).prop_map(IfOthers),
        ];
        let one = (1..5u128, 1..40i64, terms);
        proptest::collection::vec(one, 0..8).prop_map(|all| {
            (1..).zip(all).map(|(n, (by, most, terms))| promise(n, by, most, terms)).collect()
        })
    }
    /// What the others of an offer bring.
    fn others(all: &[Promise], granted: &BTreeMap<OfferId, i64>, of: &Promise) -> i64 {
        all.iter().filter(|p| p.by != of.by).map(|p| granted[&p.id]).sum()
    }
    /// Whether each condition holds in an outcome.
    fn holds(all: &[Promise], granted: &BTreeMap<OfferId, i64>) -> bool {
        all.iter().all(|p| {
            let (gives, others) = (granted[&p.id], others(all, granted, p));
            let within = (0..=p.most).contains(&gives);
            within
                && match p.terms {
                    Plain => true,
                    IfOthers(least) => gives == 0 || (gives == p.most && others >= least),
                    Match => gives <= others,
                }
        })
    }

    proptest! {
        #[test]
        fn no_condition_is_broken_and_no_plain_offer_lowered(all in some()) {
            let granted = resolve(&all);
            prop_assert_eq!(granted.len(), all.len());
            prop_assert!(holds(&all, &granted), "{:?}", granted);
            for p in all.iter().filter(|p| p.terms == Plain) {
                prop_assert_eq!(granted[&p.id], p.most);
            }
            let sum: i64 = granted.values().sum();
            prop_assert!(sum <= all.iter().map(|p| p.most).sum());
        }

        #[test]
        fn the_order_does_not_matter(all in some().prop_shuffle(), seed in any::<u64>()) {
            let mut other = all.clone();
            other.sort_by_key(|p| p.id.uuid().as_u128().wrapping_mul(u128::from(seed) | 1));
            prop_assert_eq!(resolve(&all), resolve(&other));
        }

        /// By trying every outcome: none in which all conditions hold gives anybody more.
        #[test]
        fn it_is_the_greatest(
            raw in proptest::collection::vec((1..4u128, 1..4i64, 0..6i64), 0..5),
        ) {
            let terms = |n: i64| match n { 0 => Plain, 1 => Match, n => IfOthers(n) };
            let all: Vec<Promise> = (1..).zip(&raw)
                .map(|(n, (by, most, t))| promise(n, *by, *most, terms(*t))).collect();
            let best = resolve(&all);
            let outcomes = all.iter().fold(vec![BTreeMap::new()], |before, p| {
                before.iter().flat_map(|outcome| (0..=p.most).map(move |gives| {
                    let mut outcome: BTreeMap<OfferId, i64> = outcome.clone();
                    outcome.insert(p.id, gives);
                    outcome
                })).collect()
            });
            for outcome in outcomes.iter().filter(|outcome| holds(&all, outcome)) {
                for p in &all {
                    prop_assert!(outcome[&p.id] <= best[&p.id], "{:?} beats {:?}", outcome, best);
                }
            }
        }

        /// More from one never takes from another.
        #[test]
        fn one_more_offer_lowers_nobody(all in some(), by in 1..6u128, most in 1..40i64) {
            let before = resolve(&all);
            let mut more = all.clone();
            more.push(promise(99, by, most, Plain));
            let after = resolve(&more);
            for (id, gives) in before {
                prop_assert!(after[&id] >= gives);
            }
        }
    }
}
