//! Who is reminded of a decision, and of which.

use super::*;
use crate::support::Side;
use diesel::connection::SimpleConnection as _;

both! {
    fn one_that_cannot_be_reminded_keeps_nothing_behind_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let (broken, fine) = (submitted(&field, &rea), submitted(&field, &mo));
        let hex = broken.replace('-', "");
        let spoil = match t.side {
            Side::Sqlite => format!(
                "CREATE TRIGGER spoilt BEFORE UPDATE ON application_clocks
                 WHEN OLD.application_id = x'{hex}' BEGIN SELECT RAISE(ABORT, 'spoilt'); END;"
            ),
            Side::Postgres => format!(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   IF OLD.application_id = '{broken}' THEN RAISE EXCEPTION 'spoilt'; END IF;
                   RETURN NEW; END $$;
                 CREATE TRIGGER spoilt BEFORE UPDATE ON application_clocks
                   FOR EACH ROW EXECUTE FUNCTION spoil();"
            ),
        };
        let done = web.app.db.write_now("test.spoil", |conn| Ok(conn.batch_execute(&spoil)?));
        done.expect("it is spoilt");
        day(t, "2026-11-28");
        assert_eq!(times(&field, &mo, "Your decision takes longer"), 1);
        assert_eq!(clock(&mo, &fine)["promised_on"], "2026-12-14");
        assert_eq!(clock(&rea, &broken)["promised_on"], "2026-11-30");
    }

    fn changes_that_were_asked_for_are_not_forgotten(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        day(t, "2026-11-02");
        let rea = web.person("Rea");
        let id = submitted(&field, &rea);
        let why = json!({ "reason": "Say how." });
        field.desk.admin.post(&at(&id, "/request-changes"), why).ok();
        let told = || times(&field, &rea, "Your changes are still missing");
        day(t, "2026-11-15");
        assert_eq!(told(), 0);
        day(t, "2026-11-16");
        assert_eq!((told(), told()), (1, 1), "after two weeks, once");
        assert!(mails(&web, &rea, "Your changes are still")[0].contains("Say how."));
        day(t, "2026-11-30");
        assert_eq!(told(), 2);
        web.sign_in(rea.clone()).command(&at(&id, "/submit")).ok();
        day(t, "2027-01-30");
        assert_eq!(told(), 2, "they are in");
    }

    fn nobody_is_told_what_they_may_not_decide(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), field.desk.admin.clone());
        let chief = web.with_role("Chi Chief", Role::Admin);
        terms(&field, json!({ "appeals": "none", "responsible_id": chief.id() }));
        let (first, second) = (submitted(&field, &rea), submitted(&field, &rea));
        let why = json!({ "reason": "We share a lab." });
        chief.post(&at(&first, "/conflicts"), why).ok();
        day(t, "2026-11-23");
        // Whoever answers for the call hears of the other one, and somebody hears of this.
        let link = |id: &str| format!("/applications/{id}\r\n");
        let told = |who: &Client| mails(&web, who, "An application waits").concat();
        assert!(told(&chief).contains(&link(&second)) && !told(&chief).contains(&first));
        assert!(told(&admin).contains(&link(&first)) && !told(&admin).contains(&second));
        day(t, "2026-11-28");
        let text = told(&chief);
        assert!(text.contains("was moved by rule") && !text.contains(&first), "{text}");
    }
}
