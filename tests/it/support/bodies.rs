//! Plausible bodies and addresses, made from the API document alone: a new operation is covered
//! without anybody remembering it.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// An id that nothing has.
pub const NOBODY: &str = "01a19b7c-a680-7035-80a7-6d853561f4e6";

/// The document, and the schemas that it names.
pub struct Document(Value);

impl Document {
    pub fn new() -> Self {
        let text = almoner::web::openapi().to_json().expect("it serialises");
        Self(serde_json::from_str(&text).expect("it is JSON"))
    }
    /// What it says of one operation.
    pub fn operation(&self, method: &str, path: &str) -> &Value {
        &self.0["paths"][path][method.to_lowercase()]
    }
    /// A body that the operation can read; none where it takes none.
    pub fn body(&self, method: &str, path: &str) -> Option<Value> {
        let schema = self.schema(method, path);
        if schema.is_object() { Some(self.plausible(schema)) } else { None }
    }
    /// The query parameters that the operation cannot do without.
    pub fn query(&self, method: &str, path: &str) -> String {
        let named = self.operation(method, path)["parameters"].as_array().cloned();
        let needed = named
            .unwrap_or_default()
            .into_iter()
            .filter(|parameter| parameter["in"] == "query" && parameter["required"] == json!(true));
        let pairs: Vec<String> = needed
            .map(|parameter| {
                let value = self.plausible(&parameter["schema"]);
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{}={text}", parameter["name"].as_str().expect("a name"))
            })
            .collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
    /// The fields of the body that hold an id, or several: by their name or their format.
    pub fn ids(&self, method: &str, path: &str) -> Vec<(String, bool)> {
        let mut schema = self.schema(method, path);
        while let Some(name) = referred(schema) {
            schema = self.named(name);
        }
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields
            .filter_map(|(name, field)| {
                let text = field.to_string();
                let one = name.ends_with("_id") || name == "on_behalf_of" || name == "other";
                let many = name.ends_with("_ids") || name == "agendas";
                (one || many || text.contains("\"uuid\""))
                    .then(|| (name.clone(), many || text.contains("\"array\"")))
            })
            .collect()
    }
    /// Where the body of an operation holds money, as JSON pointers; the first of a list stands for
    /// all.
    pub fn money(&self, method: &str, path: &str) -> Vec<String> {
        self.places(method, path, &|schema| referred(schema).is_some_and(is_money))
    }
    /// Where the body of an operation holds objects with fields that have names, as for money; the
    /// body itself is one of them.
    pub fn objects(&self, method: &str, path: &str) -> Vec<String> {
        self.places(method, path, &|schema| schema["properties"].is_object())
    }
    fn places(&self, method: &str, path: &str, is: &dyn Fn(&Value) -> bool) -> Vec<String> {
        let mut found = Vec::new();
        self.find(self.schema(method, path), "", &[], is, &mut found);
        found.sort();
        found.dedup();
        found
    }
    /// Objects within the body of an operation that take fields which nobody named: by the name of
    /// their schema, and the fields that lead to them from there.
    pub fn open_objects(&self, method: &str, path: &str) -> BTreeSet<String> {
        let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
        self.find_open(self.schema(method, path), path, &mut seen, &mut found);
        found
    }
    /// What an operation takes; null where that is nothing.
    fn schema(&self, method: &str, path: &str) -> &Value {
        &self.operation(method, path)["requestBody"]["content"]["application/json"]["schema"]
    }
    fn named(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }
    fn find(
        &self,
        schema: &Value,
        at: &str,
        within: &[&str],
        is: &dyn Fn(&Value) -> bool,
        found: &mut Vec<String>,
    ) {
        if is(schema) {
            found.push(at.to_owned());
        }
        if let Some(name) = referred(schema) {
            if !within.contains(&name) {
                self.find(self.named(name), at, &[within, &[name]].concat(), is, found);
            }
            return;
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            self.find(field, &format!("{at}/{name}"), within, is, found);
        }
        for branch in branches(schema) {
            self.find(branch, at, within, is, found);
        }
        if let Some(items) = schema.get("items") {
            self.find(items, &format!("{at}/0"), within, is, found);
        }
    }
    fn find_open(
        &self,
        schema: &Value,
        at: &str,
        seen: &mut BTreeSet<String>,
        found: &mut BTreeSet<String>,
    ) {
        if let Some(name) = referred(schema) {
            if seen.insert(name.to_owned()) {
                self.find_open(self.named(name), name, seen, found);
            }
            return;
        }
        let kind = &schema["type"];
        let object = schema["properties"].is_object()
            || *kind == "object"
            || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object")));
        let anything = schema.is_object() && kind.is_null() && branches(schema).next().is_none();
        if (object || anything) && schema["additionalProperties"] != json!(false) {
            found.insert(at.to_owned());
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            self.find_open(field, &format!("{at}.{name}"), seen, found);
        }
        for branch in branches(schema) {
            self.find_open(branch, at, seen, found);
        }
        if let Some(items) = schema.get("items") {
            self.find_open(items, at, seen, found);
        }
    }
    fn plausible(&self, schema: &Value) -> Value {
        if let Some(name) = referred(schema) {
            if is_money(name) {
                return json!({ "amount": "1.00", "currency": "USD" });
            }
            return self.plausible(self.named(name));
        }
        if let Some(first) = branches(schema).find(|branch| branch["type"] != "null") {
            return self.plausible(first);
        }
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find(|k| **k != "null").cloned(),
            one => Some(one.clone()),
        };
        match kind.as_ref().and_then(Value::as_str) {
            Some("object") | None => self.object(schema),
            Some("array") => json!([self.plausible(&schema["items"])]),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(true),
            Some(_) => text(schema),
        }
    }
    fn object(&self, schema: &Value) -> Value {
        let mut object = Map::new();
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().expect("a name");
            object.insert(name.to_owned(), self.plausible(&schema["properties"][name]));
        }
        Value::Object(object)
    }
}

/// The schema that it stands for.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().and_then(|name| name.rsplit('/').next())
}

fn is_money(name: &str) -> bool {
    matches!(name, "MoneyText" | "Money")
}

/// What it is one of, or all of.
fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf", "allOf"].into_iter().filter_map(move |of| schema[of].as_array()).flatten()
}

fn text(schema: &Value) -> Value {
    match schema["format"].as_str() {
        Some("uuid") => json!(NOBODY),
        Some("date") => json!("2026-11-02"),
        Some("date-time") => json!("2026-12-24T12:00:00Z"),
        Some("email") => json!("somebody@example.org"),
        _ => {
            let least = schema["minLength"].as_u64().unwrap_or(1).max(1);
            json!("x".repeat(usize::try_from(least).expect("it is short")))
        }
    }
}
