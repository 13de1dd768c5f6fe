//! Who finds what: never more than their lists show.

use super::{SEARCH, found, joins, open_with, titles};
use crate::support::Harness;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::json;
use std::collections::BTreeSet;

/// The whole of a list or search, page by page.
fn all(who: &Client, path: &str) -> BTreeSet<String> {
    let (mut all, mut after) = (BTreeSet::new(), String::new());
    for _ in 0..200 {
        let page = who.get(&format!("{path}&limit=3{after}")).ok();
        for title in titles(&page) {
            assert!(all.insert(title), "{path} shows something twice");
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
    panic!("{path} does not end");
}

both! {
    fn everybody_finds_what_they_list(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam, mo, ina) =
            (web.person("Rea"), web.person("Sam"), web.person("Mo"), web.person("Ina"));
        let (backer, other) = (field.backer("1000.00"), field.backer("1000.00"));
        let admin = &field.desk.admin;
        let call = json!({ "title": "By invitation", "kind": "rolling",
            "fund_ids": [backer.fund] });
        let closed = admin.post("/api/v1/calls", call).id();
        admin.command(&format!("/api/v1/calls/{closed}/open")).ok();
        let mut ids = Vec::new();
        for (n, who) in [&rea, &sam].into_iter().enumerate() {
            for visibility in ["public", "private"] {
                for (c, call) in [&field.call, &closed].into_iter().enumerate() {
                    let title = format!("Canary {n} {visibility} {c}");
                    let form = json!({ "title": title, "visibility": visibility, "call_id": call });
                    ids.push(open_with(&field, who, form));
                }
            }
            let draft = json!({ "call_id": field.call, "title": format!("Canary draft {n}"),
                "visibility": "public" });
            who.post("/api/v1/applications", draft).ok();
        }
        // One was handed in only, one declined, one awarded.
        let declined = format!("/api/v1/applications/{}/decline", ids[0]);
        admin.post(&declined, json!({ "reason": "No." })).ok();
        backer.offer(&ids[3], "500.00").ok();
        field.awarded(&ids[3]);
        for (who, says_yes) in [(&mo, true), (&ina, false)] {
            joins(&field, &sam, &ids[7], who, says_yes);
        }
        let callers = [
            ("anonymous", web.anonymous()), ("rea", rea), ("sam", sam), ("mo", mo), ("ina", ina),
            ("stranger", web.person("Stan")), ("backer", backer.who), ("other", other.who),
            ("admin", admin.clone()), ("finance", field.desk.finance.clone()),
            ("auditor", web.with_role("Audrey", Role::Auditor)),
            ("reviewer", web.with_role("Remy", Role::Reviewer)),
        ];
        let mut sizes = BTreeSet::new();
        for (name, who) in &callers {
            let mut listed = all(who, "/api/v1/applications?");
            listed.retain(|title| !title.contains("draft"));
            for query in ["q=canary", "", "currency=USD", "team_min=1"] {
                assert_eq!(all(who, &format!("{SEARCH}?{query}")), listed, "{name}: {query}");
            }
            sizes.insert(listed.len());
        }
        assert!(sizes.len() > 3, "they see different things: {sizes:?}");
        assert!(found(&callers[0].1, "q=draft").is_empty());
    }

    fn a_word_that_looks_like_a_mark_opens_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let form = json!({
            "title": "seenpublicopenx anyx", "visibility": "private",
            "summary": "statusopenx callx", "body": "seenpublicopenx",
        });
        open_with(&field, &web.person("Rea"), form);
        let nobody = web.anonymous();
        for query in ["q=seenpublicopenx", "q=callx", "status=open", ""] {
            assert!(found(&nobody, query).is_empty(), "{query}");
        }
        // Nor does the mark of a private call tell what is in it.
        let call = json!({ "title": "Asks few", "kind": "rolling", "visibility": "private" });
        let call = field.desk.admin.post("/api/v1/calls", call).id();
        field.desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let rea = web.person("Rea");
        open_with(&field, &rea, json!({ "title": "Among few", "call_id": call }));
        let mark = |kind: &str, id: &str| format!("{kind}{}x", id.replace('-', ""));
        assert_eq!(found(&nobody, "q=few"), ["Among few"]);
        let asked = mark("call", &call);
        for query in [format!("q={asked}"), format!("q={asked}+few"), "q=anyx+few".into()] {
            assert!(found(&nobody, &query).is_empty(), "{query}");
        }
        // What somebody writes is a word, and stands for nothing.
        let vera = web.person("Vera").id().to_string();
        let (vouched, agenda) = (mark("vouched", &vera), mark("agenda", &call));
        let body = format!("{vouched} {agenda} team20x");
        open_with(&field, &rea, json!({ "title": "Forged", "body": body }));
        let filters = [format!("vouched_by={vera}"), format!("agenda_id={call}"),
            "team_min=20".into()];
        for query in filters {
            assert!(found(&nobody, &query).is_empty(), "{query}");
        }
        assert_eq!(found(&nobody, &format!("q={vouched}")), ["Forged"]);
    }

    fn many_that_are_hidden_do_not_hide_what_is_not(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let (backer, other) = (field.backer("1000.00"), field.backer("1000.00"));
        let call = json!({ "title": "By invitation", "kind": "rolling", "fund_ids": [other.fund] });
        let call = field.desk.admin.post("/api/v1/calls", call).id();
        field.desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        open_with(&field, &rea, json!({ "title": "Deep lens" }));
        for n in 0..40 {
            let form = json!({ "title": format!("Lens {n}"), "visibility": "private",
                "call_id": call });
            open_with(&field, &web.person(&format!("Rea {n}")), form);
        }
        // More looks than one are needed to get past what another's fund alone may see.
        let page = backer.who.get(&format!("{SEARCH}?q=lens&limit=1")).ok();
        assert_eq!(titles(&page), ["Deep lens"]);
        assert_eq!(all(&other.who, &format!("{SEARCH}?q=lens")).len(), 41);
    }
}
