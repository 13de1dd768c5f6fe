//! What looks like a payment made twice: held, until somebody other than who drafted it says why it
//! is meant.

use super::super::model::{Act, Disbursement};
use super::super::{rules, store};
use super::{bank, tell};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::DisbursementId;
use crate::kernel::problem::{Kind, Problem};
use crate::payees::service::PayeeFacts;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{delegations, payees};
use serde::Deserialize;
use serde_json::json;

/// Seconds within which a second payment of the same amount to the same payee or account is held,
/// from when the bank was told.
const DOUBLE_SECONDS: i64 = 3 * 24 * 3600;

/// The payment that this one looks like: of the same amount to the same payee, or to the same
/// account under whatever payee. What counts is the account that each was drafted for, not what its
/// payee has since. `but` is the payment that is tried again.
pub(super) fn look(
    conn: &mut Conn,
    ctx: &Ctx,
    (payee, amount): (&PayeeFacts, i64),
    but: Option<DisbursementId>,
) -> Result<Option<DisbursementId>> {
    if ctx.actor.is_system() {
        return Ok(None);
    }
    // Two drafts at the same moment do not miss each other.
    payees::service::hold(conn, payee)?;
    let since = ctx.now.plus_seconds(-DOUBLE_SECONDS);
    store::similar(conn, (payee.id, &payee.fingerprint), amount, since, but)
}

/// Refuses a double, naming the other, unless the drafter says that it is meant. Asked last: that a
/// tranche has a payment already says more.
pub(super) fn refuse(it: &Disbursement, meant: bool) -> Result<()> {
    let Some(other) = it.double_of.filter(|_| !meant) else { return Ok(()) };
    let detail = format!(
        "The same amount waits to be paid to this payee or account, or was within three days \
         (disbursement {other}). If this is meant, send \"despite_double\": true: it is drafted, \
         and held until somebody else confirms it."
    );
    Err(Problem::new(Kind::LimitReached, detail))
}

/// Refuses what is held as a double and was not confirmed.
pub(super) fn settled(it: &Disbursement) -> Result<()> {
    let (Some(other), None) = (it.double_of, it.double_confirmed_by) else { return Ok(()) };
    let detail = format!(
        "It is held: it looks like disbursement {other} made twice. Somebody other than who \
         drafted it has to confirm, with a reason, that it is meant, or void it."
    );
    Err(Problem::wrong_state(detail))
}

/// Why a double is meant.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmForm {
    /// For who approves it, and for those who look at it later.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Says that a payment which looks like another is meant: somebody other than who drafted it, who
/// does not gain from it.
pub fn confirm(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DisbursementId,
    form: &ConfirmForm,
) -> Result<Disbursement> {
    authz::require(ctx, Action::ConfirmDouble, &[])?;
    let mut fields = Fields::new();
    let reason = fields.line("/reason", &form.reason, 1, 500);
    fields.finish()?;
    let loaded = bank::held(conn, ctx, id)?;
    super::keep_hands(conn, ctx, std::slice::from_ref(&loaded))?;
    super::unbiased(conn, ctx, &loaded.grant)?;
    let it = &loaded.it;
    it.status.after(Act::Approve)?;
    let (Some(other), None) = (it.double_of, it.double_confirmed_by) else {
        return Err(Problem::wrong_state("It is not held as a double of another payment."));
    };
    rules::may_confirm(&loaded.hands(), ctx.actor.person())?;
    delegations::service::another_side(conn, ctx, (it.drafted_by, it.created_at), "drafted it")?;
    let set = store::Set {
        version: Some(it.version + 1),
        double_confirmed_by: Some(ctx.actor.person()),
        double_reason: Some(Some(reason.clone())),
        ..Default::default()
    };
    if !store::change(conn, it, &set)? {
        return Err(Problem::changed_meanwhile("disbursement"));
    }
    let change = Change::by(Action::ConfirmDouble, "disbursement", id.uuid())
        .to(json!({ "double_of": other, "reason": reason }));
    audit::record(conn, ctx, change)?;
    let now = super::load(conn, id)?.it;
    tell::line(conn, ctx, "double_confirmed", (Some(it), &now), None)?;
    Ok(now)
}
