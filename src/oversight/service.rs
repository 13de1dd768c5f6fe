//! Reading the audit log.

use crate::applications;
use crate::approvals;
use crate::comments;
use crate::grants;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, Id, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::offers;
use crate::platform::audit::{self, AuditRow, Filter};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews;
use crate::vouches;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Kinds of objects of which whoever is on an application reads nothing, or not by whom they are.
const KEPT: [&str; 5] = ["approval", "earmark", "offer", "review", "vouch"];

/// What is done to an application by those who decide, or about them, besides speaking.
const APART: [Action; 4] = [
    Action::DecideReviews,
    Action::DeclareConflict,
    Action::DeclareReviewConflict,
    Action::ExceptConflict,
];

/// A page of the log, newest first, without what is hidden from a reader who has a stake in an
/// application; what they did themselves stays.
///
/// # Errors
/// 403 for others than admins and auditors.
pub fn audit(
    conn: &mut Conn,
    ctx: &Ctx,
    filter: &Filter,
    page: &PageOf<of::Audit>,
) -> Result<Page<AuditRow>> {
    authz::require(ctx, Action::ListAudit, &[])?;
    let me = ctx.actor.person();
    let look = |page: &PageOf<of::Audit>| {
        let rows = audit::list(conn, filter, page)?;
        let theirs = match me {
            Some(me) => kept_from(conn, me, &rows)?,
            None => BTreeSet::new(),
        };
        let judged = rows.into_iter().map(|row| {
            let keep = row.person_id == me || !theirs.contains(&row.id.uuid());
            (row, keep)
        });
        Ok(judged.collect())
    };
    Page::sifted(page, look, |row| row.id)
}

/// Which of these rows tell of an application in which somebody has a stake what they do not read
/// there; by their ids.
fn kept_from(conn: &mut Conn, me: PersonId, rows: &[AuditRow]) -> Result<BTreeSet<Uuid>> {
    let rows: Vec<&AuditRow> = rows.iter().filter(|row| is_kept(row)).collect();
    let about = about(conn, &rows)?;
    let ids: BTreeSet<ApplicationId> = about.values().copied().collect();
    let ids: Vec<ApplicationId> = ids.into_iter().collect();
    let theirs = applications::service::stakes(conn, me, &ids)?;
    Ok(about.into_iter().filter(|(_, id)| theirs.contains(id)).map(|(row, _)| row).collect())
}

/// Whether a row is of what is not told to everybody on the application. Comments that are not
/// internal are.
fn is_kept(row: &AuditRow) -> bool {
    if row.action.ends_with("_comment") {
        return told(row, "visibility") == Some("internal");
    }
    // What was found out about a recipient is not for them to read.
    let screened = row.object_kind == "grant" && told(row, "requirement") == Some("screening");
    screened
        || KEPT.contains(&row.object_kind.as_str())
        || APART.iter().any(|action| action.as_str() == row.action)
}

/// What a row tells under a name, as it is or else as it was.
fn told<'r>(row: &'r AuditRow, name: &str) -> Option<&'r str> {
    let sides = [&row.after, &row.before].into_iter().flatten();
    sides.filter_map(|side: &Value| side[name].as_str()).next()
}

/// The application that each of these rows is about, by the row's id; those about none are left
/// out.
fn about(conn: &mut Conn, rows: &[&AuditRow]) -> Result<BTreeMap<Uuid, ApplicationId>> {
    let (mut found, mut left) = (BTreeMap::new(), Vec::new());
    for row in rows {
        let own = (row.object_kind == "application").then(|| Id::from_uuid(row.object_id));
        match own.or_else(|| told(row, "application_id")?.parse().ok()) {
            Some(id) => drop(found.insert(row.id.uuid(), id)),
            None => left.push(*row),
        }
    }
    let of_kind = |kind: &str| -> Vec<Uuid> {
        left.iter().filter(|row| row.object_kind == kind).map(|row| row.object_id).collect()
    };
    let mut objects: BTreeMap<Uuid, ApplicationId> = BTreeMap::new();
    objects.extend(reviews::service::of_which(conn, &of_kind("review"))?);
    objects.extend(vouches::service::of_which(conn, &of_kind("vouch"))?);
    objects.extend(comments::service::of_which(conn, &of_kind("comment"))?);
    let grants: Vec<_> = of_kind("grant").into_iter().map(Id::from_uuid).collect();
    let grants = grants::service::facts_of(conn, &grants)?;
    objects.extend(grants.values().map(|grant| (grant.id.uuid(), grant.application_id)));
    // By what they say of an offer.
    let mut by_offer = approvals::service::of_offers(conn, &of_kind("approval"))?;
    let earmarks = left.iter().filter(|row| row.object_kind == "earmark");
    let offered = earmarks.filter_map(|row| Some((row.object_id, told(row, "offer_id")?)));
    by_offer.extend(offered.filter_map(|(id, offer)| Some((id, offer.parse().ok()?))));
    let offers: Vec<Uuid> = by_offer.values().copied().collect();
    let offers = offers::service::of_which(conn, &offers)?;
    objects.extend(by_offer.iter().filter_map(|(id, offer)| Some((*id, *offers.get(offer)?))));
    for row in left {
        if let Some(id) = objects.get(&row.object_id) {
            found.insert(row.id.uuid(), *id);
        }
    }
    Ok(found)
}
