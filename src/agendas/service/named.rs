//! Which agendas applications and budgets name. No rights are checked here: the domains that own
//! those do.

use crate::agendas::model::{AgendaName, AgendaRecord, AgendaStatus};
use crate::agendas::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AgendaId, ApplicationId, BudgetId};
use crate::platform::db::Conn;

/// What an application is about.
pub fn of_application(conn: &mut Conn, id: ApplicationId) -> Result<Vec<AgendaName>> {
    Ok(store::of_application(conn, id)?.into_iter().map(AgendaName::from).collect())
}

/// Says what an application is about, in place of what it said before; what it says now, and
/// whether that is new.
///
/// # Errors
/// 422 where an agenda is unknown, or retired and not named before.
pub fn name_for_application(
    conn: &mut Conn,
    id: ApplicationId,
    sent: &[AgendaId],
) -> Result<(Vec<AgendaName>, bool)> {
    let before: Vec<AgendaId> =
        store::of_application(conn, id)?.into_iter().map(|agenda| agenda.id).collect();
    let mut fields = Fields::new();
    let mut named = Vec::new();
    if rules::few(&mut fields, sent) {
        let known = store::these(conn, sent)?;
        named = rules::named(&mut fields, sent, &known, &before);
    }
    fields.finish()?;
    named.sort_unstable();
    let new = named != before;
    if new {
        store::set_of_application(conn, id, &named)?;
    }
    Ok((of_application(conn, id)?, new))
}

/// The same without a look at what is retired, for what brings together what was named before.
pub fn rename_application(conn: &mut Conn, id: ApplicationId, agendas: &[AgendaId]) -> Result<()> {
    store::set_of_application(conn, id, agendas)
}

/// These agendas by name.
pub fn names_of(conn: &mut Conn, ids: &[AgendaId]) -> Result<Vec<AgendaName>> {
    let mut found = store::these(conn, ids)?;
    found.sort_unstable_by_key(|agenda| agenda.id);
    Ok(found.into_iter().map(AgendaName::from).collect())
}

/// These agendas and all below them, each once, in the order of the ids: whoever means a direction
/// means what is narrower as well, also what is retired by now, which stays where it is named. They
/// are two levels deep, and at most [`rules::CHILDREN_MAX`] are below one.
pub fn with_narrower(conn: &mut Conn, ids: &[AgendaId]) -> Result<Vec<AgendaId>> {
    let mut all = store::below(conn, ids)?;
    all.extend_from_slice(ids);
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// The agendas that a budget is meant for.
pub fn of_budget(conn: &mut Conn, id: BudgetId) -> Result<Vec<AgendaId>> {
    store::of_budget(conn, id)
}

/// Links a budget with those of its words that are the slug of an agenda. A retired one stays if
/// it was linked before.
pub fn set_of_budget(conn: &mut Conn, id: BudgetId, words: &[String]) -> Result<()> {
    let before = store::of_budget(conn, id)?;
    let stays = |agenda: &AgendaRecord| {
        agenda.status == AgendaStatus::Active || before.contains(&agenda.id)
    };
    let known = store::by_slugs(conn, words)?;
    let mut now: Vec<AgendaId> = known.iter().filter(|a| stays(a)).map(|a| a.id).collect();
    now.sort_unstable();
    if now == before { Ok(()) } else { store::set_of_budget(conn, id, &now) }
}
