//! Those who act for the owner, and what belongs to people.

use super::world::{Caller, caller};
use crate::delegations::lets;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Errand;
use almoner::platform::authz::policy::Relation;
use serde_json::json;

const DRAFTER: &[(&str, Relation)] =
    &[("applications", Relation::Delegate(Errand::Draft)), ("delegations", Relation::Named)];
/// How a merge's proposer and a nomination's maker stand to it.
pub const PROPOSER: (&str, Relation) = ("merges", Relation::Own);
pub const NOMINATOR: (&str, Relation) = ("nominations", Relation::Own);
const SUBMITTER: &[(&str, Relation)] = &[("applications", Relation::Delegate(Errand::Submit))];
const REPORTER: &[(&str, Relation)] = &[
    ("applications", Relation::Delegate(Errand::Report)),
    ("grants", Relation::Delegate(Errand::Report)),
    ("reports", Relation::Delegate(Errand::Report)),
    ("checkpoints", Relation::Delegate(Errand::Report)),
];

/// Three delegates of the owner, one for each errand; and the delegation of the first.
pub fn delegates(web: &Web, owner: &Client) -> (Vec<Caller>, String) {
    let all = [
        ("may draft", "draft", "Dora Drafter", DRAFTER),
        ("may submit", "submit", "Suri Submitter", SUBMITTER),
        ("may report", "report", "Rob Reporter", REPORTER),
    ];
    let mut callers = Vec::new();
    let mut ids = Vec::new();
    for (name, scope, person, relations) in all {
        let who = web.person(person);
        ids.push(lets(owner, &who, &[scope]));
        callers.push(caller(name, who, &[], relations));
    }
    (callers, ids.swap_remove(0))
}

/// An agenda that the owner's application is about.
pub fn agenda(admin: &Client, owner: &Client, application: &str) -> String {
    let id = crate::agendas::agenda(admin, "unlit-shafts");
    let path = format!("/api/v1/applications/{application}");
    let read = owner.get(&path);
    let etag = read.etag().to_owned();
    let body = json!({ "agendas": [id] }).to_string().into_bytes();
    owner.send("PUT", &format!("{path}/agendas"), &[("If-Match", &etag)], Some(body)).ok();
    id
}

/// A merge that somebody proposed to the owner: theirs goes into another application of the call.
pub fn merge(web: &Web, call: &str, owner: &Client, application: &str) -> String {
    let other = web.person("Otto Other");
    let path = "/api/v1/applications";
    let into = other.post(path, json!({ "call_id": call, "title": "Another shaft" })).id();
    let members = format!("{path}/{into}/members");
    other.post(&members, json!({ "email": owner.email, "name": "Olga" })).ok();
    owner.post(&format!("{path}/{into}/merge"), json!({ "other": application })).id()
}

/// A nomination by a regrantor, to nobody who is there.
pub fn nomination(call: &str, regrantor: &Client) -> String {
    let form = json!({
        "call_id": call, "email": "nobody@nowhere.example", "name": "Nobody", "title": "A shaft",
        "summary": "Dark.", "why": "They dig.",
    });
    regrantor.post("/api/v1/nominations", form).id()
}
