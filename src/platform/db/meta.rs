//! Facts about the database itself, by name: a word or a JSON text to each.

use super::conn::Conn;
use super::ext::Both;
use super::schema::meta::dsl as m;
use crate::kernel::Result;
use diesel::prelude::*;

/// What is kept under a name.
pub fn get(conn: &mut Conn, key: &str) -> Result<Option<String>> {
    Ok(m::meta.find(key).select(m::value).first(conn).optional()?)
}

/// Keeps a fact in place of what was kept under its name.
pub fn put(conn: &mut Conn, key: &str, value: &str) -> Result<()> {
    if diesel::update(m::meta.find(key)).set(m::value.eq(value)).execute(conn)? == 0 {
        let insert = diesel::insert_into(m::meta)
            .values((m::key.eq(key), m::value.eq(value)))
            .on_conflict(m::key)
            .do_nothing();
        Both(insert).execute(conn)?;
    }
    Ok(())
}

/// Forgets what was kept under a name.
pub fn remove(conn: &mut Conn, key: &str) -> Result<()> {
    diesel::delete(m::meta.find(key)).execute(conn)?;
    Ok(())
}
