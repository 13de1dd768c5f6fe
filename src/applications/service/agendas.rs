//! What an application is about, and the applications of an agenda.

use super::{acting, hold, list, meanwhile, missing, see};
use crate::agendas;
use crate::agendas::model::{LookingFor, SetAgendas};
use crate::applications::model::{
    About, Act, AgendaApplication, AgendaPage, ApplicationFacts, ApplicationRow,
};
use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AgendaId, ApplicationId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::text::place_marks;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// Longest place, in characters.
const PLACE_MAX: usize = 120;
/// People and applications that a direction's page shows.
const SHOWN: i64 = 20;

/// What an application is about, where its work is done, and what it looks for.
///
/// # Errors
/// 404 where there is no application that the actor may see.
pub fn about(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<About> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &ApplicationFacts::from(&record))?;
    authz::require(ctx, Action::ListApplicationAgendas, &relations)?;
    let items = agendas::service::of_application(conn, id)?;
    let (place, looking_for) = (record.place, record.looking_for);
    Ok(About { items, next: None, place, looking_for })
}

/// Says it anew; as it is now, and the application's new version.
///
/// # Errors
/// 409 where its state does not allow edits, 412 when it was changed since it was read, 422 where
/// an agenda is unknown or retired, or the place is none.
pub fn set_about(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &SetAgendas,
) -> Result<(About, i32)> {
    let (record, relations) = hold(conn, ctx, id, Action::SetApplicationAgendas)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Draft)?;
    super::expect_version(conn, ctx, &record)?;
    record.state.after(Act::Edit)?;
    let mut fields = Fields::new();
    let place = form.place.as_deref().map(|text| fields.line("/place", text, 0, PLACE_MAX));
    fields.finish()?;
    let place = place.unwrap_or_else(|| record.place.clone());
    let asked = form.looking_for.as_deref().unwrap_or(&record.looking_for);
    let looking_for = LookingFor::from_bits(LookingFor::bits(asked));
    let (items, new) = agendas::service::name_for_application(conn, id, &form.agendas)?;
    let moved = place != record.place || looking_for != record.looking_for;
    let slugs: Vec<&str> = items.iter().map(|agenda| agenda.slug.as_str()).collect();
    let after = json!({ "agendas": slugs, "place": place, "looking_for": looking_for });
    let about = About { items, next: None, place, looking_for };
    if !new && !moved {
        return Ok((about, record.version));
    }
    if !store::save_content(conn, id, &record.content, record.version)? {
        return Err(meanwhile());
    }
    let marks = place_marks(&about.place).join(" ");
    store::save_place(conn, id, (&about.place, &marks), &about.looking_for)?;
    let change = Change::by(Action::SetApplicationAgendas, "application", id.uuid());
    audit::record(conn, ctx, change.to(after))?;
    Ok((about, record.version + 1))
}

/// A research direction with who and what works on it: the first who want to be found, for who is
/// signed in, and the newest applications that the actor may see.
///
/// # Errors
/// 404 if there is no such agenda.
pub fn agenda_page(conn: &mut Conn, ctx: &Ctx, id: AgendaId) -> Result<AgendaPage> {
    let detail = agendas::service::get(conn, ctx, id)?;
    let first = PageOf { limit: SHOWN, after: None };
    let people = match ctx.actor.person() {
        Some(_) if authz::allowed(&ctx.actor, Action::ListAgendaPeople, &[]) => {
            Some(agendas::service::people(conn, ctx, id, None, &first)?)
        }
        _ => None,
    };
    let page = match authz::allowed(&ctx.actor, Action::ListAgendaApplications, &[]) {
        true => of_agenda(conn, ctx, id, &PageOf { limit: SHOWN, after: None })?,
        false => Page { items: Vec::new(), next: None },
    };
    let ids: Vec<ApplicationId> = page.items.iter().map(|row| row.id).collect();
    let mut said = store::places(conn, &ids)?;
    let shown = |row: ApplicationRow| {
        let (place, looking_for) = said.remove(&row.id).unwrap_or_default();
        AgendaApplication { row, place, looking_for }
    };
    Ok(AgendaPage {
        detail,
        more_people: people.as_ref().is_some_and(|page| page.next.is_some()),
        people: people.map(|page| page.items),
        more_applications: page.next.is_some(),
        applications: page.items.into_iter().map(shown).collect(),
    })
}

/// A page of the applications that name an agenda, or one below it, newest first: those that the
/// actor may see.
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
    let sight = super::sight(conn, ctx)?;
    let all = agendas::service::with_narrower(conn, &[agenda])?;
    let rows = store::of_agendas(conn, &all, &sight.eyes(ctx), page)?;
    list::named(conn, ctx, &sight, false, Page::cut(rows, page.limit, |row| row.id))
}
