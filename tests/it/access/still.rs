//! What does not change: nothing by being read, and nothing at all in a table that only grows.

use super::world::World;
use super::{Asked, Known, Want, want};
use crate::payees::execute;
use crate::support::bodies::Document;
use crate::support::web::Web;
use crate::support::{Harness, Side};
use almoner::web::routes;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::BTreeMap;

/// Tables that only grow, each with a column.
const GROWING: &[(&str, &str)] = &[
    ("audit_log", "action"),
    ("events", "name"),
    ("approval_votes", "person_id"),
    ("review_versions", "review_id"),
    ("review_decisions", "reason"),
    ("screening_sets", "number"),
    ("lane_log", "id"),
    ("signatures", "id"),
    ("templates", "id"),
    ("ledger_entries", "id"),
    ("ledger_postings", "id"),
];

/// What reading may leave behind: when a session was last used, and who took out what.
const LEFT: &[&str] = &["sessions", "access_tokens", "audit_log"];

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    text: String,
}

fn texts(web: &Web, query: &str) -> Vec<String> {
    let query = query.to_owned();
    let found = web.app.db.read_now("test.texts", move |conn| {
        Ok(diesel::sql_query(query.as_str()).load::<Told>(conn)?)
    });
    let found = found.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
    found.into_iter().map(|told| told.text).collect()
}

/// Everything that is in the database, by table.
fn contents(web: &Web, side: Side) -> BTreeMap<String, Vec<String>> {
    let tables = match side {
        Side::Sqlite => {
            "SELECT name AS text FROM sqlite_schema WHERE type = 'table' \
             AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        }
        Side::Postgres => {
            "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'"
        }
    };
    let rows = |table: &String| {
        if side == Side::Postgres {
            return texts(web, &format!("SELECT t::text AS text FROM {table} t ORDER BY 1"));
        }
        let columns = format!("SELECT name AS text FROM pragma_table_info('{table}')");
        let quoted: Vec<String> =
            texts(web, &columns).iter().map(|name| format!("quote(\"{name}\")")).collect();
        let row = quoted.join(" || ',' || ");
        texts(web, &format!("SELECT {row} AS text FROM \"{table}\" ORDER BY 1"))
    };
    let kept = texts(web, tables).into_iter().filter(|name| !LEFT.contains(&name.as_str()));
    kept.map(|table| (table.clone(), rows(&table))).collect()
}

/// Everybody reads everything that they may and may not read, and all is as it was.
pub fn reading_changes_nothing(web: &Web, world: &World, side: Side) {
    let (document, before) = (Document::new(), contents(web, side));
    assert!(before.len() > 60 && !before["applications"].is_empty(), "{:?}", before.keys());
    let asked = Asked { document: &document, world, known: &Known::default() };
    let mut read = 0;
    for operation in routes::operations(&almoner::web::openapi()) {
        for caller in world.callers.iter().filter(|_| operation.method == "GET") {
            let reply = asked.ask(&operation, caller, asked.id(&operation));
            let answered = want(world, &operation, caller) == Want::Yes && reply.status == 200;
            read += usize::from(answered);
        }
    }
    assert!(read > 100, "{read}");
    let after = contents(web, side);
    let changed: Vec<&String> =
        before.iter().filter(|(table, rows)| after[*table] != **rows).map(|(t, _)| t).collect();
    assert!(changed.is_empty(), "reading changed {changed:?}");
}

/// By SQL either, with the rights of the service.
pub fn what_only_grows_cannot_be_changed(web: &Web, side: Side, word: &str) {
    let mut shown = Vec::new();
    for (table, column) in GROWING {
        let rows = texts(web, &format!("SELECT CAST(count(*) AS TEXT) AS text FROM {table}"));
        // A guard of rows says nothing where there are none.
        if rows == ["0"] {
            continue;
        }
        shown.push(*table);
        let mut tricks =
            vec![format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")];
        tricks.push(match side {
            Side::Postgres => format!("TRUNCATE {table} CASCADE"),
            Side::Sqlite => format!("REPLACE INTO {table} SELECT * FROM {table}"),
        });
        for trick in tricks {
            let done = execute(web, &trick);
            assert!(done.as_ref().is_err_and(|e| e.contains(word)), "{trick}: {done:?}");
        }
        assert_eq!(
            texts(web, &format!("SELECT CAST(count(*) AS TEXT) AS text FROM {table}")),
            rows
        );
    }
}

/// A role of PostgreSQL, dropped with this.
pub struct Role<'t> {
    pub name: String,
    t: &'t Harness,
}

/// With the rights that docs/OPERATIONS.md gives, by its own words.
pub fn role_of_the_manual(t: &Harness) -> Role<'_> {
    let manual = include_str!("../../../docs/OPERATIONS.md");
    let name = format!("app_{}", std::process::id());
    let sql = manual.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next());
    let sql = sql.expect("the manual has it").replace("almoner_app", &name);
    run(t, sql);
    Role { name, t }
}

fn run(t: &Harness, sql: String) {
    let done = t.db.write_now("test.role", move |conn| Ok(conn.batch_execute(&sql)?));
    done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            run(self.t, format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name));
        }
    }
}
