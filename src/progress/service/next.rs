//! What a person has to do, and what happens next: `GET /api/v1/me/next`.

use super::super::model::{CheckpointStatus, ReportStatus};
use super::super::store;
use crate::applications::model::{Ahead, ApplicationStatus, Going, RouteStatus, Shut};
use crate::applications::service::ApplicationFacts;
use crate::calls::model::Appeals;
use crate::disbursements::model::OwedAgain;
use crate::grants::model::{GrantStatus, TrancheStatus};
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::time::Date;
use crate::paperwork::model::{RequirementKind, RequirementStatus};
use crate::payees::model::{PayeeFacts, PayeeStatus};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, concerns, disbursements, grants, paperwork, payees};
use serde::Serialize;
use std::fmt::Write as _;
use uuid::Uuid;

/// Grants, and applications in each status, that are looked through, newest first.
const MANY: i64 = 50;
/// Applications that something is still done about: those that wait for their applicant first.
const GOING: &[ApplicationStatus] = &[
    ApplicationStatus::ChangesRequested,
    ApplicationStatus::Draft,
    ApplicationStatus::Submitted,
    ApplicationStatus::Open,
    ApplicationStatus::Declined,
];

/// What is told where a payment did not reach the bank.
const NOT_SENT: &str =
    "A payment was taken back before the bank sent it: finance prepares it again.";

/// The same, where the payee is not verified now.
const NOT_SENT_YET: &str = "A payment was taken back before the bank sent it: finance prepares it \
                            again once your payee is verified again.";

/// What is told where the bank sent a payment back.
const CAME_BACK: &str = "The bank sent a payment back: if the account of your payee is wrong, \
                         correct it. Then finance pays it again.";

/// One application or grant: where it stands, what is asked of me, what happens next.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NextStep {
    /// `application`, `grant`, `review`, `vouch_request`, `invitation`, `merge`, `nomination`,
    /// `delegation`, `screening`, `concern`, `offer`, `payee`, `disbursement` or `payment_batch`.
    pub object: &'static str,
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub stage: String,
    /// What is asked of me now; empty when I can wait.
    pub todo: Vec<Todo>,
    /// What happens next, and by whom.
    pub next: String,
    /// The day by which I am promised an answer, if one is promised.
    pub promised_on: Option<Date>,
}

/// One thing to do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Todo {
    /// In a sentence.
    pub what: String,
    /// By when.
    pub due_on: Option<Date>,
    /// The address that takes it.
    pub href: String,
}

/// Everything that is open for me.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NextView {
    /// Those that ask something of me first, the most urgent at the top.
    pub items: Vec<NextStep>,
}

/// What the acting person has to do, and what happens next with what is theirs.
pub fn next(conn: &mut Conn, ctx: &Ctx) -> Result<NextView> {
    authz::require(ctx, Action::GetNext, &[])?;
    let me = ctx.me()?;
    let mut items = Vec::new();
    let mine = applications::service::of_person(conn, me, GOING, MANY)?;
    let ids: Vec<ApplicationId> = mine.iter().map(|application| application.id).collect();
    let routes = applications::service::routes_of(conn, &ids)?;
    for application in mine {
        let there = routes.iter().filter(|route| route.application_id == application.id);
        let shut = applications::service::shut(conn, ctx, &application)?;
        if let Some(mut step) = of_application(conn, ctx, &application, shut.as_ref())? {
            further(conn, ctx, (&application, shut.is_some()), there, &mut step)?;
            items.push(step);
        }
    }
    // A token sees what its scopes reach.
    if authz::gate(ctx, Action::ListGrants).is_ok() {
        for grant in grants::service::of_recipient(conn, me, MANY)? {
            items.push(of_grant(conn, ctx, &grant)?);
        }
    }
    items.extend(super::waiting::waiting(conn, ctx)?);
    items.extend(super::desk::desk(conn, ctx)?);
    let urgency = |step: &NextStep| {
        // What has no day does not hide the day of what has one.
        let first = step.todo.iter().filter_map(|t| t.due_on).min();
        (step.todo.is_empty(), first.map_or(i32::MAX, Date::days_since_epoch))
    };
    items.sort_by_key(urgency);
    Ok(NextView { items })
}

fn of_application(
    conn: &mut Conn,
    ctx: &Ctx,
    a: &ApplicationFacts,
    shut: Option<&Shut>,
) -> Result<Option<NextStep>> {
    let address = format!("/api/v1/applications/{}", a.id);
    let todo = |what: &str, act: &str| {
        vec![Todo { what: what.into(), due_on: None, href: format!("{address}{act}") }]
    };
    let (mut todo, next) = match a.status {
        ApplicationStatus::Draft if shut.is_some() => (Vec::new(), ""),
        ApplicationStatus::Draft => (
            todo("Finish your application and submit it.", "/submit"),
            "When you submit it, a decision date is promised.",
        ),
        ApplicationStatus::ChangesRequested => (
            todo("Change what was asked for and submit it again.", "/submit"),
            "It goes back to where it was when changes were asked for.",
        ),
        ApplicationStatus::Submitted => {
            (Vec::new(), "An admin looks at eligibility and risk, then regrantors see it.")
        }
        ApplicationStatus::Open => {
            (Vec::new(), "Regrantors place offers; at your minimum it can be awarded.")
        }
        ApplicationStatus::Declined => (Vec::new(), "It is decided; the reason is with it."),
        ApplicationStatus::Awarded | ApplicationStatus::Withdrawn | ApplicationStatus::Lapsed => {
            return Ok(None);
        }
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
                    due_on: None,
                    href: format!("/api/v1/applications/{}/routes/{}", a.id, route.call_id),
                });
            }
            (RouteStatus::Declined | RouteStatus::Withdrawn | RouteStatus::Ended, _) => {
                if a.status == ApplicationStatus::Declined {
                    continue;
                }
                if let Some(until) = applications::service::again_there(conn, ctx, route)? {
                    step.todo.push(Todo {
                        what: format!("If you like, route it to “{call}” again, changed."),
                        due_on: Some(until),
                        href: format!("/api/v1/applications/{}/routes", a.id),
                    });
                }
            }
            (_, Some(day)) if waits => {
                let _ = write!(step.next, " In “{call}” you have a decision by {day}.");
            }
            _ => {}
        }
    }
    Ok(())
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

fn of_grant(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<NextStep> {
    let mut todo = requirements(conn, ctx, grant)?;
    let live = matches!(grant.status, GrantStatus::Active | GrantStatus::Paused);
    if live || grant.status == GrantStatus::WindingDown {
        todo.extend(watching(conn, grant)?);
    }
    todo.sort_by_key(|t| t.due_on.map_or(i32::MAX, Date::days_since_epoch));
    let next = match grant.status {
        GrantStatus::Awarded => {
            "When the agreement is signed by both and your payee is verified, it starts."
        }
        GrantStatus::Active => next_payment(conn, grant)?,
        GrantStatus::Paused => "It is paused; you will hear when it goes on.",
        GrantStatus::WindingDown => {
            owed_again(conn, grant)?.unwrap_or("What is released is still paid; then it is closed.")
        }
        GrantStatus::Closed => "It is closed. Thank you.",
        GrantStatus::Cancelled => "It was cancelled before it started.",
    };
    Ok(NextStep {
        object: "grant",
        id: grant.id.uuid(),
        title: grant.title.clone(),
        stage: grant.status.to_string(),
        todo,
        next: next.into(),
        promised_on: None,
    })
}

/// Paperwork that waits for the recipient.
fn requirements(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<Vec<Todo>> {
    if grant.status.has_ended() {
        return Ok(Vec::new());
    }
    let signed = paperwork::service::signed_by_recipient(conn, grant.id)?;
    let mut todo = match authz::gate(ctx, Action::GetPayee) {
        Ok(()) => payee_to_mend(conn, grant)?,
        Err(_) => Vec::new(),
    };
    for requirement in paperwork::service::requirements(conn, grant.id)? {
        let open =
            matches!(requirement.status, RequirementStatus::Open | RequirementStatus::Refused);
        if !open {
            continue;
        }
        let address = format!("/api/v1/grants/{}", grant.id);
        let (what, href) = match requirement.kind {
            RequirementKind::Agreement if signed => continue,
            RequirementKind::Agreement => {
                ("Read and sign the agreement.", format!("{address}/agreement/sign"))
            }
            RequirementKind::Payee => {
                ("Say which payee the bank should pay.", format!("{address}/payee"))
            }
            RequirementKind::TaxForm => {
                ("Provide your tax form.", format!("{address}/requirements/tax_form/provide"))
            }
            // Screening is done by finance: nothing is asked of the recipient.
            RequirementKind::Screening => continue,
        };
        todo.push(Todo { what: what.into(), due_on: requirement.due_on, href });
    }
    Ok(todo)
}

/// The payee that is named, where finance found it wrong: its owner has to mend it.
fn payee_to_mend(conn: &mut Conn, grant: &GrantFacts) -> Result<Vec<Todo>> {
    let rejected = |payee: &PayeeFacts| payee.status == PayeeStatus::Rejected;
    let Some(payee) = its_payee(conn, grant)?.filter(rejected) else { return Ok(Vec::new()) };
    let what = "Your payee was not accepted: correct it and hand it in again.".into();
    let href = format!("/api/v1/payees/{}/submit", payee.id);
    Ok(vec![Todo { what, due_on: None, href }])
}

/// Reports and checkpoints that wait for the recipient.
fn watching(conn: &mut Conn, grant: &GrantFacts) -> Result<Vec<Todo>> {
    let mut todo = Vec::new();
    for report in store::reports(conn, grant.id)? {
        let what = match report.status {
            ReportStatus::Due => "Write your report.",
            ReportStatus::Draft => "Finish your report and hand it in.",
            ReportStatus::ChangesRequested => "Change what was asked for in your report.",
            ReportStatus::Submitted | ReportStatus::Accepted => continue,
        };
        let href = format!("/api/v1/reports/{}", report.id);
        todo.push(Todo { what: what.into(), due_on: Some(report.due_on), href });
    }
    for checkpoint in store::checkpoints(conn, grant.id)? {
        if checkpoint.status == CheckpointStatus::Due {
            let href = format!("/api/v1/checkpoints/{}/report", checkpoint.id);
            let what = "Say what came of what was promised.".into();
            todo.push(Todo { what, due_on: Some(checkpoint.due_on), href });
        }
    }
    Ok(todo)
}

/// What is told about payments that are owed again, if there are any.
fn owed_again(conn: &mut Conn, grant: &GrantFacts) -> Result<Option<&'static str>> {
    Ok(match disbursements::service::owed_again(conn, grant.id)? {
        None => None,
        Some(OwedAgain::CameBack) => Some(CAME_BACK),
        Some(OwedAgain::NotSent) => {
            let payee = its_payee(conn, grant)?;
            let verified = payee.is_some_and(|payee| payee.status == PayeeStatus::Verified);
            Some(if verified { NOT_SENT } else { NOT_SENT_YET })
        }
    })
}

fn its_payee(conn: &mut Conn, grant: &GrantFacts) -> Result<Option<PayeeFacts>> {
    match grant.payee_id {
        Some(id) => payees::service::facts(conn, id),
        None => Ok(None),
    }
}

fn next_payment(conn: &mut Conn, grant: &GrantFacts) -> Result<&'static str> {
    let tranches = grants::service::tranches(conn, grant.id)?;
    let any = |status| tranches.iter().any(|t| t.status == status);
    let released = any(TrancheStatus::Released);
    let again = if released { owed_again(conn, grant)? } else { None };
    Ok(if let Some(told) = again {
        told
    } else if any(TrancheStatus::Instructed) {
        match disbursements::service::given(conn, grant.id)? {
            true => "The bank was told to pay you; it takes a few days.",
            false => "Your payment is prepared: finance gives it to the bank next.",
        }
    } else if (released || any(TrancheStatus::Planned))
        && !paperwork::service::screened(conn, grant.id)?
    {
        "The sponsor still makes its own check; nothing is released or paid before."
    } else if released && !paperwork::service::all_settled(conn, grant.id, RequirementKind::ALL)? {
        "Finance pays the tranche that is released once all paperwork of the grant is settled."
    } else if released {
        "Finance pays the tranche that is released."
    } else if any(TrancheStatus::Planned) {
        "The next tranche is released when its condition holds."
    } else {
        "Everything is paid; what is left are its reports and checkpoints, then it is closed."
    })
}
