//! How often lists ask the database: on PostgreSQL each time is a way to the server and back.

use super::routes::{call_of, is_in};
use super::*;
use crate::support::watch;

/// Calls into which applications come by a route.
const CALLS: usize = 30;

/// What is asked of the database for this, without quotes; and the answer.
fn asked(t: &Harness, who: &Client, path: &str) -> (Vec<String>, Value) {
    let (asked, page) = watch::during(&t.url, || who.get(path).ok());
    assert!(asked.len() > 5, "not all was overheard: {asked:?}");
    (asked.iter().map(|sql| sql.replace(['"', '`'], "")).collect(), page)
}

fn rows(page: &Value) -> usize {
    page["items"].as_array().expect("items").len()
}

fn private() -> Value {
    json!({ "visibility": "private" })
}

both! {
    fn a_list_asks_no_more_where_many_calls_are_further_ones(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let field = web.field();
        let rea = web.person("Rea");
        let (other, backer) = (field.backer("90.00"), field.backer("90.00"));
        let theirs = call_of(&field, &other);
        let mut last = String::new();
        let mut comes = || {
            let id = opened(&rea, &field.desk.admin, &theirs, private());
            last = call_of(&field, &backer);
            is_in(&rea, &id, &last);
        };
        let paths = ["", "?status=open", &format!("?call_id={theirs}")];
        let paths = paths.map(|query| format!("{APPLICATIONS}{query}"));
        comes();
        let few = paths.each_ref().map(|path| asked(t, &backer.who, path));
        assert!(few.iter().all(|(_, page)| rows(page) == 1), "{few:#?}");
        for _ in 1..CALLS {
            comes();
        }
        for (path, (few, _)) in paths.iter().zip(&few) {
            let (many, page) = asked(t, &backer.who, path);
            assert_eq!(rows(&page), CALLS, "{path}");
            let told = format!("{path}: {} for one call, now\n{}", few.len(), many.join("\n"));
            assert!(many.len() <= few.len(), "{told}");
        }
        // Each page goes on where the one before ended; in one of those calls it is alone.
        let page = backer.who.get(&format!("{APPLICATIONS}?limit=20")).ok();
        let next = page["next"].as_str().expect("there are more");
        let rest = backer.who.get(&format!("{APPLICATIONS}?limit=20&after={next}")).ok();
        assert_eq!((rows(&page), rows(&rest), &rest["next"]), (20, CALLS - 20, &Value::Null));
        let page = backer.who.get(&format!("{APPLICATIONS}?call_id={last}")).ok();
        assert_eq!(rows(&page), 1);
        // Nobody else's money goes there.
        let third = field.backer("90.00");
        assert_eq!(rows(&third.who.get(APPLICATIONS).ok()), 0);
        assert_eq!(rows(&other.who.get(APPLICATIONS).ok()), CALLS, "where they were written for");
    }

    fn who_asks_is_read_once(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let field = web.field();
        let (rea, backer) = (web.person("Rea"), field.backer("90.00"));
        opened(&rea, &field.desk.admin, &field.call, private());
        let mo = web.person("Mo");
        let team = draft(&rea, &field.call, private());
        let place = json!({ "email": mo.email, "name": "Mo" });
        rea.post(&at(&format!("{team}/members")), place).ok();
        let queue = "/api/v1/me/queue";
        let found = "/api/v1/search/applications?q=probes";
        let all = [(&backer.who, APPLICATIONS), (&backer.who, queue), (&backer.who, found)];
        for (who, path) in [(&rea, APPLICATIONS), (&mo, APPLICATIONS)].into_iter().chain(all) {
            let (asked, page) = asked(t, who, path);
            if path != found {
                assert!(rows(&page) > 0, "{path}");
            }
            // Who they may act for is asked of delegations, whose principals have to be active.
            let own = asked.iter().filter(|sql| !sql.contains("FROM delegations"));
            let times = |part: &str| own.clone().filter(|sql| sql.contains(part)).count();
            assert_eq!(times("people.email"), 1, "{path}:\n{}", asked.join("\n"));
            let budgets = times("FROM budgets WHERE (budgets.holder_id = ");
            assert_eq!(budgets, usize::from(who.id() == backer.who.id()), "{path}");
        }
    }
}
