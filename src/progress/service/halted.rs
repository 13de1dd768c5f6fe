//! What stands still until an admin ends it, starts it again, or gives it another use.

use super::desk::theirs;
use super::more::{ASKED, EACH, More};
use super::next::{NextStep, Todo};
use super::waiting::{may_do, step};
use crate::grants::model::{GrantStatus, TrancheStatus};
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, FundId, PersonId};
use crate::paperwork::model::{RequirementKind, RequirementStatus};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::progress::store;
use crate::{applications, grants};
use std::collections::BTreeMap;

/// Gifts that are looked through.
const GIFTS: i64 = EACH * 4;

/// All of it that the acting person may do. Nothing of what they have a stake in.
pub(super) fn halted(
    conn: &mut Conn,
    ctx: &Ctx,
    me: PersonId,
    more: &mut More,
) -> Result<Vec<NextStep>> {
    let may = |act: Action, reads: Action| may_do(ctx, act, reads);
    let mut steps = Vec::new();
    if may(Action::WindDownGrant, Action::ListGrants) {
        steps.extend(refused(conn, me, more)?);
        steps.extend(taken_back(conn, me, more)?);
        steps.extend(suspended(conn, me, more)?);
    }
    if may(Action::ReassignEarmark, Action::ListEarmarks) {
        steps.extend(left(conn, ctx, me, more)?);
    }
    Ok(steps)
}

/// Grants whose screening was refused: finance looks into it, and an admin alone ends them.
fn refused(conn: &mut Conn, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let which: (&[RequirementKind], &[RequirementStatus]) =
        (&[RequirementKind::Screening], &[RequirementStatus::Refused]);
    let rows = more.cut("grant", grants::service::papers(conn, which, ASKED)?);
    let all = theirs(conn, me, rows.iter().map(|(grant, ..)| *grant).collect())?;
    let mut steps = Vec::new();
    for grant in all.into_values() {
        let Some((what, act)) = way_out(conn, &grant)? else { continue };
        let href = format!("/api/v1/grants/{}/{act}", grant.id);
        let what = format!("Its screening was refused: if that stands, {what}.");
        steps.push(step(
            ("grant", grant.id.uuid(), grant.title),
            "refused",
            (&what, None, href),
            "Nothing of it is released or paid unless another person finds it right.",
        ));
    }
    Ok(steps)
}

/// How a grant that is not to be paid comes to its end, and the act that does it; nothing where
/// nothing is owed any more.
fn way_out(conn: &mut Conn, grant: &GrantFacts) -> Result<Option<(String, String)>> {
    Ok(match grant.status {
        GrantStatus::Awarded => Some(("cancel it".into(), "cancel".into())),
        GrantStatus::Active | GrantStatus::Paused => {
            Some(("wind it down".into(), "wind-down".into()))
        }
        GrantStatus::WindingDown => {
            let all = grants::service::tranches(conn, grant.id)?;
            let owed = all.into_iter().find(|t| t.status == TrancheStatus::Released);
            owed.map(|t| {
                let n = t.sequence;
                let what = format!("take the release of tranche {n} back");
                (what, format!("tranches/{n}/undo-release"))
            })
        }
        GrantStatus::Closed | GrantStatus::Cancelled => None,
    })
}

/// Grants that owe something to somebody who was suspended: an admin says what becomes of them.
fn suspended(conn: &mut Conn, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let ids = more.cut("grant", store::owed_to_suspended(conn, ASKED)?);
    let mut steps = Vec::new();
    for grant in theirs(conn, me, ids)?.into_values() {
        let way = match grant.status {
            GrantStatus::Active => Some(("pause it or wind it down".into(), "pause".into())),
            _ => way_out(conn, &grant)?,
        };
        let Some((what, act)) = way else { continue };
        let href = format!("/api/v1/grants/{}/{act}", grant.id);
        let what = format!(
            "Its recipient is suspended, and is paid nothing: {what}, or let them in again."
        );
        steps.push(step(
            ("grant", grant.id.uuid(), grant.title),
            &grant.status.to_string(),
            (&what, None, href),
            "Until then what is released waits, and finance is not asked to pay it.",
        ));
    }
    Ok(steps)
}

/// Tranches whose release was taken back: the service does not release them again by itself.
fn taken_back(conn: &mut Conn, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let rows = more.cut("grant", store::taken_back(conn, ASKED)?);
    let all = theirs(conn, me, rows.iter().map(|(grant, ..)| *grant).collect())?;
    let told = rows.into_iter().filter_map(|(grant, number, released)| {
        let grant = all.get(&grant)?;
        let of = released.map_or_else(String::new, |at| format!(" of {}", at.date()));
        let what =
            format!("Its release{of} was taken back: release it again, or wind the grant down.");
        let href = format!("/api/v1/grants/{}/tranches/{number}/release", grant.id);
        Some(step(
            ("grant", grant.id.uuid(), format!("{}, tranche {number}", grant.title)),
            "planned",
            (&what, None, href),
            "It is not released by itself any more.",
        ))
    });
    Ok(told.collect())
}

/// Money that was given for an application and is left now that it has ended, or has left the calls
/// in which the money may be spent; not while it may still come back.
fn left(conn: &mut Conn, ctx: &Ctx, me: PersonId, more: &mut More) -> Result<Vec<NextStep>> {
    let mut by_application: BTreeMap<ApplicationId, Vec<store::Gift>> = BTreeMap::new();
    let gifts = store::left(conn, GIFTS + 1)?;
    for (application, gift) in more.cut_to(GIFTS, "application", gifts) {
        by_application.entry(application).or_default().push(gift);
    }
    let ids: Vec<ApplicationId> = by_application.keys().copied().collect();
    let stakes = applications::service::stakes(conn, me, &ids)?;
    let mut steps = Vec::new();
    for (id, held) in by_application {
        if stakes.contains(&id) {
            continue;
        }
        let Some(facts) = applications::service::as_handed_in(conn, id)? else { continue };
        let mut todo = Vec::new();
        let mut known: BTreeMap<Option<FundId>, bool> = BTreeMap::new();
        for (earmark, fund, amount) in held {
            // Of what has ended it is the same, whichever fund gave.
            let of = (!facts.status.is_end()).then_some(fund);
            let may = match known.get(&of) {
                Some(may) => *may,
                None => applications::service::may_get(conn, ctx, &facts, fund)?,
            };
            known.insert(of, may);
            if may {
                continue;
            }
            todo.push(Todo {
                what: format!("{amount} was given for it and is left: give it another use."),
                due_on: None,
                href: format!("/api/v1/earmarks/{earmark}/reassign"),
            });
        }
        if todo.is_empty() {
            continue;
        }
        if i64::try_from(steps.len()) == Ok(EACH) {
            more.note("application", true);
            break;
        }
        steps.push(NextStep {
            object: "application",
            id: id.uuid(),
            title: facts.title,
            stage: facts.status.to_string(),
            todo,
            next: "Until then its fund holds it, and nobody can have it.".into(),
            promised_on: None,
        });
    }
    Ok(steps)
}
