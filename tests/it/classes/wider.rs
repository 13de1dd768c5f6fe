//! Classes asked of every operation that the API document names, not of an example: addresses as
//! search words, ids of others in bodies.

use super::access::{gets, told};
use crate::access::world::{World, world};
use crate::support::Harness;
use crate::support::bodies::{Document, NOBODY};
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use almoner::platform::config::{Limit, Limits};
use almoner::web::routes;
use serde_json::{Value, json};

/// With settings that let one person ask everything.
pub fn patient(t: &Harness) -> almoner::platform::config::Config {
    let mut config = t.config();
    let much = Limit { burst: 100_000, per_hour: 100_000 };
    config.auth.limits =
        Limits { account: much, address: much, overall: much, mail: much, work: much };
    config.publishing.how_to_pay = "By transfer to DE02 1203.".into();
    config
}

/// The address with the ids of the world in it; none where it has none for it.
pub fn filled(world: &World, path: &str) -> Option<String> {
    let id = path.split('/').nth(3).and_then(|room| world.ids.get(room));
    let mut path = id.map_or(path.to_owned(), |id| path.replace("{id}", id));
    for (part, value) in &world.parts {
        path = path.replace(&format!("{{{part}}}"), value);
    }
    (!path.contains('{')).then_some(path)
}

/// What was found, without the word that was asked for.
fn found(reply: &Reply, word: &str) -> (u16, String) {
    let (status, body) = told(reply);
    let encoded = word.replace('@', "%40");
    (status, body.to_string().replace(word, "WORD").replace(&encoded, "WORD"))
}

both! {
    fn no_search_finds_an_address(t: &Harness) {
        let web = t.serve_with(patient(t));
        let world = world(&web);
        let document = Document::new();
        let searches: Vec<String> = gets()
            .into_iter()
            .filter(|path| {
                let all = document.operation("GET", path)["parameters"].as_array().cloned();
                all.unwrap_or_default().iter().any(|p| p["in"] == "query" && p["name"] == "q")
            })
            .filter_map(|path| filled(&world, &path))
            .collect();
        assert!(searches.len() >= 2, "{searches:?}");
        let people: Vec<&Client> = world.callers.iter().filter(|c| c.signed_in)
            .map(|c| &c.client).take(6).collect();
        let others = [web.anonymous(), web.person("Sam"), web.with_role("Rob", Role::Regrantor),
            web.with_role("Flo", Role::Funder), web.with_role("Rev", Role::Reviewer)];
        // Of the same shape, and nobody's.
        let nobody = "olga.nobody-77@example.org";
        for who in &others {
            for path in &searches {
                let ask = |word: &str| found(&who.get(&format!("{path}?q={word}")), word);
                let missing = ask(nobody);
                for one in &people {
                    assert_eq!(ask(&one.email), missing, "{path} finds {}", one.email);
                }
            }
            let opportunities = |word: &str| {
                let path = "/common-grants/opportunities/search";
                let reply = who.post(path, json!({ "search": word }));
                let items = reply.json()["items"].as_array().map_or(0, Vec::len);
                (reply.status, items)
            };
            for one in &people {
                assert_eq!(opportunities(&one.email), opportunities(nobody), "{}", one.email);
            }
        }
    }

    fn no_id_in_a_body_tells_that_it_is_somebodys(t: &Harness) {
        let web = t.serve_with(patient(t));
        let world = world(&web);
        let document = Document::new();
        // What none of the callers knows: all of it Hidden Hans's, or not public yet.
        let field = web.field();
        let hans = web.person("Hidden Hans");
        let call = json!({ "title": "Not yet", "kind": "rolling" });
        let call = field.desk.admin.post("/api/v1/calls", call).id();
        let draft = json!({ "call_id": field.call, "title": "Hidden" });
        let draft = hans.post("/api/v1/applications", draft).id();
        let payee = crate::support::payday::us_payee("000424242424", json!({}));
        let payee = hans.post("/api/v1/payees", payee).id();
        let budget = field.backer("5.00").budget;
        let search = json!({ "name": "Mine", "asked": { "q": "lens" }, "digest": "daily" });
        let search = hans.post("/api/v1/saved-searches", search).id();
        let hidden = [call, draft, payee, budget, search];
        let callers: Vec<_> = world.callers.iter()
            .filter(|c| {
                let powers = [Role::Admin, Role::Finance, Role::Auditor];
                c.signed_in && !powers.iter().any(|role| c.roles.contains(role))
            })
            .collect();
        assert!(callers.len() > 5);
        let mut compared = 0;
        for operation in routes::operations(&almoner::web::openapi()) {
            let (method, path) = (operation.method, &operation.path);
            let Some(at) = filled(&world, path) else { continue };
            for (name, many) in document.ids(method, path) {
                for caller in &callers {
                    let ask = |id: &str| {
                        let mut body = document.body(method, path).unwrap_or(json!({}));
                        body[&name] = if many { json!([id]) } else { json!(id) };
                        let body = Some(body.to_string().into_bytes());
                        let key = crate::support::web::new_key();
                        let headers = [("Content-Type", "application/json"),
                            ("Idempotency-Key", key.as_str()), ("If-Match", "\"1\"")];
                        let reply = caller.client.send(method, &at, &headers, body);
                        let text = if reply.bytes.is_empty() { Value::Null } else { reply.json() };
                        let pointers = text["fields"].to_string().replace(id, "ID");
                        (reply.status, text["code"].clone(), pointers)
                    };
                    let missing = ask(NOBODY);
                    for id in &hidden {
                        assert_eq!(ask(id), missing, "{method} {at}: {name} as {}", caller.name);
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 500, "{compared}");
    }
}
