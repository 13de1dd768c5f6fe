//! How an application is funded: what offers come to, what is missing, by whom.

use super::super::model::{Funding, FundingOffer, FundingSum, OfferStatus};
use super::super::rules::{self, Promise};
use super::super::store::{self, Row};
use super::notify;
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::concerns;
use crate::kernel::Result;
use crate::kernel::actor::Actor;
use crate::kernel::ids::ApplicationId;
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// Offers that are shown.
const SHOWN: usize = 200;
/// Applications that are looked at for an award.
const LOOKED_AT: i64 = 200;

/// What an application asks for; it has been handed in, so that it says so.
pub(super) struct Goal {
    currency: Currency,
    minimum: i64,
    requested: i64,
}

impl Goal {
    pub(super) fn of(application: &ApplicationFacts) -> Result<Self> {
        let missing = || Problem::internal("an application that was handed in without an amount");
        Ok(Self {
            currency: application.currency.ok_or_else(missing)?,
            minimum: application.amount_minimum.ok_or_else(missing)?,
            requested: application.amount_requested.ok_or_else(missing)?,
        })
    }
    pub(super) fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
    pub(super) fn least(&self) -> Money {
        self.money(self.minimum)
    }
    pub(super) fn sum(&self, offered: i64) -> FundingSum {
        FundingSum {
            offered: self.money(offered),
            missing_to_minimum: self.money((self.minimum - offered).max(0)),
            missing_to_full: self.money((self.requested - offered).max(0)),
        }
    }
}

/// What counts: part of the grant, or placed and its time not over.
fn counts(ctx: &Ctx, row: &Row) -> bool {
    row.status == OfferStatus::Committed || row.expires_at > ctx.now
}

/// The offers on an application that count, as promises.
pub(super) fn promises(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
) -> Result<Vec<Promise>> {
    let standing = store::standing(conn, application)?;
    let live = standing.iter().filter(|(row, _)| counts(ctx, row));
    Ok(live.map(|(row, _)| row.facts().promise()).collect())
}

/// How an application is funded. Whoever sees the application sees this, but who has not signed in
/// reads no names; a private offer is shown without its maker's name to all but them and those who
/// run the service. Who could fund it reads what funds hold for it.
///
/// # Errors
/// 404 for an application out of sight, or one without amounts, which is still being written.
pub fn funding(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Funding> {
    let application = applications::service::visible(conn, ctx, id)?;
    let relations = applications::service::relations(conn, ctx, &application)?;
    authz::require(ctx, Action::GetFunding, &relations)?;
    if application.submitted_at.is_none() {
        return Err(Problem::wrong_state("It was not handed in yet: nobody can offer."));
    }
    let goal = Goal::of(&application)?;
    let mut standing = store::standing(conn, id)?;
    standing.retain(|(row, _)| counts(ctx, row));
    let promises: Vec<Promise> = standing
        .iter()
        .filter(|(row, _)| row.status == OfferStatus::Placed)
        .map(|(row, _)| row.facts().promise())
        .collect();
    let granted = rules::resolve(&promises);
    let gives = |row: &Row| match row.status {
        OfferStatus::Committed => row.effective.unwrap_or(row.amount),
        _ => granted.get(&row.id).copied().unwrap_or(0),
    };
    let most = |row: &Row| match row.status {
        OfferStatus::Committed => gives(row),
        _ => row.amount,
    };
    let placed = |row: &&Row| row.status == OfferStatus::Placed;
    let rows = || standing.iter().map(|(row, _)| row);
    let all = super::read::reads_all(conn, ctx, id)?;
    let held = match relations.contains(&Relation::Backer) {
        true => applications::service::held_for(conn, id, goal.currency)?,
        false => 0,
    };
    Ok(Funding {
        amount_minimum: goal.money(goal.minimum),
        amount_requested: goal.money(goal.requested),
        promised: goal.money(rows().map(most).sum()),
        sum: goal.sum(rows().map(gives).sum()),
        held: (held > 0).then(|| goal.money(held)),
        first_lapses_at: rows().filter(placed).map(|row| row.expires_at).min(),
        offers_count: i64::try_from(standing.len()).unwrap_or(i64::MAX),
        offers: standing
            .iter()
            .take(SHOWN)
            .map(|(row, name)| shown(ctx, all, (row, name), gives(row)))
            .collect(),
    })
}

/// What the offers on some applications that are not awarded come to, and when the first of them
/// lapses; those without offers are left out.
pub fn standing_on(
    conn: &mut Conn,
    ctx: &Ctx,
    applications: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, (i64, Instant)>> {
    let mut rows = store::placed_on_any(conn, applications)?;
    rows.retain(|row| row.expires_at > ctx.now);
    let mut all: BTreeMap<ApplicationId, (Vec<Promise>, Instant)> = BTreeMap::new();
    for row in rows {
        let of = all.entry(row.application_id).or_insert((Vec::new(), row.expires_at));
        of.0.push(row.facts().promise());
        of.1 = of.1.min(row.expires_at);
    }
    let sum = |promises: &[Promise]| rules::resolve(promises).into_values().sum();
    Ok(all.into_iter().map(|(id, (promises, first))| (id, (sum(&promises), first))).collect())
}

/// What the offers on an application that is not awarded come to, in minor units: those on a
/// condition with what they come to, those that wait for approval not at all.
pub fn firm(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<i64> {
    Ok(rules::resolve(&promises(conn, ctx, id)?).into_values().sum())
}

/// Open applications of which whoever answers for their call was told that they can be awarded, and
/// whose offers still come to their minimum: each with what they come to, what is promised first at
/// the top. What screening held when the minimum was reached is not among them before its end.
/// Up to `limit`, and whether there may be more. For those who award: whoever calls has asked.
pub fn awardable(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<(Vec<(ApplicationFacts, Money)>, bool)> {
    let mut told = store::told_awards(conn, LOOKED_AT + 1)?;
    let looked_at = usize::try_from(LOOKED_AT).unwrap_or(usize::MAX);
    let others = told.len() > looked_at;
    told.truncate(looked_at);
    let mut facts = applications::service::facts_of(conn, &told)?;
    facts.retain(|_, it| it.status == ApplicationStatus::Open);
    let ids: Vec<ApplicationId> = facts.keys().copied().collect();
    let standing = standing_on(conn, ctx, &ids)?;
    let mut enough = Vec::new();
    for application in facts.into_values() {
        let firm = standing.get(&application.id).map_or(0, |(firm, _)| *firm);
        let goal = Goal::of(&application)?;
        if firm >= goal.minimum {
            enough.push((application, goal.money(firm)));
        }
    }
    enough.sort_by_key(|(application, _)| (application.promised_on, application.id));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = others || enough.len() > limit;
    enough.truncate(limit);
    Ok((enough, more))
}

/// Tells whoever answers for the call of an open application that can be awarded as it is; whether
/// it was told. What was told before is told again where it `changed` then.
pub fn tell_awardable(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    changed: Option<Instant>,
) -> Result<bool> {
    applications::service::lock(conn, id)?;
    let facts = applications::service::facts(conn, id)?;
    let open = facts.filter(|facts| facts.status == ApplicationStatus::Open);
    let Some(application) = open else { return Ok(false) };
    let firm = firm(conn, ctx, id)?;
    let enough = application.amount_minimum.is_some_and(|least| firm >= least);
    if let Some(at) = changed {
        store::forget_award(conn, id, at)?;
    }
    if !enough || store::knows_award(conn, id)? || concerns::service::is_held(conn, id)? {
        return Ok(false);
    }
    notify::awardable(conn, ctx, &application, firm)?;
    Ok(true)
}

fn shown(ctx: &Ctx, all: bool, (row, name): (&Row, &str), effective: i64) -> FundingOffer {
    let yours = ctx.actor.is(row.regrantor_id);
    let stranger = ctx.actor == Actor::Anonymous;
    let hidden = (row.private || stranger) && !yours && !all;
    let money = |minor| Money::new(minor, row.currency);
    FundingOffer {
        regrantor_name: (!hidden).then(|| name.to_owned()),
        yours,
        amount: row.money(),
        effective: money(effective),
        kind: row.kind,
        if_others: row.others_minimum.map(money),
        expires_at: (row.status == OfferStatus::Placed).then_some(row.expires_at),
    }
}
