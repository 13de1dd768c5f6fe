//! The directory: research directions, and who and what works on which.

mod directory;
pub mod many;
mod messages;
mod named;
mod narrower;
mod people;

use crate::support::Harness;
use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const AGENDAS: &str = "/api/v1/agendas";
const PROFILE: &str = "/api/v1/me/profile";

fn at(path: &str) -> String {
    format!("{AGENDAS}/{path}")
}

fn admin(web: &Web) -> Client {
    web.with_role("Ada Admin", Role::Admin)
}

/// An agenda; its id.
pub fn agenda(admin: &Client, slug: &str) -> String {
    admin.post(AGENDAS, json!({ "slug": slug, "title": format!("On {slug}") })).id()
}

/// One below another; its id.
pub fn below(admin: &Client, slug: &str, parent: &str) -> String {
    let form = json!({ "slug": slug, "title": format!("On {slug}"), "parent_id": parent });
    admin.post(AGENDAS, form).id()
}

fn items(reply: &Reply) -> Vec<Value> {
    reply.ok()["items"].as_array().expect("items").clone()
}

/// The ids of a page.
fn ids(reply: &Reply) -> Vec<String> {
    items(reply).iter().map(|row| row["id"].as_str().expect("an id").into()).collect()
}

/// A PUT of the version that is there.
fn put(who: &Client, path: &str, etag: &str, body: Value) -> Reply {
    who.send("PUT", path, &[("If-Match", etag)], Some(body.to_string().into_bytes()))
}

/// Says what one is, over what is there.
pub fn says(who: &Client, body: Value) -> Reply {
    let read = who.get(PROFILE);
    read.ok();
    put(who, PROFILE, read.etag(), body)
}
