//! What is to be found anew, as its call became private or public.

use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::schema::search_due::dsl as d;
use crate::platform::db::types::SqlId;
use diesel::prelude::*;
use std::collections::BTreeSet;

/// Applications that are to be found anew.
pub(in crate::discovery) fn stale(conn: &mut Conn, limit: i64) -> Result<Vec<ApplicationId>> {
    Ok(d::search_due.order(d::application_id).limit(limit).select(d::application_id).load(conn)?)
}

/// Has one of them found by what may be read of it now.
pub(in crate::discovery) fn refresh(conn: &mut Conn, id: ApplicationId) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            let done = "DELETE FROM search_due WHERE application_id = ?";
            diesel::sql_query(done).bind::<SqlId, _>(id).execute(conn)?;
            let again =
                "UPDATE search_documents SET revision = revision + 1 WHERE application_id = ?";
            diesel::sql_query(again).bind::<SqlId, _>(id).execute(conn)?;
        }
        Conn::Pg(conn) => {
            diesel::sql_query("SELECT search_again($1)").bind::<SqlId, _>(id).execute(conn)?;
        }
    }
    Ok(())
}

/// Those of some applications that are still found by what their call asks, though it is private
/// by now.
pub(in crate::discovery) fn closed(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeSet<ApplicationId>> {
    let due = d::search_due.filter(d::application_id.eq_any(padded(ids))).select(d::application_id);
    let due: Vec<ApplicationId> = Kept(due).load(conn)?;
    if due.is_empty() {
        return Ok(BTreeSet::new());
    }
    let closed = a::applications
        .inner_join(c::calls.on(c::id.eq(a::call_id)))
        .filter(a::id.eq_any(padded(&due)).and(c::visibility.eq(Visibility::Private)))
        .select(a::id);
    let closed: Vec<ApplicationId> = Kept(closed).load(conn)?;
    Ok(closed.into_iter().collect())
}
