//! What everybody may read: pages, data and feeds of public applications and grants.

pub mod contributions;
mod earmarks;
mod feeds;
pub mod giving;
mod left;
mod unrouted;

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::{Client, Reply};
use serde_json::{Value, json};

const APPLICATIONS: &str = "/api/v1/public/applications";
const GRANTS: &str = "/api/v1/public/grants";

fn ids(reply: &Reply) -> Vec<String> {
    let page = reply.ok();
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().expect("it is one").keys().map(|k| &**k).collect();
    keys.sort_unstable();
    keys
}

/// Nothing of it is anywhere that everybody may look.
#[track_caller]
fn nowhere(who: &Client, id: &str) {
    who.get(&format!("{APPLICATIONS}/{id}")).refused(404, "not_found");
    let page = who.get(&format!("/a/{id}"));
    assert_eq!(page.status, 404);
    assert!(page.text().contains("There is nothing here"));
    for path in [APPLICATIONS, "/api/v1/public/applications?status=awarded", GRANTS] {
        assert!(!who.get(path).text().contains(id), "{path}");
    }
    for path in ["/feeds/applications.atom", "/feeds/grants.atom"] {
        assert!(!who.get(path).text().contains(id), "{path}");
    }
}

both! {
    fn an_application_is_public_while_it_can_be_funded(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, nobody) = (web.person("Rea Searcher"), web.anonymous());
        let admin = &field.desk.admin;
        let form = json!({ "call_id": field.call, "title": "Lens", "summary": "See.",
            "body": "We grind.\n\nAnd polish.", "visibility": "public", "duration_months": 12,
            "amount_minimum": usd("300.00"), "amount_requested": usd("900.00"),
            "budget_lines": [{ "label": "Glass", "amount": usd("900.00") }] });
        let id = rea.post("/api/v1/applications", form).id();
        nowhere(&nobody, &id);
        nowhere(&rea, &id);
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        nowhere(admin, &id);
        admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        assert_eq!(ids(&nobody.get(APPLICATIONS)), [id.as_str()]);
        let backer = field.backer("5000.00");
        backer.offer(&id, "350.00").ok();
        let shown = nobody.get(&format!("{APPLICATIONS}/{id}")).ok();
        let money = |amount: &str| usd(amount);
        assert_eq!(shown["missing"], money("550.00"));
        assert_eq!(shown["missing_to_minimum"], money("0.00"));
        assert_eq!(shown["offered"], money("350.00"));
        assert_eq!(shown["applicant"], "Rea Searcher");
        assert_eq!(shown["call"]["title"], "Any good idea");
        assert_eq!(shown["budget_lines"][0]["label"], "Glass");
        // What lists and pages tell is written down here: a further field has to be meant.
        let row = nobody.get(APPLICATIONS).ok()["items"][0].clone();
        assert_eq!(keys(&row), ["amount_minimum", "amount_requested", "duration_months", "id",
            "missing", "missing_to_minimum", "offered", "opened_on", "page", "promised_on",
            "status", "summary", "title"]);
        assert_eq!(keys(&shown).len(), keys(&row).len() + 12, "{shown}");
        let text = shown.to_string();
        for secret in [rea.email.as_str(), &rea.id().to_string(), "Rantor", &backer.budget] {
            assert!(!text.contains(secret), "{secret}");
        }
        // It goes when it goes back for changes, and stays away when it is taken back.
        let why = json!({ "reason": "Please say more." });
        admin.post(&format!("/api/v1/applications/{id}/request-changes"), why).ok();
        nowhere(&nobody, &id);
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        assert_eq!(nobody.get(&format!("/a/{id}")).status, 200);
        rea.post(&format!("/api/v1/applications/{id}/withdraw"), json!({})).ok();
        nowhere(&nobody, &id);
        nowhere(&rea, &id);
    }

    fn a_page_says_what_strangers_may_read_and_no_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, nobody) = (web.person("Rea Searcher"), web.anonymous());
        let question = |key: &str, public: bool| json!({ "key": key, "public": public,
            "label": format!("What of {key}?"), "kind": "long_text" });
        let form = json!({ "questions": [question("glass", true), question("risk", false)] });
        let body = Some(form.to_string().into_bytes());
        let path = format!("/api/v1/calls/{}/form", field.call);
        admin.send("PUT", &path, &[("If-Match", "\"v0\"")], body).ok();
        let lenses = json!({ "slug": "lenses", "title": "Lenses", "summary": "To see." });
        let lenses = admin.post("/api/v1/agendas", lenses).id();
        let form = json!({ "call_id": field.call, "title": "Lens", "summary": "See.",
            "body": "We grind.", "visibility": "public", "duration_months": 12,
            "amount_minimum": usd("300.00"), "amount_requested": usd("900.00"),
            "budget_lines": [{ "label": "Glass", "amount": usd("900.00") }],
            "answers": { "glass": "Flint.\n\nAnd <crown>.", "risk": "It may cut." } });
        let made = rea.post("/api/v1/applications", form);
        let id = made.id();
        let path = format!("/api/v1/applications/{id}");
        let about = json!({ "agendas": [lenses], "place": "Jena", "looking_for": ["team_mate"] });
        let body = Some(about.to_string().into_bytes());
        let etag = rea.get(&path).etag().to_owned();
        rea.send("PUT", &format!("{path}/agendas"), &[("If-Match", etag.as_str())], body).ok();
        rea.command(&format!("{path}/submit")).ok();
        admin.command(&format!("{path}/open")).ok();
        let vouch = |visibility: &str, said: &str| json!({ "scopes": ["competence", "idea"],
            "strength": "strong", "how_known": "We ground together.", "statement": said,
            "visibility": visibility });
        let (vera, pia) = (web.person("Vera Voucher"), web.person("Pia Private"));
        let vouched = vera.post(&format!("{path}/vouches"), vouch("public", "She sees.")).id();
        pia.post(&format!("{path}/vouches"), vouch("private", "She sees far.")).ok();

        for who in [&nobody, &rea, admin] {
            let shown = who.get(&format!("{APPLICATIONS}/{id}")).ok();
            assert_eq!(shown["answers"].as_array().map(Vec::len), Some(1), "{shown}");
            assert_eq!(shown["answers"][0]["label"], "What of glass?");
            assert_eq!(shown["agendas"], json!(["Lenses"]));
            assert_eq!((&shown["place"], &shown["looking_for"]),
                (&json!("Jena"), &json!(["team_mate"])));
            assert_eq!(shown["vouches"].as_array().map(Vec::len), Some(1), "{shown}");
            assert_eq!(shown["vouches"][0]["voucher"], "Vera Voucher");
            let page = who.get(&format!("/a/{id}")).text();
            for text in ["What of glass?", "Lenses", "Jena", "team mate", "Vera Voucher",
                "She sees."] {
                assert!(page.contains(text), "{text}: {page}");
            }
            for text in ["It may cut", "Pia", "She sees far", "<crown>"] {
                assert!(!page.contains(text) && !shown.to_string().contains("Pia"), "{text}");
            }
        }
        let why = json!({ "reason": "I erred." });
        vera.post(&format!("/api/v1/vouches/{vouched}/withdraw"), why).ok();
        assert_eq!(nobody.get(&format!("{APPLICATIONS}/{id}")).ok()["vouches"], json!([]));
        assert!(!nobody.get(&format!("/a/{id}")).text().contains("Vera"));
    }

    fn a_private_application_is_nowhere(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("5000.00");
        let rea = web.person("Rea");
        let id = field.applies_with(&rea, json!({ "visibility": "private",
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }] }));
        for who in [&web.anonymous(), &rea, &backer.who, &field.desk.admin] {
            nowhere(who, &id);
        }
        backer.offer(&id, "9.00").ok();
        let grant = field.awarded(&id);
        for who in [&web.anonymous(), &rea, &field.desk.admin] {
            nowhere(who, &id);
            who.get(&format!("{GRANTS}/{grant}")).refused(404, "not_found");
            assert_eq!(who.get(&format!("/g/{grant}")).status, 404);
        }
    }

    fn a_grant_of_a_public_application_is_public(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, nobody) = (field.backer("5000.00"), web.anonymous());
        let rea = web.person("Rea Searcher");
        let id = field.applies(&rea, "300.00", "900.00");
        let promised = || nobody.get(&format!("/a/{id}")).text().contains("Decision promised by");
        assert!(promised());
        backer.offer(&id, "800.00").ok();
        let plan = json!({ "tranches": [
            { "amount": usd("500.00"), "release_condition": "on_activation" },
            { "amount": usd("300.00"), "release_condition": "on_report" } ] });
        let grant = field.award(&id, plan).id();
        field.activate(&grant);
        field.pays(&grant, 1);
        let shown = nobody.get(&format!("{GRANTS}/{grant}")).ok();
        assert_eq!((&shown["amount_awarded"], &shown["paid"]), (&usd("800.00"), &usd("500.00")));
        assert_eq!(shown["recipient"], "Rea Searcher");
        assert_eq!(shown["status"], "active");
        assert_eq!(ids(&nobody.get(GRANTS)), [grant.as_str()]);
        let application = nobody.get(&format!("{APPLICATIONS}/{id}")).ok();
        assert_eq!(application["grant_id"], grant);
        assert_eq!(application["missing"], usd("0.00"));
        assert_eq!(application["promised_on"], Value::Null);
        assert!(!promised(), "it is decided");
        assert_eq!(ids(&nobody.get(&format!("{APPLICATIONS}?status=awarded"))), [id.as_str()]);
        assert_eq!(ids(&nobody.get(APPLICATIONS)), [""; 0], "it takes no more money");
        for hidden in ["draft", "submitted", "declined", "withdrawn"] {
            let path = format!("{APPLICATIONS}?status={hidden}");
            assert_eq!(ids(&field.desk.admin.get(&path)), [""; 0], "{hidden}");
        }
        let page = nobody.get(&format!("/g/{grant}")).text();
        assert!(page.contains("500.00 USD") && page.contains("800.00 USD awarded on"), "{page}");
        assert!(!page.contains(&rea.email) && !page.contains("Rantor"));
    }

    fn a_grant_that_was_cancelled_is_no_award(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, nobody) = (field.backer("5000.00"), web.anonymous());
        let [(kept, stays), (ended, gone)] = [(); 2].map(|()| {
            let id = field.application("1.00", "9.00");
            backer.offer(&id, "9.00").ok();
            let grant = field.awarded(&id);
            (id, grant)
        });
        let lists = [format!("{APPLICATIONS}?status=awarded"),
            format!("{APPLICATIONS}?status=awarded&call_id={}", field.call)];
        for list in &lists {
            assert_eq!(ids(&nobody.get(list)), [ended.as_str(), kept.as_str()], "{list}");
        }
        assert_eq!(ids(&nobody.get(GRANTS)), [gone.as_str(), stays.as_str()]);
        let why = json!({ "reason": "Not to be." });
        field.desk.admin.post(&format!("/api/v1/grants/{gone}/cancel"), why).ok();
        assert_eq!(ids(&nobody.get(GRANTS)), [stays.as_str()]);
        for list in &lists {
            assert_eq!(ids(&nobody.get(list)), [kept.as_str()], "{list}");
            // A page is as long as it was asked to be.
            assert_eq!(ids(&nobody.get(&format!("{list}&limit=1"))), [kept.as_str()]);
        }
        let page = nobody.get(&format!("/a/{ended}")).text();
        assert!(page.contains("the grant was cancelled"), "{page}");
        assert!(!nobody.get(&format!("/a/{kept}")).text().contains("cancelled"));
        let feed = nobody.get("/feeds/grants.atom").text();
        assert!(feed.contains(&stays) && !feed.contains(&gone), "{feed}");
        // Whoever has its address reads what became of it.
        assert_eq!(nobody.get(&format!("{GRANTS}/{gone}")).ok()["status"], "cancelled");
        let page = nobody.get(&format!("/g/{gone}"));
        assert!(page.status == 200 && page.text().contains("Grant, cancelled"));
    }

    fn pages_are_safe_and_tell_sharers_what_they_need(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let nobody = web.anonymous();
        let trick = "<script>alert(1)</script>\" onload=\"x' & {{ 7 }}";
        let id = field.applies_with(&web.with_address("rea@example.org", "Rea <b>", &[]), json!({
            "title": trick, "summary": trick, "body": format!("{trick}\n\n]]> -->{trick}"),
            "amount_minimum": usd("300.00"), "amount_requested": usd("900.00"),
            "budget_lines": [{ "label": trick, "amount": usd("900.00") }],
        }));
        let reply = nobody.get(&format!("/a/{id}"));
        let page = reply.text();
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        for raw in ["<script", "onload=\"", "<b>", "{{"] {
            assert!(!page.replace("{{ 7 }}", "").contains(raw), "{raw} in {page}");
        }
        let csp = reply.header("content-security-policy").expect("a policy");
        assert!(csp.starts_with("default-src 'none'") && !csp.contains("script-src"), "{csp}");
        assert_eq!(reply.header("x-frame-options"), Some("DENY"));
        let base = web.env().config.base_url();
        for tag in [
            format!("<link rel=\"canonical\" href=\"{base}/a/{id}\">"),
            format!("<meta property=\"og:url\" content=\"{base}/a/{id}\">"),
            "<meta property=\"og:type\" content=\"website\">".to_owned(),
            "<meta property=\"og:description\" content=\"900.00 USD of 900.00 USD still".to_owned(),
        ] {
            assert!(page.contains(&tag), "{tag} in {page}");
        }
        // The same for whoever asks, and asked for again it is not sent again.
        assert_eq!(field.desk.admin.get(&format!("/a/{id}")).text(), page);
        let tag = reply.etag().to_owned();
        let path = format!("/a/{id}");
        let again = |tag: &str| nobody.send("GET", &path, &[("If-None-Match", tag)], None);
        assert_eq!((again(&tag).status, again(&tag).bytes.len()), (304, 0));
        assert_eq!(again(&format!("\"x\", W/{tag}")).status, 304);
        assert_eq!(again("\"x\"").status, 200);
        assert_eq!(nobody.get("/a/no-id").status, 404);
        assert_eq!(nobody.get("/g/no-id").status, 404);
        assert_eq!(nobody.get("/assets/public.css").status, 200);
    }

    fn links_to_pages_have_a_picture_where_there_is_one(t: &Harness) {
        let mut config = t.config();
        config.publishing.image = "https://example.org/lens.png?a=1&b=2".into();
        config.publishing.image_alt = "A \"lens\"".into();
        let web = t.serve_with(config);
        let field = web.field();
        let (backer, nobody) = (field.backer("5000.00"), web.anonymous());
        let open = field.application("1.00", "9.00");
        let id = field.application("1.00", "9.00");
        backer.offer(&id, "9.00").ok();
        let grant = field.awarded(&id);
        let image = json!({ "url": "https://example.org/lens.png?a=1&b=2", "alt": "A \"lens\"" });
        for (page, data) in [(format!("/a/{open}"), format!("{APPLICATIONS}/{open}")),
            (format!("/g/{grant}"), format!("{GRANTS}/{grant}"))] {
            assert_eq!(nobody.get(&data).ok()["image"], image, "{data}");
            let page = nobody.get(&page).text();
            let of = |name: &str| {
                let tag = format!("<meta property=\"{name}\" content=\"");
                let at = page.find(&tag).unwrap_or_else(|| panic!("{tag} in {page}"));
                let rest = &page[at + tag.len()..];
                rest[..rest.find("\">").expect("the tag ends")].to_owned()
            };
            assert!(of("og:image").starts_with("https://example.org/lens.png?a=1&"));
            let alt = of("og:image:alt");
            assert!(alt.contains("lens") && !alt.contains('"'), "{alt}");
        }
        // Without one there is no tag.
        let web = t.serve();
        let page = web.anonymous().get(&format!("/a/{open}")).text();
        assert!(page.contains("og:title") && !page.contains("og:image"), "{page}");
        let shown = web.anonymous().get(&format!("{APPLICATIONS}/{open}")).ok();
        assert_eq!(shown["image"], Value::Null);
    }

    fn lists_are_pages(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let nobody = web.anonymous();
        let all: Vec<String> = (0..5).map(|_| field.application("1.00", "9.00")).collect();
        let newest: Vec<String> = all.iter().rev().cloned().collect();
        let first = nobody.get(&format!("{APPLICATIONS}?limit=3"));
        let next = first.ok()["next"].as_str().expect("there are more").to_owned();
        let mut found = ids(&first);
        let rest = nobody.get(&format!("{APPLICATIONS}?limit=3&after={next}"));
        found.extend(ids(&rest));
        assert_eq!((found, rest.ok()["next"].clone()), (newest, Value::Null));
        let call = &field.call;
        assert_eq!(ids(&nobody.get(&format!("{APPLICATIONS}?call_id={call}"))).len(), 5);
        let other = "01a19b7c-a680-7035-80a7-6d853561f4e6";
        assert_eq!(ids(&nobody.get(&format!("{APPLICATIONS}?call_id={other}"))), [""; 0]);
    }
}
