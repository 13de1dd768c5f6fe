//! What lists ask is answered by an index, on both databases, whatever the size of the tables.

use super::Room;
use super::town::history;
use crate::support::{Harness, Side};
use almoner::kernel::ids::FundId;
use almoner::ledger::service;
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct Postgres {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}
#[derive(QueryableByName)]
struct Sqlite {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How the database would go about a query. PostgreSQL is told not to scan small tables whole, as
/// it rightly would.
fn plan(room: &Room<'_>, sql: &str) -> Vec<String> {
    room.read(|conn| match room.t.side {
        Side::Sqlite => {
            let rows: Vec<Sqlite> =
                diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(conn)?;
            Ok(rows.into_iter().map(|r| r.detail).collect())
        }
        Side::Postgres => {
            diesel::sql_query("SET LOCAL enable_seqscan = off").execute(conn)?;
            diesel::sql_query("SET LOCAL enable_bitmapscan = off").execute(conn)?;
            diesel::sql_query("SET LOCAL enable_sort = off").execute(conn)?;
            let rows: Vec<Postgres> = diesel::sql_query(format!("EXPLAIN {sql}")).load(conn)?;
            Ok(rows.into_iter().map(|r| r.line).collect())
        }
    })
}

both! {
    fn lists_go_by_an_index(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 40);
        let (fund, budget) = (room.lit(town.funds[0].uuid()), room.lit(town.budgets[0].0.uuid()));
        let (grant, entry) = (room.lit(town.grants[0].uuid()), room.lit(town.entries[9].uuid()));
        let newest = room.read(|conn| service::entry(conn, &room.ctx, town.entries[9]));
        let account = newest.postings[0].account_id;
        let today = today(t);
        let after = |id: &str| {
            format!("effective_on <= {today} AND (effective_on < {today} OR {id} < {entry})")
        };
        let newest = |id: &str| format!("ORDER BY effective_on DESC, {id} DESC LIMIT 51");
        let of_postings = |what: &str| {
            format!(
                "SELECT DISTINCT effective_on, entry_id FROM ledger_postings WHERE {what} \
                 AND {} {}",
                after("entry_id"),
                newest("entry_id"),
            )
        };
        let queries = [
            (
                format!("SELECT id FROM ledger_entries WHERE {} {}", after("id"), newest("id")),
                "ledger_entries_day_ix",
            ),
            (
                format!(
                    "SELECT id FROM ledger_entries WHERE kind = 'offer_placed' AND {} {}",
                    after("id"),
                    newest("id")
                ),
                "ledger_entries_kind_ix",
            ),
            (of_postings(&format!("fund_id = {fund}")), "ledger_postings_fund_ix"),
            (of_postings(&format!("budget_id = {budget}")), "ledger_postings_budget_ix"),
            (of_postings(&format!("grant_id = {grant}")), "ledger_postings_grant_ix"),
            (of_postings("code = '1000'"), "ledger_postings_code_ix"),
            (
                of_postings(&format!("account_id = {}", room.lit(account.uuid()))),
                "ledger_postings_account_ix",
            ),
            (
                "SELECT id FROM ledger_accounts WHERE code = '8400' ORDER BY id DESC LIMIT 51"
                    .into(),
                "ledger_accounts_code_ix",
            ),
            (
                format!(
                    "SELECT entry_id FROM ledger_unsealed WHERE entry_id > {entry} \
                     ORDER BY entry_id LIMIT 100"
                ),
                "ledger_unsealed",
            ),
            ("SELECT seq FROM ledger_seals ORDER BY seq DESC LIMIT 1".into(), ""),
        ];
        for (sql, index) in queries {
            let plan = plan(&room, &sql);
            let text = plan.join("\n");
            assert!(text.contains(index), "{sql}\n{text}");
            let whole = plan.iter().any(|l| {
                l.contains("Seq Scan")
                    || l.contains("TEMP B-TREE")
                    || l.contains("Sort")
                    || (l.starts_with("SCAN ") && !l.contains("USING"))
            });
            // The chain's end is the end of its own table, which SQLite scans from behind.
            let end = sql.contains("ledger_seals") && t.side == Side::Sqlite;
            assert!(!whole || end, "{sql}\n{text}");
        }
    }

    fn statements_go_by_an_index(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 40);
        let today = today(t);
        let newest = room.read(|conn| service::entry(conn, &room.ctx, town.entries[9]));
        let account = newest.postings[0].account_id;
        let statements = [
            ("budget", town.budgets[0].0.uuid(), "AND p.code IN ('8200','8300','8400','8500')"),
            ("grant", town.grants[0].uuid(), "AND p.code IN ('1050','2000','2100','8400','8500')"),
            ("fund", town.funds[0].uuid(), ""),
            ("account", account.uuid(), ""),
        ];
        for (owner, id, codes) in statements {
            let id = room.lit(id);
            let sql = format!(
                "SELECT p.id, e.memo FROM ledger_postings p \
                 JOIN ledger_entries e ON e.id = p.entry_id \
                 WHERE p.{owner}_id = {id} {codes} AND p.effective_on >= {today} \
                 ORDER BY p.effective_on, p.entry_id, p.line LIMIT 51"
            );
            let text = plan(&room, &sql).join("\n");
            assert!(text.contains(&format!("ledger_postings_{owner}_ix")), "{sql}\n{text}");
            // Lines of one entry are put in order after the index; nothing else is.
            let whole = text.contains("Seq Scan") || text.contains("\nSCAN ");
            let sorts = text.contains("TEMP B-TREE") && !text.contains("LAST TERM OF ORDER BY");
            let sorts = sorts || text.contains("Sort") && !text.contains("Incremental Sort");
            assert!(!whole && !sorts, "{sql}\n{text}");
        }
    }
}

both! {
    fn what_was_recorded_already_is_looked_up_by_its_day(t: &Harness) {
        let room = Room::new(t);
        let fund: FundId = room.id();
        let fund = room.lit(fund.uuid());
        for (table, day) in [("contributions", "received_on"), ("bank_charges", "charged_on")] {
            let sql = format!(
                "SELECT amount FROM {table} WHERE fund_id = {fund} AND {day} = {} \
                 AND amount = 500 AND undone_at IS NULL",
                today(t)
            );
            let text = plan(&room, &sql).join("\n");
            assert!(text.contains(&format!("{table}_day_ix")), "{sql}\n{text}");
        }
    }
}

/// A day as it is written in SQL.
fn today(t: &Harness) -> &'static str {
    if t.side == Side::Sqlite { "20000" } else { "'2026-11-01'::date" }
}
