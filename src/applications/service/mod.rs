//! Use-cases of applications. Each write holds the application's row from its first statement on:
//! edits, answers, offers and decisions on one application happen one after the other.

mod agendas;
mod answered;
mod appeals;
mod asked;
mod clock;
mod conflicts;
mod decide;
mod declines;
mod delete;
mod files;
mod found;
mod given;
mod joined;
mod letters;
mod lineage;
mod list;
mod mates;
mod members;
mod merge;
mod messages;
mod named;
mod nominations;
mod numbered;
mod papers;
mod reading;
mod restore;
mod routes;
mod seats;
mod see;
mod shut;
mod sight;
mod stakes;
mod stop;
mod told;
mod versions;
mod write;

pub use agendas::{about, agenda_page, of_agenda, set_about};
pub use appeals::{answer_appeal, appeal, appeals, resubmit, withdraw_appeal};
pub use asked::{
    awaited, declined_lately, invitations, mailed_nomination, mailed_place, merges_to_answer,
    to_write,
};
pub use clock::{Firm, ahead, clock, deciders, extend};
pub use conflicts::{conflicts, declare_conflict, has_conflict, impartial, is_partial};
pub use decide::{
    add_offered, aged, decline, lapse, mark_awarded, open, request_changes, set_promised,
    take_offered,
};
pub use declines::{
    create_template, declined, declined_between, declined_by, edit_template, may_be_reopened,
    remedy_for, template, templates,
};
pub use delete::delete;
pub use files::{attach, attachment, attachments, detach, may_attach};
pub use found::{Ties, conflict_exceptions, except_conflict, found_among, ties};
pub use given::{held_and_waiting, held_for, held_for_any, may_get, stranded};
pub use lineage::{heir, heirs, lineage, lineages};
pub use list::{Among, ListApplications, among, list, theirs};
pub use mates::{on_team, tell_team};
pub use members::{MayJoin, accept, decline_membership, invite, members};
pub use merge::{accept_merge, end_merge, merge, merges, propose_merge};
pub use messages::send_message;
pub use nominations::{
    accept_nomination, decline_nomination, nominate, nomination, nominations,
    nominations_to_answer, withdraw_nomination,
};
pub use numbered::{MOST, Numbered, NumberedPage, numbered};
pub use papers::move_form;
pub use reading::{
    ReadThere, Reading, adds_there, came_in, file, is_in, keep_out, promised_in, reading,
    reading_there,
};
pub use restore::restore;
pub use routes::{
    appeal_promised_there, decline_route, edit_route, form_version_in, further_calls, in_calls,
    is_unrouted, lead_call, may_spend, remedy_there, route, route_application, routes, routes_of,
    submit_route, withdraw_route,
};
pub use seats::{edit_member, remove};
pub use see::{
    appeal_promised, facts, facts_of, get, is_on, is_on_now, lock, of_person, relations,
    takes_part, takes_part_at, to_open, visible, visible_beside, withhold,
};
pub use shut::{last_day, last_day_there, shut, shut_there};
pub use sight::{Sight, sight, sight_holding};
pub use stakes::{free_deciders, has_stake, offers_read, on_which, stakes, without_stake};
pub use stop::stop;
pub use versions::{as_handed_in, diff_versions, facts_handed_in, last_saved, version, versions};
pub use write::{create, create_for, edit, lacking, submit, withdraw};

pub(super) use clock::{
    changes_missing, due, due_appeals, due_routes, remind_of_changes, run, run_appeal, run_routes,
};
pub(super) use mates::{remind, silent};
pub(super) use nominations::{due_nominations, follow_up};

pub use super::model::ApplicationFacts;

use super::model::{Act, Record, State, Tally};
use super::store;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

fn missing() -> Problem {
    Problem::not_found("application")
}

fn meanwhile() -> Problem {
    Problem::changed_meanwhile("application")
}

/// The application, held until the transaction ends, and how the actor is related to it.
///
/// # Errors
/// 404 where there is none that they may see, 403 where they may see it but not do this.
fn hold(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    action: Action,
) -> Result<(Record, Vec<Relation>)> {
    let record = store::lock(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &ApplicationFacts::from(&record))?;
    authz::require(ctx, action, &relations)?;
    Ok((record, relations))
}

/// The same of one that is held already.
fn hold_visible(conn: &mut Conn, ctx: &Ctx, record: Record, action: Action) -> Result<Record> {
    let relations = see::may_see(conn, ctx, &ApplicationFacts::from(&record))?;
    authz::require(ctx, action, &relations)?;
    Ok(record)
}

/// Checks that the version is edited that is there. Who edited it last is named, for they are on
/// it; who did anything else to it is not: whoever edits may be kept out of that.
fn expect_version(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    const EDITS: &[Action] = &[
        Action::EditApplication,
        Action::SetApplicationAgendas,
        Action::MoveApplicationForm,
        Action::AcceptMerge,
        Action::EditMember,
    ];
    audit::expect_version(conn, ctx, ("application", record.id.uuid()), record.version, EDITS)
}

/// Refuses a request about another version than the one that is there, where it names one: for who
/// does more than one thing with an application that they hold.
///
/// # Errors
/// 412, saying who changed it.
pub fn expect_read(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    if ctx.if_match.is_none() {
        return Ok(());
    }
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    expect_version(conn, ctx, &record)
}

/// The same request, in the name of the applicant where somebody does this errand for them; from
/// here on until the transaction ends the delegation is in force.
///
/// # Errors
/// 404 where it has just ended.
fn acting(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    relations: &[Relation],
    errand: Errand,
) -> Result<Ctx> {
    if relations.contains(&Relation::Own) || !relations.contains(&Relation::Delegate(errand)) {
        return Ok(ctx.clone());
    }
    delegations::service::acting(conn, ctx, record.applicant_id, errand)?.ok_or_else(missing)
}

/// A reason that somebody will read.
fn reason(text: &str) -> Result<String> {
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", text, 1, super::rules::REASON_MAX);
    fields.finish()?;
    Ok(reason)
}

/// A step from one state to another.
struct Turn<'a> {
    act: Act,
    /// As the audit log names it.
    action: &'a str,
    reason: Option<String>,
    /// Set by a submission.
    promised_on: Option<Date>,
    event: Option<&'static str>,
}

/// Takes the step: state, dates, audit, event.
fn turn(conn: &mut Conn, ctx: &Ctx, mut record: Record, step: Turn<'_>) -> Result<Record> {
    let from = record.state.status();
    let before = json!({ "status": from, "promised_on": record.promised_on });
    record.state = record.state.after(step.act)?;
    record.status_reason = step.reason;
    record.promised_on = step.promised_on.or(record.promised_on);
    if step.act == Act::Submit {
        record.submitted_at = record.submitted_at.or(Some(ctx.now));
        record.submitted_by = ctx.actor.person();
    }
    // Also when it comes back from changes: who looks for what is new has not seen it since.
    if record.state == State::Open {
        record.opened_at = Some(ctx.now);
    }
    record.decided_at = match step.act {
        Act::Reopen => None,
        _ if record.state.is_end() => Some(ctx.now),
        _ => record.decided_at,
    };
    if !store::save_state(conn, from, &record)? {
        return Err(meanwhile());
    }
    record.version += 1;
    // Why somebody takes back what is theirs stands with it, and can be deleted with it.
    let reason = record.status_reason.as_ref().filter(|_| step.act != Act::Withdraw);
    let change = Change {
        action: step.action,
        object: ("application", record.id.uuid()),
        before: Some(before),
        after: Some(json!({
            "status": record.state.status(),
            "promised_on": record.promised_on,
            "reason": reason,
        })),
    };
    audit::record(conn, ctx, change)?;
    if record.state.is_end() {
        merge::end_proposals(conn, ctx, &record)?;
        // An import writes to nobody; what the service itself ends tells them by itself.
        if !ctx.actor.is_system() {
            mates::let_go(conn, ctx, &record)?;
        }
    }
    if step.act == Act::Reopen {
        mates::ask_again(conn, ctx, &record)?;
    }
    routes::turned(conn, ctx, &record, step.act)?;
    clock::turned(conn, ctx, &record, step.act)?;
    record.promised_on = routes::first_day(conn, &record)?;
    if record.state.is_end() {
        appeals::end(conn, ctx, &record)?;
    }
    if step.act == Act::Reopen {
        appeals::wait_again(conn, ctx, &record)?;
    }
    if let Some(event) = step.event {
        outbox::emit(conn, ctx, event, json!({ "v": 1, "application_id": record.id }))?;
    }
    Ok(record)
}

/// Days published about how long decisions take: call, month, what, days, how many.
pub type Counted = (CallId, Date, Tally, i32, i64);

/// What was counted of these calls in these months (their first days), in this order: call, month,
/// what, days.
pub fn counted(conn: &mut Conn, calls: &[CallId], months: (Date, Date)) -> Result<Vec<Counted>> {
    store::counted(conn, calls, months)
}

/// Of these calls, how many applications wait for a decision there, and since when the first does;
/// nothing of calls where none does.
pub fn waiting_in(conn: &mut Conn, calls: &[CallId]) -> Result<Vec<(CallId, i64, Instant)>> {
    store::waiting_in(conn, calls)
}
