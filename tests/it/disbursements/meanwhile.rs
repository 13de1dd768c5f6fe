//! Whoever has a hand in a payment, or is paid by it, stays who they are while it is approved or
//! sent: who suspends them or takes a role comes before it, which is then refused, or after it. On
//! PostgreSQL, where writers meet.

use super::held;
use crate::support::payday::{Payday, at};
use crate::support::web::{Client, Reply, Web};
use crate::support::{Harness, Side, many_wait, waits};
use almoner::grants;
use almoner::kernel::Result;
use almoner::kernel::actor::Role;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use serde_json::json;

fn suspend(payday: &Payday<'_>, who: &Client) -> Reply {
    let path = format!("/api/v1/people/{}/suspend", who.id());
    payday.field.desk.admin.post(&path, json!({ "reason": "Under inquiry." }))
}

fn no_finance(payday: &Payday<'_>, who: &Client) -> Reply {
    let path = format!("/api/v1/people/{}/remove-role", who.id());
    payday.field.desk.admin.post(&path, json!({ "role": "finance" }))
}

/// Asks for something that has looked at everybody, and has yet to write into this table; somebody
/// is taken away at that moment. Both are done, one after the other.
#[track_caller]
pub fn one_by_one(
    web: &Web,
    table: &str,
    ask: impl Fn() -> Reply + Sync,
    take: impl Fn() -> Reply + Sync,
) {
    let (ask, take) = (&ask, &take);
    let lock = format!("LOCK TABLE {table} IN SHARE MODE");
    std::thread::scope(|scope| {
        let done = web.app.db.write_now("test.held", |conn| {
            conn.batch_execute(&lock)?;
            let asks = scope.spawn(ask);
            assert!(waits(conn, &asks)?, "it did not come as far as {table}");
            let takes = scope.spawn(take);
            Ok((many_wait(conn, 2, &takes)?, asks, takes))
        });
        let (waited, asks, takes) = done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
        let (asked, taken) = (asks.join().expect("no panic"), takes.join().expect("no panic"));
        assert!(waited, "it was done in between: {}", taken.text());
        assert!(asked.status < 300, "{}", asked.text());
        taken.ok();
    });
}

/// Asks for something that waits for what is held, of somebody who is taken away meanwhile.
#[track_caller]
pub fn behind(
    web: &Web,
    hold: impl Fn(&mut Conn) -> Result<()>,
    ask: impl Fn() -> Reply + Sync,
    take: impl Fn() -> Reply,
) -> Reply {
    let ask = &ask;
    std::thread::scope(|scope| {
        let asks = web.app.db.write_now("test.held", |conn| {
            hold(conn)?;
            let asks = scope.spawn(ask);
            assert!(waits(conn, &asks)?, "it did not wait for what is held");
            take().ok();
            Ok(asks)
        });
        let asks = asks.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
        asks.join().expect("no panic")
    })
}

/// The same of what waits for its grant.
#[track_caller]
fn too_late(
    payday: &Payday<'_>,
    grant: &str,
    ask: impl Fn() -> Reply + Sync,
    take: impl Fn() -> Reply,
) -> Reply {
    let grant = grant.parse().expect("an id");
    behind(payday.web, |conn| grants::service::hold(conn, grant), ask, take)
}

both! {
    fn nobody_is_taken_away_while_a_payment_is_approved(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let payday = web.payday();
        let nora = web.with_role("Nora", Role::Finance);
        let grant = payday.grant(&["1.00", "2.00"]);
        let ids = [1, 2].map(|n| payday.payment(&grant, n, &[]));
        let approves = |who: &Client, id: &str| who.command(&at(id, "approve"));
        let votes = "approval_votes";
        one_by_one(&web, votes, || approves(&nora, &ids[0]), || no_finance(&payday, &nora));
        // What she said then counts no more, as of whoever loses the role later.
        held(&payday, &ids[0], "batch");
        one_by_one(
            &web,
            votes,
            || approves(&payday.fay, &ids[1]),
            || suspend(&payday, &payday.ada),
        );
        held(&payday, &ids[1], "batch");
    }

    fn nobody_is_taken_away_while_a_batch_is_made(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let payday = web.payday();
        let [nora, sid] = ["Nora", "Sid"].map(|name| web.with_role(name, Role::Finance));
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let ids = [1, 2, 3].map(|n| payday.payment(&grant, n, &[]));
        nora.command(&at(&ids[0], "approve")).ok();
        payday.approve(&ids[1]).ok();
        payday.approve(&ids[2]).ok();
        let batches = "payment_batches";
        one_by_one(&web, batches, || payday.batch(&[&ids[0]]), || suspend(&payday, &nora));
        one_by_one(
            &web,
            batches,
            || payday.batch_as(&sid, &[&ids[1]]),
            || no_finance(&payday, &sid),
        );
        one_by_one(
            &web,
            batches,
            || payday.batch(&[&ids[2]]),
            || suspend(&payday, &payday.ada),
        );
        assert!(ids.iter().all(|id| payday.status(id) == "instructed"));
        payday.check();
    }

    fn nobody_is_taken_away_while_a_file_is_made(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let payday = web.payday();
        let nora = web.with_role("Nora", Role::Finance);
        let grant = payday.grant(&["1.00", "2.00"]);
        let ids = [1, 2].map(|n| payday.payment(&grant, n, &[]));
        nora.command(&at(&ids[0], "approve")).ok();
        payday.approve(&ids[1]).ok();
        let [first, second] = [0, 1].map(|n| payday.batch(&[&ids[n]]).id());
        let files = "payment_files";
        one_by_one(&web, files, || payday.file(&first), || no_finance(&payday, &nora));
        payday.file(&first).refused(409, "wrong_state");
        one_by_one(
            &web,
            files,
            || payday.file(&second),
            || suspend(&payday, &payday.ada),
        );
        payday.file(&second).refused(409, "wrong_state");
        payday.check();
    }

    fn who_may_no_more_by_then_moves_nothing(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let payday = web.payday();
        let [nora, sid, sue] =
            ["Nora", "Sid", "Sue"].map(|name| web.with_role(name, Role::Finance));
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let drafted = payday.payment(&grant, 1, &[]);
        let approved = payday.payment(&grant, 2, &["approve"]);
        let sent = payday.payment(&grant, 3, &["approve", "batch"]);
        let batch = payday.disbursement(&sent)["batch_id"].as_str().expect("an id").to_owned();
        let approves = || nora.command(&at(&drafted, "approve"));
        let told = too_late(&payday, &grant, approves, || no_finance(&payday, &nora));
        told.refused(403, "forbidden");
        let sends = || payday.batch_as(&sid, &[&approved]);
        let told = too_late(&payday, &grant, sends, || suspend(&payday, &sid));
        told.refused(403, "forbidden");
        let fetches = || sue.command(&format!("/api/v1/payment-batches/{batch}/file"));
        let told = too_late(&payday, &grant, fetches, || no_finance(&payday, &sue));
        told.refused(403, "forbidden");
        let statuses = [&drafted, &approved, &sent].map(|id| payday.status(id));
        assert_eq!(statuses, ["drafted", "approved", "instructed"]);
        let sol = web.with_role("Sol", Role::Finance);
        let another = payday.grant(&["3.00"]);
        let double = payday.payment(&another, 1, &[]);
        let confirms = || payday.confirm(&sol, &double);
        let told = too_late(&payday, &another, confirms, || no_finance(&payday, &sol));
        told.refused(403, "forbidden");
        assert_eq!(payday.disbursement(&double)["double_confirmed_by"], json!(null));
        payday.check();
    }
}
