//! Rows of routes to further calls. The word of their status is written out where an index is made
//! of it: see `lists`.

use crate::answers::model::Paper;
use crate::applications::model::{Going, RouteRecord, RouteStatus, Step};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::application_routes;
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::types::Doc;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Queryable, Selectable)]
#[diesel(table_name = application_routes)]
struct Row {
    application_id: ApplicationId,
    call_id: CallId,
    status: RouteStatus,
    form_version: i32,
    answers: Doc,
    suggested: Doc,
    carried: Doc,
    routed_by: Option<PersonId>,
    routed_at: Instant,
    submitted_by: Option<PersonId>,
    submitted_at: Option<Instant>,
    promised_on: Option<Date>,
    step: Step,
    due_on: Option<Date>,
    rule_extensions: i32,
    answered_at: Option<Instant>,
    ended_at: Option<Instant>,
    reason: Option<String>,
    version: i32,
    again: bool,
    again_until: Option<Date>,
}

impl Row {
    fn record(self) -> Result<RouteRecord> {
        let answers = serde_json::from_value(self.answers.0).map_err(Problem::internal)?;
        let suggested = serde_json::from_value(self.suggested.0).map_err(Problem::internal)?;
        let carried = serde_json::from_value(self.carried.0).map_err(Problem::internal)?;
        Ok(RouteRecord {
            application_id: self.application_id,
            call_id: self.call_id,
            status: self.status,
            paper: Paper { form_version: self.form_version, answers, suggested },
            carried,
            routed_by: self.routed_by,
            routed_at: self.routed_at,
            submitted_by: self.submitted_by,
            submitted_at: self.submitted_at,
            promised_on: self.promised_on,
            step: self.step,
            due_on: self.due_on,
            rule_extensions: self.rule_extensions,
            answered_at: self.answered_at,
            ended_at: self.ended_at,
            reason: self.reason,
            version: self.version,
            again: self.again,
            again_until: self.again_until,
        })
    }
}

fn doc(value: &impl Serialize) -> Result<Doc> {
    serde_json::to_value(value).map(Doc).map_err(Problem::internal)
}

/// Those through which the application is in a call.
pub(in crate::applications) fn live() -> SqlLiteral<Bool> {
    sql("application_routes.status = 'submitted'")
}

/// Writes a route, new or not; the caller holds the application's row, and has read the version
/// before: another one is not written over.
pub(in crate::applications) fn save_route(conn: &mut Conn, route: &RouteRecord) -> Result<()> {
    let values = (
        r::status.eq(route.status),
        r::form_version.eq(route.paper.form_version),
        r::answers.eq(doc(&route.paper.answers)?),
        r::suggested.eq(doc(&route.paper.suggested)?),
        r::carried.eq(doc(&route.carried)?),
        r::routed_by.eq(route.routed_by),
        r::routed_at.eq(route.routed_at),
        r::submitted_by.eq(route.submitted_by),
        r::submitted_at.eq(route.submitted_at),
        r::promised_on.eq(route.promised_on),
        r::step.eq(route.step),
        r::due_on.eq(route.due_on),
        r::rule_extensions.eq(route.rule_extensions),
        r::answered_at.eq(route.answered_at),
        r::ended_at.eq(route.ended_at),
        r::reason.eq(route.reason.as_deref()),
        r::version.eq(route.version),
        r::again.eq(route.again),
        r::again_until.eq(route.again_until),
    );
    let key = (route.application_id, route.call_id);
    let rows = if route.version == 1 {
        diesel::insert_into(r::application_routes)
            .values((r::application_id.eq(key.0), r::call_id.eq(key.1), values))
            .execute(conn)?
    } else {
        let before = r::version.eq(route.version - 1);
        let this = r::application_routes.find(key).filter(before);
        diesel::update(this).set(values).execute(conn)?
    };
    match rows {
        1 => Ok(()),
        _ => Err(Problem::internal("a route was changed by who does not hold its application")),
    }
}

pub(in crate::applications) fn route(
    conn: &mut Conn,
    key: (ApplicationId, CallId),
) -> Result<Option<RouteRecord>> {
    let row: Option<Row> =
        r::application_routes.find(key).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::record).transpose()
}

/// All routes of an application, which has few; the first first.
pub(in crate::applications) fn routes(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<RouteRecord>> {
    let rows: Vec<Row> = r::application_routes
        .filter(r::application_id.eq(application))
        .order((r::routed_at, r::call_id))
        .limit(200)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::record).collect()
}

/// The further calls that an application is in.
pub(in crate::applications) fn further_calls(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<CallId>> {
    Ok(r::application_routes
        .filter(live())
        .filter(r::application_id.eq(application))
        .order(r::call_id)
        .select(r::call_id)
        .load(conn)?)
}

/// Calls that an application was in, perhaps, and is not in: left or declined, also where it came
/// back as a draft since. (A draft that never was in has brought no offer.)
pub(in crate::applications) fn other_calls(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<CallId>> {
    Ok(r::application_routes
        .filter(r::application_id.eq(application).and(r::status.ne(RouteStatus::Submitted)))
        .order(r::call_id)
        .select(r::call_id)
        .load(conn)?)
}

/// Those of some applications that have such a call.
pub(in crate::applications) fn with_other_calls(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeSet<ApplicationId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let these = r::application_routes
        .filter(r::application_id.eq_any(padded(ids)))
        .filter(r::status.ne(RouteStatus::Submitted))
        .select(r::application_id);
    let found: Vec<ApplicationId> = Kept(these).load(conn)?;
    Ok(found.into_iter().collect())
}

/// The last day of a call, its decision time, and the day by which a decision was promised.
pub(in crate::applications) type Ends = (Option<Date>, i32, Option<Date>);

/// Of the further calls that an application is in: the last day, the decision time, and the day by
/// which a decision was promised.
pub(in crate::applications) fn further_ends(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<Ends>> {
    Ok(r::application_routes
        .inner_join(c::calls.on(c::id.eq(r::call_id)))
        .filter(live())
        .filter(r::application_id.eq(application))
        .select((c::closes_on, c::decision_days, r::promised_on))
        .load(conn)?)
}

/// Of some applications, the routes that go on, are drafts, or were declined, also where they were
/// begun again and have not come in: what each asks, the first first.
pub(in crate::applications) fn going(conn: &mut Conn, ids: &[ApplicationId]) -> Result<Vec<Going>> {
    type Found = (ApplicationId, CallId, String, RouteStatus, Option<Date>);
    let these = r::application_routes
        .inner_join(c::calls.on(c::id.eq(r::call_id)))
        .filter(r::application_id.eq_any(padded(ids)))
        .filter(
            r::status
                .eq(RouteStatus::Draft)
                .or(r::status.eq(RouteStatus::Submitted))
                .or(r::status.eq(RouteStatus::Declined))
                .or(r::again.eq(true).and(r::submitted_at.is_null()).and(
                    r::status.eq(RouteStatus::Withdrawn).or(r::status.eq(RouteStatus::Ended)),
                )),
        )
        .order((r::application_id, r::call_id))
        .select((r::application_id, r::call_id, c::title, r::status, r::promised_on));
    let rows: Vec<Found> = Kept(these).load(conn)?;
    let going = |(application_id, call_id, call, status, promised_on)| Going {
        application_id,
        call_id,
        call,
        status,
        promised_on,
    };
    Ok(rows.into_iter().map(going).collect())
}

/// Routes on which something is due, the most urgent first.
pub(in crate::applications) fn due_routes(
    conn: &mut Conn,
    today: Date,
    limit: i64,
) -> Result<Vec<(ApplicationId, CallId)>> {
    Ok(r::application_routes
        .filter(r::due_on.le(today))
        .order((r::due_on, r::application_id))
        .limit(limit)
        .select((r::application_id, r::call_id))
        .load(conn)?)
}
