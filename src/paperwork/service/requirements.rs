//! What must be on file for a grant.

use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{GrantId, PersonId, of};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::paperwork::model::{RequirementKind, RequirementStatus, RequirementView, Step};
use crate::paperwork::{events, rules, store};
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Value, json};

/// Opens all requirements of a new grant.
pub fn open_requirements(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    due_on: Option<Date>,
) -> Result<()> {
    for kind in RequirementKind::ALL {
        let id = ctx.id::<of::Requirement>();
        let remind_on = rules::remind((*kind, RequirementStatus::Open), due_on, ctx.today());
        store::insert_requirement(conn, id, grant, *kind, (due_on, remind_on), ctx.now)?;
    }
    Ok(())
}

/// The requirements of a grant, in the order in which they are usually met.
pub fn requirements(conn: &mut Conn, grant: GrantId) -> Result<Vec<RequirementView>> {
    let mut all = store::requirements(conn, grant)?;
    all.sort_by_key(|r| r.kind);
    Ok(all)
}

/// Whether each of these is satisfied or waived; one that was never opened is not.
pub fn all_settled(conn: &mut Conn, grant: GrantId, kinds: &[RequirementKind]) -> Result<bool> {
    let all = store::requirements(conn, grant)?;
    let settled = |kind| all.iter().any(|r| r.kind == kind && r.status.is_settled());
    Ok(kinds.iter().all(|kind| settled(*kind)))
}

/// Whether somebody has compared names with sanctions lists, or an admin has done without.
pub fn screened(conn: &mut Conn, grant: GrantId) -> Result<bool> {
    all_settled(conn, grant, &[RequirementKind::Screening])
}

/// Gives what is asked: a note of what, and where it is.
///
/// # Errors
/// 404 where the grant has no such requirement; 409 unless it is open or was refused; 422.
pub fn provide(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    kind: RequirementKind,
    note: Option<&str>,
) -> Result<RequirementView> {
    let note = paragraphs("/note", note)?;
    let decision = store::Decision {
        note: Some(note),
        provided_by: Some(ctx.actor.person()),
        decided_by: Some(None),
        decided_at: Some(None),
        reason: Some(None),
        ..Default::default()
    };
    take(conn, ctx, grant, kind, (Step::Provide, Action::ProvideRequirement), decision)
}

/// Finds right what was given.
///
/// # Errors
/// As [`provide`]; 409 unless it was provided.
pub fn satisfy(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    kind: RequirementKind,
) -> Result<RequirementView> {
    let step = (Step::Satisfy, Action::SatisfyRequirement);
    take(conn, ctx, grant, kind, step, decided(ctx, None))
}

/// Finds wrong what was given, for a reason that the recipient reads; a screening also after it was
/// settled, for what is found later.
///
/// # Errors
/// As [`satisfy`]; 422 without a reason.
pub fn refuse(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    kind: RequirementKind,
    reason: &str,
) -> Result<RequirementView> {
    let reason = paragraphs("/reason", Some(reason))?;
    let step = (Step::Refuse, Action::RefuseRequirement);
    take(conn, ctx, grant, kind, step, decided(ctx, reason))
}

/// Does without it, for a reason.
///
/// # Errors
/// 404; 409 unless it is open; 422 without a reason.
pub fn waive(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    kind: RequirementKind,
    reason: &str,
) -> Result<RequirementView> {
    let reason = paragraphs("/reason", Some(reason))?;
    let step = (Step::Waive, Action::WaiveRequirement);
    take(conn, ctx, grant, kind, step, decided(ctx, reason))
}

/// Brings a requirement to where something that happened elsewhere has put it: both signatures, a
/// payee that was exchanged. One that stands there already stays as it is, and so does one that was
/// waived, unless it is opened anew: it was waived for another. Whoever acts settles it.
///
/// # Errors
/// 404 where the grant has no such requirement.
pub fn mark(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    kind: RequirementKind,
    status: RequirementStatus,
) -> Result<()> {
    mark_by(conn, ctx, grant, (kind, status), ctx.actor.person())
}

/// The same, where it was settled `by` somebody who need not be the one who acts: who verified the
/// payee decided on it, not who named it.
///
/// # Errors
/// As [`mark`].
pub fn mark_by(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    (kind, status): (RequirementKind, RequirementStatus),
    by: Option<PersonId>,
) -> Result<()> {
    let was = find(conn, grant, kind)?;
    let open = status == RequirementStatus::Open;
    if was.status == status || (was.status == RequirementStatus::Waived && !open) {
        return Ok(());
    }
    let provided_by = if open { None } else { ctx.actor.person() };
    let mut decision = if status == RequirementStatus::Satisfied {
        store::Decision { decided_by: Some(by), ..decided(ctx, None) }
    } else {
        store::Decision {
            provided_by: Some(provided_by),
            decided_by: Some(None),
            decided_at: Some(None),
            reason: Some(None),
            ..Default::default()
        }
    };
    decision.status = Some(status);
    write(conn, ctx, grant, &was, "mark_requirement", decision).map(drop)
}

fn decided(ctx: &Ctx, reason: Option<String>) -> store::Decision {
    store::Decision {
        decided_by: Some(ctx.actor.person()),
        decided_at: Some(Some(ctx.now)),
        reason: Some(reason),
        ..Default::default()
    }
}

fn find(conn: &mut Conn, grant: GrantId, kind: RequirementKind) -> Result<RequirementView> {
    let missing = || Problem::not_found("requirement");
    store::requirement(conn, grant, kind)?.ok_or_else(missing)
}

fn take(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    kind: RequirementKind,
    (step, action): (Step, Action),
    decision: store::Decision,
) -> Result<RequirementView> {
    let was = find(conn, grant, kind)?;
    let status = rules::step(&was, step, ctx.actor.person())?;
    let decision = store::Decision { status: Some(status), ..decision };
    write(conn, ctx, grant, &was, action.as_str(), decision)
}

fn write(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    was: &RequirementView,
    action: &str,
    mut decision: store::Decision,
) -> Result<RequirementView> {
    let (status, today) = (decision.status.unwrap_or(was.status), ctx.today());
    let due_on = rules::due_again((was.status, status), was.due_on, today);
    decision.due_on = Some(due_on);
    decision.remind_on = Some(rules::remind((was.kind, status), due_on, today));
    if !store::change_requirement(conn, grant, was.kind, was.status, &decision)? {
        return Err(Problem::wrong_state("Somebody else decided on this a moment ago."));
    }
    let now = find(conn, grant, was.kind)?;
    let change = Change {
        action,
        object: ("grant", grant.uuid()),
        before: Some(logged(was)),
        after: Some(logged(&now)),
    };
    audit::record(conn, ctx, change)?;
    events::changed(conn, ctx, grant, &now)?;
    Ok(now)
}

fn logged(view: &RequirementView) -> Value {
    json!({ "requirement": view.kind, "status": view.status, "reason": view.reason })
}

fn paragraphs(pointer: &str, text: Option<&str>) -> Result<Option<String>> {
    let mut fields = Fields::new();
    let clean = text.map(|text| fields.paragraphs(pointer, text, 1, 2000));
    fields.finish()?;
    Ok(clean)
}
