//! Deleting what was never handed in.

use super::{hold, letters};
use crate::applications::model::Consent;
use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::{self, Conn};
use crate::platform::mail;
use serde_json::json;

/// Deletes an application that was never handed in, taken back or not: its text and all versions
/// of it, answers, team, files and what hangs on it; nothing of it is kept but that it was deleted.
/// The rest of its team is told.
///
/// # Errors
/// 403 for who does not apply with it, 409 once it was handed in: then it is withdrawn, and stays.
pub fn delete(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    let (record, _) = hold(conn, ctx, id, Action::DeleteApplication)?;
    if record.submitted_at.is_some() {
        let detail = "It was handed in, and others rely on what it said: withdraw it instead. Only \
                      what was never handed in is deleted.";
        return Err(Problem::wrong_state(detail));
    }
    if store::took_part_in_merge(conn, id)? {
        let detail = "It was merged: what was taken up and by what stays to be read. Withdraw it \
                      instead.";
        return Err(Problem::wrong_state(detail));
    }
    // Limits of a day count what would be deleted.
    if store::counted_since(conn, id, ctx.now.plus_seconds(-24 * 3600))? {
        let detail = "Somebody was invited to it, a merge was proposed, or a file was attached, \
                      within the last 24 hours: delete it tomorrow.";
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let team = store::team(conn, id)?;
    store::delete(conn, id).map_err(|problem| match db::constraint(&problem) {
        Some(broken) if broken == db::FOREIGN_KEY => {
            let detail = "Something that has to stay refers to it: withdraw it instead.";
            Problem::wrong_state(detail).because(problem)
        }
        _ => problem,
    })?;
    let change = Change::by(Action::DeleteApplication, "application", id.uuid());
    audit::record(conn, ctx, change.from(json!({ "call_id": record.call_id })))?;
    let others = team.iter().filter(|member| member.consent == Consent::Accepted);
    for other in others.filter_map(|member| member.person_id) {
        if other == record.applicant_id {
            continue;
        }
        if let Some(person) = people::service::brief(conn, other)?.filter(|p| p.active) {
            let letter = letters::letter(&record, "A draft was deleted")
                .greeting(&person.name)
                .paragraph("Its applicant has deleted a draft on whose team you were, for good.");
            mail::send(conn, ctx, &person.email, &letter)?;
        }
    }
    Ok(())
}
