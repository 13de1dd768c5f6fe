//! Spreading applications over reviewers: each gets those who have the least to do.

use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use std::collections::BTreeMap;

/// An application that needs reviewers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Which.
    pub id: ApplicationId,
    /// How many more.
    pub more: usize,
    /// How many more can be asked at all.
    pub room: usize,
}

impl Need {
    fn possible(&self) -> usize {
        self.more.min(self.room)
    }
}

/// A reviewer who can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Able {
    /// Who.
    pub id: PersonId,
    /// Reviews that wait for them.
    pub load: usize,
}

/// Who reviews what, and for which applications not enough are left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of the applications.
    pub pairs: Vec<(ApplicationId, PersonId)>,
    /// In the same order.
    pub short: Vec<ApplicationId>,
}

/// Chooses for each application, in the order of their ids, first among those who have no more
/// to do than their fair share of all there is: those who know its subject best (`closeness`,
/// greater is closer), among these those with the least to do, among these those with the lowest
/// id; the same for the same facts, in whatever order they come. Nobody gets more than `most` that
/// wait for them. `eligible` is asked only about those whose turn it is, and only while there is
/// room.
///
/// # Errors
/// What `eligible` fails with.
pub fn plan(
    needs: &[Need],
    (pool, most): (&[Able], usize),
    closeness: impl Fn(ApplicationId, PersonId) -> usize,
    mut eligible: impl FnMut(ApplicationId, PersonId) -> Result<bool>,
) -> Result<Plan> {
    let mut loads: BTreeMap<PersonId, usize> =
        pool.iter().map(|able| (able.id, able.load)).collect();
    let mut needs: Vec<&Need> = needs.iter().collect();
    needs.sort_by_key(|need| need.id);
    let mut plan = Plan::default();
    let possible = needs.iter().map(|need| need.possible()).sum::<usize>();
    let all = loads.values().sum::<usize>() + possible;
    let share = all.div_ceil(loads.len().max(1));
    for need in needs {
        let free = loads.iter().filter(|(_, load)| **load < most);
        let mut turn: Vec<PersonId> = free.map(|(id, _)| *id).collect();
        turn.sort_by_key(|id| {
            let close = std::cmp::Reverse(closeness(need.id, *id));
            (loads[id] > share, close, loads[id], *id)
        });
        let mut chosen = Vec::new();
        for person in turn {
            if chosen.len() == need.possible() {
                break;
            }
            if eligible(need.id, person)? {
                chosen.push(person);
            }
        }
        if chosen.len() < need.more {
            plan.short.push(need.id);
        }
        for person in chosen {
            *loads.entry(person).or_default() += 1;
            plan.pairs.push((need.id, person));
        }
    }
    Ok(plan)
}
