//! Lists, scoped by who asks before anything is read.

use super::{see, versions};
use crate::applications::model::{ApplicationRow, ApplicationStatus, Named};
use crate::applications::store::{self, Amounts, Branch, Filter, Listed};
use crate::calls;
use crate::calls::model::Visibility;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{ApplicationId, CallId, FundId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, PageOf};
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::{BTreeMap, BTreeSet};

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
    let filter = Filter { status: asked.status, call: asked.call_id, ..Filter::default() };
    let sight = Sight::of(conn, ctx, asked.mine)?;
    if let Some(call) = asked.call_id.filter(|_| !asked.mine)
        && !may_ask(conn, ctx, &sight, call)?
    {
        // Not even a `next` tells that there is such a call.
        return Ok(Page { items: Vec::new(), next: None });
    }
    let mut branches = sight.theirs();
    if ctx.actor.is_sponsor() && !asked.mine {
        match (filter.status, filter.call) {
            (Some(_), Some(_)) => {
                branches.extend(Visibility::ALL.iter().map(|v| Branch::Submitted(Some(*v))));
            }
            _ => branches.push(Branch::Submitted(None)),
        }
    } else if !asked.mine {
        branches.extend(sight.shown(filter.status));
    }
    sight.narrow(conn, ctx, filter.call, &mut branches)?;
    let rows = store::list(conn, &branches, filter, page)?;
    let by_call = asked.call_id.is_some();
    named(conn, ctx, by_call, Page::cut(rows, page.limit, |row| row.id))
}

/// What decides which applications somebody may come across.
struct Sight {
    me: Option<PersonId>,
    /// Those for whom they may do something.
    principals: Vec<PersonId>,
    email: Option<String>,
    funds: Vec<FundId>,
}

impl Sight {
    /// The actor's; where they ask for `mine`, they have to be somebody.
    fn of(conn: &mut Conn, ctx: &Ctx, mine: bool) -> Result<Self> {
        let me = if mine { Some(ctx.me()?) } else { ctx.actor.person() };
        let email = match me {
            Some(me) => people::service::brief(conn, me)?.map(|person| person.email),
            None => None,
        };
        let funds = match me {
            Some(me) if ctx.actor.has(Role::Regrantor) => see::spendable(conn, ctx, me)?,
            _ => Vec::new(),
        };
        let principals = delegations::service::principals(conn, ctx, None)?;
        Ok(Self { me, principals, email, funds })
    }
    /// The branches of what is theirs.
    fn theirs(&self) -> Vec<Branch<'_>> {
        let mut branches = Vec::new();
        if let Some(me) = self.me {
            branches.extend([Branch::Own(me), Branch::Team(me)]);
        }
        branches.extend(self.principals.iter().copied().map(Branch::Own));
        branches.extend(self.email.as_deref().map(Branch::Invited));
        branches
    }
    /// Takes out what is public where a private call is asked for, in which none of their funds may
    /// spend: that an application is in it is not public.
    fn narrow(
        &self,
        conn: &mut Conn,
        ctx: &Ctx,
        call: Option<CallId>,
        branches: &mut Vec<Branch<'_>>,
    ) -> Result<()> {
        let Some(call) = call.filter(|_| !ctx.actor.is_sponsor() && !ctx.actor.is_system()) else {
            return Ok(());
        };
        if calls::service::private_among(conn, &[call])?.is_empty() {
            return Ok(());
        }
        if self.funds.is_empty() || !see::pays(conn, call, &self.funds)? {
            branches.retain(|branch| !matches!(branch, Branch::Public(_)));
        }
        Ok(())
    }
    /// The branches of what is shown to others than the team and the sponsor.
    fn shown(&self, status: Option<ApplicationStatus>) -> Vec<Branch<'_>> {
        let mut branches = Vec::new();
        for shown in SHOWN.into_iter().filter(|s| status.is_none_or(|wanted| wanted == *s)) {
            branches.push(Branch::Public(shown));
            if !self.funds.is_empty() {
                branches.push(Branch::Backed(shown, &self.funds));
            }
        }
        branches
    }
}

/// What somebody looks for among applications that they found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Among {
    /// Only in this status.
    pub status: Option<ApplicationStatus>,
    /// Only in this call.
    pub call_id: Option<CallId>,
    /// Only those that ask for at least and at most this, in minor units.
    pub amounts: Option<(Currency, i64, i64)>,
}

/// Those of some applications that were handed in and that the actor would come across in a list,
/// the newest first. The same branches decide as for lists.
pub fn among(
    conn: &mut Conn,
    ctx: &Ctx,
    ids: &[ApplicationId],
    wanted: Among,
) -> Result<Vec<ApplicationRow>> {
    authz::require(ctx, Action::ListApplications, &[])?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter {
        status: wanted.status,
        call: wanted.call_id,
        among: Some(ids),
        amounts: wanted.amounts.map(|(currency, least, most)| Amounts { currency, least, most }),
    };
    let sight = Sight::of(conn, ctx, false)?;
    let mut branches = if ctx.actor.is_sponsor() {
        vec![Branch::Submitted(None)]
    } else {
        sight.theirs().into_iter().chain(sight.shown(wanted.status)).collect()
    };
    sight.narrow(conn, ctx, wanted.call_id, &mut branches)?;
    let limit = i64::try_from(ids.len()).unwrap_or(i64::MAX - 1);
    let mut rows = store::list(conn, &branches, filter, &PageOf { limit, after: None })?;
    rows.retain(|row| row.submitted_at.is_some());
    as_handed_in(conn, ctx, &mut rows)?;
    if let Some((currency, least, most)) = wanted.amounts {
        let fits = |amount: Option<i64>| amount.is_some_and(|sum| (least..=most).contains(&sum));
        rows.retain(|row| row.currency == Some(currency) && fits(row.amount_requested));
    }
    let page = Page { items: rows, next: None };
    Ok(told(conn, ctx, wanted.call_id.is_some(), page)?.items)
}

/// The newest applications that the actor applies with, is on the team of, or is invited to, at
/// most `limit`.
pub fn theirs(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<ApplicationId>> {
    let sight = Sight::of(conn, ctx, false)?;
    let page = PageOf { limit, after: None };
    let rows = store::list(conn, &sight.theirs(), Filter::default(), &page)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Whether the actor comes across private applications that they could fund.
pub fn may_back(conn: &mut Conn, ctx: &Ctx) -> Result<bool> {
    Ok(!Sight::of(conn, ctx, false)?.funds.is_empty())
}

/// Rows of private calls that somebody comes across for nothing but that they are public: they are
/// shown without their call, and not at all to who asks for it.
fn call_hidden(conn: &mut Conn, ctx: &Ctx, rows: &[Listed]) -> Result<BTreeSet<ApplicationId>> {
    if ctx.actor.is_sponsor() || ctx.actor.is_system() {
        return Ok(BTreeSet::new());
    }
    let public = rows.iter().filter(|row| row.visibility == Visibility::Public);
    let calls: BTreeSet<CallId> = public.map(|row| row.call_id).collect();
    let private = calls::service::private_among(conn, &calls.into_iter().collect::<Vec<_>>())?;
    let of_private = rows.iter().filter(|row| private.contains(&row.call_id));
    let mut hidden: BTreeSet<ApplicationId> = of_private.map(|row| row.id).collect();
    let Some(me) = ctx.actor.person().filter(|_| !hidden.is_empty()) else { return Ok(hidden) };
    let sight = Sight::of(conn, ctx, false)?;
    for row in rows {
        if row.applicant_id == me || sight.principals.contains(&row.applicant_id) {
            hidden.remove(&row.id);
        }
    }
    let left: Vec<ApplicationId> = hidden.iter().copied().collect();
    let mut known = store::placed(conn, &left, (me, sight.email.as_deref()))?;
    if !sight.funds.is_empty() {
        let back = |row: &&Listed| SHOWN.contains(&row.status) && hidden.contains(&row.id);
        let shown: Vec<ApplicationId> = rows.iter().filter(back).map(|row| row.id).collect();
        known.extend(store::payable(conn, &shown, &sight.funds)?);
    }
    hidden.retain(|id| !known.contains(id));
    Ok(hidden)
}

/// Whether somebody may ask what is in a call: of one that is private only who has to do with it
/// learns whether anything is.
fn may_ask(conn: &mut Conn, ctx: &Ctx, sight: &Sight, call: CallId) -> Result<bool> {
    if ctx.actor.is_sponsor() || ctx.actor.is_system() {
        return Ok(true);
    }
    if calls::service::private_among(conn, &[call])?.is_empty() {
        return Ok(true);
    }
    if !sight.funds.is_empty() {
        let named = calls::service::facts(conn, call)?.map(|call| call.fund_ids);
        let named = named.unwrap_or_default();
        if named.is_empty() || named.iter().any(|fund| sight.funds.contains(fund)) {
            return Ok(true);
        }
    }
    let mut branches = sight.theirs();
    if !sight.funds.is_empty() {
        branches.extend(SHOWN.map(|status| Branch::Backed(status, &sight.funds)));
    }
    let filter = Filter { call: Some(call), ..Filter::default() };
    Ok(!store::list(conn, &branches, filter, &PageOf { limit: 1, after: None })?.is_empty())
}

/// The same, for who looks among all applications.
pub fn may_look_in(conn: &mut Conn, ctx: &Ctx, call: CallId) -> Result<bool> {
    let sight = Sight::of(conn, ctx, false)?;
    may_ask(conn, ctx, &sight, call)
}

/// Puts what was handed in last in the place of what is being changed, but for those on whose team
/// the actor is, or for whom they act: what others write meanwhile is not theirs to read.
fn as_handed_in(conn: &mut Conn, ctx: &Ctx, rows: &mut [Listed]) -> Result<()> {
    let changing = rows.iter().filter(|row| row.status == ApplicationStatus::ChangesRequested);
    let mut changing: BTreeMap<ApplicationId, PersonId> =
        changing.map(|row| (row.id, row.applicant_id)).collect();
    if changing.is_empty() {
        return Ok(());
    }
    let sight = Sight::of(conn, ctx, false)?;
    if let Some(me) = sight.me {
        changing.retain(|_, applicant| *applicant != me && !sight.principals.contains(applicant));
        let left: Vec<ApplicationId> = changing.keys().copied().collect();
        for id in store::placed(conn, &left, (me, sight.email.as_deref()))? {
            changing.remove(&id);
        }
    }
    let left: Vec<ApplicationId> = changing.into_keys().collect();
    let mut all = versions::all_handed_in(conn, &left)?;
    for row in rows {
        let Some(then) = all.remove(&row.id) else { continue };
        row.title = then.title;
        row.summary = then.summary;
        row.amount_minimum = then.amount_minimum;
        row.amount_requested = then.amount_requested;
        row.currency = then.currency;
        row.visibility = then.visibility;
    }
    Ok(())
}

/// Rows as they are told to the actor.
pub(super) fn named(
    conn: &mut Conn,
    ctx: &Ctx,
    by_call: bool,
    mut page: Page<Listed>,
) -> Result<Page<ApplicationRow>> {
    as_handed_in(conn, ctx, &mut page.items)?;
    told(conn, ctx, by_call, page)
}

fn told(
    conn: &mut Conn,
    ctx: &Ctx,
    by_call: bool,
    mut page: Page<Listed>,
) -> Result<Page<ApplicationRow>> {
    let hidden = call_hidden(conn, ctx, &page.items)?;
    page.items.retain(|row| !by_call || !hidden.contains(&row.id));
    let known = ctx.actor.person().is_some() || ctx.actor.is_system();
    let people: Vec<PersonId> = page.items.iter().map(|row| row.applicant_id).collect();
    let names = people::service::names(conn, &people)?;
    Ok(page.map(|row| {
        let money = |minor: Option<i64>| Some(Money::new(minor?, row.currency?));
        let name = names.get(&row.applicant_id).cloned().unwrap_or_default();
        ApplicationRow {
            id: row.id,
            call_id: (!hidden.contains(&row.id)).then_some(row.call_id),
            applicant: known.then_some(Named { id: row.applicant_id, name }),
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
