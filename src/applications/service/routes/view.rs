//! Routes as somebody sees them.

use super::{answer, no_route};
use crate::answers;
use crate::answers::rules as forms;
use crate::applications::model::{
    ApplicationFacts, CarriedAnswer, Named, Record, RouteRecord, RouteRow, RouteStatus, RouteView,
};
use crate::applications::service::{facts, missing, see};
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, FundId, PersonId};
use crate::kernel::page::Page;
use crate::people;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// What somebody who sees the application sees of its routes.
pub(in crate::applications::service) enum Sight {
    /// The team: all.
    All,
    /// Those who run the service: what was handed in.
    HandedIn,
    /// Those who may fund it: where it is in calls in which one of these funds may spend.
    Funded(Vec<FundId>),
}

impl Sight {
    /// The actor's, who is related to the application like this.
    pub(in crate::applications::service) fn of(
        conn: &mut Conn,
        ctx: &Ctx,
        relations: &[Relation],
    ) -> Result<Self> {
        if see::is_inside(relations) {
            return Ok(Self::All);
        }
        if ctx.actor.is_sponsor() || ctx.actor.is_system() {
            return Ok(Self::HandedIn);
        }
        let backs = relations.contains(&Relation::Backer);
        Ok(Self::Funded(match ctx.actor.person().filter(|_| backs) {
            Some(me) => see::spendable(conn, ctx, me)?,
            None => Vec::new(),
        }))
    }
    /// Whether this one is among them.
    pub(in crate::applications::service) fn shows(
        &self,
        conn: &mut Conn,
        route: &RouteRecord,
    ) -> Result<bool> {
        let is_in = route.status == RouteStatus::Submitted;
        Ok(match self {
            Self::All => true,
            Self::HandedIn => is_in || route.submitted_at.is_some(),
            Self::Funded(funds) => {
                is_in && !funds.is_empty() && see::pays(conn, route.call_id, funds)?
            }
        })
    }
}

/// The calls that an application is routed to, the first first.
///
/// # Errors
/// 404 where there is no application that the actor may see.
pub fn routes(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Page<RouteRow>> {
    let facts = facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::ListApplicationRoutes, &relations)?;
    let sight = Sight::of(conn, ctx, &relations)?;
    // To who is not told that its own call declined it, this one is its own.
    let own = match facts.own_call().is_some() || see::reads_reason(&ctx.actor, &relations) {
        true => None,
        false => see::told_instead(conn, ctx, id, &relations)?,
    };
    let mut items = Vec::new();
    for route in store::routes(conn, id)? {
        if own != Some(route.call_id) && sight.shows(conn, &route)? {
            items.push(row(conn, ctx, &route, &relations)?);
        }
    }
    Ok(Page { items, next: None })
}

/// One of them in full.
///
/// # Errors
/// 404 where there is none that the actor may see.
pub fn route(conn: &mut Conn, ctx: &Ctx, (id, call): (ApplicationId, CallId)) -> Result<RouteView> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &ApplicationFacts::from(&record))?;
    authz::require(ctx, Action::GetRoute, &relations)?;
    let route = store::route(conn, (id, call))?.ok_or_else(no_route)?;
    if !Sight::of(conn, ctx, &relations)?.shows(conn, &route)? {
        return Err(no_route());
    }
    shown(conn, ctx, &record, &route, &relations)
}

fn row(
    conn: &mut Conn,
    ctx: &Ctx,
    route: &RouteRecord,
    relations: &[Relation],
) -> Result<RouteRow> {
    let people: Vec<PersonId> =
        [route.routed_by, route.submitted_by].into_iter().flatten().collect();
    let names = people::service::names(conn, &people)?;
    let named = |id: PersonId| Named { id, name: names.get(&id).cloned().unwrap_or_default() };
    let title = calls::service::facts(conn, route.call_id)?.map(|call| call.title);
    let reads = ctx.actor.is_sponsor() || see::is_inside(relations);
    Ok(RouteRow {
        application_id: route.application_id,
        call_id: route.call_id,
        call_title: title.unwrap_or_default(),
        status: route.status,
        promised_on: route.promised_on,
        routed_by: route.routed_by.map(named),
        routed_at: route.routed_at,
        submitted_by: route.submitted_by.map(named),
        submitted_at: route.submitted_at,
        ended_at: route.ended_at.filter(|_| route.status != RouteStatus::Draft),
        reason: route.reason.clone().filter(|_| reads),
        version: route.version,
    })
}

/// As this actor sees it.
pub(super) fn shown(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    route: &RouteRecord,
    relations: &[Relation],
) -> Result<RouteView> {
    let row = row(conn, ctx, route, relations)?;
    let mut route = route.clone();
    let form = answers::service::form_of(conn, route.call_id, route.paper.form_version)?;
    let mut missing = Vec::new();
    if route.status == RouteStatus::Draft {
        answer::refresh(conn, record, &mut route)?;
        let mut paper = route.paper.clone();
        paper.answers = forms::prune(&form, &paper.answers);
        let mut fields = Fields::new();
        answer::whole(conn, &mut fields, record, &form, &paper)?;
        if let Err(problem) = fields.finish() {
            missing.extend(problem.fields().iter().map(|field| field.pointer.clone()));
        }
    }
    if !see::is_inside(relations) {
        route.paper.suggested.clear();
    }
    let mut carried = route.carried;
    carried.retain(|_, from| !from.is_empty());
    let asked = form.questions.into_iter().filter(|q| !carried.contains_key(&q.key)).collect();
    let carried = carried.into_iter().map(|(key, from)| CarriedAnswer { key, from });
    Ok(RouteView {
        row,
        form_version: route.paper.form_version,
        asked,
        eligibility: form.eligibility,
        answers: route.paper.answers,
        carried: carried.collect(),
        suggested: route.paper.suggested,
        missing,
    })
}
