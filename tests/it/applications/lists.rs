//! Lists: everybody gets what they may see, all of it, once.

use super::*;

fn titles(who: &Client, query: &str) -> Vec<String> {
    let page = who.get(&format!("{APPLICATIONS}{query}")).ok();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|a| a["title"].as_str().expect("a title").to_owned()).collect()
}

fn titled(title: &str, visibility: &str) -> Value {
    json!({ "title": title, "visibility": visibility })
}

both! {
    fn everybody_lists_what_they_may_see(t: &Harness) {
        let web = t.serve();
        let (admin, rea, sam) = (admin(&web), web.person("Rea"), web.person("Sam"));
        let mo = web.person("Mo");
        let (one, two) = (rolling(&admin), rolling(&admin));
        draft(&rea, &one, titled("draft", "public"));
        let team = draft(&rea, &one, titled("team", "private"));
        submitted(&rea, &one, titled("submitted", "public"));
        opened(&rea, &admin, &one, titled("private", "private"));
        opened(&rea, &admin, &two, titled("open", "public"));
        let back = opened(&rea, &admin, &two, titled("back", "public"));
        send_back(&admin, &back);
        draft(&sam, &two, titled("sam's", "public"));
        let members = at(&format!("{team}/members"));
        let member = rea.post(&members, json!({ "email": mo.email, "name": "Mo" })).id();

        assert_eq!(titles(&web.anonymous(), ""), ["open"]);
        web.anonymous().get(&format!("{APPLICATIONS}?mine=true")).refused(401, "unauthenticated");
        assert_eq!(titles(&sam, ""), ["sam's", "open"]);
        assert_eq!(titles(&sam, "?mine=true"), ["sam's"]);
        let own = ["back", "open", "private", "submitted", "team", "draft"];
        assert_eq!(titles(&rea, ""), own);
        assert_eq!(titles(&rea, "?mine=true"), own);
        assert_eq!(titles(&rea, "?mine=true&status=draft"), ["team", "draft"]);
        assert_eq!(titles(&mo, ""), ["open", "team"], "invited");
        rea.get(&at(&team)).ok();
        mo.command(&at(&format!("{team}/members/{member}/accept"))).ok();
        assert_eq!(titles(&mo, ""), ["open", "team"]);
        assert_eq!(titles(&mo, "?mine=true"), ["team"]);
        mo.command(&at(&format!("{team}/members/{member}/decline"))).ok();
        assert_eq!(titles(&mo, ""), ["open"]);

        for role in [Role::Admin, Role::Finance, Role::Auditor] {
            let who = web.with_role("Sponsor", role);
            assert_eq!(titles(&who, ""), ["back", "open", "private", "submitted"], "{role:?}");
            assert_eq!(titles(&who, "?status=draft"), Vec::<String>::new());
            assert_eq!(titles(&who, "?status=open"), ["open", "private"]);
            assert_eq!(titles(&who, &format!("?call_id={one}")), ["private", "submitted"]);
            assert_eq!(titles(&who, &format!("?call_id={one}&status=open")), ["private"]);
            assert_eq!(titles(&who, "?mine=true"), Vec::<String>::new());
        }
        assert_eq!(titles(&sam, &format!("?call_id={two}&status=open")), ["open"]);
        assert_eq!(titles(&sam, "?status=submitted"), Vec::<String>::new());
        let row = sam.get(&format!("{APPLICATIONS}?status=open")).ok()["items"][0].clone();
        assert_eq!(row["applicant"]["name"], "Rea");
        assert_eq!(row["offered"], usd("0.00"));
        assert!(row.get("body").is_none() && row.get("status_reason").is_none());
        for query in ["mine=maybe", "status=gone", "call_id=x", "after=x", "limit=201", "x=1"] {
            sam.get(&format!("{APPLICATIONS}?{query}")).refused(422, "invalid");
        }
    }

    fn what_is_looked_for_is_listed(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let (rea, reg) = (web.person("Rea"), web.with_role("Reg", Role::Regrantor));
        desk.budget(&desk.fund("Safety"), &reg);
        let [one, two] = [(); 2].map(|()| rolling(&desk.admin));
        let looks = |id: &str, looks: &[&str]| {
            let form = json!({ "agendas": [], "looking_for": looks }).to_string().into_bytes();
            let etag = rea.get(&at(id)).etag().to_owned();
            rea.send("PUT", &at(&format!("{id}/agendas")), &[("If-Match", &etag)], Some(form)).ok();
        };
        let step = |who: &Client, id: &str, act: &str| {
            who.command(&at(&format!("{id}/{act}"))).ok();
        };
        let mut ids = Vec::new();
        for (title, visibility, call, wanted, steps) in [
            ("team", "public", &one, &["team"][..], 2),
            ("mate", "public", &two, &["team_mate", "mentor"][..], 2),
            ("kept", "private", &one, &["team_mate"][..], 2),
            ("waits", "public", &two, &["team_mate"][..], 1),
            ("draft", "public", &one, &["team_mate"][..], 0),
            ("nothing", "public", &one, &[] as &[&str], 2),
        ] {
            let id = draft(&rea, call, titled(title, visibility));
            looks(&id, wanted);
            if steps > 0 {
                step(&rea, &id, "submit");
            }
            if steps > 1 {
                step(&desk.admin, &id, "open");
            }
            ids.push(id);
        }
        let (mate, kept) = (&ids[1], &ids[2]);
        let mate_of = "?looking_for=team_mate";
        let mates = |who: &Client, more: &str| titles(who, &format!("{mate_of}{more}"));
        let nobody = web.anonymous();
        assert_eq!(mates(&nobody, ""), ["mate"]);
        assert_eq!(titles(&nobody, "?looking_for=team"), ["team"]);
        assert!(titles(&nobody, "?looking_for=hiring").is_empty());
        assert_eq!(mates(&reg, ""), ["kept", "mate"], "what could be funded");
        for more in ["", "&mine=true"] {
            assert_eq!(mates(&rea, more), ["draft", "waits", "kept", "mate"]);
        }
        let asked = [String::new(), "&status=open".into(), format!("&call_id={two}"),
            format!("&call_id={two}&status=open")];
        let shown = asked.map(|more| mates(&desk.admin, &more).join(" "));
        assert_eq!(shown, ["waits kept mate", "kept mate", "waits mate", "mate"]);
        assert!(mates(&desk.admin, "&status=draft").is_empty());
        // What came into a call by a route is there, too, if it looks for that.
        rea.post(&at(&format!("{kept}/routes")), json!({ "call_id": two })).ok();
        step(&rea, kept, &format!("routes/{two}/submit"));
        assert_eq!(mates(&desk.admin, &format!("&call_id={two}")), ["waits", "kept", "mate"]);
        let mentors = |more: &str| titles(&desk.admin, &format!("?looking_for=mentor{more}"));
        assert_eq!(mentors(&format!("&call_id={two}")), ["mate"]);
        send_back(&desk.admin, mate);
        looks(mate, &[]);
        assert!(mentors("").is_empty());
        nobody.get(&format!("{APPLICATIONS}?looking_for=love")).wrong_fields(&["?looking_for"]);
    }

    fn pages_hold_each_row_once(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        for n in 0..7 {
            // Own and public at once: two reasons to see the same row.
            opened(&rea, &admin, &call, titled(&format!("{n}"), "public"));
        }
        for who in [&rea, &admin, &web.anonymous()] {
            let (mut seen, mut query) = (Vec::new(), "?limit=3".to_owned());
            loop {
                let page = who.get(&format!("{APPLICATIONS}{query}")).ok();
                let items = page["items"].as_array().expect("items");
                seen.extend(items.iter().map(|a| a["title"].clone()));
                let Some(next) = page["next"].as_str() else { break };
                // What comes in meanwhile is newer than all pages.
                submitted(&rea, &call, titled("new", "public"));
                query = format!("?limit=3&after={next}");
            }
            let old: Vec<Value> = seen.into_iter().filter(|title| title != "new").collect();
            assert_eq!(old, ["6", "5", "4", "3", "2", "1", "0"]);
        }
    }

    fn regrantors_see_private_ones_that_they_could_fund(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rea = web.person("Rea");
        let [reg, ben] = ["Reg", "Ben"].map(|name| web.with_role(name, Role::Regrantor));
        let (safety, health) = (desk.fund("Safety"), desk.fund("Health"));
        desk.budget(&safety, &reg);
        let any = rolling(&desk.admin);
        let named = call(&desk.admin, json!({
            "title": "Health only", "kind": "rolling", "fund_ids": [health],
        }));
        let everywhere = opened(&rea, &desk.admin, &any, titled("any", "private"));
        let theirs = opened(&rea, &desk.admin, &named, titled("health", "private"));
        let early = submitted(&rea, &any, titled("early", "private"));
        let none = Vec::<String>::new();
        assert_eq!(titles(&reg, ""), ["any"]);
        assert_eq!(titles(&ben, ""), none, "without a budget");
        for (who, sees) in [(&reg, [true, false, false]), (&ben, [false; 3])] {
            for (id, sees) in [&everywhere, &theirs, &early].into_iter().zip(sees) {
                assert_eq!(who.get(&at(id)).status, if sees { 200 } else { 404 });
            }
        }
        let until = json!({ "expires_on": "2026-11-02" });
        desk.budget_with(&health, &ben, until);
        assert_eq!(titles(&ben, ""), ["health", "any"], "on its last day");
        assert_eq!(titles(&ben, &format!("?call_id={named}")), ["health"]);
        assert_eq!(titles(&ben, "?status=awarded"), none);
        day(t, "2026-11-03");
        assert_eq!(titles(&ben, ""), none, "its budget has expired");
        ben.get(&at(&theirs)).refused(404, "not_found");
        // A holder who is no regrantor any more sees no more than others.
        let path = format!("/api/v1/people/{}/remove-role", reg.id());
        desk.admin.post(&path, json!({ "role": "regrantor" })).ok();
        let reg = web.sign_in(reg);
        assert_eq!(titles(&reg, ""), none);
        reg.get(&at(&everywhere)).refused(404, "not_found");
        // What the call's funds do not hold cannot be asked for.
        let euro = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
        let foreign = draft(&rea, &named, json!({
            "amount_minimum": euro("1.00"), "amount_requested": euro("2.00"),
            "budget_lines": [{ "label": "All", "amount": euro("2.00") }],
        }));
        rea.command(&at(&format!("{foreign}/submit")))
            .wrong_fields(&["/amount_requested/currency"]);
    }
}
