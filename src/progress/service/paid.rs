//! What the recipient of a grant is told about its payments.

use crate::disbursements::model::OwedAgain;
use crate::grants::model::{GrantStatus, TrancheStatus};
use crate::grants::service::{GrantFacts, TrancheFacts};
use crate::kernel::Result;
use crate::kernel::time::Instant;
use crate::paperwork::model::RequirementKind;
use crate::payees::model::{PayeeFacts, PayeeStatus};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::minute;
use crate::{disbursements, grants, paperwork, payees};

/// What is told where a payment did not reach the bank.
const NOT_SENT: &str =
    "A payment was taken back before the bank sent it: finance prepares it again";

/// What is told where the bank sent a payment back.
const CAME_BACK: &str = "The bank sent a payment back: if the account of your payee is wrong, \
                         correct it. Then finance pays it again.";

/// What comes next of the payments of a grant that is active or winding down.
pub(super) fn next_payment(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<String> {
    let tranches = grants::service::tranches(conn, grant.id)?;
    let ends = grant.status == GrantStatus::WindingDown;
    if let Some(told) = owed(conn, ctx, grant, &tranches)? {
        return Ok(if ends { format!("{told} Then it is closed.") } else { told });
    }
    Ok(match (ends, planned(&tranches)) {
        (true, _) => "Nothing is left to pay; it will be closed.".into(),
        (false, Some(told)) => told,
        (false, None) => "Everything is paid; what is left are its reports and checkpoints, then \
                          it is closed."
            .into(),
    })
}

/// What holds up, or comes next of, what is owed; of a tranche that is planned only that nothing is
/// released yet.
fn owed(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    tranches: &[TrancheFacts],
) -> Result<Option<String>> {
    let any = |status| tranches.iter().any(|t| t.status == status);
    let released = any(TrancheStatus::Released);
    let again = if released { owed_again(conn, ctx, grant)? } else { None };
    let screened = |conn: &mut Conn| paperwork::service::screened(conn, grant.id);
    if let Some(told) = again {
        return Ok(Some(match screened(conn)? {
            true => told,
            false => format!("{told} The sponsor makes its own check before."),
        }));
    }
    if any(TrancheStatus::Instructed) {
        return Ok(Some(match disbursements::service::given(conn, grant.id)? {
            true => "The bank was told to pay you; it takes a few days.".into(),
            false => "Your payment is prepared: finance gives it to the bank next.".into(),
        }));
    }
    if (released || any(TrancheStatus::Planned)) && !screened(conn)? {
        let told = "The sponsor still makes its own check; nothing is released or paid before.";
        return Ok(Some(told.into()));
    }
    if !released {
        return Ok(None);
    }
    if !paperwork::service::all_settled(conn, grant.id, RequirementKind::ALL)? {
        let told =
            "Finance pays the tranche that is released once all paperwork of the grant is settled.";
        return Ok(Some(told.into()));
    }
    let payee = its_payee(conn, grant)?;
    Ok(Some(match cools(ctx, payee.as_ref()) {
        Some(from) => format!(
            "Finance pays the tranche that is released from {} on: your bank details are new.",
            minute(from)
        ),
        None => "Finance pays the tranche that is released.".into(),
    }))
}

/// What comes next of the tranches that are planned, if any are. What a person took back only a
/// person releases again.
fn planned(tranches: &[TrancheFacts]) -> Option<String> {
    let planned = |t: &&TrancheFacts| t.status == TrancheStatus::Planned;
    let (taken, waiting): (Vec<_>, Vec<_>) =
        tranches.iter().filter(planned).partition(|t| t.released_at.is_some());
    let mut told: Vec<String> = taken
        .iter()
        .map(|t| {
            format!(
                "The release of tranche {}, {}, was taken back: it is paid once somebody releases \
                 it again.",
                t.sequence,
                t.money()
            )
        })
        .collect();
    if !waiting.is_empty() {
        told.push("The next tranche is released when its condition holds.".into());
    }
    (!told.is_empty()).then(|| told.join(" "))
}

/// What is told about payments that are owed again, if there are any.
fn owed_again(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<Option<String>> {
    let Some(how) = disbursements::service::owed_again(conn, grant.id)? else { return Ok(None) };
    let payee = its_payee(conn, grant)?;
    let from = cools(ctx, payee.as_ref()).map(minute);
    let verified = payee.is_some_and(|payee| payee.status == PayeeStatus::Verified);
    Ok(Some(match (how, from) {
        (OwedAgain::CameBack, None) => CAME_BACK.into(),
        (OwedAgain::CameBack, Some(from)) => format!(
            "The bank sent a payment back. Your bank details are new: finance pays it again from \
             {from} on."
        ),
        (OwedAgain::NotSent, None) if verified => format!("{NOT_SENT}."),
        (OwedAgain::NotSent, None) => format!("{NOT_SENT} once your payee is verified again."),
        (OwedAgain::NotSent, Some(from)) => {
            format!("{NOT_SENT} from {from} on: your bank details are new.")
        }
    }))
}

/// From when on a payee can be paid to that was verified, where that is to come.
fn cools(ctx: &Ctx, payee: Option<&PayeeFacts>) -> Option<Instant> {
    payee.and_then(|payee| payees::rules::cools_until(payee, ctx.now))
}

/// Whom a grant is paid to, if somebody is named.
pub(super) fn its_payee(conn: &mut Conn, grant: &GrantFacts) -> Result<Option<PayeeFacts>> {
    match grant.payee_id {
        Some(id) => payees::service::facts(conn, id),
        None => Ok(None),
    }
}
