//! The grants of an agenda.

use super::super::model::GrantStatus;
use super::super::store;
use super::read::sight;
use crate::agendas;
use crate::applications::model::Named;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, GrantId};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, PageQuery};
use crate::kernel::time::Date;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde::Serialize;

/// A grant for work on a research direction.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AgendaGrant {
    /// Its id.
    pub id: GrantId,
    /// The application that it was.
    pub application_id: ApplicationId,
    /// Its title.
    pub title: String,
    /// Who receives it; not for who has not signed in.
    pub recipient: Option<Named>,
    /// The whole amount.
    pub amount_awarded: Money,
    /// The day of the award.
    pub awarded_on: Date,
    /// Where it stands.
    pub status: GrantStatus,
}

/// A page of the grants that work on an agenda, or on one below it, those of the newest
/// applications first: of public applications, and those that the actor may see besides.
///
/// # Errors
/// 404 if there is no such agenda.
pub fn of_agenda(
    conn: &mut Conn,
    ctx: &Ctx,
    agenda: AgendaId,
    page: &PageQuery,
) -> Result<Page<AgendaGrant>> {
    authz::require(ctx, Action::ListAgendaGrants, &[])?;
    let page = page.checked()?;
    agendas::service::exists(conn, agenda)?;
    let somebody = ctx.actor.is_system() || ctx.actor.person().is_some();
    let sight = if somebody { Some(sight(conn, ctx)?) } else { None };
    let all = agendas::service::with_narrower(conn, &[agenda])?;
    let rows = store::of_agendas(conn, &all, sight.as_ref(), &page)?;
    Ok(Page::cut(rows, page.limit, |row| row.application_id).map(|row| AgendaGrant {
        id: row.id,
        application_id: row.application_id,
        title: row.title,
        recipient: somebody.then_some(Named { id: row.recipient_id, name: row.recipient }),
        amount_awarded: Money::new(row.amount_awarded, row.currency),
        awarded_on: row.awarded_on,
        status: row.status,
    }))
}
