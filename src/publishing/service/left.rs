//! Money that was given for an application and is left when that has ended: as much as was not part
//! of its grant; or when it has left the calls in which the money may be spent. Whoever answers for
//! its call hears that it waits for another use.

use super::super::rules;
use super::letters;
use crate::funds::model::Earmark;
use crate::grants::model::GrantStatus;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, GrantId};
use crate::kernel::money::Money;
use crate::offers::model::OfferStatus;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, funds, grants, offers};

/// An application has ended: tells of what is held for it, and of what is offered to it and about
/// to be held. Nobody is told where nothing is, or it goes on by now after an appeal.
pub(in crate::publishing) fn ended(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    let unspent = funds::service::unspent_for(conn, id)?;
    if unspent.is_empty() {
        return Ok(());
    }
    let found = applications::service::as_handed_in(conn, id)?;
    let Some(facts) = found.filter(|facts| !rules::may_still_get(facts.status)) else {
        return Ok(());
    };
    // The job that spends what is part of the grant tells of the rest.
    if !committed(conn, id)?.is_empty() {
        return Ok(());
    }
    let left: Vec<Money> = unspent.into_iter().map(|(_, money)| money).collect();
    letters::left(conn, ctx, &facts, &left)
}

/// An application left this call, or one that is not known: tells of what is held for it, or about
/// to be, of funds that may spend there and in none of the calls that it is in. Where it has ended
/// with that, [`ended`] tells.
pub(in crate::publishing) fn stranded(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, call): (ApplicationId, Option<CallId>),
) -> Result<()> {
    let found = applications::service::as_handed_in(conn, id)?;
    let Some(facts) = found.filter(|facts| rules::may_still_get(facts.status)) else {
        return Ok(());
    };
    let (left, waits) = applications::service::stranded(conn, ctx, (&facts, call))?;
    if left.is_empty() {
        return Ok(());
    }
    let call = match call {
        Some(call) => call,
        None => applications::service::lead_call(conn, &facts)?,
    };
    letters::stranded(conn, ctx, (&facts, call), (&left, waits))
}

/// The earmarked money of an application that is part of a grant, and not yet noted as spent.
fn committed(conn: &mut Conn, id: ApplicationId) -> Result<Vec<Earmark>> {
    let mut committed = Vec::new();
    for earmark in funds::service::offered_for(conn, id)? {
        let offer = match earmark.offer_id {
            Some(offer) => offers::service::facts(conn, offer)?,
            None => None,
        };
        if offer.is_some_and(|o| o.status == OfferStatus::Committed) {
            committed.push(earmark);
        }
    }
    Ok(committed)
}

/// A grant was awarded: the earmarked money among its offers is spent as it was meant, and what is
/// left is told of. Of a grant that was cancelled since, [`cancelled`] tells.
pub(in crate::publishing) fn granted(conn: &mut Conn, ctx: &Ctx, grant: GrantId) -> Result<()> {
    let Some(grant) = grants::service::facts(conn, grant)? else { return Ok(()) };
    for earmark in committed(conn, grant.application_id)? {
        funds::service::spent_earmark(conn, ctx, &earmark)?;
    }
    match grant.status {
        GrantStatus::Cancelled => Ok(()),
        _ => ended(conn, ctx, grant.application_id),
    }
}

/// A grant was cancelled before it began: what it was to be paid with is held again.
pub(in crate::publishing) fn cancelled(conn: &mut Conn, ctx: &Ctx, grant: GrantId) -> Result<()> {
    match grants::service::facts(conn, grant)? {
        Some(grant) => ended(conn, ctx, grant.application_id),
        None => Ok(()),
    }
}
