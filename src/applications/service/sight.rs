//! What somebody comes across among applications, and why.

use super::see;
use crate::applications::model::ApplicationStatus;
use crate::applications::store::{self, Branch, Eyes, Filter, Listed};
use crate::budgets;
use crate::budgets::model::BudgetTerms;
use crate::calls;
use crate::calls::model::Visibility;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{ApplicationId, CallId, FundId, PersonId};
use crate::kernel::page::PageOf;
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeSet;

/// The statuses in which others than the team and the sponsor come across an application.
const SHOWN: [ApplicationStatus; 2] = [ApplicationStatus::Open, ApplicationStatus::Awarded];

/// What decides which applications somebody may come across.
#[derive(Debug, Clone)]
pub struct Sight {
    me: Option<PersonId>,
    /// Those for whom they may do something.
    principals: Vec<PersonId>,
    email: Option<String>,
    funds: Vec<FundId>,
}

impl Sight {
    /// The actor's; where they ask for `mine`, they have to be somebody.
    pub(super) fn of(conn: &mut Conn, ctx: &Ctx, mine: bool) -> Result<Self> {
        let me = if mine { Some(ctx.me()?) } else { ctx.actor.person() };
        let held = match me {
            Some(me) if ctx.actor.has(Role::Regrantor) => budgets::service::held_by(conn, me)?,
            _ => Vec::new(),
        };
        Self::holding(conn, ctx, me, &held)
    }
    /// That of the actor, who is `me` and holds these budgets.
    fn holding(
        conn: &mut Conn,
        ctx: &Ctx,
        me: Option<PersonId>,
        held: &[BudgetTerms],
    ) -> Result<Self> {
        let email = match (me, ctx.actor_email.as_deref()) {
            (None, _) => None,
            (Some(_), Some(email)) => Some(email.to_owned()),
            (Some(me), None) => people::service::brief(conn, me)?.map(|person| person.email),
        };
        let principals = delegations::service::principals(conn, ctx, None)?;
        Ok(Self { me, principals, email, funds: see::usable(ctx, held) })
    }
    /// The same, as the list of an agenda asks for it.
    pub(super) fn eyes(&self, ctx: &Ctx) -> Eyes {
        let Self { me, principals, email, funds } = self.clone();
        Eyes { sponsor: ctx.actor.is_sponsor(), me, email, funds, principals }
    }
    /// The branches of what is theirs.
    pub(super) fn theirs(&self) -> Vec<Branch<'_>> {
        let mut branches = Vec::new();
        if let Some(me) = self.me {
            branches.extend([Branch::Own(me), Branch::Team(me)]);
            branches.extend(self.email.as_deref().map(|email| Branch::Invited(me, email)));
        }
        branches.extend(self.principals.iter().copied().map(Branch::Own));
        branches
    }
    /// Whether what is public is out of sight where a private call is asked for, in which none of
    /// their funds may spend: that an application is in it is not public.
    pub(super) fn hides_public(
        &self,
        conn: &mut Conn,
        ctx: &Ctx,
        call: Option<CallId>,
    ) -> Result<bool> {
        let Some(call) = call.filter(|_| !ctx.actor.is_sponsor() && !ctx.actor.is_system()) else {
            return Ok(false);
        };
        if calls::service::private_among(conn, &[call])?.is_empty() {
            return Ok(false);
        }
        Ok(self.funds.is_empty() || !see::pays(conn, call, &self.funds)?)
    }
    /// The branches of what is shown to others than the team and the sponsor.
    pub(super) fn shown(&self, statuses: Option<&[ApplicationStatus]>) -> Vec<Branch<'_>> {
        let mut branches = Vec::new();
        for shown in SHOWN.into_iter().filter(|s| statuses.is_none_or(|all| all.contains(s))) {
            branches.push(Branch::Public(shown));
            if !self.funds.is_empty() {
                branches.push(Branch::Backed(shown, &self.funds));
            }
        }
        branches
    }
    /// Whether they are this applicant, or act for them.
    pub(super) fn acts_as(&self, applicant: PersonId) -> bool {
        self.me == Some(applicant) || self.principals.contains(&applicant)
    }
    /// The funds that they may spend of.
    pub(super) fn funds(&self) -> &[FundId] {
        &self.funds
    }
    /// Whether they come across private applications that they could fund.
    pub fn backs(&self) -> bool {
        !self.funds.is_empty()
    }
    /// Of which of some applications they are on the team, or asked onto it.
    pub(super) fn placed(
        &self,
        conn: &mut Conn,
        among: &[ApplicationId],
    ) -> Result<Vec<ApplicationId>> {
        match self.me.filter(|_| !among.is_empty()) {
            Some(me) => store::placed(conn, among, (me, self.email.as_deref())),
            None => Ok(Vec::new()),
        }
    }
    /// Leaves of what was handed in what they come across, in this call where one is asked for.
    pub(super) fn retain(
        &self,
        conn: &mut Conn,
        ctx: &Ctx,
        call: Option<CallId>,
        rows: &mut Vec<Listed>,
    ) -> Result<()> {
        if ctx.actor.is_sponsor() {
            return Ok(());
        }
        let public = !self.hides_public(conn, ctx, call)?;
        let told = |row: &Listed| row.visibility == Visibility::Public && !row.withheld && public;
        let shown = |row: &Listed| SHOWN.contains(&row.status);
        let seen = |row: &Listed| self.acts_as(row.applicant_id) || (shown(row) && told(row));
        let ids = |rows: &[Listed], which: &dyn Fn(&Listed) -> bool| -> Vec<ApplicationId> {
            rows.iter().filter(|row| which(row)).map(|row| row.id).collect()
        };
        let unsure = ids(rows, &|row| !seen(row));
        let mut known: BTreeSet<ApplicationId> = self.placed(conn, &unsure)?.into_iter().collect();
        let private = |row: &Listed| row.visibility == Visibility::Private && shown(row);
        let payable = ids(rows, &|row| private(row) && !seen(row) && !known.contains(&row.id));
        if self.backs() && !payable.is_empty() {
            known.extend(store::payable(conn, &payable, &self.funds)?);
        }
        rows.retain(|row| seen(row) || known.contains(&row.id));
        Ok(())
    }
    /// Rows of private calls that somebody comes across for nothing but that they are public: they
    /// are shown without their call, and not at all to who asks for it.
    pub(super) fn call_hidden(
        &self,
        conn: &mut Conn,
        ctx: &Ctx,
        rows: &[Listed],
    ) -> Result<BTreeSet<ApplicationId>> {
        if ctx.actor.is_sponsor() || ctx.actor.is_system() {
            return Ok(BTreeSet::new());
        }
        let public = rows.iter().filter(|row| row.visibility == Visibility::Public);
        let calls: BTreeSet<CallId> = public.map(|row| row.call_id).collect();
        let private = calls::service::private_among(conn, &calls.into_iter().collect::<Vec<_>>())?;
        let of_private = rows.iter().filter(|row| private.contains(&row.call_id));
        let mut hidden: BTreeSet<ApplicationId> = of_private.map(|row| row.id).collect();
        if hidden.is_empty() {
            return Ok(hidden);
        }
        for row in rows.iter().filter(|row| self.acts_as(row.applicant_id)) {
            hidden.remove(&row.id);
        }
        let left: Vec<ApplicationId> = hidden.iter().copied().collect();
        let mut known = self.placed(conn, &left)?;
        if self.backs() {
            let back = |row: &&Listed| SHOWN.contains(&row.status) && hidden.contains(&row.id);
            let shown: Vec<ApplicationId> = rows.iter().filter(back).map(|row| row.id).collect();
            known.extend(store::payable(conn, &shown, &self.funds)?);
        }
        hidden.retain(|id| !known.contains(id));
        Ok(hidden)
    }
    /// Whether somebody may ask what is in a call: of one that is private only who has to do with
    /// it learns whether anything is.
    ///
    /// What the call has declined alone counts where `written` asks for what was written for it:
    /// its team is told so.
    pub fn may_ask(
        &self,
        conn: &mut Conn,
        ctx: &Ctx,
        (call, written): (CallId, bool),
    ) -> Result<bool> {
        if ctx.actor.is_sponsor() || ctx.actor.is_system() {
            return Ok(true);
        }
        if calls::service::private_among(conn, &[call])?.is_empty() {
            return Ok(true);
        }
        if !self.funds.is_empty() {
            let named = calls::service::facts(conn, call)?.map(|call| call.fund_ids);
            let named = named.unwrap_or_default();
            if named.is_empty() || named.iter().any(|fund| self.funds.contains(fund)) {
                return Ok(true);
            }
        }
        let mut branches = self.theirs();
        if !self.funds.is_empty() {
            branches.extend(SHOWN.map(|status| Branch::Backed(status, &self.funds)));
        }
        let one = PageOf { limit: 1, after: None };
        let filter = Filter { call: Some(call), written, ..Filter::default() };
        Ok(!store::list_ids(conn, &branches, filter, &one)?.is_empty())
    }
}

/// What decides which applications the actor may come across.
pub fn sight(conn: &mut Conn, ctx: &Ctx) -> Result<Sight> {
    Sight::of(conn, ctx, false)
}

/// The same of a regrantor, all of whose budgets were read already.
///
/// # Errors
/// 401 where nobody is signed in.
pub fn sight_holding(conn: &mut Conn, ctx: &Ctx, held: &[BudgetTerms]) -> Result<Sight> {
    let me = ctx.me()?;
    Sight::holding(conn, ctx, Some(me), held)
}
