//! Lana of the need-to-know group, Sam who has a concern, and Rea who is heard before anything is
//! decided.

use super::*;

both! {
    fn from_a_concern_to_what_comes_of_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let lana = web.newcomer("lana@lane.example", "Lana");
        out_of_sight(&lana, &["/api/v1/concerns".into(), "/api/v1/screenings".into()]);
        let add = format!("/api/v1/people/{}/need-to-know", lana.id());
        admin.post(&add, json!({ "reason": "Knows the field." })).ok();
        let group = mailed(&web, &lana, "The need-to-know group has changed");
        assert_eq!(lana.get(&group).ok().as_array().map(Vec::len), Some(1));
        // Who applies is asked what everybody is asked, by mail and in the list.
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        let application = field.applies(&rea, "10.00", "50.00");
        t.clock.advance_seconds(301);
        let form = mailed(&web, &rea, "A few questions on your application");
        assert_eq!(asked_to(&rea, "/screening"), form);
        let keys = rea.get(&form).ok()["questions"].as_array().expect("questions").clone();
        let answer = |q: &Value| json!({ "key": q["key"], "answer": "A canary of harm." });
        let answers: Vec<Value> = keys.iter().map(answer).collect();
        rea.put(&form, json!({ "answers": answers })).ok();
        assert_eq!(asked(&rea), Vec::<String>::new());
        let sam = web.newcomer("sam@field.example", "Sam");
        let concern = json!({ "concern": "It could be turned around: a canary." });
        sam.post(&format!("/api/v1/applications/{application}/concerns"), concern).ok();
        // The mail tells that something waits, and nothing of what.
        let mail = web.mail(&lana.email, "Something waits in the need-to-know lane");
        assert!(!mail.text.contains("lens") && !mail.text.contains("Sam"), "{mail:?}");
        let raised = mailed(&web, &lana, "Something waits in the need-to-know lane");
        assert_eq!(lana.get(&raised).ok()["raised_by"]["name"], "Sam");
        lana.post(&format!("{raised}/ask"), json!({ "summary": "Can it be reversed?" })).ok();
        let mail = web.mail(&rea.email, "Please answer a question about your application");
        assert!(!mail.text.contains("reversed") && !mail.text.contains("Sam"), "{mail:?}");
        let respond = asked_to(&rea, "/screening/respond");
        let question = rea.get(&mailed(&web, &rea, "Please answer a question")).ok();
        assert_eq!(question["asked"][0]["summary"], "Can it be reversed?");
        assert!(!question.to_string().contains("Sam"), "{question}");
        let id = &question["asked"][0]["concern_id"];
        rea.post(&respond, json!({ "concern_id": id, "response": "We keep it locked." })).ok();
        assert_eq!(mailed(&web, &lana, "Something waits"), raised);
        assert_eq!(lana.get(&raised).ok()["response"], "We keep it locked.");
        lana.post(&format!("{raised}/decide"), json!({ "outcome": "cleared", "reason": "Fine." }))
            .ok();
        assert_eq!(sam.get("/api/v1/me/concerns").ok()["items"][0]["status"], "closed");
        // Nobody else hears a word of it, whoever they are.
        let audi = web.with_role("Audi", Role::Auditor);
        let reg = field.backer("1.00").who;
        for who in [admin, &audi, &reg, &rea, &sam, &field.desk.finance] {
            out_of_sight(who, &[raised.clone(), "/api/v1/concerns".into()]);
        }
        for path in ["", "/versions", "/comments", "/export"] {
            let path = format!("/api/v1/applications/{application}{path}");
            assert!(!admin.get(&path).text().contains("canary"), "{path}");
        }
        assert!(!audi.get("/api/v1/audit?limit=200").text().contains("canary"));
        web.every_link_leads_to_a_page();
    }
}
