//! Personal data in bulk: no list gives out addresses of many people, and whatever is long work is
//! counted, as the rows of the policy table say.

use super::*;
use crate::support::payday::{submitted_payee, us_payee};
use crate::support::web::Web;
use almoner::platform::authz::{Action, Allow, Asks};
use almoner::platform::config::Limit;
use almoner::web::routes::{self, Operation};

fn action(id: &str) -> Action {
    Action::ALL.iter().copied().find(|action| action.as_str() == id).expect("a row")
}

/// The operations that read without naming one object, one's own account apart.
fn lists() -> Vec<Operation> {
    let mut all = routes::operations(&almoner::web::openapi());
    all.retain(|o| o.method == "GET" && !o.path.contains('{') && action(&o.id).section() != "me");
    all
}

/// The words of a text that are e-mail addresses; masked ones are not.
fn addresses(text: &str) -> Vec<&str> {
    let word = |c: char| c.is_ascii_alphanumeric() || "@.-+_…".contains(c);
    let words = text.split(|c| !word(c));
    words.filter(|w| w.contains('@') && !w.contains('…')).collect()
}

/// Somebody of every kind, with what makes lists long.
fn crowd(web: &Web) -> Vec<String> {
    let mut field = web.field();
    crate::classes::money::announced(web, &mut field);
    let mut emails = vec!["gil@example.org".to_owned()];
    for n in 0..3 {
        let one = web.person(&format!("Person {n}"));
        let account = us_payee(&format!("5550{n:04}"), json!({ "address": "12 Canary Wharf" }));
        submitted_payee(&one, account);
        let id = draft(&one, &field.call, json!({ "visibility": "public" }));
        joins(&one, &id, &web.person("Mo"));
        one.command(&at(&id, "/submit")).ok();
        emails.push(one.email.clone());
    }
    emails
}

both! {
    fn lists_name_people_and_give_no_addresses(t: &Harness) {
        let mut config = t.config();
        config.publishing.how_to_pay = "To the account.".into();
        let web = t.serve_with(config);
        let emails = crowd(&web);
        let all = web.with_roles("All", &Role::ALL);
        let (mut looked, mut wrong) = (0, Vec::new());
        for operation in lists() {
            let query = if operation.path.ends_with("search") { "?q=lens" } else { "" };
            let reply = all.get(&format!("{}{query}", operation.path));
            looked += usize::from(reply.status == 200);
            let text = reply.text();
            let found = addresses(&text).into_iter().filter(|address| *address != all.email);
            let found: Vec<&str> = found.filter(|address| address.contains('.')).collect();
            let told = !found.is_empty() || text.contains("Canary Wharf");
            if told && action(&operation.id).rule().asks != Asks::Fresh {
                wrong.push(format!("{} tells {found:?}: {text}", operation.id));
            }
        }
        assert!(looked > 40, "{looked}");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        // What stands in lists under a mask is found by who knows it, and told one by one.
        let found = all.get(&format!("/api/v1/people?q={}", emails[1])).ok();
        let row = &found["items"][0];
        assert_eq!(row["email_masked"], json!(almoner::kernel::text::masked_email(&emails[1])));
        let path = format!("/api/v1/people/{}", row["id"].as_str().expect("an id"));
        assert_eq!(all.get(&path).ok()["email"], json!(emails[1]));
        let payee = all.get("/api/v1/payees").ok()["items"][0]["id"].clone();
        let path = format!("/api/v1/payees/{}", payee.as_str().expect("an id"));
        assert_eq!(all.get(&path).ok()["address"], "12 Canary Wharf");
    }

    fn what_the_table_counts_is_counted(t: &Harness) {
        let few = Limit { burst: 2, per_hour: 60 };
        let mut asked = 0;
        let document = crate::support::bodies::Document::new();
        for operation in routes::operations(&almoner::web::openapi()) {
            if action(&operation.id).rule().pace.is_none() {
                continue;
            }
            // These look first for the login, or the public application, that they are about.
            if ["login_factor", "announce_contribution"].contains(&operation.id.as_str()) {
                continue;
            }
            let mut config = t.config();
            config.auth.limits.account = few;
            config.auth.limits.address = few;
            config.auth.limits.mail = few;
            config.auth.limits.work = few;
            let web = t.serve_with(config);
            // Each row has somebody of its own, in a service that has counted nothing yet.
            let signed_in = !action(&operation.id).rule().allow.contains(&Allow::Anyone);
            let who = match signed_in {
                true => web.with_roles(&format!("All {asked}"), &Role::ALL).bare(),
                false => web.anonymous(),
            };
            let path = crate::matrix::filled(&operation.path);
            let body = match operation.id.as_str() {
                "step_up" | "confirm_factor" => Some(json!({ "code": "000000" })),
                "enrol_factor" => Some(json!({ "password": "not mine at all" })),
                _ => document.body(operation.method, &operation.path),
            };
            let body = body.map(|body| body.to_string().into_bytes());
            let try_it = || who.send(operation.method, &path, &[], body.clone());
            for n in 0..2 {
                assert_ne!(try_it().status, 429, "{} {n}", operation.id);
            }
            let reply = try_it();
            assert_eq!(reply.status, 429, "{}: {}", operation.id, reply.text());
            let wait: u32 = reply.header("retry-after").expect("a wait").parse().expect("seconds");
            assert!((1..=3600).contains(&wait), "{}: {wait}", operation.id);
            asked += 1;
        }
        assert!(asked > 25, "{asked}");
    }
}

/// The page of all fields, by operation: the names of fields in it, with who is told.
fn page() -> Vec<(String, Vec<(String, String)>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/generated/fields.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let mut all: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut readers = String::new();
    for line in text.lines() {
        if let Some(id) = line.strip_prefix("## `") {
            all.push((id.trim_end_matches('`').to_owned(), Vec::new()));
        } else if let Some(names) = line.strip_prefix("Read by: ") {
            readers = names.to_owned();
        } else if let Some((name, rest)) = line.strip_prefix("- `").and_then(|l| l.split_once('`'))
        {
            let whom = rest.strip_prefix(": ").unwrap_or(&readers).to_owned();
            all.last_mut().expect("an operation").1.push((name.to_owned(), whom));
        }
    }
    all
}

#[test]
fn a_bulk_of_personal_data_asks_for_the_second_factor() {
    let page = page();
    let personal = |name: &str| {
        let last = name.rsplit(['.', '[']).next().unwrap_or(name);
        ["email", "address", "phone", "agent"].contains(&last)
    };
    let mut held = 0;
    for operation in lists() {
        let rule = action(&operation.id).rule();
        held += 1;
        let Some((_, fields)) = page.iter().find(|(id, _)| *id == operation.id) else { continue };
        // Who sees by what they are, not by what is theirs.
        let by_role = |whom: &str| ["finance", "admin", "auditor"].iter().any(|r| whom.contains(r));
        let bulk = fields.iter().find(|(name, whom)| personal(name) && by_role(whom));
        let own = operation.id == "list_audit"
            && bulk.is_some_and(|(name, _)| name == "items[].after.agent");
        assert!(
            bulk.is_none() || own || rule.asks == Asks::Fresh,
            "{} gives out {bulk:?} of many without a fresh factor",
            operation.id
        );
    }
    assert!(held > 40, "{held}");
}

#[test]
fn a_whole_file_of_what_is_not_public_asks_for_the_second_factor() {
    // The ledger's names are those of funds, budgets and bank accounts; an application's export is
    // its team's own.
    let without = ["export_ledger", "export_application", "export_public_grants"];
    for action in Action::ALL.iter().filter(|action| action.as_str().starts_with("export_")) {
        let rule = action.rule();
        assert!(rule.pace.is_some(), "{} is not counted", action.as_str());
        let fresh = rule.asks == Asks::Fresh;
        assert_ne!(fresh, without.contains(&action.as_str()), "{}", action.as_str());
    }
}
