//! Amounts that are kept in two places of the domains and have to agree.

use crate::kernel::Result;
use crate::kernel::ids::{FundId, Id, of};
use crate::kernel::money::Currency;
use crate::platform::db::Conn;
use crate::platform::db::ext::{each, sum_wide, wide};
use crate::platform::db::schema::{bank_charges, contributions};
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

/// The same of what has an entry of its own: the one that moved what it says, and that is reversed
/// if it was undone.
const STRAYED: [(&str, &str, &str); 2] = [
    (
        "bank transfer",
        "its entry says something else",
        "SELECT t.id FROM bank_transfers t WHERE NOT EXISTS (SELECT 1 FROM ledger_postings p \
       JOIN ledger_accounts a ON a.id = p.account_id \
       WHERE p.entry_id = t.entry_id AND p.code = '1000' AND p.side = 'credit' \
         AND a.bank_account_id = t.from_account_id \
         AND p.currency = t.from_currency AND p.amount = t.from_amount) \
     OR NOT EXISTS (SELECT 1 FROM ledger_postings p \
       JOIN ledger_accounts a ON a.id = p.account_id \
       WHERE p.entry_id = t.entry_id AND p.code = '1000' AND p.side = 'debit' \
         AND a.bank_account_id = t.to_account_id \
         AND p.currency = t.to_currency AND p.amount = t.to_amount) \
     OR (t.undone_at IS NULL) = EXISTS \
       (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = t.entry_id) \
     ORDER BY t.id LIMIT 1",
    ),
    (
        "bank charge",
        "its entry says something else",
        "SELECT c.id FROM bank_charges c WHERE NOT EXISTS (SELECT 1 FROM ledger_postings p \
       JOIN ledger_accounts a ON a.id = p.account_id \
       WHERE p.entry_id = c.entry_id AND p.code = '1000' AND p.side = 'credit' \
         AND a.bank_account_id = c.bank_account_id AND p.fund_id = c.fund_id \
         AND p.currency = c.currency AND p.amount = c.amount) \
     OR (c.undone_at IS NULL) = EXISTS \
       (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = c.entry_id) \
     ORDER BY c.id LIMIT 1",
    ),
];

/// The first row that each statement finds, in words.
fn found(conn: &mut Conn, all: &[(&str, &str, &str)]) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for (what, why, sql) in all {
        let found: Vec<Found> = each!(conn, diesel::sql_query(*sql).load(conn)?);
        words.extend(found.iter().map(|row| format!("{what} {}: {why}", row.id)));
    }
    Ok(words)
}

/// Awards that are not the sum of their sources or tranches, tranches that are not the sum of
/// their parts: the first of each kind, in words.
pub(in crate::exports) fn uneven(conn: &mut Conn) -> Result<Vec<String>> {
    found(conn, &UNEVEN)
}

/// Transfers between own accounts whose entries are not as they: the first, in words.
pub(in crate::exports) fn strayed(conn: &mut Conn) -> Result<Vec<String>> {
    found(conn, &STRAYED)
}

type Sums = BTreeMap<(FundId, Currency), i128>;
type Row = (FundId, Currency, (Option<i64>, Option<i64>));

/// Sums of a table's amounts by fund: of all, or of those that were undone.
macro_rules! by_fund {
    ($conn:ident, $table:ident, $undone:literal) => {{
        let mut query = $table::table
            .group_by(($table::fund_id, $table::currency))
            .select(($table::fund_id, $table::currency, sum_wide($table::amount)))
            .into_boxed();
        if $undone {
            query = query.filter($table::undone_at.is_not_null());
        }
        let rows: Vec<Row> = query.load($conn)?;
        rows
    }};
}

/// What stands: all, less what was undone.
fn standing(all: Vec<Row>, undone: Vec<Row>) -> Sums {
    let mut sums = Sums::new();
    for (fund, currency, sum) in all {
        *sums.entry((fund, currency)).or_insert(0) += wide(sum);
    }
    for (fund, currency, sum) in undone {
        *sums.entry((fund, currency)).or_insert(0) -= wide(sum);
    }
    sums
}

/// What funds were given and was not undone, of those that were ever given something.
pub(in crate::exports) fn contributed(conn: &mut Conn) -> Result<Sums> {
    let all = by_fund!(conn, contributions, false);
    Ok(standing(all, by_fund!(conn, contributions, true)))
}

/// What banks took of funds and was not undone, of those that they ever took something of.
pub(in crate::exports) fn charged(conn: &mut Conn) -> Result<Sums> {
    let all = by_fund!(conn, bank_charges, false);
    Ok(standing(all, by_fund!(conn, bank_charges, true)))
}
