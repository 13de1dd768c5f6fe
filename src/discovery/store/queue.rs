//! What may stand in a regrantor's queue: open applications in calls where their funds may spend,
//! with money missing; not their own, not of a team that they are on, not where they declared a
//! conflict.
//!
//! Each statement is led by an index on the day that counts and ends after a page's worth of rows.
//! What came by a route, and offers that lapse, are found first and their applications looked at
//! then: together in one statement SQLite would begin with all open applications.

use crate::applications::model::Consent;
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
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::schema::conflicts::dsl as k;
use crate::platform::db::schema::offers::dsl as o;
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::BTreeMap;

type Columns = (ApplicationId, Option<Date>, Option<i64>, Option<i64>, i64);

/// What a regrantor has to offer in one currency for the same: budgets that are not exhausted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::discovery) struct Purse {
    pub(in crate::discovery) currency: Currency,
    /// The directions that the budgets are for, in order; none where they are for anything.
    pub(in crate::discovery) agendas: Option<Vec<AgendaId>>,
    /// Whose money it is.
    pub(in crate::discovery) funds: Vec<FundId>,
}

/// Whose queue it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::discovery) struct Whose<'a> {
    pub(in crate::discovery) me: PersonId,
    pub(in crate::discovery) email: &'a str,
    pub(in crate::discovery) purses: &'a [Purse],
}

/// The calls in which one of these funds may spend: those that name it, and those that name none.
macro_rules! paid {
    ($funds:expr) => {{
        let named = f::call_funds.filter(f::call_id.eq(c::id));
        let ours =
            f::call_funds.filter(f::call_id.eq(c::id).and(f::fund_id.eq_any(padded($funds))));
        c::calls.filter(exists(ours).or(not(exists(named)))).select(c::id)
    }};
}

/// Open applications that one purse is for, wherever they are: a query to add to.
macro_rules! fundable {
    ($whose:expr, $purse:expr) => {{
        let (Whose { me, email, .. }, purse) = ($whose, $purse);
        let live = m::consent.eq(Consent::Accepted).or(m::consent.eq(Consent::Invited));
        let named = m::person_id.eq(me).or(m::email.eq(email.to_owned()));
        let on_team =
            m::application_members.filter(m::application_id.eq(a::id).and(live).and(named));
        let declared = k::conflicts.filter(k::application_id.eq(a::id).and(k::person_id.eq(me)));
        // Written out, so that an index by status is taken whatever the plan is made for.
        let mut query = a::applications
            .filter(sql::<Bool>("applications.status = 'open'"))
            .filter(a::applicant_id.ne(me).and(a::currency.eq(purse.currency)))
            .filter(a::amount_requested.gt(a::offered.nullable()))
            .filter(not(exists(on_team)).and(not(exists(declared))))
            .select(COLUMNS)
            .into_boxed();
        if let Some(agendas) = &purse.agendas {
            let named_by = g::application_agendas
                .filter(g::application_id.eq(a::id).and(g::agenda_id.eq_any(padded(agendas))));
            query = query.filter(exists(named_by));
        }
        query
    }};
}

const COLUMNS: (a::id, a::promised_on, a::amount_minimum, a::amount_requested, a::offered) =
    (a::id, a::promised_on, a::amount_minimum, a::amount_requested, a::offered);

fn waiting((id, promised_on, minimum, requested, offered): Columns) -> Option<Waiting> {
    let (minimum, requested, lapses_on) = (minimum?, requested?, None);
    Some(Waiting { id, promised_on, minimum, requested, offered, lapses_on })
}

/// What was found, and whether there is more than was looked at.
pub(in crate::discovery) type Found = (Vec<Waiting>, bool);

/// Those promised first: up to `most` for each purse of those that were written for a call where it
/// may spend, and of those that came into one by a route. An application may be there more than
/// once, with the day of each call.
pub(in crate::discovery) fn pressing(
    conn: &mut Conn,
    whose: Whose<'_>,
    most: usize,
) -> Result<Found> {
    let (mut found, mut more) = (Vec::new(), false);
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    for purse in whose.purses {
        let own = fundable!(whose, purse)
            .filter(a::call_id.eq_any(paid!(&purse.funds)))
            .order((a::promised_on, a::id))
            .limit(limit);
        let rows: Vec<Columns> = Kept(own).load(conn)?;
        more |= rows.len() == most;
        found.extend(rows.into_iter().filter_map(waiting));
        let routes = r::application_routes
            .filter(sql::<Bool>("application_routes.status = 'submitted'"))
            .filter(r::call_id.eq_any(paid!(&purse.funds)))
            .order((r::promised_on, r::application_id))
            .limit(limit)
            .select((r::application_id, r::promised_on));
        let routes: Vec<(ApplicationId, Option<Date>)> = Kept(routes).load(conn)?;
        more |= routes.len() == most;
        let ids: Vec<ApplicationId> = routes.iter().map(|(id, _)| *id).collect();
        let these = among(conn, whose, purse, &ids)?;
        let there = |(id, promised_on): (ApplicationId, Option<Date>)| {
            Some(Waiting { promised_on, ..*these.get(&id)? })
        };
        found.extend(routes.into_iter().filter_map(there));
    }
    Ok((found, more))
}

/// Those of some applications that a purse is for, whichever calls they are in.
fn among(
    conn: &mut Conn,
    whose: Whose<'_>,
    purse: &Purse,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, Waiting>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let these = fundable!(whose, purse).filter(a::id.eq_any(padded(ids)));
    let rows: Vec<Columns> = Kept(these).load(conn)?;
    Ok(rows.into_iter().filter_map(waiting).map(|w| (w.id, w)).collect())
}

/// Of the first `limit` offers of each status that lapse, until `until`: the applications that a
/// purse may fund.
pub(in crate::discovery) fn lapsing(
    conn: &mut Conn,
    whose: Whose<'_>,
    (now, until): (Instant, Instant),
    limit: i64,
) -> Result<Vec<Waiting>> {
    let mut lapses: BTreeMap<ApplicationId, Instant> = BTreeMap::new();
    // One after the other, so that each is led by its index.
    for status in [OfferStatus::AwaitingApproval, OfferStatus::Placed] {
        let first = o::offers
            .filter(sql::<Bool>(&format!("offers.status = '{}'", status.as_str())))
            .filter(o::expires_at.gt(now).and(o::expires_at.le(until)))
            .order(o::expires_at)
            .limit(limit)
            .select((o::application_id, o::expires_at));
        let first: Vec<(ApplicationId, Instant)> = Kept(first).load(conn)?;
        for (id, at) in first {
            let there = lapses.entry(id).or_insert(at);
            *there = at.min(*there);
        }
    }
    let ids: Vec<ApplicationId> = lapses.keys().copied().collect();
    let mut found: BTreeMap<ApplicationId, Waiting> = BTreeMap::new();
    for purse in whose.purses {
        let mut these = among(conn, whose, purse, &ids)?;
        let left: Vec<ApplicationId> = these.keys().copied().collect();
        let paid = paid_among(conn, &purse.funds, &left)?;
        these.retain(|id, _| paid.contains(id));
        found.extend(these);
    }
    let told = |w: Waiting| Waiting { lapses_on: lapses.get(&w.id).map(|at| at.date()), ..w };
    Ok(found.into_values().map(told).collect())
}

/// Those of some applications that are in a call where one of these funds may spend.
fn paid_among(
    conn: &mut Conn,
    funds: &[FundId],
    ids: &[ApplicationId],
) -> Result<Vec<ApplicationId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let further = r::application_routes
        .filter(sql::<Bool>("application_routes.status = 'submitted'"))
        .filter(r::application_id.eq(a::id))
        .filter(r::call_id.eq_any(paid!(funds)));
    let these = a::applications
        .filter(a::id.eq_any(padded(ids)))
        .filter(a::call_id.eq_any(paid!(funds)).or(exists(further)))
        .select(a::id);
    Ok(Kept(these).load(conn)?)
}
