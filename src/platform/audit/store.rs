//! Rows of the audit log.

use super::{Change, actor_name, after};
use crate::kernel::Result;
use crate::kernel::ids::{AuditId, PersonId, RequestId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::audit_log::dsl as a;
use crate::platform::db::types::Doc;
use crate::platform::db::{Conn, flush, later};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// One change, as readers of the log see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AuditRow {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Instant,
    /// Who, by name; `system:…` for the service itself.
    pub actor: String,
    /// Who, by id.
    pub person_id: Option<PersonId>,
    /// The request that did it.
    pub request_id: RequestId,
    /// What was done.
    pub action: String,
    /// To what kind of object.
    pub object_kind: String,
    /// To which object.
    #[schema(value_type = String, format = "uuid")]
    pub object_id: Uuid,
    /// As it was.
    pub before: Option<Value>,
    /// As it is.
    pub after: Option<Value>,
}

/// Which rows to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only of this object.
    pub object: Option<(String, Uuid)>,
    /// Only by this person.
    pub person: Option<PersonId>,
}

/// The object's id, whatever it is.
type AnyId = crate::kernel::ids::Id<of::Audit>;

pub(super) fn insert(conn: &mut Conn, ctx: &Ctx, change: Change<'_>) -> Result<()> {
    let (kind, object) = change.object;
    let row = diesel::insert_into(a::audit_log).values((
        a::id.eq(ctx.id::<of::Audit>()),
        a::at.eq(ctx.now),
        a::actor.eq(actor_name(ctx)),
        a::person_id.eq(ctx.actor.person()),
        a::request_id.eq(ctx.request_id),
        a::action.eq(change.action.to_owned()),
        a::object_kind.eq(kind.to_owned()),
        a::object_id.eq(AnyId::from_uuid(object)),
        a::before.eq(change.before.map(Doc)),
        a::after.eq(after(ctx, change.after).map(Doc)),
        a::address.eq(ctx.address.as_deref().map(str::to_owned)),
    ));
    later(conn, "audit_log", row)
}

type Row = (
    AuditId,
    Instant,
    String,
    Option<PersonId>,
    RequestId,
    String,
    String,
    AnyId,
    Option<Doc>,
    Option<Doc>,
);

fn view(row: Row) -> AuditRow {
    let (id, at, actor, person_id, request_id, action, object_kind, object, before, after) = row;
    AuditRow {
        id,
        at,
        actor,
        person_id,
        request_id,
        action,
        object_kind,
        object_id: object.uuid(),
        before: before.map(|d| d.0),
        after: after.map(|d| d.0),
    }
}

macro_rules! columns {
    () => {
        (
            a::id,
            a::at,
            a::actor,
            a::person_id,
            a::request_id,
            a::action,
            a::object_kind,
            a::object_id,
            a::before,
            a::after,
        )
    };
}

/// The newest of these acts on an object.
pub(super) fn latest(
    conn: &mut Conn,
    object: (&str, Uuid),
    acts: &[Action],
) -> Result<Option<AuditRow>> {
    flush(conn)?;
    let acts: Vec<&str> = acts.iter().map(|act| act.as_str()).collect();
    let row: Option<Row> = a::audit_log
        .filter(a::object_kind.eq(object.0).and(a::object_id.eq(AnyId::from_uuid(object.1))))
        .filter(a::action.eq_any(padded(&acts)))
        .order(a::id.desc())
        .select(columns!())
        .first(conn)
        .optional()?;
    Ok(row.map(view))
}

/// Those of these objects of a kind to which somebody did one of these acts themselves.
pub fn did(
    conn: &mut Conn,
    person: PersonId,
    (kind, objects): (&str, &[Uuid]),
    acts: &[Action],
) -> Result<BTreeSet<Uuid>> {
    if objects.is_empty() {
        return Ok(BTreeSet::new());
    }
    flush(conn)?;
    let acts: Vec<&str> = acts.iter().map(|act| act.as_str()).collect();
    let objects: Vec<AnyId> = objects.iter().map(|id| AnyId::from_uuid(*id)).collect();
    let found: Vec<AnyId> = a::audit_log
        .filter(a::object_kind.eq(kind).and(a::object_id.eq_any(padded(&objects))))
        .filter(a::person_id.eq(person))
        .filter(a::action.eq_any(padded(&acts)))
        .select(a::object_id)
        .distinct()
        .load(conn)?;
    Ok(found.into_iter().map(|id| id.uuid()).collect())
}

/// Rows of the log, newest first: one more than the page holds, if there are so many.
pub fn list(conn: &mut Conn, filter: &Filter, page: &PageOf<of::Audit>) -> Result<Vec<AuditRow>> {
    flush(conn)?;
    let mut query = a::audit_log.select(columns!()).into_boxed();
    if let Some((kind, id)) = &filter.object {
        query =
            query.filter(a::object_kind.eq(kind)).filter(a::object_id.eq(AnyId::from_uuid(*id)));
    }
    if let Some(person) = filter.person {
        query = query.filter(a::person_id.eq(person));
    }
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    let rows: Vec<Row> = query.order(a::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(view).collect())
}
