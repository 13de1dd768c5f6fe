//! What a person has to do, and what happens next: `GET /api/v1/me/next`.

use super::super::model::{CheckpointStatus, ReportStatus};
use super::super::store;
use super::more::{ASKED, EACH, More, NextKind};
use super::paid;
use super::waiting::page;
use crate::grants::model::GrantStatus;
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::actor::Standing;
use crate::kernel::ids::PayeeId;
use crate::kernel::time::Date;
use crate::paperwork::model::{RequirementKind, RequirementStatus};
use crate::payees::model::{Method, PayeeFacts, PayeeFilter, PayeeStatus};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{grants, paperwork, payees};
use serde::Serialize;
use uuid::Uuid;

/// Grants that something is still done about.
const GOING: &[GrantStatus] =
    &[GrantStatus::Awarded, GrantStatus::Active, GrantStatus::Paused, GrantStatus::WindingDown];
/// Those that nothing is done about any more.
const ENDED: &[GrantStatus] = &[GrantStatus::Closed, GrantStatus::Cancelled];

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

/// What is open for me.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NextView {
    /// Those that ask something of me first, the most urgent at the top.
    pub items: Vec<NextStep>,
    /// Whether more may be open than is told; `kinds` say of what.
    pub more: bool,
    /// How much of each kind is told, and of which more may be open.
    pub kinds: Vec<NextKind>,
}

/// What the acting person has to do, and what happens next with what is theirs.
pub fn next(conn: &mut Conn, ctx: &Ctx) -> Result<NextView> {
    authz::require(ctx, Action::GetNext, &[])?;
    let me = ctx.me()?;
    let mut more = More::default();
    let mut items = super::applying::applying(conn, ctx, me, &mut more)?;
    // A token sees what its scopes reach.
    if authz::gate(ctx, Action::ListGrants).is_ok() {
        let going = more.cut("grant", grants::service::of_recipient(conn, me, GOING, ASKED)?);
        // What has ended is told, and asks nothing any more.
        let ended = grants::service::of_recipient(conn, me, ENDED, EACH)?;
        for grant in going.into_iter().chain(ended) {
            items.push(of_grant(conn, ctx, &grant)?);
        }
    }
    items.extend(super::waiting::waiting(conn, ctx, &mut more)?);
    items.extend(super::desk::desk(conn, ctx, &mut more)?);
    let urgency = |step: &NextStep| {
        // What has no day does not hide the day of what has one.
        let first = step.todo.iter().filter_map(|t| t.due_on).min();
        (step.todo.is_empty(), first.map_or(i32::MAX, Date::days_since_epoch))
    };
    items.sort_by_key(urgency);
    let kinds = more.kinds(&items);
    Ok(NextView { items, more: kinds.iter().any(|kind| kind.more), kinds })
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
            "When the agreement is signed by both and your payee is verified, it starts.".into()
        }
        GrantStatus::Active | GrantStatus::WindingDown => paid::next_payment(conn, ctx, grant)?,
        GrantStatus::Paused => "It is paused; you will hear when it goes on.".into(),
        GrantStatus::Closed => "It is closed. Thank you.".into(),
        GrantStatus::Cancelled => "It was cancelled before it started.".into(),
    };
    Ok(NextStep {
        object: "grant",
        id: grant.id.uuid(),
        title: grant.title.clone(),
        stage: grant.status.to_string(),
        todo,
        next,
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
        Ok(()) => payee_to_mend(conn, ctx, grant)?,
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
                ("Read and sign the agreement.".into(), format!("{address}/agreement/sign"))
            }
            RequirementKind::Payee => payee_to_name(conn, ctx, grant)?,
            RequirementKind::TaxForm => (
                "Provide your tax form.".into(),
                format!("{address}/requirements/tax_form/provide"),
            ),
            // Screening is done by finance: nothing is asked of the recipient.
            RequirementKind::Screening => continue,
        };
        todo.push(Todo { what, due_on: requirement.due_on, href });
    }
    Ok(todo)
}

/// The payee that is named, where finance found it wrong: its owner has to mend it.
fn payee_to_mend(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<Vec<Todo>> {
    let rejected = |payee: &PayeeFacts| payee.status == PayeeStatus::Rejected;
    let Some(payee) = paid::its_payee(conn, grant)?.filter(rejected) else { return Ok(Vec::new()) };
    let (what, href) = correct(ctx, payee.id);
    Ok(vec![Todo { what, due_on: None, href }])
}

fn correct(ctx: &Ctx, payee: PayeeId) -> (String, String) {
    let what = "Your payee was not accepted: correct it, that hands it in again.";
    (format!("{what}{}", no_factor(ctx)), format!("/api/v1/payees/{payee}"))
}

/// How the recipient comes to name a payee: one that they have and that was handed in, or one that
/// they hand in, correct or make before.
fn payee_to_name(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<(String, String)> {
    use PayeeStatus::{Incomplete, Rejected, Submitted, Verified};
    let factor = no_factor(ctx);
    let name = format!("Say which payee the bank should pay.{factor}");
    let name = (name, format!("/api/v1/grants/{}/payee", grant.id));
    // A token reads what its scopes reach.
    if authz::gate(ctx, Action::ListPayees).is_err() {
        return Ok(name);
    }
    let filter = PayeeFilter { person: Some(grant.recipient_id), status: None };
    let mut mine = payees::service::list(conn, ctx, &filter, &page())?.items;
    mine.retain(|it| it.currency == grant.currency && it.method != Method::External);
    let one = |status: PayeeStatus| mine.iter().find(|it| it.status == status);
    if one(Verified).or(one(Submitted)).is_some() {
        return Ok(name);
    }
    if let Some(payee) = one(Incomplete) {
        let what = "Hand in your payee; then say that the bank should pay it.".into();
        return Ok((what, format!("/api/v1/payees/{}/submit", payee.id)));
    }
    if let Some(payee) = one(Rejected) {
        return Ok(correct(ctx, payee.id));
    }
    let currency = grant.currency;
    let what =
        format!("Say where the bank should pay: make a payee that takes {currency}.{factor}");
    Ok((what, "/api/v1/payees".into()))
}

/// What is said to somebody who has no second factor, where one is needed.
fn no_factor(ctx: &Ctx) -> &'static str {
    match ctx.standing {
        Standing::Missing | Standing::Without => {
            " That needs a second factor, and you have none: enrol one first."
        }
        Standing::Vouched | Standing::Token | Standing::Shown(_) => "",
    }
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
