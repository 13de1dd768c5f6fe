//! The page behind the link of a mail, in a browser: people log in, write, and answer there. The
//! window is opened after the service, and so closed before it: it keeps connections.

use crate::support::Harness;
use crate::support::browser::Browser;
use crate::support::desk::usd;
use crate::support::device;
use crate::support::web::{Client, PASSWORD};
use almoner::kernel::actor::Role;
use almoner::platform::auth::totp;
use serde_json::json;

/// Waits until the page says this.
#[track_caller]
fn says(page: &mut Browser, words: &str) {
    let said = "document.getElementById('said').textContent";
    page.until(&format!("{said}.includes({})", json!(words)));
}

fn value(page: &mut Browser, id: &str) -> String {
    let value = page.look(&format!("document.getElementById('{id}').value"));
    value.as_str().unwrap_or_default().to_owned()
}

#[track_caller]
fn logs_in(page: &mut Browser, who: &Client) {
    page.awaits("login");
    page.types("email", &who.email);
    page.types("password", PASSWORD);
    page.press("#login [type=submit]");
}

/// Types what the device shows, as it shows it: with a space.
#[track_caller]
fn shows_code(page: &mut Browser, who: &Client) {
    page.awaits("factor");
    let code = who.device().code().expect("a code is left");
    page.types("code", &format!("{} {}", &code[..3], &code[3..]));
    page.press("#login [type=submit]");
}

/// Logs in, and enrols a factor, up to its recovery codes; its secret.
#[track_caller]
fn enrols(page: &mut Browser, t: &Harness, who: &Client) -> totp::Secret {
    logs_in(page, who);
    page.awaits("prove");
    page.types("enrol-password", PASSWORD);
    page.press("#enrol [type=submit]");
    page.awaits("device");
    let secret = device::secret(&page.text("secret").replace(' ', ""));
    page.types("enrol-code", secret.code(totp::step(t.clock.now())).as_str());
    page.press("#enrol [type=submit]");
    page.awaits("kept");
    assert_eq!(page.look("document.querySelectorAll('#codes li').length"), json!(10));
    secret
}

both! {
    fn who_takes_long_to_vouch_loses_nothing(t: &Harness) {
        let mut config = t.config();
        config.auth.access_token_minutes = 15;
        let web = t.serve_with(config);
        let Some(mut page) = Browser::start() else { return };
        let field = web.field();
        let (rea, vera) = (web.person("Rea"), web.person("Vera"));
        let id = field.applies(&rea, "1.00", "9.00");
        let form = json!({ "email": "vera@work.example", "name": "Vera", "message": "Please." });
        rea.post(&format!("/api/v1/applications/{id}/vouch-requests"), form).ok();
        let (path, token) = web.mail("vera@work.example", "Would you vouch").asks(&web);
        // What another link shows is not answered at this address.
        let mal = web.person("Mal");
        let other = field.applies(&mal, "1.00", "9.00");
        let form = json!({ "email": "mal@home.example", "name": "Mal", "message": "Harmless." });
        mal.post(&format!("/api/v1/applications/{other}/vouch-requests"), form).ok();
        let (_, harmless) = web.mail("mal@home.example", "Would you vouch").asks(&web);
        page.open(&format!("{}{path}#token={harmless}", web.url));
        says(&mut page, "This link is not complete");
        assert!(!page.sees("asked") && !page.sees("vouch"));
        page.open(&format!("{}{path}#token={token}", web.url));
        // What is asked stands there, also for who logs in with another address.
        page.awaits("asked");
        let asked = page.text("asked");
        for words in ["Rea applies for a grant, and asks you to vouch", "To see further", "Please."]
        {
            assert!(asked.contains(words), "{asked}");
        }
        assert_eq!(page.text("title"), "A better lens");
        logs_in(&mut page, &vera);
        page.awaits("vouch");
        assert!(page.sees("asked"));
        assert_eq!(page.text("said"), "");
        page.press("[name=scopes]");
        page.types("how-known", "We shared a lab.");
        // The session is ended from elsewhere: they log in anew, and it is still there.
        web.sign_in(vera.clone()).command("/api/v1/me/sessions/end-others").ok();
        page.press("#vouch [type=submit]");
        says(&mut page, "log in again");
        assert!(!page.sees("vouch"));
        logs_in(&mut page, &vera);
        page.awaits("vouch");
        assert_eq!(value(&mut page, "how-known"), "We shared a lab.");
        // An access token that ran out is replaced, and nobody sees it.
        t.clock.advance_seconds(20 * 60);
        page.press("#vouch [type=submit]");
        says(&mut page, "it is signed");
        let made = web.sign_in(vera).get("/api/v1/me/vouches").ok();
        assert_eq!(made["items"][0]["how_known"], "We shared a lab.");
    }

    fn both_sides_of_delegations_stand_on_one_page(t: &Harness) {
        let web = t.serve();
        let Some(mut page) = Browser::start() else { return };
        let (rea, olly) = (web.person("Rea"), web.person("Olly"));
        let asks = |who: &Client, email: &str| {
            let form = json!({ "email": email, "scopes": ["draft"], "expires_on": "2027-06-30" });
            who.post("/api/v1/me/delegates", form).id()
        };
        let acts = asks(&rea, &olly.email);
        olly.command(&format!("/api/v1/delegations/{acts}/accept")).ok();
        let silent = asks(&rea, "silent@work.example");
        let asked = asks(&olly, &rea.email);
        page.open(&format!("{}/delegations", web.url));
        logs_in(&mut page, &rea);
        // Each is named by the other one, and leads to it.
        for (id, name) in [(&asked, "Olly"), (&acts, "Olly"), (&silent, "silent@work.example")] {
            let link = format!("document.querySelector(\"#facts a[href='/delegations/{id}']\")");
            page.until(&format!("{link}?.textContent === {}", json!(name)));
        }
        let heads = "[...document.querySelectorAll('#facts h2')].map((h) => h.textContent).join()";
        assert_eq!(page.look(heads), json!("You act for,Who acts for you"));
        // Who makes none and looks after none has no list of offers.
        let offers = "document.querySelector(\"#places a[href='/offers']\") === null";
        assert_eq!(page.look(offers), json!(true));
        page.press(&format!("#facts a[href='/delegations/{acts}']"));
        page.until("document.getElementById('facts').textContent.includes('accepted')");
        assert_eq!(page.look("location.pathname"), json!(format!("/delegations/{acts}")));
    }

    fn an_invitation_that_can_only_be_declined_leads_to_its_page(t: &Harness) {
        let web = t.serve();
        let Some(mut page) = Browser::start() else { return };
        let field = web.field();
        let (rea, una) = (web.person("Rea"), web.with_role("Una", Role::Reviewer));
        let at = format!("/applications/{}", field.applies(&rea, "1.00", "9.00"));
        let asked = json!({ "person_id": una.id() });
        field.desk.admin.post(&format!("/api/v1{at}/reviewers"), asked).ok();
        let form = json!({ "email": una.email, "name": "Una" });
        let seat = format!("{at}/members/{}", rea.post(&format!("/api/v1{at}/members"), form).id());
        let next = una.get("/api/v1/me/next").text();
        assert!(next.contains(&format!("/api/v1{seat}/decline")), "{next}");
        page.open(&format!("{}/", web.url));
        logs_in(&mut page, &una);
        page.awaits("todo");
        page.press(&format!("#todo a[href='{seat}']"));
        page.awaits("answer");
        assert_eq!(page.look("location.pathname"), json!(seat));
    }

    fn what_has_no_name_is_shown_and_files_are_kept(t: &Harness) {
        let web = t.serve();
        let Some(mut page) = Browser::start() else { return };
        let field = web.field();
        let (admin, rea) = (&field.desk.admin, web.person("Rea"));
        let una = web.with_role("Una", Role::Reviewer);
        let question = json!({ "key": "cv", "label": "Who are you?", "kind": "file" });
        let form = json!({ "questions": [question] }).to_string().into_bytes();
        let path = format!("/api/v1/calls/{}/form", field.call);
        admin.send("PUT", &path, &[("If-Match", "\"v0\"")], Some(form)).ok();
        let id = rea.post("/api/v1/applications", json!({
            "call_id": field.call, "title": "A better lens", "summary": "See.", "body": "Grind.",
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }], "duration_months": 12,
        })).id();
        let at = |rest: &str| format!("/api/v1/applications/{id}{rest}");
        let kind = [("Content-Type", "text/plain")];
        let cv = rea.send("POST", &at("/attachments?name=cv.txt"), &kind, Some(b"Me.".to_vec()));
        let etag = rea.get(&at("")).etag().to_owned();
        rea.patch(&at(""), &etag, json!({ "answers": { "cv": cv.id() } })).ok();
        rea.command(&at("/submit")).ok();
        admin.command(&at("/open")).ok();
        let word = json!({ "visibility": "applicant_and_funders", "body": "We wait." });
        rea.post(&at("/comments"), word).ok();
        let review = admin.post(&at("/reviewers"), json!({ "person_id": una.id() })).id();
        let own = format!("/api/v1/reviews/{review}");
        let score = |key: &str| json!({ "key": key, "score": 4, "comment": "Because." });
        let scores = ["merit", "feasibility", "team", "value"].map(score);
        let said = json!({ "scores": scores, "comment": "Canary.", "recommendation": "fund" });
        una.patch(&own, una.get(&own).etag(), said).ok();
        una.command(&format!("{own}/submit")).ok();
        let facts = |page: &mut Browser, words: &str| {
            let facts = "document.getElementById('facts').textContent";
            page.until(&format!("{facts}.includes({})", json!(words)));
        };
        page.open(&format!("{}/applications/{id}/comments", web.url));
        logs_in(&mut page, &rea);
        facts(&mut page, "We wait.");
        t.clock.advance_seconds(60);
        page.open(&format!("{}/applications/{id}/reviews", web.url));
        logs_in(&mut page, admin);
        shows_code(&mut page, admin);
        // Also what they come to.
        for words in ["Canary.", "Una", "disagreement"] {
            facts(&mut page, words);
        }
        page.open(&format!("{}/reviews/{review}/application", web.url));
        logs_in(&mut page, &una);
        facts(&mut page, "cv.txt");
        let links = "document.querySelectorAll(\"#facts a[href*='/attachments/']\").length";
        assert_eq!(page.look(links), json!(2), "as the answer, and among the files");
        page.look("void (URL.createObjectURL = ((make) => (file) => { file.text().then((text) => \
            { window.kept = text; }); return make.call(URL, file); })(URL.createObjectURL))");
        page.press("#facts a[href*='/attachments/']");
        page.until("window.kept === 'Me.'");
        assert_eq!(page.look("location.pathname"), json!(format!("/reviews/{review}/application")));
    }

    fn who_needs_a_factor_enrols_one_on_the_page(t: &Harness) {
        let web = t.serve();
        let Some(mut page) = Browser::start() else { return };
        let (admin, reg) = (web.desk().admin, web.person("Reg"));
        let role = json!({ "role": "regrantor" });
        admin.post(&format!("/api/v1/people/{}/grant-role", reg.id()), role).ok();
        page.open(&format!("{}/", web.url));
        enrols(&mut page, t, &reg);
        page.press("#enrol [type=submit]");
        // Then the page goes on to what was asked for, of which the same session may know now.
        page.awaits("todo");
        assert!(!page.sees("enrol"));
        assert_eq!(page.text("codes"), "");
    }

    fn recovery_codes_stay_for_whose_they_are(t: &Harness) {
        let web = t.serve();
        let Some(mut page) = Browser::start() else { return };
        let (admin, reg, bob) = (web.desk().admin, web.person("Reg"), web.person("Bob"));
        // Whoever gets a role logs in anew.
        let grant = |role: &str| {
            let path = format!("/api/v1/people/{}/grant-role", reg.id());
            admin.post(&path, json!({ "role": role })).ok();
        };
        let ends = |page: &mut Browser, role: &str| {
            grant(role);
            page.look("void dispatchEvent(new PopStateEvent('popstate'))");
            says(page, "log in again");
        };
        grant("regrantor");
        page.open(&format!("{}/", web.url));
        let secret = enrols(&mut page, t, &reg);
        let codes = page.text("codes");
        t.clock.advance_seconds(60);
        ends(&mut page, "reviewer");
        assert_eq!(page.text("codes"), codes);
        logs_in(&mut page, &reg);
        page.awaits("factor");
        page.types("code", secret.code(totp::step(t.clock.now())).as_str());
        page.press("#login [type=submit]");
        page.awaits("places");
        assert!(page.sees("kept"));
        assert_eq!(page.text("codes"), codes);
        // Nobody else finds them there.
        ends(&mut page, "funder");
        logs_in(&mut page, &bob);
        page.awaits("places");
        assert!(!page.sees("enrol"));
        assert_eq!(page.text("codes"), "");
    }

    fn who_decides_is_asked_for_the_factor_again(t: &Harness) {
        let web = t.serve();
        let Some(mut page) = Browser::start() else { return };
        let field = web.field();
        let admin = &field.desk.admin;
        let backer = field.backer_with("100.00", json!({ "approval_threshold": usd("1.00") }));
        let id = field.application("10.00", "20.00");
        let offer = backer.offer(&id, "20.00").id();
        let address = format!("{}/offers/{offer}", web.url);
        t.clock.advance_seconds(60);
        // Nobody is asked to decide on their own, nor who may not.
        for who in [&field.desk.finance, &backer.who] {
            page.open(&address);
            logs_in(&mut page, who);
            shows_code(&mut page, who);
            page.awaits("facts");
            assert!(!page.sees("answer"));
        }
        // In a list, an offer is known by how much it is.
        page.press("#places a[href='/offers']");
        let link = format!("document.querySelector(\"#facts a[href='/offers/{offer}']\")");
        page.until(&format!("{link}?.textContent === '20.00 USD'"));
        // A login that waited for too long begins anew.
        page.open(&address);
        logs_in(&mut page, admin);
        page.awaits("factor");
        t.clock.advance_seconds(301);
        shows_code(&mut page, admin);
        says(&mut page, "log in again");
        assert!(!page.sees("factor"));
        t.clock.advance_seconds(60);
        logs_in(&mut page, admin);
        shows_code(&mut page, admin);
        page.awaits("answer");
        // Beside the answer stands what it is about, and whoever reads by ear begins at the top.
        let link = format!("document.querySelector(\"#facts a[href='/applications/{id}']\")");
        page.until(&format!("{link}?.textContent === 'The application'"));
        assert!(page.text("facts").contains("A better lens"));
        page.until("document.activeElement.id === 'title'");
        t.clock.advance_seconds(360);
        page.press("#answer [value=accept]");
        page.awaits("step");
        page.types("step-code", &admin.device().code().expect("a code is left"));
        page.press("#step [type=submit]");
        says(&mut page, "you said yes");
        assert_eq!(admin.get(&format!("/api/v1/offers/{offer}")).ok()["status"], "placed");
    }
}
