//! What an application is about, and the applications of an agenda.

use super::{acting, hold, list, meanwhile, missing, see};
use crate::agendas;
use crate::agendas::model::{AgendaName, SetAgendas};
use crate::applications::model::{Act, ApplicationRow};
use crate::applications::store::{self, Eyes};
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::{Errand, Role};
use crate::kernel::ids::{AgendaId, ApplicationId, of};
use crate::kernel::page::{Page, PageOf};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// The agendas that an application names.
///
/// # Errors
/// 404 where there is no application that the actor may see.
pub fn agendas(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Vec<AgendaName>> {
    let facts = super::facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::ListApplicationAgendas, &relations)?;
    agendas::service::of_application(conn, id)
}

/// Names them anew; what is named now, and the application's new version.
///
/// # Errors
/// 409 where its state does not allow edits, 412 when it was changed since it was read, 422 where
/// an agenda is unknown or retired.
pub fn set_agendas(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &SetAgendas,
) -> Result<(Vec<AgendaName>, i32)> {
    let (record, relations) = hold(conn, ctx, id, Action::SetApplicationAgendas)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Draft)?;
    super::expect_version(conn, ctx, &record)?;
    record.state.after(Act::Edit)?;
    let (named, new) = agendas::service::name_for_application(conn, id, &form.agendas)?;
    if !new {
        return Ok((named, record.version));
    }
    if !store::save_content(conn, id, &record.content, record.version)? {
        return Err(meanwhile());
    }
    let slugs: Vec<&str> = named.iter().map(|agenda| agenda.slug.as_str()).collect();
    let change = Change::by(Action::SetApplicationAgendas, "application", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "agendas": slugs })))?;
    Ok((named, record.version + 1))
}

/// A page of the applications that name an agenda, newest first: those that the actor may see.
///
/// # Errors
/// 404 if there is no such agenda.
pub fn of_agenda(
    conn: &mut Conn,
    ctx: &Ctx,
    agenda: AgendaId,
    page: &PageOf<of::Application>,
) -> Result<Page<ApplicationRow>> {
    authz::require(ctx, Action::ListAgendaApplications, &[])?;
    agendas::service::exists(conn, agenda)?;
    let eyes = eyes(conn, ctx)?;
    let rows = store::of_agenda(conn, agenda, &eyes, page)?;
    list::named(conn, ctx, false, Page::cut(rows, page.limit, |row| row.id))
}

/// Who looks, as SQL needs to know it.
fn eyes(conn: &mut Conn, ctx: &Ctx) -> Result<Eyes> {
    let me = ctx.actor.person();
    let email = match me {
        Some(me) => people::service::brief(conn, me)?.map(|person| person.email),
        None => None,
    };
    let funds = match me {
        Some(me) if ctx.actor.has(Role::Regrantor) => see::spendable(conn, ctx, me)?,
        _ => Vec::new(),
    };
    let principals = delegations::service::principals(conn, ctx, None)?;
    Ok(Eyes { sponsor: ctx.actor.is_sponsor(), me, email, funds, principals })
}
