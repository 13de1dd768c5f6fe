//! Offers that stand, but for those of people who have come to gain from the application or said
//! that they are partial to it: they may fund it no more.

use super::{MOST, OPEN, Row};
use crate::kernel::Result;
use crate::kernel::actor::{Role, Roles};
use crate::kernel::ids::{ApplicationId, BudgetId, OfferId};
use crate::kernel::time::Instant;
use crate::offers::model::OfferStatus;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::{offers, people};
use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// Whether the maker of an offer has no stake in its application, of all offers of a query at once,
/// as `applications::service::has_stake` knows it: who was only asked onto its team has none. Who
/// was on what it took up, or acts for who applied with that, is not asked about: their offers are
/// released when it does, or when they begin to. Counted, for what only has to exist is looked for
/// in the whole of a table at times.
const NO_STAKE: &str = "((SELECT COUNT(*) FROM conflicts k \
    WHERE k.application_id = offers.application_id AND k.person_id = offers.regrantor_id) = 0 \
  AND (SELECT COUNT(*) FROM application_members m \
    WHERE m.application_id = offers.application_id AND m.person_id = offers.regrantor_id) = 0 \
  AND (SELECT COUNT(*) FROM applications a JOIN delegations d ON d.principal_id = a.applicant_id \
    WHERE a.id = offers.application_id AND d.delegate_id = offers.regrantor_id \
    AND d.status <> 'declined' AND (d.ended_at IS NULL OR d.ended_at >= a.created_at)) = 0)";

/// The offers of an application that stand or are part of a grant, with the names of their makers;
/// the first to lapse first.
pub(in crate::offers) fn standing(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<(Row, String)>> {
    let placed = format!("offers.status = 'placed' AND {NO_STAKE}");
    let standing = sql::<Bool>(&format!("(offers.status = 'committed' OR {placed})"));
    let these = offers::table
        .inner_join(people::table.on(people::id.eq(offers::regrantor_id)))
        .filter(offers::application_id.eq(application).and(standing))
        .order((offers::expires_at, offers::id))
        .limit(MOST)
        .select((Row::as_select(), people::name));
    Ok(Kept(these).load(conn)?)
}

/// The placed offers of some applications.
pub(in crate::offers) fn placed_on_any(conn: &mut Conn, ids: &[ApplicationId]) -> Result<Vec<Row>> {
    let these = offers::table
        .filter(offers::application_id.eq_any(padded(ids)))
        // Said so that SQLite does not look for all that are placed anywhere.
        .filter(sql::<Bool>("offers.status || '' = 'placed'"))
        .filter(sql::<Bool>(NO_STAKE))
        .select(Row::as_select());
    Ok(Kept(these).load(conn)?)
}

/// The offers of a status that come next after one, in the order of their ids.
pub(in crate::offers) fn next_of(
    conn: &mut Conn,
    status: OfferStatus,
    after: Option<OfferId>,
    limit: i64,
) -> Result<Vec<OfferId>> {
    let mut query = offers::table.filter(offers::status.eq(status)).into_boxed();
    if let Some(after) = after {
        query = query.filter(offers::id.gt(after));
    }
    Ok(query.order(offers::id.asc()).limit(limit).select(offers::id).load(conn)?)
}

/// Of these, those of people who have come to be on their application, to act for who applies or to
/// be in a declared conflict with it, or who are suspended or no regrantors.
pub(in crate::offers) fn unfit(conn: &mut Conn, ids: &[OfferId]) -> Result<Vec<OfferId>> {
    let role = Roles::default().with(Role::Regrantor).bits();
    let unfit = format!(
        "(NOT {NO_STAKE} OR (SELECT COUNT(*) FROM people p WHERE p.id = offers.regrantor_id \
         AND p.status = 'active' AND (p.roles & {role}) <> 0) = 0)"
    );
    let these = offers::table
        .filter(offers::id.eq_any(padded(ids)))
        .filter(sql::<Bool>(&unfit))
        .order(offers::id.asc())
        .select(offers::id);
    Ok(Kept(these).load(conn)?)
}

/// When the last of the open offers of a budget ends.
pub(in crate::offers) fn reach(conn: &mut Conn, budget: BudgetId) -> Result<Option<Instant>> {
    Ok(offers::table
        .filter(offers::budget_id.eq(budget).and(offers::status.eq_any(OPEN)))
        .select(max(offers::expires_at))
        .get_result(conn)?)
}
