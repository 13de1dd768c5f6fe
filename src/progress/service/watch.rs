//! Reports that wait to be read and checkpoints that wait for a decision, for those who pay for the
//! grant and for admins; and what somebody reports for another.

use super::desk::theirs;
use super::more::{ASKED, More};
use super::next::NextStep;
use super::waiting::step;
use crate::delegations;
use crate::grants::model::GrantStatus;
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::actor::{Errand, Role};
use crate::kernel::ids::{GrantId, PersonId};
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::progress::model::CheckpointStatus;
use crate::progress::store;
use std::collections::BTreeMap;

/// What is told of a tranche that waits for a checkpoint.
const RELEASED_THEN: &str = "A tranche that waits for it is released when it continues.";
/// What is told where none waits: what was planned is cancelled.
const RELEASES_NOTHING: &str = "The grant is being wound down: nothing is released for it.";
/// What is told where one waits, and nothing is released of the grant yet.
const UNSCREENED: &str = "A tranche waits for it: nothing is released before screening is settled.";
/// Days ahead that somebody who writes for others is shown.
const AHEAD_DAYS: i32 = 30;

/// What the acting person has to read or to decide on. What waits longest is first.
pub(super) fn watch(
    conn: &mut Conn,
    ctx: &Ctx,
    me: PersonId,
    more: &mut More,
) -> Result<Vec<NextStep>> {
    let backer = match (ctx.actor.has(Role::Admin), ctx.actor.has(Role::Regrantor)) {
        (true, _) => None,
        (false, true) => Some(me),
        (false, false) => return Ok(Vec::new()),
    };
    let may = |act: Action| authz::gate(ctx, act).is_ok();
    let mut steps = Vec::new();
    if may(Action::ListReports) {
        steps.extend(to_read(conn, me, backer, more)?);
    }
    if may(Action::ListCheckpoints) {
        steps.extend(to_decide(conn, ctx, me, backer, more)?);
    }
    Ok(steps)
}

fn to_read(
    conn: &mut Conn,
    me: PersonId,
    backer: Option<PersonId>,
    more: &mut More,
) -> Result<Vec<NextStep>> {
    let rows = more.cut("grant", store::reports_to_answer(conn, backer, ASKED)?);
    let ids: Vec<GrantId> = rows.iter().map(|(_, grant, ..)| *grant).collect();
    let unscreened = store::unscreened(conn, &ids)?;
    let grants = theirs(conn, me, ids)?;
    let told = rows.into_iter().filter_map(|(id, grant, due_on, tranche)| {
        let grant = grants.get(&grant)?;
        let held = tranche.is_some() && unscreened.contains(&grant.id);
        let accept = "Read its report: accept it, or say what is missing.";
        let (act, what, next) = match (grant.status, held) {
            (GrantStatus::WindingDown, _) => ("accept", accept, RELEASES_NOTHING),
            (_, true) => (
                "return",
                "Read its report: it can be accepted once screening is settled; you can ask for \
                 changes now.",
                UNSCREENED,
            ),
            (_, false) => {
                ("accept", accept, "A tranche that waits for it is released when it is accepted.")
            }
        };
        let href = format!("/api/v1/reports/{id}/{act}");
        Some(of(grant, ("reported", what, href), due_on, next))
    });
    Ok(told.collect())
}

/// Checkpoints that another person reported; and, for whoever pays, those of which nobody said
/// anything.
fn to_decide(
    conn: &mut Conn,
    ctx: &Ctx,
    me: PersonId,
    backer: Option<PersonId>,
    more: &mut More,
) -> Result<Vec<NextStep>> {
    use CheckpointStatus::{Due, Reported};
    let ever = ctx.today().plus_days(36_500);
    let rows = store::checkpoints_waiting(conn, (Reported, ever), backer, ASKED)?;
    let mut rows = more.cut("grant", rows);
    rows.retain(|(.., by)| *by != Some(me));
    let silent = match ctx.actor.has(Role::Regrantor) {
        true => {
            let yesterday = ctx.today().plus_days(-1);
            let rows = store::checkpoints_waiting(conn, (Due, yesterday), Some(me), ASKED)?;
            more.cut("grant", rows)
        }
        false => Vec::new(),
    };
    let ids: Vec<GrantId> = rows.iter().chain(&silent).map(|(_, grant, ..)| *grant).collect();
    let unscreened = store::unscreened(conn, &ids)?;
    let grants: BTreeMap<GrantId, GrantFacts> = theirs(conn, me, ids)?;
    let mut steps = Vec::new();
    for (id, grant, due_on, tranche, _) in rows {
        let Some(grant) = grants.get(&grant) else { continue };
        let href = format!("/api/v1/checkpoints/{id}/decide");
        let held = tranche.is_some() && unscreened.contains(&grant.id);
        let (what, next) = decision(grant.status, held, backer.is_none());
        steps.push(of(grant, ("reported", what, href), due_on, next));
    }
    for (id, grant, due_on, ..) in silent {
        let Some(grant) = grants.get(&grant) else { continue };
        let href = format!("/api/v1/checkpoints/{id}/report");
        let what = "Its checkpoint has passed in silence: ask, or write down what you saw.";
        let next = match grant.status {
            GrantStatus::WindingDown => RELEASES_NOTHING,
            _ => "Then somebody else decides how it goes on.",
        };
        steps.push(of(grant, ("due", what, href), due_on, next));
    }
    Ok(steps)
}

/// What can be decided at a checkpoint, and what comes then; `held` where a tranche waits for it
/// that is not released before screening is settled. What stops a grant for all who pay for it is
/// an admin's to decide.
const fn decision(status: GrantStatus, held: bool, admin: bool) -> (&'static str, &'static str) {
    match (status, held, admin) {
        (GrantStatus::WindingDown, ..) => {
            ("What was seen is written down: continue, or rescope.", RELEASES_NOTHING)
        }
        (_, true, true) => (
            "What was seen is written down: rescope, pause, or wind down; it can continue once \
             screening is settled.",
            UNSCREENED,
        ),
        (_, true, false) => (
            "What was seen is written down: you can rescope it now, or have an admin pause it or \
             wind it down; it can continue once screening is settled.",
            UNSCREENED,
        ),
        (_, false, true) => (
            "What was seen is written down: continue, rescope, pause, or wind down.",
            RELEASED_THEN,
        ),
        (_, false, false) => (
            "What was seen is written down: continue or rescope, or have an admin pause it or \
             wind it down.",
            RELEASED_THEN,
        ),
    }
}

fn of(
    grant: &GrantFacts,
    (stage, what, href): (&str, &str, String),
    due_on: crate::kernel::time::Date,
    next: &str,
) -> NextStep {
    let object = ("grant", grant.id.uuid(), grant.title.clone());
    step(object, stage, (what, Some(due_on), href), next)
}

/// Reports and checkpoints of those for whom they report, that are late or wanted within a month.
pub(super) fn of_principals(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    if authz::gate(ctx, Action::ListReports).is_err() {
        return Ok(Vec::new());
    }
    let all = delegations::service::principals(conn, ctx, Some(Errand::Report))?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let names = people::service::names(conn, &all)?;
    let name = |whom: PersonId| names.get(&whom).cloned().unwrap_or_default();
    let until = ctx.today().plus_days(AHEAD_DAYS);
    let mut rows = Vec::new();
    let reports = store::reports_to_write(conn, &all, until, ASKED)?;
    for (id, grant, whom, due_on) in more.cut("grant", reports) {
        let what = format!("Write the report for {}, and hand it in.", name(whom));
        rows.push((grant, what, format!("/api/v1/reports/{id}"), due_on));
    }
    let checkpoints = store::checkpoints_to_report(conn, &all, until, ASKED)?;
    for (id, grant, whom, due_on) in more.cut("grant", checkpoints) {
        let what = format!("Say for {} what came of what was promised.", name(whom));
        rows.push((grant, what, format!("/api/v1/checkpoints/{id}/report"), due_on));
    }
    let ids: Vec<GrantId> = rows.iter().map(|(grant, ..)| *grant).collect();
    let grants = crate::grants::service::facts_of(conn, &ids)?;
    let told = rows.into_iter().filter_map(|(grant, what, href, due_on)| {
        let next = "They hear of what you do.";
        Some(of(grants.get(&grant)?, ("due", &what, href), due_on, next))
    });
    Ok(told.collect())
}
