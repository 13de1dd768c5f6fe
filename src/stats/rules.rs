//! From what was counted to what is published.

use super::model::{Figure, Month, Span, StillWaiting};
use crate::applications::model::Tally;
use crate::kernel::fields::Fields;
use crate::kernel::time::Date;
use std::collections::BTreeMap;

/// Fewer are not told of.
pub const FEWEST: i64 = 5;
/// Months at once.
pub const MONTHS_MAX: i32 = 24;
/// Months where nobody says which.
const MONTHS: i32 = 12;

/// The months that were asked for: the last twelve where nobody says.
pub fn span(fields: &mut Fields, from: Option<Date>, to: Option<Date>, today: Date) -> Span {
    let to = to.unwrap_or(today).month();
    let from = from.map_or_else(|| to.plus_months(1 - MONTHS), Date::month);
    let message = "write a day on or before `to`, at most 24 months before it";
    let near = from <= to && from > to.plus_months(-MONTHS_MAX);
    fields.check(near, "?from", "out_of_range", message);
    Span { from, to }
}

/// How many took so many days, the shortest first.
pub type Counts = BTreeMap<i32, i64>;

/// The nearest rank: the smallest number of days within which `percent` of all were done.
pub fn percentile(counts: &Counts, percent: i64) -> Option<i32> {
    let all: i64 = counts.values().sum();
    let rank = (all * percent + 99) / 100;
    let mut seen = 0;
    counts.iter().find_map(|(days, number)| {
        seen += number;
        (seen >= rank && all > 0).then_some(*days)
    })
}

fn figure(counts: &Counts) -> Figure {
    let count: i64 = counts.values().sum();
    if count < FEWEST {
        return Figure { suppressed: true, count: None, median_days: None, p90_days: None };
    }
    Figure {
        suppressed: false,
        count: Some(count),
        median_days: percentile(counts, 50),
        p90_days: percentile(counts, 90),
    }
}

/// What waits in a call: how many, and since which day the first does.
pub fn waiting(found: Option<(i64, Date)>, today: Date) -> StillWaiting {
    let Some((count, first)) = found.filter(|(count, _)| *count >= FEWEST) else {
        return StillWaiting { suppressed: true, count: None, oldest_days: None };
    };
    let days = (today.days_since_epoch() - first.days_since_epoch()).max(0);
    StillWaiting { suppressed: false, count: Some(count), oldest_days: Some(days) }
}

/// The months of one call, the newest first.
pub fn months(lines: &[(Date, Tally, i32, i64)]) -> Vec<Month> {
    let mut found: BTreeMap<Date, (Counts, Counts)> = BTreeMap::new();
    for (month, tally, days, number) in lines {
        let (answers, decisions) = found.entry(*month).or_default();
        let counts = if *tally == Tally::FirstAnswer { answers } else { decisions };
        *counts.entry(*days).or_default() += number;
    }
    let shown = |(month, (answers, decisions)): (Date, (Counts, Counts))| {
        let text = month.to_string();
        let month = text.rsplit_once('-').map_or("", |(month, _)| month).to_owned();
        Month { month, first_answer: figure(&answers), decision: figure(&decisions) }
    };
    found.into_iter().rev().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(days: &[i32]) -> Counts {
        let mut counts = Counts::new();
        days.iter().for_each(|day| *counts.entry(*day).or_default() += 1);
        counts
    }

    #[test]
    fn nearest_ranks() {
        let ten = counts(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!((percentile(&ten, 50), percentile(&ten, 90)), (Some(5), Some(9)));
        let eleven = counts(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        assert_eq!((percentile(&eleven, 50), percentile(&eleven, 90)), (Some(6), Some(10)));
        assert_eq!(percentile(&counts(&[7]), 90), Some(7));
        assert_eq!(percentile(&counts(&[]), 50), None);
    }

    #[test]
    fn fewer_than_five_are_not_told_of() {
        let four = figure(&counts(&[1, 2, 3, 4]));
        let nothing = Figure { suppressed: true, count: None, median_days: None, p90_days: None };
        assert_eq!(four, nothing);
        assert_eq!(figure(&counts(&[1, 2, 3, 4, 5])).median_days, Some(3));
    }

    #[test]
    fn months_end_where_they_do() {
        let today: Date = "2028-02-29".parse().expect("a day");
        let ask = |from: Option<&str>, to: Option<&str>| {
            let day = |text: &str| text.parse::<Date>().expect("a day");
            let mut fields = Fields::new();
            let span = span(&mut fields, from.map(day), to.map(day), today);
            fields.finish().map(|()| (span.from.to_string(), span.to.to_string())).ok()
        };
        let months = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(ask(None, None), months("2027-03-01", "2028-02-01"));
        assert_eq!(ask(Some("2026-03-31"), None), months("2026-03-01", "2028-02-01"));
        assert_eq!(ask(Some("2026-02-28"), None), None);
        assert_eq!(ask(Some("2028-03-01"), Some("2028-02-28")), None);
    }

    proptest! {
        #[test]
        fn a_percentile_is_what_sorting_gives(
            days in proptest::collection::vec(0_i32..400, 1..60),
            percent in 1_i64..101,
        ) {
            let mut sorted = days.clone();
            sorted.sort_unstable();
            let all = i64::try_from(sorted.len()).expect("few");
            // The first place whose share of all reaches the percentage.
            let fits = |place: &usize| {
                i64::try_from(place + 1).expect("few") * 100 >= all * percent
            };
            let place = (0..sorted.len()).find(fits).expect("the last one does");
            prop_assert_eq!(percentile(&counts(&days), percent), Some(sorted[place]));
        }
    }
}
