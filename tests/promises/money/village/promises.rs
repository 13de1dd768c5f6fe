//! What offers on conditions come to: tried out, not worked out. Of all outcomes in which every
//! condition that is met is true, the greatest.

/// On which condition somebody offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    Plain,
    /// All of it if other people bring so much.
    IfOthers(i64),
    /// As much as other people bring.
    Match,
}

/// Who offers how much at most, on which condition; what each comes to.
pub fn outcome(offers: &[(usize, i64, Terms)]) -> Vec<i64> {
    let asks: Vec<usize> =
        (0..offers.len()).filter(|n| matches!(offers[*n].2, Terms::IfOthers(_))).collect();
    // Each set of conditions that might be met.
    let sets = (0..1_usize << asks.len()).map(|set| {
        let met =
            |n: &usize| asks.iter().position(|ask| ask == n).is_none_or(|k| set >> k & 1 == 1);
        (0..offers.len()).filter(met).collect::<Vec<usize>>()
    });
    let tried = sets.filter_map(|met| come_to(offers, &met));
    tried.max_by_key(|all| all.iter().sum::<i64>()).unwrap_or_default()
}

/// What each comes to if those are the ones who give; none where one of them would not.
fn come_to(offers: &[(usize, i64, Terms)], met: &[usize]) -> Option<Vec<i64>> {
    let gives = |n: usize| if met.contains(&n) { offers[n].1 } else { 0 };
    let mut all: Vec<i64> = (0..offers.len()).map(gives).collect();
    let others = |all: &[i64], n: usize| {
        let by = |m: &usize| offers[*m].0 != offers[n].0;
        (0..offers.len()).filter(by).map(|m| all[m]).sum::<i64>()
    };
    loop {
        let least = |n: usize| match offers[n].2 {
            Terms::Match => all[n].min(others(&all, n)),
            _ => all[n],
        };
        let next: Vec<i64> = (0..offers.len()).map(least).collect();
        if next == all {
            break;
        }
        all = next;
    }
    let holds = |n: &usize| match offers[*n].2 {
        Terms::IfOthers(least) => others(&all, *n) >= least,
        _ => true,
    };
    met.iter().all(holds).then_some(all)
}

/// A division in proportion: each the whole units of its share, and what is left over one each to
/// those with the largest rest, the earlier first.
pub fn divide(total: i64, held: &[i64]) -> Vec<i64> {
    let sum: i128 = held.iter().map(|h| i128::from(*h)).sum();
    let share = |h: &i64| i128::from(total) * i128::from(*h);
    let whole = |h: &i64| i64::try_from(share(h) / sum.max(1)).expect("a part");
    let mut parts: Vec<i64> = held.iter().map(whole).collect();
    let mut rests: Vec<i128> = held.iter().map(|h| share(h) % sum.max(1)).collect();
    for _ in parts.iter().sum::<i64>()..total {
        let largest = rests.iter().max().copied().unwrap_or_default();
        let Some(place) = rests.iter().position(|rest| *rest == largest) else { break };
        parts[place] += 1;
        rests[place] = -1;
    }
    parts
}
