//! Use-cases of vouches.

mod ask;
mod letters;
mod read;
mod remind;
mod sign;

pub use ask::{decline, mailed, request, request_of, requests, requests_to_me, take_back, waiting};
pub use read::{
    counts_for_funder, get, has_to_do, of_application, of_me, of_person, of_which, vouches_for,
    vouches_in_public,
};
pub(super) use remind::{remind, reopened, silent};
pub use sign::{sign, sign_requested, withdraw};

use super::model::{Record, Vouch};
use crate::applications;
use crate::applications::model::{ApplicationFacts, Named};
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::problem::Problem;
use crate::platform::authz::Relation;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

fn missing() -> Problem {
    Problem::not_found("vouch")
}

fn meanwhile() -> Problem {
    Problem::changed_meanwhile("vouch")
}

fn shown(record: Record) -> Vouch {
    let said = record.said;
    Vouch {
        id: record.id,
        application_id: record.application_id,
        voucher: Named { id: record.voucher_id, name: said.name },
        requested: record.request_id.is_some(),
        scopes: said.scopes,
        strength: said.strength,
        how_known: said.how_known,
        statement: said.statement,
        conflicts: said.conflicts,
        visibility: said.visibility,
        status: record.status,
        withdraw_reason: record.withdraw_reason,
        signed_at: record.signed_at,
        withdrawn_at: record.withdrawn_at,
    }
}

/// Whether the actor reads private vouches for an application to which they stand like this.
/// Whoever is on it does not, was at any time, or did paperwork for who applies, whatever roles
/// they hold.
fn reads_private(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    relations: &[Relation],
) -> Result<bool> {
    let actor = &ctx.actor;
    let funds = actor.has(Role::Regrantor) && relations.contains(&Relation::Backer);
    let might = actor.is_system() || actor.has(Role::Admin) || actor.has(Role::Auditor) || funds;
    match actor.person().filter(|_| might) {
        Some(me) => Ok(!applications::service::takes_part(conn, facts, me)?),
        None => Ok(might),
    }
}
