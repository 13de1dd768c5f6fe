//! Every route as every role, held against the policy table; and the pages made from the code.

use crate::access::doors;
use crate::support::Harness;
use crate::support::bodies::Document;
use crate::support::web::{Client, new_key};
use almoner::kernel::actor::Role;
use almoner::kernel::problem::catalogue_markdown;
use almoner::platform::authz::Action;
use almoner::platform::authz::policy::{self, Allow, Relation};
use almoner::web::routes::Operation;
use almoner::web::{openapi, routes};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// An address with ids that nothing has.
pub fn filled(template: &str) -> String {
    let part = |part: &str| match part {
        "{number}" | "{sequence}" => "1".to_owned(),
        "{kind}" => "tax_form".to_owned(),
        part if part.starts_with('{') => "01a19b7c-a680-7035-80a7-6d853561f4e6".to_owned(),
        part => part.to_owned(),
    };
    template.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Whether an operation only reads: a search may be sent as a POST, and changes nothing.
pub fn only_reads(operation: &Operation) -> bool {
    let searches = ["search_opportunities", "search_protocol_applications"];
    operation.method == "GET" || searches.contains(&operation.id.as_str())
}

/// What the gate has to say to somebody with this role, whatever the object turns out to be.
fn expected(action: Action, role: Option<Role>, signed_in: bool) -> &'static str {
    let rule = action.rule();
    let passes = rule.allow.iter().any(|allow| match allow {
        Allow::Anyone => true,
        Allow::Person => signed_in,
        Allow::Rel(relation) => signed_in || *relation == Relation::Public,
        Allow::Role(wanted) | Allow::RoleRel(wanted, _) => role == Some(*wanted),
    });
    match (passes, signed_in) {
        (true, _) => "passes",
        (false, true) => "forbidden",
        (false, false) => "unauthenticated",
    }
}

/// Status and code of the answer to an empty request.
pub fn asked(who: &Client, method: &str, path: &str) -> (u16, String) {
    let body = (method != "GET" && method != "DELETE").then(|| b"{}".to_vec());
    let reply = who.send(method, path, &[("Idempotency-Key", &new_key())], body);
    (reply.status, crate::access::code(&reply))
}

both! {
    fn every_route_as_every_role(t: &Harness) {
        let web = t.serve();
        let mut callers = vec![(None, false, web.anonymous()), (None, true, web.person("Nora"))];
        for role in Role::ALL {
            callers.push((Some(role), true, web.with_role(role.as_str(), role)));
        }
        let document = openapi();
        let operations = routes::operations(&document);
        let action_of = |id: &str| Action::ALL.iter().copied().find(|a| a.as_str() == id);
        let mut wrong = Vec::new();
        for operation in &operations {
            let action = action_of(&operation.id).expect("routes::verify says so");
            let door = doors::is_door(&operation.id);
            for (role, signed_in, who) in &callers {
                if door && (*signed_in || !doors::needs_somebody(&operation.id)) {
                    continue;
                }
                let (status, code) = asked(who, operation.method, &filled(&operation.path));
                let want = expected(action, *role, *signed_in);
                let fits = match want {
                    // Passing the gate leads to an answer, or to a refusal for the object's sake.
                    "passes" => {
                        let unmet = ["scope_missing", "factor_required", "step_up_required"];
                        // Who has to have a factor may not remove it.
                        let kept = operation.id == "remove_factor" && code == "factor_required";
                        status < 500 && (kept || !unmet.contains(&code.as_str()))
                    }
                    code_wanted => code == code_wanted,
                };
                // An object that is hidden answers like a missing one to whoever passes.
                let hidden = want == "passes" && action.rule().hide && filled(&operation.path)
                    != operation.path;
                let hides = !hidden || matches!(code.as_str(), "not_found" | "");
                if !fits || !hides {
                    let name = role.map_or("nobody special", Role::as_str);
                    let id = &operation.id;
                    wrong.push(format!("{id} as {name}: {status} {code}, wanted {want}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

both! {
    fn what_cannot_be_read_is_told_to_those_who_may_ask(t: &Harness) {
        let web = t.serve();
        let (nobody, other) = (web.anonymous(), web.person("Nora"));
        let mut refused = 0;
        for operation in routes::operations(&openapi()) {
            let path = filled(&operation.path);
            for who in [&nobody, &other] {
                let plain = asked(who, operation.method, &path);
                if operation.method != "GET" || ![401, 403].contains(&plain.0) {
                    continue;
                }
                let backwards = "from=2026-11-02&to=2026-11-01";
                for query in ["nonsense=1", "limit=x", "format=x", backwards] {
                    let with = asked(who, "GET", &format!("{path}?{query}"));
                    assert_eq!(with, plain, "{path}?{query}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 100, "{refused}");
    }
}

/// The names of all columns, from the migrations.
fn columns() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/platform/db/schema");
    let mut found = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(root).expect("the schema") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        let lines = text.lines().filter_map(|line| line.trim().split_once(" -> "));
        found.extend(lines.map(|(name, _)| name.to_owned()));
    }
    found.into_iter().collect()
}

/// Whether an operation takes a file instead of fields.
fn takes_a_file(document: &Value, operation: &Operation) -> bool {
    let operation = &document["paths"][&operation.path][operation.method.to_lowercase()];
    let content = operation["requestBody"]["content"].as_object();
    content.is_some_and(|content| !content.contains_key("application/json"))
}

/// The fields that an operation takes.
fn taken(document: &Value, operation: &Operation) -> Vec<String> {
    let operation = &document["paths"][&operation.path][operation.method.to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let fields = document["components"]["schemas"][name]["properties"].as_object();
    fields.map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
}

both! {
    fn no_column_is_taken_as_an_extra_field(t: &Harness) {
        let web = t.serve();
        let all = web.with_roles("Alma", &Role::ALL);
        all.post("/api/v1/payees", json!({})).refused(422, "invalid");
        let document: Value =
            serde_json::from_str(&openapi().to_json().expect("a document")).expect("JSON");
        let columns = columns();
        assert!(columns.len() > 100, "{columns:?}");
        // ALMONER_COLUMNS=1 for every column in every body.
        let step: usize = crate::ledger::setting("ALMONER_COLUMNS", 16);
        let writes = routes::operations(&openapi()).into_iter()
            .filter(|o| o.method != "GET" && o.method != "DELETE" && !takes_a_file(&document, o));
        for (n, operation) in writes.enumerate() {
            // The protocol has it that what is not known is passed over; and what is hidden from
            // everybody is so before its body is read (publishing::contributions tries the fields).
            let hides = operation.id == "announce_contribution";
            if hides || operation.path.starts_with("/common-grants/") {
                continue;
            }
            let takes = taken(&document, &operation);
            let extra = columns.iter().skip(n % step).step_by(step);
            for column in extra.filter(|column| !takes.contains(column)) {
                let body = json!({ column: "x" }).to_string().into_bytes();
                let key = new_key();
                let headers = [("Idempotency-Key", key.as_str()), ("If-Match", "\"v1\"")];
                let path = filled(&operation.path);
                let reply = all.send(operation.method, &path, &headers, Some(body));
                let problem = reply.wrong_fields(&[&format!("/{column}")]);
                assert_eq!(problem["fields"][0]["code"], "unknown_field", "{path}: {problem}");
            }
        }
    }
}

/// Objects in bodies that take any field, by their schema and the fields that lead to them from
/// there; and why.
const OPEN: &[(&str, &str)] = &[
    ("AccountForm", "one of two: each refuses others, which the document has no word for"),
    ("CreateApplication.answers", "by the keys of the call's form, which refuses others"),
    ("DossierAnswer.answer", "any value: as the form has it"),
    ("EditApplication.answers", "by the keys of the call's form, which refuses others"),
    ("EditRoute.answers", "by the keys of the call's form, which refuses others"),
    ("RouteApplication.answers", "by the keys of the call's form, which refuses others"),
    ("TryEligibility.answers", "by the keys of the quiz"),
];

#[test]
fn every_object_in_a_body_refuses_what_nobody_named() {
    let document = Document::new();
    // The protocol has it that what is not known is passed over.
    let ours = routes::operations(&openapi()).into_iter();
    let ours = ours.filter(|o| !o.path.starts_with("/common-grants/"));
    let found: BTreeSet<String> =
        ours.flat_map(|o| document.open_objects(o.method, &o.path)).collect();
    let known: BTreeSet<String> = OPEN.iter().map(|(place, _)| (*place).to_owned()).collect();
    assert_eq!(found, known, "add deny_unknown_fields, or say why not");
    assert!(OPEN.iter().all(|(_, why)| !why.is_empty()));
}

#[test]
fn every_row_of_the_policy_is_served() {
    let document = openapi();
    let operations = routes::operations(&document);
    let unserved: Vec<&str> = Action::ALL
        .iter()
        .map(|a| a.as_str())
        .filter(|id| operations.iter().all(|o| o.id != *id))
        .collect();
    assert!(unserved.is_empty(), "rows without a route: {unserved:?}");
}

/// Compares a generated page with what is kept; `ALMONER_WRITE_DOCS=1` writes it anew.
pub fn kept(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/generated").join(name);
    if crate::support::environment("ALMONER_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, now).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let same = kept == now;
    assert!(
        same,
        "docs/generated/{name} is not what the code says: ALMONER_WRITE_DOCS=1 writes it"
    );
}

#[test]
fn generated_pages_are_what_the_code_says() {
    kept("authorization.md", &policy::markdown());
    kept("problems.md", &catalogue_markdown());
    let document = openapi().to_pretty_json().expect("it serialises");
    kept("openapi.json", &(document + "\n"));
}
