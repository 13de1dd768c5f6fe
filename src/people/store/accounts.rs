//! Rows of accounts that people gave, as keyed hashes.

use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, Kept, padded};
use crate::platform::db::schema::person_accounts;
use crate::platform::db::schema::person_accounts::dsl as a;
use diesel::prelude::*;

/// Notes an account; once is enough.
pub(in crate::people) fn note_account(
    conn: &mut Conn,
    person: PersonId,
    fingerprint: &[u8],
    now: Instant,
) -> Result<()> {
    let insert = diesel::insert_into(a::person_accounts)
        .values((a::person_id.eq(person), a::fingerprint.eq(fingerprint), a::noted_at.eq(now)))
        .on_conflict((a::person_id, a::fingerprint))
        .do_nothing();
    Both(insert).execute(conn)?;
    Ok(())
}

// The accounts of one person, beside those of everybody.
diesel::alias!(person_accounts as own: Own);

/// The accounts that somebody gave, each with everybody who gave it, up to `most` in all.
pub(in crate::people) fn sharers(
    conn: &mut Conn,
    person: PersonId,
    most: i64,
) -> Result<Vec<(Vec<u8>, PersonId)>> {
    Ok(a::person_accounts
        .inner_join(own.on(own.field(a::fingerprint).eq(a::fingerprint)))
        .filter(own.field(a::person_id).eq(person))
        .order((a::fingerprint, a::person_id))
        .limit(most)
        .select((a::fingerprint, a::person_id))
        .load(conn)?)
}

/// Whether somebody gave an account that one of these people gave as well.
pub(in crate::people) fn shares(
    conn: &mut Conn,
    person: PersonId,
    others: &[PersonId],
) -> Result<bool> {
    let shared = a::person_accounts
        .inner_join(own.on(own.field(a::fingerprint).eq(a::fingerprint)))
        .filter(own.field(a::person_id).eq(person))
        .filter(a::person_id.eq_any(padded(others)))
        .limit(1)
        .select(a::person_id);
    let found: Vec<PersonId> = Kept(shared).load(conn)?;
    Ok(!found.is_empty())
}
