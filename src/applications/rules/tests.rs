//! What may be written, when it is complete, and when its time is over.

use super::*;
use crate::calls::model::Visibility;
use proptest::prelude::*;

const DRAFT: Bounds = Bounds { submitted: false, offered: 0, given: false };

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn form(json: &str) -> EditApplication {
    serde_json::from_str(json).expect("well formed")
}

fn told(result: Result<Content>) -> std::result::Result<Content, Vec<String>> {
    result.map_err(|e| e.fields().iter().map(|f| format!("{} {}", f.pointer, f.code)).collect())
}

fn write(old: &Content, json: &str, bounds: Bounds) -> std::result::Result<Content, Vec<String>> {
    let mut fields = Fields::new();
    let new = edit(&mut fields, old, &form(json), bounds);
    told(fields.finish().map(|()| new))
}

fn whole() -> Content {
    let json = r#"{"title":"Probes","summary":"s","body":"b","duration_months":12,
        "amount_minimum":{"amount":"10.00","currency":"USD"},
        "amount_requested":{"amount":"30.00","currency":"USD"},
        "budget_lines":[{"label":"Time","amount":{"amount":"20.00","currency":"USD"}},
                        {"label":"Machines","amount":{"amount":"10.00","currency":"USD"}}]}"#;
    write(&Content::empty(), json, DRAFT).expect("good")
}

#[test]
fn absent_is_left_and_null_is_cleared() {
    let old = whole();
    assert_eq!(write(&old, "{}", DRAFT), Ok(old.clone()));
    let cleared = write(&old, r#"{"summary":null,"duration_months":null}"#, DRAFT).expect("good");
    assert_eq!((cleared.summary.as_str(), cleared.duration_months), ("", None));
    assert_eq!(cleared.title, "Probes");
    assert_eq!(write(&old, r#"{"title":null}"#, DRAFT), Err(vec!["/title required".into()]));
    let gone = r#"{"amount_minimum":null,"amount_requested":null,"budget_lines":null}"#;
    assert_eq!(write(&old, gone, DRAFT).expect("good").currency, None);
    let kept: Vec<String> =
        vec!["/amount_requested required".into(), "/amount_minimum required".into()];
    assert_eq!(write(&old, gone, Bounds { submitted: true, offered: 0, given: false }), Err(kept));
    assert_eq!(old.visibility, Visibility::Private);
}

#[test]
fn amounts_share_one_currency() {
    let old = whole();
    let one = r#"{"amount_minimum":{"amount":"5.00","currency":"EUR"}}"#;
    assert_eq!(
        write(&old, one, DRAFT),
        Err(vec!["/amount_minimum/currency currency_mismatch".into()])
    );
    let all = r#"{"amount_minimum":{"amount":"5.00","currency":"EUR"},
        "amount_requested":{"amount":"5.00","currency":"EUR"},"budget_lines":null}"#;
    let euros = write(&old, all, DRAFT).expect("all at once");
    assert_eq!(euros.currency.map(|c| c.to_string()).as_deref(), Some("EUR"));
    let fast = Bounds { submitted: true, offered: 1, given: false };
    assert_eq!(
        write(&old, all, fast),
        Err(vec![
            "/amount_requested/currency currency_mismatch".into(),
            "/amount_minimum/currency currency_mismatch".into()
        ])
    );
}

#[test]
fn amounts_keep_their_order() {
    let old = whole();
    let above = r#"{"amount_minimum":{"amount":"30.01","currency":"USD"}}"#;
    assert_eq!(
        write(&old, above, DRAFT),
        Err(vec!["/amount_minimum/amount above_requested".into()])
    );
    let below = r#"{"amount_requested":{"amount":"9.99","currency":"USD"}}"#;
    assert_eq!(
        write(&old, below, DRAFT),
        Err(vec!["/amount_requested/amount above_requested".into()])
    );
    let bounds = Bounds { submitted: true, offered: 2_000, given: false };
    let lower = r#"{"amount_requested":{"amount":"19.99","currency":"USD"}}"#;
    assert_eq!(
        write(&old, lower, bounds),
        Err(vec!["/amount_requested/amount below_offered".into()])
    );
    let equal = r#"{"amount_requested":{"amount":"20.00","currency":"USD"}}"#;
    assert!(write(&old, equal, bounds).is_ok());
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let wrong = r#"{"title":" ","summary":"a\u0000b","duration_months":121,
        "amount_requested":{"amount":"-1.00","currency":"USD"},
        "amount_minimum":{"amount":"0.00","currency":"USD"},
        "budget_lines":[{"label":"","amount":{"amount":"1.005","currency":"USD"}}]}"#;
    assert_eq!(
        write(&Content::empty(), wrong, DRAFT),
        Err([
            "/title required",
            "/summary malformed",
            "/duration_months out_of_range",
            "/amount_requested/amount negative",
            "/amount_minimum/amount not_positive",
            "/budget_lines/0/label required",
            "/budget_lines/0/amount/amount precision",
        ]
        .map(String::from)
        .to_vec())
    );
    let line = r#"{"label":"x","amount":{"amount":"1.00","currency":"USD"}}"#;
    let many = format!(r#"{{"budget_lines":[{}]}}"#, [line; 51].join(","));
    assert_eq!(write(&Content::empty(), &many, DRAFT), Err(vec!["/budget_lines too_many".into()]));
}

#[test]
fn what_is_handed_in_is_complete_and_adds_up() {
    let check = |content: &Content, historic| {
        let mut fields = Fields::new();
        complete(&mut fields, content, historic);
        told(fields.finish().map(|()| content.clone())).err().unwrap_or_default()
    };
    assert!(check(&whole(), false).is_empty());
    let missing = check(&Content { title: "x".into(), ..Content::empty() }, false);
    let expected = [
        "/summary required",
        "/body required",
        "/amount_minimum required",
        "/amount_requested required",
        "/duration_months required",
        "/budget_lines required",
    ];
    assert_eq!(missing, expected);
    let mut old = whole();
    old.budget_lines[0].amount += 1;
    assert_eq!(check(&old, false), ["/budget_lines sum"]);
    assert_eq!(check(&old, true), ["/budget_lines sum"]);
    let bare = Content {
        summary: String::new(),
        body: String::new(),
        budget_lines: vec![],
        duration_months: None,
        ..whole()
    };
    assert!(check(&bare, true).is_empty());
}

#[test]
fn nobody_decides_on_their_own() {
    let stake = |on_team, conflict| may_decide(Stake { on_team, conflict }).map_err(|e| e.kind());
    assert_eq!(stake(false, false), Ok(()));
    assert_eq!(stake(true, false), Err(Kind::TwoPersons));
    assert_eq!(stake(true, true), Err(Kind::TwoPersons));
    assert_eq!(stake(false, true), Err(Kind::ConflictOfInterest));
}

#[test]
fn time_is_over_a_day_after_the_decision_time() {
    // 29 February 2028 and 28 days more: 28 March.
    let age = Age {
        state: State::Open,
        call_ended_on: Some(day("2028-02-29")),
        decision_days: 28,
        promised_on: Some(day("2028-03-20")),
        firm: 999,
        minimum: 1_000,
    };
    assert!(!is_over(&age, day("2028-03-28")));
    assert!(is_over(&age, day("2028-03-29")));
    let late = day("2029-01-01");
    assert!(is_over(&age, late));
    assert!(!is_over(&Age { firm: 1_000, ..age }, late), "it waits for us");
    assert!(!is_over(&Age { call_ended_on: None, ..age }, late), "a rolling call goes on");
    assert!(!is_over(&Age { promised_on: Some(late), ..age }, late), "promised for today");
    assert!(!is_over(&Age { state: State::Submitted, ..age }, late), "nobody looked yet");
}

proptest! {
    #[test]
    fn whatever_is_accepted_can_be_kept(
        minimum in 0..5_000i64, requested in 0..5_000i64, offered in 0..5_000i64,
        submitted: bool,
    ) {
        let text = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
        let json = format!(
            r#"{{"amount_minimum":{{"amount":"{}","currency":"USD"}},
                "amount_requested":{{"amount":"{}","currency":"USD"}}}}"#,
            text(minimum), text(requested)
        );
        let offered = if submitted { offered.min(3_000) } else { 0 };
        let bounds = Bounds { submitted, offered, given: false };
        if let Ok(new) = write(&whole(), &json, bounds) {
            let (m, r) = (new.amount_minimum.expect("set"), new.amount_requested.expect("set"));
            prop_assert!(0 < m && m <= r && r >= offered && new.currency.is_some());
        }
    }
}
