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
const UNEVEN: [(&str, &str, &str); 4] = [
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
    (
        "application",
        "what is offered or promised is not the sum of its offers",
        "SELECT a.id FROM applications a \
         LEFT JOIN offers o ON o.application_id = a.id AND o.status <> 'released' GROUP BY a.id \
         HAVING COALESCE(SUM(COALESCE(o.effective, o.amount)), 0) <> a.offered \
           OR COALESCE(SUM(CASE WHEN o.status <> 'awaiting_approval' \
             THEN COALESCE(o.effective, o.amount) END), 0) <> a.promised \
         ORDER BY a.id LIMIT 1",
    ),
];

/// The first entry of a kind of source that no row owns: what it came from is not there.
macro_rules! unowned {
    ($source:literal, $table:literal, $owns:literal) => {
        (
            "entry",
            "what it came from is not there",
            concat!(
                "SELECT e.id FROM ledger_entries e WHERE e.source_kind = '",
                $source,
                "' AND NOT EXISTS (SELECT 1 FROM ",
                $table,
                " d WHERE d.id = e.source_id AND ",
                $owns,
                ") ORDER BY e.source_id, e.id LIMIT 1"
            ),
        )
    };
}

/// The same of what has an entry of its own: the one that moved what it says, and that is reversed
/// if it was undone; of entries that have lost what they came from; and of what each budget pays.
const STRAYED: [(&str, &str, &str); 10] = [
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
    (
        "contribution",
        "its entries say something else",
        "SELECT c.id FROM contributions c WHERE NOT EXISTS (SELECT 1 FROM ledger_postings p \
       WHERE p.entry_id = c.entry_id AND p.code = '4000' AND p.side = 'credit' \
         AND p.fund_id = c.fund_id AND p.currency = c.currency AND p.amount = c.amount) \
     OR (c.fee = 0) <> (c.fee_entry_id IS NULL) \
     OR (c.fee <> 0 AND NOT EXISTS (SELECT 1 FROM ledger_postings p \
       WHERE p.entry_id = c.fee_entry_id AND p.code = '5100' AND p.side = 'debit' \
         AND p.fund_id = c.fund_id AND p.currency = c.currency AND p.amount = c.fee)) \
     OR (c.undone_at IS NULL) = EXISTS \
       (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = c.entry_id) \
     OR (c.fee <> 0 AND (c.undone_at IS NULL) = EXISTS \
       (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = c.fee_entry_id)) \
     ORDER BY c.id LIMIT 1",
    ),
    (
        // What was allocated is recalled, never reversed.
        "allocation",
        "its entry says something else",
        "SELECT a.id FROM allocations a WHERE NOT EXISTS (SELECT 1 FROM ledger_postings p \
       WHERE p.entry_id = a.entry_id AND p.code = '8200' AND p.budget_id = a.budget_id \
         AND p.currency = a.currency AND p.amount = a.amount \
         AND p.side = CASE a.kind WHEN 'allocated' THEN 'credit' ELSE 'debit' END) \
     OR EXISTS (SELECT 1 FROM ledger_entries r WHERE r.reverses_id = a.entry_id) \
     ORDER BY a.id LIMIT 1",
    ),
    unowned!("contribution", "contributions", "(d.entry_id = e.id OR d.fee_entry_id = e.id)"),
    unowned!("allocation", "allocations", "d.entry_id = e.id"),
    unowned!("bank_charge", "bank_charges", "d.entry_id = e.id"),
    unowned!("bank_transfer", "bank_transfers", "d.entry_id = e.id"),
    (
        // Only an award takes what is reserved for a grant. The budget is compared inside of the
        // sum: outside of it, SQLite would look all postings of the budget up.
        "grant",
        "what its budgets gave is not what was posted",
        "SELECT s.grant_id AS id FROM grant_sources s WHERE (SELECT SUM(o.amount) \
       FROM grant_sources o WHERE o.grant_id = s.grant_id AND o.budget_id = s.budget_id) \
     <> COALESCE((SELECT SUM(CASE WHEN p.code = '8300' AND p.budget_id = s.budget_id \
         THEN p.amount ELSE 0 END) \
       FROM ledger_entries e JOIN ledger_postings p ON p.entry_id = e.id \
       WHERE e.source_kind = 'grant' AND e.source_id = s.grant_id), 0) \
     ORDER BY s.grant_id, s.id LIMIT 1",
    ),
    (
        // Released, and what was taken back again taken off. The budget stands inside, as above.
        "tranche",
        "what its budgets pay is not what was posted",
        "SELECT t.tranche_id AS id FROM tranche_parts t \
     WHERE t.amount <> COALESCE((SELECT SUM(CASE \
         WHEN p.code <> '8500' OR p.budget_id <> t.budget_id THEN 0 \
         WHEN p.side = 'credit' THEN p.amount ELSE -p.amount END) \
       FROM ledger_entries e JOIN ledger_postings p ON p.entry_id = e.id \
       WHERE e.source_kind = 'tranche' AND e.source_id = t.tranche_id), 0) \
     ORDER BY t.tranche_id, t.budget_id LIMIT 1",
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
/// their parts, applications that have other sums than their offers: the first of each kind, in
/// words.
pub(in crate::exports) fn uneven(conn: &mut Conn) -> Result<Vec<String>> {
    found(conn, &UNEVEN)
}

/// What has entries that are not as it is, entries without what they came from, and what budgets
/// pay of grants otherwise than was posted: the first of each kind, in words.
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
