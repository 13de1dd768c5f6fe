//! Gil, who has no account and gives to one application.

use super::*;
use crate::publishing::contributions::{Giving, served};

both! {
    fn from_the_page_to_the_thanks(t: &Harness) {
        let web = served(t);
        let giving = Giving::of(&web);
        let nobody = web.anonymous();
        // The page is there for everybody, and says how to give.
        let page = format!("/a/{}", giving.application);
        let html = nobody.get(&page);
        assert_eq!(html.status, 200);
        assert!(html.text().contains("A better lens"), "{}", html.text());
        let announced = json!({ "amount": usd("100.00"), "email": "gil@home.example",
            "name": "Gil Canary" });
        let told = giving.announce(announced).ok();
        let reference = told["reference"].as_str().expect("a reference").to_owned();
        let mail = web.mail("gil@home.example", "How to give to: A better lens");
        assert!(mail.text.contains(&reference) && mail.text.contains("100.00 USD"), "{mail:?}");
        assert_eq!(mail.links(&web)[0], page);
        // It is between them and finance: neither who applies nor who funds learns who gives.
        let lists = ["/api/v1/announcements".to_owned()];
        for who in [&nobody, &giving.rea, &giving.reg] {
            out_of_sight(who, &lists);
        }
        let waits = giving.announcements(&format!("reference={reference}"));
        let id = waits[0]["id"].as_str().expect("an id").to_owned();
        out_of_sight(&nobody, &[format!("/api/v1/announcements/{id}")]);
        giving.receive(&id, "100.00").ok();
        let thanks = web.mail("gil@home.example", "Your contribution has arrived");
        assert_eq!(thanks.links(&web)[0], page);
        // What is public is how much came, not from whom.
        assert_eq!(giving.shown()["contributions"]["received"], usd("100.00"));
        let everywhere = nobody.get(&page).text() + &giving.shown().to_string();
        assert!(!everywhere.contains("Canary") && !everywhere.contains("gil@"), "{everywhere}");
        let mine = giving.rea.get(&format!("/api/v1/applications/{}", giving.application)).text();
        assert!(!mine.contains("Canary"), "{mine}");
        // It becomes a part of the grant.
        let earmark = giving.reg.get("/api/v1/earmarks").ok()["items"][0]["id"].clone();
        giving.offer(earmark.as_str().expect("an id")).ok();
        giving.field.awarded(&giving.application);
        web.work();
        assert_eq!(giving.status(earmark.as_str().expect("an id")), "spent");
        giving.holds();
        web.every_link_leads_to_a_page();
    }
}
