//! Lists of applications, scoped by who asks.
//!
//! Who may see an application for which reason is a set of branches, each an equality on the
//! leading columns of an index and a range of ids. A page takes the newest ids of each branch and
//! merges them: its cost grows with the branches and the page, not with the table. (One branch
//! walks: private applications that funds could pay, in whichever of their calls, pass by those
//! of other funds. So do those of one call that look for something: they pass by the others there.)
//! What came into the call that is asked for by a route is a look of its own, over the index of the
//! routes.

use super::live;
use crate::agendas::model::LookingFor;
use crate::applications::model::{ApplicationStatus, Consent};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, FundId, PersonId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::call_funds::dsl as f;
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::schema::{application_routes, applications};
use diesel::dsl::{exists, not, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// One reason to see applications.
#[derive(Debug, Clone, Copy)]
pub(in crate::applications) enum Branch<'a> {
    /// Those that were handed in: all, or those of one visibility in one status.
    Submitted(Option<(Visibility, ApplicationStatus)>),
    /// Public ones in this status.
    Public(ApplicationStatus),
    /// Private ones in this status, where one of these funds may spend in one of their calls: the
    /// one that they were written for, or one into which they came by a route.
    Backed(ApplicationStatus, &'a [FundId]),
    /// Their own.
    Own(PersonId),
    /// Those of whose team they are, or whom they are asked to join by their account.
    Team(PersonId),
    /// Those that this address is invited to, to no place of somebody else's than theirs.
    Invited(PersonId, &'a str),
}

impl Branch<'_> {
    /// The one status of all that is in it.
    fn status(&self) -> Option<ApplicationStatus> {
        match self {
            Self::Submitted(which) => which.map(|(_, status)| status),
            Self::Public(status) | Self::Backed(status, _) => Some(*status),
            Self::Own(_) | Self::Team(_) | Self::Invited(..) => None,
        }
    }
    /// Whether it is of the team and the sponsor: of what was declined in its own call alone, they
    /// are told that call; others are not.
    fn tells_own_call(&self) -> bool {
        !matches!(self, Self::Public(_) | Self::Backed(..))
    }
}

/// What lists show: all but the long texts.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = applications)]
pub(in crate::applications) struct Listed {
    pub(in crate::applications) id: ApplicationId,
    pub(in crate::applications) call_id: CallId,
    pub(in crate::applications) applicant_id: PersonId,
    pub(in crate::applications) title: String,
    pub(in crate::applications) summary: String,
    pub(in crate::applications) status: ApplicationStatus,
    pub(in crate::applications) amount_minimum: Option<i64>,
    pub(in crate::applications) amount_requested: Option<i64>,
    pub(in crate::applications) offered: i64,
    pub(in crate::applications) promised: i64,
    pub(in crate::applications) currency: Option<Currency>,
    pub(in crate::applications) visibility: Visibility,
    pub(in crate::applications) promised_on: Option<Date>,
    pub(in crate::applications) submitted_at: Option<Instant>,
    pub(in crate::applications) opened_at: Option<Instant>,
    pub(in crate::applications) decided_at: Option<Instant>,
    pub(in crate::applications) created_at: Instant,
    /// Whether it is kept from the public for now.
    pub(in crate::applications) withheld: bool,
    pub(in crate::applications) own_call_declined_at: Option<Instant>,
}

/// What is asked for, from the least to the most, in minor units of one currency.
#[derive(Debug, Clone, Copy)]
pub(in crate::applications) struct Amounts {
    pub(in crate::applications) currency: Currency,
    pub(in crate::applications) least: i64,
    pub(in crate::applications) most: i64,
}

/// Which applications to list.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::applications) struct Filter<'a> {
    /// Only in one of these statuses; in none where there are none.
    pub(in crate::applications) statuses: Option<&'a [ApplicationStatus]>,
    /// Only in this call.
    pub(in crate::applications) call: Option<CallId>,
    /// Only those that look for this.
    pub(in crate::applications) looking_for: Option<LookingFor>,
    /// Of that call, only those that are told as written for it: none that came into it by a route,
    /// and those that it declined alone for who is told so.
    pub(in crate::applications) written: bool,
}

/// Written out instead of bound: PostgreSQL keeps one plan for all values of a bound parameter, and
/// the best one for a rare status is the worst for a frequent one. Both are words of ours.
fn is(column: &str, word: &str) -> SqlLiteral<Bool> {
    sql(&format!("applications.{column} = '{word}'"))
}

/// That an application is in one of these statuses.
fn is_in(statuses: &[ApplicationStatus]) -> SqlLiteral<Bool> {
    match statuses {
        [] => sql("1 = 0"),
        [status] => is("status", status.as_str()),
        all => {
            let words: Vec<&str> = all.iter().map(|status| status.as_str()).collect();
            sql(&format!("applications.status IN ('{}')", words.join("', '")))
        }
    }
}

/// That an application looks for this, written as the index of such applications has it.
fn looks(what: LookingFor) -> SqlLiteral<Bool> {
    sql(&format!("applications.looking_for & {} <> 0", LookingFor::bits(&[what])))
}

// A second look at the routes, where they are read already.
diesel::alias!(application_routes as further: Further);

/// Narrows a query, over applications alone or over those of routes, to one branch and the filter.
macro_rules! narrowed {
    ($query:ident, $branch:expr, $filter:expr) => {{
        match $branch {
            Branch::Submitted(which) => {
                $query = $query.filter(a::submitted_at.is_not_null());
                if let Some((visibility, status)) = which {
                    $query = $query.filter(is("visibility", visibility.as_str()));
                    $query = $query.filter(is("status", status.as_str()));
                }
            }
            Branch::Public(status) => {
                $query = $query.filter(is("visibility", Visibility::Public.as_str()));
                $query = $query.filter(is("status", status.as_str())).filter(not(a::withheld));
            }
            Branch::Backed(status, funds) => {
                let routes = further
                    .filter(sql::<Bool>("further.status = 'submitted'"))
                    .filter(further.field(r::application_id).eq(a::id))
                    .filter(pays!(further.field(r::call_id), funds))
                    // Keeps PostgreSQL from making a list of all routes before it looks at any.
                    .offset(0);
                $query = $query
                    .filter(is("visibility", Visibility::Private.as_str()))
                    .filter(is("status", status.as_str()))
                    .filter(pays!(a::call_id, funds).and(in_own_call!()).or(exists(routes)));
            }
            Branch::Own(person) => $query = $query.filter(a::applicant_id.eq(person)),
            Branch::Team(person) => {
                let there = m::consent.eq(Consent::Accepted).or(m::consent.eq(Consent::Invited));
                let teams = m::application_members.filter(m::person_id.eq(person).and(there));
                $query = $query.filter(a::id.eq_any(teams.select(m::application_id)));
            }
            Branch::Invited(person, email) => {
                let invitations = m::application_members
                    .filter(m::email.eq(email.to_owned()).and(m::consent.eq(Consent::Invited)))
                    .filter(m::person_id.is_null().or(m::person_id.eq(person)));
                $query = $query.filter(a::id.eq_any(invitations.select(m::application_id)));
            }
        }
        // The branch may have said so already.
        if let Some(statuses) = $filter.statuses.filter(|_| $branch.status().is_none()) {
            $query = $query.filter(is_in(statuses));
        }
        if let Some(what) = $filter.looking_for {
            $query = $query.filter(looks(what));
        }
        $query
    }};
}

/// The newest ids of one branch, one more than the page holds: of the call, where one is asked for,
/// those that were written for it and not declined there alone, or that this is told of.
fn newest(
    conn: &mut Conn,
    branch: Branch<'_>,
    filter: Filter<'_>,
    page: &PageOf<of::Application>,
) -> Result<Vec<ApplicationId>> {
    let mut query = a::applications.select(a::id).into_boxed();
    query = narrowed!(query, branch, filter);
    if let Some(call) = filter.call {
        query = query.filter(a::call_id.eq(call));
        if !filter.written || !branch.tells_own_call() {
            query = query.filter(in_own_call!());
        }
    }
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    Ok(Kept(query.order(a::id.desc()).limit(page.limit + 1)).load(conn)?)
}

/// The same of those that came into this call, the one that is asked for, by a route.
fn in_call(
    conn: &mut Conn,
    call: CallId,
    branch: Branch<'_>,
    filter: Filter<'_>,
    page: &PageOf<of::Application>,
) -> Result<Vec<ApplicationId>> {
    let mut query = r::application_routes
        .inner_join(a::applications.on(a::id.eq(r::application_id)))
        .filter(live())
        .filter(r::call_id.eq(call))
        .select(r::application_id)
        .into_boxed();
    query = narrowed!(query, branch, filter);
    if let Some(after) = page.after {
        query = query.filter(r::application_id.lt(after));
    }
    Ok(Kept(query.order(r::application_id.desc()).limit(page.limit + 1)).load(conn)?)
}

/// Those of some applications that are in the status, are in the call (its own, or one that it came
/// into by a route), and ask for this much; the newest first.
pub(in crate::applications) fn these(
    conn: &mut Conn,
    ids: &[ApplicationId],
    filter: Filter<'_>,
    amounts: Option<Amounts>,
) -> Result<Vec<Listed>> {
    let mut query =
        a::applications.filter(a::id.eq_any(padded(ids))).select(Listed::as_select()).into_boxed();
    if let Some(statuses) = filter.statuses {
        query = query.filter(is_in(statuses));
    }
    if let Some(call) = filter.call {
        let routes = r::application_routes
            .filter(live())
            .filter(r::application_id.eq(a::id).and(r::call_id.eq(call)));
        query = query.filter(a::call_id.eq(call).and(in_own_call!()).or(exists(routes)));
    }
    if let Some(Amounts { currency, least, most }) = amounts {
        // What changed since it was handed in asks for what it asked for then: who knows that
        // looks again.
        let fits = a::currency.eq(currency).and(a::amount_requested.between(least, most));
        let changed = a::status.eq_any(ApplicationStatus::MAY_DIFFER);
        query = query.filter(fits.or(changed.nullable()));
    }
    Ok(Kept(query.order(a::id.desc())).load(conn)?)
}

/// The newest applications of all branches, each once, one more than the page holds.
pub(in crate::applications) fn list(
    conn: &mut Conn,
    branches: &[Branch<'_>],
    filter: Filter<'_>,
    page: &PageOf<of::Application>,
) -> Result<Vec<Listed>> {
    let ids = list_ids(conn, branches, filter, page)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let these = a::applications.filter(a::id.eq_any(padded(&ids)));
    Ok(Kept(these.order(a::id.desc()).select(Listed::as_select())).load(conn)?)
}

/// The same by their ids, the newest first.
pub(in crate::applications) fn list_ids(
    conn: &mut Conn,
    branches: &[Branch<'_>],
    filter: Filter<'_>,
    page: &PageOf<of::Application>,
) -> Result<Vec<ApplicationId>> {
    let mut ids = Vec::new();
    let fits = |branch: &&Branch<'_>| match (branch.status(), filter.statuses) {
        (Some(status), Some(statuses)) => statuses.contains(&status),
        _ => true,
    };
    for branch in branches.iter().filter(fits) {
        ids.extend(newest(conn, *branch, filter, page)?);
        if let Some(call) = filter.call.filter(|_| !filter.written) {
            ids.extend(in_call(conn, call, *branch, filter, page)?);
        }
    }
    ids.sort_unstable_by(|x, y| y.cmp(x));
    ids.dedup();
    ids.truncate(usize::try_from(page.limit + 1).unwrap_or(0));
    Ok(ids)
}

/// One that may have lapsed: its call's last day, that call's decision time, and when it was
/// declined there alone.
pub(in crate::applications) type Aged = (ApplicationId, Option<Date>, i32, Option<Instant>);

/// Open applications above `after` whose promised day is over and whose call's last day is over, or
/// that were declined there alone. The oldest first, up to `limit`.
pub(in crate::applications) fn aged(
    conn: &mut Conn,
    today: Date,
    after: Option<ApplicationId>,
    limit: i64,
) -> Result<Vec<Aged>> {
    let mut query = a::applications
        .inner_join(c::calls.on(c::id.eq(a::call_id)))
        .filter(a::status.eq(ApplicationStatus::Open))
        .filter(c::closes_on.lt(today).or(a::own_call_declined_at.is_not_null()))
        .filter(a::promised_on.is_null().or(a::promised_on.lt(today)))
        .select((a::id, c::closes_on, c::decision_days, a::own_call_declined_at))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(a::id.gt(after));
    }
    Ok(query.order(a::id).limit(limit).load(conn)?)
}
