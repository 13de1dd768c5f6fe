//! Awards in the 360Giving standard: the official schemas and closed codelists take them, amounts
//! are exact, and nobody is named who must not be.

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use almoner::platform::config::{Config, Limit};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;

const INTERNAL: &str = "/api/v1/exports/360giving";
const PUBLIC: &str = "/api/v1/public/360giving";

/// The official schema, with the name of its dialect mended: it says http where the dialect is
/// known as https, which validators do not take for the same.
fn schema(text: &str) -> Value {
    let mut schema: Value = serde_json::from_str(text).expect("JSON");
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema
}

fn validators() -> &'static (jsonschema::Validator, jsonschema::Validator) {
    static BOTH: OnceLock<(jsonschema::Validator, jsonschema::Validator)> = OnceLock::new();
    BOTH.get_or_init(|| {
        let grant = schema(include_str!("360giving/360-giving-schema.json"));
        let mut package = schema(include_str!("360giving/360-giving-package-schema.json"));
        // The grants are looked at one by one.
        package["properties"]["grants"]["items"] = json!({});
        let strict = || jsonschema::options().should_validate_formats(true);
        let built = |schema: &Value| strict().build(schema).expect("a schema");
        (built(&package), built(&grant))
    })
}

/// The codes of a closed list.
fn codes(text: &str) -> BTreeSet<String> {
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    rows.records().map(|row| row.expect("a row")[0].to_owned()).collect()
}

/// What is wrong with a package.
pub fn faults(package: &Value) -> Vec<String> {
    let (whole, one) = validators();
    let mut faults: Vec<String> = whole.iter_errors(package).map(|e| e.to_string()).collect();
    let currencies = codes(include_str!("360giving/currency.csv"));
    let regrants = codes(include_str!("360giving/regrantType.csv"));
    let mut seen = BTreeSet::new();
    for (n, grant) in package["grants"].as_array().into_iter().flatten().enumerate() {
        let mut fault = |why: String| faults.push(format!("grant {n}: {why}"));
        one.iter_errors(grant).for_each(|e| fault(format!("{}: {e}", e.instance_path)));
        let id = grant["id"].as_str().unwrap_or_default();
        if !id.starts_with("360G-") || !seen.insert(id.to_owned()) {
            fault(format!("the id {id:?}"));
        }
        if !currencies.contains(grant["currency"].as_str().unwrap_or_default()) {
            fault(format!("the currency {}", grant["currency"]));
        }
        if let Some(kind) = grant["regrantType"].as_str().filter(|kind| !regrants.contains(*kind)) {
            fault(format!("the kind of regrant {kind}"));
        }
    }
    faults
}

fn exported(who: &Client, path: &str) -> (Value, String) {
    let reply = who.get(path);
    let package = reply.ok();
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(faults(&package), [""; 0], "{package}");
    (package, reply.text())
}

fn titles(package: &Value) -> Vec<&str> {
    let grants = package["grants"].as_array().expect("grants").iter();
    grants.map(|grant| grant["title"].as_str().expect("a title")).collect()
}

/// Two grants of one person: a public one, and a private one; the ids of both.
fn two(field: &Field<'_>, who: &Client) -> (String, String) {
    let backer = field.backer("100000.00");
    let amounts = |visibility: &str, title: &str, amount: &str| {
        json!({ "visibility": visibility, "title": title, "summary": "What Rea wants.",
            "amount_minimum": usd(amount), "amount_requested": usd(amount),
            "budget_lines": [{ "label": "All of it", "amount": usd(amount) }] })
    };
    let grant = |visibility: &str, title: &str, amount: &str| {
        let application = field.applies_with(who, amounts(visibility, title, amount));
        backer.offer(&application, amount).ok();
        field.awarded(&application)
    };
    (grant("public", "A public lens", "1234.50"), grant("private", "Canary for Rea", "0.07"))
}

/// Decides what is published of a grant, in place of what is there.
pub fn decide(who: &Client, grant: &str, form: Value) -> Reply {
    let path = format!("/api/v1/grants/{grant}/publication");
    let etag = who.get(&path).etag().to_owned();
    who.send("PUT", &path, &[("If-Match", &etag)], Some(form.to_string().into_bytes()))
}

both! {
    fn what_leaves_names_no_person(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let (public, _) = two(&field, &rea);
        let auditor = web.with_role("Audrey", Role::Auditor);
        let (all, text) = exported(&auditor, INTERNAL);
        assert_eq!(titles(&all), ["A public lens", "Grant of 2026"]);
        let secrets = ["Canary", "Searcher", rea.email.as_str(), &rea.id().to_string()];
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        let grants = all["grants"].as_array().expect("grants");
        assert_eq!(grants[0]["id"], format!("360G-almoner-{public}"));
        assert_eq!(grants[0]["recipientIndividual"], grants[1]["recipientIndividual"]);
        assert_eq!(grants[0]["recipientIndividual"]["name"], "Individual recipient");
        assert_eq!(grants[0]["grantProgramme"][0]["title"], "Any good idea");
        assert!(grants[1].get("amountAppliedFor").is_none() && grants[1].get("url").is_none());
        // As they stand in the file: no float ever had them.
        assert!(text.contains("\"amountAwarded\":1234.50,\"amountDisbursed\":0.00"), "{text}");
        assert!(text.contains("\"amountAwarded\":0.07,"), "{text}");
        let (shown, _) = exported(&web.anonymous(), PUBLIC);
        assert_eq!(titles(&shown), ["A public lens"]);
        assert_eq!(exported(&field.desk.admin, PUBLIC).0, shown, "the same for whoever asks");
        web.anonymous().get(INTERNAL).refused(401, "unauthenticated");
        for nosy in [&rea, &web.with_role("Reg", Role::Regrantor)] {
            nosy.get(INTERNAL).refused(403, "forbidden");
        }
    }

    fn what_was_cancelled_or_given_back_is_not_told_as_paid(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let (public, private) = two(&field, &rea);
        field.activate(&public);
        field.pays(&public, 1);
        let paid = |id: &str| {
            let (package, _) = exported(&field.desk.admin, INTERNAL);
            let grants = package["grants"].as_array().expect("grants").clone();
            let there = |g: &&Value| g["id"].as_str().is_some_and(|it| it.ends_with(id));
            grants.iter().find(there).map(|g| g["amountDisbursed"].to_string())
        };
        assert_eq!(paid(&public).as_deref(), Some("1234.5"));
        let shown = |id: &str| web.anonymous().get(&format!("/api/v1/public/grants/{id}"));
        assert_eq!(shown(&public).ok()["paid"], usd("1234.50"));
        let today = t.clock.now().date();
        let back = json!({ "amount": usd("234.50"), "received_on": today, "reference": "BACK" });
        field.desk.finance.post(&format!("/api/v1/grants/{public}/refunds"), back).ok();
        assert_eq!(paid(&public).as_deref(), Some("1000.0"));
        assert_eq!(shown(&public).ok()["paid"], usd("1000.00"));
        assert!(paid(&private).is_some());
        let cancel = format!("/api/v1/grants/{private}/cancel");
        field.desk.admin.post(&cancel, json!({ "reason": "Not to be." })).ok();
        assert_eq!(paid(&private), None);
        field.sound();
    }

    fn a_private_call_is_in_no_file(t: &Harness) {
        let web = t.serve();
        let mut field = web.field();
        let backer = field.backer("100.00");
        let admin = &field.desk.admin;
        let call = json!({ "title": "Hush money", "kind": "rolling", "visibility": "private",
            "fund_ids": [backer.fund] });
        let call = admin.post("/api/v1/calls", call).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        field.call = call.clone();
        let application = field.application("1.00", "50.00");
        backer.offer(&application, "50.00").ok();
        field.awarded(&application);
        for (who, path) in [(&web.anonymous(), PUBLIC), (&field.desk.admin, INTERNAL)] {
            let (file, text) = exported(who, path);
            assert_eq!(titles(&file), ["A better lens"]);
            assert!(!text.contains("Hush") && !text.contains(&call), "{text}");
            let grant = &file["grants"][0];
            assert!(grant.get("grantProgramme").is_none(), "{grant}");
            assert!(grant.get("fromOpenCall").is_none(), "{grant}");
        }
    }

    fn an_admin_decides_what_is_published(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (public, private) = two(&field, &web.person("Rea Searcher"));
        let (admin, nobody) = (&field.desk.admin, web.anonymous());
        let at = |grant: &str| format!("/api/v1/grants/{grant}/publication");
        let house = admin.get(&at(&private)).ok();
        assert_eq!(house["fields"], json!(["amount_disbursed", "planned_dates"]));
        assert_eq!(house["recipient"], "individual");
        assert_eq!(house["decided_at"], Value::Null);
        // A private grant to an organisation, with its words.
        let open = json!({ "status": "published", "recipient": "organisation",
            "organisation_name": "Lens Makers", "organisation_id": "GB-CHC-1164883",
            "fields": ["title", "amount_applied_for"] });
        decide(admin, &private, open).ok();
        let (shown, _) = exported(&nobody, PUBLIC);
        assert_eq!(titles(&shown), ["A public lens", "Canary for Rea"]);
        let grant = &shown["grants"][1];
        let maker = json!([{ "id": "GB-CHC-1164883", "name": "Lens Makers" }]);
        assert_eq!(grant["recipientOrganization"], maker);
        assert_eq!(grant["description"], "What this grant is for is not published.");
        assert!(grant.get("recipientIndividual").is_none());
        assert!(grant.get("amountDisbursed").is_none() && grant.get("plannedDates").is_none());
        assert_eq!(grant["amountAppliedFor"], json!(0.07));
        // The page stays the applicant's to open.
        nobody.get(&format!("/api/v1/public/grants/{private}")).refused(404, "not_found");
        // What is not named is in no page either.
        let path = format!("/api/v1/public/grants/{public}");
        let before = nobody.get(&path).ok();
        assert!(before["paid"].is_object() && before["call"].is_object(), "{before}");
        decide(admin, &public, json!({ "status": "published", "fields": ["title"] })).ok();
        let after = nobody.get(&path).ok();
        for field in ["paid", "call", "ends_on"] {
            assert_eq!(after[field], Value::Null, "{field}");
        }
        assert_eq!(nobody.get("/api/v1/public/grants").ok()["items"][0]["ends_on"], Value::Null);
        let page = nobody.get(&format!("/g/{public}")).text();
        assert!(page.contains("A public lens") && !page.contains("Paid so far"), "{page}");
        // One that is withheld is nowhere.
        decide(admin, &public, json!({ "status": "withheld" })).ok();
        assert_eq!(titles(&exported(&nobody, PUBLIC).0), ["Canary for Rea"]);
        assert_eq!(titles(&exported(admin, INTERNAL).0), ["Canary for Rea"]);
        nobody.get(&format!("/api/v1/public/grants/{public}")).refused(404, "not_found");
        assert_eq!(nobody.get("/api/v1/public/grants").ok()["items"], json!([]));
        assert_eq!(nobody.get(&format!("/g/{public}")).status, 404);
        assert!(!nobody.get("/feeds/grants.atom").text().contains("lens"));
        // Nor is the application that it was.
        super::nowhere(&nobody, before["application_id"].as_str().expect("an id"));
        // What is wrong is told, and changes nothing.
        let wrong = json!({ "status": "published", "organisation_name": "Rea" });
        decide(admin, &public, wrong).wrong_fields(&["/organisation_name"]);
        assert_eq!(admin.get(&at(&public)).ok()["status"], "withheld");
        let again = json!({ "status": "published" });
        decide(&field.desk.finance, &public, again).refused(403, "forbidden");
        let log = admin.get(&format!("/api/v1/audit?object_kind=grant&object_id={public}")).ok();
        assert!(log.to_string().contains("decide_publication"), "{log}");
    }

    fn what_is_withheld_is_not_published_unseen(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (public, _) = two(&field, &web.person("Rea Searcher"));
        let (admin, abe) = (&field.desk.admin, web.with_role("Abe Admin", Role::Admin));
        let path = format!("/api/v1/grants/{public}/publication");
        let put = |who: &Client, etag: &str, status: &str| {
            let form = json!({ "status": status }).to_string().into_bytes();
            who.send("PUT", &path, &[("If-Match", etag)], Some(form))
        };
        let form = json!({ "status": "published" });
        admin.put(&path, form).refused(428, "precondition_required");
        // Nobody has decided yet, and both have read that.
        let read = abe.get(&path);
        assert_eq!((read.etag(), &read.json()["version"]), ("\"v0\"", &json!(0)));
        let kept = put(admin, read.etag(), "withheld");
        assert_eq!((kept.status, kept.etag()), (200, "\"v1\""));
        let late = put(&abe, read.etag(), "published").refused(412, "edited_meanwhile");
        let told = late["detail"].as_str().expect("words").to_owned();
        assert!(told.contains("Ada Admin"), "{told}");
        assert_eq!(abe.get(&path).ok()["status"], "withheld");
        web.anonymous().get(&format!("/api/v1/public/grants/{public}")).refused(404, "not_found");
        let seen = abe.get(&path).etag().to_owned();
        assert_eq!(put(&abe, &seen, "published").etag(), "\"v2\"");
    }

    fn who_asks_too_often_waits(t: &Harness) {
        let mut config: Config = t.config();
        config.auth.limits.work = Limit { burst: 2, per_hour: 1 };
        let web = t.serve_with(config);
        let nobody = web.anonymous();
        let found: Vec<u16> = (0..4).map(|_| nobody.get(PUBLIC).status).collect();
        assert_eq!(found, [200, 200, 429, 429]);
    }
}

#[test]
fn what_the_standard_refuses_is_found() {
    let good = json!({
        "id": "360G-x-1", "title": "A", "description": "B", "currency": "USD",
        "amountAwarded": 1.5, "awardDate": "2026-11-02",
        "fundingOrganization": [{ "id": "US-EIN-1", "name": "F" }],
        "recipientIndividual": { "id": "360G-x-IND-1", "name": "Individual recipient" },
    });
    let package = |grants: Vec<Value>| json!({ "version": "1.4", "grants": grants });
    assert_eq!(faults(&package(vec![good.clone()])), [""; 0]);
    let with = |field: &str, value: Value| {
        let mut grant = good.clone();
        grant[field] = value;
        package(vec![grant])
    };
    let planted = [
        with("amountAwarded", json!("1.50")),
        with("currency", json!("XYZ")),
        with("awardDate", json!("02/11/2026")),
        with("regrantType", json!("FRG999")),
        with("recipientOrganization", json!([{ "id": "GB-CHC-1", "name": "Both" }])),
        with("recipientIndividual", json!({ "id": "x" })),
        with("fundingOrganization", json!([])),
        with("url", json!("not an address")),
        package(vec![good.clone(), good.clone()]),
        package(vec![]),
        json!({ "grants": [good.clone()], "version": "1.4.3" }),
    ];
    for package in planted {
        assert!(!faults(&package).is_empty(), "{package}");
    }
}

/// Exports nothing but whole packages: used by the test of the imported public grants.
pub fn read(text: &str, grants: usize) -> Value {
    let package: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(faults(&package), [""; 0]);
    assert_eq!(package["grants"].as_array().map(Vec::len), Some(grants));
    package
}
