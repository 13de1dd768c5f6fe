//! Amounts that are kept in two places of the domains and have to agree.

use crate::kernel::Result;
use crate::kernel::ids::{FundId, Id, of};
use crate::kernel::money::Currency;
use crate::platform::db::Conn;
use crate::platform::db::ext::{each, sum_wide, wide};
use crate::platform::db::schema::contributions::dsl as c;
use crate::platform::db::types::SqlId;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A row of whatever table.
#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlId)]
    id: Id<of::Audit>,
}

/// What is said of the first row that a statement finds.
const UNEVEN: [(&str, &str, &str); 3] = [
    (
        "grant",
        "its sources do not sum to its award",
        "SELECT g.id FROM grants g LEFT JOIN grant_sources s ON s.grant_id = g.id GROUP BY g.id \
         HAVING COALESCE(SUM(s.amount), 0) <> g.amount_awarded ORDER BY g.id LIMIT 1",
    ),
    (
        "grant",
        "its tranches do not sum to its award",
        "SELECT g.id FROM grants g LEFT JOIN tranches t ON t.grant_id = g.id GROUP BY g.id \
         HAVING COALESCE(SUM(t.amount), 0) <> g.amount_awarded ORDER BY g.id LIMIT 1",
    ),
    (
        // What is planned, or was cancelled, has no parts.
        "tranche",
        "its parts do not sum to it",
        "SELECT t.id FROM tranches t LEFT JOIN tranche_parts p ON p.tranche_id = t.id \
         GROUP BY t.id HAVING COALESCE(SUM(p.amount), 0) <> CASE \
           WHEN t.status IN ('released', 'instructed', 'paid') THEN t.amount ELSE 0 END \
         ORDER BY t.id LIMIT 1",
    ),
];

/// Awards that are not the sum of their sources or tranches, tranches that are not the sum of
/// their parts: the first of each kind, in words.
pub(in crate::exports) fn uneven(conn: &mut Conn) -> Result<Vec<String>> {
    let mut uneven = Vec::new();
    for (what, why, sql) in UNEVEN {
        let found: Vec<Found> = each!(conn, diesel::sql_query(sql).load(conn)?);
        uneven.extend(found.iter().map(|row| format!("{what} {}: {why}", row.id)));
    }
    Ok(uneven)
}

/// What funds were given and was not undone, of those that were ever given something.
pub(in crate::exports) fn contributed(
    conn: &mut Conn,
) -> Result<BTreeMap<(FundId, Currency), i128>> {
    let mut sums = given(conn, false)?;
    for (key, undone) in given(conn, true)? {
        *sums.entry(key).or_insert(0) -= undone;
    }
    Ok(sums)
}

/// Sums of contributions by fund: of all, or of those that were undone.
fn given(conn: &mut Conn, undone: bool) -> Result<BTreeMap<(FundId, Currency), i128>> {
    type Halves = (Option<i64>, Option<i64>);
    let mut query = c::contributions
        .group_by((c::fund_id, c::currency))
        .select((c::fund_id, c::currency, sum_wide(c::amount)))
        .into_boxed();
    if undone {
        query = query.filter(c::undone_at.is_not_null());
    }
    let rows: Vec<(FundId, Currency, Halves)> = query.load(conn)?;
    Ok(rows.into_iter().map(|(fund, currency, sum)| ((fund, currency), wide(sum))).collect())
}
