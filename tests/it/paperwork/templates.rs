//! Versions of templates.

use super::*;

const FIRST: &str = include_str!("../../../src/paperwork/templates/agreement-1.md");

fn make(who: &Client, title: &str, body: &str) -> Reply {
    who.post("/api/v1/templates", json!({ "title": title, "body": body }))
}

both! {
    fn new_versions_are_used_from_then_on(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let admin = &office.desk.admin;
        assert_eq!(admin.get("/api/v1/templates").ok()["items"], json!([]));
        let early = office.grant();
        let listed = admin.get("/api/v1/templates").ok();
        assert_eq!((&listed["items"][0]["number"], &listed["items"][0]["created_by"]),
            (&json!(1), &Value::Null));
        assert_eq!(listed["items"][0]["body"], FIRST);
        let body = FIRST.replace("# Grant agreement", "# Grant agreement of 2027");
        let made = make(admin, "For 2027", &body);
        assert_eq!(made.status, 201);
        assert_eq!((&made.json()["number"], &made.json()["created_by"]),
            (&json!(2), &json!(admin.id())));
        let late = office.grant();
        let text = |grant: &Grant<'_>| admin.get(&grant.at("/agreement/text")).text();
        assert!(text(&early).starts_with("# Grant agreement\n"));
        assert!(text(&late).starts_with("# Grant agreement of 2027\n"));
        assert_eq!(admin.get(&late.at("/agreement")).ok()["template"], 2);
        let page = admin.get("/api/v1/templates?limit=1").ok();
        assert_eq!(page["items"][0]["number"], 2);
        let next = page["next"].as_str().expect("another page");
        let rest = admin.get(&format!("/api/v1/templates?limit=1&after={next}")).ok();
        assert_eq!((&rest["items"][0]["number"], &rest["next"]), (&json!(1), &Value::Null));
    }

    fn templates_are_for_admins_and_strict(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let auditor = web.with_role("Audrey", Role::Auditor);
        assert_eq!(auditor.get("/api/v1/templates").status, 200);
        for who in [&auditor, &desk.finance, &web.person("Ada")] {
            make(who, "Mine", FIRST).refused(403, "forbidden");
        }
        desk.finance.get("/api/v1/templates").refused(403, "forbidden");
        web.anonymous().get("/api/v1/templates").refused(401, "unauthenticated");
        make(&desk.admin, "", "").wrong_fields(&["/title", "/body"]);
        make(&desk.admin, "x", "hello").wrong_fields(&["/body"]);
        let wrong = |line: &str, why: &str| {
            let refused = make(&desk.admin, "x", &format!("{line}\n{FIRST}"));
            let problem = refused.wrong_fields(&["/body"]);
            let message = problem["fields"][0]["message"].as_str().expect("text").to_owned();
            assert!(message.contains("line 1") && message.contains(why), "{message}");
        };
        wrong("{{grantor}}", "there is no placeholder “grantor”");
        wrong("{{title", "not closed");
        wrong("title}}", "no “{{”");
        wrong("For {{purpose}}", "a line of its own");
        make(&desk.admin, "x", &"x".repeat(100_001)).wrong_fields(&["/body"]);
        let more = json!({ "title": "x", "body": FIRST, "number": 9 });
        desk.admin.post("/api/v1/templates", more).wrong_fields(&["/number"]);
        assert_eq!(count(&web, "SELECT COUNT(*) FROM templates"), 0);
    }

    fn many_hands_make_each_version_once(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        // The first awards at the same moment share the first version.
        let applications: Vec<String> =
            (0..4).map(|_| office.application("Notes", "How it computes.", "")).collect();
        let replies = threads(4, |n| office.award(&applications[n], json!({})));
        replies.iter().for_each(|r| drop(r.ok()));
        assert_eq!(count(&web, "SELECT COUNT(*) FROM templates"), 1);
        assert_eq!(count(&web, "SELECT COUNT(*) FROM agreements"), 4);
        let replies = threads(6, |_| make(&office.desk.admin, "Next", FIRST));
        let made = replies.iter().filter(|r| r.status == 201).count();
        assert!(made >= 1);
        for refused in replies.iter().filter(|r| r.status != 201) {
            refused.refused(409, "already_exists");
        }
        let versions = 1 + i64::try_from(made).expect("few");
        assert_eq!(count(&web, "SELECT MAX(number) FROM templates"), versions);
        assert_eq!(count(&web, "SELECT COUNT(*) FROM templates"), versions);
    }
}
