//! Nobody waits in silence: what is asked of somebody stands in one list, and is reminded of.

use super::*;

/// What is asked of somebody, by kind, with the address that takes it.
fn asks(who: &Client) -> Vec<(String, String)> {
    let view = who.get("/api/v1/me/next").ok();
    let mut all = Vec::new();
    for step in view["items"].as_array().expect("items") {
        for todo in step["todo"].as_array().expect("todo") {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            all.push((text(&step["object"]), text(&todo["href"])));
        }
    }
    all
}

fn one(kind: &str, href: String) -> Vec<(String, String)> {
    vec![(kind.to_owned(), href)]
}

/// The subjects of mails to somebody that begin like this.
fn told(field: &Field<'_>, who: &Client, like: &str) -> usize {
    field.subjects(who).iter().filter(|s| s.starts_with(like)).count()
}

both! {
    fn what_is_asked_stands_in_one_list(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let ron = web.with_role("Ron", Role::Reviewer);
        let id = draft(&rea, &field.call, json!({}));
        let other = draft(&mo, &field.call, json!({}));
        // An invitation, and a merge.
        let guest = web.person("Guest");
        let seat = invite(&rea, &id, &guest);
        assert_eq!(asks(&guest), one("invitation", at(&id, &format!("/members/{seat}/accept"))));
        guest.command(&at(&id, &format!("/members/{seat}/accept"))).ok();
        assert_eq!(asks(&guest), one("application", at(&id, "")), "they write it together");
        joins(&rea, &id, &mo);
        let merge = mo.post(&at(&id, "/merge"), json!({ "other": other })).id();
        let asked_of = asks(&rea);
        let answer = format!("/api/v1/merges/{merge}/accept");
        assert!(asked_of.contains(&("merge".into(), answer)), "{asked_of:?}");
        rea.command(&format!("/api/v1/merges/{merge}/decline")).ok();
        // A delegation: to be answered, then what there is to hand in.
        let helper = web.person("Helper");
        let form = json!({ "email": helper.email, "scopes": ["submit"],
            "expires_on": "2027-06-30" });
        let delegation = rea.post("/api/v1/me/delegates", form).id();
        let accept = format!("/api/v1/delegations/{delegation}/accept");
        assert_eq!(asks(&helper), one("delegation", accept.clone()));
        helper.post(&accept, json!({})).ok();
        assert_eq!(asks(&helper), one("application", at(&id, "/submit")));
        rea.command(&at(&id, "/submit")).ok();
        assert!(asks(&helper).is_empty());
        // A review, and a vouch.
        let review = asked(admin, &id, &ron);
        assert_eq!(asks(&ron), one("review", format!("/api/v1/reviews/{review}/submit")));
        reviews(&ron, &review, "Good.");
        assert!(asks(&ron).is_empty());
        let vera = web.person("Vera");
        let form = json!({ "email": vera.email, "name": "Vera" });
        let request = rea.post(&at(&id, "/vouch-requests"), form).id();
        let sign = format!("/api/v1/vouch-requests/{request}/sign");
        assert_eq!(asks(&vera), one("vouch_request", sign));
        // A nomination.
        let backer = field.backer("9.00");
        let form = json!({ "call_id": field.call, "email": vera.email, "name": "Vera",
            "title": "A lens", "summary": "To see.", "why": "She can." });
        let nomination = backer.who.post("/api/v1/nominations", form).id();
        let take = format!("/api/v1/nominations/{nomination}/accept");
        assert!(asks(&vera).contains(&("nomination".into(), take)), "{:?}", asks(&vera));
        assert!(asks(&backer.who).iter().all(|(kind, _)| kind != "nomination"));
    }

    fn the_lane_asks_and_says_until_when(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, lana) = (web.person("Rea"), web.person("Lana"));
        let group = format!("/api/v1/people/{}/need-to-know", lana.id());
        field.desk.admin.post(&group, json!({ "reason": "Knows the field." })).ok();
        let id = handed_in(&rea, &field.call, json!({}));
        web.work();
        assert_eq!(asks(&rea), one("application", at(&id, "/screening")));
        let said = ["misuse", "accident", "publication"]
            .map(|key| json!({ "key": key, "answer": "None." }));
        rea.put(&at(&id, "/screening"), json!({ "answers": said })).ok();
        assert!(asks(&rea).is_empty());
        let text = json!({ "concern": "It could hurt." });
        let concern = field.desk.admin.post(&at(&id, "/concerns"), text).id();
        assert!(asks(&rea).is_empty(), "what is raised is not told");
        let path = format!("/api/v1/concerns/{concern}");
        lana.post(&format!("{path}/ask"), json!({ "summary": "It could be turned." })).ok();
        assert_eq!(asks(&rea), one("application", at(&id, "/screening/respond")));
        let due = rea.get("/api/v1/me/next").ok()["items"][0]["todo"][0]["due_on"].clone();
        assert_eq!(due, "2026-11-09", "seven days");
        let form = json!({ "concern_id": concern, "response": "We keep it to ourselves." });
        rea.post(&at(&id, "/screening/respond"), form).ok();
        assert!(asks(&rea).is_empty());
    }

    fn reviewers_are_reminded_and_who_asked_hears(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [one, two] = ["One", "Two"].map(|name| web.with_role(name, Role::Reviewer));
        let id = handed_in(&rea, &field.call, json!({}));
        let ask = |who: &Client| {
            let form = json!({ "person_id": who.id(), "due_on": "2026-11-20" });
            admin.post(&at(&id, "/reviewers"), form).id()
        };
        let (r1, r2) = (ask(&one), ask(&two));
        crate::decisions::day(t, "2026-11-16");
        web.work();
        assert_eq!(told(&field, &one, "Your review is asked for by 2026-11-20"), 0);
        crate::decisions::day(t, "2026-11-17");
        web.work();
        web.work();
        assert_eq!(told(&field, &one, "Your review is asked for by 2026-11-20"), 1);
        reviews(&one, &r1, "Good.");
        assert_eq!(told(&field, admin, "All reviews are in"), 0, "one is waited for");
        crate::decisions::day(t, "2026-11-20");
        web.work();
        assert_eq!(told(&field, &two, "Your review is late"), 0, "the day is not over");
        crate::decisions::day(t, "2026-11-21");
        web.work();
        crate::decisions::day(t, "2026-11-25");
        web.work();
        assert_eq!(told(&field, &two, "Your review is late"), 1);
        assert_eq!(told(&field, &one, "Your review is late"), 0, "theirs is in");
        assert_eq!(told(&field, admin, "A review is late"), 1);
        reviews(&two, &r2, "Fine.");
        web.work();
        assert_eq!(told(&field, admin, "All reviews are in"), 1);
        // Another version is no news.
        reviews(&two, &r2, "Finer.");
        web.work();
        assert_eq!(told(&field, admin, "All reviews are in"), 1);
    }

    fn who_asked_hears_when_a_reviewer_is_gone(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [one, two] = ["One", "Two"].map(|name| web.with_role(name, Role::Reviewer));
        crate::decisions::day(t, "2026-11-02");
        let id = handed_in(&rea, &field.call, json!({}));
        let (r1, r2) = (asked(admin, &id, &one), asked(admin, &id, &two));
        // Without a day of their own: two weeks, a week before the promise at the latest.
        assert_eq!(one.get(&format!("/api/v1/reviews/{r1}")).ok()["due_on"], "2026-11-16");
        crate::decisions::day(t, "2026-11-13");
        assert_eq!(told(&field, &one, "Your review is asked for by 2026-11-16"), 1);
        let why = json!({ "reason": "I am at sea." });
        one.post(&format!("/api/v1/reviews/{r1}/decline"), why).ok();
        let letters = crate::decisions::mails(&web, admin, "A reviewer has declined: A better");
        assert_eq!(letters.len(), 1);
        for word in ["One cannot review", "I am at sea.", "0 are in and 1 are waited for"] {
            assert!(letters[0].contains(word), "{}", letters[0]);
        }
        let why = json!({ "reason": "My cousin." });
        two.post(&format!("/api/v1/reviews/{r2}/conflict"), why).ok();
        let letters = crate::decisions::mails(&web, admin, "A reviewer has a conflict");
        assert_eq!(letters.len(), 1);
        assert!(letters[0].contains("0 are in and 0 are waited for"), "{}", letters[0]);
        // Who set it aside themselves knows it.
        let r3 = asked(admin, &id, &web.with_role("Three", Role::Reviewer));
        let path = format!("/api/v1/reviews/{r3}/set-aside");
        admin.post(&path, json!({ "reason": "Not needed." })).ok();
        assert_eq!(told(&field, admin, "A reviewer"), 2);
    }

    fn one_expert_does_not_get_all(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let form = json!({ "slug": "optics", "title": "Optics" });
        let agenda = admin.post("/api/v1/agendas", form).id();
        let pool: Vec<Client> = ["Expert", "Two", "Three", "Four"]
            .map(|name| web.with_role(name, Role::Reviewer)).into();
        let read = pool[0].get("/api/v1/me/profile");
        let profile = json!({ "listed": true, "agendas": [agenda] }).to_string().into_bytes();
        let etag = read.etag().to_owned();
        pool[0].send("PUT", "/api/v1/me/profile", &[("If-Match", &etag)], Some(profile)).ok();
        for n in 0..12 {
            let rea = web.person(&format!("Rea {n}"));
            let id = draft(&rea, &field.call, json!({}));
            let etag = rea.get(&at(&id, "")).etag().to_owned();
            let body = json!({ "agendas": [agenda] }).to_string().into_bytes();
            rea.send("PUT", &at(&id, "/agendas"), &[("If-Match", &etag)], Some(body)).ok();
            rea.command(&at(&id, "/submit")).ok();
        }
        let path = format!("/api/v1/calls/{}/assign-reviewers", field.call);
        let ids: Vec<String> = pool.iter().map(|who| who.id().to_string()).collect();
        let run = |more: Value| {
            let mut form = json!({ "per_application": 1, "reviewer_ids": ids, "dry_run": true });
            for (key, value) in more.as_object().expect("fields") {
                form[key] = value.clone();
            }
            let made = admin.post(&path, form).ok();
            let pairs = made["assigned"].as_array().expect("pairs").clone();
            let load = |who: &Client| {
                pairs.iter().filter(|pair| pair["reviewer_id"] == json!(who.id())).count()
            };
            (pool.iter().map(load).collect::<Vec<_>>(), made["short"].clone())
        };
        let (loads, short) = run(json!({}));
        assert_eq!((loads.iter().sum::<usize>(), short), (12, json!([])));
        assert_eq!(loads[0], 4, "the share is three: one more for who knows the subject");
        assert!(loads.iter().all(|load| (2..=4).contains(load)), "{loads:?}");
        let (loads, short) = run(json!({ "max_per_reviewer": 2 }));
        assert_eq!(loads, [2, 2, 2, 2]);
        assert_eq!(short.as_array().map(Vec::len), Some(4));
        admin.post(&path, json!({ "per_application": 1, "max_per_reviewer": 0 }))
            .wrong_fields(&["/max_per_reviewer"]);
    }

    fn delegates_read_what_their_work_needs(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, dora, rob) = (web.person("Rea"), web.person("Dora"), web.person("Rob"));
        crate::delegations::lets(&rea, &dora, &["draft"]);
        crate::delegations::lets(&rea, &rob, &["report"]);
        let id = handed_in(&rea, &field.call, json!({}));
        let form = json!({ "visibility": "applicant_and_funders", "body": "What of the kiln?" });
        admin.post(&at(&id, "/comments"), form).ok();
        for who in [&dora, &rob] {
            assert!(who.get(&at(&id, "/clock")).ok()["promised_on"].is_string());
            assert!(who.get(&at(&id, "/comments")).text().contains("kiln"), "{}", who.email);
            who.get(&at(&id, "/funding")).ok();
        }
        let why = json!({ "reason": "Not in this call." });
        admin.post(&at(&id, "/decline"), why).ok();
        assert_eq!(dora.get(&at(&id, "/decline")).ok()["reason"], "Not in this call.");
        rob.get(&at(&id, "/decline")).refused(403, "forbidden");
        web.person("Stan").get(&at(&id, "/clock")).refused(404, "not_found");
    }
}
