//! Rows of requirements.

use crate::kernel::Result;
use crate::kernel::ids::{GrantId, PersonId, RequirementId};
use crate::kernel::time::{Date, Instant};
use crate::paperwork::model::{RequirementKind, RequirementStatus, RequirementView};
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::requirements;
use crate::platform::db::schema::requirements::dsl as r;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = requirements)]
struct Row {
    kind: RequirementKind,
    status: RequirementStatus,
    note: Option<String>,
    due_on: Option<Date>,
    provided_by: Option<PersonId>,
    decided_by: Option<PersonId>,
    decided_at: Option<Instant>,
    reason: Option<String>,
}

impl From<Row> for RequirementView {
    fn from(row: Row) -> Self {
        let Row { kind, status, note, due_on, provided_by, decided_by, decided_at, reason } = row;
        let asks = kind.asks();
        Self { kind, status, asks, due_on, note, reason, provided_by, decided_by, decided_at }
    }
}

/// Opens a requirement; one that is there already stays as it is.
pub(in crate::paperwork) fn insert_requirement(
    conn: &mut Conn,
    id: RequirementId,
    grant: GrantId,
    kind: RequirementKind,
    due_on: Option<Date>,
    now: Instant,
) -> Result<()> {
    let insert = diesel::insert_into(r::requirements)
        .values((
            r::id.eq(id),
            r::grant_id.eq(grant),
            r::kind.eq(kind),
            r::status.eq(RequirementStatus::Open),
            r::due_on.eq(due_on),
            r::version.eq(1),
            r::created_at.eq(now),
        ))
        .on_conflict((r::grant_id, r::kind))
        .do_nothing();
    Both(insert).execute(conn)?;
    Ok(())
}

/// Every requirement of a grant; there is at most one of each kind.
pub(in crate::paperwork) fn requirements(
    conn: &mut Conn,
    grant: GrantId,
) -> Result<Vec<RequirementView>> {
    let rows: Vec<Row> =
        r::requirements.filter(r::grant_id.eq(grant)).select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One requirement of a grant.
pub(in crate::paperwork) fn requirement(
    conn: &mut Conn,
    grant: GrantId,
    kind: RequirementKind,
) -> Result<Option<RequirementView>> {
    let row: Option<Row> = r::requirements
        .filter(r::grant_id.eq(grant).and(r::kind.eq(kind)))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Into::into))
}

/// What a step writes; `None` leaves a column as it is.
#[derive(AsChangeset, Default)]
#[diesel(table_name = requirements)]
pub(in crate::paperwork) struct Decision {
    pub(in crate::paperwork) status: Option<RequirementStatus>,
    pub(in crate::paperwork) note: Option<Option<String>>,
    pub(in crate::paperwork) provided_by: Option<Option<PersonId>>,
    pub(in crate::paperwork) decided_by: Option<Option<PersonId>>,
    pub(in crate::paperwork) decided_at: Option<Option<Instant>>,
    pub(in crate::paperwork) reason: Option<Option<String>>,
}

/// Takes a step from `was`; whether it still stood there.
pub(in crate::paperwork) fn change_requirement(
    conn: &mut Conn,
    grant: GrantId,
    kind: RequirementKind,
    was: RequirementStatus,
    decision: &Decision,
) -> Result<bool> {
    let still = r::grant_id.eq(grant).and(r::kind.eq(kind)).and(r::status.eq(was));
    let changed = diesel::update(r::requirements.filter(still))
        .set((decision, r::version.eq(r::version + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}
