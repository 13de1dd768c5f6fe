//! Words, filters, order and pages.

use super::{SEARCH, found, joins, open, open_with, titles};
use crate::support::desk::usd;
use crate::support::{Harness, Side, watch};
use serde_json::{Value, json};

both! {
    fn the_title_counts_most_then_the_summary_and_the_newest_is_first(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        open(&field, &rea, ["Mirrors of glass", "a", "b"]);
        open(&field, &rea, ["In the summary", "about a mirror", "b"]);
        open(&field, &rea, ["In the body", "a", "the mirror is here"]);
        open(&field, &rea, ["A newer mirror", "a", "b"]);
        open(&field, &rea, ["Elsewhere", "a", "b"]);
        let nobody = web.anonymous();
        let all_of_them = ["A newer mirror", "Mirrors of glass", "In the summary", "In the body"];
        assert_eq!(found(&nobody, "q=mirror"), all_of_them);
        assert_eq!(found(&nobody, "q=MIRRORS"), all_of_them, "case and number do not matter");
        assert_eq!(found(&nobody, "q=mirror+newer"), ["A newer mirror"]);
        assert_eq!(found(&nobody, "q=summary+mirror"), ["In the summary"], "over fields together");
        assert_eq!(found(&nobody, "q=here+elsewhere"), Vec::<String>::new());
        assert_eq!(found(&nobody, "").len(), 5);
        // Page by page the same, each once.
        for size in 1..=4 {
            let (mut all, mut after) = (Vec::new(), String::new());
            loop {
                let path = format!("{SEARCH}?q=mirror&limit={size}{after}");
                let page = nobody.get(&path).ok();
                assert!(titles(&page).len() <= size);
                all.extend(titles(&page));
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
            assert_eq!(all, all_of_them, "pages of {size}");
        }
    }

    fn what_is_typed_is_words_and_nothing_else(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        open(&field, &rea, ["Ångström's well-being and/or C++", "near", "not or and"]);
        let nobody = web.anonymous();
        let finds = |q: &str| {
            let q: String = q.bytes().map(|b| format!("%{b:02X}")).collect();
            found(&nobody, &format!("q={q}")).len()
        };
        for q in [
            "angstrom", "ÅNGSTRÖM", "being", "\"well being\"", "well-being", "or", "AND",
            "NEAR", "NEAR(", "NOT", "c", "s", "near:", "(near)", "{near}",
            "near & and | !not", "near\\", "c++", "-c",
        ] {
            assert_eq!(finds(q), 1, "{q}");
        }
        for q in [
            "\"", "'", "*", ":", "-", "NEAR(a b, 5)", "title:x", "a* OR b", "\\", "%",
            "<->", "!!", "& |", "((((", "'; DROP TABLE applications; --", "x\u{0301}", "हिन्दी",
            "Ⓐx", "a\u{1C89}b", "👩🏽‍🔬", "李小龍",
            "statusopenx nothing", "\u{FFFD}",
        ] {
            assert_eq!(finds(q), 0, "{q}");
        }
        nobody.get(&format!("{SEARCH}?q={}", "x".repeat(200))).ok();
        nobody.get(&format!("{SEARCH}?q={}", "x+".repeat(100))).ok();
        nobody.get(&format!("{SEARCH}?q={}", "x".repeat(201))).wrong_fields(&["?q"]);
        nobody.get(&format!("{SEARCH}?q=a%00b")).wrong_fields(&["?q"]);
        nobody.get(&format!("{SEARCH}?nonsense=1")).wrong_fields(&["?nonsense"]);
        nobody.get(&format!("{SEARCH}?after=nonsense")).wrong_fields(&["?after"]);
        let made_up = format!("{SEARCH}?after={}A", "A".repeat(21));
        nobody.get(&made_up).wrong_fields(&["?after"]);
    }

    fn both_databases_know_the_same_stems(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        for title in ["Directly", "General", "News", "Technology", "Possibly", "Useful"] {
            open(&field, &rea, [title, "a", "b"]);
        }
        let nobody = web.anonymous();
        for (word, title) in [("directly", "Directly"), ("generate", "General"), ("new", "News"),
            ("technological", "Technology"), ("possible", "Possibly"), ("us", "Useful"),
            ("use", "Useful")] {
            assert_eq!(found(&nobody, &format!("q={word}")), [title], "{word}");
        }
        for word in ["direct", "as", "bs"] {
            assert!(found(&nobody, &format!("q={word}")).is_empty(), "{word}");
        }
    }

    fn filters(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, nobody) = (web.person("Rea"), web.person("Mo"), web.anonymous());
        let sum = |amount: &str| json!({
            "title": format!("Asks {amount}"), "amount_minimum": usd("1.00"),
            "amount_requested": usd(amount),
            "budget_lines": [{ "label": "All of it", "amount": usd(amount) }],
        });
        for amount in ["999.99", "1000.00", "25000.00", "30000.00"] {
            open_with(&field, &rea, sum(amount));
        }
        let form = json!({ "title": "Another call", "kind": "rolling", "summary": "Come." });
        let call = field.desk.admin.post("/api/v1/calls", form).id();
        field.desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let mut other = sum("50.00");
        other["call_id"] = json!(call);
        let team = open_with(&field, &rea, other);

        let range = |query: &str| found(&nobody, &format!("currency=USD&{query}"));
        assert_eq!(range("amount_min=1000.00"), ["Asks 30000.00", "Asks 25000.00", "Asks 1000.00"]);
        assert_eq!(range("amount_max=1000.00"), ["Asks 50.00", "Asks 1000.00", "Asks 999.99"]);
        assert_eq!(range("amount_min=1000.01&amount_max=29999.99"), ["Asks 25000.00"]);
        assert_eq!(range("amount_min=0.00&q=asks+50"), ["Asks 50.00"]);
        assert_eq!(range("").len(), 5);
        assert!(found(&nobody, "currency=EUR").is_empty());
        let words = nobody.get(&format!("{SEARCH}?q=lens&team_min=two"));
        let words = words.wrong_fields(&["?team_min"])["fields"][0]["message"].clone();
        assert_eq!(words, "write a whole number");
        for (query, wrong) in [
            ("amount_min=1", vec!["?currency"]),
            ("currency=XXQ", vec!["?currency"]),
            ("currency=USD&amount_min=x&amount_max=-1", vec!["?amount_min", "?amount_max"]),
            ("currency=USD&amount_min=2.00&amount_max=1.00", vec!["?amount_max"]),
            ("team_min=0&team_max=21", vec!["?team_min", "?team_max"]),
            ("team_min=3&team_max=2", vec!["?team_max"]),
            ("status=draft", vec!["?status"]),
        ] {
            nobody.get(&format!("{SEARCH}?{query}")).wrong_fields(&wrong);
        }
        assert_eq!(found(&nobody, &format!("call_id={call}")), ["Asks 50.00"]);
        assert_eq!(found(&nobody, "status=open").len(), 5);
        assert!(found(&nobody, "status=awarded").is_empty());

        assert!(found(&nobody, "team_min=2").is_empty());
        let seat = joins(&field, &rea, &team, &mo, false);
        assert_eq!(found(&rea, "team_max=1").len(), 5, "who was asked has not said yes");
        let members = format!("/api/v1/applications/{team}/members");
        mo.command(&format!("{members}/{seat}/accept")).ok();
        assert_eq!(found(&rea, "team_min=2"), ["Asks 50.00"]);
        rea.command(&format!("/api/v1/applications/{team}/submit")).ok();
        assert_eq!(found(&nobody, "team_min=2&team_max=2"), ["Asks 50.00"]);
        assert_eq!(found(&nobody, "team_max=1").len(), 4);
        mo.command(&format!("{members}/{seat}/decline")).ok();
        assert!(found(&nobody, "team_min=2").is_empty());
    }

    fn what_ended_while_it_was_changed_is_found_by_what_was_asked_for(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let asks = |title: &str, amount: &str| json!({
            "title": title, "amount_minimum": usd("1.00"), "amount_requested": usd(amount),
            "budget_lines": [{ "label": "All of it", "amount": usd(amount) }],
        });
        for end in ["withdraw", "decline", "none"] {
            let id = open_with(&field, &rea, asks(end, "10000.00"));
            let path = format!("/api/v1/applications/{id}");
            let reason = json!({ "reason": "Please say more." });
            admin.post(&format!("{path}/request-changes"), reason.clone()).ok();
            let etag = rea.get(&path).etag().to_owned();
            rea.patch(&path, &etag, asks(end, "50000.00")).ok();
            match end {
                "withdraw" => drop(rea.command(&format!("{path}/withdraw")).ok()),
                "decline" => drop(admin.post(&format!("{path}/decline"), reason).ok()),
                _ => {}
            }
        }
        let range = |least: &str, most: &str| {
            found(admin, &format!("currency=USD&amount_min={least}&amount_max={most}"))
        };
        assert_eq!(range("5000.00", "20000.00"), ["none", "decline", "withdraw"]);
        assert!(range("40000.00", "60000.00").is_empty(), "nobody handed that in");
    }

    fn the_index_follows_every_edit(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let admin = &field.desk.admin;
        let id = open(&field, &rea, ["Telescope", "a", "b"]);
        let path = format!("/api/v1/applications/{id}");
        let reason = json!({ "reason": "Please say more." });
        admin.post(&format!("{path}/request-changes"), reason).ok();
        assert!(found(&web.anonymous(), "q=telescope").is_empty());
        assert_eq!(found(&rea, "q=telescope&status=changes_requested"), ["Telescope"]);
        let etag = rea.get(&path).header("etag").expect("a version").to_owned();
        rea.patch(&path, &etag, json!({ "title": "Microscope" })).ok();
        // Until it is handed in it is found by what others have read, by its team as well.
        assert_eq!(found(&rea, "q=telescope"), ["Microscope"]);
        assert!(found(&rea, "q=microscope").is_empty());
        // What is refused leaves no trace.
        rea.patch(&path, &etag, json!({ "title": "Periscope" })).refused(412, "edited_meanwhile");
        assert!(found(&rea, "q=periscope").is_empty());
        rea.command(&format!("{path}/submit")).ok();
        assert_eq!(found(&web.anonymous(), "q=microscope"), ["Microscope"]);
        admin.post(&format!("{path}/decline"), json!({ "reason": "No." })).ok();
        assert!(found(&web.anonymous(), "q=microscope").is_empty());
        assert_eq!(found(admin, "q=microscope&status=declined"), ["Microscope"]);
    }

    fn a_search_looks_for_the_newest_document_once(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let field = web.field();
        open(&field, &web.person("Rea"), ["Lens", "a", "b"]);
        open(&field, &web.person("Mo"), ["Mirror", "a lens", "b"]);
        let (asked, titles) = watch::during(&t.url, || found(&web.person("Sam"), "q=lens"));
        // All tiers are looked at.
        assert_eq!(titles, ["Lens", "Mirror"]);
        let with = |part: &str| asked.iter().filter(|sql| sql.contains(part)).count();
        let (newest, looks) = match t.side {
            Side::Sqlite => (0, with("search_titles MATCH")),
            Side::Postgres => (1, with("title_words @@ (SELECT plainto_tsquery")),
        };
        assert!(looks > 0, "{asked:#?}");
        assert_eq!(with("max(doc)"), newest, "{asked:#?}");
        assert_eq!(with("$1 = ''"), 0, "{asked:#?}");
    }

    fn a_row_is_the_same_as_in_a_list(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        open(&field, &web.person("Rea"), ["Telescope", "a", "b"]);
        let nobody = web.anonymous();
        let one = |path: &str| -> Value { nobody.get(path).ok()["items"][0].clone() };
        assert_eq!(one(&format!("{SEARCH}?q=telescope")), one("/api/v1/applications"));
    }
}
