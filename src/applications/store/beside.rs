//! Applications without their long texts: one beside the budget that somebody would spend on it,
//! and those of a person or in a status.

use super::applications::Short;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::budgets::model::{BudgetStatus, BudgetTerms};
use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, BudgetId, FundId, PersonId};
use crate::kernel::money::Currency;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::appeals::dsl as p;
use crate::platform::db::schema::application_declines::dsl as d;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::budgets::dsl as b;
use crate::platform::db::schema::call_decisions::dsl as t;
use diesel::dsl::exists;
use diesel::prelude::*;

/// A budget that may not be there: id, fund, holder, name, currency, cap, threshold, last day,
/// status.
type Budget = (
    Option<BudgetId>,
    Option<FundId>,
    Option<PersonId>,
    Option<String>,
    Option<Currency>,
    Option<i64>,
    Option<i64>,
    Option<Date>,
    Option<BudgetStatus>,
);

fn terms(row: Budget) -> Option<BudgetTerms> {
    let (id, fund, holder, name, currency, per_grant_cap, approval_threshold, last, status) = row;
    Some(BudgetTerms {
        id: id?,
        fund_id: fund?,
        holder_id: holder?,
        name: name?,
        currency: currency?,
        per_grant_cap,
        approval_threshold,
        expires_on: last,
        status: status?,
    })
}

/// One application without its long texts, and the budget if it is there, in one statement.
pub(in crate::applications) fn fact_beside(
    conn: &mut Conn,
    id: ApplicationId,
    budget: BudgetId,
) -> Result<Option<(ApplicationFacts, Option<BudgetTerms>)>> {
    let columns = (
        b::id.nullable(),
        b::fund_id.nullable(),
        b::holder_id.nullable(),
        b::name.nullable(),
        b::currency.nullable(),
        b::per_grant_cap.nullable(),
        b::approval_threshold.nullable(),
        b::expires_on.nullable(),
        b::status.nullable(),
    );
    let row: Option<(Short, Budget)> = a::applications
        .left_join(b::budgets.on(b::id.eq(budget)))
        .filter(a::id.eq(id))
        .select((Short::as_select(), columns))
        .first(conn)
        .optional()?;
    Ok(row.map(|(short, budget)| (ApplicationFacts::from(short), terms(budget))))
}

/// Somebody's applications in a status, newest first.
pub(in crate::applications) fn of_person(
    conn: &mut Conn,
    (person, status): (PersonId, ApplicationStatus),
    limit: i64,
) -> Result<Vec<ApplicationFacts>> {
    let rows: Vec<Short> = a::applications
        .filter(a::applicant_id.eq(person).and(a::status.eq(status)))
        .order(a::id.desc())
        .limit(limit)
        .select(Short::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(ApplicationFacts::from).collect())
}

/// Somebody's declined applications about which something may be left to do, or whose appeal waits,
/// newest first: what was promised lasts until `today` or longer, or the decline is from `since` on
/// and its call now lets people do something. Those that their own call alone declined are among
/// them however they ended.
pub(in crate::applications) fn declined_lately(
    conn: &mut Conn,
    person: PersonId,
    (today, since): (Date, Instant),
    limit: i64,
) -> Result<Vec<ApplicationFacts>> {
    let declines = || d::application_declines.filter(d::application_id.eq(a::id));
    let promised = declines().filter(d::remedy_until.ge(today));
    let lately = || declines().filter(d::declined_at.ge(since));
    let terms = || t::call_decisions.filter(t::appeals.ne(Appeals::None));
    let own = exists(lately()).and(exists(terms().filter(t::call_id.eq(a::call_id))));
    let there = lately().filter(d::call_id.eq_any(terms().select(t::call_id.nullable())));
    let waits = p::appeals.filter(p::application_id.eq(a::id).and(p::decided_at.is_null()));
    let left = exists(promised).or(own).or(exists(there));
    let over = a::status
        .eq(ApplicationStatus::Withdrawn)
        .or(a::status.eq(ApplicationStatus::Lapsed))
        .and(a::own_call_declined_at.is_not_null());
    let rows: Vec<Short> = a::applications
        .filter(a::applicant_id.eq(person))
        .filter(a::status.eq(ApplicationStatus::Declined).or(over))
        .filter(left.or(exists(waits)))
        .order(a::id.desc())
        .limit(limit)
        .select(Short::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(ApplicationFacts::from).collect())
}

/// Applications in a status, what is promised first at the top.
pub(in crate::applications) fn promised_in(
    conn: &mut Conn,
    status: ApplicationStatus,
    limit: i64,
) -> Result<Vec<ApplicationFacts>> {
    let rows: Vec<Short> = a::applications
        .filter(a::status.eq(status))
        .order((a::promised_on.asc(), a::id.asc()))
        .limit(limit)
        .select(Short::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(ApplicationFacts::from).collect())
}
