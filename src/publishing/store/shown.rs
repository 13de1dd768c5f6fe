//! Public applications and grants. What is not public is not found: the condition stands in every
//! statement, whoever asks.

use crate::applications::model::ApplicationStatus;
use crate::grants::model::GrantStatus;
use crate::grants::service::is_award;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, GrantId, PersonId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::application_texts::dsl as t;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::grants::dsl as g;
use crate::platform::db::schema::publications::dsl as p;
use crate::platform::db::schema::{application_texts, applications, grants};
use crate::platform::db::types::Doc;
use diesel::dsl::{exists, not, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// An application without its long texts.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = applications)]
pub(in crate::publishing) struct AppRow {
    pub(in crate::publishing) id: ApplicationId,
    pub(in crate::publishing) call_id: CallId,
    pub(in crate::publishing) applicant_id: PersonId,
    pub(in crate::publishing) title: String,
    pub(in crate::publishing) summary: String,
    pub(in crate::publishing) status: ApplicationStatus,
    pub(in crate::publishing) amount_minimum: Option<i64>,
    pub(in crate::publishing) amount_requested: Option<i64>,
    pub(in crate::publishing) offered: i64,
    pub(in crate::publishing) promised: i64,
    pub(in crate::publishing) currency: Option<Currency>,
    pub(in crate::publishing) duration_months: Option<i32>,
    pub(in crate::publishing) promised_on: Option<Date>,
    pub(in crate::publishing) submitted_at: Option<Instant>,
    pub(in crate::publishing) opened_at: Option<Instant>,
    pub(in crate::publishing) created_at: Instant,
    /// Declined in its own call alone: it went on in its further calls.
    pub(in crate::publishing) own_call_declined_at: Option<Instant>,
}

/// Its long texts.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = application_texts)]
pub(in crate::publishing) struct AppText {
    pub(in crate::publishing) body: String,
    pub(in crate::publishing) budget_lines: Doc,
}

/// A grant with what its application said.
#[derive(Debug, Queryable)]
pub(in crate::publishing) struct GrantRow {
    pub(in crate::publishing) id: GrantId,
    pub(in crate::publishing) application_id: ApplicationId,
    pub(in crate::publishing) call_id: CallId,
    pub(in crate::publishing) recipient_id: PersonId,
    pub(in crate::publishing) title: String,
    pub(in crate::publishing) summary: String,
    pub(in crate::publishing) status: GrantStatus,
    pub(in crate::publishing) amount_awarded: i64,
    pub(in crate::publishing) currency: Currency,
    pub(in crate::publishing) awarded_on: Date,
    pub(in crate::publishing) ends_on: Option<Date>,
    pub(in crate::publishing) closed_at: Option<Instant>,
    pub(in crate::publishing) created_at: Instant,
}

/// Public, and in this status: words of ours, written out as the indexes have them.
fn public(status: ApplicationStatus) -> SqlLiteral<Bool> {
    let status = status.as_str();
    sql(&format!(
        "applications.visibility = 'public' AND applications.status = '{status}' \
         AND NOT applications.withheld"
    ))
}

/// One public application, open or awarded.
pub(in crate::publishing) fn application(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Option<(AppRow, AppText)>> {
    let shown = public(ApplicationStatus::Open).or(public(ApplicationStatus::Awarded));
    let whole = a::applications.inner_join(t::application_texts.on(t::application_id.eq(a::id)));
    let query = whole.filter(a::id.eq(id)).filter(shown).filter(a::submitted_at.is_not_null());
    let row = query.select((AppRow::as_select(), AppText::as_select())).first(conn);
    Ok(row.optional()?)
}

/// The application became a grant that is an award still.
macro_rules! has_award {
    () => {
        exists(
            g::grants
                .filter(g::application_id.eq(a::id).and(is_award()))
                // Keeps PostgreSQL from reading all grants before it looks at any.
                .offset(0),
        )
    };
}

/// Public applications in a status, newest first, one more than the page holds. What was awarded
/// is told as long as its grant is an award.
pub(in crate::publishing) fn applications(
    conn: &mut Conn,
    (status, call): (ApplicationStatus, Option<CallId>),
    page: &PageOf<of::Application>,
) -> Result<Vec<AppRow>> {
    let mut query = a::applications.filter(public(status)).into_boxed();
    if status == ApplicationStatus::Awarded {
        query = query.filter(has_award!());
    }
    if let Some(call) = call {
        query = query.filter(a::call_id.eq(call).and(a::own_call_declined_at.is_null()));
    }
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    let query = query.order(a::id.desc()).limit(page.limit + 1);
    let mut rows: Vec<AppRow> = query.select(AppRow::as_select()).load(conn)?;
    if let Some(call) = call {
        rows.extend(routed(conn, (status, call), page)?);
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
        rows.truncate(usize::try_from(page.limit + 1).unwrap_or(0));
    }
    Ok(rows)
}

/// Those that came into a call by a route, over the index of the routes.
fn routed(
    conn: &mut Conn,
    (status, call): (ApplicationStatus, CallId),
    page: &PageOf<of::Application>,
) -> Result<Vec<AppRow>> {
    let mut query = r::application_routes
        .inner_join(a::applications.on(a::id.eq(r::application_id)))
        .filter(sql::<Bool>("application_routes.status = 'submitted'"))
        .filter(r::call_id.eq(call))
        .filter(public(status))
        .select(AppRow::as_select())
        .into_boxed();
    if status == ApplicationStatus::Awarded {
        query = query.filter(has_award!());
    }
    if let Some(after) = page.after {
        query = query.filter(r::application_id.lt(after));
    }
    Ok(query.order(r::application_id.desc()).limit(page.limit + 1).load(conn)?)
}

/// The open applications that became public last, those first; of one call, those that were written
/// for it or came into it by a route.
pub(in crate::publishing) fn feed(
    conn: &mut Conn,
    call: Option<CallId>,
    limit: i64,
) -> Result<Vec<AppRow>> {
    let mut query = a::applications
        .filter(public(ApplicationStatus::Open))
        .filter(a::opened_at.is_not_null())
        .select(AppRow::as_select())
        .into_boxed();
    if let Some(call) = call {
        query = query.filter(a::call_id.eq(call).and(a::own_call_declined_at.is_null()));
    }
    let newest = (a::opened_at.desc(), a::id.desc());
    let mut rows: Vec<AppRow> = query.order(newest).limit(limit).load(conn)?;
    if let Some(call) = call {
        rows.extend(routed_feed(conn, call, limit)?);
        rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.opened_at, row.id)));
        rows.truncate(usize::try_from(limit).unwrap_or(0));
    }
    Ok(rows)
}

/// Those of a call that came into it by a route. What is open to the public is looked through in
/// the order of the feed: the routes of a call grow with the years.
fn routed_feed(conn: &mut Conn, call: CallId, limit: i64) -> Result<Vec<AppRow>> {
    let query = r::application_routes
        .inner_join(a::applications.on(a::id.eq(r::application_id)))
        .filter(sql::<Bool>("application_routes.status = 'submitted'"))
        .filter(r::call_id.eq(call))
        .filter(public(ApplicationStatus::Open))
        .filter(a::opened_at.is_not_null())
        .order((a::opened_at.desc(), a::id.desc()));
    Ok(query.limit(limit).select(AppRow::as_select()).load(conn)?)
}

macro_rules! public_grants {
    () => {
        a::applications
            .inner_join(g::grants.on(g::application_id.eq(a::id)))
            .filter(public(ApplicationStatus::Awarded))
            .filter(not(exists(
                p::publications.filter(p::grant_id.eq(g::id).and(p::status.eq("withheld"))),
            )))
            .select((
                g::id,
                a::id,
                g::call_id,
                g::recipient_id,
                g::title,
                a::summary,
                g::status,
                g::amount_awarded,
                g::currency,
                g::awarded_on,
                g::ends_on,
                g::closed_at,
                g::created_at,
            ))
    };
}

/// Those that lists and feeds tell of as awards.
macro_rules! awards {
    () => {
        public_grants!().filter(is_award())
    };
}

/// One public grant, also one that was cancelled.
pub(in crate::publishing) fn grant(conn: &mut Conn, id: GrantId) -> Result<Option<GrantRow>> {
    Ok(public_grants!().filter(grants::id.eq(id)).first(conn).optional()?)
}

/// The ids of public applications with an award, newest first, one more than the page holds.
pub(in crate::publishing) fn awarded(
    conn: &mut Conn,
    page: &PageOf<of::Application>,
) -> Result<Vec<ApplicationId>> {
    let awarded = a::applications.filter(public(ApplicationStatus::Awarded)).filter(has_award!());
    let mut query = awarded.into_boxed();
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    Ok(query.order(a::id.desc()).limit(page.limit + 1).select(a::id).load(conn)?)
}

/// The awards that these applications became, the newest first.
pub(in crate::publishing) fn grants(
    conn: &mut Conn,
    of: &[ApplicationId],
) -> Result<Vec<GrantRow>> {
    let these = awards!().filter(a::id.eq_any(padded(of)));
    Ok(these.order(a::id.desc()).load(conn)?)
}

/// The awards that were made last.
pub(in crate::publishing) fn grant_feed(conn: &mut Conn, limit: i64) -> Result<Vec<GrantRow>> {
    let newest = awards!().filter(a::decided_at.is_not_null());
    Ok(newest.order((a::decided_at.desc(), a::id.desc())).limit(limit).load(conn)?)
}
