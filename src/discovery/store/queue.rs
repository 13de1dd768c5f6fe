//! What may stand in a regrantor's queue: open applications in calls where their funds may spend,
//! with money missing; not their own, not of a team that they are on, not where they declared a
//! conflict.

use crate::applications::model::Consent;
use crate::calls::model::CallStatus;
use crate::discovery::model::Waiting;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, CallId, FundId, PersonId};
use crate::kernel::money::Currency;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::application_agendas::dsl as g;
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::call_funds::dsl as f;
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::schema::conflicts::dsl as k;
use crate::platform::db::schema::offers::dsl as o;
use diesel::dsl::{exists, not, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// A call, with the funds that it names: any fund may spend where it names none.
type Named = (CallId, BTreeSet<FundId>);

type Columns = (ApplicationId, Option<Date>, Option<i64>, Option<i64>, i64);

/// What a regrantor has to offer from one fund: budgets of it that are not exhausted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::discovery) struct Purse {
    pub(in crate::discovery) fund: FundId,
    pub(in crate::discovery) currency: Currency,
    /// The directions that the budgets are for; none where one of them is for anything.
    pub(in crate::discovery) agendas: Option<Vec<AgendaId>>,
}

/// Whose queue it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::discovery) struct Whose<'a> {
    pub(in crate::discovery) me: PersonId,
    pub(in crate::discovery) email: &'a str,
    pub(in crate::discovery) purses: &'a [Purse],
}

/// The calls with open applications where one of these funds may spend, with the funds that each
/// of them names: up to `limit`, those first that promised a decision first. And whether there are
/// more.
fn calls(conn: &mut Conn, funds: &[FundId], limit: usize) -> Result<(Vec<Named>, bool)> {
    let named = f::call_funds.filter(f::call_id.eq(c::id));
    let ours = f::call_funds.filter(f::call_id.eq(c::id).and(f::fund_id.eq_any(funds.to_vec())));
    let own = a::applications
        .filter(sql::<Bool>("applications.status = 'open'"))
        .filter(a::call_id.eq(c::id))
        .order(a::promised_on)
        .limit(1)
        .select(a::promised_on)
        .single_value();
    let routed = r::application_routes
        .filter(routed_to())
        .filter(r::call_id.eq(c::id))
        .order(r::promised_on)
        .limit(1)
        .select(r::promised_on)
        .single_value();
    let found: Vec<(CallId, Option<Date>, Option<Date>)> = c::calls
        .filter(c::status.ne(CallStatus::Draft))
        .filter(exists(ours).or(not(exists(named))))
        .select((c::id, own, routed))
        .load(conn)?;
    let first = |(id, own, routed): (CallId, Option<Date>, Option<Date>)| {
        Some((Option::into_iter(own).chain(routed).min()?, id))
    };
    let mut calls: Vec<(Date, CallId)> = found.into_iter().filter_map(first).collect();
    calls.sort_unstable();
    let more = calls.len() > limit;
    let calls: Vec<CallId> = calls.into_iter().take(limit).map(|(_, id)| id).collect();
    let theirs: Vec<(CallId, FundId)> = f::call_funds
        .filter(f::call_id.eq_any(calls.clone()))
        .select((f::call_id, f::fund_id))
        .load(conn)?;
    let mut named: BTreeMap<CallId, BTreeSet<FundId>> = BTreeMap::new();
    for (call, fund) in theirs {
        named.entry(call).or_default().insert(fund);
    }
    let calls = calls.into_iter().map(|id| (id, named.remove(&id).unwrap_or_default()));
    Ok((calls.collect(), more))
}

/// What the purses that may spend in a call are for, by currency.
fn fitting(
    purses: &[Purse],
    named: &BTreeSet<FundId>,
) -> BTreeMap<Currency, Option<Vec<AgendaId>>> {
    let mut all: BTreeMap<Currency, Option<Vec<AgendaId>>> = BTreeMap::new();
    for purse in purses.iter().filter(|p| named.is_empty() || named.contains(&p.fund)) {
        match all.entry(purse.currency) {
            Entry::Vacant(place) => drop(place.insert(purse.agendas.clone())),
            Entry::Occupied(mut there) => match (there.get_mut(), &purse.agendas) {
                (Some(there), Some(more)) => there.extend(more),
                (there, _) => *there = None,
            },
        }
    }
    all
}

macro_rules! fundable {
    ($whose:expr, $currency:expr, $agendas:expr) => {{
        let (Whose { me, email, .. }, agendas) = ($whose, $agendas);
        let any = agendas.is_none();
        let listed = agendas.as_ref().map(|ids: &Vec<AgendaId>| ids.clone()).unwrap_or_default();
        let named_by = g::application_agendas
            .filter(g::application_id.eq(a::id).and(g::agenda_id.eq_any(listed)));
        let live = m::consent.eq(Consent::Accepted).or(m::consent.eq(Consent::Invited));
        let named = m::person_id.eq(me).or(m::email.eq(email.to_owned()));
        let on_team =
            m::application_members.filter(m::application_id.eq(a::id).and(live).and(named));
        let declared = k::conflicts.filter(k::application_id.eq(a::id).and(k::person_id.eq(me)));
        a::applicant_id
            .ne(me)
            .and(a::currency.eq($currency))
            .and(a::amount_requested.gt(a::offered.nullable()))
            .and(any.into_sql::<Bool>().or(exists(named_by)))
            .and(not(exists(on_team)))
            .and(not(exists(declared)))
    }};
}

fn waiting((id, promised_on, minimum, requested, offered): Columns) -> Option<Waiting> {
    let (minimum, requested, lapses_on) = (minimum?, requested?, None);
    Some(Waiting { id, promised_on, minimum, requested, offered, lapses_on })
}

/// What was found, and whether there is more than was looked at.
pub(in crate::discovery) type Found = (Vec<Waiting>, bool);

/// Adds the first `each` of these; whether there are more.
fn add(found: &mut Vec<Waiting>, mut rows: Vec<Columns>, each: i64) -> bool {
    let each = usize::try_from(each).unwrap_or(usize::MAX);
    let more = rows.len() > each;
    rows.truncate(each);
    found.extend(rows.into_iter().filter_map(waiting));
    more
}

/// Those promised first, up to `each` of each currency in each of the `most` calls that promised
/// first.
pub(in crate::discovery) fn pressing(
    conn: &mut Conn,
    whose: Whose<'_>,
    (most, each): (usize, i64),
) -> Result<Found> {
    let mut found = Vec::new();
    let funds: Vec<FundId> = whose.purses.iter().map(|purse| purse.fund).collect();
    let (calls, mut more) = calls(conn, &funds, most)?;
    for (call, named) in &calls {
        for (currency, agendas) in fitting(whose.purses, named) {
            // Written out, so that the index of open ones is taken whatever the plan is made for.
            let open = sql::<Bool>("applications.status = 'open'");
            let rows: Vec<Columns> = a::applications
                .filter(open)
                .filter(a::call_id.eq(*call))
                .filter(fundable!(whose, currency, agendas))
                .order((a::promised_on, a::id))
                .limit(each + 1)
                .select((a::id, a::promised_on, a::amount_minimum, a::amount_requested, a::offered))
                .load(conn)?;
            more |= add(&mut found, rows, each);
        }
    }
    more |= routed(conn, whose, (&calls, each), &mut found)?;
    Ok((found, more))
}

/// Adds those that came into these calls by a route: for what the purses that may spend there are
/// for. Whether there are more.
fn routed(
    conn: &mut Conn,
    whose: Whose<'_>,
    (calls, each): (&[Named], i64),
    found: &mut Vec<Waiting>,
) -> Result<bool> {
    let routes = r::application_routes.filter(routed_to()).filter(r::call_id.eq(c::id));
    let ids: Vec<CallId> = calls.iter().map(|(id, _)| *id).collect();
    let some: BTreeSet<CallId> = c::calls
        .filter(c::id.eq_any(ids))
        .filter(exists(routes))
        .select(c::id)
        .load(conn)?
        .into_iter()
        .collect();
    let mut more = false;
    for (call, named) in calls.iter().filter(|(id, _)| some.contains(id)) {
        for (currency, agendas) in fitting(whose.purses, named) {
            let rows: Vec<Columns> = r::application_routes
                .inner_join(a::applications.on(a::id.eq(r::application_id)))
                .filter(routed_to())
                .filter(r::call_id.eq(*call))
                .filter(sql::<Bool>("applications.status = 'open'"))
                .filter(fundable!(whose, currency, agendas))
                .order((r::promised_on, r::application_id))
                .limit(each + 1)
                .select((a::id, r::promised_on, a::amount_minimum, a::amount_requested, a::offered))
                .load(conn)?;
            more |= add(found, rows, each);
        }
    }
    Ok(more)
}

/// Written out, as the index has it.
fn routed_to() -> SqlLiteral<Bool> {
    sql("application_routes.status = 'submitted'")
}

/// Those with an offer that lapses first, until `until`; up to `limit` over all purses.
pub(in crate::discovery) fn lapsing(
    conn: &mut Conn,
    whose: Whose<'_>,
    (now, until): (Instant, Instant),
    limit: i64,
) -> Result<Vec<Waiting>> {
    let mut found: Vec<(Instant, Columns)> = Vec::new();
    for purse in whose.purses {
        let named = f::call_funds.filter(f::call_id.eq(a::call_id));
        let ours = f::call_funds.filter(f::call_id.eq(a::call_id).and(f::fund_id.eq(purse.fund)));
        let unnamed = f::call_funds.filter(f::call_id.eq(r::call_id));
        let theirs = f::call_funds.filter(f::call_id.eq(r::call_id).and(f::fund_id.eq(purse.fund)));
        let further = r::application_routes
            .filter(routed_to())
            .filter(r::application_id.eq(a::id))
            .filter(exists(theirs).or(not(exists(unnamed))));
        let open = sql::<Bool>("offers.status IN ('awaiting_approval', 'placed')");
        let rows: Vec<(Instant, Columns)> = o::offers
            .inner_join(a::applications.on(a::id.eq(o::application_id)))
            .filter(open)
            .filter(o::expires_at.gt(now).and(o::expires_at.le(until)))
            .filter(sql::<Bool>("applications.status = 'open'"))
            .filter(exists(ours).or(not(exists(named))).or(exists(further)))
            .filter(fundable!(whose, purse.currency, &purse.agendas))
            .order(o::expires_at)
            .limit(limit)
            .select((
                o::expires_at,
                (a::id, a::promised_on, a::amount_minimum, a::amount_requested, a::offered),
            ))
            .load(conn)?;
        found.extend(rows);
    }
    // Of several purses, too, those that lapse first.
    found.sort_unstable_by_key(|(lapses, (id, ..))| (*lapses, *id));
    found.dedup_by_key(|(_, (id, ..))| *id);
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let of = |(lapses, row): (Instant, Columns)| {
        Some(Waiting { lapses_on: Some(lapses.date()), ..waiting(row)? })
    };
    Ok(found.into_iter().filter_map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::Id;

    #[test]
    fn only_what_a_purse_is_for_fits() {
        let id = |n: u128| uuid::Uuid::from_u128(n);
        let usd = Currency::parse("USD").expect("known");
        let purse = |fund: u128, agendas: Option<&[u128]>| Purse {
            fund: Id::from_uuid(id(fund)),
            currency: usd,
            agendas: agendas.map(|all| all.iter().map(|n| Id::from_uuid(id(*n))).collect()),
        };
        let named = |funds: &[u128]| funds.iter().map(|n| Id::from_uuid(id(*n))).collect();
        let purses = [purse(1, Some(&[10])), purse(2, Some(&[20])), purse(3, None)];
        let bio = Some(vec![Id::from_uuid(id(20))]);
        assert_eq!(fitting(&purses, &named(&[2])).remove(&usd), Some(bio));
        let both = Some(vec![Id::from_uuid(id(10)), Id::from_uuid(id(20))]);
        assert_eq!(fitting(&purses, &named(&[1, 2])).remove(&usd), Some(both));
        assert_eq!(fitting(&purses, &named(&[])).remove(&usd), Some(None));
        assert!(fitting(&purses, &named(&[9])).is_empty());
    }
}
