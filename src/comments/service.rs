//! Use-cases of comments.

mod heard;
mod mentions;
mod moved;

pub use heard::tell_also;

pub(super) use moved::move_along;

use heard::{concerned, tell_funders};

use super::jobs;
use super::model::{Comment, CommentRecord, CommentVisibility, CreateComment, EditComment};
use super::rules::{self, Stand};
use super::store;
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus, Named};
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::{Actor, Errand, Role, Scopes};
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CommentId, Id, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::people;
use crate::people::model::Limited;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

const HOUR: i64 = 3_600;

fn missing() -> Problem {
    Problem::not_found("comment")
}

/// An application, and how somebody stands to it.
struct Sight {
    facts: ApplicationFacts,
    relations: Vec<Relation>,
    seen: Vec<CommentVisibility>,
}

/// What the actor sees of an application's comments.
///
/// # Errors
/// 404 where there is no application that they may see.
fn sight(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Sight> {
    let facts = applications::service::visible(conn, ctx, id)?;
    let mut relations = applications::service::relations(conn, ctx, &facts)?;
    let me = ctx.actor.person();
    if me.is_some() && relations.contains(&Relation::Public) {
        relations.push(Relation::Known);
    }
    let has = |relation| relations.contains(&relation);
    let conflict = match me {
        Some(me) => applications::service::has_conflict(conn, id, me)?,
        None => false,
    };
    let inside = match me {
        Some(me) => applications::service::takes_part(conn, &facts, me)?,
        None => false,
    };
    let team = has(Relation::Own) || has(Relation::Team);
    // Who does paperwork for the applicant reads what they are told.
    let helps = relations.iter().any(|relation| matches!(relation, Relation::Delegate(_)));
    let stand = Stand {
        inside,
        team: team || helps,
        sponsor: ctx.actor.is_sponsor(),
        backer: has(Relation::Backer) && ctx.actor.has(Role::Regrantor),
        conflict,
    };
    Ok(Sight { facts, relations, seen: rules::readable(stand) })
}

/// The same for somebody else; nothing where they may not see the application, or may not act.
fn sight_of(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, person): (ApplicationId, PersonId),
) -> Result<Option<(people::service::Brief, Sight)>> {
    let Some(brief) = people::service::brief(conn, person)?.filter(|p| p.active) else {
        return Ok(None);
    };
    let actor =
        Actor::Person { id: person, roles: brief.roles, session: None, scopes: Scopes::All };
    match sight(conn, &ctx.acting(actor, &brief.name), application) {
        Ok(sight) => Ok(Some((brief, sight))),
        Err(problem) if problem.kind() == Kind::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Says something on an application that was handed in.
///
/// # Errors
/// 403 where it would not be theirs to read, 409 on a draft or where too much was said, 422 with
/// all that is wrong.
pub fn create(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &CreateComment,
) -> Result<Comment> {
    applications::service::visible(conn, ctx, id)?;
    // Held before anybody: who deletes it meanwhile counts on what is said here, or it is not said.
    applications::service::lock(conn, id)?;
    let sight = sight(conn, ctx, id)?;
    authz::require(ctx, Action::CreateComment, &sight.relations)?;
    if !sight.seen.contains(&form.visibility) {
        let detail = "You would not read such a comment yourself: choose another visibility.";
        return Err(Problem::new(Kind::Forbidden, detail));
    }
    if sight.facts.status == ApplicationStatus::Draft {
        let detail = "It was not handed in yet: there is nobody to talk to.";
        return Err(Problem::wrong_state(detail));
    }
    let me = ctx.me()?;
    // Before the person, as where they attach a file for somebody.
    let ctx = &acting(conn, ctx, &sight, form.visibility)?;
    // Held while they are counted, or many at once would each find the last place free.
    people::service::hold(conn, me)?;
    let mut fields = Fields::new();
    let body = fields.paragraphs("/body", &form.body, 1, rules::BODY_MAX);
    let mentions = mentions::mentioned(conn, ctx, &mut fields, (&sight, form))?;
    fields.finish()?;
    room(conn, ctx, &sight, me)?;
    mentions::room(conn, ctx, me, mentions.len())?;
    let said = CommentRecord {
        id: ctx.id(),
        application_id: id,
        author_id: me,
        said_for: ctx.behalf.as_ref().map(|(person, _)| *person),
        visibility: form.visibility,
        body,
        created_at: ctx.now,
        edited_at: None,
        removed_at: None,
        version: 1,
    };
    store::insert(conn, &said, &mentions)?;
    let change = Change::by(Action::CreateComment, "application", id.uuid());
    audit::record(conn, ctx, change.to(told(&said)))?;
    let (mut readers, inside, hour) = (mentions, is_inside(&sight), jobs::hour(ctx.now));
    readers.extend(concerned(conn, ctx, (&sight.facts, inside), said.visibility)?);
    readers.sort_unstable();
    readers.dedup();
    readers.retain(|reader| *reader != me);
    tell_also(conn, ctx, (id, hour), &readers)?;
    if inside && said.visibility == CommentVisibility::ApplicantAndFunders {
        tell_funders(conn, ctx, id, hour)?;
    }
    shown(conn, vec![said])?.pop().ok_or_else(missing)
}

/// In whose name it is said. Who drafts for the applicant speaks to the funders in both names;
/// where nothing else lets them speak, of nothing else. Others speak for themselves.
fn acting(conn: &mut Conn, ctx: &Ctx, sight: &Sight, visibility: CommentVisibility) -> Result<Ctx> {
    let has = |relation| sight.relations.contains(&relation);
    let drafts = has(Relation::Delegate(Errand::Draft)) && !has(Relation::Own);
    if !drafts || has(Relation::Team) {
        return Ok(ctx.clone());
    }
    if visibility == CommentVisibility::ApplicantAndFunders {
        let principal = sight.facts.applicant_id;
        let acting = delegations::service::acting(conn, ctx, principal, Errand::Draft)?;
        return acting.ok_or_else(|| Problem::not_found("application"));
    }
    let others: Vec<Relation> = sight
        .relations
        .iter()
        .copied()
        .filter(|relation| !matches!(relation, Relation::Delegate(_)))
        .collect();
    if !authz::allowed(&ctx.actor, Action::CreateComment, &others) {
        let detail = "For somebody else you speak to applicant and funders only.";
        return Err(Problem::new(Kind::Forbidden, detail));
    }
    Ok(ctx.clone())
}

/// Not what it says: who reads the audit log may be kept out of it.
fn told(said: &CommentRecord) -> serde_json::Value {
    let characters = said.body.chars().count();
    json!({ "comment_id": said.id, "visibility": said.visibility, "characters": characters })
}

fn room(conn: &mut Conn, ctx: &Ctx, sight: &Sight, me: PersonId) -> Result<()> {
    let since = ctx.now.plus_seconds(-HOUR);
    let before = store::count_since(conn, me, since)?
        + people::service::still_counted(conn, me, Limited::Comment, since)?;
    if before >= rules::HOURLY_MAX {
        let detail = format!("You said {} things in an hour: wait a while.", rules::HOURLY_MAX);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    // What strangers say takes nobody else's voice.
    let stranger = sight.seen == [CommentVisibility::Public];
    if stranger && store::count(conn, sight.facts.id)? >= rules::COMMENTS_MAX {
        let most = rules::COMMENTS_MAX;
        let detail =
            format!("An application has at most {most} comments: its team and funders go on.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok(())
}

/// Whether they are on its team, or do paperwork for who applies.
fn is_inside(sight: &Sight) -> bool {
    let inside = |r: &Relation| matches!(r, Relation::Own | Relation::Team | Relation::Delegate(_));
    sight.relations.iter().any(inside)
}

/// The comments that the actor may read, newest first.
///
/// # Errors
/// 404 where there is no application that they may see.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::Comment>,
) -> Result<Page<Comment>> {
    let sight = sight(conn, ctx, id)?;
    authz::require(ctx, Action::ListComments, &sight.relations)?;
    let rows = store::list(conn, id, &sight.seen, page)?;
    let Page { items, next } = Page::cut(rows, page.limit, |row| row.id);
    Ok(Page { items: shown(conn, items)?, next })
}

/// A comment that the actor may read, and their relations to it: its own author, or not.
fn held(
    conn: &mut Conn,
    ctx: &Ctx,
    place: (ApplicationId, CommentId),
    action: Action,
) -> Result<CommentRecord> {
    applications::service::visible(conn, ctx, place.0)?;
    applications::service::lock(conn, place.0)?;
    let sight = sight(conn, ctx, place.0)?;
    let found = store::find(conn, place, &sight.seen)?.ok_or_else(missing)?;
    let own = ctx.actor.is(found.author_id).then_some(Relation::Own);
    authz::require(ctx, action, own.as_slice())?;
    if found.removed_at.is_some() {
        return Err(Problem::wrong_state("The comment was removed."));
    }
    Ok(found)
}

/// In whose name what they said is theirs to change; `None` where they do not speak for them now.
fn still_for(conn: &mut Conn, ctx: &Ctx, said: &CommentRecord) -> Result<Option<Ctx>> {
    match said.said_for {
        Some(whom) => delegations::service::acting(conn, ctx, whom, Errand::Draft),
        None => Ok(Some(ctx.clone())),
    }
}

/// Changes a text, within fifteen minutes.
///
/// # Errors
/// 403 for anybody but its author, 404 where it was said for somebody for whom they do not speak
/// any more, 409 later or once it was removed, 412 when it was changed since it was read.
pub fn edit(
    conn: &mut Conn,
    ctx: &Ctx,
    place: (ApplicationId, CommentId),
    form: &EditComment,
) -> Result<Comment> {
    let mut said = held(conn, ctx, place, Action::EditComment)?;
    let ctx = &still_for(conn, ctx, &said)?.ok_or_else(missing)?;
    audit::expect_version(
        conn,
        ctx,
        ("comment", said.id.uuid()),
        said.version,
        &[Action::EditComment],
    )?;
    if !rules::is_fresh(said.created_at, ctx.now) {
        let detail = "A comment can be changed for fifteen minutes: say something more instead.";
        return Err(Problem::wrong_state(detail));
    }
    let mut fields = Fields::new();
    let body = fields.paragraphs("/body", &form.body, 1, rules::BODY_MAX);
    fields.finish()?;
    let before = told(&said);
    said.body = body;
    said.edited_at = Some(ctx.now);
    if !store::save(conn, &said, said.version)? {
        return Err(Problem::changed_meanwhile("comment"));
    }
    let change = Change::by(Action::EditComment, "comment", said.id.uuid());
    audit::record(conn, ctx, change.from(before).to(told(&said)))?;
    said.version += 1;
    shown(conn, vec![said])?.pop().ok_or_else(missing)
}

/// Takes a text away: its author, or an admin. Its place stays, with who took it away in the audit
/// log.
///
/// # Errors
/// 403 for anybody else, 409 where it was removed already.
pub fn remove(conn: &mut Conn, ctx: &Ctx, place: (ApplicationId, CommentId)) -> Result<()> {
    let said = held(conn, ctx, place, Action::RemoveComment)?;
    // One's own words are taken back after the end as well.
    let own = ctx.actor.is(said.author_id);
    let acting = if own { still_for(conn, ctx, &said)? } else { None };
    let ctx = acting.as_ref().unwrap_or(ctx);
    if !store::remove(conn, said.id, ctx.me()?, ctx.now)? {
        return Err(Problem::wrong_state("The comment was removed."));
    }
    let change = Change::by(Action::RemoveComment, "application", place.0.uuid());
    audit::record(conn, ctx, change.from(told(&said)))
}

fn shown(conn: &mut Conn, rows: Vec<CommentRecord>) -> Result<Vec<Comment>> {
    let ids: Vec<CommentId> = rows.iter().map(|row| row.id).collect();
    let mentions = if ids.is_empty() { Vec::new() } else { store::mentions(conn, &ids)? };
    let mut people: Vec<PersonId> = mentions.iter().map(|mention| mention.1).collect();
    people.extend(rows.iter().flat_map(|row| [Some(row.author_id), row.said_for]).flatten());
    people.sort_unstable();
    people.dedup();
    let names = people::service::names(conn, &people)?;
    let named = |id: PersonId| Named { id, name: names.get(&id).cloned().unwrap_or_default() };
    let shown = |row: CommentRecord| Comment {
        id: row.id,
        application_id: row.application_id,
        author: named(row.author_id),
        on_behalf_of: row.said_for.map(named),
        visibility: row.visibility,
        body: row.removed_at.is_none().then_some(row.body),
        mentions: mentions.iter().filter(|m| m.0 == row.id).map(|m| named(m.1)).collect(),
        created_at: row.created_at,
        edited_at: row.edited_at,
        removed_at: row.removed_at,
        version: row.version,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Writes to a reader what others said in these moments, as far as they may read it now; nothing
/// where that is nothing.
pub(super) fn write_to(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, reader): (ApplicationId, PersonId),
    (from, until): (Instant, Instant),
) -> Result<()> {
    let Some((person, sight)) = sight_of(conn, ctx, (application, reader))? else {
        return Ok(());
    };
    let most = i64::try_from(rules::TOLD_MAX).unwrap_or(0) + 1;
    let place = (application, reader);
    let rows = store::said_between(conn, place, &sight.seen, (from, until), most)?;
    if rows.is_empty() {
        return Ok(());
    }
    let more = rows.len() > rules::TOLD_MAX;
    let told = shown(conn, rows)?;
    // What its applicant is changing is not for all who read comments.
    let told_of = applications::service::as_handed_in(conn, application)?.unwrap_or(sight.facts);
    let subject = format!("New comments: {}", told_of.title);
    let mut letter = Letter::new(subject, "you are concerned by an application for a grant")
        .greeting(&person.name);
    for comment in told.iter().take(rules::TOLD_MAX) {
        let mentions = comment.mentions.iter().any(|m| m.id == reader);
        let verb = if mentions { "mentions you" } else { "writes" };
        let body = comment.body.as_deref().unwrap_or_default();
        letter = letter.paragraph(format!("{} {verb}:", comment.speaker())).quote(body);
    }
    if more {
        letter = letter.paragraph("There is more: read it with the application.");
    }
    let letter = letter.link("The application", format!("/applications/{application}"));
    mail::send(conn, ctx, &person.email, &letter)
}

/// The application of each of these comments, by its id; those that are not there are left out.
pub fn of_which(conn: &mut Conn, ids: &[Uuid]) -> Result<BTreeMap<Uuid, ApplicationId>> {
    let ids: Vec<_> = ids.iter().map(|id| Id::from_uuid(*id)).collect();
    let found = if ids.is_empty() { Vec::new() } else { store::of_which(conn, &ids)? };
    Ok(found.into_iter().map(|(id, application)| (id.uuid(), application)).collect())
}
