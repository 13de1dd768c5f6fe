//! Every operation on real objects, by everybody who might try: held against the policy table.
//! Who may not see an object gets the very answer of a missing one, by every path to it.

mod asked;
mod beside;
pub mod doors;
mod granted;
mod keys;
mod out;
pub mod pages;
mod paid;
mod people;
mod review;
mod states;
mod still;
pub mod world;

use crate::matrix::only_reads;
use crate::support::bodies::{Document, NOBODY};
use crate::support::web::{Reply, Web, new_key};
use crate::support::{Harness, Side, open};
use almoner::platform::authz::Action;
use almoner::platform::authz::policy::{Allow, Relation};
use almoner::platform::db::Db;
use almoner::web::routes::{self, Operation};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use world::{ACCOUNT, Caller, World, world};

/// The part of the API that holds the object of an address, and the operation that reads it.
const ROOMS: &[(&str, &str)] = &[
    ("applications", "get_application"),
    ("offers", "get_offer"),
    ("grants", "get_grant"),
    ("payees", "get_payee"),
    ("disbursements", "get_disbursement"),
    ("payment-batches", "get_payment_batch"),
    ("reports", "get_report"),
    ("checkpoints", "get_checkpoint"),
    ("funds", "get_fund"),
    ("bank-accounts", "list_bank_accounts"),
    ("bank-transfers", "list_bank_transfers"),
    ("budgets", "get_budget"),
    ("calls", "get_call"),
    ("people", "get_person"),
    ("entries", "get_ledger_entry"),
    ("saved-searches", "get_saved_search"),
    ("sessions", "end_session"),
    ("access-tokens", "revoke_access_token"),
    ("jobs", "retry_job"),
    ("agendas", "get_agenda"),
    ("delegations", "get_delegation"),
    ("merges", "get_merge"),
    ("nominations", "get_nomination"),
    ("reviews", "get_review"),
    ("vouches", "get_vouch"),
    ("vouch-requests", "get_vouch_request"),
    ("screenings", "get_screening"),
    ("concerns", "get_concern"),
    ("announcements", "get_announcement"),
    ("earmarks", "list_earmarks"),
    ("decline-templates", "get_decline_template"),
];

fn action(id: &str) -> Action {
    Action::ALL.iter().copied().find(|a| a.as_str() == id).expect("a row of the policy")
}

/// The room of an operation on one object; none for lists and for what makes something.
fn room(operation: &Operation) -> Option<&'static str> {
    let parts: Vec<&str> = operation.path.split('/').collect();
    let at = parts.iter().position(|part| ["{id}", "{appId}"].contains(part))?;
    let found = ROOMS.iter().find(|(room, _)| *room == parts[at - 1]);
    Some(found.unwrap_or_else(|| panic!("name the room of {}", operation.path)).0)
}

fn allowed(world: &World, action: Action, caller: &Caller, room: &str) -> bool {
    let by_role = world.stage.handed_in || room != "applications";
    let relations = caller.relations(room, world.stage);
    action.rule().allow.iter().any(|allow| match allow {
        Allow::Anyone => true,
        Allow::Person => caller.signed_in,
        Allow::Role(role) => by_role && caller.roles.contains(role),
        Allow::Rel(relation) => relations.contains(relation),
        Allow::RoleRel(role, relation) => {
            by_role && caller.roles.contains(role) && relations.contains(relation)
        }
    })
}

/// What somebody has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// They may.
    Yes,
    /// They see the object, and may not do this.
    No,
    /// What a missing object answers.
    Missing,
    /// They are signed out, and told so, or what everybody is told.
    Out,
}

fn want(world: &World, operation: &Operation, caller: &Caller) -> Want {
    if caller.ended {
        return Want::Out;
    }
    let wanted = action(&operation.id);
    let Some(room) = room(operation) else {
        return if allowed(world, wanted, caller, "") { Want::Yes } else { Want::No };
    };
    // Who reviews it comes to what is like it, and may warn of it, though to nothing else there.
    let reviewing = matches!(wanted, Action::ListSimilarApplications | Action::RaiseConcern);
    if reviewing && caller.stands("reviews") {
        return Want::Yes;
    }
    let reads = ROOMS.iter().find(|(name, _)| *name == room).expect("a room").1;
    let reads = allowed(world, action(reads), caller, room);
    match (reads, allowed(world, wanted, caller, room)) {
        (true, true) => Want::Yes,
        (true, false) => Want::No,
        (false, _) => Want::Missing,
    }
}

/// The address of an operation, about this object.
fn address(operation: &Operation, id: &str, world: &World) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        None => part.to_owned(),
        Some("id" | "appId") => id.to_owned(),
        Some(name) => {
            let there = world.parts.get(name).cloned();
            there.unwrap_or_else(|| panic!("name one {name} for {}", operation.path))
        }
    };
    operation.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// What a missing object answers, by operation and by who asks: the same in every state.
type Known = RefCell<BTreeMap<(String, &'static str), (u16, Value)>>;

struct Asked<'a> {
    document: &'a Document,
    world: &'a World,
    known: &'a Known,
}

impl Asked<'_> {
    fn ask(&self, operation: &Operation, caller: &Caller, id: &str) -> Reply {
        let method = operation.method;
        let body = self.document.body(method, &operation.path);
        let body = match (method, body) {
            ("GET" | "DELETE", _) => None,
            (_, body) => Some(body.map_or_else(|| b"{}".to_vec(), |b| b.to_string().into_bytes())),
        };
        let query = self.document.query(method, &operation.path);
        let path = address(operation, id, self.world) + &query;
        let key = new_key();
        let headers = [("Idempotency-Key", key.as_str()), ("If-Match", "\"v1\"")];
        caller.client.send(method, &path, &headers, body)
    }
    fn id(&self, operation: &Operation) -> &str {
        let Some(room) = room(operation) else { return NOBODY };
        let there = self.world.ids.get(room);
        there.unwrap_or_else(|| panic!("there is no object for {}", operation.path))
    }
    fn missing(&self, operation: &Operation, caller: &Caller) -> (u16, Value) {
        let key = (operation.id.clone(), caller.name);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let answer = told(&self.ask(operation, caller, NOBODY));
        self.known.borrow_mut().insert(key, answer.clone());
        answer
    }
    /// Whether it is what everybody is told, if everybody may ask.
    fn is_for_all(&self, operation: &Operation, reply: &Reply) -> bool {
        let anyone = action(&operation.id).rule().allow.contains(&Allow::Anyone);
        let nobody = self.world.callers.iter().find(|caller| caller.name == "anonymous");
        let nobody = nobody.expect("somebody has not signed in");
        anyone && told(reply) == told(&self.ask(operation, nobody, self.id(operation)))
    }
}

/// An answer without what differs each time.
fn told(reply: &Reply) -> (u16, Value) {
    let json = reply.header("content-type").is_some_and(|kind| kind.contains("json"));
    let mut body = if json { reply.json() } else { Value::String(reply.text()) };
    for name in ["request_id", "instance"] {
        if let Some(body) = body.as_object_mut() {
            body.remove(name);
        }
    }
    (reply.status, body)
}

/// The code of a refusal; in the envelope of a protocol, the one that its status stands for.
pub fn code(reply: &Reply) -> String {
    let code = match (reply.header("content-type"), reply.status) {
        (Some("application/problem+json"), _) => {
            return reply.json()["code"].as_str().unwrap_or("").to_owned();
        }
        (Some("application/json"), 401) => "unauthenticated",
        (Some("application/json"), 403) => "forbidden",
        (Some("application/json"), 404) => "not_found",
        (Some("application/json"), 422) => "invalid",
        _ => "",
    };
    code.to_owned()
}

/// What is wrong with a refusal, if something is.
fn refusal(
    asked: &Asked<'_>,
    operation: &Operation,
    caller: &Caller,
    want: Want,
) -> Option<String> {
    let said = |reply: &Reply| {
        let (id, who) = (&operation.id, caller.name);
        format!("{id} as {who}: {} {}\n    wanted {want:?}", reply.status, reply.text())
    };
    let reply = asked.ask(operation, caller, asked.id(operation));
    let code = code(&reply);
    let fits = match want {
        Want::Yes => true,
        Want::Missing => told(&reply) == asked.missing(operation, caller),
        Want::Out if reply.status == 401 => true,
        Want::Out => return (!asked.is_for_all(operation, &reply)).then(|| said(&reply)),
        Want::No if !caller.signed_in => code == "unauthenticated",
        // Told at the gate, which knows no object, or by the object, which hides.
        Want::No if action(&operation.id).rule().hide => code == "not_found" || code == "forbidden",
        // They have said yes already, and are told so.
        Want::No if operation.id == "accept_membership" => {
            code == "forbidden" || code == "wrong_state"
        }
        Want::No => code == "forbidden",
    };
    let refused = reply.status >= 400 && code != "invalid" && reply.status < 500;
    (!fits || !refused).then(|| said(&reply))
}

/// What is wrong with a granted request, if something is: refused, or telling too much.
fn grant(asked: &Asked<'_>, operation: &Operation, caller: &Caller) -> Option<String> {
    let reply = asked.ask(operation, caller, asked.id(operation));
    let code = code(&reply);
    let said = || format!("{} as {}: {} {}", operation.id, caller.name, reply.status, reply.text());
    if matches!(code.as_str(), "forbidden" | "unauthenticated" | "not_found") || reply.status >= 500
    {
        return Some(said());
    }
    let text = reply.text();
    let leaks: Vec<&str> = ROOMS
        .iter()
        .filter(|(room, reads)| {
            let id = asked.world.ids.get(room);
            // Ids of people, funds, calls and entries stand on what others may see of them.
            let open = ["people", "funds", "calls", "budgets", "sessions", "entries"];
            let secret = !open.contains(room);
            // Those who read the audit log see that something happened to it, not what it says.
            let logged = operation.id == "list_audit";
            // Regrantors read what others offer on what they may see.
            let listed = *room == "offers" && operation.id == "list_application_offers";
            let told = listed || *room == "applications" && review::knows_of_it(caller);
            (secret && !logged && !told)
                && !allowed(asked.world, action(reads), caller, room)
                && id.is_some_and(|id| text.contains(id.as_str()))
        })
        .map(|(room, _)| *room)
        .collect();
    let title = text.contains(asked.world.title)
        && !allowed(asked.world, Action::GetApplication, caller, "applications")
        && !caller.relations("funds", asked.world.stage).contains(&Relation::Contributor)
        && !review::knows_of_it(caller);
    let account = text.contains(ACCOUNT);
    (!leaks.is_empty() || title || account).then(|| format!("leaks {leaks:?} in {}", said()))
}

/// Holds every operation against the policy; nothing may change by what is refused. In a world that
/// is not whole those that are about what is there, and the lists beside an application.
fn walk(web: &Web, world: &World, known: &Known) {
    let document = Document::new();
    let asked = Asked { document: &document, world, known };
    let mut operations = routes::operations(&almoner::web::openapi());
    operations.retain(|o| !doors::is_door(&o.id));
    let there = |o: &Operation| match room(o) {
        Some(room) => world.ids.contains_key(room),
        None => {
            let list = only_reads(o) && !o.path.contains('{');
            list && world.ids.contains_key("applications")
        }
    };
    operations.retain(|o| world.whole || there(o));
    // Everybody has a second factor and has just shown it: what is asked here is who may.
    for caller in world.callers.iter().filter(|caller| caller.signed_in) {
        caller.client.post("/api/v1/payees", serde_json::json!({})).refused(422, "invalid");
    }
    let audited = || crate::payees::count(web, "SELECT COUNT(*) FROM audit_log");
    let before = audited();
    let mut wrong = pages::wrong(world);
    wrong.extend(doors::wrong(&asked));
    for operation in &operations {
        for caller in &world.callers {
            match want(world, operation, caller) {
                Want::Yes if only_reads(operation) => {
                    wrong.extend(grant(&asked, operation, caller));
                }
                Want::Yes => {}
                want => wrong.extend(refusal(&asked, operation, caller, want)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), wrong.len());
    assert_eq!(audited(), before, "somebody who may not has changed something");
}

/// What is expected, as a page to review (docs/generated/access.md).
fn page(world: &World) -> String {
    let mut page = String::from(
        "# Who reaches what\n\nGenerated by `tests/it/access` from the policy table and the API \
         document; do not edit. A private application that became a grant, with everything that \
         hangs on it; `yes`: may, where the state allows it (two-person rules come on top); \
         `no`: sees the object and is refused; `–`: gets the answer of a missing object; `out`: is \
         told that they are signed out, or what everybody may read without signing in.\n\n\
         | operation |",
    );
    world.callers.iter().for_each(|caller| page.push_str(&format!(" {} |", caller.name)));
    page.push_str(&format!("\n|{}\n", "---|".repeat(world.callers.len() + 1)));
    for operation in routes::operations(&almoner::web::openapi()) {
        if doors::is_door(&operation.id) {
            continue;
        }
        page.push_str(&format!("| `{}` |", operation.id));
        for caller in &world.callers {
            let cell = match want(world, &operation, caller) {
                Want::Yes => "yes",
                Want::No => "no",
                Want::Missing => "–",
                Want::Out => "out",
            };
            page.push_str(&format!(" {cell} |"));
        }
        page.push('\n');
    }
    page
}

/// With all that can be switched on.
fn served(t: &Harness, db: Db) -> Web {
    let mut config = t.config();
    config.publishing.how_to_pay = "By transfer to DE02 1203.".into();
    t.serve_on(config, db)
}

both! {
    fn a_private_grant(t: &Harness) {
        let web = served(t, t.db.clone());
        let world = world(&web);
        walk(&web, &world, &Known::default());
        asked::every_address_takes_something(&world);
        still::reading_changes_nothing(&web, &world, t.side);
        still::what_only_grows_cannot_be_changed(&web, t.side, "only grow");
        if t.side == crate::support::Side::Sqlite {
            still::nothing_is_replaced_by_other_programs(&web, t);
        }
        crate::matrix::kept("access.md", &page(&world));
        crate::matrix::kept("fields.md", &keys::page(&world));
        paid::every_state(&web, &world);
        out::everybody_is_out(&world);
    }

    fn under_a_role_that_cannot_change_what_only_grows(t: &Harness) {
        if t.side == Side::Postgres {
            let role = still::role_of_the_manual(t);
            let url = t.url.replacen("postgres@", &format!("{}@", role.name), 1);
            let web = served(t, open(&url, 4));
            // Everything that is asked for on the way is done.
            let world = world(&web);
            still::what_only_grows_cannot_be_changed(&web, t.side, "permission denied");
            still::a_backup_is_made(t, &url);
            assert!(!world.callers.is_empty());
        }
    }

    fn an_application_in_every_state(t: &Harness) {
        states::every_state(t, &t.serve());
    }

    fn a_grant_in_every_state(t: &Harness) {
        granted::every_state(t, &t.serve());
    }
}
