//! What the service takes and what the JSON Schema takes is the same, as an independent validator
//! reads the schema.

use almoner::answers::model::{Answers, Form};
use almoner::answers::rules;
use almoner::kernel::fields::Fields;
use almoner::kernel::ids::CallId;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;

/// A form with every kind of question, and with conditions upon conditions.
fn every_kind(chars: i64, words: i64, required: bool, currency: &str) -> Form {
    let options = json!([{ "key": "a", "label": "A" }, { "key": "b", "label": "B" },
        { "key": "c", "label": "C" }]);
    let q = |key: &str, kind: &str| json!({ "key": key, "label": key, "kind": kind });
    let with = |mut question: Value, more: Value| {
        for (name, value) in more.as_object().expect("fields") {
            question[name] = value.clone();
        }
        question
    };
    let columns = json!([
        { "key": "what", "label": "What", "kind": "text", "required": true },
        { "key": "many", "label": "Many", "kind": "number" },
        { "key": "cost", "label": "Cost", "kind": "money", "currency": currency },
        { "key": "when", "label": "When", "kind": "date" },
        { "key": "sort", "label": "Sort", "kind": "choice", "options": options },
    ]);
    let form = json!({
        "questions": [
            with(q("short", "short_text"), json!({ "max_chars": chars, "required": required })),
            with(q("long", "long_text"), json!({ "max_words": words })),
            with(q("number", "number"), json!({ "min": -3, "max": 7 })),
            with(q("wide", "number"), json!({ "shown_if": { "question": "number", "at_least": 5 },
                "required": true })),
            with(q("rate", "number"), json!({ "decimals": 2, "min": 0, "max": 2.5 })),
            with(q("apart", "short_text"), json!({
                "shown_if": { "question": "rate", "at_least": 0.3, "at_most": 1 } })),
            with(q("money", "money"), json!({ "currency": currency })),
            q("date", "date"),
            with(q("choice", "choice"), json!({ "options": options, "required": required })),
            with(q("choices", "choices"), json!({ "options": options, "max_choices": 2,
                "shown_if": { "question": "choice", "any_of": ["a", "b"] } })),
            with(q("file", "file"), json!({ "required": true,
                "shown_if": { "question": "choices", "any_of": ["c"] } })),
            with(q("table", "table"), json!({ "columns": columns, "max_rows": 2 })),
        ],
        "eligibility": [{ "key": "adult", "label": "Of age?", "options": options,
            "eligible": ["a", "b"], "refusal": "Grow up first." }],
    });
    let sent: Form = serde_json::from_value(form).expect("a form");
    let mut fields = Fields::new();
    let kept = rules::form(&mut fields, &sent);
    fields.finish().expect("a good form");
    kept
}

/// Texts that lie on the edges of what is a word, a line, a character.
fn text() -> impl Strategy<Value = Value> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        " ",
        "\t",
        "\n",
        "\r",
        "\u{85}",
        "\u{a0}",
        "\u{2003}",
        "\u{2028}",
        "\u{feff}",
        "\u{202e}",
        "\u{7f}",
        "\u{1}",
        "é",
        "e\u{301}",
        "👩🏽‍🔬",
        "字",
        "\u{200b}",
    ]);
    prop::collection::vec(piece, 0..9).prop_map(|pieces| json!(pieces.concat()))
}

fn number() -> impl Strategy<Value = Value> {
    let edges = vec![
        json!(5),
        json!(5.0),
        json!(5.5),
        json!("5"),
        json!(-3),
        json!(-4),
        json!(7),
        json!(8),
        json!(-0.0),
        json!(1e300),
        json!(1_000_000_000_000_000_i64),
        json!(1e15),
        json!(true),
        json!(1_000_000_000_000_001_i64),
        json!(u64::MAX),
        json!(null),
        json!([5]),
    ];
    prop::sample::select(edges)
}

/// No less than nothing: the validator takes no number below zero for a multiple of a fraction.
fn decimal() -> impl Strategy<Value = Value> {
    let edges = vec![
        json!(0),
        json!(1),
        json!(1.0),
        json!(0.1),
        json!(0.29),
        json!(0.3),
        json!(0.57),
        json!(1.01),
        json!(2.5),
        json!(2.51),
        json!(0.301),
        json!(0.30000000000000004),
        json!(1e-7),
        json!(1e300),
        json!("0.1"),
        json!([0.1]),
    ];
    prop::sample::select(edges)
}

fn money() -> impl Strategy<Value = Value> {
    let amounts = prop::sample::select(vec![
        "1.00",
        "0.00",
        "-1.00",
        "-0.00",
        "1",
        "1.0",
        "1.000",
        "01.00",
        "10000000000000.00",
        "10000000000000.01",
        "9999999999999.99",
        "1000000000000000",
        "1000000000000001",
        "999999999999999",
        "1e3",
        "1.00\n",
        " 1.00",
        "",
        ".50",
        "1.",
        "٣.00",
        "10000000000000",
    ]);
    let codes = prop::sample::select(vec!["USD", "JPY", "KWD", "usd", ""]);
    (amounts, codes, 0..8u8).prop_map(|(amount, code, odd)| match odd {
        0 => json!({ "amount": amount }),
        1 => json!({ "amount": amount, "currency": code, "more": 1 }),
        2 => json!(amount),
        _ => json!({ "amount": amount, "currency": code }),
    })
}

fn day() -> impl Strategy<Value = Value> {
    let days = prop::sample::select(vec![
        "2026-12-31",
        "2028-02-29",
        "2027-02-29",
        "1900-02-29",
        "2000-02-29",
        "2100-02-29",
        "2104-02-29",
        "1899-12-31",
        "2200-12-31",
        "2201-01-01",
        "2026-04-31",
        "2026-00-10",
        "2026-1-01",
        "20261231",
        "2026-12-31T00:00:00Z",
        "2026-12-31\n",
        "+026-12-31",
        "",
    ]);
    days.prop_map(|day| json!(day))
}

fn choice() -> impl Strategy<Value = Value> {
    let any = vec![json!("a"), json!("b"), json!("c"), json!("d"), json!(1), json!(["a"])];
    prop::sample::select(any)
}

fn choices() -> impl Strategy<Value = Value> {
    let lists = prop::collection::vec(choice(), 0..4).prop_map(|list| json!(list));
    prop_oneof![4 => lists, 1 => choice()]
}

fn file() -> impl Strategy<Value = Value> {
    let ids = vec![
        json!("01a19b7c-a680-7035-80a7-6d853561f4e6"),
        json!("01A19B7C-A680-7035-80A7-6D853561F4E6"),
        json!("01a19b7ca680703580a76d853561f4e6"),
        json!("{01a19b7c-a680-7035-80a7-6d853561f4e6}"),
        json!("x"),
        json!(7),
    ];
    prop::sample::select(ids)
}

fn table() -> impl Strategy<Value = Value> {
    let maybe = |cell: BoxedStrategy<Value>| prop::option::weighted(0.5, cell);
    let row = (
        prop::option::weighted(0.9, prop_oneof![3 => Just(json!("Lens")), 1 => text()]),
        maybe(number().boxed()),
        maybe(money().boxed()),
        maybe(day().boxed()),
        maybe(choice().boxed()),
        0..10u8,
    );
    let row = row.prop_map(|(what, many, cost, when, sort, odd)| {
        let mut row = json!({});
        let cells = [what, many, cost, when, sort];
        for (key, cell) in ["what", "many", "cost", "when", "sort"].into_iter().zip(cells) {
            if let Some(cell) = cell {
                row[key] = cell;
            }
        }
        match odd {
            0 => json!([row]),
            1 => {
                row["extra"] = json!(1);
                row
            }
            _ => row,
        }
    });
    prop::collection::vec(row, 0..4).prop_map(|rows| json!(rows))
}

/// A good answer to each question under this currency.
fn good(currency: &str) -> Value {
    let amount = match currency {
        "JPY" => "100",
        "KWD" => "1.000",
        _ => "1.00",
    };
    let money = json!({ "amount": amount, "currency": currency });
    json!({
        "adult": "a", "short": "a", "long": "a", "number": 5, "wide": 9, "money": money,
        "rate": 0.55, "apart": "a",
        "date": "2028-02-29", "choice": "a", "choices": ["c"],
        "file": "01a19b7c-a680-7035-80a7-6d853561f4e6",
        "table": [{ "what": "Lens", "cost": money }],
    })
}

/// Answers of which some are at the edge, and some are missing.
fn answers() -> impl Strategy<Value = (String, Vec<(String, Option<Value>)>)> {
    let odd = prop_oneof![
        text().prop_map(|v| ("short", v)),
        text().prop_map(|v| ("long", v)),
        number().prop_map(|v| ("number", v)),
        number().prop_map(|v| ("wide", v)),
        decimal().prop_map(|v| ("rate", v)),
        money().prop_map(|v| ("money", v)),
        day().prop_map(|v| ("date", v)),
        choice().prop_map(|v| ("choice", v)),
        choices().prop_map(|v| ("choices", v)),
        file().prop_map(|v| ("file", v)),
        table().prop_map(|v| ("table", v)),
        choice().prop_map(|v| ("adult", v)),
        Just(("unknown", json!("x"))),
    ];
    let odd = odd.prop_map(|(key, value)| (key.to_owned(), Some(value)));
    let keys = vec![
        "short", "long", "number", "wide", "rate", "apart", "money", "date", "choice", "choices",
        "file", "table",
    ];
    let gone = prop::sample::select(keys).prop_map(|key| (key.to_owned(), None));
    let currencies = prop::sample::select(vec!["USD", "JPY", "KWD"]).prop_map(str::to_owned);
    (currencies, prop::collection::vec(prop_oneof![3 => odd, 2 => gone], 0..4))
}

fn ours(form: &Form, answers: &Answers) -> Result<(), String> {
    let mut fields = Fields::new();
    rules::check(&mut fields, form, answers);
    fields.finish().map_err(|p| format!("{:?}", p.fields()))
}

#[test]
fn the_checker_and_the_schema_agree() {
    let call: CallId = "01a19b7c-a680-7035-80a7-6d853561f4e6".parse().expect("an id");
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    let cases = crate::ledger::setting("ALMONER_SCHEMA_CASES", 3_000);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: u32::try_from(cases).expect("few"),
        ..ProptestConfig::default()
    });
    let all = (answers(), 1..6i64, 1..4i64, any::<bool>());
    let run = runner.run(&all, |((currency, changes), chars, words, required)| {
        let form = every_kind(chars, words, required, &currency);
        let schema = rules::schema(call, 1, &form);
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        let mut answers = good(&currency).as_object().expect("answers").clone();
        for (key, value) in changes {
            match value {
                Some(value) => {
                    answers.insert(key, value);
                }
                None => {
                    answers.remove(&key);
                }
            }
        }
        let (us, them) = (ours(&form, &answers), validator.is_valid(&json!(answers)));
        let counted = if them { &taken } else { &refused };
        counted.set(counted.get() + 1);
        prop_assert_eq!(us.is_ok(), them, "{:?}: {}", us, json!(answers));
        Ok(())
    });
    run.unwrap_or_else(|e| panic!("{e}"));
    assert!(taken.get() > 100 && refused.get() > 100, "{} {}", taken.get(), refused.get());
}

#[test]
fn the_schema_is_one_by_its_own_schema() {
    let call: CallId = "01a19b7c-a680-7035-80a7-6d853561f4e6".parse().expect("an id");
    for currency in ["USD", "JPY", "KWD"] {
        let schema = rules::schema(call, 3, &every_kind(200, 300, true, currency));
        assert!(jsonschema::meta::is_valid(&schema), "{schema}");
    }
}
