//! Who changed what: a row for every change, written in the same transaction, never altered.
//!
//! `before` and `after` are what readers of the log may see: no secrets, no bank details.

mod store;

pub use store::{AuditRow, Filter, did, list};

use crate::kernel::Result;
use crate::kernel::actor::Actor;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::authz::Action;
use crate::platform::context::{Ctx, etag};
use crate::platform::db::Conn;
use serde_json::Value;
use uuid::Uuid;

/// One change.
#[derive(Debug)]
pub struct Change<'a> {
    /// What was done: an operation, or a job's own word.
    pub action: &'a str,
    /// Kind and id of what was changed.
    pub object: (&'a str, Uuid),
    /// As it was.
    pub before: Option<Value>,
    /// As it is.
    pub after: Option<Value>,
}

impl<'a> Change<'a> {
    /// By an operation of the API.
    pub fn by(action: Action, kind: &'a str, id: Uuid) -> Self {
        Self { action: action.as_str(), object: (kind, id), before: None, after: None }
    }
    /// With the state before.
    #[must_use]
    pub fn from(mut self, before: Value) -> Self {
        self.before = Some(before);
        self
    }
    /// With the state after.
    #[must_use]
    pub fn to(mut self, after: Value) -> Self {
        self.after = Some(after);
        self
    }
}

/// Writes the row.
pub fn record(conn: &mut Conn, ctx: &Ctx, change: Change<'_>) -> Result<()> {
    store::insert(conn, ctx, change)
}

/// Checks the `If-Match` header against the version that is stored. Without the header: 428.
/// With another version: 412, which tells who made the last of these edits and when. Who did
/// something else to the object is named to nobody: whoever edits may be kept out of that.
pub fn expect_version(
    conn: &mut Conn,
    ctx: &Ctx,
    object: (&str, Uuid),
    version: impl Into<i64>,
    edits: &[Action],
) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    let Some(sent) = ctx.if_match.as_deref() else {
        let detail = "Send the ETag of what you read in the If-Match header.";
        return Err(Problem::new(Kind::PreconditionRequired, detail));
    };
    let current = etag(version);
    if sent.split(',').any(|tag| tag.trim() == current) {
        return Ok(());
    }
    let detail = match store::latest(conn, object, edits)? {
        Some(row) => format!("{} changed it at {}; it is now {current}.", row.actor, row.at),
        None => format!("It is now {current}."),
    };
    Err(Problem::new(Kind::EditedMeanwhile, detail))
}

/// What is told of the state after, with whom it was done for.
fn after(ctx: &Ctx, after: Option<Value>) -> Option<Value> {
    let Some((person, _)) = &ctx.behalf else { return after };
    let mut told = after.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    if let Some(told) = told.as_object_mut() {
        told.insert("on_behalf_of".into(), Value::String(person.to_string()));
    }
    Some(told)
}

/// How the acting one is named in the log.
fn actor_name(ctx: &Ctx) -> String {
    match &ctx.actor {
        Actor::System(name) => format!("system:{name}"),
        _ => match &ctx.behalf {
            Some((_, name)) => format!("{} for {name}", ctx.actor_name),
            None => ctx.actor_name.to_string(),
        },
    }
}
