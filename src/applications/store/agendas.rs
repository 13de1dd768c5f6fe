//! The applications of an agenda, scoped by who asks.

use super::lists::Listed;
use super::live;
use crate::agendas::model::LookingFor;
use crate::applications::model::{ApplicationStatus, Consent};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, FundId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::application_agendas::dsl as g;
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::call_funds::dsl as f;
use crate::platform::db::schema::{application_agendas, applications};
use crate::platform::db::{Conn, MultiBackend};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::BTreeMap;

/// Who looks.
#[derive(Debug, Clone)]
pub(in crate::applications) struct Eyes {
    /// They look after everything: they see all that was handed in.
    pub(in crate::applications) sponsor: bool,
    /// Who they are.
    pub(in crate::applications) me: Option<PersonId>,
    /// Where they may have been invited.
    pub(in crate::applications) email: Option<String>,
    /// The funds that they may spend from.
    pub(in crate::applications) funds: Vec<FundId>,
    /// Those for whom they may do something.
    pub(in crate::applications) principals: Vec<PersonId>,
}

type Joined = diesel::dsl::InnerJoinQuerySource<
    application_agendas::table,
    applications::table,
    diesel::dsl::Eq<applications::id, application_agendas::application_id>,
>;
type Sight = Box<dyn BoxableExpression<Joined, MultiBackend, SqlType = Bool>>;

/// What these eyes may see; each reason as for one application.
fn sight(eyes: &Eyes) -> Sight {
    let shown =
        || a::status.eq(ApplicationStatus::Open).or(a::status.eq(ApplicationStatus::Awarded));
    let public = a::visibility.eq(Visibility::Public).and(not(a::withheld));
    let mut seen: Sight = Box::new(shown().and(public));
    if eyes.sponsor {
        seen = Box::new(seen.or(a::submitted_at.is_not_null()));
    }
    if !eyes.funds.is_empty() {
        let backed = || shown().and(a::visibility.eq(Visibility::Private));
        let pays = pays!(a::call_id, &eyes.funds).and(in_own_call!());
        seen = Box::new(seen.or(backed().and(pays)));
        let routed = r::application_routes
            .filter(live())
            .filter(r::application_id.eq(a::id))
            .filter(pays!(r::call_id, &eyes.funds))
            .select(r::call_id);
        // One value, by key: of `exists` PostgreSQL makes a list of all routes that there are.
        seen = Box::new(seen.or(backed().and(routed.single_value().is_not_null())));
    }
    if !eyes.principals.is_empty() {
        seen = Box::new(seen.or(a::applicant_id.eq_any(padded(&eyes.principals))));
    }
    if let Some(me) = eyes.me {
        let live = m::consent.eq(Consent::Accepted).or(m::consent.eq(Consent::Invited));
        let team = m::application_members
            .filter(m::application_id.eq(a::id).and(m::person_id.eq(me)).and(live));
        seen = Box::new(seen.or(a::applicant_id.eq(me)).or(exists(team)));
    }
    if let Some(email) = &eyes.email {
        let invited = m::application_members.filter(
            m::application_id
                .eq(a::id)
                .and(m::email.eq(email.clone()))
                .and(m::consent.eq(Consent::Invited))
                .and(m::person_id.is_null()),
        );
        seen = Box::new(seen.or(exists(invited)));
    }
    seen
}

/// Where the work of these applications is done, and what they look for.
pub(in crate::applications) fn places(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, (String, Vec<LookingFor>)>> {
    let these = a::applications.filter(a::id.eq_any(padded(ids)));
    let rows: Vec<(ApplicationId, String, i32)> =
        Kept(these.select((a::id, a::place, a::looking_for))).load(conn)?;
    let said = |(id, place, bits)| (id, (place, LookingFor::from_bits(bits)));
    Ok(rows.into_iter().map(said).collect())
}

/// The applications of any of these agendas that these eyes may see, each once, newest first; up to
/// one more than the page. Each agenda has an order of its own in the index: they are asked for one
/// after the other.
pub(in crate::applications) fn of_agendas(
    conn: &mut Conn,
    agendas: &[AgendaId],
    eyes: &Eyes,
    page: &PageOf<of::Application>,
) -> Result<Vec<Listed>> {
    let read = |agenda, floor| of_agenda(conn, (agenda, floor), eyes, page);
    page.newest_of(agendas, read, |row| row.id)
}

fn of_agenda(
    conn: &mut Conn,
    (agenda, floor): (AgendaId, Option<ApplicationId>),
    eyes: &Eyes,
    page: &PageOf<of::Application>,
) -> Result<Vec<Listed>> {
    let mut query = g::application_agendas
        .inner_join(a::applications.on(a::id.eq(g::application_id)))
        .filter(g::agenda_id.eq(agenda))
        .filter(sight(eyes))
        .select(Listed::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(g::application_id.lt(after));
    }
    if let Some(floor) = floor {
        query = query.filter(g::application_id.gt(floor));
    }
    Ok(query.order(g::application_id.desc()).limit(page.limit + 1).load(conn)?)
}
