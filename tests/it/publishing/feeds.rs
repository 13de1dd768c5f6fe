//! Feeds: an XML reader of its own takes them, and they hold what Atom (RFC 4287) wants.

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::Client;
use almoner::kernel::time::Instant;
use roxmltree::{Document, Node};
use serde_json::json;
use std::collections::BTreeSet;

const ATOM: &str = "http://www.w3.org/2005/Atom";

fn all<'a>(of: Node<'a, 'a>, name: &'static str) -> Vec<Node<'a, 'a>> {
    of.children().filter(|n| n.has_tag_name((ATOM, name))).collect()
}

/// The text of the one element with this name.
fn one(of: Node<'_, '_>, name: &str, faults: &mut Vec<String>) -> String {
    let found: Vec<_> = of.children().filter(|n| n.has_tag_name((ATOM, name))).collect();
    match found[..] {
        [only] => only.text().unwrap_or_default().to_owned(),
        _ => {
            faults.push(format!("{} of {name}", found.len()));
            String::new()
        }
    }
}

fn moment(text: &str, faults: &mut Vec<String>) -> Option<Instant> {
    let at = text.parse().ok();
    if at.is_none() {
        faults.push(format!("{text:?} is no moment"));
    }
    at
}

/// What is wrong with a feed that should be at this address.
fn faults(text: &str, address: &str) -> Vec<String> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(e) => return vec![e.to_string()],
    };
    let (feed, mut faults) = (document.root_element(), Vec::new());
    if !feed.has_tag_name((ATOM, "feed")) {
        faults.push("it is no feed".into());
    }
    let absolute = |text: &str| text.starts_with("http") || text.starts_with("urn:uuid:");
    if !absolute(&one(feed, "id", &mut faults)) || one(feed, "title", &mut faults).is_empty() {
        faults.push("the feed's id or title".into());
    }
    let changed = moment(&one(feed, "updated", &mut faults), &mut faults);
    let is_self = |l: &&Node<'_, '_>| l.attribute("rel") == Some("self");
    let selves: Vec<_> = all(feed, "link").into_iter().filter(|l| is_self(&l)).collect();
    if selves.len() != 1 || selves[0].attribute("href") != Some(address) {
        faults.push("the link to itself".into());
    }
    let mut ids = BTreeSet::new();
    for entry in all(feed, "entry") {
        let id = one(entry, "id", &mut faults);
        if !absolute(&id) || !ids.insert(id.clone()) {
            faults.push(format!("the id {id:?}"));
        }
        if one(entry, "title", &mut faults).is_empty() {
            faults.push("an entry without a title".into());
        }
        let updated = moment(&one(entry, "updated", &mut faults), &mut faults);
        if updated > changed {
            faults.push("an entry newer than the feed".into());
        }
        let links = all(entry, "link");
        let leads = |l: &Node<'_, '_>| l.attribute("href").is_some_and(|h| h.starts_with("http"));
        if links.is_empty() || !links.iter().all(leads) {
            faults.push("the links of an entry".into());
        }
        if all(feed, "author").is_empty() && all(entry, "author").is_empty() {
            faults.push("no author".into());
        }
    }
    faults
}

/// A feed that is right; its titles, in order.
#[track_caller]
fn feed(who: &Client, base: &str, path: &str) -> Vec<String> {
    let reply = who.get(path);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    assert_eq!(faults(&reply.text(), &format!("{base}{path}")), [""; 0], "{}", reply.text());
    let text = reply.text();
    let document = Document::parse(&text).expect("XML");
    let title = |e: &Node<'_, '_>| one(*e, "title", &mut Vec::new());
    all(document.root_element(), "entry").iter().map(title).collect()
}

both! {
    fn feeds_follow_what_is_public(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (nobody, base) = (web.anonymous(), web.env().config.base_url());
        let (apps, grants) = ("/feeds/applications.atom", "/feeds/grants.atom");
        let of_call = format!("/feeds/calls/{}/applications.atom", field.call);
        assert_eq!(feed(&nobody, &base, apps), [""; 0], "an empty one is whole, too");
        let empty = nobody.get(apps).etag().to_owned();
        let rea = web.person("Rea Searcher");
        let apply = |title: &str, visibility: &str| {
            t.clock.advance_seconds(60);
            field.applies_with(&rea, json!({ "title": title, "visibility": visibility,
                "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
                "budget_lines": [{ "label": "All", "amount": usd("9.00") }] }))
        };
        let first = apply("One & <two>", "public");
        apply("Private", "private");
        let second = apply("Two \u{1F33E}", "public");
        assert_eq!(feed(&nobody, &base, apps), ["Two \u{1F33E}", "One & <two>"]);
        assert_eq!(feed(&field.desk.admin, &base, apps).len(), 2, "the same for whoever asks");
        assert_eq!(feed(&nobody, &base, &of_call), ["Two \u{1F33E}", "One & <two>"]);
        let reply = nobody.get(apps);
        assert_ne!(reply.etag(), empty);
        assert_eq!(reply.header("last-modified"), Some("Mon, 02 Nov 2026 09:03:00 GMT"));
        let text = reply.text() + &nobody.get(&of_call).text();
        for name in ["Searcher", rea.email.as_str(), &rea.id().to_string()] {
            assert!(!text.contains(name), "{name}");
        }
        // One leaves: no date moves, but the tag does.
        let tag = reply.etag().to_owned();
        let again = |tag: &str| nobody.send("GET", apps, &[("If-None-Match", tag)], None).status;
        assert_eq!(again(&tag), 304);
        rea.post(&format!("/api/v1/applications/{first}/withdraw"), json!({})).ok();
        assert_eq!((again(&tag), feed(&nobody, &base, apps).len()), (200, 1));
        // One becomes a grant: it changes its feed.
        field.backer("5000.00").offer(&second, "9.00").ok();
        let grant = field.awarded(&second);
        assert_eq!(feed(&nobody, &base, apps), [""; 0]);
        assert_eq!(feed(&nobody, &base, grants), ["Two \u{1F33E}"]);
        assert!(nobody.get(grants).text().contains(&format!("urn:uuid:{grant}")));
        assert!(nobody.get(grants).text().contains("9.00 USD awarded on 2026-11-02"));
        // Of a call that is not public there is no feed.
        let path = format!("/api/v1/calls/{}", field.call);
        let etag = field.desk.admin.get(&path).etag().to_owned();
        field.desk.admin.patch(&path, &etag, json!({ "visibility": "private" })).ok();
        nobody.get(&of_call).refused(404, "not_found");
        nobody.get("/feeds/calls/x/applications.atom").refused(400, "malformed_request");
    }

    fn what_is_opened_again_comes_up_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (nobody, base) = (web.anonymous(), web.env().config.base_url());
        let path = "/feeds/applications.atom";
        let rea = web.person("Rea");
        let apply = |title: &str| {
            t.clock.advance_seconds(60);
            field.applies_with(&rea, json!({ "title": title, "amount_minimum": usd("1.00"),
                "amount_requested": usd("9.00"),
                "budget_lines": [{ "label": "All", "amount": usd("9.00") }] }))
        };
        let first = apply("First");
        apply("Second");
        assert_eq!(feed(&nobody, &base, path), ["Second", "First"]);
        let of_call = format!("/feeds/calls/{}/applications.atom", field.call);
        let published = |path: &str| {
            let text = nobody.get(path).text();
            let document = Document::parse(&text).expect("XML");
            let entries = all(document.root_element(), "entry");
            let is_first = |e: &&Node<'_, '_>| one(**e, "title", &mut Vec::new()) == "First";
            let found = entries.iter().find(is_first).expect("it is there");
            one(*found, "published", &mut Vec::new())
        };
        let since = published(path);
        assert!(!since.is_empty());
        t.clock.advance_seconds(60);
        let why = json!({ "reason": "Say more." });
        let at = |act: &str| format!("/api/v1/applications/{first}/{act}");
        field.desk.admin.post(&at("request-changes"), why).ok();
        assert_eq!(feed(&nobody, &base, path), ["Second"]);
        t.clock.advance_seconds(60);
        rea.command(&at("submit")).ok();
        for path in [path, of_call.as_str()] {
            assert_eq!(feed(&nobody, &base, path), ["First", "Second"]);
            assert_eq!(published(path), since, "it was published before");
        }
        let changed = nobody.get(path).header("last-modified").map(str::to_owned);
        assert_eq!(changed.as_deref(), Some("Mon, 02 Nov 2026 09:04:00 GMT"));
    }

    fn what_is_opened_late_is_in_the_feed_of_its_calls(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, nobody) = (&field.desk.admin, web.anonymous());
        let base = web.env().config.base_url();
        let form = json!({ "title": "Further", "kind": "rolling" });
        let further = admin.post("/api/v1/calls", form).id();
        admin.command(&format!("/api/v1/calls/{further}/open")).ok();
        let rea = web.person("Rea");
        let draft = |call: &str, title: String| {
            let form = json!({ "call_id": call, "title": title, "summary": "To see further.",
                "body": "We grind.", "duration_months": 12, "visibility": "public",
                "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
                "budget_lines": [{ "label": "All", "amount": usd("9.00") }] });
            let id = rea.post("/api/v1/applications", form).id();
            rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
            id
        };
        let open = |id: &str| {
            t.clock.advance_seconds(60);
            admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        };
        // Two are handed in first, and opened after fifty that came later.
        let [late, routed] = ["Late", "Routed"].map(|title| draft(&field.call, title.to_owned()));
        let path = format!("/api/v1/applications/{routed}/routes");
        rea.post(&path, json!({ "call_id": further })).ok();
        rea.command(&format!("{path}/{further}/submit")).ok();
        for call in [&field.call, &further] {
            (0..50).for_each(|n| open(&draft(call, format!("Number {n}"))));
        }
        open(&routed);
        open(&late);
        for (call, newest) in [(&field.call, &["Late", "Routed", "Number 49"][..]),
            (&further, &["Routed", "Number 49"][..])] {
            let titles = feed(&nobody, &base, &format!("/feeds/calls/{call}/applications.atom"));
            assert_eq!(titles.len(), 50);
            assert_eq!(&titles[..newest.len()], newest);
            assert!(!titles.contains(&"Number 0".to_owned()), "the oldest makes room");
        }
    }
}

#[test]
fn what_is_no_feed_is_found() {
    let entry = "<entry><id>urn:uuid:1</id><title>T</title><updated>2026-11-02T09:00:00Z</updated>\
        <link href=\"https://x/a\"/></entry>";
    let head = "<id>https://x/f</id><title>F</title><updated>2026-11-02T09:00:00Z</updated>\
        <author><name>S</name></author><link rel=\"self\" href=\"https://x/f\"/>";
    let whole = format!("<feed xmlns=\"{ATOM}\">{head}{entry}</feed>");
    assert_eq!(faults(&whole, "https://x/f"), [""; 0]);
    for (from, to) in [
        ("<updated>2026-11-02T09:00:00Z</updated><link", "<link"),
        ("<id>urn:uuid:1</id>", "<id>1</id>"),
        ("<title>T</title>", "<title/>"),
        ("<author><name>S</name></author>", ""),
        ("rel=\"self\" href=\"https://x/f\"", "rel=\"self\" href=\"https://y/f\""),
        ("<entry>", "<entry>&"),
        ("<link href=\"https://x/a\"/>", ""),
        (ATOM, "http://example.org"),
    ] {
        assert!(!faults(&whole.replacen(from, to, 1), "https://x/f").is_empty(), "{from}");
    }
    let twice = whole.replace(entry, &format!("{entry}{entry}"));
    assert!(!faults(&twice, "https://x/f").is_empty());
}
