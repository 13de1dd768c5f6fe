//! Whoever accepts a report or decides on a checkpoint, and so releases money, stays who they are
//! while it is done. On PostgreSQL, where writers meet.

use super::*;
use crate::disbursements::meanwhile::behind;
use crate::support::{Harness, Side};
use almoner::grants;
use almoner::kernel::actor::Role;
use almoner::kernel::ids::GrantId;

both! {
    fn who_may_no_more_by_then_releases_nothing(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let payday = web.payday();
        let plan = planned(&[("20.00", "on_report"), ("40.00", "on_checkpoint")]);
        let grant = payday.active(plan, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        let checkpoint = open_checkpoint(&payday, &grant);
        act(&payday, &report, "edit").ok();
        act(&payday, &report, "submit").ok();
        see(&payday.ada, &checkpoint).ok();
        let held: GrantId = grant.parse().expect("an id");
        let admins = ["Abe", "Ann"].map(|name| web.with_role(name, Role::Admin));
        let asks: [&(dyn Fn(&Client) -> Reply + Sync); 2] = [
            &|who: &Client| accept(who, &report),
            &|who: &Client| decide(who, &checkpoint, "continue"),
        ];
        for (who, ask) in admins.iter().zip(asks) {
            let gone = format!("/api/v1/people/{}/remove-role", who.id());
            let lost = behind(
                &web,
                |conn| grants::service::hold(conn, held),
                || ask(who),
                || payday.field.desk.admin.post(&gone, json!({ "role": "admin" })),
            );
            lost.refused(403, "forbidden");
            assert_eq!(tranches(&payday, &grant), ["planned", "planned"]);
        }
        let admin = &payday.field.desk.admin;
        accept(admin, &report).ok();
        decide(admin, &checkpoint, "continue").ok();
        assert_eq!(tranches(&payday, &grant), ["released", "released"]);
        payday.field.sound();
    }
}
