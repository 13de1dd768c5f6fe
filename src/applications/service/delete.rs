//! Deleting: a draft with all that hangs on it, and what was said where it was handed in and has
//! ended.

use super::{declines, hold, letters, mates, merge};
use crate::applications::model::{Consent, MemberRecord, Record, State};
use crate::applications::{events, store};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::problem::Problem;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::{self, Conn};
use crate::platform::{mail, outbox};
use serde_json::json;

/// Deletes an application. One that was never handed in, taken back or not, with its text and all
/// versions of it, answers, team, files and what hangs on it: nothing of it is kept but that it was
/// deleted. One that was handed in, or took part in a merge, and has ended without a grant is
/// emptied: what its applicant and team wrote is gone for everybody, and that it was there, its
/// amounts and dates, and what others wrote and decided stays. The rest of its team is told, and
/// who was asked onto that of a draft.
///
/// # Errors
/// 403 for who does not apply with it, 409 while others still rely on what it says: it is withdrawn
/// first.
pub fn delete(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    let (record, _) = hold(conn, ctx, id, Action::DeleteApplication)?;
    let team = store::team(conn, id)?;
    let (what, how) = match stays_there(conn, &record)? {
        true => {
            empty(conn, ctx, &record, &team)?;
            ("An application was deleted", "what was said in an application")
        }
        false => {
            discard(conn, ctx, &record)?;
            ("A draft was deleted", "a draft")
        }
    };
    let change = Change::by(Action::DeleteApplication, "application", id.uuid());
    let before = json!({ "call_id": record.call_id, "status": record.state.status() });
    audit::record(conn, ctx, change.from(before))?;
    let others = team.iter().filter(|member| member.consent == Consent::Accepted);
    for other in others.filter_map(|member| member.person_id) {
        if other == record.applicant_id {
            continue;
        }
        if let Some(person) = people::service::brief(conn, other)?.filter(|p| p.active) {
            let text = format!("Its applicant has deleted {how} on whose team you were, for good.");
            let letter = letters::letter(&record, what).greeting(&person.name).paragraph(text);
            mail::send(conn, ctx, &person.email, &letter)?;
        }
    }
    Ok(())
}

/// Whether others go on from it, so that it stays there without its words: it was handed in, or
/// took part in a merge.
fn stays_there(conn: &mut Conn, record: &Record) -> Result<bool> {
    Ok(record.submitted_at.is_some() || store::took_part_in_merge(conn, record.id)?)
}

/// Empties one that stays there.
fn empty(conn: &mut Conn, ctx: &Ctx, record: &Record, team: &[MemberRecord]) -> Result<()> {
    let stays = |detail: &str| Err(Problem::wrong_state(detail));
    match record.state {
        State::Awarded => return stays("A grant rests on what it says: it stays."),
        State::Draft => {
            return stays("It was merged: withdraw it first, then you can delete what it says.");
        }
        State::Submitted | State::Open | State::ChangesRequested(_) => {
            return stays(
                "Others rely on what it says: withdraw it first, then what is offered on it goes \
                 back, and you can delete it.",
            );
        }
        State::Declined | State::Withdrawn | State::Lapsed => {}
    }
    if store::is_emptied(conn, record.id)? {
        return stays("It was deleted already.");
    }
    if declines::appealed(conn, record.id)? {
        return stays("Your appeal is being looked at: wait for its answer, then delete it.");
    }
    let mut authors: Vec<PersonId> = team.iter().filter_map(|member| member.person_id).collect();
    authors.push(record.applicant_id);
    let by = (ctx.me()?, &authors[..]);
    still_counted(conn, ctx, record.id, |conn| store::empty(conn, record.id, by, ctx.now))?;
    let told = json!({ "v": 1, "application_id": record.id });
    outbox::emit(conn, ctx, events::EMPTIED, told)
}

/// Deletes one that was never handed in, and took no part in a merge.
fn discard(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    let id = record.id;
    merge::end_proposals(conn, ctx, record)?;
    // Of what was taken back before, they have heard.
    if !record.state.is_end() {
        mates::let_go(conn, ctx, record)?;
    }
    let deleted = still_counted(conn, ctx, id, |conn| store::delete(conn, id));
    deleted.map_err(|problem| match db::constraint(&problem) {
        Some(broken) if broken == db::FOREIGN_KEY => {
            let detail = "Something that has to stay refers to it: withdraw it instead.";
            Problem::wrong_state(detail).because(problem)
        }
        _ => problem,
    })
}

/// Deletes what there is of it; limits of a day count that all the same, so that nobody gets round
/// them by deleting and writing anew.
fn still_counted(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    delete: impl FnOnce(&mut Conn) -> Result<()>,
) -> Result<()> {
    let since = people::service::counted_from(ctx);
    let before = store::done_since(conn, id, since)?;
    delete(conn)?;
    let after = store::done_since(conn, id, since)?;
    people::service::still_count(conn, ctx, before, &after)
}
