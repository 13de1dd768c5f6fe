//! Rows of applications.

use crate::agendas::model::LookingFor;
use crate::applications::model::{
    ApplicationFacts, ApplicationStatus, Content, Line, Record, Stage, State,
};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, cols, padded};
use crate::platform::db::schema::application_texts::dsl as t;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::{application_texts, applications};
use crate::platform::db::types::Doc;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = applications)]
struct Row {
    id: ApplicationId,
    call_id: CallId,
    applicant_id: PersonId,
    title: String,
    summary: String,
    amount_minimum: Option<i64>,
    amount_requested: Option<i64>,
    offered: i64,
    promised: i64,
    currency: Option<Currency>,
    duration_months: Option<i32>,
    visibility: Visibility,
    status: ApplicationStatus,
    returned_from: Option<Stage>,
    status_reason: Option<String>,
    promised_on: Option<Date>,
    submitted_at: Option<Instant>,
    opened_at: Option<Instant>,
    decided_at: Option<Instant>,
    version: i32,
    created_at: Instant,
    submitted_by: Option<PersonId>,
    nominated_by: Option<PersonId>,
    withheld: bool,
    place: String,
    looking_for: i32,
    own_call_declined_at: Option<Instant>,
}

/// Its long texts, which lie in a table of their own.
#[derive(Queryable, Selectable)]
#[diesel(table_name = application_texts)]
struct Text {
    body: String,
    budget_lines: Doc,
}

impl Row {
    fn record(self, text: Text) -> Result<Record> {
        let state = State::from_columns(self.status, self.returned_from);
        let state = state.ok_or_else(|| Problem::internal("an application's state is odd"))?;
        let budget_lines: Vec<Line> =
            serde_json::from_value(text.budget_lines.0).map_err(Problem::internal)?;
        let content = Content {
            title: self.title,
            summary: self.summary,
            body: text.body,
            amount_minimum: self.amount_minimum,
            amount_requested: self.amount_requested,
            currency: self.currency,
            budget_lines,
            duration_months: self.duration_months,
            visibility: self.visibility,
        };
        Ok(Record {
            id: self.id,
            call_id: self.call_id,
            applicant_id: self.applicant_id,
            content,
            offered: self.offered,
            promised: self.promised,
            state,
            status_reason: self.status_reason,
            promised_on: self.promised_on,
            submitted_at: self.submitted_at,
            submitted_by: self.submitted_by,
            nominated_by: self.nominated_by,
            opened_at: self.opened_at,
            decided_at: self.decided_at,
            version: self.version,
            created_at: self.created_at,
            withheld: self.withheld,
            place: self.place,
            looking_for: LookingFor::from_bits(self.looking_for),
            own_call_declined_at: self.own_call_declined_at,
        })
    }
}

/// Takes it out of sight of those who see it because it is public, or shows it again.
pub(in crate::applications) fn withhold(
    conn: &mut Conn,
    id: ApplicationId,
    withheld: bool,
) -> Result<()> {
    diesel::update(a::applications.find(id)).set(a::withheld.eq(withheld)).execute(conn)?;
    Ok(())
}

fn lines_doc(lines: &[Line]) -> Result<Doc> {
    serde_json::to_value(lines).map(Doc).map_err(Problem::internal)
}

pub(in crate::applications) fn insert(conn: &mut Conn, record: &Record) -> Result<()> {
    let content = &record.content;
    diesel::insert_into(a::applications)
        .values((
            a::id.eq(record.id),
            a::call_id.eq(record.call_id),
            a::applicant_id.eq(record.applicant_id),
            a::title.eq(&content.title),
            a::summary.eq(&content.summary),
            a::amount_minimum.eq(content.amount_minimum),
            a::amount_requested.eq(content.amount_requested),
            a::offered.eq(record.offered),
            a::promised.eq(record.promised),
            a::currency.eq(content.currency),
            a::duration_months.eq(content.duration_months),
            a::visibility.eq(content.visibility),
            a::status.eq(record.state.status()),
            a::version.eq(record.version),
            a::created_at.eq(record.created_at),
        ))
        .execute(conn)?;
    diesel::insert_into(t::application_texts)
        .values((
            t::application_id.eq(record.id),
            t::body.eq(&content.body),
            t::budget_lines.eq(lines_doc(&content.budget_lines)?),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::applications) fn find(conn: &mut Conn, id: ApplicationId) -> Result<Option<Record>> {
    let whole = a::applications.inner_join(t::application_texts.on(t::application_id.eq(a::id)));
    let row: Option<(Row, Text)> = whole
        .filter(a::id.eq(id))
        .select((Row::as_select(), Text::as_select()))
        .first(conn)
        .optional()?;
    row.map(|(row, text)| row.record(text)).transpose()
}

/// The newest row, held until the transaction ends, so that what is decided on it stays true.
pub(in crate::applications) fn lock(conn: &mut Conn, id: ApplicationId) -> Result<Option<Record>> {
    let hold = diesel::update(a::applications.find(id)).set(a::version.eq(a::version));
    let row: Option<Row> = Kept(hold.returning(cols::<Row>())).get_result(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let text = t::application_texts.find(id).select(Text::as_select()).first(conn)?;
    row.record(text).map(Some)
}

/// Writes what the applicant wrote; whether the version was still `version`.
pub(in crate::applications) fn save_content(
    conn: &mut Conn,
    id: ApplicationId,
    content: &Content,
    version: i32,
) -> Result<bool> {
    let this = a::applications.filter(a::id.eq(id).and(a::version.eq(version)));
    let rows = diesel::update(this)
        .set((
            a::title.eq(&content.title),
            a::summary.eq(&content.summary),
            a::amount_minimum.eq(content.amount_minimum),
            a::amount_requested.eq(content.amount_requested),
            a::currency.eq(content.currency),
            a::duration_months.eq(content.duration_months),
            a::visibility.eq(content.visibility),
            a::version.eq(version + 1),
        ))
        .execute(conn)?;
    if rows == 0 {
        return Ok(false);
    }
    save_text(conn, id, &content.body, &content.budget_lines)?;
    Ok(true)
}

/// Writes the long texts of an application that is held.
pub(super) fn save_text(
    conn: &mut Conn,
    id: ApplicationId,
    body: &str,
    lines: &[Line],
) -> Result<()> {
    diesel::update(t::application_texts.find(id))
        .set((t::body.eq(body), t::budget_lines.eq(lines_doc(lines)?)))
        .execute(conn)?;
    Ok(())
}

/// Writes where the work is done, with the marks that it is found by, and what is looked for.
pub(in crate::applications) fn save_place(
    conn: &mut Conn,
    id: ApplicationId,
    (place, marks): (&str, &str),
    looking_for: &[LookingFor],
) -> Result<()> {
    diesel::update(a::applications.find(id))
        .set((
            a::place.eq(place),
            a::place_marks.eq(marks),
            a::looking_for.eq(LookingFor::bits(looking_for)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes state, reason and dates; whether it still stood in `from`.
pub(in crate::applications) fn save_state(
    conn: &mut Conn,
    from: ApplicationStatus,
    record: &Record,
) -> Result<bool> {
    let this = a::applications.filter(a::id.eq(record.id).and(a::status.eq(from)));
    let rows = diesel::update(this)
        .set((
            a::status.eq(record.state.status()),
            a::returned_from.eq(record.state.returned_from()),
            a::status_reason.eq(record.status_reason.as_deref()),
            a::promised_on.eq(record.promised_on),
            a::submitted_at.eq(record.submitted_at),
            a::submitted_by.eq(record.submitted_by),
            a::opened_at.eq(record.opened_at),
            a::decided_at.eq(record.decided_at),
            a::own_call_declined_at.eq(record.own_call_declined_at),
            a::version.eq(a::version + 1),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Adds to what is offered and promised, and holds the row until the transaction ends; as it is
/// then. `None` if it is not open, or more would be offered than is requested.
pub(in crate::applications) fn add_offered(
    conn: &mut Conn,
    id: ApplicationId,
    amount: i64,
) -> Result<Option<ApplicationFacts>> {
    let room = a::amount_requested.ge((a::offered + amount).nullable());
    let this = a::applications
        .filter(a::id.eq(id).and(a::status.eq(ApplicationStatus::Open)))
        .filter(room);
    let add = diesel::update(this)
        .set((a::offered.eq(a::offered + amount), a::promised.eq(a::promised + amount)));
    let row: Option<Short> = Kept(add.returning(cols::<Short>())).get_result(conn).optional()?;
    Ok(row.map(ApplicationFacts::from))
}

/// Takes from what is offered and from what is promised, in whatever state; false if less is
/// offered or promised than that.
pub(in crate::applications) fn take_offered(
    conn: &mut Conn,
    id: ApplicationId,
    (amount, promised): (i64, i64),
) -> Result<bool> {
    let enough = a::offered.ge(amount).and(a::promised.ge(promised));
    let rows = diesel::update(a::applications.filter(a::id.eq(id).and(enough)))
        .set((a::offered.eq(a::offered - amount), a::promised.eq(a::promised - promised)))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Adds to what is promised, or takes from it what is below zero; false if it would be less than
/// nothing, or more than is offered.
pub(in crate::applications) fn shift_promised(
    conn: &mut Conn,
    id: ApplicationId,
    by: i64,
) -> Result<bool> {
    let within = (a::promised + by).ge(0_i64).and((a::promised + by).le(a::offered));
    let rows = diesel::update(a::applications.filter(a::id.eq(id).and(within)))
        .set(a::promised.eq(a::promised + by))
        .execute(conn)?;
    Ok(rows == 1)
}

/// How many drafts somebody has.
pub(in crate::applications) fn drafts(conn: &mut Conn, person: PersonId) -> Result<i64> {
    Ok(a::applications
        .filter(a::applicant_id.eq(person).and(a::status.eq(ApplicationStatus::Draft)))
        .count()
        .get_result(conn)?)
}

/// What is known of an application without its long texts.
#[derive(Queryable, Selectable)]
#[diesel(table_name = applications)]
pub(super) struct Short {
    id: ApplicationId,
    call_id: CallId,
    applicant_id: PersonId,
    title: String,
    summary: String,
    status: ApplicationStatus,
    amount_minimum: Option<i64>,
    amount_requested: Option<i64>,
    offered: i64,
    promised: i64,
    currency: Option<Currency>,
    duration_months: Option<i32>,
    visibility: Visibility,
    promised_on: Option<Date>,
    submitted_at: Option<Instant>,
    opened_at: Option<Instant>,
    created_at: Instant,
    nominated_by: Option<PersonId>,
    version: i32,
    withheld: bool,
    own_call_declined_at: Option<Instant>,
}

impl From<Short> for ApplicationFacts {
    fn from(row: Short) -> Self {
        Self {
            id: row.id,
            call_id: row.call_id,
            applicant_id: row.applicant_id,
            title: row.title,
            summary: row.summary,
            status: row.status,
            amount_minimum: row.amount_minimum,
            amount_requested: row.amount_requested,
            offered: row.offered,
            promised: row.promised,
            currency: row.currency,
            duration_months: row.duration_months,
            visibility: row.visibility,
            promised_on: row.promised_on,
            submitted_at: row.submitted_at,
            opened_at: row.opened_at,
            created_at: row.created_at,
            nominated_by: row.nominated_by,
            version: row.version,
            withheld: row.withheld,
            own_call_declined_at: row.own_call_declined_at,
        }
    }
}

/// One without its long texts.
pub(in crate::applications) fn fact(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Option<ApplicationFacts>> {
    let row: Option<Short> =
        a::applications.find(id).select(Short::as_select()).first(conn).optional()?;
    Ok(row.map(ApplicationFacts::from))
}

/// Several applications without their long texts, in no order.
pub(in crate::applications) fn facts(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<ApplicationFacts>> {
    let these = a::applications.filter(a::id.eq_any(padded(ids)));
    let rows: Vec<Short> = Kept(these.select(Short::as_select())).load(conn)?;
    Ok(rows.into_iter().map(ApplicationFacts::from).collect())
}
