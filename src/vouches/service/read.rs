//! Who reads which vouches.

use super::{missing, reads_private, shown};
use crate::applications;
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, Id, PersonId, VouchId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::people;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::vouches::model::{Record, Vouch};
use crate::vouches::store::{self, Filter};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A vouch that the actor may read.
///
/// # Errors
/// 404 where there is none.
pub(super) fn seen(conn: &mut Conn, ctx: &Ctx, id: VouchId) -> Result<Record> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    let relations = relations(conn, ctx, &record)?;
    authz::require(ctx, Action::GetVouch, &relations)?;
    Ok(record)
}

/// How the actor is related to a vouch. Whoever is on the application reads a private vouch for it
/// by no role that they hold besides.
fn relations(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<Vec<Relation>> {
    if ctx.actor.is(record.voucher_id) {
        return Ok(vec![Relation::Own]);
    }
    let facts = applications::service::facts(conn, record.application_id)?.ok_or_else(missing)?;
    let to_it = applications::service::relations(conn, ctx, &facts)?;
    let public = record.said.visibility == Visibility::Public;
    if !public && !reads_private(conn, ctx, &facts, &to_it)? {
        return Err(missing());
    }
    let mut relations: Vec<Relation> =
        to_it.iter().filter(|relation| **relation == Relation::Backer).copied().collect();
    if public && applications::service::visible(conn, ctx, record.application_id).is_ok() {
        relations.push(Relation::Known);
    }
    Ok(relations)
}

/// One vouch.
///
/// # Errors
/// 404 where there is none that the actor may read.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: VouchId) -> Result<Vouch> {
    seen(conn, ctx, id).map(shown)
}

/// The vouches for an application, newest first: the public ones, one's own, and the private ones
/// to whoever reads those.
///
/// # Errors
/// 404 where there is no application that the actor may see.
pub fn of_application(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::Vouch>,
) -> Result<Page<Vouch>> {
    let facts = applications::service::visible(conn, ctx, id)?;
    let relations = applications::service::relations(conn, ctx, &facts)?;
    authz::require(ctx, Action::ListApplicationVouches, &relations)?;
    let all = reads_private(conn, ctx, &facts, &relations)?;
    let only = (!all).then(|| ctx.actor.person());
    let rows = store::list(conn, Filter::Application(id, only), page)?;
    Ok(Page::cut(rows, page.limit, |row| row.id).map(shown))
}

/// What the acting person signed, newest first, withdrawn ones included.
pub fn of_me(conn: &mut Conn, ctx: &Ctx, page: &PageOf<of::Vouch>) -> Result<Page<Vouch>> {
    authz::require(ctx, Action::ListMyVouches, &[])?;
    let rows = store::list(conn, Filter::Voucher(ctx.me()?), page)?;
    Ok(Page::cut(rows, page.limit, |row| row.id).map(shown))
}

/// What somebody signed, newest first, withdrawn ones included; without private ones for
/// applications that the actor is on.
///
/// # Errors
/// 404 for a person out of sight.
pub fn of_person(
    conn: &mut Conn,
    ctx: &Ctx,
    id: PersonId,
    page: &PageOf<of::Vouch>,
) -> Result<Page<Vouch>> {
    let own = ctx.actor.is(id);
    authz::require(ctx, Action::ListPersonVouches, if own { &[Relation::Own] } else { &[] })?;
    people::service::brief(conn, id)?.ok_or_else(|| Problem::not_found("person"))?;
    let me = ctx.actor.person().filter(|_| !own);
    let look = |page: &PageOf<of::Vouch>| {
        let rows = store::list(conn, Filter::Voucher(id), page)?;
        let private = |row: &Record| row.said.visibility == Visibility::Private;
        let about = rows.iter().filter(|row| private(row)).map(|row| row.application_id);
        let theirs = match me {
            Some(me) => applications::service::on_which(conn, me, &about.collect::<Vec<_>>())?,
            None => BTreeSet::new(),
        };
        let keep = |row: &Record| !private(row) || !theirs.contains(&row.application_id);
        let judged = rows.into_iter().map(|row| {
            let fits = keep(&row);
            (row, fits)
        });
        Ok(judged.collect())
    };
    Ok(Page::sifted(page, look, |row| row.id)?.map(shown))
}

/// Whether somebody vouched for an application, withdrawn or not, or was asked to at this address.
pub fn has_to_do(
    conn: &mut Conn,
    application: ApplicationId,
    person: (PersonId, &str),
) -> Result<bool> {
    store::has_to_do(conn, application, person)
}

/// Those of some applications that somebody vouches for, where that stands.
pub fn vouches_for(
    conn: &mut Conn,
    applications: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    store::stand_for(conn, applications, person)
}

/// Whether somebody vouches for an application for everybody to read, and that stands.
pub fn vouches_in_public(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<bool> {
    store::stands_in_public(conn, application, person)
}

/// How many public and how many private vouches stand for each of these applications, which the
/// actor's budgets may fund; those without are left out. The private ones count only where the
/// actor reads them, as in [`of_application`]: not where they are on the application, nor with a
/// token that lists no vouches.
pub fn counts_for_funder(
    conn: &mut Conn,
    ctx: &Ctx,
    applications: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, (i64, i64)>> {
    let mut counts = store::counts(conn, applications)?;
    let Some(me) = ctx.actor.person() else { return Ok(counts) };
    let private = counts.iter().filter(|(_, (_, private))| *private > 0);
    let private: Vec<ApplicationId> = private.map(|(id, _)| *id).collect();
    if private.is_empty() {
        return Ok(counts);
    }
    let lists = authz::require(ctx, Action::ListApplicationVouches, &[Relation::Backer]).is_ok();
    let theirs = applications::service::on_which(conn, me, &private)?;
    for (id, (_, private)) in &mut counts {
        if !lists || theirs.contains(id) {
            *private = 0;
        }
    }
    Ok(counts)
}

/// The application of each of these vouches, by its id; those that are not there are left out.
pub fn of_which(conn: &mut Conn, ids: &[Uuid]) -> Result<BTreeMap<Uuid, ApplicationId>> {
    let ids: Vec<_> = ids.iter().map(|id| Id::from_uuid(*id)).collect();
    let found = if ids.is_empty() { Vec::new() } else { store::of_which(conn, &ids)? };
    Ok(found.into_iter().map(|(id, application)| (id.uuid(), application)).collect())
}
