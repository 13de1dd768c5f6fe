//! What of a grant is published.

use super::super::model::{Publication, PublicationForm, PublicationStatus};
use super::super::{rules, store};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::GrantId;
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, grants};
use serde_json::json;
use std::collections::BTreeMap;

/// What is published of a grant: what somebody decided, or the rule of the house.
///
/// # Errors
/// 404 if there is no such grant.
pub fn decision(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<Publication> {
    authz::require(ctx, Action::GetPublication, &[])?;
    found(conn, id)
}

fn found(conn: &mut Conn, id: GrantId) -> Result<Publication> {
    let missing = || Problem::not_found("grant");
    let grant = grants::service::facts(conn, id)?.ok_or_else(missing)?;
    if let Some(decided) = store::decision(conn, id)? {
        return Ok(decided);
    }
    let application = applications::service::facts(conn, grant.application_id)?;
    Ok(rules::by_default(application.is_some_and(|a| a.visibility == Visibility::Public)))
}

/// Decides what is published of a grant.
///
/// # Errors
/// 404 if there is no such grant, 412 when somebody decided meanwhile, 422 with all that is wrong.
pub fn decide(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    form: &PublicationForm,
) -> Result<Publication> {
    authz::require(ctx, Action::DecidePublication, &[])?;
    // Held, so that two decisions come one after the other.
    grants::service::hold(conn, id)?;
    let before = found(conn, id)?;
    let action = Action::DecidePublication;
    audit::expect_version(conn, ctx, ("grant", id.uuid()), before.version, &[action])?;
    let mut fields = Fields::new();
    let by = (ctx.actor.person(), ctx.now);
    let decided = rules::decided(&mut fields, form, before.version, by);
    fields.finish()?;
    keep(conn, ctx, id, &decided)?;
    let change = Change::by(action, "grant", id.uuid());
    audit::record(conn, ctx, change.from(json!(before)).to(json!(decided)))?;
    Ok(decided)
}

/// What was published elsewhere before stays published: for imports, which only the service does.
///
/// # Errors
/// 403 for anybody else.
pub fn decided_with_import(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    form: &PublicationForm,
) -> Result<()> {
    authz::require(ctx, Action::DecidePublication, &[])?;
    let before = store::decision(conn, id)?.map_or(0, |before| before.version);
    let mut fields = Fields::new();
    let decided = rules::decided(&mut fields, form, before, (None, ctx.now));
    fields.finish()?;
    keep(conn, ctx, id, &decided)
}

/// Keeps the decision; with a grant that is withheld its application is no longer public.
fn keep(conn: &mut Conn, ctx: &Ctx, id: GrantId, decided: &Publication) -> Result<()> {
    store::keep(conn, id, decided, ctx.now)?;
    let grant = grants::service::facts(conn, id)?.ok_or_else(|| Problem::not_found("grant"))?;
    let withheld = decided.status == PublicationStatus::Withheld;
    applications::service::withhold(conn, grant.application_id, withheld)
}

/// What was decided on these grants; the others follow the rule of the house.
pub fn decisions(conn: &mut Conn, ids: &[GrantId]) -> Result<BTreeMap<GrantId, Publication>> {
    store::decisions(conn, ids)
}
