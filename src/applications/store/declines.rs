//! Rows of declines, their templates, appeals and resubmissions.

use crate::applications::model::{
    AppealOutcome, AppealRecord, AppealStatus, DeclineRecord, Remedy, TemplateRecord,
};
use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::ids::{
    AppealId, ApplicationId, CallId, DeclineId, DeclineTemplateId, PersonId, of,
};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::appeals::dsl as p;
use crate::platform::db::schema::application_declines::dsl as d;
use crate::platform::db::schema::application_resubmissions::dsl as r;
use crate::platform::db::schema::decline_templates::dsl as t;
use crate::platform::db::schema::{appeals, application_declines, decline_templates};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = application_declines)]
struct Row {
    id: DeclineId,
    declined_by: Option<PersonId>,
    reason: String,
    advice: Option<String>,
    template_id: Option<DeclineTemplateId>,
    declined_at: Instant,
    remedy: Option<Appeals>,
    remedy_until: Option<Date>,
    call_id: Option<CallId>,
}

impl From<Row> for DeclineRecord {
    fn from(row: Row) -> Self {
        let promised = |(appeals, until)| Remedy { appeals, until };
        Self {
            id: row.id,
            declined_by: row.declined_by,
            reason: row.reason,
            advice: row.advice,
            template_id: row.template_id,
            declined_at: row.declined_at,
            promised: row.remedy.zip(row.remedy_until).map(promised),
            call_id: row.call_id,
        }
    }
}

/// How it was declined the last time: in this further call, or, where none is named, itself or in
/// its own.
pub(in crate::applications) fn last_decline(
    conn: &mut Conn,
    application: ApplicationId,
    call: Option<CallId>,
) -> Result<Option<DeclineRecord>> {
    let query = d::application_declines
        .filter(d::application_id.eq(application))
        .select(Row::as_select())
        .into_boxed();
    let query = match call {
        Some(call) => query.filter(d::call_id.eq(call)),
        None => query.filter(d::call_id.is_null()),
    };
    let row: Option<Row> = query.order(d::id.desc()).first(conn).optional()?;
    Ok(row.map(DeclineRecord::from))
}

/// When it was declined the last time, wherever that was.
pub(in crate::applications) fn last_declined_at(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<Instant>> {
    Ok(d::application_declines
        .filter(d::application_id.eq(application))
        .order(d::id.desc())
        .select(d::declined_at)
        .first(conn)
        .optional()?)
}

pub(in crate::applications) fn insert_decline(
    conn: &mut Conn,
    application: ApplicationId,
    said: &DeclineRecord,
) -> Result<()> {
    diesel::insert_into(d::application_declines)
        .values((
            d::id.eq(said.id),
            d::application_id.eq(application),
            d::declined_by.eq(said.declined_by),
            d::reason.eq(&said.reason),
            d::advice.eq(said.advice.as_deref()),
            d::template_id.eq(said.template_id),
            d::declined_at.eq(said.declined_at),
            d::remedy.eq(said.promised.map(|promised| promised.appeals)),
            d::remedy_until.eq(said.promised.map(|promised| promised.until)),
            d::call_id.eq(said.call_id),
        ))
        .execute(conn)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = appeals)]
struct Appealed {
    id: AppealId,
    application_id: ApplicationId,
    text: String,
    appealed_at: Instant,
    outcome: Option<AppealOutcome>,
    answer: Option<String>,
    decided_by: Option<PersonId>,
    decided_at: Option<Instant>,
    promised_on: Option<Date>,
    due_on: Option<Date>,
    call_id: Option<CallId>,
}

impl From<Appealed> for AppealRecord {
    fn from(row: Appealed) -> Self {
        Self {
            id: row.id,
            application_id: row.application_id,
            text: row.text,
            appealed_at: row.appealed_at,
            outcome: row.outcome,
            answer: row.answer,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            promised_on: row.promised_on,
            due_on: row.due_on,
            call_id: row.call_id,
        }
    }
}

/// The appeal against its decline in this further call, or, where none is named, against that of
/// the application or in its own call.
pub(in crate::applications) fn appeal_of(
    conn: &mut Conn,
    application: ApplicationId,
    call: Option<CallId>,
) -> Result<Option<AppealRecord>> {
    let query = p::appeals
        .filter(p::application_id.eq(application))
        .select(Appealed::as_select())
        .into_boxed();
    let query = match call {
        Some(call) => query.filter(p::call_id.eq(call)),
        None => query.filter(p::call_id.is_null()),
    };
    let row: Option<Appealed> = query.first(conn).optional()?;
    Ok(row.map(AppealRecord::from))
}

/// One by its id.
pub(in crate::applications) fn appeal(
    conn: &mut Conn,
    id: AppealId,
) -> Result<Option<AppealRecord>> {
    let row: Option<Appealed> =
        p::appeals.find(id).select(Appealed::as_select()).first(conn).optional()?;
    Ok(row.map(AppealRecord::from))
}

/// All appeals of an application, at most one for each of its calls; the first first.
pub(in crate::applications) fn appeals_of(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<AppealRecord>> {
    let rows: Vec<Appealed> = p::appeals
        .filter(p::application_id.eq(application))
        .order(p::id)
        .limit(200)
        .select(Appealed::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(AppealRecord::from).collect())
}

/// The caller holds the application's row, and has found none for this call.
pub(in crate::applications) fn insert_appeal(
    conn: &mut Conn,
    appeal: &AppealRecord,
    by: PersonId,
    declined_by: Option<PersonId>,
) -> Result<()> {
    diesel::insert_into(p::appeals)
        .values((
            p::id.eq(appeal.id),
            p::application_id.eq(appeal.application_id),
            p::text.eq(&appeal.text),
            p::appealed_by.eq(by),
            p::appealed_at.eq(appeal.appealed_at),
            p::declined_by.eq(declined_by),
            p::promised_on.eq(appeal.promised_on),
            p::due_on.eq(appeal.due_on),
            p::call_id.eq(appeal.call_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// Appeals that wait and on which something is due, the most urgent first.
pub(in crate::applications) fn due_appeals(
    conn: &mut Conn,
    today: Date,
    limit: i64,
) -> Result<Vec<AppealId>> {
    Ok(p::appeals
        .filter(p::decided_at.is_null().and(p::due_on.le(today)))
        .order((p::due_on, p::id))
        .limit(limit)
        .select(p::id)
        .load(conn)?)
}

/// Writes the day that is promised and what comes next; the caller holds the application's row.
pub(in crate::applications) fn save_appeal_clock(
    conn: &mut Conn,
    appeal: &AppealRecord,
) -> Result<()> {
    diesel::update(p::appeals.find(appeal.id))
        .set((p::promised_on.eq(appeal.promised_on), p::due_on.eq(appeal.due_on)))
        .execute(conn)?;
    Ok(())
}

/// Writes the answer; whether there was none yet.
pub(in crate::applications) fn answer_appeal(
    conn: &mut Conn,
    appeal: &AppealRecord,
) -> Result<bool> {
    let open = p::appeals.filter(p::id.eq(appeal.id).and(p::decided_at.is_null()));
    let rows = diesel::update(open)
        .set((
            p::outcome.eq(appeal.outcome),
            p::answer.eq(appeal.answer.as_deref()),
            p::decided_by.eq(appeal.decided_by),
            p::decided_at.eq(appeal.decided_at),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// One that had ended with its application waits again; the caller holds the application's row.
pub(in crate::applications) fn open_appeal(conn: &mut Conn, id: AppealId) -> Result<()> {
    diesel::update(p::appeals.find(id))
        .set((p::outcome.eq(None::<AppealOutcome>), p::decided_at.eq(None::<Instant>)))
        .execute(conn)?;
    Ok(())
}

/// Newest first.
pub(in crate::applications) fn appeals(
    conn: &mut Conn,
    status: Option<AppealStatus>,
    page: &PageOf<of::Appeal>,
) -> Result<Vec<AppealRecord>> {
    let mut query = p::appeals.select(Appealed::as_select()).into_boxed();
    match status {
        Some(AppealStatus::Waiting) => query = query.filter(p::decided_at.is_null()),
        Some(AppealStatus::Answered) => query = query.filter(p::decided_at.is_not_null()),
        None => {}
    }
    if let Some(after) = page.after {
        query = query.filter(p::id.lt(after));
    }
    let rows: Vec<Appealed> = query.order(p::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(AppealRecord::from).collect())
}

/// The application that was made of one that was declined.
pub(in crate::applications) fn resubmitted_as(
    conn: &mut Conn,
    declined: ApplicationId,
) -> Result<Option<ApplicationId>> {
    Ok(r::application_resubmissions
        .filter(r::resubmission_of.eq(declined))
        .select(r::application_id)
        .first(conn)
        .optional()?)
}

/// The one that was declined, of which this one was made.
pub(in crate::applications) fn resubmission_of(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<ApplicationId>> {
    Ok(r::application_resubmissions
        .find(application)
        .select(r::resubmission_of)
        .first(conn)
        .optional()?)
}

pub(in crate::applications) fn insert_resubmission(
    conn: &mut Conn,
    made: ApplicationId,
    declined: ApplicationId,
) -> Result<()> {
    diesel::insert_into(r::application_resubmissions)
        .values((r::application_id.eq(made), r::resubmission_of.eq(declined)))
        .execute(conn)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = decline_templates)]
struct Template {
    id: DeclineTemplateId,
    name: String,
    body: String,
    retired_at: Option<Instant>,
    version: i32,
    created_at: Instant,
}

impl From<Template> for TemplateRecord {
    fn from(row: Template) -> Self {
        let Template { id, name, body, retired_at, version, created_at } = row;
        Self { id, name, body, retired_at, version, created_at }
    }
}

pub(in crate::applications) fn template(
    conn: &mut Conn,
    id: DeclineTemplateId,
) -> Result<Option<TemplateRecord>> {
    let row: Option<Template> =
        t::decline_templates.find(id).select(Template::as_select()).first(conn).optional()?;
    Ok(row.map(TemplateRecord::from))
}

/// Newest first.
pub(in crate::applications) fn templates(
    conn: &mut Conn,
    page: &PageOf<of::DeclineTemplate>,
) -> Result<Vec<TemplateRecord>> {
    let mut query = t::decline_templates.select(Template::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(t::id.lt(after));
    }
    let rows: Vec<Template> = query.order(t::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(TemplateRecord::from).collect())
}

/// How many are in use.
pub(in crate::applications) fn templates_in_use(conn: &mut Conn) -> Result<i64> {
    Ok(t::decline_templates.filter(t::retired_at.is_null()).count().get_result(conn)?)
}

pub(in crate::applications) fn insert_template(
    conn: &mut Conn,
    made: &TemplateRecord,
    by: Option<PersonId>,
) -> Result<()> {
    diesel::insert_into(t::decline_templates)
        .values((
            t::id.eq(made.id),
            t::name.eq(&made.name),
            t::body.eq(&made.body),
            t::version.eq(made.version),
            t::created_by.eq(by),
            t::created_at.eq(made.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes it; whether the version was still the one before.
pub(in crate::applications) fn save_template(
    conn: &mut Conn,
    new: &TemplateRecord,
    version: i32,
) -> Result<bool> {
    let this = t::decline_templates.filter(t::id.eq(new.id).and(t::version.eq(version)));
    let rows = diesel::update(this)
        .set((
            t::name.eq(&new.name),
            t::body.eq(&new.body),
            t::retired_at.eq(new.retired_at),
            t::version.eq(version + 1),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}
