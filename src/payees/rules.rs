//! Decisions about payees, from facts alone.

mod account;
mod countries;

pub use account::{account, country};

use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::payees::model::{Method, PayeeFacts, PayeeStatus, Sharing, VerifyPayee};

/// Most payees that one person has.
pub const MAX_PAYEES: i64 = 20;

/// Whether money may go to this payee now: it is verified, and its cooling period is over.
///
/// # Errors
/// 409 `wrong_state` while it is not verified, 409 `cooling_period` with the moment from which on
/// it can be paid.
pub fn usable(payee: &PayeeFacts, now: Instant) -> Result<()> {
    if payee.status != PayeeStatus::Verified {
        let detail = format!("The payee is {}: only a verified one is paid.", payee.status);
        return Err(Problem::wrong_state(detail));
    }
    // What is paid elsewhere has no details that change, and imports know no order of days.
    if payee.method == Method::External {
        return Ok(());
    }
    let never = || Problem::wrong_state("The payee was never verified.");
    let from = payee.usable_from.ok_or_else(never)?;
    if now >= from {
        return Ok(());
    }
    let detail = format!("The payee's bank details were changed: nothing is paid before {from}.");
    Err(Problem::new(Kind::CoolingPeriod, detail))
}

/// From when on a verified payee may be paid to, where its cooling period is not over.
pub fn cools_until(payee: &PayeeFacts, now: Instant) -> Option<Instant> {
    let cools = payee.status == PayeeStatus::Verified && payee.method != Method::External;
    payee.usable_from.filter(|from| cools && *from > now)
}

/// From when on new details may be paid to, at the earliest. `known` tells whether the person ever
/// had a payee that could be paid to; without one there is nobody to protect yet, and the details
/// can be used once verified. With one it is the cooling period from now, and never earlier than
/// it was before.
pub fn cooled(
    before: Option<Instant>,
    known: bool,
    now: Instant,
    cooling_hours: i64,
) -> Option<Instant> {
    if !known && before.is_none() {
        return None;
    }
    let end = now.plus_seconds(cooling_hours.saturating_mul(3600));
    Some(before.map_or(end, |b| b.max(end)))
}

/// Where a payee stands after its owner edited it.
pub const fn after_edit(status: PayeeStatus, details_changed: bool) -> PayeeStatus {
    match status {
        PayeeStatus::Submitted | PayeeStatus::Verified | PayeeStatus::Rejected
            if details_changed =>
        {
            PayeeStatus::Submitted
        }
        other => other,
    }
}

/// Whether its owner may hand it in.
///
/// # Errors
/// 409 unless it is incomplete or was rejected.
pub fn may_submit(status: PayeeStatus) -> Result<()> {
    match status {
        PayeeStatus::Incomplete | PayeeStatus::Rejected => Ok(()),
        other => Err(Problem::wrong_state(format!("The payee is {other} already."))),
    }
}

/// Whether finance may reject it, or withdraw its verification.
///
/// # Errors
/// 409 unless it is submitted or verified.
pub fn may_reject(payee: &PayeeFacts) -> Result<()> {
    match payee.status {
        PayeeStatus::Submitted | PayeeStatus::Verified if payee.method != Method::External => {
            Ok(())
        }
        other => Err(Problem::wrong_state(format!("The payee is {other}: it cannot be rejected."))),
    }
}

/// Whether a person may verify a payee.
///
/// # Errors
/// 403 `two_persons` for whoever owns or wrote it, or has the same account; 409 when it is not
/// submitted, was changed since they looked at it, or shares its account without their word.
pub fn may_verify(
    payee: &PayeeFacts,
    person: Option<PersonId>,
    form: &VerifyPayee,
    sharing: Sharing,
) -> Result<()> {
    if let Some(person) = person {
        let reason = if person == payee.person_id {
            "This payee is yours: somebody else of finance has to verify it."
        } else if person == payee.edited_by {
            "You wrote these details: somebody else of finance has to verify them."
        } else if sharing.acting {
            "You have a payee with the same account: somebody else of finance has to verify it."
        } else {
            ""
        };
        if !reason.is_empty() {
            return Err(Problem::new(Kind::TwoPersons, reason));
        }
    }
    if payee.status != PayeeStatus::Submitted {
        let detail = format!("The payee is {}: only a submitted one is verified.", payee.status);
        return Err(Problem::wrong_state(detail));
    }
    if payee.details_version != form.details_version {
        let detail = format!(
            "The details were changed since you looked at them: they are now version {}.",
            payee.details_version
        );
        return Err(Problem::wrong_state(detail));
    }
    if sharing.others > 0 && !form.confirm_shared_account {
        let detail = "The same account is registered under another person's payee. Find out why. \
                      If it is right, as for a university's account, send \
                      \"confirm_shared_account\": true.";
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
