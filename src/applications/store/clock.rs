//! Rows of decision clocks, of days that were moved, and of what is counted.

use crate::applications::model::{
    ApplicationStatus, ClockRecord, ExtensionRecord, RouteStatus, Step, Tally,
};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, ExtensionId, PersonId};
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, Kept, padded};
use crate::platform::db::schema::application_clocks;
use crate::platform::db::schema::application_clocks::dsl as k;
use crate::platform::db::schema::application_extensions;
use crate::platform::db::schema::application_extensions::dsl as x;
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::schema::decision_tallies::dsl as t;
use diesel::dsl::{count_star, exists, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::BTreeMap;

#[derive(Queryable, Selectable)]
#[diesel(table_name = application_clocks)]
struct Row {
    application_id: ApplicationId,
    first_promised_on: Date,
    paused_on: Option<Date>,
    step: Step,
    due_on: Option<Date>,
    rule_extensions: i32,
    answered_at: Option<Instant>,
    decided_at: Option<Instant>,
    remind_on: Option<Date>,
}

impl From<Row> for ClockRecord {
    fn from(row: Row) -> Self {
        Self {
            application_id: row.application_id,
            first_promised_on: row.first_promised_on,
            paused_on: row.paused_on,
            step: row.step,
            due_on: row.due_on,
            rule_extensions: row.rule_extensions,
            answered_at: row.answered_at,
            decided_at: row.decided_at,
            remind_on: row.remind_on,
        }
    }
}

pub(in crate::applications) fn clock(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Option<ClockRecord>> {
    let row: Option<Row> =
        k::application_clocks.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(ClockRecord::from))
}

/// Writes a clock, new or not; the caller holds the application's row.
pub(in crate::applications) fn save_clock(conn: &mut Conn, clock: &ClockRecord) -> Result<()> {
    let values = (
        k::first_promised_on.eq(clock.first_promised_on),
        k::paused_on.eq(clock.paused_on),
        k::step.eq(clock.step),
        k::due_on.eq(clock.due_on),
        k::rule_extensions.eq(clock.rule_extensions),
        k::answered_at.eq(clock.answered_at),
        k::decided_at.eq(clock.decided_at),
        k::remind_on.eq(clock.remind_on),
    );
    let this = k::application_clocks.find(clock.application_id);
    if diesel::update(this).set(values).execute(conn)? == 0 {
        diesel::insert_into(k::application_clocks)
            .values((k::application_id.eq(clock.application_id), values))
            .execute(conn)?;
    }
    Ok(())
}

/// Clocks on which something is due, the most urgent first.
pub(in crate::applications) fn due_clocks(
    conn: &mut Conn,
    today: Date,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    Ok(k::application_clocks
        .filter(k::due_on.le(today))
        .order((k::due_on, k::application_id))
        .limit(limit)
        .select(k::application_id)
        .load(conn)?)
}

/// Applications whose applicants are to be reminded today of changes that they were asked for.
pub(in crate::applications) fn changes_missing(
    conn: &mut Conn,
    today: Date,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    Ok(k::application_clocks
        .filter(k::remind_on.le(today))
        .order((k::remind_on, k::application_id))
        .limit(limit)
        .select(k::application_id)
        .load(conn)?)
}

/// Those in the same stage of a call that came in before this moment, by a route or not, counted up
/// to `most`.
pub(in crate::applications) fn ahead(
    conn: &mut Conn,
    (call, status): (CallId, ApplicationStatus),
    submitted_at: Instant,
    most: i64,
) -> Result<i64> {
    // Written out, so that the index of those who wait is seen to fit: see `lists`.
    let stage = sql::<Bool>(&format!("applications.status = '{}'", status.as_str()));
    let rows: Vec<ApplicationId> = a::applications
        .filter(a::call_id.eq(call).and(stage).and(a::submitted_at.lt(submitted_at)))
        .filter(in_own_call!())
        .order(a::submitted_at)
        .limit(most)
        .select(a::id)
        .load(conn)?;
    let stage = sql::<Bool>(&format!("applications.status = '{}'", status.as_str()));
    let routed: Vec<ApplicationId> = r::application_routes
        .inner_join(a::applications.on(a::id.eq(r::application_id)))
        .filter(r::call_id.eq(call).and(r::status.eq(RouteStatus::Submitted)))
        .filter(stage.and(r::submitted_at.lt(submitted_at)))
        .limit(most)
        .select(r::application_id)
        .load(conn)?;
    let count = i64::try_from(rows.len() + routed.len());
    Ok(count.map_err(crate::kernel::problem::Problem::internal)?.min(most))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = application_extensions)]
struct Moved {
    id: ExtensionId,
    promised_before: Date,
    promised_on: Date,
    reason: String,
    extended_by: Option<PersonId>,
    extended_at: Instant,
    call_id: Option<CallId>,
}

/// The first first; at most 100, which a person reaches only by trying.
pub(in crate::applications) fn extensions(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Vec<ExtensionRecord>> {
    let rows: Vec<Moved> = x::application_extensions
        .filter(x::application_id.eq(id))
        .order(x::id)
        .limit(100)
        .select(Moved::as_select())
        .load(conn)?;
    let record = |row: Moved| ExtensionRecord {
        id: row.id,
        promised_before: row.promised_before,
        promised_on: row.promised_on,
        reason: row.reason,
        extended_by: row.extended_by,
        extended_at: row.extended_at,
        call_id: row.call_id,
    };
    Ok(rows.into_iter().map(record).collect())
}

pub(in crate::applications) fn insert_extension(
    conn: &mut Conn,
    application: ApplicationId,
    moved: &ExtensionRecord,
) -> Result<()> {
    diesel::insert_into(x::application_extensions)
        .values((
            x::id.eq(moved.id),
            x::application_id.eq(application),
            x::promised_before.eq(moved.promised_before),
            x::promised_on.eq(moved.promised_on),
            x::reason.eq(&moved.reason),
            x::extended_by.eq(moved.extended_by),
            x::extended_at.eq(moved.extended_at),
            x::call_id.eq(moved.call_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// Moves the promised day; whether it stood in this status.
pub(in crate::applications) fn move_promise(
    conn: &mut Conn,
    (id, status): (ApplicationId, ApplicationStatus),
    promised_on: Date,
) -> Result<bool> {
    let this = a::applications.filter(a::id.eq(id).and(a::status.eq(status)));
    let set = (a::promised_on.eq(Some(promised_on)), a::version.eq(a::version + 1));
    Ok(diesel::update(this).set(set).execute(conn)? == 1)
}

/// Writes the first day that its further calls promise as that of an application that was declined
/// in its own; the caller holds its row.
pub(in crate::applications) fn save_first_day(
    conn: &mut Conn,
    id: ApplicationId,
    day: Option<Date>,
) -> Result<()> {
    diesel::update(a::applications.find(id)).set(a::promised_on.eq(day)).execute(conn)?;
    Ok(())
}

/// One more that took so many days, in the month of this day.
pub(in crate::applications) fn count_days(
    conn: &mut Conn,
    (call, kind): (CallId, Tally),
    month: Date,
    days: i32,
) -> Result<()> {
    let insert = diesel::insert_into(t::decision_tallies)
        .values((
            t::call_id.eq(call),
            t::month.eq(month),
            t::kind.eq(kind),
            t::days.eq(days),
            t::number.eq(1_i64),
        ))
        .on_conflict((t::call_id, t::month, t::kind, t::days))
        .do_update()
        .set(t::number.eq(t::number + 1));
    Both(insert).execute(conn)?;
    Ok(())
}

/// Of these calls, how many applications wait there, and since when the first does: their own and
/// those that came by a route.
pub(in crate::applications) fn waiting_in(
    conn: &mut Conn,
    calls: &[CallId],
) -> Result<Vec<(CallId, i64, Instant)>> {
    type Line = (CallId, i64, Option<Instant>);
    // Written out, as the indexes have them.
    let waits = || sql::<Bool>("applications.status IN ('submitted', 'open')");
    let own: Vec<Line> = a::applications
        .filter(waits())
        .filter(a::call_id.eq_any(padded(calls)).and(in_own_call!()))
        .group_by(a::call_id)
        .select((a::call_id, count_star(), min(a::submitted_at)))
        .load(conn)?;
    let routed_to = || sql::<Bool>("application_routes.status = 'submitted'");
    let any = r::application_routes.filter(routed_to()).filter(r::call_id.eq(c::id));
    let further: Vec<CallId> = c::calls
        .filter(c::id.eq_any(padded(calls)))
        .filter(exists(any))
        .select(c::id)
        .load(conn)?;
    let mut routed: Vec<Line> = Vec::new();
    // One by one, or the whole table of routes is walked for them.
    for call in further {
        let (count, first) = r::application_routes
            .inner_join(a::applications.on(a::id.eq(r::application_id)))
            .filter(routed_to())
            .filter(waits())
            .filter(r::call_id.eq(call))
            .select((count_star(), min(r::submitted_at)))
            .first(conn)?;
        routed.push((call, count, first));
    }
    let mut all: BTreeMap<CallId, (i64, Instant)> = BTreeMap::new();
    for (call, count, first) in own.into_iter().chain(routed) {
        let Some(first) = first else { continue };
        let waiting = all.entry(call).or_insert((0, first));
        *waiting = (waiting.0 + count, waiting.1.min(first));
    }
    Ok(all.into_iter().map(|(call, (count, first))| (call, count, first)).collect())
}

/// One line of what was counted: call, month, kind, days, number.
pub(in crate::applications) type Counted = (CallId, Date, Tally, i32, i64);

/// What was counted of these calls in these months, by call, month, kind and days.
pub(in crate::applications) fn counted(
    conn: &mut Conn,
    calls: &[CallId],
    (from, to): (Date, Date),
) -> Result<Vec<Counted>> {
    let these = t::call_id.eq_any(padded(calls)).and(t::month.between(from, to));
    let rows = t::decision_tallies
        .filter(these)
        .order((t::call_id, t::month, t::kind, t::days))
        .select((t::call_id, t::month, t::kind, t::days, t::number));
    Ok(Kept(rows).load(conn)?)
}
