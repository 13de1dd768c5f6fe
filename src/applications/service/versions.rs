//! The history of what an application said. The team sees all of it; those who run the service see
//! what was handed in.

use super::see::{self, is_inside};
use super::{facts, missing};
use crate::answers::model::Paper;
use crate::applications::model::{
    ApplicationFacts, ApplicationStatus, Content, Named, Record, Saved, Snapshot, State,
    VersionDiff, VersionRecord, VersionRow, VersionStage, VersionView,
};
use crate::applications::rules::versions as rules;
use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// Keeps how the application read before the first change of it that is kept: it may be older than
/// its history.
pub(super) fn begin(conn: &mut Conn, ctx: &Ctx, record: &Record, paper: &Paper) -> Result<()> {
    if store::last_version(conn, record.id)?.is_some() {
        return Ok(());
    }
    let draft = record.state == State::Draft;
    let stage = if draft { VersionStage::Draft } else { VersionStage::Submitted };
    let first = VersionRecord {
        id: ctx.id(),
        number: 1,
        stage,
        content: Snapshot::of(&record.content, paper),
        saved_by: Some(record.applicant_id),
        saved_for: None,
        began_at: record.created_at,
        saved_at: record.created_at,
    };
    store::insert_version(conn, record.id, &first)
}

/// When what an application says was last changed; nothing of one older than its history.
pub fn last_saved(conn: &mut Conn, id: ApplicationId) -> Result<Option<Instant>> {
    Ok(store::last_version(conn, id)?.map(|version| version.saved_at))
}

/// Keeps how the application reads now. Who goes on writing, and takes nothing out, adds to the
/// version before.
pub(super) fn keep(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    paper: &Paper,
    stage: VersionStage,
) -> Result<()> {
    let (id, by) = (record.id, ctx.actor.person());
    let content = Snapshot::of(&record.content, paper);
    let last = store::last_version(conn, id)?;
    let number = last.as_ref().map_or(1, |last| last.number + 1);
    if let Some(last) = last {
        let suggested = content.suggested.clone();
        let same = Snapshot { suggested, ..last.content.clone() } == content
            && last.stage != VersionStage::Submitted;
        if same || rules::goes_on(&last, &content, by, ctx.now) {
            let now = VersionRecord { stage, content, saved_at: ctx.now, ..last };
            return store::save_version(conn, &now);
        }
    }
    let new = VersionRecord {
        id: ctx.id(),
        number,
        stage,
        content,
        saved_by: by,
        saved_for: ctx.behalf.as_ref().map(|(person, _)| *person),
        began_at: ctx.now,
        saved_at: ctx.now,
    };
    store::insert_version(conn, id, &new)?;
    store::thin_versions(conn, id, rules::VERSIONS_MAX)
}

/// Whether what is there may differ from what was handed in.
pub(super) fn may_differ(status: ApplicationStatus) -> bool {
    ApplicationStatus::MAY_DIFFER.contains(&status)
}

/// What was handed in last, where the applicant is changing it, or it ended meanwhile: nobody but
/// the team reads what they wrote since.
pub(super) fn handed_in(conn: &mut Conn, record: &Record) -> Result<Option<(Content, Paper)>> {
    if !may_differ(record.state.status()) {
        return Ok(None);
    }
    let last = store::version_before(conn, record.id, i32::MAX, false)?;
    Ok(last.map(|last| {
        let form_version = last.content.form_version;
        let answers = last.content.answers.clone();
        let paper = Paper { form_version, answers, ..Paper::default() };
        (last.content.into(), paper)
    }))
}

/// What was handed in last, of those of some applications that are being changed; by their ids.
pub(super) fn all_handed_in(
    conn: &mut Conn,
    changing: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, Content>> {
    if changing.is_empty() {
        return Ok(BTreeMap::new());
    }
    let last = store::handed_in(conn, changing)?.into_iter();
    Ok(last.map(|(id, last)| (id, last.content.into())).collect())
}

/// What other domains need to know of some applications, by id, where they tell it to others than
/// the team: what the applicant is changing says what it said when it was handed in.
pub fn facts_handed_in(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, ApplicationFacts>> {
    let mut all = super::facts_of(conn, ids)?;
    let changing = all.values().filter(|f| f.submitted_at.is_some() && may_differ(f.status));
    let changing: Vec<ApplicationId> = changing.map(|facts| facts.id).collect();
    for (id, then) in all_handed_in(conn, &changing)? {
        let Some(facts) = all.get_mut(&id) else { continue };
        facts.title = then.title;
        facts.summary = then.summary;
        facts.amount_minimum = then.amount_minimum;
        facts.amount_requested = then.amount_requested;
        facts.currency = then.currency;
        facts.duration_months = then.duration_months;
        facts.visibility = then.visibility;
    }
    Ok(all)
}

/// The same of one; `None` where it is not there.
pub fn as_handed_in(conn: &mut Conn, id: ApplicationId) -> Result<Option<ApplicationFacts>> {
    Ok(facts_handed_in(conn, &[id])?.remove(&id))
}

/// When that was: what was attached since is the team's alone.
pub(super) fn handed_in_at(conn: &mut Conn, facts: &ApplicationFacts) -> Result<Option<Instant>> {
    if !may_differ(facts.status) {
        return Ok(None);
    }
    Ok(store::version_before(conn, facts.id, i32::MAX, false)?.map(|last| last.saved_at))
}

/// The application, and whether the actor sees also what was never handed in.
fn open(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, action: Action) -> Result<bool> {
    let facts = facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, action, &relations)?;
    Ok(is_inside(&relations))
}

fn no_version() -> Problem {
    Problem::not_found("version of the application")
}

fn row(version: Saved, names: &BTreeMap<PersonId, String>) -> VersionRow {
    let named = |id: PersonId| Named { id, name: names.get(&id).cloned().unwrap_or_default() };
    VersionRow {
        number: version.number,
        stage: version.stage,
        saved_by: version.saved_by.map(named),
        on_behalf_of: version.saved_for.map(named),
        saved_at: version.saved_at,
    }
}

/// A page of the versions of an application, newest first.
///
/// # Errors
/// 404 where there is no application whose history the actor may see.
pub fn versions(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::Version>,
) -> Result<Page<VersionRow>> {
    let all = open(conn, ctx, id, Action::ListApplicationVersions)?;
    let rows = store::saved(conn, id, all, page)?;
    let who = rows.iter().flat_map(|version| [version.saved_by, version.saved_for]);
    let people: Vec<PersonId> = who.flatten().collect();
    let names = people::service::names(conn, &people)?;
    let page = Page::cut(rows, page.limit, |version| version.id);
    Ok(page.map(|version| row(version, &names)))
}

/// One version in full.
///
/// # Errors
/// 404 where there is none that the actor may see.
pub fn version(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, number): (ApplicationId, i32),
) -> Result<VersionView> {
    let all = open(conn, ctx, id, Action::GetApplicationVersion)?;
    let found = store::version(conn, id, number, all)?.ok_or_else(no_version)?;
    let people: Vec<PersonId> = [found.saved_by, found.saved_for].into_iter().flatten().collect();
    let names = people::service::names(conn, &people)?;
    Ok(VersionView { row: row(Saved::from(&found), &names), content: found.content })
}

/// What a version said, for an act of those who write it.
///
/// # Errors
/// 404 where there is none that the actor may see, 403 where they may not act on it.
pub(super) fn past(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, number): (ApplicationId, i32),
    action: Action,
) -> Result<Snapshot> {
    let all = open(conn, ctx, id, action)?;
    Ok(store::version(conn, id, number, all)?.ok_or_else(no_version)?.content)
}

/// What changed in a version: since another one, or since the one before it that the actor sees.
///
/// # Errors
/// 404 where one of them is none that the actor may see.
pub fn diff_versions(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, number): (ApplicationId, i32),
    from: Option<i32>,
) -> Result<VersionDiff> {
    let all = open(conn, ctx, id, Action::DiffApplicationVersion)?;
    let new = store::version(conn, id, number, all)?.ok_or_else(no_version)?;
    let old = match from {
        Some(from) => Some(store::version(conn, id, from, all)?.ok_or_else(no_version)?),
        None => store::version_before(conn, id, number, all)?,
    };
    let changes = rules::changes(old.as_ref().map(|old| &old.content), &new.content);
    Ok(VersionDiff { from: old.map(|old| old.number), to: number, changes })
}
