//! What of grants waits for those who run the service.

use crate::grants::model::{GrantFacts, GrantStatus, WaitingPaper};
use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::paperwork::model::{AgreementStatus, Party, RequirementKind, RequirementStatus};
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::{agreements, grants, requirements, signatures};
use diesel::dsl::exists;
use diesel::prelude::*;

const GOING: [GrantStatus; 4] =
    [GrantStatus::Awarded, GrantStatus::Active, GrantStatus::Paused, GrantStatus::WindingDown];

/// Papers of these kinds that stand so, of grants that go on, the oldest first.
pub(in crate::grants) fn papers(
    conn: &mut Conn,
    (kinds, statuses): (&[RequirementKind], &[RequirementStatus]),
    limit: i64,
) -> Result<Vec<WaitingPaper>> {
    Ok(requirements::table
        .inner_join(grants::table.on(grants::id.eq(requirements::grant_id)))
        .filter(requirements::status.eq_any(padded(statuses)))
        .filter(requirements::kind.eq_any(padded(kinds)))
        .filter(grants::status.eq_any(GOING))
        // Nobody is screened before it is known whom the bank pays.
        .filter(
            requirements::kind.ne(RequirementKind::Screening).or(grants::payee_id.is_not_null()),
        )
        .order(requirements::id.asc())
        .limit(limit)
        .select((
            requirements::grant_id,
            requirements::kind,
            requirements::status,
            requirements::provided_by,
        ))
        .load(conn)?)
}

/// Grants whose agreement has the recipient's signature and waits for the sponsor's, the oldest
/// first.
pub(in crate::grants) fn half_signed(conn: &mut Conn, limit: i64) -> Result<Vec<GrantId>> {
    let theirs = signatures::table
        .filter(signatures::agreement_id.eq(agreements::id))
        .filter(signatures::party.eq(Party::Recipient));
    Ok(grants::table
        .inner_join(agreements::table.on(agreements::grant_id.eq(grants::id)))
        .filter(grants::status.eq(GrantStatus::Awarded))
        .filter(agreements::status.eq(AgreementStatus::Open))
        .filter(exists(theirs))
        .order(grants::id.asc())
        .limit(limit)
        .select(grants::id)
        .load(conn)?)
}

/// What is known of some grants.
pub(in crate::grants) fn facts_of(conn: &mut Conn, ids: &[GrantId]) -> Result<Vec<GrantFacts>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<super::Row> = grants::table
        .filter(grants::id.eq_any(padded(ids)))
        .select(super::Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(super::Row::facts).collect())
}
