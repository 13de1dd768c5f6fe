//! From what was counted to what is published.

use super::model::{Figure, Month, Span, SpanStats, StillWaiting};
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

const NOTHING: Figure = Figure { suppressed: true, count: None, median_days: None, p90_days: None };

fn figure(counts: &Counts) -> Figure {
    let count: i64 = counts.values().sum();
    if count < FEWEST {
        return NOTHING;
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

/// All months of one call together, beside what is told of each.
pub fn together(lines: &[(Date, Tally, i32, i64)]) -> SpanStats {
    SpanStats {
        first_answer: spanning(lines, Tally::FirstAnswer),
        decision: spanning(lines, Tally::Decision),
    }
}

/// One figure over all months, unless what the suppressed ones have in it is few: it would be
/// what is left when the others are taken away.
fn spanning(lines: &[(Date, Tally, i32, i64)], tally: Tally) -> Figure {
    let (mut counts, mut by_month) = (Counts::new(), BTreeMap::<Date, i64>::new());
    for (month, _, days, number) in lines.iter().filter(|line| line.1 == tally) {
        *counts.entry(*days).or_default() += number;
        *by_month.entry(*month).or_default() += number;
    }
    let rest: i64 = by_month.values().filter(|number| **number < FEWEST).sum();
    if rest > 0 && rest < FEWEST {
        return NOTHING;
    }
    let mut figure = figure(&counts);
    figure.count = figure.count.map(|count| count - rest % FEWEST);
    figure
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
        assert_eq!(four, NOTHING);
        assert_eq!(figure(&counts(&[1, 2, 3, 4, 5])).median_days, Some(3));
    }

    #[test]
    fn a_span_gives_no_month_away() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let [may, june, july] = ["2028-05-01", "2028-06-01", "2028-07-01"].map(day);
        let line = |month: Date, days: i32, number: i64| (month, Tally::Decision, days, number);
        let told = |lines: &[(Date, Tally, i32, i64)]| together(lines).decision;
        let eight = told(&[line(may, 1, 4), line(june, 9, 4)]);
        assert_eq!((eight.count, eight.median_days, eight.p90_days), (Some(5), Some(1), Some(9)));
        let one = [line(may, 1, 4), line(june, 9, 6)];
        assert_eq!(told(&one), NOTHING, "May would be what is left");
        assert_eq!(told(&[line(may, 1, 2), line(june, 9, 2)]), NOTHING, "four in all");
        let all = [line(may, 1, 7), line(june, 9, 6), line(july, 3, 8)];
        assert_eq!(told(&all).count, Some(21), "to the one, where each month is told");
        assert_eq!(together(&all).first_answer, NOTHING);
        assert_eq!(told(&[]), NOTHING);
        // May has answers alone: it hides nothing of June.
        let answers = (may, Tally::FirstAnswer, 2, 5);
        assert_eq!(told(&[answers, line(june, 90, 1), line(july, 10, 5)]), NOTHING);
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
