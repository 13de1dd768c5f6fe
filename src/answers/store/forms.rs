//! Rows of forms.

use crate::answers::model::Form;
use crate::kernel::Result;
use crate::kernel::ids::{CallId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::call_forms;
use crate::platform::db::schema::call_forms::dsl as f;
use crate::platform::db::types::Doc;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

// The versions of a form, beside the one that is read.
diesel::alias!(call_forms as later_forms: LaterForms);

/// A version of a form, as kept.
#[derive(Debug, Clone)]
pub(in crate::answers) struct FormRecord {
    /// Counts from 1; 0 is the empty form of a call that has none.
    pub(in crate::answers) version: i32,
    pub(in crate::answers) form: Form,
    /// When it was written.
    pub(in crate::answers) created_at: Option<Instant>,
}

impl FormRecord {
    /// What a call asks that has no form.
    pub(in crate::answers) fn none() -> Self {
        Self { version: 0, form: Form::default(), created_at: None }
    }
}

type Row = (i32, Doc, Instant);

fn record((version, form, created_at): Row) -> Result<FormRecord> {
    let form = serde_json::from_value(form.0).map_err(Problem::internal)?;
    Ok(FormRecord { version, form, created_at: Some(created_at) })
}

/// The newest version.
pub(in crate::answers) fn newest_form(conn: &mut Conn, call: CallId) -> Result<Option<FormRecord>> {
    let row: Option<Row> = f::call_forms
        .filter(f::call_id.eq(call))
        .order(f::version.desc())
        .select((f::version, f::form, f::created_at))
        .first(conn)
        .optional()?;
    row.map(record).transpose()
}

/// The newest forms of several calls.
pub(in crate::answers) fn newest_forms(
    conn: &mut Conn,
    calls: &[CallId],
) -> Result<Vec<(CallId, FormRecord)>> {
    let newer = later_forms.filter(later_forms.field(f::call_id).eq(f::call_id));
    let newer = newer.filter(later_forms.field(f::version).gt(f::version));
    let rows: Vec<(CallId, Row)> = f::call_forms
        .filter(f::call_id.eq_any(padded(calls)))
        .filter(not(exists(newer)))
        .select((f::call_id, (f::version, f::form, f::created_at)))
        .load(conn)?;
    rows.into_iter().map(|(call, row)| Ok((call, record(row)?))).collect()
}

/// One version.
pub(in crate::answers) fn form(
    conn: &mut Conn,
    call: CallId,
    version: i32,
) -> Result<Option<FormRecord>> {
    let row: Option<Row> = f::call_forms
        .find((call, version))
        .select((f::version, f::form, f::created_at))
        .first(conn)
        .optional()?;
    row.map(record).transpose()
}

pub(in crate::answers) fn insert_form(
    conn: &mut Conn,
    call: CallId,
    version: i32,
    form: &Form,
    (by, at): (Option<PersonId>, Instant),
) -> Result<()> {
    let form = serde_json::to_value(form).map(Doc).map_err(Problem::internal)?;
    diesel::insert_into(f::call_forms)
        .values((
            f::call_id.eq(call),
            f::version.eq(version),
            f::form.eq(form),
            f::created_by.eq(by),
            f::created_at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}
