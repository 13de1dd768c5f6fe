//! Rows of reviews, their versions, and what was decided.

mod needy;
mod reminders;
mod sight;

pub(super) use needy::*;
pub(super) use reminders::*;
pub(super) use sight::*;

use super::model::{
    Aside, Content, Recommendation, Record, ReviewOutcome, ReviewStatus, Score, Submitted,
};
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, CallId, PersonId, ReviewId, of};
use crate::kernel::page::PageOf;
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, padded};
use crate::platform::db::schema::agendas::dsl as a;
use crate::platform::db::schema::application_agendas::dsl as n;
use crate::platform::db::schema::profile_agendas::dsl as p;
use crate::platform::db::schema::review_decisions::dsl as d;
use crate::platform::db::schema::review_settings::dsl as s;
use crate::platform::db::schema::review_versions::dsl as v;
use crate::platform::db::schema::reviews::dsl as r;
use crate::platform::db::schema::{review_decisions, review_versions, reviews};
use crate::platform::db::types::Doc;
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

crate::db_text!(Aside, ReviewOutcome, Recommendation, ReviewStatus);

#[derive(Queryable, Selectable)]
#[diesel(table_name = reviews)]
struct Row {
    id: ReviewId,
    application_id: ApplicationId,
    call_id: CallId,
    reviewer_id: PersonId,
    status: ReviewStatus,
    aside: Option<Aside>,
    aside_reason: Option<String>,
    blind: bool,
    rubric: Doc,
    scores: Doc,
    comment: String,
    recommendation: Option<Recommendation>,
    submissions: i32,
    due_on: Option<Date>,
    assigned_by: Option<PersonId>,
    assigned_at: Instant,
    submitted_at: Option<Instant>,
    version: i32,
}

fn read<T: DeserializeOwned>(doc: Doc) -> Result<T> {
    serde_json::from_value(doc.0).map_err(Problem::internal)
}

fn doc<T: Serialize>(value: &T) -> Result<Doc> {
    serde_json::to_value(value).map(Doc).map_err(Problem::internal)
}

impl Row {
    fn record(self) -> Result<Record> {
        let scores: Vec<Score> = read(self.scores)?;
        let (comment, recommendation) = (self.comment, self.recommendation);
        Ok(Record {
            id: self.id,
            application_id: self.application_id,
            call_id: self.call_id,
            reviewer_id: self.reviewer_id,
            status: self.status,
            aside: self.aside,
            aside_reason: self.aside_reason,
            blind: self.blind,
            rubric: read(self.rubric)?,
            content: Content { scores, comment, recommendation },
            submissions: self.submissions,
            due_on: self.due_on,
            assigned_by: self.assigned_by,
            assigned_at: self.assigned_at,
            submitted_at: self.submitted_at,
            version: self.version,
        })
    }
}

pub(super) fn insert(conn: &mut Conn, record: &Record) -> Result<()> {
    diesel::insert_into(r::reviews)
        .values((
            r::id.eq(record.id),
            r::application_id.eq(record.application_id),
            r::call_id.eq(record.call_id),
            r::reviewer_id.eq(record.reviewer_id),
            r::status.eq(record.status),
            r::blind.eq(record.blind),
            r::rubric.eq(doc(&record.rubric)?),
            r::scores.eq(doc(&record.content.scores)?),
            r::comment.eq(&record.content.comment),
            r::submissions.eq(record.submissions),
            r::due_on.eq(record.due_on),
            r::assigned_by.eq(record.assigned_by),
            r::assigned_at.eq(record.assigned_at),
            r::version.eq(record.version),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: ReviewId) -> Result<Option<Record>> {
    let row: Option<Row> = r::reviews.find(id).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::record).transpose()
}

/// Writes all that can change but the submitted versions; whether the version was still
/// `version`.
pub(super) fn save(conn: &mut Conn, record: &Record, version: i32) -> Result<bool> {
    let this = r::reviews.filter(r::id.eq(record.id).and(r::version.eq(version)));
    let rows = diesel::update(this)
        .set((
            r::status.eq(record.status),
            r::aside.eq(record.aside),
            r::aside_reason.eq(record.aside_reason.as_deref()),
            r::scores.eq(doc(&record.content.scores)?),
            r::comment.eq(&record.content.comment),
            r::recommendation.eq(record.content.recommendation),
            r::submissions.eq(record.submissions),
            r::due_on.eq(record.due_on),
            r::assigned_by.eq(record.assigned_by),
            r::assigned_at.eq(record.assigned_at),
            r::submitted_at.eq(record.submitted_at),
            r::version.eq(record.version),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Everybody ever asked about an application, the first first.
pub(super) fn of_application(conn: &mut Conn, id: ApplicationId) -> Result<Vec<Record>> {
    let rows: Vec<Row> = r::reviews
        .filter(r::application_id.eq(id))
        .order(r::id)
        .limit(i64::try_from(super::rules::REVIEWERS_MAX).unwrap_or(0))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::record).collect()
}

/// The review of one person.
pub(super) fn of_reviewer(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<Option<Record>> {
    let row: Option<Row> = r::reviews
        .filter(r::application_id.eq(application).and(r::reviewer_id.eq(person)))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::record).transpose()
}

/// A review in a queue.
#[derive(Queryable, Selectable)]
#[diesel(table_name = reviews)]
pub(super) struct Waiting {
    pub(super) id: ReviewId,
    pub(super) application_id: ApplicationId,
    pub(super) call_id: CallId,
    pub(super) status: ReviewStatus,
    pub(super) blind: bool,
    pub(super) due_on: Option<Date>,
    pub(super) assigned_at: Instant,
    pub(super) submitted_at: Option<Instant>,
}

/// The reviews of one person, newest first.
pub(super) fn queue(
    conn: &mut Conn,
    person: PersonId,
    status: Option<ReviewStatus>,
    page: &PageOf<of::Review>,
) -> Result<Vec<Waiting>> {
    let mut query =
        r::reviews.filter(r::reviewer_id.eq(person)).select(Waiting::as_select()).into_boxed();
    if let Some(status) = status {
        query = query.filter(r::status.eq(status));
    }
    if let Some(after) = page.after {
        query = query.filter(r::id.lt(after));
    }
    Ok(query.order(r::id.desc()).limit(page.limit + 1).load(conn)?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = review_versions)]
struct VersionRow {
    review_id: ReviewId,
    number: i32,
    scores: Doc,
    comment: String,
    recommendation: Recommendation,
    total: i32,
    blind: bool,
    others_in: i32,
    submitted_at: Instant,
}

impl VersionRow {
    fn submitted(self) -> Result<Submitted> {
        let content = Content {
            scores: read(self.scores)?,
            comment: self.comment,
            recommendation: Some(self.recommendation),
        };
        Ok(Submitted {
            number: self.number,
            content,
            total: self.total,
            blind: self.blind,
            others_in: self.others_in,
            submitted_at: self.submitted_at,
        })
    }
}

pub(super) fn insert_version(
    conn: &mut Conn,
    review: ReviewId,
    version: &Submitted,
    recommendation: Recommendation,
) -> Result<()> {
    diesel::insert_into(v::review_versions)
        .values((
            v::review_id.eq(review),
            v::number.eq(version.number),
            v::scores.eq(doc(&version.content.scores)?),
            v::comment.eq(&version.content.comment),
            v::recommendation.eq(recommendation),
            v::total.eq(version.total),
            v::blind.eq(version.blind),
            v::others_in.eq(version.others_in),
            v::submitted_at.eq(version.submitted_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// All versions of a review, the newest first.
pub(super) fn versions(conn: &mut Conn, review: ReviewId) -> Result<Vec<Submitted>> {
    let rows: Vec<VersionRow> = v::review_versions
        .filter(v::review_id.eq(review))
        .order(v::number.desc())
        .limit(i64::from(super::rules::SUBMISSIONS_MAX))
        .select(VersionRow::as_select())
        .load(conn)?;
    rows.into_iter().map(VersionRow::submitted).collect()
}

/// The newest version of each of these reviews.
pub(super) fn newest(
    conn: &mut Conn,
    reviews: &[ReviewId],
) -> Result<BTreeMap<ReviewId, Submitted>> {
    let rows: Vec<VersionRow> = v::review_versions
        .inner_join(r::reviews.on(r::id.eq(v::review_id)))
        .filter(v::review_id.eq_any(padded(reviews)).and(v::number.eq(r::submissions)))
        .select(VersionRow::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| Ok((row.review_id, row.submitted()?))).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = review_decisions)]
pub(super) struct DecisionRow {
    pub(super) application_id: ApplicationId,
    pub(super) outcome: ReviewOutcome,
    pub(super) reason: String,
    pub(super) reviews: i32,
    pub(super) mean: i32,
    pub(super) decided_by: PersonId,
    pub(super) decided_at: Instant,
}

/// False if it was decided already.
pub(super) fn insert_decision(conn: &mut Conn, row: &DecisionRow) -> Result<bool> {
    let insert = diesel::insert_into(d::review_decisions)
        .values((
            d::application_id.eq(row.application_id),
            d::outcome.eq(row.outcome),
            d::reason.eq(&row.reason),
            d::reviews.eq(row.reviews),
            d::mean.eq(row.mean),
            d::decided_by.eq(row.decided_by),
            d::decided_at.eq(row.decided_at),
        ))
        .on_conflict(d::application_id)
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

pub(super) fn decision(conn: &mut Conn, id: ApplicationId) -> Result<Option<DecisionRow>> {
    let found = d::review_decisions.find(id).select(DecisionRow::as_select());
    Ok(found.first(conn).optional()?)
}

/// How many agendas of each of these applications each of these people works on, where it is any:
/// who works on an agenda works on those below it.
pub(super) fn in_common(
    conn: &mut Conn,
    applications: &[ApplicationId],
    people: &[PersonId],
) -> Result<BTreeMap<(ApplicationId, PersonId), usize>> {
    let named: Vec<(ApplicationId, AgendaId, Option<AgendaId>)> = n::application_agendas
        .inner_join(a::agendas.on(a::id.eq(n::agenda_id)))
        .filter(n::application_id.eq_any(padded(applications)))
        .select((n::application_id, n::agenda_id, a::parent_id))
        .load(conn)?;
    let works = p::profile_agendas.filter(p::person_id.eq_any(padded(people)));
    let works: Vec<(AgendaId, PersonId)> = works.select((p::agenda_id, p::person_id)).load(conn)?;
    let mut on: BTreeMap<AgendaId, BTreeSet<PersonId>> = BTreeMap::new();
    for (agenda, person) in works {
        on.entry(agenda).or_default().insert(person);
    }
    let mut shared: BTreeMap<(ApplicationId, PersonId), usize> = BTreeMap::new();
    for (application, agenda, wider) in named {
        let close = [Some(agenda), wider].into_iter().flatten().filter_map(|id| on.get(&id));
        for person in close.flatten().collect::<BTreeSet<_>>() {
            *shared.entry((application, *person)).or_default() += 1;
        }
    }
    Ok(shared)
}

/// Whether names are hidden in a call; `None` where nobody has said.
pub(super) fn blind(conn: &mut Conn, call: CallId) -> Result<Option<bool>> {
    Ok(s::review_settings.find(call).select(s::blind).first(conn).optional()?)
}

pub(super) fn set_blind(
    conn: &mut Conn,
    call: CallId,
    blind: bool,
    (by, at): (Option<PersonId>, Instant),
) -> Result<()> {
    let values = (s::call_id.eq(call), s::blind.eq(blind), s::set_by.eq(by), s::set_at.eq(at));
    let insert = diesel::insert_into(s::review_settings)
        .values(values)
        .on_conflict(s::call_id)
        .do_update()
        .set((s::blind.eq(blind), s::set_by.eq(by), s::set_at.eq(at)));
    Both(insert).execute(conn)?;
    Ok(())
}

/// Whether a reviewer was ever assigned in this call.
pub(super) fn any_in_call(conn: &mut Conn, call: CallId) -> Result<bool> {
    let assigned = r::reviews.filter(r::call_id.eq(call));
    Ok(diesel::select(exists(assigned)).get_result(conn)?)
}
