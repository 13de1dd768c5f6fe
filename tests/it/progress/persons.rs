//! Who may do what to reports and checkpoints: exactly these, and nobody decides about their own.

use super::*;
use crate::support::Harness;
use almoner::kernel::actor::Role;

/// What is there to act on.
struct Open {
    grant: String,
    /// Submitted.
    report: Value,
    /// Begun.
    draft: Value,
    /// Reported by the recipient.
    checkpoint: Value,
}

const ACTS: [&str; 10] = [
    "list reports",
    "ask",
    "edit",
    "submit",
    "accept",
    "return",
    "list checkpoints",
    "add",
    "see",
    "decide",
];

impl Open {
    fn act(&self, who: &Client, act: &str) -> Reply {
        let list = |what: &str| who.get(&format!("/api/v1/grants/{}/{what}", self.grant));
        match act {
            "list reports" => list("reports"),
            "list checkpoints" => list("checkpoints"),
            "edit" => write_over(who, &self.draft, &self.draft["version"], "Mine."),
            "submit" => who.command(&path("reports", &self.draft, "/submit")),
            "accept" => accept(who, &self.report),
            "return" => {
                let form = json!({ "feedback": "And why?" });
                who.post(&path("reports", &self.report, "/return"), form)
            }
            "ask" => ask(who, &self.grant, "2027-01-01"),
            "add" => add(who, &self.grant, "2027-01-01", "A lens."),
            "see" => see(who, &self.checkpoint),
            _ => decide(who, &self.checkpoint, "continue"),
        }
    }
    /// Refused everything but these; nothing changes.
    #[track_caller]
    fn only(&self, payday: &Payday<'_>, who: &Client, may: &[&str], status: u16, code: &str) {
        let before = look(payday, &self.grant);
        for act in ACTS.iter().filter(|act| !may.contains(act)) {
            let reply = self.act(who, act);
            assert_eq!(reply.status, status, "{act}: {}", reply.text());
            reply.refused(status, code);
        }
        assert_eq!(look(payday, &self.grant), before);
        for list in ["list reports", "list checkpoints"] {
            if may.contains(&list) {
                self.act(who, list).ok();
            }
        }
    }
}

fn open(payday: &Payday<'_>, team: &[&Client]) -> Open {
    let plan = planned(&[("1.00", "on_report"), ("2.00", "on_report"), ("4.00", "on_checkpoint")]);
    let grant = payday.active(plan, team);
    let reports = all(payday, &grant, "reports");
    for (report, steps) in reports.iter().zip([&["edit", "submit"][..], &["edit"]]) {
        for step in steps {
            act(payday, report, step).ok();
        }
    }
    let checkpoint = open_checkpoint(payday, &grant);
    see(&payday.ada, &checkpoint).ok();
    let [report, draft] = [0, 1].map(|n| now(payday, &reports[n], "reports"));
    Open { grant, report, draft, checkpoint }
}

/// Grants or removes a role, which ends all sessions; the same person, signed in again.
fn role(payday: &Payday<'_>, who: &Client, role: &str, act: &str) -> Client {
    let path = format!("/api/v1/people/{}/{act}-role", who.id());
    payday.field.desk.admin.post(&path, json!({ "role": role })).ok();
    // Each code of a second factor is good once.
    payday.web.env().clock.advance_seconds(90);
    payday.web.sign_in(who.clone())
}

both! {
    fn each_may_do_exactly_this(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let tom = web.person("Tom Team");
        let it = open(&payday, &[&tom]);
        let lists = ["list reports", "list checkpoints"];
        let writes = ["edit", "submit", "see", lists[0], lists[1]];
        for who in [&payday.ada, &tom] {
            it.only(&payday, who, &writes, 403, "forbidden");
        }
        let decides = ["ask", "accept", "return", "add", "decide", lists[0], lists[1]];
        it.only(&payday, &payday.field.desk.admin, &decides, 403, "forbidden");
        let backs = ["ask", "accept", "return", "add", "decide", "see", lists[0], lists[1]];
        it.only(&payday, &payday.backer.who, &backs, 403, "forbidden");
        let auditor = web.with_role("Aud Itor", Role::Auditor);
        for who in [&payday.fia, &auditor] {
            it.only(&payday, who, &lists, 403, "forbidden");
        }
        let other = payday.field.backer("10.00").who;
        let funder = web.with_role("Fun Der", Role::Funder);
        let reviewer = web.with_role("Re Viewer", Role::Reviewer);
        for who in [&other, &funder, &reviewer, &web.person("Passer By")] {
            it.only(&payday, who, &[], 404, "not_found");
            // What is hidden answers like what is not there.
            let nothing = json!({ "id": NOBODY, "version": 1 });
            let hidden = it.act(who, "edit").refused(404, "not_found");
            let missing = write_over(who, &nothing, &json!(1), "x").refused(404, "not_found");
            assert_eq!(hidden["detail"], missing["detail"]);
            let hidden = it.act(who, "see").refused(404, "not_found");
            assert_eq!(hidden["detail"], see(who, &nothing).refused(404, "not_found")["detail"]);
            let hidden = it.act(who, "list reports").refused(404, "not_found");
            let missing = who.get(&format!("/api/v1/grants/{NOBODY}/reports"));
            assert_eq!(hidden["detail"], missing.refused(404, "not_found")["detail"]);
        }
        it.only(&payday, &web.anonymous(), &[], 401, "unauthenticated");
        // And those who may, do.
        it.act(&tom, "edit").ok();
        let backer = &payday.backer.who;
        for (who, act) in [(&tom, "submit"), (&tom, "see"), (backer, "ask"), (backer, "add"),
            (backer, "return"), (&payday.field.desk.admin, "decide")] {
            it.act(who, act).ok();
        }
    }

    fn who_made_a_private_offer_is_not_named_by_what_they_decide(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (ada, shy) = (&payday.ada, &payday.backer);
        let open = payday.field.backer("100.00");
        let application = payday.field.applies(ada, "30.00", "30.00");
        shy.offer_with(&application, "20.00", json!({ "private": true })).ok();
        open.offer(&application, "10.00").ok();
        let plan = planned(&[("10.00", "on_report"), ("20.00", "on_checkpoint")]);
        let grant = payday.field.award(&application, plan).id();
        web.work();
        payday.activate(ada, &payday.payee, &grant);
        let report = all(&payday, &grant, "reports").remove(0);
        for step in ["edit", "submit", "return"] {
            act(&payday, &report, step).ok();
        }
        let checkpoint = open_checkpoint(&payday, &grant);
        see(&shy.who, &checkpoint).ok();
        let named = |who: &Client| {
            let secret = shy.who.id().to_string();
            [("reports", &report), ("checkpoints", &checkpoint)].map(|(what, it)| {
                let tells = |at: &str| who.get(at).ok().to_string().contains(&secret);
                let listed = tells(&format!("/api/v1/grants/{grant}/{what}"));
                assert_eq!(tells(&path(what, it, "")), listed, "{what}");
                listed
            })
        };
        for who in [ada, &open.who] {
            assert_eq!(named(who), [false, false]);
        }
        for who in [&shy.who, &payday.field.desk.admin] {
            assert_eq!(named(who), [true, true]);
        }
        // Nor by answers, refusals and mails.
        for step in ["edit", "submit"] {
            assert_eq!(act(&payday, &report, step).ok()["decided_by"], Value::Null);
        }
        let late = see_over(ada, &checkpoint, Some("\"v1\""), "It broke.");
        let late = late.refused(412, "edited_meanwhile")["detail"].clone();
        assert!(late.as_str().is_some_and(|text| text.starts_with("It is now")), "{late}");
        let mails = letters(&payday, &open.who);
        let mail = mails.iter().find(|(subject, _)| subject.ends_with("waits for a decision"));
        let words: Vec<&str> = mail.expect("a mail").1.split_whitespace().collect();
        assert!(words.join(" ").contains("written down by one of those who pay."), "{words:?}");
        let decided = decide(&open.who, &checkpoint, "continue").ok();
        assert_eq!(decided["reported_by"], Value::Null);
        assert_eq!(decided["decided_by"], json!(open.who.id()));
    }

    fn nobody_decides_about_their_own(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let tom = web.person("Tom Team");
        let it = open(&payday, &[&tom]);
        for who in [&payday.ada, &tom] {
            let who = role(&payday, who, "admin", "grant");
            let writes = ["edit", "submit", "see", "list reports", "list checkpoints"];
            it.only(&payday, &who, &writes, 403, "two_persons");
        }
    }

    fn who_declared_a_conflict_decides_nothing(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let it = open(&payday, &[]);
        let application = payday.field.grant(&it.grant)["application_id"].clone();
        let application = application.as_str().expect("an id");
        let path = format!("/api/v1/applications/{application}/conflicts");
        let (backer, admin) = (&payday.backer.who, &payday.field.desk.admin);
        let reads = ["edit", "submit", "add", "see", "list reports", "list checkpoints"];
        for who in [backer, admin, &payday.fia] {
            who.post(&path, json!({ "reason": "She is my sister." })).ok();
        }
        for act in ACTS.iter().filter(|act| !reads.contains(act)) {
            for who in [backer, admin] {
                it.act(who, act).refused(403, "conflict_of_interest");
            }
        }
        let fia = &payday.fia;
        let at = |rest: &str| format!("/api/v1/grants/{}/{rest}", it.grant);
        fia.command(&at("tranches/1/release")).refused(403, "conflict_of_interest");
        let why = json!({ "reason": "x" });
        admin.post(&at("pause"), why.clone()).refused(403, "conflict_of_interest");
        admin.post(&at("requirements/screening/waive"), why)
            .refused(403, "conflict_of_interest");
        assert_eq!(tranches(&payday, &it.grant), ["planned"; 3]);
        payday.check();
    }

    fn who_is_no_regrantor_any_more_backs_nothing(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let it = open(&payday, &[]);
        it.act(&payday.backer.who, "list reports").ok();
        let once = role(&payday, &payday.backer.who, "regrantor", "remove");
        it.only(&payday, &once, &[], 404, "not_found");
        let again = role(&payday, &once, "regrantor", "grant");
        it.act(&again, "accept").ok();
    }
}
