//! How a call is decided.

use super::{missing, seen};
use crate::calls::model::APPEAL_DAYS;
use crate::calls::model::{CallDecisions, CallFacts, DecisionTerms, SetDecisions};
use crate::calls::store;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{CallId, of};
use crate::kernel::page::{Page, PageOf};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Value, json};

/// How applications in this call are decided.
pub fn decision_terms(conn: &mut Conn, id: CallId) -> Result<DecisionTerms> {
    Ok(store::decisions(conn, id)?.unwrap_or(DecisionTerms::UNSAID))
}

/// The same, for whoever sees the call; who is responsible, for admins and auditors alone.
///
/// # Errors
/// 404 where there is no call that the actor may see.
pub fn decisions(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<CallDecisions> {
    seen(conn, ctx, id, Action::GetCallDecisions)?;
    let terms = decision_terms(conn, id)?;
    let mut view = shown(id, terms);
    if !ctx.actor.has(Role::Admin) && !ctx.actor.has(Role::Auditor) && !ctx.actor.is_system() {
        view.responsible_id = None;
    }
    Ok(view)
}

/// Says how applications in a call are decided. What somebody was told when they were declined
/// holds: it is not taken back and not cut short. A longer time for the same counts for them, too;
/// who was told nothing can do what is said here.
///
/// # Errors
/// 404 where there is no such call, 412 when somebody changed it meanwhile, 422 for somebody who
/// is no admin, or days out of range.
pub fn set_decisions(
    conn: &mut Conn,
    ctx: &Ctx,
    id: CallId,
    form: &SetDecisions,
) -> Result<CallDecisions> {
    authz::require(ctx, Action::SetCallDecisions, &[])?;
    store::lock(conn, id)?.ok_or_else(missing)?;
    let old = decision_terms(conn, id)?;
    audit::expect_version(
        conn,
        ctx,
        ("call", id.uuid()),
        old.version,
        &[Action::EditCall, Action::SetCallDecisions],
    )?;
    let mut fields = Fields::new();
    let days = form.appeal_days.unwrap_or(APPEAL_DAYS);
    fields.range("/appeal_days", i64::from(days), 1, 365);
    if let Some(person) = form.responsible_id {
        let found = people::service::brief(conn, person)?;
        let fits = found.is_some_and(|p| p.active && p.roles.has(Role::Admin));
        let message = "name an admin: only admins decide on applications";
        fields.check(fits, "/responsible_id", "not_allowed", message);
    }
    fields.finish()?;
    let new = DecisionTerms {
        responsible_id: form.responsible_id,
        appeals: form.appeals,
        appeal_days: days,
        version: old.version + 1,
    };
    store::save_decisions(conn, id, &new)?;
    let change = Change::by(Action::SetCallDecisions, "call", id.uuid());
    audit::record(conn, ctx, change.from(told(&old)).to(told(&new)))?;
    Ok(shown(id, new))
}

fn told(terms: &DecisionTerms) -> Value {
    json!({
        "responsible_id": terms.responsible_id,
        "appeals": terms.appeals,
        "appeal_days": terms.appeal_days,
    })
}

fn shown(call_id: CallId, terms: DecisionTerms) -> CallDecisions {
    let DecisionTerms { responsible_id, appeals, appeal_days, version } = terms;
    CallDecisions { call_id, responsible_id, appeals, appeal_days, version }
}

/// Public calls that were opened, newest first; for what is published about them.
pub fn announced(
    conn: &mut Conn,
    only: Option<CallId>,
    page: &PageOf<of::Call>,
) -> Result<Page<CallFacts>> {
    let rows = store::announced(conn, only, page)?;
    Ok(Page::cut(rows, page.limit, |call| call.id).map(CallFacts::from))
}
