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

type Columns = (ApplicationId, Option<Date>, Option<i64>, Option<i64>);

/// Whose queue it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::discovery) struct Whose<'a> {
    pub(in crate::discovery) me: PersonId,
    pub(in crate::discovery) email: &'a str,
    pub(in crate::discovery) funds: &'a [FundId],
    pub(in crate::discovery) currencies: &'a [Currency],
    /// The directions of their budgets; none where one of them is for anything.
    pub(in crate::discovery) agendas: Option<&'a [AgendaId]>,
}

/// The newest calls that were opened and where one of these funds may spend.
fn calls(conn: &mut Conn, funds: &[FundId], limit: i64) -> Result<Vec<CallId>> {
    let named = f::call_funds.filter(f::call_id.eq(c::id));
    let ours = f::call_funds.filter(f::call_id.eq(c::id).and(f::fund_id.eq_any(funds.to_vec())));
    Ok(c::calls
        .filter(c::status.ne(CallStatus::Draft))
        .filter(exists(ours).or(not(exists(named))))
        .order(c::id.desc())
        .limit(limit)
        .select(c::id)
        .load(conn)?)
}

macro_rules! fundable {
    ($whose:expr) => {{
        let Whose { me, email, currencies, agendas, .. } = $whose;
        let any = agendas.is_none();
        let named_by = g::application_agendas.filter(
            g::application_id.eq(a::id).and(g::agenda_id.eq_any(agendas.unwrap_or(&[]).to_vec())),
        );
        let live = m::consent.eq(Consent::Accepted).or(m::consent.eq(Consent::Invited));
        let named = m::person_id.eq(me).or(m::email.eq(email.to_owned()));
        let on_team =
            m::application_members.filter(m::application_id.eq(a::id).and(live).and(named));
        let declared = k::conflicts.filter(k::application_id.eq(a::id).and(k::person_id.eq(me)));
        a::applicant_id
            .ne(me)
            .and(a::currency.eq_any(currencies.to_vec()))
            .and(a::amount_requested.gt(a::offered.nullable()))
            .and(any.into_sql::<Bool>().or(exists(named_by)))
            .and(not(exists(on_team)))
            .and(not(exists(declared)))
    }};
}

fn waiting(rows: Vec<Columns>) -> impl Iterator<Item = Waiting> {
    let of = |(id, promised_on, minimum, requested): Columns| {
        Some(Waiting { id, promised_on, minimum: minimum?, requested: requested? })
    };
    rows.into_iter().filter_map(of)
}

/// Those promised first, up to `each` of each of the newest `most` calls.
pub(in crate::discovery) fn pressing(
    conn: &mut Conn,
    whose: Whose<'_>,
    (most, each): (i64, i64),
) -> Result<Vec<Waiting>> {
    let mut found = Vec::new();
    let calls = calls(conn, whose.funds, most)?;
    for call in calls.iter().copied() {
        // Written out, so that the index of open ones is taken whatever the plan is made for.
        let open = sql::<Bool>("applications.status = 'open'");
        let rows: Vec<Columns> = a::applications
            .filter(open)
            .filter(a::call_id.eq(call))
            .filter(fundable!(whose))
            .order((a::promised_on, a::id))
            .limit(each)
            .select((a::id, a::promised_on, a::amount_minimum, a::amount_requested))
            .load(conn)?;
        found.extend(waiting(rows));
    }
    found.extend(routed(conn, whose, &calls, each)?);
    Ok(found)
}

/// Those that came into these calls by a route.
fn routed(conn: &mut Conn, whose: Whose<'_>, calls: &[CallId], each: i64) -> Result<Vec<Waiting>> {
    let routes = r::application_routes.filter(routed_to()).filter(r::call_id.eq(c::id));
    let some: Vec<CallId> = c::calls
        .filter(c::id.eq_any(calls.to_vec()))
        .filter(exists(routes))
        .select(c::id)
        .load(conn)?;
    let mut found = Vec::new();
    for call in some {
        let rows: Vec<Columns> = r::application_routes
            .inner_join(a::applications.on(a::id.eq(r::application_id)))
            .filter(routed_to())
            .filter(r::call_id.eq(call))
            .filter(sql::<Bool>("applications.status = 'open'"))
            .filter(fundable!(whose))
            .order((r::promised_on, r::application_id))
            .limit(each)
            .select((a::id, r::promised_on, a::amount_minimum, a::amount_requested))
            .load(conn)?;
        found.extend(waiting(rows));
    }
    Ok(found)
}

/// Written out, as the index has it.
fn routed_to() -> SqlLiteral<Bool> {
    sql("application_routes.status = 'submitted'")
}

/// Those with an offer that lapses first, until `until`; up to `limit` offers are looked at.
pub(in crate::discovery) fn lapsing(
    conn: &mut Conn,
    whose: Whose<'_>,
    (now, until): (Instant, Instant),
    limit: i64,
) -> Result<Vec<Waiting>> {
    let named = f::call_funds.filter(f::call_id.eq(a::call_id));
    let ours = f::call_funds
        .filter(f::call_id.eq(a::call_id).and(f::fund_id.eq_any(whose.funds.to_vec())));
    let theirs = f::call_funds
        .filter(f::call_id.eq(r::call_id).and(f::fund_id.eq_any(whose.funds.to_vec())));
    let unnamed = f::call_funds.filter(f::call_id.eq(r::call_id));
    let further = r::application_routes
        .filter(routed_to())
        .filter(r::application_id.eq(a::id))
        .filter(exists(theirs).or(not(exists(unnamed))));
    let open = sql::<Bool>("offers.status IN ('awaiting_approval', 'placed')");
    let soon: Vec<ApplicationId> = o::offers
        .filter(open)
        .filter(o::expires_at.gt(now).and(o::expires_at.le(until)))
        .order(o::expires_at)
        .limit(limit)
        .select(o::application_id)
        .load(conn)?;
    let rows: Vec<Columns> = a::applications
        .filter(a::id.eq_any(soon))
        .filter(sql::<Bool>("applications.status = 'open'"))
        .filter(exists(ours).or(not(exists(named))).or(exists(further)))
        .filter(fundable!(whose))
        .select((a::id, a::promised_on, a::amount_minimum, a::amount_requested))
        .load(conn)?;
    Ok(waiting(rows).collect())
}
