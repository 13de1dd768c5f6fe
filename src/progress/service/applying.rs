//! What somebody's own applications ask of them, and what happens next with each.

use super::more::{ASKED, EACH, More};
use super::next::{NextStep, Todo};
use crate::applications::model::{Ahead, ApplicationStatus, Going, RouteStatus, Shut};
use crate::applications::service::ApplicationFacts;
use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::time::Date;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, concerns, offers};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Applications that something is still done about: those that wait for their applicant first.
const GOING: &[ApplicationStatus] = &[
    ApplicationStatus::ChangesRequested,
    ApplicationStatus::Draft,
    ApplicationStatus::Submitted,
    ApplicationStatus::Open,
];

/// What is known of an application besides.
struct Known<'k> {
    /// What keeps a draft from being handed in today, where its call does.
    shut: Option<&'k Shut>,
    /// Its offers come to its minimum.
    enough: bool,
    /// Who was asked onto its team and has not answered, by name.
    awaited: &'k [String],
}

/// Each of their applications that something is still done about, and those that were declined.
pub(super) fn applying(
    conn: &mut Conn,
    ctx: &Ctx,
    me: PersonId,
    more: &mut More,
) -> Result<Vec<NextStep>> {
    let mut items = Vec::new();
    let mine = applications::service::of_person(conn, me, GOING, ASKED)?;
    let mut mine = more.cut_each("application", mine, |application| application.status);
    mine.extend(declined(conn, ctx, me, more)?);
    let ids: Vec<ApplicationId> = mine.iter().map(|application| application.id).collect();
    let routes = applications::service::routes_of(conn, &ids)?;
    let enough = reached(conn, ctx, &mine)?;
    let awaited = applications::service::awaited(conn, &ids)?;
    for application in mine {
        let there = routes.iter().filter(|route| route.application_id == application.id);
        let shut = applications::service::shut(conn, ctx, &application)?;
        let known = Known {
            shut: shut.as_ref(),
            enough: enough.contains(&application.id),
            awaited: awaited.get(&application.id).map(Vec::as_slice).unwrap_or_default(),
        };
        if let Some(mut step) = of_application(conn, ctx, &application, &known)? {
            further(conn, ctx, (&application, shut.is_some()), there, &mut step)?;
            items.push(step);
        }
    }
    Ok(items)
}

/// Their declined applications: those first about which something may be left to do.
fn declined(
    conn: &mut Conn,
    ctx: &Ctx,
    me: PersonId,
    more: &mut More,
) -> Result<Vec<ApplicationFacts>> {
    let lately = applications::service::declined_lately(conn, ctx, ASKED)?;
    let mut told = more.cut("application", lately);
    // The others are told as well, as far as there is room, and ask nothing.
    for other in applications::service::of_person(conn, me, &[ApplicationStatus::Declined], EACH)? {
        let room = i64::try_from(told.len()).is_ok_and(|many| many < EACH);
        if room && told.iter().all(|known| known.id != other.id) {
            told.push(other);
        }
    }
    Ok(told)
}

/// Those of them that are open, and whose offers come to their minimum.
fn reached(
    conn: &mut Conn,
    ctx: &Ctx,
    mine: &[ApplicationFacts],
) -> Result<BTreeSet<ApplicationId>> {
    let open: Vec<&ApplicationFacts> =
        mine.iter().filter(|a| a.status == ApplicationStatus::Open).collect();
    let ids: Vec<ApplicationId> = open.iter().map(|a| a.id).collect();
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let standing = offers::service::standing_on(conn, ctx, &ids)?;
    let firm = |id: &ApplicationId| standing.get(id).map_or(0, |(firm, _)| *firm);
    let enough = |a: &&ApplicationFacts| a.amount_minimum.is_some_and(|least| firm(&a.id) >= least);
    Ok(open.into_iter().filter(enough).map(|a| a.id).collect())
}

fn of_application(
    conn: &mut Conn,
    ctx: &Ctx,
    a: &ApplicationFacts,
    known: &Known<'_>,
) -> Result<Option<NextStep>> {
    let Known { shut, enough, awaited } = *known;
    let (mut todo, next) = match a.status {
        ApplicationStatus::Draft if shut.is_some() => (Vec::new(), ""),
        ApplicationStatus::Draft => {
            (to_hand_in(conn, ctx, a, awaited)?, "When you submit it, a decision date is promised.")
        }
        ApplicationStatus::ChangesRequested => (
            to_hand_in(conn, ctx, a, awaited)?,
            "It goes back to where it was when changes were asked for.",
        ),
        ApplicationStatus::Submitted => {
            (Vec::new(), "An admin looks at eligibility and risk, then regrantors see it.")
        }
        // Also where screening holds it: that is not for the applicant to read.
        ApplicationStatus::Open if enough => {
            (Vec::new(), "Your minimum is reached: an admin decides on the award.")
        }
        ApplicationStatus::Open => {
            (Vec::new(), "Regrantors place offers; at your minimum it can be awarded.")
        }
        ApplicationStatus::Declined => (Vec::new(), "It is decided; the reason is with it."),
        ApplicationStatus::Withdrawn | ApplicationStatus::Lapsed => return over(conn, ctx, a),
        ApplicationStatus::Awarded => return Ok(None),
    };
    todo.extend(to_answer(conn, ctx, a)?);
    let (next, promised_on) = match a.status {
        ApplicationStatus::Submitted | ApplicationStatus::Open => (next, a.promised_on),
        ApplicationStatus::Declined => match applications::service::appeal_promised(conn, a.id)? {
            Some(day) => ("Another person looks at it again, as you asked.", Some(day)),
            None => (next, None),
        },
        _ => (next, None),
    };
    let next = match (shut, applications::service::ahead(conn, a)?) {
        (Some(shut), _) => shut.sentence(),
        (None, Some(ahead)) => format!("{next} {}", before(ahead)),
        (None, None) => next.to_owned(),
    };
    let next = in_own_call(conn, a, next)?;
    Ok(Some(NextStep {
        object: "application",
        id: a.id.uuid(),
        title: a.title.clone(),
        stage: a.status.to_string(),
        todo,
        next,
        promised_on,
    }))
}

/// One that was taken back or has lapsed, where its own call had declined it before, and lets its
/// applicant do something about that still.
fn over(conn: &mut Conn, ctx: &Ctx, a: &ApplicationFacts) -> Result<Option<NextStep>> {
    let todo = to_answer(conn, ctx, a)?;
    if todo.is_empty() {
        return Ok(None);
    }
    Ok(Some(NextStep {
        object: "application",
        id: a.id.uuid(),
        title: a.title.clone(),
        stage: a.status.to_string(),
        todo,
        next: "It has ended. Its own call had declined it before that.".into(),
        promised_on: None,
    }))
}

/// What is left to do until it is handed in, and the last day for that, where it comes again after
/// a decline. It is not handed in while somebody who was asked onto its team has not answered.
fn to_hand_in(
    conn: &mut Conn,
    ctx: &Ctx,
    a: &ApplicationFacts,
    awaited: &[String],
) -> Result<Vec<Todo>> {
    let due_on = applications::service::last_day(conn, ctx, a)?;
    let todo = |what: String, act: &str| {
        let href = format!("/api/v1/applications/{}{act}", a.id);
        Todo { what, due_on, href }
    };
    let first = a.status == ApplicationStatus::Draft;
    if awaited.is_empty() {
        let what = match first {
            true => "Finish your application and submit it.",
            false => "Change what was asked for and submit it again.",
        };
        return Ok(vec![todo(what.into(), "/submit")]);
    }
    let what = match first {
        true => "Finish your application; you can submit it once its team has answered.",
        false => "Change what was asked for; you can submit it once its team has answered.",
    };
    let waits =
        format!("Waiting for {} to answer; or take the invitation back.", awaited.join(", "));
    Ok(vec![todo(what.into(), ""), todo(waits, "/members")])
}

/// What further calls ask, and by when they decide. Nothing is asked where a call takes none today,
/// nor while the application's own does not: it is handed in there first.
fn further<'r>(
    conn: &mut Conn,
    ctx: &Ctx,
    (a, shut): (&ApplicationFacts, bool),
    routes: impl Iterator<Item = &'r Going>,
    step: &mut NextStep,
) -> Result<()> {
    let waits = matches!(a.status, ApplicationStatus::Submitted | ApplicationStatus::Open);
    for route in routes {
        let call = &route.call;
        match (route.status, route.promised_on) {
            (RouteStatus::Draft, _) if shut => {}
            (RouteStatus::Draft, _) => {
                if let Some(shut) = applications::service::shut_there(conn, ctx, route)? {
                    let _ = write!(step.next, " “{call}” does not take it now: {}", shut.why);
                    continue;
                }
                step.todo.push(Todo {
                    what: format!("Answer what “{call}” asks, and hand it in there as well."),
                    due_on: applications::service::last_day_there(conn, ctx, route)?,
                    href: format!("/api/v1/applications/{}/routes/{}", a.id, route.call_id),
                });
            }
            (RouteStatus::Declined | RouteStatus::Withdrawn | RouteStatus::Ended, _) => {
                declined_there(conn, ctx, (a, route), step)?;
            }
            (_, Some(day)) if waits => {
                let _ = write!(step.next, " In “{call}” you have a decision by {day}.");
            }
            _ => {}
        }
    }
    Ok(())
}

/// What is left to do about a decline in a further call, or what is done about it.
fn declined_there(
    conn: &mut Conn,
    ctx: &Ctx,
    (a, there): (&ApplicationFacts, &Going),
    step: &mut NextStep,
) -> Result<()> {
    let call = &there.call;
    let place = (a.id, there.call_id);
    if let Some(day) = applications::service::appeal_promised_there(conn, place)? {
        let _ = write!(step.next, " In “{call}” another person looks at it again by {day}.");
        return Ok(());
    }
    let (what, due_on, act) = match applications::service::remedy_there(conn, ctx, (a, there))? {
        Some((Appeals::Resubmit, until)) => {
            (format!("If you like, route it to “{call}” again, changed."), until, "routes")
        }
        Some((Appeals::Appeal, until)) => {
            // Without it, it would be about its own call.
            let what = format!(
                "If you think that “{call}” was wrong, appeal there: send its call_id, {}.",
                there.call_id
            );
            (what, until, "appeal")
        }
        _ => return Ok(()),
    };
    let href = format!("/api/v1/applications/{}/{act}", a.id);
    step.todo.push(Todo { what, due_on: Some(due_on), href });
    Ok(())
}

/// What happens next with one that goes on though its own call has declined it, before the rest of
/// that.
fn in_own_call(conn: &mut Conn, a: &ApplicationFacts, next: String) -> Result<String> {
    if a.own_call().is_some() || a.status.is_end() {
        return Ok(next);
    }
    let again = match applications::service::appeal_promised(conn, a.id)? {
        Some(day) => format!(" Another person looks at that again, as you asked, by {day}."),
        None => String::new(),
    };
    Ok(format!("Its own call has declined it, and it goes on in its further calls.{again} {next}"))
}

/// What an award waits for, and what is left to do about a decline.
fn to_answer(conn: &mut Conn, ctx: &Ctx, a: &ApplicationFacts) -> Result<Vec<Todo>> {
    let mut todo = Vec::new();
    let mut add = |what: &str, due_on: Option<Date>, act: &str| {
        let href = format!("/api/v1/applications/{}{act}", a.id);
        todo.push(Todo { what: what.into(), due_on, href });
    };
    for (asked, due_on) in concerns::service::to_answer(conn, ctx, a)? {
        match asked {
            false => add("Answer the questions that everybody is asked.", due_on, "/screening"),
            true => add("Answer what you were asked.", due_on, "/screening/respond"),
        }
    }
    match applications::service::remedy_for(conn, ctx, a)? {
        Some((Appeals::Appeal, until)) => {
            add("If you think that it is wrong, appeal.", Some(until), "/appeal");
        }
        Some((Appeals::Resubmit, until)) => {
            add("If you like, hand it in again, changed.", Some(until), "/resubmit");
        }
        _ => {}
    }
    Ok(todo)
}

/// How many wait before somebody, in a sentence.
fn before(ahead: Ahead) -> String {
    let more = if ahead.or_more { " or more" } else { "" };
    match ahead.count {
        0 => "None of this call that came earlier waits here.".into(),
        1 => "One of this call that came earlier waits here, too.".into(),
        n => format!("{n}{more} of this call that came earlier wait here, too."),
    }
}
