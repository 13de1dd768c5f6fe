//! The doors: what asks for a password, a code or a link. No matrix asks them as everybody, for
//! each try is counted, and some end what their caller holds; who may is asked here all the same.

use super::{Asked, action, code};
use almoner::platform::authz::{Action, Allow};
use almoner::web::routes;

/// Every operation of the section “auth”, and why the matrices pass it over. One more is a
/// decision: it is made here.
const DOORS: &[(&str, &str)] = &[
    ("register", "everybody's; makes an account, and is counted by address"),
    ("confirm_email", "everybody's who holds the link"),
    ("login", "everybody's who knows the password; is counted by account"),
    ("login_factor", "everybody's who has begun to log in; is counted by account"),
    ("step_up", "takes a code of one's own; is counted by account"),
    ("refresh_session", "everybody's who holds the token; uses it up"),
    ("logout", "ends the session that the next question needs"),
    ("request_password_reset", "everybody's; sends a mail, and is counted by address"),
    ("reset_password", "everybody's who holds the link"),
    ("change_password", "takes one's own password; is counted by account"),
];

/// Whether the matrices pass it over.
pub fn is_door(id: &str) -> bool {
    DOORS.iter().any(|(door, _)| *door == id)
}

/// Whether somebody has to be signed in for it.
pub fn needs_somebody(id: &str) -> bool {
    !action(id).rule().allow.contains(&Allow::Anyone)
}

/// What is wrong with those that need somebody: who has not signed in, and whoever is suspended,
/// is told to sign in.
pub(super) fn wrong(asked: &Asked<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut operations = routes::operations(&almoner::web::openapi());
    operations.retain(|o| is_door(&o.id) && needs_somebody(&o.id));
    for operation in &operations {
        for caller in asked.world.callers.iter().filter(|caller| !caller.signed_in) {
            let reply = asked.ask(operation, caller, asked.id(operation));
            if reply.status != 401 || code(&reply) != "unauthenticated" {
                let (id, who) = (&operation.id, caller.name);
                wrong.push(format!("{id} as {who}: {} {}", reply.status, reply.text()));
            }
        }
    }
    wrong
}

#[test]
fn no_door_is_passed_over_unnamed() {
    let known: Vec<&str> = DOORS.iter().map(|(id, _)| *id).collect();
    let all = Action::ALL.iter().filter(|action| action.section() == "auth");
    assert_eq!(all.map(|action| action.as_str()).collect::<Vec<_>>(), known);
    assert!(DOORS.iter().all(|(_, why)| !why.is_empty()));
    let guarded: Vec<&str> = known.into_iter().filter(|id| needs_somebody(id)).collect();
    assert_eq!(guarded, ["step_up", "logout", "change_password"]);
}
