//! The API document with examples: ids of what there is, and forms that fit, for a program that
//! makes requests from it.

use super::forms::Filled;
use super::{LEFT_OUT, ONCE, Trace, listed};
use almoner::platform::context::etag;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many ids of a list are told.
const TOLD: usize = 6;
/// How many versions of anything are told: as many as `If-Match` has room for.
const VERSIONS: i64 = 33;

impl Trace<'_> {
    /// What the service says of itself, with examples in it.
    pub fn examples(&self, mut document: Value) -> Value {
        for operation in &self.operations {
            let method = operation.method.to_lowercase();
            let said = &mut document["paths"][&operation.path][method.as_str()];
            let form = self.forms.body(operation, &self.document, &self.pool, Filled::Well(0));
            if let (Some(form), Some(json)) =
                (form, said.pointer_mut("/requestBody/content/application~1json"))
            {
                let (any, form) = (json["schema"].take(), self.own(&form));
                json["schema"] = json!({ "anyOf": [{ "enum": [form] }, any] });
                json["example"] = form;
            }
            if operation.versioned {
                // Whichever it has by now: otherwise nothing behind the version is ever looked at.
                let tags: Vec<String> = (0..VERSIONS).map(etag).collect();
                exampled(said, ("header", "If-Match"), &[json!(tags.join(","))]);
            }
            let address = self.pool.address(operation, 0).unwrap_or_default();
            let mut list = "";
            for (part, id) in operation.path.split('/').zip(address.split('/')) {
                let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
                if let Some(name) = name.filter(|_| id.starts_with('<')) {
                    self.told(said, name, list);
                }
                list = part;
            }
        }
        document
    }
    /// Of one parameter of an address: what it is of, or anything of its kind.
    fn told(&self, said: &mut Value, name: &str, list: &str) {
        let some = (0..TOLD).filter_map(|back| self.pool.newest(list, back));
        let some: Vec<Value> =
            some.filter(|id| id.starts_with('<')).map(|id| self.own(&json!(id))).collect();
        exampled(said, ("path", name), &some);
    }
    /// By operation, addresses of what there is, with the first service's own ids: none of what a
    /// trace leaves out, nor of what would end the sessions of those who ask.
    pub fn addresses(&self) -> BTreeMap<String, Vec<String>> {
        let mut all = BTreeMap::new();
        for operation in &self.operations {
            if listed(operation, LEFT_OUT) || listed(operation, ONCE) {
                continue;
            }
            let some = (0..TOLD).filter_map(|back| self.pool.address(operation, back));
            let some = some.map(|path| self.own(&json!(path)));
            let mut some: Vec<String> =
                some.filter_map(|path| path.as_str().map(str::to_owned)).collect();
            some.dedup();
            // What comes up as an id may be any text of the service's.
            some.retain(|path| path.bytes().all(|byte| byte.is_ascii_graphic()));
            if !some.is_empty() {
                all.insert(operation.id.clone(), some);
            }
        }
        all
    }
    /// With the first service's own ids.
    fn own(&self, value: &Value) -> Value {
        let text = value.to_string();
        let own = self.halves.first().map_or_else(|| text.clone(), |half| half.ids(&text));
        serde_json::from_str(&own).unwrap_or_default()
    }
}

/// A parameter of an operation, by where it stands and its name: one of these, or anything of its
/// kind.
fn exampled(operation: &mut Value, (place, name): (&str, &str), some: &[Value]) {
    let Some(first) = some.first() else { return };
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    let parameters = parameters.into_iter().flatten();
    for parameter in parameters.filter(|p| p["name"] == name && p["in"] == place) {
        let any = parameter["schema"].take();
        parameter["schema"] = json!({ "anyOf": [{ "enum": some }, any] });
        parameter["example"] = first.clone();
    }
}
