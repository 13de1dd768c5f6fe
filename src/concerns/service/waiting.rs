//! What waits for the group, read page by page: what somebody may not look at takes nobody's place.

use super::partial_to;
use crate::applications;
use crate::applications::model::ApplicationStatus;
use crate::concerns::model::{ConcernRecord, Waiting, WaitingKind};
use crate::concerns::{rules, store};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ConcernId, PersonId, ScreeningId};
use crate::kernel::time::Instant;
use crate::people;
use crate::platform::db::Conn;
use std::collections::BTreeSet;
use uuid::Uuid;

const DAY: i64 = 86_400;
/// What is read at once.
const PAGE: i64 = 100;
/// Came in at these moments at the latest: answers, and concerns.
pub(super) type Since = (Instant, Instant);

/// One thing that waits, whoever may look at it.
struct Found {
    application: ApplicationId,
    /// They do not decide it.
    raised_by: Option<PersonId>,
    waiting: Waiting,
}

/// Whether the application has ended without a grant: nothing comes of it.
pub(super) fn has_ended(status: ApplicationStatus) -> bool {
    use ApplicationStatus as S;
    matches!(status, S::Declined | S::Withdrawn | S::Lapsed)
}

/// The last of a page, where there may be another.
fn last<T>(rows: &[T], id: impl Fn(&T) -> Uuid) -> Option<Uuid> {
    let full = i64::try_from(rows.len()) == Ok(PAGE);
    rows.last().filter(|_| full).map(id)
}

fn screenings(conn: &mut Conn, before: Instant, after: Uuid) -> Result<(Vec<Found>, Option<Uuid>)> {
    let rows = store::answered(conn, before, ScreeningId::from_uuid(after), PAGE)?;
    let next = last(&rows, |(row, _)| row.id.uuid());
    let mut found = Vec::with_capacity(rows.len());
    for (row, title) in rows {
        let mut since = row.answered_at.max(row.reopened_at);
        if row.reopened_at.is_some() {
            // What was sent back for changes waits from when it was handed in again.
            since = since.max(applications::service::came_in(conn, row.application_id)?);
        }
        let since = since.unwrap_or(row.opened_at);
        if since <= before {
            let (id, kind) = (row.id.uuid(), WaitingKind::Screening);
            let waiting = Waiting { kind, id, title, since };
            found.push(Found { application: row.application_id, raised_by: None, waiting });
        }
    }
    Ok((found, next))
}

fn concerns(
    conn: &mut Conn,
    (now, before): (Instant, Instant),
    after: Uuid,
) -> Result<(Vec<Found>, Option<Uuid>)> {
    let late = now.plus_seconds(-rules::ANSWER_DAYS * DAY);
    let mut rows = store::open(conn, (before, late), ConcernId::from_uuid(after), PAGE)?;
    if rows.is_empty() {
        return Ok((Vec::new(), None));
    }
    let next = last(&rows, |row| row.id.uuid());
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.application_id).collect();
    let heirs = applications::service::heirs(conn, &ids)?;
    for row in &mut rows {
        if let Some(heir) = heirs.get(&row.application_id) {
            row.goes_on_with(*heir);
        }
    }
    let ids: BTreeSet<ApplicationId> = rows.iter().map(|row| row.application_id).collect();
    let ids: Vec<ApplicationId> = ids.into_iter().collect();
    let all = applications::service::facts_handed_in(conn, &ids)?;
    let found = rows.into_iter().filter_map(|row| {
        let facts = all.get(&row.application_id)?;
        if has_ended(facts.status) || awaits(&row, facts.applicant_id, late) {
            return None;
        }
        let (id, kind) = (row.id.uuid(), WaitingKind::Concern);
        let waiting = Waiting { kind, id, title: facts.title.clone(), since: row.raised_at };
        Some(Found { application: row.application_id, raised_by: Some(row.raised_by), waiting })
    });
    Ok((found.collect(), next))
}

/// Whether a concern waits for the answer of who applies, and not for the group.
fn awaits(record: &ConcernRecord, applicant: PersonId, late: Instant) -> bool {
    let recent = record.asked_at.is_some_and(|asked| asked > late);
    record.asks(applicant) && record.answered_at.is_none() && recent
}

/// A page of what waits, of one kind, and what the next begins after.
fn page(
    conn: &mut Conn,
    kind: WaitingKind,
    (now, since): (Instant, Since),
    after: Uuid,
) -> Result<(Vec<Found>, Option<Uuid>)> {
    match kind {
        WaitingKind::Screening => screenings(conn, since.0, after),
        WaitingKind::Concern => concerns(conn, (now, since.1), after),
    }
}

/// Splits what waits by whether somebody may look at it: first what they may.
fn split(conn: &mut Conn, found: Vec<Found>, person: PersonId) -> Result<(Vec<Found>, Vec<Found>)> {
    if found.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let ids: BTreeSet<ApplicationId> = found.iter().map(|found| found.application).collect();
    let ids: Vec<ApplicationId> = ids.into_iter().collect();
    let partial = partial_to(conn, &ids, person)?;
    let theirs =
        |found: &Found| found.raised_by != Some(person) && !partial.contains(&found.application);
    Ok(found.into_iter().partition(theirs))
}

/// What waits for somebody in the group and came in so long ago, the oldest first: up to `most` of
/// each kind.
pub(super) fn waits(
    conn: &mut Conn,
    now: Instant,
    person: PersonId,
    (since, most): (Since, usize),
) -> Result<Vec<Waiting>> {
    let mut all = Vec::new();
    for kind in [WaitingKind::Screening, WaitingKind::Concern] {
        let (mut fit, mut next) = (Vec::new(), Some(Uuid::nil()));
        while let Some(after) = next.filter(|_| fit.len() < most) {
            let (found, last) = page(conn, kind, (now, since), after)?;
            let (theirs, _) = split(conn, found, person)?;
            fit.extend(theirs.into_iter().map(|found| found.waiting));
            next = last;
        }
        fit.truncate(most);
        all.append(&mut fit);
    }
    all.sort_by_key(|waiting: &Waiting| waiting.since);
    Ok(all)
}

/// Whether something that came in so long ago waits for nobody: who is in the group raised it
/// themselves, has a stake in it, or may not act at all.
pub(super) fn is_stuck(conn: &mut Conn, now: Instant, since: Since) -> Result<bool> {
    let mut group = Vec::new();
    for (person, ..) in store::members(conn)? {
        if people::service::brief(conn, person)?.is_some_and(|p| p.active) {
            group.push(person);
        }
    }
    for kind in [WaitingKind::Screening, WaitingKind::Concern] {
        let mut next = Some(Uuid::nil());
        while let Some(after) = next {
            let (mut left, last) = page(conn, kind, (now, since), after)?;
            for person in &group {
                (_, left) = split(conn, left, *person)?;
            }
            if !left.is_empty() {
                return Ok(true);
            }
            next = last;
        }
    }
    Ok(false)
}
