//! What others ask of somebody, beside what their own applications and grants ask.

use super::more::{ASKED, EACH, More};
use super::next::{NextStep, Todo};
use crate::applications::model::ApplicationStatus;
use crate::concerns::model::WaitingKind;
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::page::PageOf;
use crate::kernel::time::Date;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, concerns, delegations, offers, people, reviews, vouches};
use uuid::Uuid;

/// People whose drafts a delegate is reminded of, and drafts of each.
const PRINCIPALS: usize = 10;
/// Applications that are written: what waits for changes first.
const BEING_WRITTEN: &[ApplicationStatus] =
    &[ApplicationStatus::ChangesRequested, ApplicationStatus::Draft];

pub(super) fn page<T>() -> PageOf<T> {
    PageOf { limit: EACH, after: None }
}

/// Whether the actor's role lets them do this, and what they use lets them read of it.
pub(super) fn may_do(ctx: &Ctx, act: Action, reads: Action) -> bool {
    authz::allowed(&ctx.actor, act, &[]) && authz::gate(ctx, reads).is_ok()
}

/// One thing that somebody asks.
pub(super) fn step(
    (object, id, title): (&'static str, Uuid, String),
    stage: &str,
    (what, due_on, href): (&str, Option<Date>, String),
    next: &str,
) -> NextStep {
    NextStep {
        object,
        id,
        title,
        stage: stage.into(),
        todo: vec![Todo { what: what.into(), due_on, href }],
        next: next.into(),
        promised_on: None,
    }
}

/// All that others ask of the acting person. A token sees what its scopes reach.
pub(super) fn waiting(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let may = |action: Action| authz::gate(ctx, action).is_ok();
    let mut steps = Vec::new();
    if may(Action::ListMyReviews) {
        steps.extend(to_review(conn, ctx, more)?);
    }
    if may(Action::ListMyVouchRequests) {
        steps.extend(to_vouch(conn, ctx, more)?);
    }
    if may(Action::AcceptMembership) {
        steps.extend(to_join(conn, ctx, more)?);
    }
    if may(Action::ListNominations) {
        steps.extend(to_take(conn, ctx, more)?);
    }
    if may(Action::ListDelegations) {
        steps.extend(to_act(conn, ctx, more)?);
    }
    steps.extend(to_look_at(conn, ctx, more)?);
    let of_others = of_principals(conn, ctx, more)?;
    let of_teams = of_teams(conn, ctx, &of_others, more)?;
    steps.extend(of_others.into_iter().chain(of_teams));
    steps.extend(super::watch::of_principals(conn, ctx, more)?);
    Ok(steps)
}

fn to_review(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let rows = more.cut("review", reviews::service::waiting(conn, ctx, ASKED)?);
    let told = rows.into_iter().map(|row| {
        let href = format!("/api/v1/reviews/{}/submit", row.id);
        step(
            ("review", row.id.uuid(), row.title.unwrap_or_default()),
            "assigned",
            ("Write your review and submit it, or decline.", row.due_on, href),
            "Once it is in you read what the others said; then it is decided.",
        )
    });
    Ok(told.collect())
}

fn to_vouch(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let rows = more.page("vouch_request", vouches::service::waiting(conn, ctx, EACH)?);
    let told = rows.into_iter().map(|row| {
        let href = format!("/api/v1/vouch-requests/{}/sign", row.id);
        let what = format!("{} asks you to vouch: sign, or decline.", row.applicant.name);
        step(
            ("vouch_request", row.id.uuid(), row.title.unwrap_or_default()),
            "open",
            (&what, None, href),
            "Who decides on it reads what you sign.",
        )
    });
    Ok(told.collect())
}

/// Teams that they are asked onto, and merges that they are asked to agree to.
fn to_join(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let mut steps = Vec::new();
    let asked = applications::service::invitations(conn, ctx, ASKED)?;
    let asked = more.cut("invitation", asked);
    let ids: Vec<ApplicationId> = asked.iter().map(|(application, ..)| *application).collect();
    let all = applications::service::facts_of(conn, &ids)?;
    let facts: Vec<_> = all.values().collect();
    let kept_off = offers::service::keeps_off(conn, &facts, ctx.me()?)?;
    for (application, member, title) in asked {
        let Some(facts) = all.get(&application) else { continue };
        let refused = kept_off.get(&application).copied();
        let (what, act) = match refused {
            None => ("You are asked onto the team: accept, or decline.".into(), "accept"),
            Some(why) => {
                (format!("You are asked onto the team, and cannot join: {why}."), "decline")
            }
        };
        let next = match (refused, facts.status) {
            (Some(_), _) => "Who leads it hears when you say no.",
            (None, ApplicationStatus::Submitted | ApplicationStatus::Open) => {
                "It was handed in already; those who look at it hear when you have joined."
            }
            _ => "It is handed in once everybody who is asked has answered.",
        };
        let href = format!("/api/v1/applications/{application}/members/{member}/{act}");
        let object = ("invitation", member.uuid(), title);
        steps.push(step(object, "invited", (&what, None, href), next));
    }
    let merges = applications::service::merges_to_answer(conn, ctx, ASKED)?;
    for (merge, title) in more.cut("merge", merges) {
        let href = format!("/api/v1/merges/{merge}/accept");
        steps.push(step(
            ("merge", merge.uuid(), title),
            "proposed",
            ("Two applications would become one: accept, or decline.", None, href),
            "Nothing happens until you answer.",
        ));
    }
    Ok(steps)
}

fn to_take(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let rows = applications::service::nominations_to_answer(conn, ctx, ASKED)?;
    let told = more.cut("nomination", rows).into_iter().map(|row| {
        let href = format!("/api/v1/nominations/{}/accept", row.id);
        let until = Some(row.expires_at.date());
        let what = format!("{} nominates you: take it over, or say no.", row.nominator.name);
        step(
            ("nomination", row.id.uuid(), row.title),
            "open",
            (&what, until, href),
            "Taken over, it is a draft of yours.",
        )
    });
    Ok(told.collect())
}

fn to_act(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let rows = more.cut("delegation", delegations::service::to_answer(conn, ctx, ASKED)?);
    let told = rows.into_iter().map(|row| {
        let href = format!("/api/v1/delegations/{}/accept", row.id);
        let what = format!("{} asks you to act for them: accept, or decline.", row.principal.name);
        step(
            ("delegation", row.id.uuid(), row.principal.name),
            "invited",
            (&what, None, href),
            "Then you do for them what the delegation says, in both names.",
        )
    });
    Ok(told.collect())
}

/// What waits in the need-to-know lane, for those in its group.
fn to_look_at(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let mut rows = concerns::service::to_look_at(conn, ctx, ASKED)?;
    let kinds = [(WaitingKind::Screening, "screening"), (WaitingKind::Concern, "concern")];
    for (kind, object) in kinds {
        let mut found = 0;
        rows.retain(|row| {
            found += i64::from(row.kind == kind);
            row.kind != kind || found <= EACH
        });
        more.note(object, found > EACH);
    }
    let told = rows.into_iter().map(|row| {
        let (object, stage, what, act) = match row.kind {
            WaitingKind::Screening => {
                ("screening", "waiting", "Read what the applicant answered, and clear it.", "clear")
            }
            WaitingKind::Concern => {
                ("concern", "open", "Ask the applicant about it, or decide.", "decide")
            }
        };
        let href = format!("/api/v1/{object}s/{}/{act}", row.id);
        let next = "Until then nothing is awarded on it.";
        step((object, row.id, row.title), stage, (what, None, href), next)
    });
    Ok(told.collect())
}

/// Drafts, and what waits for changes, of those for whom they hand things in or write.
fn of_principals(conn: &mut Conn, ctx: &Ctx, more: &mut More) -> Result<Vec<NextStep>> {
    let submits = delegations::service::principals(conn, ctx, Some(Errand::Submit))?;
    let drafts = delegations::service::principals(conn, ctx, Some(Errand::Draft))?;
    let mut all = submits.clone();
    all.extend(drafts.iter().copied().filter(|person| !submits.contains(person)));
    let names = people::service::names(conn, &all)?;
    let (mut steps, mut told) = (Vec::new(), 0);
    for principal in all {
        let name = names.get(&principal).cloned().unwrap_or_default();
        let may = (submits.contains(&principal), drafts.contains(&principal));
        let theirs = of_principal(conn, ctx, (principal, &name, may), more)?;
        if theirs.is_empty() {
            continue;
        }
        if told == PRINCIPALS {
            more.note("application", true);
            break;
        }
        told += 1;
        steps.extend(theirs);
    }
    Ok(steps)
}

/// The same of one of them; whether the acting person hands in for them, and writes for them.
fn of_principal(
    conn: &mut Conn,
    ctx: &Ctx,
    (principal, name, may): (PersonId, &str, (bool, bool)),
    more: &mut More,
) -> Result<Vec<NextStep>> {
    let mut steps = Vec::new();
    let rows = applications::service::of_person(conn, principal, BEING_WRITTEN, ASKED)?;
    let rows = more.cut_each("application", rows, |row| row.status);
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.id).collect();
    let awaited = applications::service::awaited(conn, &ids)?;
    for facts in rows {
        if applications::service::shut(conn, ctx, &facts)?.is_some() {
            continue;
        }
        let changes = facts.status == ApplicationStatus::ChangesRequested;
        let (what, act) = match (may, changes) {
            // Not before everybody who was asked onto the team has answered.
            ((true, _), false) if !awaited.contains_key(&facts.id) => {
                (format!("Hand it in for {name}, when it is complete."), "/submit")
            }
            ((true, _), true) if !awaited.contains_key(&facts.id) => {
                (format!("Changes were asked for: hand it in again for {name}."), "/submit")
            }
            ((true, true), _) => {
                (format!("Write it for {name}; it waits for its team to answer."), "")
            }
            ((_, true), false) => (format!("Write it for {name}; they hand it in."), ""),
            ((_, true), true) => {
                (format!("Changes were asked for: make them for {name}; they hand it in."), "")
            }
            ((_, false), _) => continue,
        };
        let next = if act.is_empty() { "They read what you write." } else { "They hear of it." };
        let due_on = applications::service::last_day(conn, ctx, &facts)?;
        let href = format!("/api/v1/applications/{}{act}", facts.id);
        let object = ("application", facts.id.uuid(), facts.title);
        steps.push(step(object, &facts.status.to_string(), (&what, due_on, href), next));
    }
    Ok(steps)
}

/// The same of those on whose team they are, and with whom they write; but what they were told of
/// already.
fn of_teams(
    conn: &mut Conn,
    ctx: &Ctx,
    told: &[NextStep],
    more: &mut More,
) -> Result<Vec<NextStep>> {
    let mut rows = more.cut("application", applications::service::to_write(conn, ctx, ASKED)?);
    rows.retain(|row| !told.iter().any(|step| step.id == row.id.uuid()));
    let leads: Vec<PersonId> = rows.iter().map(|row| row.applicant_id).collect();
    let names = people::service::names(conn, &leads)?;
    let mut steps = Vec::new();
    for facts in rows {
        if applications::service::shut(conn, ctx, &facts)?.is_some() {
            continue;
        }
        let name = names.get(&facts.applicant_id).cloned().unwrap_or_default();
        let what = match facts.status {
            ApplicationStatus::ChangesRequested => {
                format!("Changes were asked for: make them with {name}; they hand it in.")
            }
            _ => format!("Write it with {name}; they hand it in."),
        };
        let due_on = applications::service::last_day(conn, ctx, &facts)?;
        let href = format!("/api/v1/applications/{}", facts.id);
        steps.push(step(
            ("application", facts.id.uuid(), facts.title),
            &facts.status.to_string(),
            (&what, due_on, href),
            "You hear when it is handed in.",
        ));
    }
    Ok(steps)
}
