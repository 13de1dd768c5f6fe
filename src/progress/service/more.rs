//! How much of each kind is told, and of which more may wait: only the first rows of each list are
//! looked through.

use super::next::NextStep;
use crate::kernel::page::Page;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of each list that are looked through.
pub(super) const EACH: i64 = 50;
/// Rows that are asked for: the one more only tells that there are more.
pub(super) const ASKED: i64 = EACH + 1;

/// How much of one kind is told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NextKind {
    /// As `object` of the steps.
    pub object: &'static str,
    /// Steps of it that are told.
    pub count: usize,
    /// Whether more of it may wait: of a list that steps come from only the first rows are looked
    /// through (50 of most), also where some of these ask nothing of you, as you have a stake in
    /// them.
    pub more: bool,
}

/// Kinds of which more may wait than is told.
#[derive(Debug, Default)]
pub(super) struct More(BTreeSet<&'static str>);

impl More {
    /// Notes whether more of a kind may wait.
    pub(super) fn note(&mut self, kind: &'static str, more: bool) {
        if more {
            self.0.insert(kind);
        }
    }
    /// What is looked through of a list of which [`ASKED`] rows were asked for.
    pub(super) fn cut<T>(&mut self, kind: &'static str, rows: Vec<T>) -> Vec<T> {
        self.cut_to(EACH, kind, rows)
    }
    /// The same of a list of which one row more than this many was asked for.
    pub(super) fn cut_to<T>(&mut self, most: i64, kind: &'static str, mut rows: Vec<T>) -> Vec<T> {
        let most = usize::try_from(most).unwrap_or(0);
        self.note(kind, rows.len() > most);
        rows.truncate(most);
        rows
    }
    /// The same as [`Self::cut`] of several lists, one after the other, which `list` tells apart.
    pub(super) fn cut_each<T, L: PartialEq>(
        &mut self,
        kind: &'static str,
        mut rows: Vec<T>,
        list: impl Fn(&T) -> L,
    ) -> Vec<T> {
        let (all, mut last, mut run) = (rows.len(), None, 0);
        rows.retain(|row| {
            let this = Some(list(row));
            run = if this == last { run + 1 } else { 1 };
            last = this;
            run <= EACH
        });
        self.note(kind, rows.len() < all);
        rows
    }
    /// The rows of a page.
    pub(super) fn page<T>(&mut self, kind: &'static str, page: Page<T>) -> Vec<T> {
        self.note(kind, page.next.is_some());
        page.items
    }
    /// How much of each kind is among these steps, in the order of their names.
    pub(super) fn kinds(&self, steps: &[NextStep]) -> Vec<NextKind> {
        let mut counts: BTreeMap<&'static str, usize> =
            self.0.iter().map(|kind| (*kind, 0)).collect();
        for step in steps {
            *counts.entry(step.object).or_default() += 1;
        }
        let told = |(object, count): (&'static str, usize)| {
            let more = self.0.contains(object);
            NextKind { object, count, more }
        };
        counts.into_iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{EACH, More};

    #[test]
    fn what_is_full_is_all() {
        let kept = |most: i64, rows: i64| {
            let mut more = More::default();
            let rows: Vec<i64> = more.cut_to(most, "grant", (0..rows).collect());
            (rows.len(), more.kinds(&[]).len() == 1)
        };
        let found = [0, 1, 2, 3].map(|rows| kept(2, rows));
        assert_eq!(found, [(0, false), (1, false), (2, false), (2, true)]);
        // Of several lists each has its own end.
        let each = |rows: &[i64]| {
            let mut more = More::default();
            let lists = rows.iter().enumerate();
            let rows: Vec<usize> =
                lists.flat_map(|(list, rows)| (0..*rows).map(move |_| list)).collect();
            (more.cut_each("grant", rows, |list| *list).len(), more.kinds(&[]).len() == 1)
        };
        assert_eq!(each(&[EACH, EACH]), (100, false));
        assert_eq!(each(&[EACH, EACH + 1, 1]), (101, true));
    }
}
