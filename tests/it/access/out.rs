//! Who is suspended is signed out, everywhere: whatever they hold and whatever is theirs.

use super::world::{Caller, World, caller};
use super::{Asked, Known, Want, doors, refusal};
use crate::support::bodies::Document;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Role;
use almoner::people::service::grantable_scopes;
use almoner::web::routes;
use serde_json::json;

/// Somebody who could do everything.
pub fn everything(web: &Web) -> Client {
    web.with_roles("Susi Suspended", &Role::ALL)
}

fn suspend(admin: &Client, who: &Client) {
    let why = json!({ "reason": "They sold the microscope." });
    admin.post(&format!("/api/v1/people/{}/suspend", who.id()), why).ok();
}

/// They are suspended: with the session that they had, and with a token for their programs.
pub fn suspended(web: &Web, admin: &Client, who: Client) -> [Caller; 2] {
    let form = json!({ "name": "All", "scopes": grantable_scopes(), "expires_in_days": 300 });
    let made = who.post("/api/v1/me/access-tokens", form).ok();
    let script = web.holding(made["token"].as_str().expect("a token"));
    who.get("/api/v1/people").ok();
    script.get("/api/v1/people").ok();
    suspend(admin, &who);
    [("suspended", who), ("token of theirs", script)].map(|(name, client)| {
        let out = caller(name, client, &[], &[]);
        Caller { signed_in: false, ended: true, ..out }
    })
}

/// Everybody is suspended, and nobody is told of anything but who may read it without signing in:
/// not of what is their own either.
pub fn everybody_is_out(world: &World) {
    let (document, known) = (Document::new(), Known::default());
    let asked = Asked { document: &document, world, known: &known };
    let callers = || world.callers.iter().filter(|caller| caller.signed_in);
    callers().for_each(|caller| suspend(&world.admin, &caller.client));
    let mut wrong = Vec::new();
    for operation in routes::operations(&almoner::web::openapi()) {
        if doors::is_door(&operation.id) && !doors::needs_somebody(&operation.id) {
            continue;
        }
        wrong.extend(callers().filter_map(|who| refusal(&asked, &operation, who, Want::Out)));
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), wrong.len());
}
