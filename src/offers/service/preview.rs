//! What an offer would do, without making it.

use super::super::model::{OfferPreview, PlaceOffer};
use super::super::rules::{self, Decision, Promise};
use super::funding::{Goal, promises};
use super::place::{Prepared, facts, prepare};
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// What the application has without this offer and with it, and what the offer would come to. Says
/// no as the offer itself would; whether its budget has enough left shows only then.
///
/// # Errors
/// As for placing it, but for the money.
pub fn preview(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    form: &PlaceOffer,
) -> Result<OfferPreview> {
    let Prepared { application, budget, form, regrantor } =
        prepare(conn, ctx, (Action::PreviewOffer, application), form)?;
    let (facts, _) = facts(conn, ctx, (&application, &budget, regrantor), &form, false)?;
    let decision = rules::may_offer(&facts)?;
    let goal = Goal::of(&application)?;
    let mut all = promises(conn, ctx, application.id)?;
    let without = rules::resolve(&all).into_values().sum();
    let id = ctx.id();
    all.push(Promise { id, by: regrantor, most: form.amount.minor(), terms: form.terms });
    let granted = rules::resolve(&all);
    Ok(OfferPreview {
        needs_approval: decision != Decision::Place,
        yours: goal.money(granted.get(&id).copied().unwrap_or(0)),
        without: goal.sum(without),
        with: goal.sum(granted.into_values().sum()),
    })
}
