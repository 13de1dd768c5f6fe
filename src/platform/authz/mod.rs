//! Who may do what: one table, asked by every use-case.
//!
//! [`table`] has a row for each operation of the API ([`policy`] says what is in one). A use-case
//! asks twice: the HTTP layer calls [`gate`] before anything is read (is somebody signed in, could
//! any of their roles ever do this, does the token reach so far), and the service calls [`require`]
//! with the relations it found between the actor and the loaded object. The table also says which
//! actions ask for a second factor that was shown in the last five minutes ([`factor`]).
//!
//! Invariant: an operation without a row does not start (see `web::routes`).

mod allow;
pub mod factor;
pub mod policy;
pub mod table;

pub use factor::{Asks, require_fresh, standing};
pub use policy::{Action, Allow, Relation, Rule};

use crate::kernel::Result;
use crate::kernel::actor::Actor;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::context::Ctx;

/// Refuses those who cannot be allowed whatever the object turns out to be, those who have to
/// enrol a second factor first, and those who have to show theirs again.
pub fn gate(ctx: &Ctx, action: Action) -> Result<()> {
    let rule = action.rule();
    let Actor::Person { roles, scopes, .. } = &ctx.actor else {
        let anyone = [Allow::Anyone, Allow::Rel(Relation::Public)];
        let open = ctx.actor.is_system() || rule.allow.iter().any(|a| anyone.contains(a));
        return if open { Ok(()) } else { Err(sign_in()) };
    };
    factor::enrolled(ctx, rule)?;
    if !scopes.cover(rule.scope) {
        let detail = format!("It needs the scope {}.", rule.scope);
        return Err(Problem::new(Kind::ScopeMissing, detail));
    }
    let possible = rule.allow.iter().any(|allow| match allow {
        Allow::Anyone | Allow::Person | Allow::Rel(_) => true,
        Allow::Role(role) | Allow::RoleRel(role, _) => roles.has(*role),
    });
    if !possible {
        return Err(forbidden(rule));
    }
    if rule.asks == Asks::Fresh { require_fresh(ctx) } else { Ok(()) }
}

/// Refuses unless a line of the action's rule fits the actor and the relations found. Where the
/// rule hides its object, the answer is the one that a missing object gets.
pub fn require(ctx: &Ctx, action: Action, relations: &[Relation]) -> Result<()> {
    gate(ctx, action)?;
    if allowed(&ctx.actor, action, relations) {
        return Ok(());
    }
    let rule = action.rule();
    if rule.hide {
        return Err(Problem::not_found(rule.resource));
    }
    if ctx.actor == Actor::Anonymous { Err(sign_in()) } else { Err(forbidden(rule)) }
}

/// Whether a line of the action's rule fits. For scoping what a view contains.
pub fn allowed(actor: &Actor, action: Action, relations: &[Relation]) -> bool {
    let person = actor.person().is_some();
    actor.is_system()
        || action.rule().allow.iter().any(|allow| match allow {
            Allow::Anyone => true,
            Allow::Person => person,
            Allow::Role(role) => actor.has(*role),
            Allow::Rel(relation) => {
                relations.contains(relation) && (person || *relation == Relation::Public)
            }
            Allow::RoleRel(role, relation) => actor.has(*role) && relations.contains(relation),
        })
}

fn sign_in() -> Problem {
    Problem::new(Kind::Unauthenticated, "This needs a signed-in person.")
}

fn forbidden(rule: &Rule) -> Problem {
    let who: Vec<String> = rule.allow.iter().map(ToString::to_string).collect();
    let detail = format!("It is for: {}.", who.join("; "));
    Problem::new(Kind::Forbidden, detail)
}
