//! Rows of keys and answers.

use super::{Keyed, Stored};
use crate::kernel::Result;
use crate::kernel::time::Instant;
use crate::platform::db::ext::{Both, quietly};
use crate::platform::db::schema::idempotency_keys::dsl as k;
use crate::platform::db::{Conn, later};
use diesel::prelude::*;

pub(super) struct Found {
    pub(super) operation: String,
    pub(super) hash: Vec<u8>,
    pub(super) stored: Option<Stored>,
}

/// Whether the key is new. On PostgreSQL this waits for a transaction that holds the same key.
pub(super) fn claim(conn: &mut Conn, keyed: &Keyed, now: Instant) -> Result<bool> {
    let insert = diesel::insert_into(k::idempotency_keys)
        .values((
            k::person_id.eq(keyed.person),
            k::key.eq(&keyed.key),
            k::operation.eq(keyed.operation),
            k::request_hash.eq(&keyed.hash),
            k::created_at.eq(now),
        ))
        .on_conflict((k::person_id, k::key))
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

pub(super) fn find(conn: &mut Conn, keyed: &Keyed) -> Result<Option<Found>> {
    type Row = (String, Vec<u8>, Option<i32>, Option<String>, Option<String>, Option<String>);
    let row: Option<Row> = k::idempotency_keys
        .find((keyed.person, &keyed.key))
        .select((k::operation, k::request_hash, k::status, k::body, k::location, k::etag))
        .first(conn)
        .optional()?;
    Ok(row.map(|(operation, hash, status, body, location, etag)| {
        let status = status.and_then(|s| u16::try_from(s).ok());
        let stored = status.zip(body).map(|(status, body)| Stored { status, body, location, etag });
        Found { operation, hash, stored }
    }))
}

pub(super) fn keep(conn: &mut Conn, keyed: &Keyed, answer: &Stored) -> Result<()> {
    let this = k::idempotency_keys.find((keyed.person, keyed.key.clone()));
    let answered = diesel::update(this).set((
        k::status.eq(Some(i32::from(answer.status))),
        k::body.eq(Some(answer.body.clone())),
        k::location.eq(answer.location.clone()),
        k::etag.eq(answer.etag.clone()),
    ));
    match conn {
        Conn::Sqlite(conn) => Ok(quietly(conn, answered)?),
        Conn::Pg(_) => later(conn, "idempotency_keys", answered),
    }
}

/// Forgets up to `limit` keys older than `before`; how many.
pub fn purge(conn: &mut Conn, before: Instant, limit: i64) -> Result<usize> {
    let old: Vec<(crate::kernel::ids::PersonId, String)> = k::idempotency_keys
        .filter(k::created_at.lt(before))
        .order(k::created_at)
        .limit(limit)
        .select((k::person_id, k::key))
        .load(conn)?;
    for key in &old {
        diesel::delete(k::idempotency_keys.find((key.0, &key.1))).execute(conn)?;
    }
    Ok(old.len())
}
