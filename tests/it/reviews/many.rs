//! How many are asked, and who has how much to do.

use super::*;
use almoner::kernel::actor::Roles;
use almoner::people;

/// As many reviewers who never sign in; their ids.
fn made(field: &Field<'_>, count: u32) -> Vec<String> {
    let roles: Roles = [Role::Reviewer].into_iter().collect();
    field.act(|conn, ctx| {
        let one = |n: u32| {
            let email = format!("many-{n}@example.org");
            let made = people::service::ensure(conn, ctx, &email, "Many", None, roles);
            made.map(|(id, _)| id.to_string())
        };
        (0..count).map(one).collect()
    })
}

fn spread(admin: &Client, call: &str, form: Value) -> Reply {
    admin.post(&format!("/api/v1/calls/{call}/assign-reviewers"), form)
}

fn pairs(reply: &Value) -> usize {
    reply["assigned"].as_array().expect("pairs").len()
}

both! {
    fn nobody_is_asked_beyond_twenty(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        made(&field, 24);
        let id = submitted(&field, &web.person("Rea"));
        let reviews = format!("/api/v1/applications/{id}/reviews");
        let eight = json!({ "per_application": 8 });
        for _ in 0..2 {
            assert_eq!(pairs(&spread(admin, &field.call, eight.clone()).ok()), 8);
            let view = admin.get(&reviews).ok();
            for review in view["waiting"].as_array().expect("those who were asked") {
                if review["status"] == "assigned" {
                    let review = review["id"].as_str().expect("an id");
                    let why = json!({ "reason": "They moved away." });
                    admin.post(&at(review, "/set-aside"), why).ok();
                }
            }
        }
        let last = spread(admin, &field.call, eight.clone()).ok();
        assert_eq!((pairs(&last), &last["short"]), (4, &json!([id])));
        let view = admin.get(&reviews).ok();
        assert_eq!(view["waiting"].as_array().map(Vec::len), Some(20));
        let again = spread(admin, &field.call, eight).ok();
        assert_eq!((pairs(&again), &again["short"]), (0, &json!([id])));
    }

    fn more_reviewers_than_a_run_looks_at_are_named(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let all = made(&field, 201);
        submitted(&field, &web.person("Rea"));
        let form = json!({ "per_application": 2 });
        spread(admin, &field.call, form).wrong_fields(&["/reviewer_ids"]);
        let form = json!({ "per_application": 2, "reviewer_ids": &all[199..] });
        assert_eq!(pairs(&spread(admin, &field.call, form).ok()), 2, "the newest as well");
    }

    fn what_is_over_is_no_load(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, una, duo) = (web.person("Rea"), reviewer(&web, "Una"), reviewer(&web, "Duo"));
        let [ended, decided] = [(); 2].map(|()| submitted(&field, &rea));
        for id in [&ended, &decided] {
            ask(admin, id, &una).ok();
        }
        let new = submitted(&field, &rea);
        let form = json!({ "per_application": 2, "max_per_reviewer": 1,
            "reviewer_ids": [una.id()] });
        assert_eq!(spread(admin, &field.call, form.clone()).ok()["assigned"], json!([]));
        let no = json!({ "reason": "Not this year." });
        admin.post(&format!("/api/v1/applications/{ended}/decline"), no).ok();
        let review = ask(admin, &decided, &duo).id();
        hand_in(&duo, &review, [4, 4, 4, 4], "fund").ok();
        let form_of = json!({ "outcome": "advance", "reason": "Strong." });
        admin.post(&format!("/api/v1/applications/{decided}/reviews/decide"), form_of).ok();
        let pair = json!({ "application_id": new, "reviewer_id": una.id() });
        assert_eq!(spread(admin, &field.call, form).ok()["assigned"], json!([pair]));
    }
}
