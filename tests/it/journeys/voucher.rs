//! Vera, who is asked to vouch for Rea.

use super::*;

both! {
    fn from_the_question_to_the_record(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        let application = handed_in(&field, &rea);
        let ask = |email: &str, name: &str| {
            let form = json!({ "email": email, "name": name, "message": "You know my work." });
            rea.post(&format!("{application}/vouch-requests"), form).ok();
        };
        ask("vera@lab.example", "Vera");
        let mail = web.mail("vera@lab.example", "Would you vouch for Rea Searcher?");
        assert!(mail.text.contains("You know my work."), "{mail:?}");
        let link = mail.links(&web).remove(0);
        let page = link.split('#').next().expect("a path").to_owned();
        assert_eq!(web.anonymous().get(&page).status, 200);
        let vera = web.newcomer("vera@lab.example", "Vera Voucher");
        let request = format!("/api/v1{page}");
        let seen = vera.get(&request).ok();
        assert_eq!((&seen["title"], &seen["applicant"]["name"]),
            (&json!("A quiet lens"), &json!("Rea Searcher")));
        // She reads what she is asked, and not the application.
        out_of_sight(&vera, &[application.clone(), format!("{application}/vouches")]);
        let sign = asked_to(&vera, "/sign");
        assert_eq!(sign, format!("{request}/sign"));
        let form = json!({ "scopes": ["competence", "idea"], "strength": "strong",
            "how_known": "We shared a bench.", "statement": "A canary of praise." });
        let sam = web.newcomer("sam@lab.example", "Sam");
        sam.post(&sign, form.clone()).refused(404, "not_found");
        let vouch = vera.post(&sign, form.clone()).ok();
        vera.post(&sign, form).refused(409, "already_exists");
        assert_eq!(asked(&vera), Vec::<String>::new());
        assert_eq!(vera.get("/api/v1/me/vouches").ok()["items"][0]["id"], vouch["id"]);
        // Private: for who decides, not for who applies, nor for anybody else.
        let one = format!("/api/v1/vouches/{}", vouch["id"].as_str().expect("an id"));
        out_of_sight(&rea, std::slice::from_ref(&one));
        out_of_sight(&sam, &[one.clone(), request.clone()]);
        assert!(!rea.get(&format!("{application}/vouches")).text().contains("canary"));
        assert_eq!(field.desk.admin.get(&one).ok()["statement"], "A canary of praise.");
        assert_eq!(rea.get(&request).ok()["status"], "signed");
        // Somebody else says no, and is asked nothing more.
        ask("sam@lab.example", "Sam");
        let no = asked_to(&sam, "/sign").replace("/sign", "/decline");
        assert_eq!(mailed(&web, &sam, "Would you vouch") + "/decline", no);
        sam.command(&no).ok();
        assert_eq!(asked(&sam), Vec::<String>::new());
        web.every_link_leads_to_a_page();
    }
}
