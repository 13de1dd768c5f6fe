//! Rea, who looks for money for her work, and Mo, who has not heard of any of it.

use super::*;
use crate::support::payday::{name_payee, settle_paperwork, us_payee, verified_payee};

both! {
    fn from_registering_to_a_grant(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (field, admin) = (&payday.field, &payday.field.desk.admin);
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        assert_eq!(steps(&rea), Vec::<Value>::new());
        // The calls that take applications are there for everybody.
        let calls = web.anonymous().get("/api/v1/calls").ok();
        let call = calls["items"][0]["id"].as_str().expect("a call").to_owned();
        rea.post("/api/v1/applications", whole(&call)).ok();
        rea.command(&asked_to(&rea, "/submit")).ok();
        let mine = mailed(&web, &rea, "We have your application");
        let seen = rea.get(&mine).ok();
        assert_eq!((&seen["status"], &seen["title"]),
            (&json!("submitted"), &json!("A quiet lens")));
        let promised = steps(&rea)[0]["promised_on"].as_str().expect("a day").to_owned();
        assert!(web.mail(&rea.email, "We have your").text.contains(&promised));
        assert_eq!(asked(&rea), Vec::<String>::new());
        admin.post(&format!("{mine}/request-changes"), json!({ "reason": "Say how." })).ok();
        let back = mailed(&web, &rea, "Please change your application");
        assert_eq!(back, mine);
        rea.patch(&back, rea.get(&back).etag(), json!({ "body": "With sand." })).ok();
        rea.command(&asked_to(&rea, "/submit")).ok();
        admin.command(&format!("{mine}/open")).ok();
        assert_eq!(mailed(&web, &rea, "Your application is open"), mine);
        // How it is decided is not for who applies, and no one's else is for her.
        let other = handed_in(field, &web.person("Olaf"));
        let among = ["/reviews", "/conflicts", "/versions/1"].map(|rest| format!("{other}{rest}"));
        out_of_sight(&rea, &among);
        out_of_sight(&rea, &[other, format!("{mine}/reviews"), format!("{mine}/similar")]);
        assert_eq!(rea.get("/api/v1/applications").ok()["items"].as_array().map(Vec::len), Some(1));
        let id = mine.rsplit('/').next().expect("an id");
        payday.backer.offer(id, "50.00").ok();
        assert!(web.mail(&rea.email, "An offer of 50.00 USD").text.contains("50.00 USD"));
        field.awarded(id);
        assert!(web.mail(&rea.email, "was awarded").text.contains("sign the agreement"));
        let sign = asked_to(&rea, "/agreement/sign");
        let grant = sign.split('/').nth(4).expect("an id").to_owned();
        let of_it = |href: &String| href.contains(&grant) || href == "/api/v1/payees";
        assert!(asked(&rea).iter().all(of_it), "{:?}", asked(&rea));
        let payee = verified_payee(&field.desk, &rea, us_payee("000123000123", json!({})));
        name_payee(&rea, &grant, &payee).ok();
        settle_paperwork(&web, &field.desk, &rea, &grant);
        let told = web.mail(&rea.email, "is active");
        assert!(told.text.contains("A quiet lens"), "{told:?}");
        let last = steps(&rea).pop().expect("the grant");
        assert_eq!((&last["object"], &last["stage"]), (&json!("grant"), &json!("active")));
        web.every_link_leads_to_a_page();
    }

    fn from_a_nomination_to_an_application_of_ones_own(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let reg = web.with_role("Reg", Role::Regrantor);
        let nominate = |email: &str| {
            let form = json!({ "call_id": field.call, "email": email, "name": "Mo",
                "title": "Lenses", "summary": "To see.", "why": "Nobody grinds better." });
            reg.post("/api/v1/nominations", form).ok();
            web.mail(email, "nominates you for a grant").asks(&web)
        };
        let (page, token) = nominate("mo@work.example");
        assert_eq!(web.anonymous().get(&page).status, 200);
        let form = json!({ "token": token });
        let told = web.anonymous().post("/api/v1/invitations/preview", form.clone()).ok();
        assert_eq!((&told["from"], &told["title"]), (&json!("Reg"), &json!("Lenses")));
        // The account has another address than the mail.
        let mo = web.newcomer("mo@home.example", "Mo");
        mo.get(&format!("/api/v1{page}")).refused(404, "not_found");
        mo.post(&format!("/api/v1{page}/accept"), form).ok();
        let draft = asked_to(&mo, "/submit").replace("/submit", "");
        assert_eq!(mo.get(&draft).ok()["title"], "Lenses");
        assert!(web.mail(&reg.email, "About your nomination").text.contains("their application"));
        out_of_sight(&reg, &[draft]);
        // Whoever is nominated at the address of their account finds it there as well.
        nominate("mo@home.example");
        mo.command(&asked_to(&mo, "/accept").replace("/accept", "/decline")).ok();
        assert!(web.mail(&reg.email, "About your nomination").text.contains("said no"));
        web.every_link_leads_to_a_page();
    }
}
