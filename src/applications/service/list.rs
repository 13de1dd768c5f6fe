//! Lists, scoped by who asks before anything is read.

use super::see;
use crate::applications::model::{ApplicationRow, ApplicationStatus, Named};
use crate::applications::store::{self, Branch, Filter, Listed};
use crate::calls::model::Visibility;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{CallId, PersonId, of};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, PageOf};
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Which applications to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListApplications {
    /// Only in this status.
    pub status: Option<ApplicationStatus>,
    /// Only in this call.
    pub call_id: Option<CallId>,
    /// Only those that the actor applies with, is on the team of, or is invited to.
    pub mine: bool,
}

/// The statuses in which others than the team and the sponsor come across an application.
const SHOWN: [ApplicationStatus; 2] = [ApplicationStatus::Open, ApplicationStatus::Awarded];

/// A page of the applications that the actor may see, newest first: everybody the public ones that
/// are open or awarded, and their own; regrantors also private ones that they could fund; admins,
/// finance and auditors all but the drafts of others.
///
/// # Errors
/// 401 where somebody unknown asks for theirs.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    asked: ListApplications,
    page: &PageOf<of::Application>,
) -> Result<Page<ApplicationRow>> {
    authz::require(ctx, Action::ListApplications, &[])?;
    let filter = Filter { status: asked.status, call: asked.call_id };
    let me = if asked.mine { Some(ctx.me()?) } else { ctx.actor.person() };
    let email = match me {
        Some(me) => people::service::brief(conn, me)?.map(|person| person.email),
        None => None,
    };
    let funds = match me {
        Some(me) if ctx.actor.has(Role::Regrantor) => see::spendable(conn, ctx, me)?,
        _ => Vec::new(),
    };
    let mut branches = Vec::new();
    if let Some(me) = me {
        branches.extend([Branch::Own(me), Branch::Team(me)]);
    }
    // Of those for whom they may do something.
    let principals = delegations::service::principals(conn, ctx, None)?;
    branches.extend(principals.into_iter().map(Branch::Own));
    branches.extend(email.as_deref().map(Branch::Invited));
    if ctx.actor.is_sponsor() && !asked.mine {
        match (filter.status, filter.call) {
            (Some(_), Some(_)) => {
                branches.extend(Visibility::ALL.iter().map(|v| Branch::Submitted(Some(*v))));
            }
            _ => branches.push(Branch::Submitted(None)),
        }
    } else if !asked.mine {
        let wanted = |status: &ApplicationStatus| filter.status.is_none_or(|s| s == *status);
        for status in SHOWN.into_iter().filter(wanted) {
            branches.push(Branch::Public(status));
            if !funds.is_empty() {
                branches.push(Branch::Backed(status, &funds));
            }
        }
    }
    let rows = store::list(conn, &branches, filter, page)?;
    named(conn, Page::cut(rows, page.limit, |row| row.id))
}

pub(super) fn named(conn: &mut Conn, page: Page<Listed>) -> Result<Page<ApplicationRow>> {
    let people: Vec<PersonId> = page.items.iter().map(|row| row.applicant_id).collect();
    let names = people::service::names(conn, &people)?;
    Ok(page.map(|row| {
        let money = |minor: Option<i64>| Some(Money::new(minor?, row.currency?));
        let name = names.get(&row.applicant_id).cloned().unwrap_or_default();
        ApplicationRow {
            id: row.id,
            call_id: row.call_id,
            applicant: Named { id: row.applicant_id, name },
            status: row.status,
            amount_minimum: money(row.amount_minimum),
            amount_requested: money(row.amount_requested),
            offered: money(Some(row.offered)),
            visibility: row.visibility,
            promised_on: row.promised_on,
            submitted_at: row.submitted_at,
            created_at: row.created_at,
            title: row.title,
            summary: row.summary,
        }
    }))
}
