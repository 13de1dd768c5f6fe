//! Mo, who is asked onto a team at work and has an account at home.

use super::*;

both! {
    fn from_the_invitation_to_leaving(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        let id = rea.post("/api/v1/applications", whole(&field.call)).id();
        let team = format!("/api/v1/applications/{id}/members");
        let form = json!({ "email": "mo@work.example", "name": "Mo", "role": "mentor" });
        rea.post(&team, form).ok();
        let submit = asked_to(&rea, "/members").replace("/members", "/submit");
        rea.command(&submit).wrong_fields(&["/members"]);
        let (page, token) = web.mail("mo@work.example", "You are asked onto a team").asks(&web);
        assert_eq!(web.anonymous().get(&page).status, 200);
        let form = json!({ "token": token });
        let told = web.anonymous().post("/api/v1/invitations/preview", form.clone()).ok();
        assert_eq!(told["question"],
            "Rea Searcher asks you onto the team of an application, as mentor.");
        let mo = web.newcomer("mo@home.example", "Mo Tor");
        let answer = format!("/api/v1{page}/accept");
        // Without the mail nobody takes the seat, nor learns of it.
        assert_eq!(steps(&mo), Vec::<Value>::new());
        out_of_sight(&mo, std::slice::from_ref(&team));
        mo.command(&answer).refused(404, "not_found");
        mo.post(&answer, form).ok();
        // In their own name; they read, and who applies writes.
        let seats = rea.get(&team).ok();
        assert_eq!(seats["items"][1]["name"], "Mo Tor");
        assert_eq!(seats["items"][1]["email"], "mo@home.example");
        let application = format!("/api/v1/applications/{id}");
        let read = mo.get(&application);
        assert_eq!(read.ok()["body"], "We grind it.");
        // A mentor advises; who does the work writes with whoever applies.
        mo.patch(&application, read.etag(), json!({ "title": "Mine" })).refused(403, "forbidden");
        let lin = web.newcomer("lin@lab.example", "Lin");
        rea.post(&team, json!({ "email": "lin@lab.example", "name": "Lin" })).ok();
        lin.command(&asked_to(&lin, "/accept")).ok();
        let seen = lin.get(&application);
        let wrote = lin.patch(&application, seen.etag(), json!({ "body": "We grind it twice." }));
        assert_eq!(wrote.ok()["body"], "We grind it twice.");
        // Whoever read it before is not overwritten in silence.
        let late = rea.patch(&application, seen.etag(), json!({ "body": "Once." }));
        late.refused(412, "edited_meanwhile");
        let versions = rea.get(&format!("{application}/versions")).ok();
        assert_eq!(versions["items"][0]["saved_by"]["name"], "Lin", "{versions}");
        // Who may come across it, and what comes from earlier answers, is the applicant's to say.
        let now = lin.get(&application).etag().to_owned();
        let public = if rea.get(&application).ok()["visibility"] == "public" { "private" }
            else { "public" };
        let refused = lin.patch(&application, &now, json!({ "visibility": public }));
        refused.wrong_fields(&["/visibility"]);
        let refused = lin.patch(&application, &now, json!({ "confirm": ["x"] }));
        refused.wrong_fields(&["/confirm", "/confirm/0"]);
        let stale = rea.send("POST", &format!("{application}/submit"),
            &[("If-Match", seen.etag())], Some(b"{}".to_vec()));
        stale.refused(412, "edited_meanwhile");
        for act in ["submit", "withdraw"] {
            lin.command(&format!("{application}/{act}")).refused(403, "forbidden");
        }
        mo.command(&format!("{application}/submit")).refused(403, "forbidden");
        rea.command(&asked_to(&rea, "/submit")).ok();
        assert_eq!(mo.get(&application).ok()["status"], "submitted");
        let hidden = ["/reviews", "/screening", "/similar"].map(|r| format!("{application}{r}"));
        out_of_sight(&mo, &hidden);
        // An invitation to the address of the account is in it, too.
        let sam = web.newcomer("sam@home.example", "Sam");
        field.desk.admin.post(&format!("{application}/request-changes"),
            json!({ "reason": "Who else?" })).ok();
        rea.post(&team, json!({ "email": "sam@home.example", "name": "Sam" })).ok();
        let no = asked_to(&sam, "/accept").replace("/accept", "/decline");
        assert_eq!(sam.get(&application).ok()["title"], "A quiet lens");
        sam.command(&no).ok();
        out_of_sight(&sam, &[application.clone(), team.clone()]);
        assert_eq!(asked(&sam), Vec::<String>::new());
        // One leaves by the same seat.
        mo.command(&format!("/api/v1{page}/decline")).ok();
        out_of_sight(&mo, &[application, team]);
        web.every_link_leads_to_a_page();
    }
}
