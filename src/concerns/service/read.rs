//! What the group reads.

use super::{in_group, may_see, partial_to, seals, sets};
use crate::applications;
use crate::applications::model::Named;
use crate::attachments::model::AttachmentFacts;
use crate::concerns::model::{
    Concern, ConcernRecord, ConcernRow, ConcernStatus, LaneEntry, Screened, ScreenedCall,
    Screening, ScreeningRecord, ScreeningRow, ScreeningStatus,
};
use crate::concerns::store;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, AttachmentId, ConcernId, PersonId, ScreeningId, of};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::people;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::{BTreeMap, BTreeSet};

/// Screenings in a status, newest first.
///
/// # Errors
/// 403 outside the group.
pub fn screenings(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<ScreeningStatus>,
    page: &PageOf<of::Screening>,
) -> Result<Page<ScreeningRow>> {
    in_group(conn, ctx, Action::ListScreenings)?;
    let status = status.unwrap_or(ScreeningStatus::Waiting);
    let me = ctx.me()?;
    let look = |page: &PageOf<of::Screening>| {
        let rows = store::screenings(conn, me, status, page)?;
        judged(conn, me, rows, |row| row.application_id)
    };
    let page = Page::sifted(page, look, |row| row.id)?;
    let titles = titles(conn, page.items.iter().map(|row| row.application_id))?;
    Ok(page.map(|row| ScreeningRow {
        id: row.id,
        application_id: row.application_id,
        title: titles.get(&row.application_id).cloned().unwrap_or_default(),
        status: row.status,
        answered: row.answered_at.is_some(),
        opened_at: row.opened_at,
    }))
}

/// Concerns in a status, newest first.
///
/// # Errors
/// 403 outside the group.
pub fn concerns(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<ConcernStatus>,
    page: &PageOf<of::Concern>,
) -> Result<Page<ConcernRow>> {
    in_group(conn, ctx, Action::ListConcerns)?;
    let status = status.unwrap_or(ConcernStatus::Open);
    let me = ctx.me()?;
    let look = |page: &PageOf<of::Concern>| {
        let mut rows = store::concerns(conn, me, status, page)?;
        let open = rows.iter().filter(|row| row.status == ConcernStatus::Open);
        let ids: Vec<ApplicationId> = open.map(|row| row.application_id).collect();
        let heirs = applications::service::heirs(conn, &ids)?;
        for row in rows.iter_mut().filter(|row| row.status == ConcernStatus::Open) {
            if let Some(heir) = heirs.get(&row.application_id) {
                row.goes_on_with(*heir);
            }
        }
        judged(conn, me, rows, |row| row.application_id)
    };
    let page = Page::sifted(page, look, |row| row.id)?;
    let titles = titles(conn, page.items.iter().map(|row| row.application_id))?;
    let title = |record: &ConcernRecord| titles.get(&record.application_id).cloned();
    Ok(page.map(|record| row(&record, title(&record).unwrap_or_default())))
}

/// The names of some applications, as they were handed in.
fn titles(
    conn: &mut Conn,
    ids: impl Iterator<Item = ApplicationId>,
) -> Result<BTreeMap<ApplicationId, String>> {
    let ids: BTreeSet<ApplicationId> = ids.collect();
    let ids: Vec<ApplicationId> = ids.into_iter().collect();
    let all = applications::service::facts_handed_in(conn, &ids)?;
    Ok(all.into_iter().map(|(id, facts)| (id, facts.title)).collect())
}

/// Rows, each with whether somebody may see the lane of its application.
fn judged<T>(
    conn: &mut Conn,
    me: PersonId,
    rows: Vec<T>,
    of: impl Fn(&T) -> ApplicationId,
) -> Result<Vec<(T, bool)>> {
    let ids: BTreeSet<ApplicationId> = rows.iter().map(&of).collect();
    let ids: Vec<ApplicationId> = ids.into_iter().collect();
    let partial = partial_to(conn, &ids, me)?;
    let judged = rows.into_iter().map(|row| {
        let fits = !partial.contains(&of(&row));
        (row, fits)
    });
    Ok(judged.collect())
}

fn row(record: &ConcernRecord, title: String) -> ConcernRow {
    ConcernRow {
        id: record.id,
        application_id: record.application_id,
        title,
        status: record.status,
        outcome: record.outcome,
        raised_at: record.raised_at,
        asked_at: record.asked_at,
        answered_at: record.answered_at,
        decided_at: record.decided_at,
    }
}

fn screened(conn: &mut Conn, id: ApplicationId) -> Result<Screened> {
    let read = applications::service::reading(conn, id)?;
    let read = read.ok_or_else(|| Problem::not_found("application"))?;
    let content = read.content;
    let amount = content.amount_requested.zip(content.currency);
    let there = applications::service::reading_there(conn, id)?.into_iter();
    let there = there.map(|there| ScreenedCall { call: there.call, answers: there.answers });
    Ok(Screened {
        id: read.facts.id,
        status: read.facts.status,
        title: content.title,
        summary: content.summary,
        body: content.body,
        amount_requested: amount.map(|(minor, currency)| Money::new(minor, currency)),
        applicant: read.applicant,
        team: read.team,
        answers: read.answers,
        further_calls: there.collect(),
        agendas: read.agendas,
        attachments: read.files,
    })
}

/// A file of an application that is screened.
///
/// # Errors
/// 404 outside the group, and for who is partial.
pub fn attachment(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, file): (ScreeningId, AttachmentId),
) -> Result<AttachmentFacts> {
    let record = store::screening(conn, id)?.ok_or_else(|| Problem::not_found("screening"))?;
    may_see(conn, ctx, Action::GetScreenedAttachment, record.application_id)?;
    applications::service::file(conn, (record.application_id, file))
}

fn log(conn: &mut Conn, id: ApplicationId) -> Result<Vec<LaneEntry>> {
    let all = applications::service::lineage(conn, id)?;
    let entries = store::entries(conn, &all)?;
    let people: Vec<PersonId> = entries.iter().map(|entry| entry.2).collect();
    let names = people::service::names(conn, &people)?;
    let entry = |(act, concern_id, id, done_at)| LaneEntry {
        act,
        concern_id,
        person: Named { id, name: names.get(&id).cloned().unwrap_or_default() },
        done_at,
    };
    Ok(entries.into_iter().map(entry).collect())
}

/// The version of what the group reads of a screening: the moment, in microseconds since 1970, when
/// the newest of it came in.
pub(super) fn version(conn: &mut Conn, record: &ScreeningRecord) -> Result<i64> {
    let came_in = applications::service::came_in(conn, record.application_id)?;
    let newest = came_in.max(record.answered_at).unwrap_or(record.opened_at);
    Ok(newest.as_micros())
}

/// One screening, with the application and all that was raised.
///
/// # Errors
/// 404 outside the group, and for who is partial.
pub fn screening(conn: &mut Conn, ctx: &Ctx, id: ScreeningId) -> Result<Screening> {
    let record = store::screening(conn, id)?.ok_or_else(|| Problem::not_found("screening"))?;
    let application = record.application_id;
    may_see(conn, ctx, Action::GetScreening, application)?;
    let set = match record.set_number {
        Some(number) => sets::numbered(conn, number)?,
        None => sets::newest(conn)?,
    };
    let screened = screened(conn, application)?;
    let all = super::all_of(conn, application)?;
    let concerns = all.iter().map(|record| row(record, screened.title.clone())).collect();
    Ok(Screening {
        id: record.id,
        status: record.status,
        application: screened,
        questions: set.questions,
        answers: seals::answers(ctx, &record)?,
        answered_at: record.answered_at,
        concerns,
        log: log(conn, application)?,
        cleared_at: record.cleared_at,
        opened_at: record.opened_at,
        version: version(conn, &record)?,
    })
}

/// One concern in full.
///
/// # Errors
/// 404 outside the group, and for who is partial.
pub fn concern(conn: &mut Conn, ctx: &Ctx, id: ConcernId) -> Result<Concern> {
    let record = super::find(conn, id)?.ok_or_else(|| Problem::not_found("concern"))?;
    may_see(conn, ctx, Action::GetConcern, record.application_id)?;
    shown(conn, ctx, &record)
}

pub(super) fn shown(conn: &mut Conn, ctx: &Ctx, record: &ConcernRecord) -> Result<Concern> {
    let texts = seals::texts(ctx, record)?;
    let facts = applications::service::as_handed_in(conn, record.application_id)?;
    let title = facts.map(|facts| facts.title).unwrap_or_default();
    // What goes on may not be screened yet: what it comes from is.
    let mut begun = None;
    for id in applications::service::lineage(conn, record.application_id)? {
        begun = store::screening_of(conn, id)?;
        if begun.is_some() {
            break;
        }
    }
    let screening = begun.ok_or_else(|| Problem::internal("a concern without a screening"))?;
    let name = people::service::brief(conn, record.raised_by)?.map(|person| person.name);
    Ok(Concern {
        row: row(record, title),
        screening_id: screening.id,
        raised_by: Named { id: record.raised_by, name: name.unwrap_or_default() },
        may_name_them: texts.named,
        concern: texts.concern,
        summary: texts.summary,
        response: texts.response,
        earlier: texts.earlier,
        reason: texts.reason,
        conditions: record.conditions.clone(),
    })
}
