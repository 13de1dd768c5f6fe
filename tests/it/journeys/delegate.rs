//! Olly, who does paperwork for Rea until she ends it.

use super::*;

both! {
    fn from_the_mail_to_the_end(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        let until = t.clock.now().date().plus_days(90);
        let form = json!({ "email": "olly@office.example", "scopes": ["draft", "submit"],
            "expires_on": until });
        rea.post("/api/v1/me/delegates", form).ok();
        let (page, token) = web.mail("olly@office.example", "asks you to act for them").asks(&web);
        assert_eq!(web.anonymous().get(&page).status, 200);
        let form = json!({ "token": token });
        let told = web.anonymous().post("/api/v1/invitations/preview", form.clone()).ok();
        assert_eq!((&told["from"], &told["until"]), (&json!("Rea Searcher"), &json!(until)));
        let olly = web.newcomer("olly@home.example", "Olly");
        olly.post(&format!("/api/v1{page}/accept"), form).ok();
        assert!(web.mail(&rea.email, "Olly acts for you").text.contains("write applications"));
        // Olly begins it in her name; both are asked to hand it in, and she is told.
        let mut form = whole(&field.call);
        form["on_behalf_of"] = json!(rea.id());
        olly.post("/api/v1/applications", form).ok();
        let submit = asked_to(&olly, "/submit");
        assert_eq!(asked_to(&rea, "/submit"), submit);
        let mine = mailed(&web, &rea, "Begun in your name");
        assert_eq!(submit, format!("{mine}/submit"));
        olly.command(&submit).ok();
        assert_eq!((asked(&olly).len(), asked(&rea).len()), (0, 0));
        assert!(web.mail(&rea.email, "We have your application").text.contains("Olly handed in"));
        assert_eq!(rea.get(&mine).ok()["submitted_by"]["name"], "Olly");
        // Changes are asked of her, and shown to both.
        let admin = &field.desk.admin;
        admin.post(&format!("{mine}/request-changes"), json!({ "reason": "Say more." })).ok();
        assert_eq!(asked_to(&olly, "/submit"), submit);
        olly.command(&submit).ok();
        admin.command(&format!("{mine}/open")).ok();
        let backer = field.backer("50.00");
        backer.offer(mine.rsplit('/').next().expect("an id"), "50.00").ok();
        let grant = field.awarded(mine.rsplit('/').next().expect("an id"));
        web.work();
        // What binds her, and where her money goes, is hers alone.
        let sign = asked_to(&rea, "/agreement/sign");
        assert_eq!(asked(&olly), Vec::<String>::new());
        let name = json!({ "typed_name": "Rea Searcher", "consent": true, "sha256": "x" });
        assert!(matches!(olly.post(&sign, name).status, 403 | 404));
        let payee = format!("/api/v1/grants/{grant}/payee");
        assert!(matches!(olly.put(&payee, json!({ "payee_id": rea.id() })).status, 403 | 404));
        out_of_sight(&olly, &[format!("{mine}/reviews"), format!("{mine}/screening")]);
        // She ends it, and he is told and sees nothing of hers any more.
        rea.command(&format!("/api/v1{page}/revoke")).ok();
        assert_eq!(web.mail(&olly.email, "has ended a delegation").links(&web), ["/delegations"]);
        out_of_sight(&olly, &[mine, format!("/api/v1/grants/{grant}")]);
        web.every_link_leads_to_a_page();
    }
}
