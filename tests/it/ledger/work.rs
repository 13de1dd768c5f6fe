//! What a page of a list reads does not depend on how long the journal is: counted by PostgreSQL,
//! for the very statements that the service sends, planned as it plans them.

use super::town::history;
use super::{Room, grow};
use crate::support::{Harness, Side};
use almoner::kernel::Result;
use almoner::kernel::page::PageQuery;
use almoner::ledger::model::{Code, MovementKind};
use almoner::ledger::service::{self, Days, EntryFilter, Owner};
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// Postings of the journal, and rows that a page of ten may read at most: its entries, a line or
/// some of each, and one too many.
const POSTINGS: usize = 20_000;
const ROWS: i64 = 150;

#[derive(QueryableByName, Debug, Clone, Copy)]
struct Work {
    #[diesel(sql_type = BigInt)]
    scanned: i64,
    #[diesel(sql_type = BigInt)]
    fetched: i64,
}

/// Rows of the ledger that this transaction has read so far: by walking a table, by an index.
fn work(conn: &mut Conn) -> Result<Work> {
    let sql = "SELECT coalesce(sum(seq_tup_read), 0)::bigint AS scanned, \
               coalesce(sum(idx_tup_fetch), 0)::bigint AS fetched \
               FROM pg_stat_xact_user_tables WHERE relname LIKE 'ledger%'";
    Ok(diesel::sql_query(sql).get_result(conn)?)
}

fn measured<T>(room: &Room<'_>, f: impl Fn(&mut Conn) -> Result<T>) -> (T, Work) {
    room.read(|conn| {
        let before = work(conn)?;
        let value = f(conn)?;
        let after = work(conn)?;
        let (scanned, fetched) = (after.scanned - before.scanned, after.fetched - before.fetched);
        Ok((value, Work { scanned, fetched }))
    })
}

#[test]
fn a_page_reads_as_much_of_a_long_journal_as_of_a_short_one() {
    Harness::run(Side::Postgres, |t| {
        let room = Room::new(t);
        let town = history(&room, 60);
        grow(&room, 0, POSTINGS);
        room.write(|conn| Ok(conn.batch_execute("ANALYZE")?));
        let newest = room.read(|conn| {
            let page = PageQuery { limit: Some(1), after: None }.checked()?;
            let filter = EntryFilter { code: Some(Code::Contributions), ..Default::default() };
            let page = service::entries(conn, &room.ctx, &filter, &page)?;
            service::entry(conn, &room.ctx, page.items[0].id)
        });
        let large = newest.postings[0].fund_id.expect("a fund");
        let account = Some(newest.postings[0].account_id);
        let none = EntryFilter::default;
        let mut filters = vec![
            none(),
            EntryFilter { kind: Some(MovementKind::ContributionReceived), ..none() },
            EntryFilter { kind: Some(MovementKind::Reversal), ..none() },
            EntryFilter { code: Some(Code::Cash), ..none() },
            EntryFilter { code: Some(Code::Reserved), ..none() },
            EntryFilter { account, ..none() },
            EntryFilter { to: Some(newest.head.effective_on.plus_days(-2000)), ..none() },
        ];
        let mut owners = vec![Owner::Fund(large), Owner::Fund(town.funds[0])];
        owners.extend(town.budgets.iter().map(|b| Owner::Budget(b.0)));
        owners.extend(town.grants.iter().map(|id| Owner::Grant(*id)));
        filters.extend(owners.iter().map(|o| EntryFilter { owner: Some(*o), ..none() }));
        for filter in &filters {
            let mut after = None;
            for _ in 0..3 {
                let query = PageQuery { limit: Some(10), after };
                let (page, work) = measured(&room, |conn| {
                    service::entries(conn, &room.ctx, filter, &query.checked()?)
                });
                assert_eq!(work.scanned, 0, "{filter:?}: {work:?}");
                assert!(work.fetched <= ROWS, "{filter:?}: {work:?}");
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        for owner in owners {
            let query = PageQuery { limit: Some(10), after: None };
            let (_, work) = measured(&room, |conn| {
                service::statement(conn, owner, Days::default(), &query.checked()?)
            });
            assert_eq!(work.scanned, 0, "{owner:?}: {work:?}");
            assert!(work.fetched <= ROWS, "{owner:?}: {work:?}");
        }
    });
}
