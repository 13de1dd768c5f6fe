//! Use-cases of the directory.

mod messages;
mod named;
mod people;

pub use messages::{is_found, write_to};
pub use named::{
    name_for_application, names_of, of_application, of_budget, rename_application, set_of_budget,
    with_narrower,
};
pub use people::{get_profile, people, set_profile};

use super::events::AGENDA_CREATED;
use super::model::{
    Agenda, AgendaDetail, AgendaName, AgendaRecord, AgendaStatus, CreateAgenda, EditAgenda,
};
use super::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AgendaId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::{Value, json};

fn missing() -> Problem {
    Problem::not_found("agenda")
}

fn meanwhile() -> Problem {
    Problem::changed_meanwhile("agenda")
}

fn told(agenda: &AgendaRecord) -> Value {
    json!({
        "slug": agenda.slug, "title": agenda.title, "summary": agenda.summary,
        "parent_id": agenda.parent_id,
    })
}

/// The one that it is to belong to, held; `moved` is held already where it is there.
fn parent(
    conn: &mut Conn,
    fields: &mut Fields,
    moved: Option<AgendaId>,
    id: AgendaId,
) -> Result<()> {
    let parent = store::lock(conn, id)?;
    let has_children = match moved {
        Some(moved) => !store::children(conn, moved)?.is_empty(),
        None => false,
    };
    rules::below(fields, moved, has_children, parent.as_ref());
    if parent.is_some() {
        let below = i64::try_from(store::children(conn, id)?.len()).unwrap_or(i64::MAX);
        let message = format!("at most {} agendas can be below one", rules::CHILDREN_MAX);
        fields.check(below < rules::CHILDREN_MAX, "/parent_id", "too_many", &message);
    }
    Ok(())
}

/// Makes an agenda.
///
/// # Errors
/// 409 where its slug is taken, 422 with all that is wrong.
pub fn create(conn: &mut Conn, ctx: &Ctx, form: &CreateAgenda) -> Result<Agenda> {
    authz::require(ctx, Action::CreateAgenda, &[])?;
    let mut fields = Fields::new();
    let slug = rules::slug(&mut fields, &form.slug);
    let title = fields.line("/title", &form.title, 1, rules::LINE_MAX);
    let summary = form.summary.as_deref().unwrap_or_default();
    let summary = fields.paragraphs("/summary", summary, 0, rules::TEXT_MAX);
    if let Some(id) = form.parent_id {
        parent(conn, &mut fields, None, id)?;
    }
    fields.finish()?;
    if store::find_by_slug(conn, &slug)?.is_some() {
        let detail = format!("There is an agenda {slug} already, perhaps a retired one.");
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    let agenda = AgendaRecord {
        id: ctx.id(),
        slug,
        title,
        summary,
        parent_id: form.parent_id,
        status: AgendaStatus::Active,
        version: 1,
        created_at: ctx.now,
    };
    store::insert(conn, &agenda, ctx.actor.person())?;
    let change = Change::by(Action::CreateAgenda, "agenda", agenda.id.uuid());
    audit::record(conn, ctx, change.to(told(&agenda)))?;
    announce(conn, ctx, &agenda)?;
    Ok(agenda.into())
}

fn announce(conn: &mut Conn, ctx: &Ctx, agenda: &AgendaRecord) -> Result<()> {
    let facts = json!({ "v": 1, "agenda_id": agenda.id, "slug": agenda.slug });
    outbox::emit(conn, ctx, AGENDA_CREATED, facts)
}

/// Both, held in the order of their ids, so that two moves at once do not wait for each other.
fn lock_pair(
    conn: &mut Conn,
    id: AgendaId,
    other: Option<AgendaId>,
) -> Result<Option<AgendaRecord>> {
    if let Some(other) = other.filter(|other| *other < id) {
        store::lock(conn, other)?;
    }
    store::lock(conn, id)
}

/// Changes what an agenda is called, and where it belongs; also of a retired one.
///
/// # Errors
/// 412 when somebody changed it meanwhile, 422 with all that is wrong.
pub fn edit(conn: &mut Conn, ctx: &Ctx, id: AgendaId, form: &EditAgenda) -> Result<Agenda> {
    authz::require(ctx, Action::EditAgenda, &[])?;
    let other = match form.parent_id {
        Patch::Set(other) => Some(other),
        Patch::Leave | Patch::Clear => None,
    };
    let old = lock_pair(conn, id, other)?.ok_or_else(missing)?;
    audit::expect_version(conn, ctx, ("agenda", id.uuid()), old.version, &[Action::EditAgenda])?;
    let (mut fields, mut new) = (Fields::new(), old.clone());
    match &form.title {
        Patch::Leave => {}
        Patch::Clear => fields.push("/title", "required", "this is needed: it cannot be cleared"),
        Patch::Set(title) => new.title = fields.line("/title", title, 1, rules::LINE_MAX),
    }
    match &form.summary {
        Patch::Leave => {}
        Patch::Clear => new.summary.clear(),
        Patch::Set(text) => {
            new.summary = fields.paragraphs("/summary", text, 0, rules::TEXT_MAX);
        }
    }
    match form.parent_id {
        Patch::Leave => {}
        Patch::Clear => new.parent_id = None,
        Patch::Set(other) if old.parent_id == Some(other) => {}
        Patch::Set(other) => {
            parent(conn, &mut fields, Some(id), other)?;
            new.parent_id = Some(other);
        }
    }
    fields.finish()?;
    if new == old {
        return Ok(old.into());
    }
    if !store::save(conn, &new, old.version)? {
        return Err(meanwhile());
    }
    let change = Change::by(Action::EditAgenda, "agenda", id.uuid());
    audit::record(conn, ctx, change.from(told(&old)).to(told(&new)))?;
    new.version += 1;
    Ok(new.into())
}

/// Takes an agenda out of use: it stays where it is named, and is not named anew.
///
/// # Errors
/// 409 if it is retired already.
pub fn retire(conn: &mut Conn, ctx: &Ctx, id: AgendaId) -> Result<Agenda> {
    turn(conn, ctx, id, Action::RetireAgenda, AgendaStatus::retire)
}

/// Takes a retired agenda back into use.
///
/// # Errors
/// 409 unless it is retired.
pub fn restore(conn: &mut Conn, ctx: &Ctx, id: AgendaId) -> Result<Agenda> {
    turn(conn, ctx, id, Action::RestoreAgenda, AgendaStatus::restore)
}

fn turn(
    conn: &mut Conn,
    ctx: &Ctx,
    id: AgendaId,
    action: Action,
    step: fn(AgendaStatus) -> Result<AgendaStatus>,
) -> Result<Agenda> {
    authz::require(ctx, action, &[])?;
    let mut agenda = store::lock(conn, id)?.ok_or_else(missing)?;
    let (from, to) = (agenda.status, step(agenda.status)?);
    let retired_at = (to == AgendaStatus::Retired).then_some(ctx.now);
    if !store::set_status(conn, id, (from, to), retired_at)? {
        return Err(meanwhile());
    }
    let change = Change::by(action, "agenda", id.uuid());
    audit::record(conn, ctx, change.from(json!({ "status": from })).to(json!({ "status": to })))?;
    agenda.status = to;
    agenda.version += 1;
    if to == AgendaStatus::Active {
        announce(conn, ctx, &agenda)?;
    }
    Ok(agenda.into())
}

/// A page of agendas, newest first: those in use, or, if asked for, the retired ones.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<AgendaStatus>,
    page: &PageOf<of::Agenda>,
) -> Result<Page<Agenda>> {
    authz::require(ctx, Action::ListAgendas, &[])?;
    let rows = store::list(conn, status.unwrap_or(AgendaStatus::Active), page)?;
    Ok(Page::cut(rows, page.limit, |agenda| agenda.id).map(Agenda::from))
}

/// One agenda with its neighbours.
///
/// # Errors
/// 404 if there is none.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: AgendaId) -> Result<AgendaDetail> {
    authz::require(ctx, Action::GetAgenda, &[])?;
    let agenda = store::find(conn, id)?.ok_or_else(missing)?;
    let parent = match agenda.parent_id {
        Some(parent) => store::find(conn, parent)?.map(AgendaName::from),
        None => None,
    };
    let children = store::children(conn, id)?.into_iter().map(AgendaName::from).collect();
    Ok(AgendaDetail { agenda: agenda.into(), parent, children })
}

/// Refuses an agenda that is not there.
///
/// # Errors
/// 404.
pub fn exists(conn: &mut Conn, id: AgendaId) -> Result<()> {
    store::find(conn, id)?.map(drop).ok_or_else(missing)
}
