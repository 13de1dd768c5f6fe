//! Signing: who, for whom, what was shown, and many hands at once.

use super::*;

both! {
    fn both_sides_sign_and_leave_evidence(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let headers = [("User-Agent", "Quill 1.0")];
        let form = json!({
            "typed_name": " Ada Lovelace ", "consent": true, "sha256": grant.sha256(),
        });
        let path = grant.at("/agreement/sign");
        let one = office.ada.send("POST", &path, &headers, Some(form.to_string().into_bytes()));
        let view = one.ok();
        assert_eq!((&view["status"], &view["signed_at"]), (&json!("open"), &Value::Null));
        let mine = &view["signatures"][0];
        let expected = json!({
            "party": "recipient", "person_id": office.ada.id(), "typed_name": "Ada Lovelace",
            "consent": "consent-1", "sha256": view["sha256"], "signed_at": "2026-11-02T09:00:00Z",
            "address": "127.0.0.1", "agent": "Quill 1.0", "authenticated": mine["authenticated"],
        });
        assert_eq!(*mine, expected);
        assert!(mine["authenticated"].as_str().expect("text").starts_with("signed in, session 0"));
        assert_eq!(grant.requirement_status("agreement"), "open");
        t.clock.advance_seconds(60);
        let both = grant.sign(&office.desk.admin).ok();
        assert_eq!(both["status"], "signed");
        assert_eq!(both["signed_at"], "2026-11-02T09:01:00Z");
        assert_eq!(both["signatures"][1]["party"], "sponsor");
        assert_eq!(grant.requirement_status("agreement"), "satisfied");
        assert_eq!(grant.status(), "awarded", "there is no payee yet");
        let found = grant.verification();
        assert_eq!((&found["valid"], &found["complete"]), (&json!(true), &json!(true)));
        assert_eq!(found["faults"], json!([]));
        // Where somebody signed from concerns themselves and staff, nobody else.
        let seen = |who: &Client| {
            let view = who.get(&grant.at("/agreement")).ok();
            let check = who.get(&grant.at("/agreement/verification")).ok();
            [0, 1].map(|n| {
                let hidden = view["signatures"][n]["address"].is_null();
                assert_eq!(hidden, view["signatures"][n]["agent"].is_null());
                assert_eq!(hidden, view["signatures"][n]["authenticated"].is_null());
                assert_eq!(hidden, check["signatures"][n]["address"].is_null());
                !hidden
            })
        };
        assert_eq!(seen(&office.ada), [true, false]);
        assert_eq!(seen(&office.rhea), [false, false]);
        assert_eq!(seen(&office.desk.admin), [true, true]);
        assert_eq!(seen(&office.desk.finance), [true, true]);
    }

    fn what_is_no_signature(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let path = grant.at("/agreement/sign");
        let good = json!({ "typed_name": "Ada", "consent": true, "sha256": grant.sha256() });
        let with = |field: &str, value: Value| {
            let mut form = good.clone();
            form[field] = value;
            office.ada.post(&path, form)
        };
        with("consent", json!(false)).wrong_fields(&["/consent"]);
        with("consent", json!("yes")).wrong_fields(&["/consent"]);
        with("typed_name", json!("")).wrong_fields(&["/typed_name"]);
        with("typed_name", json!("x")).wrong_fields(&["/typed_name"]);
        with("typed_name", json!("a\nb")).wrong_fields(&["/typed_name"]);
        with("typed_name", json!("x".repeat(201))).wrong_fields(&["/typed_name"]);
        for another in ["Mickey Mouse", "A. L.", "Adam"] {
            let said = with("typed_name", json!(another)).wrong_fields(&["/typed_name"]);
            assert!(said.to_string().contains("type your own name"), "{said}");
        }
        with("sha256", json!("0".repeat(64))).wrong_fields(&["/sha256"]);
        with("sha256", json!("")).wrong_fields(&["/sha256"]);
        with("party", json!("sponsor")).wrong_fields(&["/party"]);
        let all = json!({ "typed_name": " ", "consent": false, "sha256": "?" });
        office.ada.post(&path, all).wrong_fields(&["/typed_name", "/consent", "/sha256"]);
        office.ada.post(&path, json!({ "typed_name": "Ada" })).wrong_fields(&["/consent"]);
        for who in [&office.rhea, &office.desk.finance, &web.with_role("Audrey", Role::Auditor)] {
            grant.sign(who).refused(403, "forbidden");
        }
        web.person("Eve").post(&path, good.clone()).refused(404, "not_found");
        web.anonymous().post(&path, good.clone()).refused(401, "unauthenticated");
        // A token is nobody's hand.
        let asked = json!({ "name": "script", "expires_in_days": 1,
            "scopes": ["grants:read", "grants:write"] });
        let mut script = office.ada.clone();
        let made = office.ada.post("/api/v1/me/access-tokens", asked).ok();
        script.token = made["token"].as_str().map(str::to_owned);
        assert_eq!(script.get(&grant.at("/agreement")).status, 200);
        script.post(&path, good.clone()).refused(403, "scope_missing");
        assert_eq!(count(&web, "SELECT COUNT(*) FROM signatures"), 0);
        // What has ended is not signed.
        let reason = json!({ "reason": "They have moved on." });
        office.desk.admin.post(&grant.at("/cancel"), reason).ok();
        office.ada.post(&path, good).refused(409, "wrong_state");
    }

    fn two_sides_are_two_persons(t: &Harness) {
        let web = t.serve();
        let office = Office::open_for(&web, web.with_role("Ada", Role::Admin));
        let grant = office.grant();
        // An admin who receives the grant signs for themselves, and not again for the sponsor.
        assert_eq!(grant.sign(&office.ada).ok()["signatures"][0]["party"], "recipient");
        grant.sign(&office.ada).refused(409, "already_exists");
        // One who is on the team does not sign for the sponsor either.
        let mate = web.with_role("Mo", Role::Admin);
        let other = Office { call: office.call.clone(), budget: office.budget.clone(),
            ada: office.ada.clone(), rhea: office.rhea.clone(), desk: web.desk(), };
        let application = other.team_application(&mate);
        let theirs = Grant { office: &other, id: other.award(&application, json!({})).id() };
        theirs.sign(&mate).refused(403, "two_persons");
        assert_eq!(theirs.sign(&other.desk.admin).ok()["signatures"][0]["party"], "sponsor");
        // Once is enough, also for the sponsor.
        let late = web.with_role("Late", Role::Admin);
        theirs.sign(&late).refused(409, "wrong_state");
        theirs.sign(&other.desk.admin).refused(409, "already_exists");
        assert_eq!(grant.sign(&late).ok()["status"], "signed");
        grant.sign(&office.desk.admin).refused(409, "wrong_state");
    }

    fn many_hands_sign_once(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        for _ in 0..4 {
            let grant = office.grant();
            // The first name of both.
            let form = json!({ "typed_name": "Ada", "consent": true, "sha256": grant.sha256() });
            let path = grant.at("/agreement/sign");
            // Four clicks on each side at the same moment.
            let replies = threads(8, |n| {
                let who = if n % 2 == 0 { &office.ada } else { &office.desk.admin };
                who.post(&path, form.clone())
            });
            let done: Vec<usize> =
                (0..8).filter(|n| replies[*n].status == 200).collect();
            assert_eq!(done.len(), 2, "{:?}", replies.iter().map(Reply::text).collect::<Vec<_>>());
            assert_eq!(done[0] % 2 + done[1] % 2, 1, "one on each side");
            for refused in replies.iter().filter(|r| r.status != 200) {
                assert_eq!(refused.status, 409, "{}", refused.text());
            }
            let found = grant.verification();
            assert_eq!((&found["valid"], &found["complete"]), (&json!(true), &json!(true)));
            assert_eq!(grant.requirement_status("agreement"), "satisfied");
        }
        assert_eq!(count(&web, "SELECT COUNT(*) FROM signatures"), 8);
        let told = "SELECT COUNT(*) FROM events WHERE name = 'agreement_signed'";
        assert_eq!(count(&web, told), 4);
        // A double click with one key is one signature and one answer.
        let grant = office.grant();
        let form = json!({ "typed_name": "Ada", "consent": true, "sha256": grant.sha256() });
        let path = grant.at("/agreement/sign");
        let replies = threads(4, |_| office.ada.post_key(&path, "one-key", form.clone()));
        let good: Vec<&Reply> = replies.iter().filter(|r| r.status == 200).collect();
        assert!(!good.is_empty() && good.iter().all(|r| r.bytes == good[0].bytes));
        assert_eq!(count(&web, "SELECT COUNT(*) FROM signatures"), 9);
    }
}

impl Office<'_> {
    /// An application with an offer on it, and a team mate who has said yes.
    fn team_application(&self, mate: &Client) -> String {
        let form = json!({
            "call_id": self.call, "title": "Together", "summary": "Two of us.", "body": "In full.",
            "amount_minimum": usd("900.00"), "amount_requested": usd("900.00"),
            "budget_lines": [{ "label": "All of it", "amount": usd("900.00") }],
            "duration_months": 12, "visibility": "public",
        });
        let id = self.ada.post("/api/v1/applications", form).id();
        let members = format!("/api/v1/applications/{id}/members");
        let asked = json!({ "email": mate.email, "name": "Mate" });
        let member = self.ada.post(&members, asked).id();
        mate.command(&format!("{members}/{member}/accept")).ok();
        self.ada.command(&format!("/api/v1/applications/{id}/submit")).ok();
        self.desk.admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        let offer = json!({ "budget_id": self.budget, "amount": usd("900.00") });
        self.rhea.post(&format!("/api/v1/applications/{id}/offers"), offer).ok();
        id
    }
}
