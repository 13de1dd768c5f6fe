//! Reviews, vouches and the question for one, screenings and concerns, appeals.

use super::{Machine, acts, status, texts};
use crate::support::Harness;
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use almoner::applications::model::AppealStatus;
use almoner::concerns::model::{ConcernStatus, ScreeningStatus};
use almoner::kernel::actor::Role;
use almoner::reviews::model::ReviewStatus;
use almoner::vouches::model::{RequestStatus, VouchStatus};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Who has to do with each object, and its application.
type Whose = RefCell<BTreeMap<String, (Client, String)>>;

fn at(application: &str, rest: &str) -> String {
    format!("/api/v1/applications/{application}{rest}")
}

fn reason() -> Value {
    json!({ "reason": "We have read it." })
}

fn edited(who: &Client, path: &str, body: &Value) -> Reply {
    let read = who.get(path);
    read.ok();
    who.patch(path, read.etag(), body.clone())
}

/// A whole review that says this.
fn written(comment: &str) -> Value {
    let score = |key: &str| json!({ "key": key, "score": 3, "comment": "Why" });
    let scores: Vec<Value> = ["merit", "feasibility", "team", "value"].map(score).into();
    json!({ "scores": scores, "comment": comment, "recommendation": "fund" })
}

const CONFLICT: &str = "declare_review_conflict";
/// Reviews: where they are tried, and where acts lead from there.
const TRIED: &[&str] = &[
    "assigned",
    "submitted",
    "submitted: changed",
    "set_aside",
    "assigned: decided",
    "submitted: decided",
    "assigned: declined",
    "submitted: declined",
];
const MOVES: &[(&str, &str, &str)] = &[
    ("assigned", "edit_review", "assigned"),
    ("assigned", "submit_review", "submitted"),
    ("assigned", "decline_review", "set_aside"),
    ("assigned", CONFLICT, "set_aside"),
    ("assigned", "set_aside_review", "set_aside"),
    ("submitted", "edit_review", "submitted"),
    ("submitted", CONFLICT, "set_aside"),
    ("submitted", "set_aside_review", "set_aside"),
    ("submitted: changed", "edit_review", "submitted"),
    ("submitted: changed", "submit_review", "submitted"),
    ("submitted: changed", CONFLICT, "set_aside"),
    ("submitted: changed", "set_aside_review", "set_aside"),
    // Who has a conflict says so, whenever they notice; what was decided on stays.
    ("assigned: decided", CONFLICT, "set_aside"),
    ("submitted: decided", CONFLICT, "submitted"),
    ("assigned: declined", CONFLICT, "set_aside"),
    ("submitted: declined", CONFLICT, "submitted"),
];

both! {
    fn reviews(t: &Harness) {
        let web = t.serve();
        let (field, whose) = (web.field(), Whose::default());
        let admin = &field.desk.admin;
        let path = |id: &str, act: &str| format!("/api/v1/reviews/{id}{act}");
        let make = |to: &str| {
            let application = field.application("1.00", "9.00");
            let who = web.with_role("Una", Role::Reviewer);
            let form = json!({ "person_id": who.id() });
            let id = admin.post(&at(&application, "/reviewers"), form.clone()).id();
            edited(&who, &path(&id, ""), &written("Good.")).ok();
            let (status, then) = to.split_once(": ").unwrap_or((to, ""));
            if status == "submitted" {
                who.command(&path(&id, "/submit")).ok();
            }
            if status == "set_aside" {
                admin.post(&path(&id, "/set-aside"), reason()).ok();
            }
            match then {
                "changed" => drop(edited(&who, &path(&id, ""), &written("Better.")).ok()),
                "decided" => {
                    let two = web.with_role("Duo", Role::Reviewer);
                    let form = json!({ "person_id": two.id() });
                    let other = admin.post(&at(&application, "/reviewers"), form).id();
                    edited(&two, &path(&other, ""), &written("So.")).ok();
                    two.command(&path(&other, "/submit")).ok();
                    let form = json!({ "outcome": "advance", "reason": "Strong." });
                    admin.post(&at(&application, "/reviews/decide"), form).ok();
                }
                "declined" => drop(admin.post(&at(&application, "/decline"), reason()).ok()),
                _ => {}
            }
            whose.borrow_mut().insert(id.clone(), (who, application));
            id
        };
        let act = |act: &str, id: &str| {
            let (who, _) = whose.borrow()[id].clone();
            match act {
                "edit_review" => edited(&who, &path(id, ""), &written("Another view.")),
                "submit_review" => who.command(&path(id, "/submit")),
                "decline_review" => who.post(&path(id, "/decline"), reason()),
                "declare_review_conflict" => who.post(&path(id, "/conflict"), reason()),
                "set_aside_review" => admin.post(&path(id, "/set-aside"), reason()),
                other => panic!("say how to {other}"),
            }
        };
        Machine {
            web: &web,
            statuses: texts!(ReviewStatus),
            acts: acts("/api/v1/reviews/{id}"),
            tried: TRIED,
            moves: MOVES,
            hidden: &[],
            make: &make,
            act: &act,
            read: &|id| {
                let who = whose.borrow()[id].0.clone();
                let versions = admin.get(&path(id, "/versions")).ok();
                let mut told = who.get(&path(id, "")).ok();
                told["versions"] = versions;
                told
            },
            status: &status,
        }
        .run();
    }

    fn vouches_and_requests(t: &Harness) {
        let web = t.serve();
        let (field, whose) = (web.field(), Whose::default());
        let said = json!({ "scopes": ["idea"], "strength": "strong", "how_known": "From school." });
        let rea = web.person("Rea");
        let make = |to: &str| {
            let vera = web.person("Vera");
            let application = field.applies(&rea, "1.00", "9.00");
            let form = json!({ "email": vera.email, "name": "Vera" });
            let id = rea.post(&at(&application, "/vouch-requests"), form).id();
            let path = |act: &str| format!("/api/v1/vouch-requests/{id}{act}");
            match to {
                "signed" => drop(vera.post(&path("/sign"), said.clone()).ok()),
                "declined" => drop(vera.command(&path("/decline")).ok()),
                "withdrawn" => drop(rea.command(&path("/withdraw")).ok()),
                _ => {}
            }
            whose.borrow_mut().insert(id.clone(), (vera, application));
            id
        };
        let path = |id: &str, act: &str| format!("/api/v1/vouch-requests/{id}{act}");
        let act = |act: &str, id: &str| {
            let vera = whose.borrow()[id].0.clone();
            match act {
                "sign_requested_vouch" => vera.post(&path(id, "/sign"), said.clone()),
                "decline_vouch_request" => vera.command(&path(id, "/decline")),
                "withdraw_vouch_request" => rea.command(&path(id, "/withdraw")),
                other => panic!("say how to {other}"),
            }
        };
        let read = |id: &str| {
            let (vera, _) = whose.borrow()[id].clone();
            let mut told = vera.get(&path(id, "")).ok();
            told["vouches"] = vera.get("/api/v1/me/vouches").ok();
            told
        };
        Machine {
            web: &web,
            statuses: texts!(RequestStatus),
            acts: acts("/api/v1/vouch-requests/{id}"),
            tried: &["open", "signed", "declined", "withdrawn"],
            moves: &[
                ("open", "sign_requested_vouch", "signed"),
                ("open", "decline_vouch_request", "declined"),
                ("open", "withdraw_vouch_request", "withdrawn"),
            ],
            hidden: &[],
            make: &make,
            act: &act,
            read: &read,
            status: &status,
        }
        .run();

        vouches(&field, &whose, &said);
    }

    fn screenings_and_concerns(t: &Harness) {
        let web = t.serve();
        let (field, whose) = (web.field(), Whose::default());
        let lane = web.person("Lana");
        let add = format!("/api/v1/people/{}/need-to-know", lane.id());
        field.desk.admin.post(&add, reason()).ok();
        let path = |id: &str, act: &str| format!("/api/v1/concerns/{id}{act}");
        let summary = json!({ "summary": "It could be turned around." });
        // What ties somebody waits until they were heard; what clears them does not.
        let tied = json!({ "outcome": "conditions", "reason": "It can.", "conditions": "Less." });
        let decision = RefCell::new(tied);
        let decide = |id: &str| lane.post(&path(id, "/decide"), decision.borrow().clone());
        let respond = |id: &str| {
            let (rea, application) = whose.borrow()[id].clone();
            let form = json!({ "concern_id": id, "response": "We keep it to ourselves." });
            rea.post(&at(&application, "/screening/respond"), form)
        };
        let make = |to: &str| {
            let rea = web.person("Rea");
            let application = field.applies(&rea, "1.00", "9.00");
            let form = json!({ "concern": "It could hurt." });
            let id = web.person("Sam").post(&at(&application, "/concerns"), form).id();
            whose.borrow_mut().insert(id.clone(), (rea, application));
            let (status, then) = to.split_once(": ").unwrap_or((to, ""));
            if !then.is_empty() {
                lane.post(&path(&id, "/ask"), summary.clone()).ok();
            }
            if then == "answered" {
                respond(&id).ok();
            }
            if status == "closed" {
                // Whoever was asked has two weeks.
                t.clock.advance_seconds(15 * 86_400);
                decide(&id).ok();
            }
            id
        };
        let act = |act: &str, id: &str| match act {
            "ask_about_concern" => lane.post(&path(id, "/ask"), summary.clone()),
            "decide_concern" => decide(id),
            "respond_to_concern" => respond(id),
            other => panic!("say how to {other}"),
        };
        let mut all = acts("/api/v1/concerns/{id}");
        all.extend(acts("/api/v1/applications/{id}/screening/respond"));
        let run = |acts: Vec<String>, tried: &[&str], moves: &[(&str, &str, &str)]| {
            let read = |id: &str| lane.get(&path(id, "")).ok();
            Machine {
                web: &web,
                statuses: texts!(ConcernStatus),
                acts,
                tried,
                moves,
                hidden: &[],
                make: &make,
                act: &act,
                read: &read,
                status: &status,
            }
            .run();
        };
        run(all, &["open: asked", "open: answered", "closed: asked", "closed: answered"], &[
            ("open: asked", "respond_to_concern", "open"),
            ("open: answered", "decide_concern", "closed"),
        ]);
        decision.replace(json!({ "outcome": "cleared", "reason": "It cannot." }));
        // Nobody has been asked anything: what is open is asked about, or decided at once.
        run(acts("/api/v1/concerns/{id}"), &["open", "closed"], &[
            ("open", "ask_about_concern", "open"),
            ("open", "decide_concern", "closed"),
        ]);
        screenings(&field, &lane);
    }

    fn appeals(t: &Harness) {
        let web = t.serve();
        let (field, whose) = (web.field(), Whose::default());
        let terms = json!({ "appeals": "appeal", "appeal_days": 10 });
        crate::decisions::terms(&field, terms);
        let (ada, abe) = (field.desk.admin.clone(), web.with_role("Abe", Role::Admin));
        let text = json!({ "text": "Look again." });
        let upheld = json!({ "outcome": "upheld", "reason": "We have read it." });
        let reopened = json!({ "outcome": "reopened", "reason": "They are right." });
        let make = |to: &str| {
            let rea = web.person("Rea");
            let id = crate::decisions::submitted(&field, &rea);
            crate::decisions::decline(&ada, &id);
            rea.post(&at(&id, "/appeal"), text.clone()).ok();
            match to {
                "answered" => drop(abe.post(&at(&id, "/appeal/answer"), upheld.clone()).ok()),
                "answered: reopened" => {
                    abe.post(&at(&id, "/appeal/answer"), reopened.clone()).ok();
                }
                "answered: declined again" => {
                    abe.post(&at(&id, "/appeal/answer"), reopened.clone()).ok();
                    crate::decisions::decline(&ada, &id);
                }
                _ => {}
            }
            whose.borrow_mut().insert(id.clone(), (rea, id.clone()));
            id
        };
        let act = |act: &str, id: &str| match act {
            "appeal_decline" => whose.borrow()[id].0.post(&at(id, "/appeal"), text.clone()),
            "answer_appeal" => abe.post(&at(id, "/appeal/answer"), upheld.clone()),
            "withdraw_appeal" => whose.borrow()[id].0.command(&at(id, "/appeal/withdraw")),
            other => panic!("say how to {other}"),
        };
        Machine {
            web: &web,
            statuses: texts!(AppealStatus),
            acts: acts("/api/v1/applications/{id}/appeal"),
            tried: &["waiting", "answered", "answered: reopened", "answered: declined again"],
            moves: &[
                ("waiting", "answer_appeal", "answered"),
                ("waiting", "withdraw_appeal", "answered"),
            ],
            hidden: &[],
            make: &make,
            act: &act,
            read: &|id| {
                let appeals = abe.get("/api/v1/appeals?limit=200").ok();
                let all = appeals["items"].as_array().expect("items").iter();
                let mut ours = all.filter(|appeal| appeal["application_id"] == id);
                ours.next().cloned().expect("one of this application")
            },
            status: &|told| {
                let answered = !told["outcome"].is_null();
                if answered { "answered".into() } else { "waiting".into() }
            },
        }
        .run();
    }
}

/// What an applicant answered is cleared once, and not before they have.
fn screenings(field: &Field<'_>, lane: &Client) {
    let web = field.web;
    let path = |id: &str, act: &str| format!("/api/v1/screenings/{id}{act}");
    let make = |to: &str| {
        let rea = web.person("Rea");
        let application = field.applies(&rea, "1.00", "9.00");
        let answer = |key: &str| json!({ "key": key, "answer": "None." });
        let answers: Vec<Value> = ["misuse", "accident", "publication"].map(answer).into();
        rea.put(&at(&application, "/screening"), json!({ "answers": answers })).ok();
        let page = lane.get("/api/v1/screenings?status=waiting&limit=200").ok();
        let mut rows = page["items"].as_array().expect("items").iter();
        let row = rows.find(|row| row["application_id"] == *application).expect("one of ours");
        let id = row["id"].as_str().expect("an id").to_owned();
        if to == "cleared" {
            lane.command_as_read(&path(&id, "/clear")).ok();
        }
        id
    };
    let act = |act: &str, id: &str| match act {
        "clear_screening" => lane.command_as_read(&path(id, "/clear")),
        other => panic!("say how to {other}"),
    };
    Machine {
        web,
        statuses: texts!(ScreeningStatus),
        acts: acts("/api/v1/screenings/{id}"),
        tried: &["waiting", "cleared"],
        moves: &[("waiting", "clear_screening", "cleared")],
        hidden: &[],
        make: &make,
        act: &act,
        read: &|id| lane.get(&path(id, "")).ok(),
        status: &status,
    }
    .run();
}

/// A vouch is taken back once.
fn vouches(field: &Field<'_>, whose: &Whose, said: &Value) {
    let web = field.web;
    let path = |id: &str, act: &str| format!("/api/v1/vouches/{id}{act}");
    let make = |to: &str| {
        let (vera, application) = (web.person("Vera"), field.application("1.00", "9.00"));
        let id = vera.post(&at(&application, "/vouches"), said.clone()).id();
        if to == "withdrawn" {
            vera.post(&path(&id, "/withdraw"), reason()).ok();
        }
        whose.borrow_mut().insert(id.clone(), (vera, application));
        id
    };
    let act = |act: &str, id: &str| match act {
        "withdraw_vouch" => whose.borrow()[id].0.post(&path(id, "/withdraw"), reason()),
        other => panic!("say how to {other}"),
    };
    Machine {
        web,
        statuses: texts!(VouchStatus),
        acts: acts("/api/v1/vouches/{id}"),
        tried: &["signed", "withdrawn"],
        moves: &[("signed", "withdraw_vouch", "withdrawn")],
        hidden: &[],
        make: &make,
        act: &act,
        read: &|id| whose.borrow()[id].0.get(&path(id, "")).ok(),
        status: &status,
    }
    .run();
}
