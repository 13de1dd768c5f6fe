//! Rows of templates; they are only ever added.

use crate::kernel::Result;
use crate::kernel::ids::{PersonId, TemplateId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::paperwork::model::{TemplateKind, TemplateView};
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::templates;
use crate::platform::db::schema::templates::dsl as t;
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = templates)]
struct Row {
    id: TemplateId,
    kind: TemplateKind,
    number: i32,
    title: String,
    body: String,
    created_by: Option<PersonId>,
    created_at: Instant,
}

impl From<Row> for TemplateView {
    fn from(r: Row) -> Self {
        let Row { id, kind, number, title, body, created_by, created_at } = r;
        Self { id, kind, number, title, body, created_by, created_at }
    }
}

/// Adds a version; whether its number was still free.
pub(in crate::paperwork) fn insert_template(conn: &mut Conn, new: &TemplateView) -> Result<bool> {
    // Asked first: SQLite's guard against REPLACE cannot tell the two apart.
    let same = t::kind.eq(new.kind).and(t::number.eq(new.number));
    if t::templates.filter(same).count().get_result::<i64>(conn)? > 0 {
        return Ok(false);
    }
    let insert = diesel::insert_into(t::templates)
        .values((
            t::id.eq(new.id),
            t::kind.eq(new.kind),
            t::number.eq(new.number),
            t::title.eq(&new.title),
            t::body.eq(&new.body),
            t::created_by.eq(new.created_by),
            t::created_at.eq(new.created_at),
        ))
        .on_conflict((t::kind, t::number))
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

/// The newest version.
pub(in crate::paperwork) fn newest_template(
    conn: &mut Conn,
    kind: TemplateKind,
) -> Result<Option<TemplateView>> {
    let row: Option<Row> = t::templates
        .filter(t::kind.eq(kind))
        .order(t::number.desc())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Into::into))
}

/// Up to `limit + 1` versions, newest first.
pub(in crate::paperwork) fn list_templates(
    conn: &mut Conn,
    page: &PageOf<of::Template>,
) -> Result<Vec<TemplateView>> {
    let mut query = t::templates.select(Row::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(t::id.lt(after));
    }
    let rows: Vec<Row> = query.order(t::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}
