//! Which applications need reviewers.

use crate::applications::model::ApplicationStatus;
use crate::kernel::Result;
use crate::kernel::actor::{Role, Roles};
use crate::kernel::ids::{ApplicationId, CallId};
use crate::platform::db::Conn;
use crate::platform::db::schema::application_routes::dsl as t;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::review_decisions::dsl as d;
use crate::platform::db::schema::reviews::dsl as r;
use diesel::dsl::{exists, not, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// Reviews that are in, or can still be: whose reviewer is suspended or no reviewer any more writes
/// none. Written out: columns and a number of ours.
fn counts() -> String {
    let reviewer = Roles::default().with(Role::Reviewer).bits();
    format!(
        "(reviews.status = 'submitted' OR (reviews.status = 'assigned' AND EXISTS \
         (SELECT 1 FROM people WHERE people.id = reviews.reviewer_id \
         AND people.status = 'active' AND (people.roles & {reviewer}) <> 0)))"
    )
}

/// Whether fewer reviews than this are in, or can still be, in a call. Written out: a column and a
/// number of ours.
fn fewer_than(most: i64, call: &str) -> SqlLiteral<Bool> {
    let counts = counts();
    sql(&format!(
        "(SELECT COUNT(*) FROM reviews WHERE reviews.application_id = applications.id \
         AND reviews.call_id = {call} AND {counts}) < {most}"
    ))
}

/// How many reviews of an application are in, or can still be, in a call.
pub(in crate::reviews) fn counting(
    conn: &mut Conn,
    application: ApplicationId,
    call: CallId,
) -> Result<usize> {
    let here = r::reviews.filter(r::application_id.eq(application).and(r::call_id.eq(call)));
    let count: i64 = here.filter(sql::<Bool>(&counts())).count().get_result(conn)?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Applications through a route that is live; the word is written out, as the index has it.
fn live() -> SqlLiteral<Bool> {
    sql("application_routes.status = 'submitted'")
}

/// Applications written for a call, in this status, that have fewer than `most` reviewers there and
/// are not decided on, the oldest first.
pub(in crate::reviews) fn needy(
    conn: &mut Conn,
    (call, status): (CallId, ApplicationStatus),
    after: Option<ApplicationId>,
    most: i64,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    let decided = d::review_decisions.filter(d::application_id.eq(a::id));
    let mut query = a::applications
        .filter(a::call_id.eq(call).and(a::status.eq(status)))
        .filter(not(exists(decided)))
        .filter(fewer_than(most, "applications.call_id"))
        .select(a::id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(a::id.gt(after));
    }
    Ok(query.order(a::id).limit(limit).load(conn)?)
}

/// The same of those that came into the call by a route.
pub(in crate::reviews) fn needy_routed(
    conn: &mut Conn,
    (call, status): (CallId, ApplicationStatus),
    after: Option<ApplicationId>,
    most: i64,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    let decided = d::review_decisions.filter(d::application_id.eq(a::id));
    let mut query = t::application_routes
        .inner_join(a::applications.on(a::id.eq(t::application_id)))
        .filter(live())
        .filter(t::call_id.eq(call).and(a::status.eq(status)))
        .filter(not(exists(decided)))
        .filter(fewer_than(most, "application_routes.call_id"))
        .select(t::application_id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(t::application_id.gt(after));
    }
    Ok(query.order(t::application_id).limit(limit).load(conn)?)
}

/// How many applications that wait or are open are in a call by a route.
pub(in crate::reviews) fn routed(conn: &mut Conn, call: CallId) -> Result<i64> {
    let under_way = [ApplicationStatus::Submitted, ApplicationStatus::Open];
    Ok(t::application_routes
        .inner_join(a::applications.on(a::id.eq(t::application_id)))
        .filter(live())
        .filter(t::call_id.eq(call).and(a::status.eq_any(under_way)))
        .count()
        .get_result(conn)?)
}
