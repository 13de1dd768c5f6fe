//! How a call is reviewed.

use crate::answers;
use crate::applications;
use crate::applications::model::ApplicationFacts;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews::model::{Criterion, ReviewSettings, SettingsForm};
use crate::reviews::{rules, store};
use serde_json::json;

/// What is scored of an application in one of its calls: after the form that it was written under
/// there, whatever was edited since.
pub(super) fn rubric_of(
    conn: &mut Conn,
    application: &ApplicationFacts,
    call: CallId,
) -> Result<Vec<Criterion>> {
    let version = applications::service::form_version_in(conn, application.id, call)?;
    let own = answers::service::form_of(conn, call, version)?.rubric;
    Ok(if own.is_empty() { rules::default_rubric() } else { own })
}

/// What is scored in a call of what is begun there now.
fn rubric(conn: &mut Conn, call: CallId) -> Result<Vec<Criterion>> {
    let own = answers::service::rubric(conn, call)?;
    Ok(if own.is_empty() { rules::default_rubric() } else { own })
}

fn shown(conn: &mut Conn, call_id: CallId) -> Result<ReviewSettings> {
    let blind = super::is_blind(conn, call_id)?;
    Ok(ReviewSettings { call_id, blind, rubric: rubric(conn, call_id)? })
}

/// How a call is reviewed.
///
/// # Errors
/// 404 where there is no such call.
pub fn settings(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<ReviewSettings> {
    calls::service::get(conn, ctx, id)?;
    authz::require(ctx, Action::GetReviewSettings, &[])?;
    shown(conn, id)
}

/// Says whether names are hidden from the reviewers of a call.
///
/// # Errors
/// 404 where there is no such call, 409 once a reviewer was assigned.
pub fn set_settings(
    conn: &mut Conn,
    ctx: &Ctx,
    id: CallId,
    form: &SettingsForm,
) -> Result<ReviewSettings> {
    calls::service::get(conn, ctx, id)?;
    authz::require(ctx, Action::SetReviewSettings, &[])?;
    // Against an assignment at the same moment, which holds it too.
    calls::service::hold(conn, id)?.ok_or_else(|| Problem::not_found("call"))?;
    let before = super::is_blind(conn, id)?;
    if before != form.blind {
        if store::any_in_call(conn, id)? {
            let detail = "Reviewers are assigned already: they were told what they would see.";
            return Err(Problem::wrong_state(detail));
        }
        store::set_blind(conn, id, form.blind, (ctx.actor.person(), ctx.now))?;
        let change = Change::by(Action::SetReviewSettings, "call", id.uuid());
        let (before, after) = (json!({ "blind": before }), json!({ "blind": form.blind }));
        audit::record(conn, ctx, change.from(before).to(after))?;
    }
    shown(conn, id)
}
