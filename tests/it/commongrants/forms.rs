//! Competitions and forms: what public calls ask, in the protocol's shapes, held against its
//! schemas.

use super::{document::official, enveloped, opened};
use crate::support::Harness;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const FORMS: &str = "/common-grants/forms";
const COMPETITIONS: &str = "/common-grants/competitions";

/// An open call with a form; its id.
pub fn asking(admin: &Client, title: &str) -> String {
    let call = opened(admin, title, json!({ "summary": "For everybody." }));
    let form = json!({ "questions": [
        { "key": "how", "label": "How?", "kind": "long_text", "required": true },
        { "key": "where", "label": "Where?", "kind": "short_text" },
    ] });
    let path = format!("/api/v1/calls/{call}/form");
    let etag = admin.get(&path).etag().to_owned();
    let body = Some(form.to_string().into_bytes());
    admin.send("PUT", &path, &[("If-Match", &etag)], body).ok();
    call
}

/// What of it is not as the official schema has it.
pub fn faults(model: &str, value: &Value) -> Vec<String> {
    let name = format!("#/components/schemas/CommonGrants.Models.{model}");
    judged(json!({ "$ref": name }), value)
}

/// The same by a schema of the official document.
pub fn judged(mut schema: Value, value: &Value) -> Vec<String> {
    schema["components"] = official()["components"].clone();
    let options = jsonschema::options().should_validate_formats(true).build(&schema);
    let validator = options.expect("a schema");
    validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path)).collect()
}

both! {
    fn what_public_calls_ask_is_read(t: &Harness) {
        let web = t.serve();
        let (admin, nobody) = (web.with_role("Ada", Role::Admin), web.anonymous());
        let call = asking(&admin, "Asks");
        let plain = opened(&admin, "Asks nothing", json!({}));
        let private = asking(&admin, "Private");
        let etag = admin.get(&format!("/api/v1/calls/{private}")).etag().to_owned();
        let hide = json!({ "visibility": "private" });
        admin.patch(&format!("/api/v1/calls/{private}"), &etag, hide).ok();
        // The list, one form, and the competition tell the same.
        let page = nobody.get(FORMS).ok();
        assert_eq!(page["paginationInfo"]["totalItems"], 1);
        let form = page["items"][0].clone();
        assert_eq!((&form["id"], &form["version"]), (&json!(call), &json!("1")));
        assert_eq!(nobody.get(&format!("{FORMS}/{call}")).ok()["data"], form);
        let one = nobody.get(&format!("{COMPETITIONS}/{call}")).ok()["data"].clone();
        assert_eq!(one["forms"]["forms"]["application"], form);
        assert_eq!(one["opportunityId"], call.as_str());
        assert_eq!(one["status"]["value"], "open");
        assert_eq!(faults("FormBase", &form), [""; 0]);
        assert_eq!(faults("CompetitionBase", &one), [""; 0]);
        let mut broken = one.clone();
        broken["status"] = json!("open");
        assert!(!faults("CompetitionBase", &broken).is_empty(), "a fault is found");
        // The schema is the one of the call, and judges answers.
        let schema = &form["jsonSchema"];
        assert_eq!(*schema, nobody.get(&format!("/api/v1/calls/{call}/form/schema")).ok());
        let judge = jsonschema::draft202012::new(schema).expect("a schema");
        assert!(judge.is_valid(&json!({ "how": "With care." })));
        assert!(!judge.is_valid(&json!({ "where": "Oslo" })));
        // Calls without a form have a competition and no form; what is not public has neither.
        let bare = nobody.get(&format!("{COMPETITIONS}/{plain}")).ok()["data"].clone();
        let basics = bare["forms"]["forms"]["basics"].clone();
        assert_eq!(bare["forms"]["forms"], json!({ "basics": basics }));
        assert_eq!(one["forms"]["forms"]["basics"], basics);
        assert_eq!(faults("FormBase", &basics), [""; 0]);
        let id = basics["id"].as_str().expect("an id");
        assert_eq!(nobody.get(&format!("{FORMS}/{id}")).ok()["data"], basics);
        assert_eq!(faults("CompetitionBase", &bare), [""; 0]);
        enveloped(&nobody.get(&format!("{FORMS}/{plain}")), 404);
        for hidden in [private.as_str(), "01a19b7c-a680-7035-80a7-6d853561f4e6", "x"] {
            for room in [FORMS, COMPETITIONS] {
                for who in [&nobody, &admin] {
                    enveloped(&who.get(&format!("{room}/{hidden}")), 404);
                }
            }
        }
        enveloped(&nobody.get(&format!("{FORMS}?page=0")), 422);
        // Later calls are announced, closed ones closed.
        admin.command(&format!("/api/v1/calls/{call}/close")).ok();
        let one = nobody.get(&format!("{COMPETITIONS}/{call}")).ok()["data"].clone();
        assert_eq!(one["status"]["value"], "closed");
        let days = json!({ "kind": "dated", "opens_on": "2026-12-01", "closes_on": "2026-12-31" });
        let later = opened(&admin, "Later", days);
        let one = nobody.get(&format!("{COMPETITIONS}/{later}")).ok()["data"].clone();
        let status = (&one["status"]["value"], &one["status"]["customValue"]);
        assert_eq!(status, (&json!("custom"), &json!("forecasted")));
        assert_eq!(faults("CompetitionBase", &one), [""; 0]);
    }
}
