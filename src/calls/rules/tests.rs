//! Calls at the edges of their days.

use super::*;
use crate::kernel::ids::IdSource;
use crate::kernel::time::Instant;

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn form() -> CreateCall {
    serde_json::from_value(serde_json::json!({
        "title": "AI safety", "kind": "dated", "opens_on": "2028-02-01", "closes_on": "2028-02-29"
    }))
    .expect("well formed")
}

fn terms(form: &CreateCall) -> std::result::Result<Terms, Vec<String>> {
    let mut fields = Fields::new();
    let terms = create(&mut fields, form, day("2028-01-15"), 28);
    match fields.finish() {
        Ok(()) => Ok(terms),
        Err(e) => Err(e.fields().iter().map(|f| format!("{} {}", f.pointer, f.code)).collect()),
    }
}

fn facts(status: CallStatus, opens: &str, closes: Option<&str>) -> CallFacts {
    let now = Instant::from_micros(0).expect("in range");
    CallFacts {
        id: IdSource::seeded(1).next(now),
        title: "AI safety".into(),
        status,
        kind: if closes.is_some() { CallKind::Dated } else { CallKind::Rolling },
        opens_on: day(opens),
        closes_on: closes.map(day),
        decision_days: 28,
        fund_ids: vec![],
        visibility: Visibility::Public,
    }
}

#[test]
fn takes_applications_on_its_first_and_its_last_day() {
    let call = facts(CallStatus::Open, "2027-12-31", Some("2028-02-29"));
    for (today, ok) in [
        ("2027-12-30", false),
        ("2027-12-31", true),
        ("2028-01-01", true),
        ("2028-02-29", true),
        ("2028-03-01", false),
    ] {
        assert_eq!(accepts(&call, day(today)).is_ok(), ok, "{today}");
    }
    let rolling = facts(CallStatus::Open, "2027-12-31", None);
    assert!(accepts(&rolling, day("2199-12-31")).is_ok());
    for status in [CallStatus::Draft, CallStatus::Closed] {
        assert!(accepts(&facts(status, "2027-12-31", None), day("2028-01-01")).is_err());
    }
}

#[test]
fn a_dated_call_has_a_last_day_and_a_rolling_one_has_none() {
    assert_eq!(terms(&form()).expect("good").closes_on, Some(day("2028-02-29")));
    let rolling = CreateCall { kind: CallKind::Rolling, ..form() };
    assert_eq!(terms(&rolling), Err(vec!["/closes_on not_allowed".into()]));
    let endless = CreateCall { closes_on: None, ..form() };
    assert_eq!(terms(&endless), Err(vec!["/closes_on required".into()]));
    let backwards = CreateCall { closes_on: Some(day("2028-01-31")), ..form() };
    assert_eq!(terms(&backwards), Err(vec!["/closes_on out_of_range".into()]));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let wrong = CreateCall {
        title: " ".into(),
        decision_days: Some(0),
        opens_on: Some(day("0001-01-01")),
        closes_on: None,
        ..form()
    };
    let told = terms(&wrong).expect_err("wrong");
    let expected = [
        "/title required",
        "/opens_on out_of_range",
        "/decision_days out_of_range",
        "/closes_on required",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_applicants_rely_on_is_fixed_once_it_is_open() {
    let old = terms(&form()).expect("good");
    let change = |text: &str, status| {
        let form: EditCall = serde_json::from_str(text).expect("well formed");
        let mut fields = Fields::new();
        let new = edit(&mut fields, &old, &form, status, day("2028-02-10"));
        fields.finish().map(|()| new).map_err(|e| e.fields()[0].pointer.clone())
    };
    let opens = r#"{"opens_on":"2028-02-03"}"#;
    assert!(change(opens, CallStatus::Draft).is_ok());
    assert_eq!(change(opens, CallStatus::Open), Err("/opens_on".into()));
    let past = r#"{"closes_on":"2028-02-09"}"#;
    assert_eq!(change(past, CallStatus::Open), Err("/closes_on".into()));
    let later = change(r#"{"closes_on":"2028-12-31"}"#, CallStatus::Open).expect("later");
    assert_eq!(later.closes_on, Some(day("2028-12-31")));
    assert_eq!(change(r#"{"title":null}"#, CallStatus::Draft), Err("/title".into()));
    let rolling = change(r#"{"kind":"rolling","closes_on":null}"#, CallStatus::Draft);
    assert_eq!(rolling.expect("rolling").closes_on, None);
}

#[test]
fn closing_early_moves_the_last_day_and_closing_late_does_not() {
    let today = day("2028-02-10");
    assert_eq!(last_day(None, today), today);
    assert_eq!(last_day(Some(day("2028-02-29")), today), today);
    assert_eq!(last_day(Some(day("2028-02-01")), today), day("2028-02-01"));
    let over = facts(CallStatus::Draft, "2028-01-01", Some("2028-02-09"));
    assert!(may_open(&over, today).is_err());
    assert!(may_open(&facts(CallStatus::Draft, "2028-03-01", None), today).is_ok());
}
