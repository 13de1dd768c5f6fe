//! The one list of routes. A handler that is not here is not served; an operation here without
//! a row in the policy table does not start.

use super::rooms;
use crate::platform::auth::limits::Door;
use crate::platform::authz::Action;
use crate::platform::http::Routes;
use crate::platform::jobs;
use crate::{
    agendas, answers, applications, budgets, calls, comments, commongrants, concerns, delegations,
    disbursements, discovery, dossiers, exports, funds, grants, ledger, offers, oversight,
    paperwork, payees, people, progress, publishing, reviews, stats, vouches,
};
use std::collections::BTreeSet;
use utoipa::openapi::path::Operation as Described;
use utoipa::openapi::{OpenApi, RefOr, Response};
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of each domain.
const ROOMS: &[rooms::Room] = &[
    people::api::routes,
    agendas::api::routes,
    delegations::api::routes,
    ledger::api::routes,
    funds::api::routes,
    budgets::api::routes,
    calls::api::routes,
    answers::api::routes,
    applications::api::routes,
    comments::api::routes,
    vouches::api::routes,
    reviews::api::routes,
    concerns::api::routes,
    offers::api::routes,
    discovery::api::routes,
    dossiers::api::routes,
    paperwork::api::routes,
    payees::api::routes,
    grants::api::routes,
    disbursements::api::routes,
    progress::api::routes,
    publishing::api::routes,
    commongrants::api::routes,
    exports::api::routes,
    stats::api::routes,
    oversight::api::routes,
    jobs::api::routes,
];

/// Registers every route of the API, to be served.
pub fn routes(cfg: &mut actix_web::web::ServiceConfig) {
    rooms::register(cfg, ROOMS);
}

/// Describes every route of the API.
pub fn described(cfg: &mut ServiceConfig<'_>) {
    ROOMS.iter().for_each(|room| room(&mut Routes::Described(cfg)));
}

/// Every operation of the document has a row in the policy table, and what gives out a file is
/// counted by it. The error names what does not fit.
pub fn verify(document: &OpenApi) -> Result<(), String> {
    let served: BTreeSet<String> = operations(document).into_iter().map(|o| o.id).collect();
    let declared: BTreeSet<String> = Action::ALL.iter().map(|a| a.as_str().to_owned()).collect();
    let bare: Vec<_> = served.difference(&declared).cloned().collect();
    if !bare.is_empty() {
        return Err(format!("these routes have no permission declared: {}", bare.join(", ")));
    }
    let paced = |action: &Action| action.rule().pace.is_some_and(Door::is_work);
    let free = Action::ALL.iter().filter(|action| !paced(action)).map(|action| action.as_str());
    let free: Vec<_> = free.filter(|id| gives_a_file(document, id)).collect();
    match free.is_empty() {
        true => Ok(()),
        false => Err(format!("these routes give out files uncounted: {}", free.join(", "))),
    }
}

/// Whether it says so itself, or answers something else than JSON.
fn gives_a_file(document: &OpenApi, id: &str) -> bool {
    let items = document.paths.paths.values();
    let all = items.flat_map(|p| [&p.get, &p.post, &p.put, &p.patch, &p.delete]).flatten();
    let named = |operation: &&Described| operation.operation_id.as_deref() == Some(id);
    let answers = all.filter(named).flat_map(|operation| operation.responses.responses.values());
    let file = |answer: &RefOr<Response>| match answer {
        RefOr::T(answer) => answer.content.keys().any(|kind| !kind.ends_with("json")),
        RefOr::Ref(_) => false,
    };
    id.starts_with("export_") || answers.into_iter().any(file)
}

/// Each address of the document with the methods that it takes, as the header `Allow` has them.
pub(super) fn methods(document: &OpenApi) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for operation in operations(document) {
        match all.last_mut() {
            Some((path, methods)) if *path == operation.path => {
                methods.push_str(&format!(", {}", operation.method));
            }
            _ => all.push((operation.path, operation.method.to_owned())),
        }
    }
    all
}

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `GET`, `POST`…
    pub method: &'static str,
    /// The template of its address.
    pub path: String,
    /// Its `operationId`; empty if it has none.
    pub id: String,
}

/// All operations of the document.
pub fn operations(document: &OpenApi) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                let id = operation.operation_id.clone().unwrap_or_default();
                all.push(Operation { method, path: path.clone(), id });
            }
        }
    }
    all
}
