//! The grants of an agenda, scoped by who asks.

use super::{Sight, is_award};
use crate::calls::model::Visibility;
use crate::grants::model::GrantStatus;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, GrantId, PersonId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::PageOf;
use crate::kernel::time::Date;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::{
    application_agendas as g, application_members as m, applications as a, grant_sources as s,
    grants, people,
};
use crate::platform::db::{Conn, MultiBackend};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;

type Joined = diesel::dsl::InnerJoinQuerySource<
    diesel::dsl::InnerJoinQuerySource<
        diesel::dsl::InnerJoinQuerySource<
            g::table,
            grants::table,
            diesel::dsl::Eq<grants::application_id, g::application_id>,
        >,
        a::table,
        diesel::dsl::Eq<a::id, g::application_id>,
    >,
    people::table,
    diesel::dsl::Eq<people::id, grants::recipient_id>,
>;
type Seen = Box<dyn BoxableExpression<Joined, MultiBackend, SqlType = Bool>>;

/// What this sight reaches; `None` for everything. Grants of public applications are everybody's
/// to see, unless they are withheld, or were cancelled before they began.
fn seen(sight: Option<&Sight>) -> Option<Seen> {
    let public = a::visibility.eq(Visibility::Public).and(not(a::withheld)).and(is_award());
    match sight {
        Some(Sight::All) => None,
        None => Some(Box::new(public)),
        Some(Sight::Theirs(me, budgets)) => {
            let team = m::table.filter(
                m::application_id
                    .eq(g::application_id)
                    .and(m::person_id.eq(*me))
                    .and(m::consent.eq("accepted")),
            );
            let own = public.or(grants::recipient_id.eq(*me)).or(exists(team));
            if budgets.is_empty() {
                return Some(Box::new(own));
            }
            let backed = s::table
                .filter(s::grant_id.eq(grants::id).and(s::budget_id.eq_any(padded(budgets))));
            Some(Box::new(own.or(exists(backed))))
        }
    }
}

/// A grant of an agenda, as it is listed.
#[derive(Debug, Queryable)]
pub(in crate::grants) struct OfAgenda {
    pub(in crate::grants) id: GrantId,
    pub(in crate::grants) application_id: ApplicationId,
    pub(in crate::grants) recipient_id: PersonId,
    pub(in crate::grants) recipient: String,
    pub(in crate::grants) title: String,
    pub(in crate::grants) amount_awarded: i64,
    pub(in crate::grants) currency: Currency,
    pub(in crate::grants) awarded_on: Date,
    pub(in crate::grants) status: GrantStatus,
}

/// The grants of any of these agendas in sight, each once, those of the newest applications first;
/// up to one more than the page. Nobody in particular (`None`) sees what is public. Each agenda has
/// an order of its own in the index: they are asked for one after the other.
pub(in crate::grants) fn of_agendas(
    conn: &mut Conn,
    agendas: &[AgendaId],
    sight: Option<&Sight>,
    page: &PageOf<of::Application>,
) -> Result<Vec<OfAgenda>> {
    let read = |agenda, floor| of_agenda(conn, (agenda, floor), sight, page);
    page.newest_of(agendas, read, |row| row.application_id)
}

fn of_agenda(
    conn: &mut Conn,
    (agenda, floor): (AgendaId, Option<ApplicationId>),
    sight: Option<&Sight>,
    page: &PageOf<of::Application>,
) -> Result<Vec<OfAgenda>> {
    let mut query = g::table
        .inner_join(grants::table.on(grants::application_id.eq(g::application_id)))
        .inner_join(a::table.on(a::id.eq(g::application_id)))
        .inner_join(people::table.on(people::id.eq(grants::recipient_id)))
        .filter(g::agenda_id.eq(agenda))
        .select((
            grants::id,
            grants::application_id,
            grants::recipient_id,
            people::name,
            grants::title,
            grants::amount_awarded,
            grants::currency,
            grants::awarded_on,
            grants::status,
        ))
        .into_boxed();
    if let Some(seen) = seen(sight) {
        query = query.filter(seen);
    }
    if let Some(after) = page.after {
        query = query.filter(g::application_id.lt(after));
    }
    if let Some(floor) = floor {
        query = query.filter(g::application_id.gt(floor));
    }
    Ok(query.order(g::application_id.desc()).limit(page.limit + 1).load(conn)?)
}
