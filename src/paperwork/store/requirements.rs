//! Rows of requirements.

use crate::kernel::Result;
use crate::kernel::ids::{GrantId, PersonId, RequirementId};
use crate::kernel::time::{Date, Instant};
use crate::paperwork::model::{RequirementKind, RequirementStatus, RequirementView};
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::requirements::dsl as r;
use crate::platform::db::schema::{grants, requirements};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

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
    (due_on, remind_on): (Option<Date>, Option<Date>),
    now: Instant,
) -> Result<()> {
    let insert = diesel::insert_into(r::requirements)
        .values((
            r::id.eq(id),
            r::grant_id.eq(grant),
            r::kind.eq(kind),
            r::status.eq(RequirementStatus::Open),
            r::due_on.eq(due_on),
            r::remind_on.eq(remind_on),
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
    pub(in crate::paperwork) due_on: Option<Option<Date>>,
    pub(in crate::paperwork) provided_by: Option<Option<PersonId>>,
    pub(in crate::paperwork) decided_by: Option<Option<PersonId>>,
    pub(in crate::paperwork) decided_at: Option<Option<Instant>>,
    pub(in crate::paperwork) reason: Option<Option<String>>,
    pub(in crate::paperwork) remind_on: Option<Option<Date>>,
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

/// Of which grants something is to be spoken of today, the longest noted first: one for each
/// requirement.
pub(in crate::paperwork) fn due(conn: &mut Conn, today: Date, limit: i64) -> Result<Vec<GrantId>> {
    // What rests is spoken of when it goes on.
    let paused = sql::<Bool>("grants.status = 'paused'");
    let rests = grants::table.filter(grants::id.eq(r::grant_id)).filter(paused);
    Ok(r::requirements
        .filter(r::remind_on.le(today))
        .filter(not(exists(rests)))
        .order((r::remind_on, r::id))
        .limit(limit)
        .select(r::grant_id)
        .load(conn)?)
}

/// A requirement that is to be spoken of: what, where it stands, by when it is wanted, and the day
/// that was noted.
pub(in crate::paperwork) type Noted =
    (RequirementKind, RequirementStatus, Option<Date>, Option<Date>);

/// What of a grant is to be spoken of today.
pub(in crate::paperwork) fn due_of(
    conn: &mut Conn,
    grant: GrantId,
    today: Date,
) -> Result<Vec<Noted>> {
    Ok(r::requirements
        .filter(r::grant_id.eq(grant))
        .filter(r::remind_on.le(today))
        .select((r::kind, r::status, r::due_on, r::remind_on))
        .load(conn)?)
}

/// Notes when it is spoken of next, where it still stands so and a day was noted until now; whether
/// nobody else did so.
pub(in crate::paperwork) fn reminded(
    conn: &mut Conn,
    grant: GrantId,
    (kind, status, _, noted): Noted,
    next: Option<Date>,
) -> Result<bool> {
    let still = r::requirements
        .filter(r::grant_id.eq(grant))
        .filter(r::kind.eq(kind))
        .filter(r::status.eq(status))
        .filter(r::remind_on.eq(noted));
    Ok(diesel::update(still).set(r::remind_on.eq(next)).execute(conn)? == 1)
}
