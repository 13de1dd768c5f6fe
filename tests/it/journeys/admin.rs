//! Ada, who runs the service: looks first, lets through, awards, signs, and looks again.

use super::*;
use crate::support::desk::Desk;

/// A call in which people appeal, and another admin beside the desk's.
fn two(field: &Field<'_>) -> Client {
    let terms = Some(json!({ "appeals": "appeal" }).to_string().into_bytes());
    let path = format!("/api/v1/calls/{}/decisions", field.call);
    field.desk.admin.send("PUT", &path, &[("If-Match", "\"v0\"")], terms).ok();
    field.web.with_role("Abe Admin", Role::Admin)
}

/// The recipient signs what an admin is asked to sign then.
fn signed(desk: &Desk<'_>, rea: &Client, grant: &str) {
    let path = format!("/api/v1/grants/{grant}/agreement");
    let all = asked(&desk.admin);
    assert!(!all.contains(&format!("{path}/sign")), "the recipient comes first: {all:?}");
    let sha256 = rea.get(&path).ok()["sha256"].clone();
    let form = |name: &str| json!({ "typed_name": name, "consent": true, "sha256": sha256 });
    rea.post(&format!("{path}/sign"), form("Rea Searcher")).ok();
    let sign = asked_to(&desk.admin, "/agreement/sign");
    desk.admin.post(&sign, form("Ada Admin")).ok();
    assert!(asked(&desk.admin).is_empty(), "{:?}", asked(&desk.admin));
}

both! {
    fn from_the_first_look_to_the_last(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, abe) = (&field.desk.admin, two(&field));
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        assert_eq!(steps(admin), Vec::<Value>::new());
        // What comes in is looked at first: with the day that was promised.
        let application = handed_in(&field, &rea);
        let waiting = steps(admin);
        let promised = rea.get(&application).ok()["promised_on"].clone();
        assert_eq!(waiting[0]["todo"][0]["due_on"], promised);
        assert_eq!(waiting[0]["title"], "A quiet lens");
        assert_eq!(asked(&abe), asked(admin));
        let open = asked_to(admin, "/open");
        abe.post(&format!("{application}/conflicts"), json!({ "reason": "We share a flat." })).ok();
        assert!(asked(&abe).is_empty(), "who has a stake in it is not asked");
        admin.command(&open).ok();
        assert!(asked(admin).is_empty());
        // An offer above what its maker may promise alone.
        let reg = field.backer_with("100.00", json!({ "approval_threshold": usd("20.00") }));
        let id = application.rsplit('/').next().expect("an id");
        reg.offer(id, "50.00").ok();
        admin.command(&asked_to(admin, "/approve")).ok();
        assert_eq!(mailed(&web, admin, "Offers reach the minimum"), application);
        let grant = field.awarded(id);
        signed(&field.desk, &rea, &grant);
        // What one admin declines, another looks at again.
        let second = handed_in(&field, &rea);
        abe.post(&format!("{second}/decline"), json!({ "reason": "Not for this call." })).ok();
        web.work();
        rea.post(&asked_to(&rea, "/appeal"), json!({ "text": "It is just for this call." })).ok();
        assert!(asked(&abe).is_empty(), "who declined it does not answer");
        let told = mailed(&web, admin, "appeal");
        assert_eq!(told, second);
        let answer = asked_to(admin, "/appeal/answer");
        let form = json!({ "outcome": "reopened", "reason": "You are right." });
        admin.post(&answer, form).ok();
        assert_eq!(asked_to(&abe, "/open"), format!("{second}/open"));
        // What is not theirs: what is paid, and others' bank accounts.
        for act in ["/api/v1/payment-batches", "/api/v1/payees"] {
            let tried = admin.post(act, json!({}));
            assert!(matches!(tried.status, 403 | 422), "{act}: {}", tried.text());
        }
        web.every_link_leads_to_a_page();
    }
}
