//! Nobody changes what was posted: not by SQL either.

use super::town::history;
use super::{Room, about, broken, day, holds};
use crate::support::{Harness, Side};
use almoner::kernel::money::{Currency, Money};
use almoner::kernel::problem::Kind;
use almoner::ledger::movements as m;
use almoner::ledger::service;
use diesel::connection::SimpleConnection as _;

/// The tables that only grow, each with a column.
const TABLES: [(&str, &str); 3] =
    [("ledger_entries", "memo"), ("ledger_postings", "amount"), ("ledger_seals", "seq")];

both! {
    fn the_database_refuses_to_change_what_was_posted(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 40);
        room.seal();
        for (table, column) in TABLES {
            let mut tricks = vec![
                format!("UPDATE {table} SET {column} = {column}"),
                format!("DELETE FROM {table}"),
            ];
            match t.side {
                Side::Postgres => tricks.push(format!("TRUNCATE {table} CASCADE")),
                Side::Sqlite => {
                    tricks.push(format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"));
                    tricks.push(format!("REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"));
                }
            }
            for trick in tricks {
                let why = room.sql(&trick).expect_err(&trick);
                assert!(why.contains("only grows"), "{trick}: {why}");
            }
        }
        let accounts = [
            "DELETE FROM ledger_accounts",
            "UPDATE ledger_accounts SET key = key",
            "UPDATE ledger_accounts SET code = '1000'",
            "UPDATE ledger_accounts SET currency = 'EUR'",
            "UPDATE ledger_accounts SET fund_id = budget_id",
            "UPDATE ledger_accounts SET guarded = guarded",
        ];
        for trick in accounts {
            let why = room.sql(trick).expect_err(trick);
            assert!(why.contains("only grows"), "{trick}: {why}");
        }
        let why = room.sql("UPDATE ledger_accounts SET balance = -1").expect_err("below zero");
        assert!(why.contains("balance"), "{why}");
        let report = room.check(|| town.expected());
        holds(&report);
        assert_eq!(report.sealed, i64::try_from(town.entries.len()).expect("few"));
    }

    fn a_line_replaced_under_another_id_is_refused(t: &Harness) {
        if t.side == Side::Postgres {
            return;
        }
        let room = Room::new(t);
        let town = history(&room, 10);
        room.seal();
        // Unique keys other than the primary one: REPLACE would delete what has them, and the
        // triggers on deletion do not hear of it.
        let entry = room.lit(town.entries[0].uuid());
        let columns = "entry_id, line, account_id, code, side, amount + 1, currency, effective_on, \
                       fund_id, budget_id, grant_id";
        for trick in [
            format!(
                "INSERT OR REPLACE INTO ledger_postings SELECT randomblob(16), {columns} \
                 FROM ledger_postings WHERE entry_id = {entry}"
            ),
            format!(
                "INSERT OR REPLACE INTO ledger_seals SELECT seq + 1000, entry_id, hash, sealed_at \
                 FROM ledger_seals WHERE entry_id = {entry}"
            ),
        ] {
            let why = room.sql(&trick).expect_err(&trick);
            assert!(why.contains("only grows"), "{trick}: {why}");
        }
        holds(&room.check(|| town.expected()));
    }

    fn a_guard_that_was_dropped_is_missed(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 10);
        let of_side = match t.side {
            Side::Postgres => "no_truncate",
            Side::Sqlite => "no_replace",
        };
        for table in ["ledger_entries", "ledger_postings", "ledger_seals"] {
            let on = if t.side == Side::Postgres { format!(" ON {table}") } else { String::new() };
            for guard in ["no_update", "no_delete", of_side] {
                let sql = format!("DROP TRIGGER {table}_{guard}{on}");
                let report = room.undone(|conn| {
                    conn.batch_execute(&sql)?;
                    service::check(conn, town.expected(), None)
                });
                assert_eq!(broken(&report), [1], "{sql}");
                let first = report.findings[0].first.clone().unwrap_or_default();
                assert!(first.contains(&format!("{table}_{guard}")), "{sql}: {first}");
            }
        }
    }

    fn a_balance_at_the_end_of_numbers_is_refused(t: &Harness) {
        let room = Room::new(t);
        let (fund, budget) = (room.id(), room.id());
        let usd = Currency::parse("USD").expect("known");
        let on = day("2026-01-01");
        let give = |minor| {
            m::contribution_received(fund, room.id(), Money::new(minor, usd), &about(on, "much"))
        };
        room.post(give(i64::MAX - 1));
        room.post(give(1));
        let refused = room.try_post(give(1)).expect_err("beyond what a number holds");
        assert_eq!(refused.kind(), Kind::LimitReached, "{refused}");
        let all = Money::new(i64::MAX, usd);
        room.post(m::budget_allocated(fund, budget, all, &about(on, "all")));
        let more = m::budget_allocated(fund, budget, Money::new(1, usd), &about(on, "more"));
        let refused = room.try_post(more).expect_err("nothing is left");
        assert_eq!(refused.kind(), Kind::InsufficientFunds, "{refused}");
        assert_eq!(refused.detail(), "The fund has 0.00 USD that is not allocated.");
        // Sums of it do not overflow either.
        let other = room.id();
        for _ in 0..3 {
            let give = m::contribution_received(other, room.id(), all, &about(on, "more still"));
            drop(room.try_post(give));
        }
        let report = room.check(Default::default);
        holds(&report);
        let today = room.ctx.today();
        let trial = room.read(|conn| service::trial_balance(conn, &room.ctx, today));
        assert!(trial.totals.iter().all(|total| total.debit == total.credit), "{trial:?}");
        assert_eq!(trial.totals[0].debit.decimal(), "184467440737095516.14");
    }

    fn an_entry_is_reversed_once(t: &Harness) {
        let room = Room::new(t);
        let (fund, bank) = (room.id(), room.id());
        let ten = Money::new(1000, Currency::parse("USD").expect("known"));
        let on = day("2026-01-01");
        let given = room.post(m::contribution_received(fund, bank, ten, &about(on, "given")));
        let reverse =
            |entry| room.try_write(|conn| service::reverse(conn, &room.ctx, entry, "typed wrong"));
        let back = reverse(given).expect("once");
        let twice = reverse(given).expect_err("not twice");
        assert_eq!(twice.kind(), Kind::AlreadyExists, "{twice}");
        let turned = reverse(back).expect_err("not back again");
        assert_eq!(turned.kind(), Kind::WrongState, "{turned}");
        let missing = reverse(room.id()).expect_err("there is none");
        assert_eq!(missing.kind(), Kind::NotFound);
        let key =
            service::fund_key(almoner::ledger::model::Code::Unallocated, fund, ten.currency());
        assert_eq!(room.read(|conn| service::balance(conn, &key)), 0);
        holds(&room.check(Default::default));
        // What went on cannot be taken back.
        let again = room.post(m::contribution_received(fund, bank, ten, &about(on, "again")));
        room.post(m::budget_allocated(fund, room.id(), ten, &about(on, "spent on")));
        let refused = reverse(again).expect_err("it is not there any more");
        assert_eq!(refused.kind(), Kind::InsufficientFunds, "{refused}");
    }

    fn what_cannot_be_is_not_posted(t: &Harness) {
        let room = Room::new(t);
        let (fund, budget) = (room.id(), room.id());
        let usd = |minor| Money::new(minor, Currency::parse("USD").expect("known"));
        let on = day("2026-01-01");
        for minor in [0, -1, i64::MIN] {
            let movement = m::budget_allocated(fund, budget, usd(minor), &about(on, "nothing"));
            assert_eq!(movement.expect_err("not above zero").kind(), Kind::Internal);
        }
        let payment = |minor: i64, shares: Vec<i64>| m::Payment {
            disbursement: room.id(),
            grant: room.id(),
            bank: room.id(),
            amount: usd(minor),
            reference: "R".into(),
            shares: shares.into_iter().map(|minor| m::Share { fund, budget, minor }).collect(),
        };
        assert!(m::payment_settled(&payment(10, vec![4, 5]), on).is_err(), "parts do not sum");
        assert!(m::payment_settled(&payment(10, vec![11, -1]), on).is_err(), "a part below zero");
        assert!(m::payment_settled(&payment(0, vec![]), on).is_err(), "no parts");
        // A movement that was put together by hand, and does not balance.
        let about = about(on, "by hand");
        let mut lame = m::contribution_received(fund, room.id(), usd(5), &about).expect("sound");
        lame.lines.pop();
        let refused = room.try_post(Ok(lame.clone())).expect_err("one book is off");
        assert_eq!(refused.kind(), Kind::Internal);
        // One that balances, but makes money that a fund may spend out of nothing.
        let mut lame = m::contribution_received(fund, room.id(), usd(5), &about).expect("sound");
        lame.lines.drain(..2);
        assert!(room.try_post(Ok(lame)).is_err(), "the budget book alone");
        assert_eq!(room.check(Default::default).entries, 0);
    }
}
