//! What is asked about payments that were drafted, approved, or came back: nothing that would be
//! refused as they stand.

use super::desk::theirs;
use super::more::More;
use super::next::NextStep;
use super::waiting::{page, step};
use crate::disbursements;
use crate::disbursements::model::{Disbursement, DisbursementStatus};
use crate::disbursements::service::ListDisbursements;
use crate::kernel::Result;
use crate::kernel::ids::{DisbursementId, PersonId};
use crate::kernel::time::{Date, Instant};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::minute;
use std::borrow::Cow;

/// Payments that another person drafted, or that wait to be sent.
pub(super) fn in_status(
    conn: &mut Conn,
    ctx: &Ctx,
    status: DisbursementStatus,
    more: &mut More,
) -> Result<Vec<Disbursement>> {
    let asked = ListDisbursements { status: Some(status), ..ListDisbursements::default() };
    Ok(more.page("disbursement", disbursements::service::list(conn, ctx, &asked, &page())?))
}

/// What stands in the way of a payment.
struct Stands {
    /// Its payee is not as it was drafted for.
    stale: bool,
    /// The bank was not given it.
    not_sent: bool,
    /// Paperwork of its grant is open.
    papers: bool,
    /// Its recipient is suspended.
    suspended: bool,
    /// Whoever approved it may not approve payments any more.
    unapproved: bool,
    /// Nothing is paid to the payee that its grant names before.
    from: Option<Instant>,
}

/// What is asked about a payment, by when, where it is sent, what comes then, and whose it is not.
struct Asked {
    what: Cow<'static, str>,
    due_on: Option<Date>,
    href: String,
    next: &'static str,
    not_by: Option<PersonId>,
}

/// What is asked about a payment now; nothing where that would be refused until somebody else has
/// done what they are asked for.
fn asked_of(row: &Disbursement, stands: &Stands) -> Option<Asked> {
    let act = |what: &'static str, act: &str, next: &'static str, not_by: Option<PersonId>| Asked {
        what: what.into(),
        due_on: None,
        href: format!("/api/v1/disbursements/{}/{act}", row.id),
        next,
        not_by,
    };
    let waits = stands.suspended || stands.papers || stands.from.is_some();
    Some(match row.status {
        DisbursementStatus::Drafted | DisbursementStatus::Approved if stands.stale => act(
            "Its payee changed since it was drafted: void it.",
            "void",
            "Then it is drafted again, for the account as it is now.",
            None,
        ),
        DisbursementStatus::Drafted if row.double_of.is_some() && row.double_reason.is_none() => {
            act(
                "It looks like another payment: say why both are meant, or void it.",
                "confirm-double",
                "Confirmed, it can be approved.",
                row.drafted_by,
            )
        }
        DisbursementStatus::Drafted | DisbursementStatus::Approved if waits => return None,
        DisbursementStatus::Returned if stands.suspended => return None,
        DisbursementStatus::Approved if stands.unapproved => act(
            "Whoever approved it may not approve payments any more: void it, and draft it again.",
            "void",
            "Drafted again, another person approves it.",
            None,
        ),
        DisbursementStatus::Drafted => act(
            "Compare it with the grant, and approve it.",
            "approve",
            "Approved, it goes to the bank with the next batch.",
            row.drafted_by,
        ),
        DisbursementStatus::Returned => {
            let (what, due_on) = try_again(stands);
            let next = "Tried again, another person approves it anew.";
            Asked { what, due_on, ..act("", "retry", next, None) }
        }
        _ => Asked {
            what: "Put it into a batch, and give the bank its file.".into(),
            due_on: None,
            href: "/api/v1/payment-batches".to_owned(),
            next: "When the bank has paid, record it as settled.",
            not_by: row.approved_by,
        },
    })
}

/// How a payment that came back, or was not sent, is tried again, and from which day on.
fn try_again(stands: &Stands) -> (Cow<'static, str>, Option<Date>) {
    let what = match (stands.papers, stands.from, stands.not_sent) {
        (true, _, true) => {
            "It was not sent: try it again, once the paperwork of its grant is settled."
        }
        (true, _, false) => {
            "The bank sent it back: try it again, once the paperwork of its grant is settled."
        }
        (false, Some(from), _) => {
            let from = minute(from);
            let what =
                format!("The bank details of its payee are new: try it again, from {from} on.");
            return (what.into(), stands.from.map(Instant::date));
        }
        (false, None, true) => "It was not sent: try it again, once nothing stands in its way.",
        (false, None, false) => {
            "The bank sent it back: have the account corrected, then try again."
        }
    };
    (what.into(), None)
}

/// What is asked about some payments, but of those that the person has a stake in.
pub(super) fn to_pay(
    conn: &mut Conn,
    ctx: &Ctx,
    me: PersonId,
    rows: Vec<Disbursement>,
) -> Result<Vec<NextStep>> {
    let mut all = theirs(conn, me, rows.iter().map(|row| row.grant_id).collect())?;
    all.retain(|_, grant| grant.status.may_pay());
    let ids: Vec<DisbursementId> = rows.iter().map(|row| row.id).collect();
    let stale = disbursements::service::stale(conn, &ids)?;
    let unsent = disbursements::service::not_sent(conn, &ids)?;
    let unsettled = disbursements::service::unsettled(conn, &ids)?;
    let suspended = disbursements::service::suspended(conn, &ids)?;
    let unapproved = disbursements::service::unapproved(conn, &rows)?;
    let cooling = disbursements::service::cooling(conn, ctx, &ids)?;
    let mut steps = Vec::new();
    for row in rows {
        let stands = Stands {
            stale: stale.contains(&row.id),
            not_sent: unsent.contains(&row.id),
            papers: unsettled.contains(&row.id),
            suspended: suspended.contains(&row.id),
            unapproved: unapproved.contains(&row.id),
            from: cooling.get(&row.id).copied(),
        };
        let Some(asked) = asked_of(&row, &stands).filter(|asked| asked.not_by != Some(me)) else {
            continue;
        };
        let Some(grant) = all.get(&row.grant_id) else { continue };
        let title = format!("{} for “{}”", row.amount, grant.title);
        let object = ("disbursement", row.id.uuid(), title);
        let todo = (&*asked.what, asked.due_on, asked.href);
        steps.push(step(object, &row.status.to_string(), todo, asked.next));
    }
    Ok(steps)
}
