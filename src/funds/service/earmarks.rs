//! Earmarks: money of a fund that was given for one application. Until it is offered there nobody
//! else may have it; where the application ends without it, or leaves the calls in which the fund
//! may spend, an admin gives it another use.

use super::super::model::{Contribution, Earmark, EarmarkStatus};
use super::super::store;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ContributionId, EarmarkId, FundId, OfferId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// Which earmarks to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListEarmarks {
    /// Only in this state.
    pub status: Option<EarmarkStatus>,
    /// Only for this application.
    pub application_id: Option<ApplicationId>,
}

/// Ties what is left of a contribution after the fee to an application.
pub fn earmark(
    conn: &mut Conn,
    ctx: &Ctx,
    given: &Contribution,
    application: ApplicationId,
) -> Result<Option<Earmark>> {
    let net = given.amount.checked_sub(given.fee).map_err(Problem::internal)?;
    // Of the smallest amounts the fee may take all.
    if !net.is_positive() {
        return Ok(None);
    }
    let row = Earmark {
        id: ctx.id(),
        contribution_id: given.id,
        application_id: application,
        fund_id: given.fund_id,
        given: given.amount,
        amount: net,
        status: EarmarkStatus::Held,
        offer_id: None,
        reason: None,
        decided_by: None,
        decided_at: None,
        created_at: ctx.now,
    };
    store::insert_earmark(conn, &row)?;
    Ok(Some(row))
}

/// Earmarks, newest first. They name no giver.
pub fn list_earmarks(
    conn: &mut Conn,
    ctx: &Ctx,
    wanted: ListEarmarks,
    page: &PageOf<of::Earmark>,
) -> Result<Page<Earmark>> {
    authz::require(ctx, Action::ListEarmarks, &[])?;
    let rows = store::earmarks(conn, wanted.status, wanted.application_id, page)?;
    Ok(Page::cut(rows, page.limit, |row| row.id))
}

/// What an earmark is given for.
///
/// # Errors
/// 404 if there is none.
pub fn application_of(conn: &mut Conn, id: EarmarkId) -> Result<ApplicationId> {
    store::application_of(conn, id)?.ok_or_else(|| Problem::not_found("earmark"))
}

/// Whether a contribution was recorded in error.
pub fn is_undone(conn: &mut Conn, id: ContributionId) -> Result<bool> {
    store::is_undone(conn, id)
}

/// One earmark, held until the transaction ends. Whoever holds its application, or its budget and
/// fund, does so in this order: application, earmark, budget, fund.
///
/// # Errors
/// 404 if there is none.
pub fn held_earmark(conn: &mut Conn, id: EarmarkId) -> Result<Earmark> {
    store::hold_earmark(conn, id)?.ok_or_else(|| Problem::not_found("earmark"))
}

/// The earmark that an offer is made of, if it is made of one.
pub fn earmark_of_offer(conn: &mut Conn, offer: OfferId) -> Result<Option<Earmark>> {
    store::earmark_of_offer(conn, offer)
}

/// What was given for an application in a currency, before fees, and by how many; what has another
/// use by now, or never came, apart.
pub fn given_for(
    conn: &mut Conn,
    application: ApplicationId,
    currency: Currency,
) -> Result<(Money, i64)> {
    let (sum, count) = store::given_for(conn, application, currency)?;
    Ok((Money::new(sum, currency), count))
}

/// What each fund holds for some applications and nobody has offered there yet; those for which
/// nothing is held are left out. Whether a fund may still spend there, `applications` knows.
pub fn held_for(
    conn: &mut Conn,
    applications: &[ApplicationId],
) -> Result<Vec<(ApplicationId, FundId, Money)>> {
    match applications.is_empty() {
        true => Ok(Vec::new()),
        false => store::held_for(conn, applications),
    }
}

/// What was given for an application, after fees, and is held for it or offered there, by fund.
pub fn unspent_for(conn: &mut Conn, application: ApplicationId) -> Result<Vec<(FundId, Money)>> {
    store::unspent_for(conn, application)
}

/// Whether money was given for an application that has no other use yet.
pub fn any_given_for(conn: &mut Conn, application: ApplicationId) -> Result<bool> {
    store::any_given_for(conn, application)
}

/// What funds hold for applications, for proving that it is there.
pub fn expected_tied(conn: &mut Conn) -> Result<Vec<(FundId, Currency, i64)>> {
    store::tied(conn)
}

/// From one state to another.
fn turn(
    conn: &mut Conn,
    ctx: &Ctx,
    (from, to): (&Earmark, EarmarkStatus),
    offer: Option<OfferId>,
    reason: Option<&str>,
) -> Result<()> {
    let decided = (ctx.actor.person(), ctx.now);
    match store::turn_earmark(conn, (from.id, from.status, to), offer, reason, decided)? {
        true => Ok(()),
        false => Err(Problem::changed_meanwhile("earmark")),
    }
}

/// It is about to be offered: the fund holds it for nobody any more. What follows belongs to the
/// same transaction, up to [`offered_earmark`].
pub fn untie_earmark(conn: &mut Conn, ctx: &Ctx, earmark: &Earmark) -> Result<()> {
    turn(conn, ctx, (earmark, EarmarkStatus::Offered), None, None)
}

/// It was offered.
pub fn offered_earmark(conn: &mut Conn, ctx: &Ctx, untied: &Earmark, offer: OfferId) -> Result<()> {
    let untied = Earmark { status: EarmarkStatus::Offered, ..untied.clone() };
    turn(conn, ctx, (&untied, EarmarkStatus::Offered), Some(offer), None)
}

/// Its offer was released: the fund holds it again.
pub fn tie_earmark_again(conn: &mut Conn, ctx: &Ctx, earmark: &Earmark) -> Result<()> {
    turn(conn, ctx, (earmark, EarmarkStatus::Held), None, None)?;
    log(conn, ctx, "hold_earmark", earmark, EarmarkStatus::Held)
}

/// Its offer became part of a grant.
pub fn spent_earmark(conn: &mut Conn, ctx: &Ctx, earmark: &Earmark) -> Result<()> {
    turn(conn, ctx, (earmark, EarmarkStatus::Spent), earmark.offer_id, None)?;
    log(conn, ctx, "spend_earmark", earmark, EarmarkStatus::Spent)
}

/// What became of it by itself, for who follows it later.
fn log(
    conn: &mut Conn,
    ctx: &Ctx,
    action: &'static str,
    of: &Earmark,
    to: EarmarkStatus,
) -> Result<()> {
    let change = Change {
        action,
        object: ("earmark", of.id.uuid()),
        before: Some(json!({ "status": of.status, "offer_id": of.offer_id })),
        after: Some(json!({ "status": to, "application_id": of.application_id })),
    };
    audit::record(conn, ctx, change)
}

/// It gets another use.
pub fn reassigned_earmark(conn: &mut Conn, ctx: &Ctx, of: &Earmark, reason: &str) -> Result<()> {
    turn(conn, ctx, (of, EarmarkStatus::Reassigned), None, Some(reason))
}

/// Its contribution was recorded in error. Why is not said here: regrantors read it.
pub(super) fn undone_earmark(conn: &mut Conn, ctx: &Ctx, of: &Earmark) -> Result<()> {
    let reason = "The contribution was recorded in error.";
    turn(conn, ctx, (of, EarmarkStatus::Undone), None, Some(reason))?;
    let change = Change::by(Action::UndoContribution, "earmark", of.id.uuid())
        .from(json!({ "status": of.status, "application_id": of.application_id }))
        .to(json!({ "status": EarmarkStatus::Undone }));
    audit::record(conn, ctx, change)
}

/// Earmarks of an application that are part of an offer.
pub fn offered_for(conn: &mut Conn, application: ApplicationId) -> Result<Vec<Earmark>> {
    store::offered_for(conn, application)
}

/// Holds a fund until the transaction ends.
pub fn hold(conn: &mut Conn, fund: FundId) -> Result<()> {
    store::hold(conn, fund)?.map(drop).ok_or_else(|| Problem::not_found("fund"))
}

/// What of a fund's unallocated money is tied to applications. The fund is held until the
/// transaction ends, so that nobody else ties or allocates meanwhile.
pub fn tied(conn: &mut Conn, fund: FundId) -> Result<i64> {
    store::hold(conn, fund)?;
    store::held_in(conn, fund)
}
