//! Rows of the answer bank.

use crate::answers::model::{QuestionKind, Remembered};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, Id, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, Kept, padded};
use crate::platform::db::schema::answer_bank;
use crate::platform::db::schema::answer_bank::dsl as b;
use crate::platform::db::types::Doc;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = answer_bank)]
struct Row {
    id: Id<of::Remembered>,
    reuse_key: String,
    kind: QuestionKind,
    label: String,
    answer: Doc,
    application_id: ApplicationId,
    answered_at: Instant,
}

impl From<Row> for (Id<of::Remembered>, Remembered) {
    fn from(row: Row) -> Self {
        let remembered = Remembered {
            reuse_key: row.reuse_key,
            kind: row.kind,
            answer: row.answer.0,
            label: row.label,
            application_id: row.application_id,
            answered_at: row.answered_at,
        };
        (row.id, remembered)
    }
}

/// Keeps an answer, in the place of one of the same name: under its own id, for it is the newest.
pub(in crate::answers) fn remember(
    conn: &mut Conn,
    person: PersonId,
    id: Id<of::Remembered>,
    answer: &Remembered,
) -> Result<()> {
    let doc = Doc(answer.answer.clone());
    let row = diesel::insert_into(b::answer_bank).values((
        b::id.eq(id),
        b::person_id.eq(person),
        b::reuse_key.eq(&answer.reuse_key),
        b::kind.eq(answer.kind),
        b::label.eq(&answer.label),
        b::answer.eq(doc.clone()),
        b::application_id.eq(answer.application_id),
        b::answered_at.eq(answer.answered_at),
    ));
    let kept = row.on_conflict((b::person_id, b::reuse_key)).do_update().set((
        b::id.eq(id),
        b::kind.eq(answer.kind),
        b::label.eq(&answer.label),
        b::answer.eq(doc),
        b::application_id.eq(answer.application_id),
        b::answered_at.eq(answer.answered_at),
    ));
    Both(kept).execute(conn)?;
    Ok(())
}

/// What somebody answered under these names.
pub(in crate::answers) fn remembered(
    conn: &mut Conn,
    person: PersonId,
    names: &[String],
) -> Result<Vec<Remembered>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let named = b::answer_bank
        .filter(b::person_id.eq(person).and(b::reuse_key.eq_any(padded(names))))
        .select(Row::as_select());
    let rows: Vec<Row> = Kept(named).load(conn)?;
    Ok(rows.into_iter().map(|row| <(Id<of::Remembered>, Remembered)>::from(row).1).collect())
}

/// All that is remembered of somebody, newest first.
pub(in crate::answers) fn bank(
    conn: &mut Conn,
    person: PersonId,
    page: &PageOf<of::Remembered>,
) -> Result<Vec<(Id<of::Remembered>, Remembered)>> {
    let mut query =
        b::answer_bank.filter(b::person_id.eq(person)).select(Row::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(b::id.lt(after));
    }
    let rows: Vec<Row> = query.order(b::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Takes an answer out; whether there was one.
pub(in crate::answers) fn forget(conn: &mut Conn, person: PersonId, name: &str) -> Result<bool> {
    let this = b::answer_bank.filter(b::person_id.eq(person).and(b::reuse_key.eq(name)));
    Ok(diesel::delete(this).execute(conn)? == 1)
}
