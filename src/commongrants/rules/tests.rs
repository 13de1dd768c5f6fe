use super::super::model::{MoneyRange, MoneyRangeFilter, ProtocolMoney, StringArrayFilter};
use super::*;

fn day_of(text: &str) -> Date {
    text.parse().expect("a day")
}

#[test]
fn a_status_follows_the_days() {
    use OppStatusValue as V;
    let (opens, last) = (day_of("2026-11-02"), Some(day_of("2026-11-30")));
    for (status, closes, today, want) in [
        (CallStatus::Draft, last, "2026-11-10", None),
        (CallStatus::Open, last, "2026-11-01", Some(V::Forecasted)),
        (CallStatus::Open, last, "2026-11-02", Some(V::Open)),
        (CallStatus::Open, last, "2026-11-30", Some(V::Open)),
        (CallStatus::Open, last, "2026-12-01", Some(V::Closed)),
        (CallStatus::Open, None, "2036-12-01", Some(V::Open)),
        (CallStatus::Closed, None, "2026-11-10", Some(V::Closed)),
        (CallStatus::Closed, last, "2026-11-01", Some(V::Closed)),
    ] {
        assert_eq!(stands(status, opens, closes, day_of(today)), want, "{status} on {today}");
    }
}

#[test]
fn pages_are_counted_and_bounded() {
    let mut fields = Fields::new();
    let form = |page, page_size| PageForm { page: Some(page), page_size: Some(page_size) };
    let first = paging(&mut fields, "?", &PageForm::default());
    assert_eq!((first.page, first.size, first.offset()), (1, 100, 0));
    assert_eq!(paging(&mut fields, "?", &form(3, 7)).offset(), 14);
    assert_eq!(paging(&mut fields, "?", &form(1, 5000)).size, 100);
    assert_eq!(paging(&mut fields, "?", &form(i32::MAX, 100)).offset(), 214_748_364_600);
    fields.finish().expect("all of them are fine");
    for (total, pages) in [(0, 0), (1, 1), (7, 1), (8, 2), (14, 2)] {
        assert_eq!(Paging { page: 1, size: 7 }.told(total).total_pages, pages);
    }
    let mut fields = Fields::new();
    paging(&mut fields, "/pagination/", &form(0, -1));
    let wrong = fields.finish().expect_err("both are wrong");
    let pointers: Vec<&str> = wrong.fields().iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(pointers, ["/pagination/page", "/pagination/pageSize"]);
}

fn search(filters: OppFilters) -> SearchForm {
    SearchForm { filters: Some(filters), ..SearchForm::default() }
}

#[test]
fn filters_are_read() {
    let by = |operator, value: &[&str]| {
        let value = value.iter().map(|v| (*v).to_owned()).collect();
        let status = Some(StringArrayFilter { operator, value });
        let form = search(OppFilters { status, ..OppFilters::default() });
        wanted(&form).expect("readable").statuses.expect("a filter")
    };
    use OppStatusValue as V;
    assert_eq!(by(ArrayOperator::In, &["open", "x"]), [V::Open]);
    assert_eq!(by(ArrayOperator::NotIn, &["open", "x"]), [V::Forecasted, V::Closed]);
    assert_eq!(by(ArrayOperator::In, &[]), []);
    let closes = |min: &str, max: &str| {
        let value = DateRange { min: min.into(), max: max.into() };
        let filter =
            super::super::model::DateRangeFilter { operator: RangeOperator::Outside, value };
        wanted(&search(OppFilters { close_date_range: Some(filter), ..OppFilters::default() }))
    };
    let read = closes("2026-01-01", "2026-12-31T23:00:00-05:00").expect("readable").closes;
    let days = (day_of("2026-01-01"), day_of("2027-01-01"));
    assert_eq!(read, Some((RangeOperator::Outside, days.0, days.1)));
    let wrong = closes("x", "2026-13-01").expect_err("two are wrong");
    assert_eq!(wrong.fields().len(), 2);
}

#[test]
fn amounts_are_decimals() {
    for good in ["0", "-1", "12.50", "5."] {
        assert!(is_decimal(good), "{good}");
    }
    for bad in ["", "-", ".5", "1e3", "1,0", " 1", "1.2.3", "+1", "١"] {
        assert!(!is_decimal(bad), "{bad}");
    }
}

#[test]
fn what_cannot_be_followed_is_told() {
    let money = || ProtocolMoney { amount: "1".into(), currency: "USD".into() };
    let value = MoneyRange { min: money(), max: money() };
    let range = MoneyRangeFilter { operator: RangeOperator::Between, value };
    let mut form =
        search(OppFilters { min_award_amount_range: Some(range), ..OppFilters::default() });
    form.search = Some("A  b ".to_owned() + &"c ".repeat(20));
    let sort_by = OppSortBy::AwardCount;
    form.sorting = Some(OppSorting { sort_by, custom_sort_by: None, sort_order: None });
    let read = wanted(&form).expect("readable");
    assert!(read.nothing);
    assert_eq!((read.words.len(), &read.words[..2]), (10, &["a".into(), "b".into()][..]));
    assert_eq!((read.filter_errors.len(), read.sort_errors.len()), (2, 1));
    assert_eq!(read.sort_by, OppSortBy::LastModifiedAt);
}
