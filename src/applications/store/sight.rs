//! How somebody stands to applications, asked at once: for one, or for all of a page.

use super::live;
use crate::applications::model::Consent;
use crate::budgets::model::BudgetStatus;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, FundId, PersonId};
use crate::kernel::time::Date;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::budgets::dsl as b;
use crate::platform::db::schema::call_funds::dsl as f;
use crate::platform::db::schema::calls::dsl as c;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// Whether somebody holds an active budget of a fund that may spend in the application's call, if
/// it is in that still, or in one that it came into by a route.
pub(in crate::applications) fn backed(
    conn: &mut Conn,
    person: PersonId,
    (application, call, is_in): (ApplicationId, CallId, bool),
    today: Date,
) -> Result<bool> {
    let is_in = is_in.into_sql::<Bool>();
    let ours = f::call_funds.filter(f::call_id.eq(call).and(f::fund_id.eq(b::fund_id)));
    let named = f::call_funds.filter(f::call_id.eq(call));
    let theirs = f::call_funds.filter(f::call_id.eq(r::call_id).and(f::fund_id.eq(b::fund_id)));
    let unnamed = f::call_funds.filter(f::call_id.eq(r::call_id));
    let further = r::application_routes
        .filter(live())
        .filter(r::application_id.eq(application))
        .filter(exists(theirs).or(not(exists(unnamed))));
    let purse = b::budgets
        .filter(b::holder_id.eq(person).and(b::status.eq(BudgetStatus::Active)))
        .filter(b::expires_on.is_null().or(b::expires_on.ge(today)))
        .filter(exists(ours).or(not(exists(named))).and(is_in).or(exists(further)));
    Ok(Kept(diesel::select(exists(purse))).get_result(conn)?)
}

/// Which of some applications one of these funds may spend on, in whichever of their calls.
pub(in crate::applications) fn payable(
    conn: &mut Conn,
    among: &[ApplicationId],
    funds: &[FundId],
) -> Result<Vec<ApplicationId>> {
    let further = r::application_routes
        .filter(live())
        .filter(r::application_id.eq(a::id))
        .filter(pays!(r::call_id, funds));
    let these = a::applications
        .filter(a::id.eq_any(padded(among)))
        .filter(pays!(a::call_id, funds).and(in_own_call!()).or(exists(further)));
    Ok(Kept(these.select(a::id)).load(conn)?)
}

/// In which of some calls one of these funds may spend.
pub(in crate::applications) fn paying(
    conn: &mut Conn,
    among: &[CallId],
    funds: &[FundId],
) -> Result<Vec<CallId>> {
    let these = c::calls.filter(c::id.eq_any(padded(among))).filter(pays!(c::id, funds));
    Ok(Kept(these.select(c::id)).load(conn)?)
}

/// Of which of some applications somebody is on the team or asked onto it, by account or address.
pub(in crate::applications) fn placed(
    conn: &mut Conn,
    among: &[ApplicationId],
    (person, email): (PersonId, Option<&str>),
) -> Result<Vec<ApplicationId>> {
    let live = m::consent.eq(Consent::Accepted).or(m::consent.eq(Consent::Invited));
    let free = m::consent.eq(Consent::Invited).and(m::person_id.is_null());
    let asked = free.and(m::email.eq(email.unwrap_or_default()));
    let these = m::application_members
        .filter(m::application_id.eq_any(padded(among)))
        .filter(m::person_id.eq(person).and(live).or(asked));
    Ok(Kept(these.select(m::application_id).distinct()).load(conn)?)
}
