//! A grant does not wait in silence for its paperwork: its recipient is reminded before its day and
//! after it, and once it is two weeks late those who pay for it and admins hear of it.

use super::super::store;
use super::{GrantFacts, notify, readers};
use crate::grants::model::GrantStatus;
use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::kernel::time::Date;
use crate::paperwork;
use crate::paperwork::model::{Reminder, RequirementKind, RequirementStatus};
use crate::payees;
use crate::payees::model::PayeeStatus;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// What is missing: what is asked of the recipient, if they are waited for, and what others are
/// told.
type Missing = (Option<&'static str>, &'static str);

/// Grants of whose paperwork somebody is to be reminded today; up to `limit` papers are looked at.
pub fn to_remind(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<GrantId>> {
    Ok(paperwork::service::due(conn, ctx, limit)?.into_iter().collect())
}

/// Reminds of what a grant needs, once for each day that was noted; of all of it in one mail to
/// each. While a grant rests nobody is asked, and once it has ended nothing is noted any more.
pub fn remind(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<()> {
    let Some(grant) = store::find(conn, id)? else { return Ok(()) };
    // While it rests nothing is noted either: it is spoken of when it goes on.
    if grant.status == GrantStatus::Paused {
        return Ok(());
    }
    let goes_on = !grant.status.has_ended();
    let due = paperwork::service::take_due(conn, ctx, id, goes_on)?;
    if !goes_on {
        return Ok(());
    }
    let (mut asked, mut lacks, mut since) = (Vec::new(), Vec::new(), None);
    for it in due {
        let Some((asks, told)) = missing(conn, &grant, &it)? else { continue };
        asked.extend(asks.map(|asks| (asks, it.due_on)));
        if it.long_late {
            lacks.push(told);
            since = Some(since.map_or(it.due_on, |day: Date| day.min(it.due_on)));
        }
    }
    let reminded = notify::wanted(conn, ctx, &grant, &asked)?;
    match since {
        Some(since) => readers::stuck(conn, ctx, &grant, (&lacks, since), reminded),
        None => Ok(()),
    }
}

/// Who is waited for, and for what; `None` for nobody.
fn missing(conn: &mut Conn, grant: &GrantFacts, it: &Reminder) -> Result<Option<Missing>> {
    Ok(match it.kind {
        RequirementKind::Agreement => {
            Some(match paperwork::service::signed_by_recipient(conn, grant.id)? {
                true => (None, "The agreement waits to be signed for the sponsor."),
                false => (Some(it.kind.asks()), "Its recipient has not signed the agreement."),
            })
        }
        RequirementKind::Payee if it.status == RequirementStatus::Provided => payee(conn, grant)?,
        RequirementKind::Payee => {
            Some((Some(it.kind.asks()), "Its recipient has not named a payee."))
        }
        RequirementKind::TaxForm => {
            Some((Some(it.kind.asks()), "Its recipient has not given a tax form that will do."))
        }
        RequirementKind::Screening => None,
    })
}

/// The payee that is named was found wrong or not handed in again, or waits to be verified.
fn payee(conn: &mut Conn, grant: &GrantFacts) -> Result<Option<Missing>> {
    let Some(id) = grant.payee_id else { return Ok(None) };
    let Some(payee) = payees::service::facts(conn, id)? else { return Ok(None) };
    Ok(match payee.status {
        PayeeStatus::Verified => None,
        PayeeStatus::Submitted => Some((None, "Its payee waits to be verified.")),
        PayeeStatus::Incomplete => Some((
            Some("Correct your payee, and hand it in again."),
            "Its recipient has not corrected the payee.",
        )),
        PayeeStatus::Rejected => Some((
            Some("Correct your payee: that hands it in again."),
            "Its recipient has not corrected the payee.",
        )),
    })
}
