//! The operations of the API document, with what a trace needs to know of each.

use crate::support::bodies::Document;
use almoner::web::routes;
use serde_json::Value;
use std::collections::BTreeMap;

/// An operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: &'static str,
    pub path: String,
    pub id: String,
    /// The list that the id in its answer belongs to.
    pub gives: String,
    /// The field of an item that stands at the end of the item's own address.
    pub child: String,
    /// Whether it asks for the version that is edited.
    pub versioned: bool,
    pub paged: bool,
    /// Whether its body is a file, not JSON.
    pub raw: bool,
}

impl Operation {
    /// The part of the API that it belongs to: `saved-searches`; of what hangs on something else,
    /// that: `applications/reviews`.
    pub fn room(&self) -> String {
        let parts = self.path.split('/').skip(1).filter(|p| *p != "api" && *p != "v1");
        let named: Vec<&str> = parts.filter(|part| !part.starts_with('{')).collect();
        let hangs = self.method == "GET" || self.path.matches('{').count() == 2;
        let deep = if hangs { 2 } else { 1 };
        named[..named.len().min(deep)].join("/")
    }
}

fn schema(operation: &Value) -> Option<&str> {
    let answers = operation["responses"].as_object()?;
    let good = answers.iter().find(|(status, _)| status.starts_with('2'))?.1;
    good["content"]["application/json"]["schema"]["$ref"].as_str()
}

/// All of them, lists first: from them the trace learns what there is.
pub fn operations(document: &Document) -> Vec<Operation> {
    let all = routes::operations(&almoner::web::openapi());
    let of = |o: &routes::Operation| document.operation(o.method, &o.path).clone();
    // What is read at the address of one thing of a list is a thing of that list.
    let mut kinds = BTreeMap::new();
    let mut children = BTreeMap::new();
    for operation in &all {
        let Some((list, child)) = operation.path.rsplit_once('/') else { continue };
        let Some(child) = child.strip_prefix('{').and_then(|c| c.strip_suffix('}')) else {
            continue;
        };
        children.insert(list.to_owned(), child.to_owned());
        let said = of(operation);
        if let Some(schema) = schema(&said).filter(|_| operation.method == "GET") {
            let name = list.rsplit('/').next().unwrap_or_default();
            kinds.insert(schema.to_owned(), name.to_owned());
        }
    }
    let known = |o: routes::Operation| {
        let said = of(&o);
        let has = |name: &str| {
            let all = said["parameters"].as_array();
            all.into_iter().flatten().any(|parameter| parameter["name"] == name)
        };
        let last = o.path.split('/').rev().find(|part| !part.starts_with('{')).unwrap_or("");
        let gives = schema(&said).and_then(|schema| kinds.get(schema)).cloned();
        Operation {
            gives: gives.unwrap_or_else(|| last.to_owned()),
            child: children.get(&o.path).cloned().unwrap_or_else(|| "id".into()),
            versioned: has("If-Match"),
            paged: has("limit"),
            raw: said["requestBody"]["content"].get("application/octet-stream").is_some(),
            method: o.method,
            path: o.path,
            id: o.id,
        }
    };
    let mut all: Vec<Operation> = all.into_iter().map(known).collect();
    all.sort_by_key(|o| (o.path.contains('{'), o.method != "GET"));
    all
}
