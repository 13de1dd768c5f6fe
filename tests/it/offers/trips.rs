//! How often an offer asks the database: on PostgreSQL each time is a way to the server and back,
//! and that is what an offer costs.

use crate::support::{Harness, Side, watch};
use almoner::platform::db::Conn;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl as _};

/// With `BEGIN` and `COMMIT`. Less is better: lower it then.
const MOST: usize = 17;

/// Enough to see which plans are kept.
const OFFERS: i64 = 12;

#[derive(Debug, QueryableByName)]
struct Planned {
    #[diesel(sql_type = Text)]
    #[expect(dead_code, reason = "for who reads the failure")]
    text: String,
    #[diesel(sql_type = BigInt)]
    anew: i64,
    #[diesel(sql_type = BigInt)]
    used: i64,
}

both! {
    fn an_offer_asks_the_database_few_times(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let field = web.field();
        let backer = field.backer("1000.00");
        let application = field.application("100.00", "900.00");
        // The first one makes accounts.
        backer.offer(&application, "10.00").ok();
        let (asked, _) = watch::during(&t.url, || backer.offer(&application, "20.00").ok());
        let most = if t.side == Side::Postgres { MOST } else { MOST + 10 };
        assert!(asked.len() <= most, "{} statements:\n{}", asked.len(), asked.join("\n"));
        assert!(asked.len() > 8, "not all was overheard: {asked:?}");
    }

    fn an_offer_that_is_enough_asks_no_more_where_many_offered_before(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let field = web.field();
        let last = field.backer("1000.00");
        let asked = |makers: u32| {
            let application = field.application("100.00", "900.00");
            for _ in 0..makers {
                field.backer("10.00").offer(&application, "1.00").ok();
            }
            let (asked, _) = watch::during(&t.url, || last.offer(&application, "100.00").ok());
            assert!(asked.iter().any(|sql| sql.contains("award_notices")), "it is enough");
            asked.len()
        };
        // The first one makes accounts.
        asked(1);
        let (few, many) = (asked(1), asked(6));
        assert!(many <= few + 2, "{few} statements beside one offer, {many} beside six");
    }

    fn nothing_of_an_offer_is_planned_anew_each_time(t: &Harness) {
        if t.side == Side::Sqlite {
            // What is bound is never looked at: tests/it/db/built.rs.
            return;
        }
        // One connection, whose plans these are.
        let db = t.open_again(1);
        let web = t.serve_on(t.config(), db.clone());
        let field = web.field();
        let backer = field.backer("1000.00");
        let application = field.application("100.00", "900.00");
        for _ in 0..OFFERS {
            backer.offer(&application, "1.00").ok();
        }
        let plans = "SELECT statement AS text, custom_plans AS anew, \
            generic_plans + custom_plans AS used FROM pg_prepared_statements";
        let plans = |conn: &mut Conn| Ok(diesel::sql_query(plans).load::<Planned>(conn)?);
        let mut plans = db.read_now("test.plans", plans).expect("plans");
        plans.retain(|plan| plan.used >= OFFERS);
        assert!(plans.len() > 8, "{plans:?}");
        // PostgreSQL looks at five before it keeps one.
        plans.retain(|plan| plan.anew > 5);
        assert!(plans.is_empty(), "{plans:#?}");
    }
}
