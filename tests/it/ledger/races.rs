//! Many at once: nothing is spent twice, nothing is made twice, nobody waits for ever.

use super::{Room, about, day, good, holds};
use crate::support::Harness;
use almoner::kernel::ids::{BankAccountId, BudgetId, FundId};
use almoner::kernel::money::{Currency, Money};
use almoner::kernel::problem::Kind;
use almoner::ledger::movements as m;
use almoner::ledger::service::{self, Expectations};
use std::sync::Barrier;

const THREADS: usize = 16;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").expect("known"))
}

both! {
    fn a_budget_is_not_overspent(t: &Harness) {
        let room = Room::new(t);
        let (fund, bank): (FundId, BankAccountId) = (room.id(), room.id());
        let budget: BudgetId = room.id();
        let about = about(day("2026-01-01"), "race");
        room.post(m::contribution_received(fund, bank, usd(1000), &about));
        room.post(m::budget_allocated(fund, budget, usd(1000), &about));
        let db = t.open_again(8);
        let start = Barrier::new(THREADS);
        let (ctx, about) = (&room.ctx, &about);
        let outcomes: Vec<std::result::Result<(), Kind>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|n| {
                    let (db, start) = (&db, &start);
                    scope.spawn(move || {
                        start.wait();
                        let minor = 11 + i64::try_from(n).expect("few");
                        let offer =
                            m::offer_placed(fund, budget, usd(minor), about).expect("sound");
                        let place = |_| {
                            let done =
                                db.write_now("race", |conn| service::post(conn, ctx, &offer));
                            done.map(drop).map_err(|p| p.kind())
                        };
                        (0..8).map(place).collect::<Vec<_>>()
                    })
                })
                .collect();
            threads.into_iter().flat_map(|t| t.join().expect("no panic")).collect()
        });
        let refused = outcomes.iter().filter(|o| o.is_err()).count();
        assert!(outcomes.iter().all(|o| o.is_ok() || *o == Err(Kind::InsufficientFunds)));
        assert!(refused > 0, "they tried to reserve twice what there is");
        let held = room.read(|conn| service::of_budget(conn, budget, usd(0).currency()));
        assert_eq!(held.available.minor() + held.reserved.minor(), 1000);
        assert!(held.available.minor() < 26, "as much is reserved as fits: {held:?}");
        let report = room.check(|| Expectations {
            reserved: [((budget, usd(0).currency()), held.reserved.minor().into())].into(),
            ..Expectations::default()
        });
        holds(&report);
        let placed = u64::try_from(outcomes.len() - refused).expect("few");
        assert_eq!(report.entries, 2 + placed, "an entry for each that was told yes");
    }

    fn the_first_postings_of_an_account_meet(t: &Harness) {
        let room = Room::new(t);
        let db = t.open_again(8);
        let (ctx, on) = (&room.ctx, day("2026-01-01"));
        for round in 0..12 {
            let (fund, bank): (FundId, BankAccountId) = (room.id(), room.id());
            let start = Barrier::new(THREADS);
            std::thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        let about = about(on, "first");
                        let give = m::contribution_received(fund, bank, usd(3), &about);
                        let give = give.expect("sound");
                        start.wait();
                        good(db.write_now("race", |conn| service::post(conn, ctx, &give)));
                    });
                }
            });
            let held = room.read(|conn| service::of_fund(conn, fund, usd(0).currency()));
            assert_eq!(held.unallocated.minor(), 3 * 16, "round {round}");
        }
        holds(&room.check(Default::default));
    }

    fn opposite_orders_do_not_lock_each_other(t: &Harness) {
        let room = Room::new(t);
        let db = t.open_again(8);
        let (fund, bank): (FundId, BankAccountId) = (room.id(), room.id());
        let budgets: Vec<BudgetId> = (0..4).map(|_| room.id()).collect();
        let about = about(day("2026-01-01"), "to and fro");
        room.post(m::contribution_received(fund, bank, usd(100_000), &about));
        for budget in &budgets {
            room.post(m::budget_allocated(fund, *budget, usd(10_000), &about));
        }
        let (ctx, about, budgets) = (&room.ctx, &about, &budgets);
        std::thread::scope(|scope| {
            for n in 0..8 {
                let db = &db;
                scope.spawn(move || {
                    for step in 0..10 {
                        let mut order = budgets.clone();
                        order.rotate_left((n + step) % 4);
                        let moves = order.iter().map(|b| match n % 2 {
                            0 => m::budget_allocated(fund, *b, usd(1), about),
                            _ => m::budget_recalled(fund, *b, usd(1), about),
                        });
                        let moves: Vec<_> = moves.map(|m| m.expect("sound")).collect();
                        good(db.write_now("race", |conn| service::post_many(conn, ctx, &moves)));
                    }
                });
            }
        });
        let held = room.read(|conn| service::of_fund(conn, fund, usd(0).currency()));
        assert_eq!((held.unallocated.minor(), held.available.minor()), (60_000, 40_000));
        holds(&room.check(Default::default));
    }

    fn several_seal_one_chain(t: &Harness) {
        let room = Room::new(t);
        let db = t.open_again(8);
        let (fund, bank): (FundId, BankAccountId) = (room.id(), room.id());
        let (ctx, about) = (&room.ctx, &about(day("2026-01-01"), "sealed"));
        let give = &m::contribution_received(fund, bank, usd(1), about).expect("sound");
        std::thread::scope(|scope| {
            for n in 0..8 {
                let db = &db;
                scope.spawn(move || {
                    for _ in 0..15 {
                        if n % 2 == 0 {
                            good(db.write_now("post", |conn| service::post(conn, ctx, give)));
                        } else {
                            good(db.write_now("seal", |conn| service::seal(conn, ctx, 4)));
                        }
                    }
                });
            }
        });
        room.seal();
        let report = room.check(Default::default);
        holds(&report);
        assert_eq!((report.entries, report.sealed), (60, 60));
        assert_eq!(room.read(service::unsealed), 0);
    }
}
