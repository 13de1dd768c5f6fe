//! What does not change: nothing by being read, and nothing at all in a table that only grows.

use super::review;
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

/// Tables that only grow. The database's own guards say which they are; that none of them lost its
/// guards, this list.
const GROWING: &[&str] = &[
    "approval_votes",
    "audit_log",
    "conflict_exceptions",
    "events",
    "lane_log",
    "ledger_entries",
    "ledger_postings",
    "ledger_seals",
    "lifted_conflicts",
    "review_decisions",
    "review_versions",
    "screening_sets",
    "signatures",
    "templates",
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
        for caller in world.callers.iter().filter(|_| crate::matrix::only_reads(&operation)) {
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

/// The tables whose rows no trigger lets be changed.
fn guarded(web: &Web, side: Side) -> Vec<String> {
    let mut found = texts(
        web,
        match side {
            Side::Sqlite => {
                "SELECT DISTINCT tbl_name AS text FROM sqlite_schema WHERE type = 'trigger' \
             AND sql LIKE '%BEFORE UPDATE ON%' AND sql LIKE '%only grows%'"
            }
            Side::Postgres => {
                "SELECT DISTINCT tgrelid::regclass::text AS text FROM pg_trigger \
             WHERE NOT tgisinternal AND tgattr = ''::int2vector \
             AND (tgname LIKE '%\\_no\\_change' OR tgname LIKE '%\\_no\\_update')"
            }
        },
    );
    found.sort();
    found
}

/// By SQL either, with the rights of the service: each table that has such a guard, every one of
/// them with a row in it.
pub fn what_only_grows_cannot_be_changed(web: &Web, side: Side, word: &str) {
    review::fill(web);
    let tables = guarded(web, side);
    assert_eq!(tables, GROWING, "a guard is missing, or a table with one is not on the list");
    for table in &tables {
        let columns = match side {
            Side::Sqlite => format!("SELECT name AS text FROM pragma_table_info('{table}')"),
            Side::Postgres => format!(
                "SELECT column_name::text AS text FROM information_schema.columns \
                 WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let column = &texts(web, &columns)[0];
        let count = format!("SELECT CAST(count(*) AS TEXT) AS text FROM {table}");
        let rows = texts(web, &count);
        assert_ne!(rows, ["0"], "a guard of rows says nothing where there are none: {table}");
        let tricks = [
            format!("UPDATE {table} SET {column} = {column}"),
            format!("DELETE FROM {table}"),
            match side {
                Side::Postgres => format!("TRUNCATE {table} CASCADE"),
                Side::Sqlite => format!("REPLACE INTO {table} SELECT * FROM {table}"),
            },
        ];
        for trick in tricks {
            let done = execute(web, &trick);
            assert!(done.as_ref().is_err_and(|e| e.contains(word)), "{trick}: {done:?}");
        }
        assert_eq!(texts(web, &count), rows);
    }
}

/// Nor by somebody who opens the file with a program of their own, which asks no guard against
/// deletion when it replaces: by the whole row, and by each of the other keys.
pub fn nothing_is_replaced_by_other_programs(web: &Web, t: &Harness) {
    let path = t.url.strip_prefix("sqlite://").expect("a file");
    let mut conn = diesel::SqliteConnection::establish(path).expect("it opens");
    conn.batch_execute("PRAGMA recursive_triggers = OFF; PRAGMA busy_timeout = 5000").expect("set");
    for table in GROWING {
        let columns = texts(web, &format!("SELECT name AS text FROM pragma_table_info('{table}')"));
        let keys = texts(
            web,
            &format!(
                "SELECT name AS text FROM pragma_index_list('{table}') WHERE \"unique\" = 1 \
             AND origin <> 'pk'"
            ),
        );
        let rows = || texts(web, &format!("SELECT CAST(count(*) AS TEXT) AS text FROM {table}"));
        let before = rows();
        let mut tricks = vec![format!("REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")];
        for key in &keys {
            // All as it was, but the id: the other key alone finds the row that it replaces.
            let of_key =
                texts(web, &format!("SELECT name AS text FROM pragma_index_info('{key}')"));
            // A second reversal of an entry is refused by its key, and found by the check.
            let other = columns[0] != "id" || of_key.contains(&columns[0]);
            if other || of_key == ["reverses_id"] {
                continue;
            }
            let rest = columns[1..].join(", ");
            tricks.push(format!(
                "REPLACE INTO {table} ({}) SELECT randomblob(16), {rest} FROM {table} LIMIT 1",
                columns.join(", "),
            ));
        }
        for trick in tricks {
            let done = conn.batch_execute(&trick).map_err(|e| e.to_string());
            assert!(done.as_ref().is_err_and(|e| e.contains("only grows")), "{trick}: {done:?}");
        }
        assert_eq!(rows(), before, "{table}");
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

/// By the program itself, from this address.
pub fn a_backup_is_made(t: &Harness, url: &str) {
    let file = t.dir().join("role.backup");
    let mut program = t.program(&["backup", file.to_str().expect("plain")]);
    let done = program.env("ALMONER__DATABASE__URL", url).output().expect("the program starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(file.exists());
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
