//! Our document against the official one, as the protocol's own checker compares them: every route
//! that has to be there and none besides, the same parameters, answers that fulfil what the
//! protocol requires, requests that take what it allows.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const ROOT: &str = "/common-grants/opportunities";
const FORMS: &str = "/common-grants/forms";
const COMPETITIONS: &str = "/common-grants/competitions";
const APPLICATIONS: &str = "/common-grants/applications/";

pub fn official() -> Value {
    serde_json::from_str(include_str!("openapi.0.4.0.json")).expect("JSON")
}

/// With its references followed, and what stands in `allOf` put together.
fn flat(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return flat(document, document.pointer(&name[1..]).expect("it is in the document"));
    }
    let Some(parts) = schema["allOf"].as_array() else { return schema.clone() };
    let mut whole = schema.as_object().expect("a schema").clone();
    whole.remove("allOf");
    for part in parts {
        let part = flat(document, part);
        for (key, value) in part.as_object().expect("a schema") {
            match (whole.get_mut(key), value) {
                (Some(Value::Object(there)), Value::Object(more)) => {
                    let more = more.iter().filter(|(k, _)| !there.contains_key(*k));
                    let more: Map<_, _> = more.map(|(k, v)| (k.clone(), v.clone())).collect();
                    there.extend(more);
                }
                (Some(Value::Array(there)), Value::Array(more)) => there.extend(more.clone()),
                (Some(_), _) => {}
                (None, value) => {
                    whole.insert(key.clone(), value.clone());
                }
            }
        }
    }
    Value::Object(whole)
}

fn words(value: &Value) -> BTreeSet<String> {
    let all = value.as_array().into_iter().flatten();
    all.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect()
}

struct Compared<'a> {
    official: &'a Value,
    ours: &'a Value,
    faults: Vec<String>,
}

impl Compared<'_> {
    /// `answer`: ours is what is sent, and has to fulfil theirs; otherwise ours is what is taken.
    fn schema(&mut self, at: &str, theirs: &Value, ours: &Value, answer: bool) {
        let (theirs, ours) = (flat(self.official, theirs), flat(self.ours, ours));
        for several in ["anyOf", "oneOf"] {
            let Some(variants) = ours[several].as_array() else { continue };
            let options = theirs["anyOf"].as_array().cloned();
            let options = options.unwrap_or_else(|| vec![theirs.clone()]);
            for (number, variant) in variants.iter().enumerate() {
                let fits = |option: &Value| {
                    let (official, ours) = (self.official, self.ours);
                    let mut inner = Compared { official, ours, faults: Vec::new() };
                    inner.schema(at, option, variant, answer);
                    inner.faults.is_empty()
                };
                if !options.iter().any(fits) {
                    self.faults.push(format!("{at}: variant {number} is none of the protocol's"));
                }
            }
            return;
        }
        if theirs["type"].is_string() && ours["type"] != theirs["type"] {
            let (ours, theirs) = (&ours["type"], &theirs["type"]);
            self.faults.push(format!("{at}: {ours} where the protocol has {theirs}"));
        }
        if theirs["format"].is_string() && ours["format"] != theirs["format"] {
            self.faults.push(format!("{at}: the format is not {}", theirs["format"]));
        }
        let (allowed, named) = (words(&theirs["enum"]), words(&ours["enum"]));
        let fits = match answer {
            true => allowed.is_empty() || (named.is_subset(&allowed) && !named.is_empty()),
            false => named.is_empty() || (allowed.is_subset(&named) && !allowed.is_empty()),
        };
        if !fits {
            self.faults.push(format!("{at}: {named:?} where the protocol has {allowed:?}"));
        }
        let (needs, has) = (words(&theirs["required"]), words(&ours["required"]));
        let short = if answer { needs.difference(&has) } else { has.difference(&needs) };
        let short: Vec<_> = short.cloned().collect();
        self.faults.extend(short.iter().map(|name| format!("{at}/{name}: required or not")));
        for (name, theirs) in theirs["properties"].as_object().into_iter().flatten() {
            let inner = format!("{at}/{name}");
            match ours["properties"].get(name) {
                Some(ours) => self.schema(&inner, theirs, ours, answer),
                None if answer => {}
                None => self.faults.push(format!("{inner}: it is not taken")),
            }
        }
        for inside in ["items", "additionalProperties"] {
            if theirs[inside].as_object().is_some_and(|inner| !inner.is_empty()) {
                self.schema(&format!("{at}/*"), &theirs[inside], &ours[inside], answer);
            }
        }
    }
    fn operation(&mut self, at: &str, theirs: &Value, ours: &Value) {
        let named = |document: &Value, operation: &Value| -> Vec<(String, Value)> {
            let all = operation["parameters"].as_array().cloned().unwrap_or_default();
            let all = all.iter().map(|p| flat(document, p));
            all.map(|p| (format!("{} {}", p["in"], p["name"]), p["schema"].clone())).collect()
        };
        let (wanted, found) = (named(self.official, theirs), named(self.ours, ours));
        for (name, schema) in &wanted {
            match found.iter().find(|(n, _)| n == name) {
                Some((_, ours)) => self.schema(&format!("{at} {name}"), schema, ours, false),
                None => self.faults.push(format!("{at}: no parameter {name}")),
            }
        }
        for (status, response) in theirs["responses"].as_object().expect("answers") {
            // For whatever else is answered to a submission the protocol has a schema that allows
            // the status 400 alone: ours tells the status that it has.
            if status == "default" && at.ends_with("/submit") {
                continue;
            }
            let body = |response: &Value| response["content"]["application/json"]["schema"].clone();
            match ours["responses"].get(status) {
                Some(ours) => {
                    self.schema(&format!("{at} {status}"), &body(response), &body(ours), true);
                }
                None => self.faults.push(format!("{at}: {status} is not documented")),
            }
        }
        let body = |o: &Value| o["requestBody"]["content"]["application/json"]["schema"].clone();
        if !body(theirs).is_null() {
            self.schema(&format!("{at} body"), &body(theirs), &body(ours), false);
        }
    }
}

/// What is wrong with our document.
pub fn faults(official: &Value, ours: &Value) -> Vec<String> {
    let mut all = Compared { official, ours, faults: Vec::new() };
    let theirs = official["paths"].as_object().expect("paths");
    let mine = ours["paths"].as_object().expect("paths");
    let beside = mine.keys().filter(|p| p.starts_with("/common-grants/"));
    let beside = beside.filter(|p| !theirs.contains_key(*p));
    all.faults.extend(beside.map(|p| format!("{p} is none of the protocol's")));
    let served = |path: &str| {
        let rooms = [ROOT, FORMS, COMPETITIONS, APPLICATIONS];
        rooms.iter().any(|room| path.starts_with(room))
    };
    for (path, item) in theirs.iter().filter(|(path, _)| served(path)) {
        for (method, operation) in item.as_object().expect("operations") {
            match mine.get(path).and_then(|item| item.get(method)) {
                Some(ours) => all.operation(&format!("{method} {path}"), operation, ours),
                None => all.faults.push(format!("{method} {path} is missing")),
            }
        }
    }
    nullable(ours, "", &mut all.faults);
    all.faults
}

/// Where null is allowed: the protocol's checker refuses it anywhere.
fn nullable(value: &Value, at: &str, faults: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let types = fields.get("type").and_then(Value::as_array);
            if types.is_some_and(|types| types.contains(&json!("null"))) {
                faults.push(format!("{at}: may be null"));
            }
            fields.iter().for_each(|(name, v)| nullable(v, &format!("{at}/{name}"), faults));
        }
        Value::Array(items) => items.iter().for_each(|v| nullable(v, at, faults)),
        _ => {}
    }
}

fn ours() -> Value {
    let part = almoner::web::protocol(&almoner::web::openapi());
    serde_json::to_value(part).expect("it serialises")
}

#[test]
fn our_document_fulfils_the_protocol() {
    let (official, ours) = (official(), ours());
    assert_eq!(faults(&official, &ours), [""; 0]);
    let schemas = ours["components"]["schemas"].as_object().expect("schemas");
    assert!(schemas.contains_key("Opportunity") && !schemas.contains_key("FundView"));
    let text = ours.to_string();
    for name in text.split("#/components/schemas/").skip(1) {
        let name = name.split('"').next().expect("a name");
        assert!(schemas.contains_key(name), "{name} is named, and not there");
    }
}

#[test]
fn what_does_not_fulfil_it_is_found() {
    let official = official();
    let one = "/common-grants/opportunities/{oppId}";
    let schema = |name: &str| format!("/components/schemas/{name}");
    type Plant = Box<dyn Fn(&mut Value)>;
    let at = |pointer: String, value: Value| -> Plant {
        Box::new(move |document| {
            *document.pointer_mut(&pointer).expect("it is there") = value.clone()
        })
    };
    let planted: Vec<(&str, Plant)> = vec![
        (
            "search is missing",
            Box::new(|d| {
                d["paths"].as_object_mut().expect("paths").remove(&format!("{ROOT}/search"));
            }),
        ),
        ("a route of our own", Box::new(|d| d["paths"]["/common-grants/calls"] = json!({}))),
        (
            "another parameter",
            Box::new(move |d| {
                d["paths"][one]["get"]["parameters"][0]["name"] = json!("id");
            }),
        ),
        (
            "no 404",
            Box::new(move |d| {
                d["paths"][one]["get"]["responses"].as_object_mut().expect("them").remove("404");
            }),
        ),
        ("no pageSize", Box::new(|d| d["paths"][ROOT]["get"]["parameters"] = json!([]))),
        (
            "no lastModifiedAt",
            at(
                schema("Opportunity") + "/required",
                json!(["id", "title", "status", "description"]),
            ),
        ),
        ("a further status", at(schema("OppStatusValue") + "/enum", json!(["draft"]))),
        (
            "an amount as a number",
            at(schema("ProtocolMoney") + "/properties/amount/type", json!("number")),
        ),
        (
            "a description that may be null",
            at(schema("Opportunity") + "/properties/description/type", json!(["string", "null"])),
        ),
        (
            "a filter that is not taken",
            Box::new(|d| {
                let filters = &mut d["components"]["schemas"]["OppFilters"]["properties"];
                filters.as_object_mut().expect("them").remove("closeDateRange");
            }),
        ),
        ("an order that is not taken", at(schema("OppSortBy") + "/enum", json!(["title"]))),
    ];
    for (what, plant) in planted {
        let mut document = ours();
        plant(&mut document);
        assert!(!faults(&official, &document).is_empty(), "{what} was not found");
    }
}

#[test]
fn what_does_not_fulfil_it_of_applications_is_found() {
    let (official, search) = (official(), format!("{APPLICATIONS}search"));
    let without = |value: &mut Value, name: &str| {
        drop(value.as_object_mut().expect("an object").remove(name));
    };
    type Plant<'a> = &'a dyn Fn(&mut Value);
    let planted: [(&str, Plant<'_>); 3] = [
        ("no search", &|d| without(&mut d["paths"], &search)),
        ("no filters in the address", &|d| {
            let search = &mut d["paths"][search.as_str()]["post"];
            let parameters = search["parameters"].as_array_mut().expect("some");
            parameters.retain(|parameter| parameter["name"] != "filters");
        }),
        ("a filter that is not taken", &|d| {
            let filters = &mut d["components"]["schemas"]["AppFilters"];
            without(&mut filters["properties"], "submittedAtRange");
        }),
    ];
    for (what, plant) in planted {
        let mut document = ours();
        plant(&mut document);
        assert!(!faults(&official, &document).is_empty(), "{what} was not found");
    }
}
