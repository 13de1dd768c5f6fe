//! What is served beside the API, and so has no row in the policy table: pages, feeds, what they
//! load, and what those look at who run the service. Each stands here with the row of what it
//! shows, or with the reason why it is everybody's; a route that stands neither here nor in the
//! API document fails.

use super::world::{ACCOUNT, World};
use super::{allowed, told};
use crate::support::bodies::NOBODY;
use crate::support::sources;
use crate::support::web::{Client, Reply};
use almoner::platform::authz::{Action, Allow};
use almoner::web::routes;
use std::collections::BTreeSet;

/// What somebody finds at an address.
pub enum Shows {
    /// The same for everybody, and nothing of anybody; why.
    Nothing(&'static str),
    /// What everybody is listed who may do this.
    Listed(Action),
    /// What is under this part of the API, for those who may do this.
    Object(&'static str, Action),
}

use Shows::{Listed, Nothing, Object};

/// The method, the template of the address, and what it shows.
pub const PAGES: &[(&str, &str, Shows)] = &[
    ("GET", "/healthz", Nothing("the process runs")),
    ("GET", "/readyz", Nothing("the database answers")),
    ("GET", "/metrics", Nothing("numbers; the manual keeps it from the outside")),
    ("GET", "/openapi.json", Nothing("the API document, which is public")),
    ("GET", "/common-grants.json", Nothing("the protocol's part of it")),
    ("GET", "/docs", Nothing("the page of the API document")),
    ("GET", "/docs/", Nothing("the same, as a folder")),
    ("GET", "/docs/problems", Nothing("the catalogue of problems")),
    ("GET", "/confirm", Nothing("what it confirms stands behind the # of the link")),
    ("GET", "/reset", Nothing("what it resets stands behind the # of the link")),
    ("GET", "/unsubscribe", Nothing("what it ends stands behind the # of the link")),
    ("GET", "/assets/account.js", Nothing("a script without data")),
    ("GET", "/assets/account.css", Nothing("a style")),
    ("GET", "/assets/object.js", Nothing("a script without data")),
    ("GET", "/assets/session.js", Nothing("a script without data")),
    ("GET", "/assets/unsubscribe.js", Nothing("a script without data")),
    ("GET", "/assets/public.css", Nothing("a style")),
    ("GET", "/a/{id}", Object("applications", Action::GetPublicApplication)),
    ("POST", "/a/{id}", Object("applications", Action::AnnounceContribution)),
    ("GET", "/g/{id}", Object("grants", Action::GetPublicGrant)),
    ("GET", "/feeds/applications.atom", Listed(Action::ListPublicApplications)),
    ("GET", "/feeds/grants.atom", Listed(Action::ListPublicGrants)),
    ("GET", "/feeds/calls/{id}/applications.atom", Object("calls", Action::GetCall)),
];

/// The addresses of those that are read.
pub fn reads() -> Vec<String> {
    let read = PAGES.iter().filter(|(method, ..)| *method == "GET");
    read.map(|(_, path, _)| (*path).to_owned()).collect()
}

fn ask(who: &Client, method: &str, path: &str) -> Reply {
    if method == "GET" {
        return who.get(path);
    }
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    who.send(method, path, &kind, Some(b"amount=1&email=b%40example.org".to_vec()))
}

/// What is wrong with them in this world: whoever asks is told what somebody is told who has not
/// signed in, and what is not theirs to see is as missing as what is not there.
pub(super) fn wrong(world: &World) -> Vec<String> {
    let nobody = world.callers.iter().find(|caller| caller.name == "anonymous");
    let nobody = nobody.expect("somebody has not signed in");
    let shown = allowed(world, Action::GetPublicApplication, nobody, "applications");
    let rooms = ["applications", "grants", "payees", "offers", "disbursements", "reports"];
    let hidden = rooms.iter().filter(|room| !(shown && **room == "applications"));
    let hidden = hidden.filter_map(|room| world.ids.get(room));
    let mut secrets: Vec<&str> = hidden.map(String::as_str).collect();
    secrets.push(ACCOUNT);
    if !shown {
        secrets.push(world.title);
    }
    let mut wrong = Vec::new();
    for (method, path, shows) in PAGES {
        let (room, action) = match shows {
            Object(room, action) => (*room, *action),
            Listed(_) | Nothing(_) => {
                for who in [&nobody.client, &world.admin] {
                    let reply = who.get(path);
                    if reply.status >= 400 {
                        wrong.push(format!("{path}: {}", reply.status));
                    }
                    let text = reply.text();
                    let found = secrets.iter().filter(|secret| text.contains(**secret));
                    wrong.extend(found.map(|secret| format!("{path} tells of {secret}")));
                }
                continue;
            }
        };
        let Some(id) = world.ids.get(room) else { continue };
        let may = allowed(world, action, nobody, room);
        if may && *method != "GET" {
            continue;
        }
        for caller in &world.callers {
            let real = ask(&caller.client, method, &path.replace("{id}", id));
            let missing = ask(&caller.client, method, &path.replace("{id}", NOBODY));
            let is_missing = real.status == 404 && told(&real) == told(&missing);
            let fits = if may { real.status == 200 } else { is_missing };
            if !fits {
                let (who, status) = (caller.name, real.status);
                wrong.push(format!("{method} {path} as {who}: {status}, may: {may}"));
            }
        }
    }
    wrong
}

/// The method and the address of every route that a file registers.
fn routed(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        let words = ["get", "post", "put", "patch", "delete", "head", "route"];
        let begins = |word: &&&str| line.starts_with(&format!("#[{word}("));
        let Some(word) = words.iter().find(begins) else { continue };
        let quoted: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        let (path, methods) = quoted.split_first().expect("the address, on the same line");
        let methods = if *word == "route" { methods.to_vec() } else { vec![*word] };
        let methods = methods.into_iter().map(str::to_uppercase).filter(|m| m != "HEAD");
        found.extend(methods.map(|method| (method, (*path).to_owned())));
    }
    found
}

#[test]
fn every_route_is_declared_as_operation_or_page() {
    let sources = sources();
    for other in ["web::resource(", "web::get()", "web::post()", "web::route()"] {
        assert!(
            sources.iter().all(|(_, text)| !text.contains(other)),
            "{other} names no route here"
        );
    }
    let served: BTreeSet<_> = sources.iter().flat_map(|(_, text)| routed(text)).collect();
    let operations = routes::operations(&almoner::web::openapi());
    let operations = operations.into_iter().map(|o| (o.method.to_owned(), o.path));
    let pages = PAGES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()));
    let pages: BTreeSet<_> = pages.collect();
    let declared: BTreeSet<_> = operations.chain(pages.iter().cloned()).collect();
    let bare: Vec<_> = served.difference(&declared).collect();
    assert!(bare.is_empty(), "say what these show, or describe them: {bare:?}");
    let gone: Vec<_> = pages.difference(&served).collect();
    assert!(gone.is_empty(), "nothing serves these: {gone:?}");
    for (_, path, shows) in PAGES {
        let kind = match shows {
            Nothing(why) => !why.is_empty() && !path.contains('{'),
            Listed(action) => action.rule().allow.contains(&Allow::Anyone) && !path.contains('{'),
            Object(..) => path.contains("{id}"),
        };
        assert!(kind, "{path} shows something else");
    }
}
