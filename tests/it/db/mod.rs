//! The database room: the same promises on both databases.

mod built;
mod errors;
mod later;
mod migrations;
mod retry;
mod transactions;
mod types;
mod writer;

use crate::support::{Harness, Side};
use almoner::kernel::Result;
use almoner::platform::db::Conn;
use almoner::platform::db::schema::meta;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

/// Runs SQL, which differs by database.
fn sql(t: &Harness, sqlite: &str, postgres: &str) {
    let text = if t.side == Side::Sqlite { sqlite } else { postgres };
    let done = t.db.write_now("test.sql", |conn| Ok(conn.batch_execute(text)?));
    done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
}

fn put(conn: &mut Conn, key: &str) -> Result<()> {
    put_value(conn, key, "")
}

fn put_value(conn: &mut Conn, key: &str, value: &str) -> Result<()> {
    let row = (meta::key.eq(key), meta::value.eq(value));
    diesel::insert_into(meta::table).values(row).execute(conn)?;
    Ok(())
}

fn keys(t: &Harness) -> Vec<String> {
    let keys = |conn: &mut Conn| Ok(meta::table.order(meta::key).select(meta::key).load(conn)?);
    t.db.read_now("test.keys", keys).expect("meta can be read")
}

fn count(conn: &mut Conn) -> Result<i64> {
    Ok(meta::table.count().get_result(conn)?)
}
