//! Who has a stake in an application reads nothing that is for those who decide, whatever roles
//! they hold besides.

use super::*;
use crate::publishing::giving::decide;

both! {
    fn who_is_on_it_reads_no_reviews(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let ron = web.with_role("Ron", Role::Reviewer);
        let (aud, adm) = (web.with_role("Aud", Role::Auditor), web.with_role("Adm", Role::Admin));
        let mate = web.with_role("Mate", Role::Auditor);
        let torn = web.with_role("Torn", Role::Admin);
        let help = web.with_role("Help", Role::Auditor);
        let id = draft(&aud, &field.call, json!({}));
        joins(&aud, &id, &adm);
        joins(&aud, &id, &mate);
        crate::delegations::lets(&aud, &help, &["draft"]);
        aud.command(&at(&id, "/submit")).ok();
        torn.post(&at(&id, "/conflicts"), json!({ "reason": "A friend." })).ok();
        let review = asked(&field.desk.admin, &id, &ron);
        reviews(&ron, &review, "Canary of the kiln");
        let paths = [at(&id, "/reviews"), format!("/api/v1/reviews/{review}"),
            format!("/api/v1/reviews/{review}/versions")];
        for path in &paths {
            assert!(field.desk.admin.get(path).text().contains("kiln"), "{path}");
            for who in [&aud, &adm, &mate, &torn, &help] {
                let reply = who.get(path);
                assert!(matches!(reply.status, 403 | 404), "{path} as {}: {}", who.email,
                    reply.text());
            }
        }
        // Leaving the team does not bring it back.
        field.desk.admin.post(&at(&id, "/request-changes"), json!({ "reason": "More." })).ok();
        let team = items(&aud.get(&at(&id, "/members")));
        let seat = team.iter().find(|m| m["person_id"] == json!(mate.id())).expect("a place");
        let seat = seat["id"].as_str().expect("an id");
        assert_eq!(aud.delete(&at(&id, &format!("/members/{seat}"))).status, 204);
        for path in &paths {
            assert!(matches!(mate.get(path).status, 403 | 404), "{path}");
        }
        // Nor is who declared a conflict, and why.
        torn.get(&at(&id, "/conflicts")).ok();
        aud.get(&at(&id, "/conflicts")).refused(403, "two_persons");
    }

    fn who_is_on_it_does_not_learn_who_offers_in_private(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer_with("100.00", json!({ "approval_threshold": usd("1.00") }));
        let adm = web.with_role("Adm Applicant", Role::Admin);
        let id = field.applies(&adm, "1.00", "9.00");
        web.work();
        let mails = field.subjects(&adm).len();
        let made = backer.offer_with(&id, "5.00", json!({ "private": true }));
        let offer = made.id();
        web.work();
        assert_eq!(field.subjects(&adm).len(), mails, "no mail that names them");
        assert!(field.subjects(&field.desk.admin).iter().any(|s| s.starts_with("Approve")));
        let place = format!("/api/v1/offers/{offer}");
        assert!(field.desk.admin.get(&place).text().contains("Reg Rantor"));
        let seen = |path: &str| {
            let text = adm.get(path).text();
            assert!(!text.contains("Reg Rantor"), "{path}: {text}");
            text.contains(&offer)
        };
        let paths = [place.clone(), at(&id, "/offers"), at(&id, "/funding"),
            "/api/v1/offers".to_owned()];
        for path in &paths {
            assert!(!seen(path), "it waits: {path}");
        }
        field.desk.admin.command(&format!("{place}/approve")).ok();
        let told: Vec<bool> = paths.iter().map(|path| seen(path)).collect();
        assert_eq!(told, [true, true, false, false], "as every applicant sees it");
    }

    fn private_vouches_are_in_no_record_either(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (adm, help) = (web.with_role("Adm", Role::Admin), web.with_role("Help", Role::Auditor));
        let former = web.with_role("Former", Role::Auditor);
        let vera = web.person("Vera");
        crate::delegations::lets(&adm, &help, &["draft"]);
        let id = field.applies(&adm, "1.00", "9.00");
        let over = crate::delegations::lets(&adm, &former, &["draft"]);
        crate::delegations::ends(&adm, &over);
        let signed = |id: &str, word: &str| {
            let form = json!({ "scopes": ["idea"], "strength": "strong", "how_known": "A lab.",
                "statement": word });
            let made = vera.post(&at(id, "/vouches"), form);
            made.ok();
            made.header("location").expect("a place").to_owned()
        };
        let place = signed(&id, "Canary of the kiln");
        let other = field.application("1.00", "9.00");
        signed(&other, "Of the other");
        let record = format!("/api/v1/people/{}/vouches", vera.id());
        for who in [&adm, &help, &former] {
            who.get(&place).refused(404, "not_found");
            assert!(!who.get(&at(&id, "/vouches")).text().contains("kiln"), "{}", who.email);
            let text = who.get(&record).text();
            assert!(!text.contains("kiln") && text.contains("Of the other"), "{text}");
            let first = who.get(&format!("{record}?limit=1"));
            assert_eq!(items(&first).len(), 1, "a page is full");
        }
        for who in [&field.desk.admin, &vera] {
            assert!(who.get(&record).text().contains("kiln"), "{}", who.email);
        }
    }

    fn delegates_read_no_internal_comments(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let (help, fin) = (field.backer("9.00"), web.with_role("Fin", Role::Finance));
        let former = web.with_role("Former", Role::Admin);
        crate::delegations::lets(&rea, &help.who, &["draft"]);
        crate::delegations::lets(&rea, &fin, &["submit"]);
        let id = field.applies(&rea, "1.00", "9.00");
        let over = crate::delegations::lets(&rea, &former, &["draft"]);
        crate::delegations::ends(&rea, &over);
        let say = |who: &Client| {
            let form = json!({ "visibility": "internal", "body": "Canary of the kiln" });
            who.post(&at(&id, "/comments"), form)
        };
        say(&field.desk.admin).ok();
        for who in [&help.who, &fin, &former] {
            assert!(!who.get(&at(&id, "/comments")).text().contains("kiln"), "{}", who.email);
            assert_eq!(say(who).status, 403, "{}", who.email);
            let ids = [who.id()];
            let form = json!({ "visibility": "internal", "body": "See", "mention_ids": ids });
            field.desk.admin.post(&at(&id, "/comments"), form).wrong_fields(&["/mention_ids/0"]);
            web.work();
            let told = field.subjects(who);
            assert!(!told.iter().any(|s| s.starts_with("New comments")), "{told:?}");
        }
    }

    fn withheld_grants_are_told_to_nobody(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea) = (field.backer("100.00"), web.person("Recipient Person"));
        let form = json!({ "slug": "optics", "title": "Optics" });
        let agenda = field.desk.admin.post("/api/v1/agendas", form).id();
        let id = draft(&rea, &field.call, json!({ "visibility": "public", "title": "A lens" }));
        let read = rea.get(&at(&id, ""));
        let body = json!({ "agendas": [agenda] }).to_string().into_bytes();
        rea.send("PUT", &at(&id, "/agendas"), &[("If-Match", read.etag())], Some(body)).ok();
        rea.command(&at(&id, "/submit")).ok();
        field.desk.admin.command(&at(&id, "/open")).ok();
        backer.offer(&id, "7.77").ok();
        let grant = field.awarded(&id);
        let (stranger, nobody) = (web.person("Stan"), web.anonymous());
        let list = format!("/api/v1/agendas/{agenda}/grants");
        for who in [&stranger, &nobody, &rea] {
            assert!(who.get(&list).text().contains(&grant), "it is public");
        }
        decide(&field.desk.admin, &grant, json!({ "status": "withheld" })).ok();
        let mut asked = 0;
        for operation in almoner::web::routes::operations(&almoner::web::openapi()) {
            if operation.method != "GET" {
                continue;
            }
            for id in [&id, &grant, &agenda, &field.call] {
                let path = crate::matrix::filled(&operation.path.replace("{id}", id));
                for who in [&stranger, &nobody] {
                    let text = who.get(&path).text();
                    assert!(!text.contains(&grant), "{path}: {text}");
                    assert!(!text.contains("7.77"), "{path}: {text}");
                    asked += 1;
                }
            }
        }
        assert!(asked > 400, "{asked}");
        for who in [&rea, &backer.who, &field.desk.admin] {
            assert!(who.get(&list).text().contains(&grant), "{}", who.email);
            assert!(who.get(&at(&id, "/funding")).text().contains("7.77"), "{}", who.email);
        }
    }

    fn public_applications_do_not_tell_a_private_call(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let form = json!({ "title": "By invitation", "kind": "rolling", "summary": "Come.",
            "visibility": "private" });
        let call = admin.post("/api/v1/calls", form).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let id = draft(&rea, &call, json!({ "visibility": "public", "title": "Periscope" }));
        joins(&rea, &id, &mo);
        rea.command(&at(&id, "/submit")).ok();
        admin.command(&at(&id, "/open")).ok();
        web.work();
        let lists = [at(&id, ""), "/api/v1/applications".to_owned(),
            "/api/v1/search/applications?q=periscope".to_owned()];
        let (stranger, nobody) = (web.person("Stan"), web.anonymous());
        for path in &lists {
            for who in [&stranger, &nobody] {
                let text = who.get(path).text();
                assert!(text.contains("Periscope") && !text.contains(&call), "{path}: {text}");
            }
            for who in [&rea, &mo, admin] {
                assert!(who.get(path).text().contains(&call), "{path} as {}", who.email);
            }
        }
        for path in [format!("/api/v1/applications?call_id={call}"),
            format!("/api/v1/search/applications?q=periscope&call_id={call}")] {
            for who in [&stranger, &nobody] {
                assert_eq!(items(&who.get(&path)).len(), 0, "{path}");
            }
            assert_eq!(items(&mo.get(&path)).len(), 1, "{path}");
        }
    }

    fn nobody_acts_for_who_is_suspended(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, help) = (web.person("Rea"), web.person("Help"));
        crate::delegations::lets(&rea, &help, &["draft", "submit"]);
        let id = draft(&rea, &field.call, json!({}));
        let etag = help.get(&at(&id, "")).etag().to_owned();
        let person = format!("/api/v1/people/{}", rea.id());
        let why = json!({ "reason": "Not who they say." });
        field.desk.admin.post(&format!("{person}/suspend"), why).ok();
        let form = json!({ "call_id": field.call, "title": "x", "on_behalf_of": rea.id() });
        help.post("/api/v1/applications", form.clone()).wrong_fields(&["/on_behalf_of"]);
        help.get(&at(&id, "")).refused(404, "not_found");
        help.patch(&at(&id, ""), &etag, json!({ "title": "x" })).refused(404, "not_found");
        help.command(&at(&id, "/submit")).refused(404, "not_found");
        assert!(!help.get("/api/v1/applications").text().contains(&id));
        field.desk.admin.command(&format!("{person}/reactivate")).ok();
        help.command(&at(&id, "/submit")).ok();
    }
}
