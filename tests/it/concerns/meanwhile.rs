//! Who joins a team at the moment at which they look at its application in the lane has no look any
//! more. On PostgreSQL, where writers meet.

use super::*;
use crate::support::web::Web;
use crate::support::{Side, waits};
use almoner::applications::service;
use almoner::kernel::ids::ApplicationId;
use diesel::connection::SimpleConnection as _;

/// What comes of an act that waits for its application, whose team somebody joins meanwhile.
fn while_joining(
    web: &Web,
    (rea, id): (&Client, &str),
    who: &Client,
    act: impl Fn() -> Reply + Sync,
) -> Reply {
    // Asked at another address, which tells nobody who it is.
    let email = format!("at-work-{}", who.email);
    let asked = json!({ "email": email, "name": "A colleague" });
    rea.post(&application(id, "/members"), asked).ok();
    let says_yes = format!(
        "UPDATE application_members SET consent = 'accepted', token_hash = NULL, \
         person_id = (SELECT id FROM people WHERE email = '{}') WHERE email = '{email}'",
        who.email
    );
    let held: ApplicationId = id.parse().expect("an id");
    let act = &act;
    std::thread::scope(|scope| {
        let asks = web.app.db.write_now("test.held", |conn| {
            service::lock(conn, held)?;
            let asks = scope.spawn(act);
            assert!(waits(conn, &asks)?, "it did not wait for the application");
            conn.batch_execute(&says_yes)?;
            Ok(asks)
        });
        let asks = asks.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
        asks.join().expect("no panic")
    })
}

both! {
    fn who_joins_at_the_moment_of_a_look_does_not_have_it(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let [lana, lars] = ["Lana", "Lars"].map(|name| lane(&field, name));
        let [screened, about] = [(); 2].map(|()| field.applies(&rea, "1.00", "9.00"));
        answer(&rea, &screened).ok();
        let raised = raise(&sam, &about, "It could hurt.").id();
        let clears = || clear(&lana, &screened);
        while_joining(&web, (&rea, &screened), &lana, clears).refused(404, "not_found");
        let asks = || ask(&lars, &raised);
        while_joining(&web, (&rea, &about), &lars, asks).refused(404, "not_found");
        // Nothing was done, and others may.
        clear(&lars, &screened).ok();
        ask(&lana, &raised).ok();
    }
}
