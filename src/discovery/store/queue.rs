//! What may stand in a regrantor's queue: open applications in calls where their funds may spend,
//! with money missing; not their own, not of a team that they are on or were, not where they
//! declared a conflict.
//!
//! Each statement is led by an index on the day that counts, and ends when it has found enough: it
//! passes by what a regrantor may not fund. What has to hold of an application stands in `EXISTS`
//! where another table leads; joined, SQLite would begin with all open applications.

use crate::discovery::model::Waiting;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, FundId, PersonId};
use crate::kernel::money::Currency;
use crate::kernel::time::{Date, Instant};
use crate::offers::model::OfferStatus;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::application_agendas::dsl as g;
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::call_funds::dsl as f;
use crate::platform::db::schema::conflicts::dsl as k;
use crate::platform::db::schema::offers::dsl as o;
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::{BTreeMap, BTreeSet};

type Columns = (ApplicationId, Option<Date>, Option<i64>, Option<i64>, i64);

/// What a regrantor has to offer in one currency for the same: budgets that are not exhausted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::discovery) struct Purse {
    pub(in crate::discovery) currency: Currency,
    /// The directions that the budgets are for and those below them, in order; none where they are
    /// for anything.
    pub(in crate::discovery) agendas: Option<Vec<AgendaId>>,
    /// Whose money it is.
    pub(in crate::discovery) funds: Vec<FundId>,
}

/// Whose queue it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::discovery) struct Whose<'a> {
    pub(in crate::discovery) me: PersonId,
    pub(in crate::discovery) purses: &'a [Purse],
}

/// Whether one of these funds may spend in a call: it names one of them, or none at all.
macro_rules! paid {
    ($call:expr, $funds:expr) => {{
        let named = f::call_funds.filter(f::call_id.eq($call));
        let ours =
            f::call_funds.filter(f::call_id.eq($call).and(f::fund_id.eq_any(padded($funds))));
        exists(ours).or(not(exists(named)))
    }};
}

/// Open applications of the purse's currency that miss money and that the regrantor stands apart
/// from.
macro_rules! fundable {
    ($whose:expr, $purse:expr) => {{
        let (Whose { me, .. }, purse) = ($whose, $purse);
        // Whose a place is says who ever said yes to it: who left it offers nothing either.
        let on_team =
            m::application_members.filter(m::application_id.eq(a::id).and(m::person_id.eq(me)));
        let declared = k::conflicts.filter(k::application_id.eq(a::id).and(k::person_id.eq(me)));
        // Written out, so that an index by status is taken whatever the plan is made for.
        sql::<Bool>("applications.status = 'open'")
            .and(a::applicant_id.ne(me))
            .and(a::currency.eq(purse.currency))
            .and(a::amount_requested.gt(a::offered.nullable()))
            .and(not(exists(on_team)))
            .and(not(exists(declared)))
    }};
}

/// The statement for purses that are for anything, or that for some directions.
macro_rules! by_directions {
    ($purse:expr, |$named:ident| $statement:expr) => {
        match &$purse.agendas {
            None => {
                let $named = true.into_sql::<Bool>();
                $statement
            }
            Some(agendas) => {
                let $named =
                    exists(g::application_agendas.filter(
                        g::application_id.eq(a::id).and(g::agenda_id.eq_any(padded(agendas))),
                    ));
                $statement
            }
        }
    };
}

const COLUMNS: (a::id, a::promised_on, a::amount_minimum, a::amount_requested, a::offered) =
    (a::id, a::promised_on, a::amount_minimum, a::amount_requested, a::offered);

fn waiting((id, promised_on, minimum, requested, offered): Columns) -> Option<Waiting> {
    let (minimum, requested, lapses_on) = (minimum?, requested?, None);
    Some(Waiting { id, promised_on, minimum, requested, offered, lapses_on })
}

/// What was found, and whether there is more than was looked at.
pub(in crate::discovery) type Found = (Vec<Waiting>, bool);

/// Whether there are more than `most`, which are left.
fn cut<T>(rows: &mut Vec<T>, most: i64) -> bool {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    more
}

/// Those promised first, for each purse: up to `most` of those that miss their minimum, and up to
/// half as many of the others that are promised no later than these, written for a call where it
/// may spend; and up to `most` of those that came into one by a route. An application may be there
/// more than once, with the day of each call.
pub(in crate::discovery) fn pressing(
    conn: &mut Conn,
    whose: Whose<'_>,
    most: i64,
) -> Result<Found> {
    let (mut found, mut more) = (Vec::new(), false);
    for purse in whose.purses {
        // What misses little must not hide what misses all, and is promised a little later. And
        // where nearly nothing has its minimum, the others are not looked for in all that is open.
        let mut until = Date::new(9999, 12, 31);
        for (poor, most) in [(true, most), (false, most / 2)] {
            let mut rows = promised(conn, whose, purse, (poor, until, most + 1))?;
            if cut(&mut rows, most) {
                more = true;
                until = rows.last().and_then(|row| row.1);
            }
            found.extend(rows.into_iter().filter_map(waiting));
        }
        let mut routes = routed(conn, whose, purse, most + 1)?;
        more |= cut(&mut routes, most);
        let ids: Vec<ApplicationId> = routes.iter().map(|(id, _)| *id).collect();
        let these = these(conn, &ids)?;
        let there = |(id, promised_on): (ApplicationId, Option<Date>)| {
            Some(Waiting { promised_on, ..*these.get(&id)? })
        };
        found.extend(routes.into_iter().filter_map(there));
    }
    Ok((found, more))
}

/// Those written for a call where the purse may spend, promised first and by a day: those below
/// their minimum, or those that reached it.
fn promised(
    conn: &mut Conn,
    whose: Whose<'_>,
    purse: &Purse,
    (poor, until, limit): (bool, Option<Date>, i64),
) -> Result<Vec<Columns>> {
    let below = a::amount_minimum.gt(a::offered.nullable());
    Ok(by_directions!(purse, |named| Kept(
        a::applications
            .filter(fundable!(whose, purse))
            .filter(named)
            .filter(below.eq(poor))
            .filter(a::promised_on.le(until))
            .filter(paid!(a::call_id, &purse.funds).and(a::own_call_declined_at.is_null()))
            .order((a::promised_on, a::id))
            .limit(limit)
            .select(COLUMNS)
    )
    .load(conn)?))
}

/// Those that came by a route into a call where the purse may spend, promised first there.
fn routed(
    conn: &mut Conn,
    whose: Whose<'_>,
    purse: &Purse,
    limit: i64,
) -> Result<Vec<(ApplicationId, Option<Date>)>> {
    Ok(by_directions!(purse, |named| {
        let theirs = a::applications
            .filter(a::id.eq(r::application_id))
            .filter(fundable!(whose, purse).and(named));
        Kept(
            r::application_routes
                .filter(sql::<Bool>("application_routes.status = 'submitted'"))
                .filter(paid!(r::call_id, &purse.funds))
                .filter(exists(theirs))
                .order((r::promised_on, r::application_id))
                .limit(limit)
                .select((r::application_id, r::promised_on)),
        )
        .load(conn)?
    }))
}

/// Some applications.
fn these(conn: &mut Conn, ids: &[ApplicationId]) -> Result<BTreeMap<ApplicationId, Waiting>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let these = a::applications.filter(a::id.eq_any(padded(ids))).select(COLUMNS);
    let rows: Vec<Columns> = Kept(these).load(conn)?;
    Ok(rows.into_iter().filter_map(waiting).map(|w| (w.id, w)).collect())
}

/// What a purse may fund, with the offers that lapse first until `until`: up to `limit` offers of
/// each status for each purse. Each with the earliest day that was promised where a purse may
/// spend. Whether there are more.
pub(in crate::discovery) fn lapsing(
    conn: &mut Conn,
    whose: Whose<'_>,
    (now, until): (Instant, Instant),
    limit: i64,
) -> Result<Found> {
    let mut more = false;
    let mut lapses: BTreeMap<ApplicationId, Instant> = BTreeMap::new();
    let mut there = There::default();
    for purse in whose.purses {
        let mut found: BTreeSet<ApplicationId> = BTreeSet::new();
        // One after the other, so that each is led by its index.
        for status in [OfferStatus::AwaitingApproval, OfferStatus::Placed] {
            let mut rows = lapsing_for(conn, whose, purse, (status, now, until, limit + 1))?;
            more |= cut(&mut rows, limit);
            for (id, at) in rows {
                let first = lapses.entry(id).or_insert(at);
                *first = at.min(*first);
                found.insert(id);
            }
        }
        there.add(conn, purse, &found)?;
    }
    let ids: Vec<ApplicationId> = lapses.keys().copied().collect();
    let told = |w: Waiting| {
        let lapses_on = lapses.get(&w.id).map(|at| at.date());
        Waiting { promised_on: there.promised_on(&w), lapses_on, ..w }
    };
    Ok((these(conn, &ids)?.into_values().map(told).collect(), more))
}

/// Where purses may spend on some applications.
#[derive(Default)]
struct There {
    /// In the calls that these were written for.
    own: BTreeSet<ApplicationId>,
    /// In calls into which these came by a route; the first of the days that were promised there.
    routed: BTreeMap<ApplicationId, Option<Date>>,
}

impl There {
    /// Adds where a purse may spend on what it was found that it may fund.
    fn add(
        &mut self,
        conn: &mut Conn,
        purse: &Purse,
        found: &BTreeSet<ApplicationId>,
    ) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        let ids: Vec<ApplicationId> = found.iter().copied().collect();
        let routes = r::application_routes
            .filter(sql::<Bool>("application_routes.status = 'submitted'"))
            .filter(r::application_id.eq_any(padded(&ids)))
            .filter(paid!(r::call_id, &purse.funds))
            .select((r::application_id, r::promised_on));
        let routes: Vec<(ApplicationId, Option<Date>)> = Kept(routes).load(conn)?;
        let by_route: BTreeSet<ApplicationId> = routes.iter().map(|(id, _)| *id).collect();
        for (id, day) in routes {
            let first = self.routed.entry(id).or_insert(day);
            *first = day.min(*first);
        }
        // What came by no route can only be paid where it was written for.
        self.own.extend(found.difference(&by_route));
        if by_route.is_empty() {
            return Ok(());
        }
        let ids: Vec<ApplicationId> = by_route.into_iter().collect();
        let own = a::applications
            .filter(a::id.eq_any(padded(&ids)))
            .filter(paid!(a::call_id, &purse.funds).and(a::own_call_declined_at.is_null()))
            .select(a::id);
        let own: Vec<ApplicationId> = Kept(own).load(conn)?;
        self.own.extend(own);
        Ok(())
    }
    /// The earliest day that was promised where a purse may spend.
    fn promised_on(&self, w: &Waiting) -> Option<Date> {
        match self.routed.get(&w.id) {
            Some(day) if self.own.contains(&w.id) => w.promised_on.min(*day),
            Some(day) => *day,
            None => w.promised_on,
        }
    }
}

fn lapsing_for(
    conn: &mut Conn,
    whose: Whose<'_>,
    purse: &Purse,
    (status, now, until, limit): (OfferStatus, Instant, Instant, i64),
) -> Result<Vec<(ApplicationId, Instant)>> {
    Ok(by_directions!(purse, |named| {
        let further = r::application_routes
            .filter(sql::<Bool>("application_routes.status = 'submitted'"))
            .filter(r::application_id.eq(a::id))
            .filter(paid!(r::call_id, &purse.funds));
        let own = paid!(a::call_id, &purse.funds).and(a::own_call_declined_at.is_null());
        let theirs = a::applications
            .filter(a::id.eq(o::application_id))
            .filter(fundable!(whose, purse).and(named))
            .filter(own.or(exists(further)));
        Kept(
            o::offers
                .filter(sql::<Bool>(&format!("offers.status = '{}'", status.as_str())))
                .filter(o::expires_at.gt(now).and(o::expires_at.le(until)))
                .filter(exists(theirs))
                .order((o::expires_at, o::application_id))
                .limit(limit)
                .select((o::application_id, o::expires_at)),
        )
        .load(conn)?
    }))
}
