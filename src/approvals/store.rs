//! Rows of approvals and votes.

use super::model::{Approval, ApprovalStatus, Subject, SubjectKind, Vote, Voted};
use crate::kernel::Result;
use crate::kernel::ids::{ApprovalId, Id, PersonId, VoteId, of};
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, padded};
use crate::platform::db::schema::approval_votes::dsl as v;
use crate::platform::db::schema::approvals::dsl as a;
use diesel::prelude::*;
use uuid::Uuid;

crate::platform::db::types::db_text!(SubjectKind, ApprovalStatus, Vote);

/// The object's id, whatever it is.
fn any(id: Uuid) -> Id<of::Approval> {
    Id::from_uuid(id)
}

#[derive(Queryable)]
struct Row {
    id: ApprovalId,
    subject_hash: String,
    needed: i32,
    status: ApprovalStatus,
    requested_by: Option<PersonId>,
    created_at: Instant,
    concluded_at: Option<Instant>,
}

impl From<Row> for Approval {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            subject_hash: r.subject_hash,
            needed: r.needed,
            status: r.status,
            requested_by: r.requested_by,
            created_at: r.created_at,
            concluded_at: r.concluded_at,
        }
    }
}

macro_rules! columns {
    () => {
        (
            a::id,
            a::subject_hash,
            a::needed,
            a::status,
            a::requested_by,
            a::created_at,
            a::concluded_at,
        )
    };
}

/// Adds a pending approval.
pub(super) fn insert(conn: &mut Conn, subject: &Subject, row: &Approval) -> Result<()> {
    diesel::insert_into(a::approvals)
        .values((
            a::id.eq(row.id),
            a::subject_kind.eq(subject.kind),
            a::subject_id.eq(any(subject.id)),
            a::subject_hash.eq(&row.subject_hash),
            a::needed.eq(row.needed),
            a::status.eq(row.status),
            a::requested_by.eq(row.requested_by),
            a::created_at.eq(row.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// The pending approval of an object, held until the end of the transaction, so that whoever else
/// votes waits: an update that changes nothing locks the row before it is read.
pub(super) fn hold(conn: &mut Conn, kind: SubjectKind, id: Uuid) -> Result<Option<Approval>> {
    let pending = a::approvals
        .filter(a::subject_kind.eq(kind).and(a::subject_id.eq(any(id))))
        .filter(a::status.eq(ApprovalStatus::Pending));
    diesel::update(pending).set(a::status.eq(ApprovalStatus::Pending)).execute(conn)?;
    let row: Option<Row> = pending.select(columns!()).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// The newest approval of an object.
pub(super) fn newest(conn: &mut Conn, kind: SubjectKind, id: Uuid) -> Result<Option<Approval>> {
    let row: Option<Row> = a::approvals
        .filter(a::subject_kind.eq(kind).and(a::subject_id.eq(any(id))))
        .order(a::id.desc())
        .select(columns!())
        .first(conn)
        .optional()?;
    Ok(row.map(Into::into))
}

/// The newest approvals of an object, newest first.
pub(super) fn all(
    conn: &mut Conn,
    kind: SubjectKind,
    id: Uuid,
    limit: i64,
) -> Result<Vec<Approval>> {
    let rows: Vec<Row> = a::approvals
        .filter(a::subject_kind.eq(kind).and(a::subject_id.eq(any(id))))
        .order(a::id.desc())
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Takes a pending approval to its end; whether it still was pending.
pub(super) fn conclude(
    conn: &mut Conn,
    id: ApprovalId,
    status: ApprovalStatus,
    now: Instant,
) -> Result<bool> {
    let pending = a::approvals.filter(a::id.eq(id)).filter(a::status.eq(ApprovalStatus::Pending));
    let changed = diesel::update(pending)
        .set((a::status.eq(status), a::concluded_at.eq(Some(now))))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Adds a vote; whether it is this person's first on the approval.
pub(super) fn add_vote(
    conn: &mut Conn,
    id: VoteId,
    approval: ApprovalId,
    vote: &Voted,
) -> Result<bool> {
    // Asked first, as SQLite's guard against REPLACE cannot tell the two apart; of two that come at
    // the same moment on PostgreSQL the key decides.
    let same = v::approval_id.eq(approval).and(v::person_id.eq(vote.person_id));
    if v::approval_votes.filter(same).count().get_result::<i64>(conn)? > 0 {
        return Ok(false);
    }
    let insert = diesel::insert_into(v::approval_votes)
        .values((
            v::id.eq(id),
            v::approval_id.eq(approval),
            v::person_id.eq(vote.person_id),
            v::vote.eq(vote.vote),
            v::reason.eq(vote.reason.as_deref()),
            v::voted_at.eq(vote.voted_at),
        ))
        .on_conflict((v::approval_id, v::person_id))
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

/// All votes on an approval, oldest first: at most one to a person, and few persons may vote.
pub(super) fn votes(conn: &mut Conn, approval: ApprovalId) -> Result<Vec<Voted>> {
    let rows: Vec<(PersonId, Vote, Option<String>, Instant)> = v::approval_votes
        .filter(v::approval_id.eq(approval))
        .order(v::id)
        .select((v::person_id, v::vote, v::reason, v::voted_at))
        .load(conn)?;
    let voted = |(person_id, vote, reason, voted_at)| Voted { person_id, vote, reason, voted_at };
    Ok(rows.into_iter().map(voted).collect())
}

/// What each of these approvals is of, where that is an object of this kind.
pub(super) fn subjects(
    conn: &mut Conn,
    ids: &[ApprovalId],
    kind: SubjectKind,
) -> Result<Vec<(ApprovalId, Uuid)>> {
    let these = a::approvals.filter(a::id.eq_any(padded(ids)).and(a::subject_kind.eq(kind)));
    let rows: Vec<(ApprovalId, Id<of::Approval>)> =
        these.select((a::id, a::subject_id)).load(conn)?;
    Ok(rows.into_iter().map(|(id, subject)| (id, subject.uuid())).collect())
}
