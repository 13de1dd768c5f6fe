//! Which applications need reviewers, and who has what to do, and how much.

use super::Waiting;
use crate::applications::model::ApplicationStatus;
use crate::kernel::Result;
use crate::kernel::actor::{Role, Roles};
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::application_routes::dsl as t;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::review_decisions::dsl as d;
use crate::platform::db::schema::reviews::dsl as r;
use crate::reviews::model::ReviewStatus;
use diesel::dsl::{count_star, exists, not, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::BTreeMap;

/// Where reviews are still written, unless it was decided on them.
const UNDER_REVIEW: [ApplicationStatus; 3] =
    [ApplicationStatus::Submitted, ApplicationStatus::Open, ApplicationStatus::ChangesRequested];

/// Reviews that are waited for: not where reviewing is over, or the application has left the call.
macro_rules! waited_for {
    () => {{
        let decided = d::review_decisions.filter(d::application_id.eq(r::application_id));
        let routed = t::application_routes
            .filter(live())
            .filter(t::application_id.eq(r::application_id).and(t::call_id.eq(r::call_id)));
        let own = a::call_id.eq(r::call_id).and(a::own_call_declined_at.is_null());
        r::reviews
            .inner_join(a::applications.on(a::id.eq(r::application_id)))
            .filter(r::status.eq(ReviewStatus::Assigned))
            .filter(a::status.eq_any(UNDER_REVIEW))
            .filter(not(exists(decided)))
            .filter(own.or(exists(routed)))
    }};
}

/// Those that are waited for from somebody, newest first.
pub(in crate::reviews) fn waited_for(
    conn: &mut Conn,
    reviewer: PersonId,
    limit: i64,
) -> Result<Vec<Waiting>> {
    Ok(waited_for!()
        .filter(r::reviewer_id.eq(reviewer))
        .order(r::id.desc())
        .limit(limit)
        .select(Waiting::as_select())
        .load(conn)?)
}

/// How many are waited for from each of these people.
pub(in crate::reviews) fn loads(
    conn: &mut Conn,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, usize>> {
    let rows: Vec<(PersonId, i64)> = waited_for!()
        .filter(r::reviewer_id.eq_any(padded(people)))
        .group_by(r::reviewer_id)
        .select((r::reviewer_id, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, n)| (id, usize::try_from(n).unwrap_or(0))).collect())
}

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

/// Who reviews what in a call where reviews are still written: those that are in, or can still be;
/// in the order of applications, up to `limit`.
pub(in crate::reviews) fn counting_in(
    conn: &mut Conn,
    call: CallId,
    after: Option<ApplicationId>,
    limit: i64,
) -> Result<Vec<(PersonId, ApplicationId)>> {
    let decided = d::review_decisions.filter(d::application_id.eq(r::application_id));
    let mut query = r::reviews
        .inner_join(a::applications.on(a::id.eq(r::application_id)))
        .filter(r::call_id.eq(call))
        .filter(sql::<Bool>(&counts()))
        .filter(a::status.eq_any(UNDER_REVIEW))
        .filter(not(exists(decided)))
        .select((r::reviewer_id, r::application_id))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(r::application_id.gt(after));
    }
    Ok(query.order((r::application_id, r::id)).limit(limit).load(conn)?)
}

/// Applications through a route that is live; the word is written out, as the index has it.
fn live() -> SqlLiteral<Bool> {
    sql("application_routes.status = 'submitted'")
}

/// Applications written for a call and not declined there alone, in this status, that have fewer
/// than `most` reviewers there, or are among these, and are not decided on, the oldest first; of a
/// `blind` call those that were never open.
pub(in crate::reviews) fn needy(
    conn: &mut Conn,
    (call, status, blind): (CallId, ApplicationStatus, bool),
    after: Option<ApplicationId>,
    (most, these): (i64, &[ApplicationId]),
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    let decided = d::review_decisions.filter(d::application_id.eq(a::id));
    let mut query = a::applications
        .filter(a::call_id.eq(call).and(a::status.eq(status)))
        .filter(a::own_call_declined_at.is_null())
        .filter(not(exists(decided)))
        .filter(fewer_than(most, "applications.call_id").or(a::id.eq_any(padded(these))))
        .select(a::id)
        .into_boxed();
    if blind {
        query = query.filter(a::opened_at.is_null());
    }
    if let Some(after) = after {
        query = query.filter(a::id.gt(after));
    }
    Ok(query.order(a::id).limit(limit).load(conn)?)
}

/// The same of those that came into the call by a route.
pub(in crate::reviews) fn needy_routed(
    conn: &mut Conn,
    (call, status, blind): (CallId, ApplicationStatus, bool),
    after: Option<ApplicationId>,
    (most, these): (i64, &[ApplicationId]),
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    let decided = d::review_decisions.filter(d::application_id.eq(a::id));
    let mut query = t::application_routes
        .inner_join(a::applications.on(a::id.eq(t::application_id)))
        .filter(live())
        .filter(t::call_id.eq(call).and(a::status.eq(status)))
        .filter(not(exists(decided)))
        .filter(fewer_than(most, "application_routes.call_id").or(a::id.eq_any(padded(these))))
        .select(t::application_id)
        .into_boxed();
    if blind {
        query = query.filter(a::opened_at.is_null());
    }
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
