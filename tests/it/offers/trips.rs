//! How often an offer asks the database: on PostgreSQL each time is a way to the server and back,
//! and that is what an offer costs.

use crate::support::{Harness, Side, watch};

/// With `BEGIN` and `COMMIT`. Less is better: lower it then.
const MOST: usize = 24;

both! {
    fn an_offer_asks_the_database_few_times(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let field = web.field();
        let backer = field.backer("1000.00");
        let application = field.application("100.00", "900.00");
        // The first one makes accounts.
        backer.offer(&application, "10.00").ok();
        let before = watch::asked(&t.url).len();
        backer.offer(&application, "20.00").ok();
        let asked = watch::asked(&t.url).split_off(before);
        let most = if t.side == Side::Postgres { MOST } else { MOST + 14 };
        assert!(asked.len() <= most, "{} statements:\n{}", asked.len(), asked.join("\n"));
        assert!(asked.len() > 8, "not all was overheard: {asked:?}");
    }
}
