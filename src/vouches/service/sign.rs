//! Signing a vouch, and taking it back.

use super::{letters, meanwhile, missing, shown};
use crate::applications;
use crate::applications::model::ApplicationFacts;
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, VouchId, VouchRequestId};
use crate::kernel::problem::Problem;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::vouches::model::{Record, RequestStatus, Said, SignVouch, Vouch, VouchStatus};
use crate::vouches::rules::{self, Facts};
use crate::vouches::store;
use serde_json::json;

/// Vouches for an application that the actor may see. Were they asked to at their address, a public
/// vouch answers that.
///
/// # Errors
/// 404 for an application out of sight; otherwise as [`rules::may_vouch`].
pub fn sign(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, form: &SignVouch) -> Result<Vouch> {
    let application = applications::service::visible(conn, ctx, id)?;
    authz::require(ctx, Action::SignVouch, &[])?;
    let mut fields = Fields::new();
    let message = "this goes with a question that was mailed: sign that";
    fields.check(form.token.is_none(), "/token", "not_allowed", message);
    fields.finish()?;
    put(conn, ctx, Action::SignVouch, &application, form, None)
}

/// Vouches because the applicant asked for it.
///
/// # Errors
/// 404 where nobody asked this person, 409 where it was answered or taken back; otherwise as
/// [`rules::may_vouch`].
pub fn sign_requested(
    conn: &mut Conn,
    ctx: &Ctx,
    id: VouchRequestId,
    form: &SignVouch,
) -> Result<Vouch> {
    let action = Action::SignRequestedVouch;
    let (request, relations) = super::ask::seen(conn, ctx, id, form.token.as_deref())?;
    authz::require(ctx, action, &relations)?;
    let application = applications::service::facts(conn, request.application_id)?;
    let application = application.ok_or_else(|| Problem::not_found("vouch request"))?;
    let made = put(conn, ctx, action, &application, form, Some(id))?;
    if store::answer(conn, id, RequestStatus::Signed, ctx.now)? {
        return Ok(made);
    }
    Err(super::ask::over())
}

fn put(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    application: &ApplicationFacts,
    form: &SignVouch,
    request_id: Option<VouchRequestId>,
) -> Result<Vouch> {
    let me = ctx.me()?;
    let mut fields = Fields::new();
    let said = rules::said(&mut fields, form, &ctx.actor_name);
    fields.finish()?;
    // The application first, then the person, as everywhere; both while they are looked at: two at
    // once would each find the last place free.
    applications::service::lock(conn, application.id)?;
    people::service::hold(conn, me)?;
    let quarter = rules::quarter(ctx.today());
    let facts = facts(conn, ctx, application, &said, quarter)?;
    rules::may_vouch(&facts)?;
    // Of a private one that is not signed as the answer, who applies must not hear.
    let open = match said.visibility == Visibility::Public || request_id.is_some() {
        true => open_to_me(conn, ctx, application.id)?,
        false => None,
    };
    let record = Record {
        id: ctx.id(),
        application_id: application.id,
        voucher_id: me,
        request_id: request_id.or(open),
        said,
        status: VouchStatus::Signed,
        withdraw_reason: None,
        signed_at: ctx.now,
        withdrawn_at: None,
    };
    store::insert(conn, &record, quarter)?;
    // What they were asked at their own address is answered as well.
    if let Some(open) = open.filter(|open| request_id != Some(*open)) {
        store::answer(conn, open, RequestStatus::Signed, ctx.now)?;
    }
    let change = Change::by(action, "vouch", record.id.uuid());
    // What it says is not for everybody who reads the log.
    audit::record(conn, ctx, change.to(json!({ "application_id": record.application_id })))?;
    letters::signed(conn, ctx, application, &record)?;
    Ok(shown(record))
}

/// What the actor was asked about an application at the address of their account, if they have not
/// answered it.
fn open_to_me(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Option<VouchRequestId>> {
    let address = super::ask::my_address(conn, ctx)?;
    let asked = store::asked_at(conn, id, &address)?;
    Ok(asked.filter(|asked| asked.status == RequestStatus::Open).map(|asked| asked.id))
}

fn facts(
    conn: &mut Conn,
    ctx: &Ctx,
    application: &ApplicationFacts,
    said: &Said,
    quarter: i32,
) -> Result<Facts> {
    let (me, id) = (ctx.me()?, application.id);
    let now = applications::service::facts(conn, id)?.ok_or_else(missing)?;
    let ties = applications::service::ties(conn, &now, me)?;
    Ok(Facts {
        application: now.status,
        on_team: ties.takes_part,
        conflict: ties.conflict,
        found: ties.found,
        named: !said.conflicts.is_empty(),
        stands: store::stands(conn, id, me)?,
        this_quarter: store::signed_in(conn, me, quarter)?,
        per_quarter: ctx.env.config.vouches.per_quarter,
    })
}

/// Takes a vouch back; it stays in the voucher's record, with the reason.
///
/// # Errors
/// 404 where there is none in sight, 403 for others, 409 where it was withdrawn already.
pub fn withdraw(conn: &mut Conn, ctx: &Ctx, id: VouchId, text: &str) -> Result<Vouch> {
    let record = super::read::seen(conn, ctx, id)?;
    let own = ctx.actor.is(record.voucher_id);
    authz::require(ctx, Action::WithdrawVouch, if own { &[Relation::Own] } else { &[] })?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", text, 1, rules::TEXT_MAX);
    fields.finish()?;
    if !store::withdraw(conn, id, &reason, ctx.now)? {
        return Err(Problem::wrong_state("It was withdrawn already."));
    }
    let change = Change::by(Action::WithdrawVouch, "vouch", id.uuid());
    let (before, after) = (VouchStatus::Signed, VouchStatus::Withdrawn);
    let change = change.from(json!({ "status": before })).to(json!({ "status": after }));
    audit::record(conn, ctx, change)?;
    let record = store::find(conn, id)?.ok_or_else(meanwhile)?;
    if let Some(facts) = applications::service::facts(conn, record.application_id)? {
        letters::withdrawn(conn, ctx, &facts, &record)?;
    }
    Ok(shown(record))
}
