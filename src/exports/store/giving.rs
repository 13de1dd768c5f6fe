//! Awards in the order of their ids, some at a time, with what is published of them.

use crate::calls::model::{CallStatus, Visibility};
use crate::grants::service::is_award;
use crate::kernel::Result;
use crate::kernel::ids::{CallId, GrantId, PersonId};
use crate::kernel::money::Currency;
use crate::kernel::time::Date;
use crate::platform::db::Conn;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::schema::grants::dsl as g;
use crate::platform::db::schema::publications::dsl as p;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// An award, its application and its call.
#[derive(Debug, Queryable)]
pub(in crate::exports) struct Award {
    pub(in crate::exports) id: GrantId,
    pub(in crate::exports) recipient_id: PersonId,
    pub(in crate::exports) title: String,
    pub(in crate::exports) amount_awarded: i64,
    pub(in crate::exports) currency: Currency,
    pub(in crate::exports) awarded_on: Date,
    pub(in crate::exports) ends_on: Option<Date>,
    pub(in crate::exports) summary: String,
    pub(in crate::exports) amount_requested: Option<i64>,
    pub(in crate::exports) duration_months: Option<i32>,
    pub(in crate::exports) visibility: Visibility,
    pub(in crate::exports) call_id: CallId,
    pub(in crate::exports) call_title: String,
    pub(in crate::exports) call_visibility: Visibility,
    pub(in crate::exports) call_status: CallStatus,
}

/// The awards above `after`, up to `limit`, without those that are withheld. Of the public ones
/// alone: those of public applications, and those that somebody decided to publish.
pub(in crate::exports) fn awards(
    conn: &mut Conn,
    public: bool,
    after: Option<GrantId>,
    limit: i64,
) -> Result<Vec<Award>> {
    let decided = |status: &'static str| {
        exists(p::publications.filter(p::grant_id.eq(g::id).and(p::status.eq(status))))
    };
    let mut query = g::grants
        .inner_join(a::applications.on(a::id.eq(g::application_id)))
        .inner_join(c::calls.on(c::id.eq(g::call_id)))
        .filter(not(decided("withheld")))
        .filter(is_award())
        .select((
            g::id,
            g::recipient_id,
            g::title,
            g::amount_awarded,
            g::currency,
            g::awarded_on,
            g::ends_on,
            a::summary,
            a::amount_requested,
            a::duration_months,
            a::visibility,
            c::id,
            c::title,
            c::visibility,
            c::status,
        ))
        .into_boxed();
    if public {
        query = query.filter(a::visibility.eq(Visibility::Public).or(decided("published")));
    }
    if let Some(after) = after {
        query = query.filter(g::id.gt(after));
    }
    Ok(query.order(g::id.asc()).limit(limit).load(conn)?)
}
