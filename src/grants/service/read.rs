//! Looking at grants: who sees which, and where the money is.

use super::super::model::{
    Balances, GrantStatus, GrantSummary, SourceView, TrancheStatus, TrancheView,
};
use super::super::store::{self, Filter, Sight};
use super::paperwork::told;
use super::{GrantFacts, TrancheFacts, books, missing, relations, visible};
use crate::budgets;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::{Errand, Role};
use crate::kernel::ids::{ApplicationId, GrantId, PersonId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, PageQuery};
use crate::kernel::time::Date;
use crate::ledger;
use crate::ledger::service::{Days, Owner, Statement};
use crate::offers;
use crate::paperwork::model::RequirementView;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A grant with all that belongs to it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct GrantDetail {
    /// The grant itself.
    #[serde(flatten)]
    pub grant: GrantSummary,
    /// The tranches, in their order.
    pub tranches: Vec<TrancheView>,
    /// Who funds it.
    pub sources: Vec<SourceView>,
    /// What has to be on file.
    pub requirements: Vec<RequirementView>,
    /// Where the money is.
    pub balances: Balances,
}

/// `?status=&application_id=&limit=50&after=<cursor>`.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListGrants {
    /// Only those that stand here.
    pub status: Option<GrantStatus>,
    /// Only the one that this application became.
    pub application_id: Option<ApplicationId>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// Grants, newest first: one's own, one's team's, those that one's budgets pay for; all of them
/// for those who run, pay or audit.
pub fn list(conn: &mut Conn, ctx: &Ctx, query: &ListGrants) -> Result<Page<GrantSummary>> {
    authz::require(ctx, Action::ListGrants, &[])?;
    let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
    let filter = Filter {
        sight: sight(conn, ctx)?,
        status: query.status,
        application: query.application_id,
        for_whom: delegations::service::principals(conn, ctx, Some(Errand::Report))?,
    };
    let mut grants = store::list(conn, &filter, &page)?;
    grants.iter_mut().for_each(|grant| discreet(ctx, grant));
    Ok(Page::cut(grants, page.limit, |grant| grant.id))
}

/// Whom the bank pays is between the recipient and those who pay.
fn discreet(ctx: &Ctx, grant: &mut GrantSummary) {
    if !ctx.actor.is_sponsor() && !ctx.actor.is(grant.recipient_id) {
        grant.payee_id = None;
    }
}

/// Whether somebody sees the grant for no other reason than to report on it for the recipient: who
/// offered what is not theirs to know.
fn reports_only(conn: &mut Conn, ctx: &Ctx, facts: &GrantFacts) -> Result<bool> {
    if ctx.actor.is_sponsor() || ctx.actor.is(facts.recipient_id) {
        return Ok(false);
    }
    let found = relations(conn, ctx, facts)?;
    Ok(found.iter().all(|relation| matches!(relation, Relation::Delegate(_))))
}

pub(super) fn sight(conn: &mut Conn, ctx: &Ctx) -> Result<Sight> {
    if ctx.actor.is_sponsor() {
        return Ok(Sight::All);
    }
    let me = ctx.me()?;
    let budgets = match ctx.actor.has(Role::Regrantor) {
        true => budgets::service::held_by(conn, me)?,
        // As with one grant: whoever is no regrantor any more backs nothing.
        false => Vec::new(),
    };
    Ok(Sight::Theirs(me, budgets.into_iter().map(|budget| budget.id).collect()))
}

/// A grant with all that belongs to it.
///
/// # Errors
/// 404 if there is none in sight.
pub fn detail(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<GrantDetail> {
    let facts = visible(conn, ctx, id)?;
    let tranches = store::tranches(conn, id)?;
    let mut grant = store::summary(conn, id)?.ok_or_else(missing)?;
    discreet(ctx, &mut grant);
    let all = offers::service::reads_all(conn, ctx, facts.application_id)?;
    let mut sources = store::sources(conn, id, facts.currency, |by| all || ctx.actor.is(by))?;
    if reports_only(conn, ctx, &facts)? {
        sources.clear();
    }
    Ok(GrantDetail {
        grant,
        balances: balances(conn, &facts, &tranches)?,
        tranches: tranches.into_iter().map(view).collect(),
        sources,
        requirements: told(conn, ctx, &facts)?,
    })
}

/// Whose private offers fund a grant.
pub fn private_makers(conn: &mut Conn, grant: GrantId) -> Result<Vec<PersonId>> {
    store::private_backers(conn, grant)
}

/// Those of them who are not named to the actor: nor is what they do about the grant to tell who
/// they are.
pub fn unnamed(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<Vec<PersonId>> {
    let mut makers = private_makers(conn, grant.id)?;
    makers.retain(|maker| !ctx.actor.is(*maker));
    if makers.is_empty() || offers::service::reads_all(conn, ctx, grant.application_id)? {
        return Ok(Vec::new());
    }
    Ok(makers)
}

fn view(tranche: TrancheFacts) -> TrancheView {
    let was_released = !matches!(tranche.status, TrancheStatus::Planned | TrancheStatus::Cancelled);
    TrancheView {
        id: tranche.id,
        sequence: tranche.sequence,
        amount: tranche.money(),
        due_on: tranche.due_on,
        release_condition: tranche.release_condition,
        status: tranche.status,
        released_at: tranche.released_at.filter(|_| was_released),
    }
}

/// Where the money is: by the states of the tranches, and by the ledger what came back.
fn balances(conn: &mut Conn, grant: &GrantFacts, tranches: &[TrancheFacts]) -> Result<Balances> {
    let sum = |states: &[TrancheStatus]| -> i64 {
        tranches.iter().filter(|t| states.contains(&t.status)).map(|t| t.amount).sum()
    };
    let out = [TrancheStatus::Released, TrancheStatus::Instructed, TrancheStatus::Paid];
    let spent: i64 = books::spent(conn, grant)?.iter().map(|part| part.amount).sum();
    let money = |minor| Money::new(minor, grant.currency);
    Ok(Balances {
        committed: money(sum(&[TrancheStatus::Planned])),
        payable: money(sum(&[TrancheStatus::Released])),
        in_transit: money(sum(&[TrancheStatus::Instructed])),
        paid: money(sum(&[TrancheStatus::Paid])),
        refunded: money(sum(&out) - spent),
        cancelled: money(sum(&[TrancheStatus::Cancelled])),
    })
}

/// What was paid of a grant and not given back.
pub fn kept(conn: &mut Conn, (id, currency): (GrantId, Currency)) -> Result<Money> {
    let kept = kept_of(conn, &[id])?.get(&id).copied().unwrap_or(0);
    Ok(Money::new(kept, currency))
}

/// The same of these grants, in minor units of each one's currency; those of which nothing was
/// released may be left out. What was released and is not spent any more was given back.
pub fn kept_of(conn: &mut Conn, ids: &[GrantId]) -> Result<BTreeMap<GrantId, i64>> {
    let mut sums = ledger::service::spent_of(conn, ids)?;
    for (grant, amount) in store::owed(conn, ids)? {
        let sum = sums.entry(grant).or_default();
        *sum = sum.saturating_sub(amount).max(0);
    }
    Ok(sums)
}

/// `?from=&to=&limit=50&after=<cursor>`.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, inclusive.
    pub to: Option<Date>,
    /// Lines to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// What happened on the grant's accounts, in the order of days, with the balances before and
/// after.
///
/// # Errors
/// 404 if there is none in sight, or the statement is not the actor's to see.
pub fn statement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    query: &StatementQuery,
) -> Result<Statement> {
    let grant = store::find(conn, id)?.ok_or_else(missing)?;
    let relations = relations(conn, ctx, &grant)?;
    authz::require(ctx, Action::GetGrantStatement, &relations)?;
    let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
    let days = Days { from: query.from, to: query.to };
    ledger::service::statement(conn, Owner::Grant(id), days, &page)
}

/// What the ledger must hold committed, by grant and currency (invariant 4).
pub fn expected_committed(conn: &mut Conn) -> Result<Vec<(GrantId, Currency, i64)>> {
    store::sums(conn, TrancheStatus::Planned)
}

/// What the ledger must hold payable, by grant and currency (invariant 4).
pub fn expected_payable(conn: &mut Conn) -> Result<Vec<(GrantId, Currency, i64)>> {
    store::sums(conn, TrancheStatus::Released)
}
