//! Applying through the protocol, from a competition to what was handed in; and what a token of
//! somebody else finds there.

use super::enveloped;
use super::forms::{asking, faults};
use crate::support::Harness;
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const APPLICATIONS: &str = "/common-grants/applications";

fn put(who: &Client, path: &str, body: &Value) -> Reply {
    who.send("PUT", path, &[], Some(body.to_string().into_bytes()))
}

fn submit(who: &Client, path: &str) -> Reply {
    who.send("PUT", &format!("{path}/submit"), &[], None)
}

/// Refused for these fields, in the protocol's envelope.
#[track_caller]
pub fn refused(reply: &Reply, fields: &[&str]) {
    enveloped(reply, 422);
    assert_eq!(wrong(&reply.json()["errors"]), fields, "{}", reply.text());
}

/// What is wrong with it, by its fields.
fn wrong(told: &Value) -> Vec<&str> {
    let errors = told.as_array().expect("errors").iter();
    errors.map(|error| error["field"].as_str().expect("a field")).collect()
}

fn basics() -> Value {
    let usd = |amount: &str| json!({ "amount": amount, "currency": "USD" });
    json!({
        "summary": "To see.", "body": "We grind it.", "duration_months": 12,
        "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
        "budget_lines": [{ "label": "Time", "amount": usd("50.00") }],
    })
}

both! {
    fn from_the_competition_to_the_hand_in(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (web.with_role("Ada", Role::Admin), web.person("Rea"));
        let call = asking(&admin, "Asks");
        let at = format!("/common-grants/competitions/{call}");
        let forms = rea.get(&at).ok()["data"]["forms"]["forms"].clone();
        let form = json!({ "competitionId": call, "title": "A lens", "unheard": "of" });
        let made = rea.post(&format!("{APPLICATIONS}/start"), form);
        assert_eq!(made.status, 201, "{}", made.text());
        let begun = made.json()["data"].clone();
        assert_eq!(faults("ApplicationBase", &begun), [""; 0]);
        assert_eq!((&begun["status"]["value"], &begun["competitionId"]),
            (&json!("inProgress"), &json!(call)));
        assert_eq!(begun["formResponses"]["basics"]["status"]["value"], "notStarted");
        assert!(wrong(&begun["validationErrors"]).contains(&"/application/how"), "{begun}");
        let path = format!("{APPLICATIONS}/{}", begun["id"].as_str().expect("an id"));
        assert_eq!(rea.get(&path).ok()["data"], begun);
        // Not whole: the protocol has a 400 for it, with every field.
        let early = submit(&rea, &path);
        let says = enveloped(&early, 400);
        assert_eq!(says, "Some fields are not right: Nothing was changed.");
        assert!(wrong(&early.json()["errors"]).contains(&"/basics/summary"), "{}", early.text());
        // Both forms, each as its schema has it.
        let answered = |name: &str, body: &Value| {
            let form = &forms[name];
            let judge = jsonschema::draft202012::new(&form["jsonSchema"]).expect("a schema");
            assert!(judge.is_valid(body), "{name}: {body}");
            let there = format!("{path}/forms/{}", form["id"].as_str().expect("an id"));
            let told = put(&rea, &there, body).ok()["data"].clone();
            assert_eq!(faults("AppFormResponse", &told), [""; 0]);
            assert_eq!(rea.get(&there).ok()["data"], told);
            (there, told)
        };
        let (_, told) = answered("application", &json!({ "how": "With care.", "where": "Oslo" }));
        assert_eq!(told["status"]["value"], "complete", "{told}");
        // What is left out is cleared.
        let (own, told) = answered("application", &json!({ "how": "With care." }));
        assert_eq!(told["response"], json!({ "how": "With care." }));
        refused(&put(&rea, &own, &json!({ "else": 1 })), &["/else"]);
        let (shared, told) = answered("basics", &basics());
        assert_eq!((&told["status"]["value"], &told["response"]["body"]),
            (&json!("complete"), &json!("We grind it.")));
        let mut few = basics();
        few.as_object_mut().expect("an object").remove("summary");
        let told = put(&rea, &shared, &few).ok()["data"].clone();
        assert_eq!(wrong(&told["validationErrors"]), ["/summary"]);
        let odd = json!({ "summary": 5, "id": "x" });
        refused(&put(&rea, &shared, &odd), &["/id", "/summary"]);
        put(&rea, &shared, &basics()).ok();
        let stale = [("If-Match", "\"v1\"")];
        let body = Some(basics().to_string().into_bytes());
        enveloped(&rea.send("PUT", &shared, &stale, body), 412);
        let done = submit(&rea, &path).ok()["data"].clone();
        assert_eq!(faults("ApplicationBase", &done), [""; 0]);
        assert_eq!((&done["status"]["value"], &done["validationErrors"]),
            (&json!("submitted"), &json!([])));
        assert!(done["submittedAt"].is_string() && done["customFields"]
            ["decisionPromisedOn"]["value"].is_string(), "{done}");
        let says = enveloped(&submit(&rea, &path), 400);
        assert!(says.starts_with("This is not possible in the present state: "), "{says}");
        // The same application as everywhere else.
        let id = begun["id"].as_str().expect("an id");
        let same = rea.get(&format!("/api/v1/applications/{id}")).ok();
        assert_eq!((&same["status"], &same["answers"]["how"], &same["visibility"]),
            (&json!("submitted"), &json!("With care."), &json!("private")));
        admin.post(&format!("/api/v1/applications/{id}/decline"), json!({ "reason": "No." })).ok();
        assert_eq!(rea.get(&path).ok()["data"]["status"]["value"], "rejected");
        enveloped(&put(&rea, &shared, &basics()), 409);
    }

    fn what_was_begun_under_an_older_form_is_moved(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (web.with_role("Ada", Role::Admin), web.person("Rea"));
        let call = asking(&admin, "Asks");
        let form = json!({ "competitionId": call, "title": "A lens" });
        let made = rea.post(&format!("{APPLICATIONS}/start"), form);
        let tag = made.etag().to_owned();
        let made = made.ok()["data"].clone();
        assert_eq!(made["customFields"]["formVersion"]["value"], 1);
        let path = format!("{APPLICATIONS}/{}", made["id"].as_str().expect("an id"));
        let own = format!("{path}/forms/{call}");
        put(&rea, &own, &json!({ "how": "With care.", "where": "Oslo" })).ok();
        let there = format!("/api/v1/calls/{call}/form");
        let next = json!({ "questions": [
            { "key": "how", "label": "How?", "kind": "long_text", "required": true },
            { "key": "when", "label": "When?", "kind": "date", "required": true },
        ] });
        let etag = admin.get(&there).etag().to_owned();
        let body = Some(next.to_string().into_bytes());
        admin.send("PUT", &there, &[("If-Match", &etag)], body).ok();
        // Nobody answers over what they have not read, and nothing is moved by it.
        let answers = json!({ "how": "With more care.", "when": "2027-01-01" });
        let body = Some(answers.to_string().into_bytes());
        let stale = [("If-Match", tag.as_str())];
        enveloped(&rea.send("PUT", &own, &stale, body.clone()), 412);
        let now = rea.get(&own);
        assert_eq!(now.ok()["data"]["response"]["where"], "Oslo");
        let fresh = [("If-Match", now.etag())];
        let told = rea.send("PUT", &own, &fresh, body).ok()["data"].clone();
        assert_eq!((&told["response"], &told["status"]["value"]), (&answers, &json!("complete")));
        let read = rea.get(&path).ok();
        assert_eq!(read["data"]["customFields"]["formVersion"]["value"], 2);
    }

    fn it_is_the_teams_alone(t: &Harness) {
        let web = t.serve();
        let (admin, rea, sam) =
            (web.with_role("Ada", Role::Admin), web.person("Rea"), web.person("Sam"));
        let call = asking(&admin, "Asks");
        let start = format!("{APPLICATIONS}/start");
        let form = json!({ "competitionId": call, "title": "A lens" });
        enveloped(&web.anonymous().post(&start, form.clone()), 401);
        let made = rea.post(&start, form).ok();
        let path = format!("{APPLICATIONS}/{}", made["data"]["id"].as_str().expect("an id"));
        let own = format!("{path}/forms/{call}");
        for who in [&sam, &admin] {
            enveloped(&who.get(&path), 404);
            enveloped(&who.get(&own), 404);
            enveloped(&put(who, &own, &json!({ "how": "Otherwise." })), 404);
            enveloped(&submit(who, &path), 404);
        }
        enveloped(&web.anonymous().get(&path), 401);
        // Open to everybody, it is still the team's to read here.
        for no in ["x", "01a19b7c-a680-7035-80a7-6d853561f4e6"] {
            enveloped(&rea.get(&format!("{APPLICATIONS}/{no}")), 404);
            enveloped(&rea.get(&format!("{path}/forms/{no}")), 404);
            enveloped(&put(&rea, &format!("{path}/forms/{no}"), &json!({})), 404);
        }
        let begin = |form: Value| rea.post(&start, form);
        let nowhere = "01a19b7c-a680-7035-80a7-6d853561f4e6";
        let form = json!({ "competitionId": nowhere, "title": "x" });
        refused(&begin(form), &["/competitionId"]);
        refused(&begin(json!({ "competitionId": call, "title": "" })), &["/title"]);
        let organization = json!({ "competitionId": call, "title": "x",
            "organizationId": "01a19b7c-a680-7035-80a7-6d853561f4e6" });
        refused(&begin(organization), &["/organizationId"]);
        admin.command(&format!("/api/v1/calls/{call}/close")).ok();
        let form = json!({ "competitionId": call, "title": "Too late" });
        enveloped(&rea.post(&start, form), 409);
    }
}
