//! Whoever awards, whose offers are awarded, and whoever releases a tranche stays who they are
//! while it is done: who suspends one of them or takes a role comes before it, which then refuses,
//! or after it. On PostgreSQL, where writers meet.

use super::{on, plan, statuses, tranche};
use crate::disbursements::meanwhile::{behind, one_by_one};
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use crate::support::{Harness, Side};
use almoner::applications;
use almoner::grants;
use almoner::kernel::actor::Role;
use almoner::kernel::ids::{ApplicationId, GrantId};
use serde_json::json;

fn suspend(field: &Field<'_>, who: &Client) -> Reply {
    let path = format!("/api/v1/people/{}/suspend", who.id());
    field.desk.admin.post(&path, json!({ "reason": "Under inquiry." }))
}

fn takes(field: &Field<'_>, who: &Client, role: &str) -> Reply {
    let path = format!("/api/v1/people/{}/remove-role", who.id());
    field.desk.admin.post(&path, json!({ "role": role }))
}

fn award(who: &Client, application: &str) -> Reply {
    who.post(&format!("/api/v1/applications/{application}/award"), json!({}))
}

both! {
    fn nobody_is_taken_away_while_it_is_awarded(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let field = web.field();
        let abe = web.with_role("Abe", Role::Admin);
        let (one, two) = (field.backer("90.00"), field.backer("90.00"));
        let [first, second] = [(); 2].map(|()| {
            let id = field.application("10.00", "50.00");
            one.offer(&id, "10.00").ok();
            two.offer(&id, "20.00").ok();
            id
        });
        one_by_one(
            &web,
            "grants",
            || award(&abe, &first),
            || takes(&field, &one.who, "regrantor"),
        );
        // What is awarded after that is so without the offer of who is no regrantor any more.
        one_by_one(&web, "grants", || award(&abe, &second), || takes(&field, &abe, "admin"));
        let made = field.all("/api/v1/grants");
        let amounts: Vec<_> = made.iter().map(|one| &one["amount_awarded"]["amount"]).collect();
        assert_eq!(amounts, [&json!("20.00"), &json!("30.00")]);
        web.work();
        field.sound();
    }

    fn who_may_no_more_by_then_awards_nothing(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let field = web.field();
        let (ada, abe) = (&field.desk.admin, web.with_role("Abe", Role::Admin));
        let backer = field.backer("90.00");
        let id = field.application("10.00", "50.00");
        let offer = backer.offer(&id, "20.00").id();
        let held: ApplicationId = id.parse().expect("an id");
        let lost = behind(
            &web,
            |conn| applications::service::lock(conn, held),
            || award(&abe, &id),
            || takes(&field, &abe, "admin"),
        );
        lost.refused(403, "forbidden");
        assert_eq!(field.offer(&offer)["status"], "placed");
        // Nor is anything left to award where its only backer is suspended meanwhile.
        let left = behind(
            &web,
            |conn| applications::service::lock(conn, held),
            || award(ada, &id),
            || suspend(&field, &backer.who),
        );
        assert_eq!(left.status, 409, "{}", left.text());
        let path = format!("/api/v1/applications/{id}");
        assert_eq!(ada.get(&path).ok()["status"], "open");
        web.work();
        field.sound();
    }

    fn who_may_no_more_by_then_releases_nothing(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let field = web.field();
        let (backer, nora) = (field.backer("90.00"), web.with_role("Nora", Role::Finance));
        let tranches = plan(&[tranche("20.00", "on_activation", None)]);
        let grant = field.active(&[(&backer, "20.00")], tranches);
        let at = |act: &str| format!("/api/v1/grants/{grant}/tranches/1/{act}");
        field.desk.finance.command(&at("undo-release")).ok();
        let held: GrantId = grant.parse().expect("an id");
        let lost = behind(
            &web,
            |conn| grants::service::hold(conn, held),
            || nora.command(&at("release")),
            || takes(&field, &nora, "finance"),
        );
        lost.refused(403, "forbidden");
        assert_eq!(statuses(&field.grant(&grant)), ["planned"]);
        field.desk.finance.command(&at("release")).ok();
        field.sound();
    }

    fn who_may_no_more_by_then_resumes_nothing(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let field = web.field();
        let (backer, abe) = (field.backer("90.00"), web.with_role("Abe", Role::Admin));
        let day = t.clock.now().date().plus_days(10);
        let later = tranche("20.00", "on_date", Some(&day.to_string()));
        let grant = field.active(&[(&backer, "20.00")], plan(&[later]));
        on(&field.desk.admin, &grant, "pause").ok();
        // What is due by then would be released with it.
        t.clock.advance_seconds(11 * 86_400);
        let held: GrantId = grant.parse().expect("an id");
        let lost = behind(
            &web,
            |conn| grants::service::hold(conn, held),
            || on(&abe, &grant, "resume"),
            || takes(&field, &abe, "admin"),
        );
        lost.refused(403, "forbidden");
        let now = field.grant(&grant);
        assert_eq!((&now["status"], statuses(&now)), (&json!("paused"), vec!["planned"]));
        on(&field.desk.admin, &grant, "resume").ok();
        assert_eq!(statuses(&field.grant(&grant)), ["released"]);
        field.sound();
    }
}
