//! Money that was given for one application: announced, received, tied, offered, used otherwise.

use super::{Machine, acts, status, texts};
use crate::publishing::contributions::{Giving, served};
use crate::support::Harness;
use crate::undone;
use almoner::funds::model::EarmarkStatus;
use almoner::publishing::model::AnnouncementStatus;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

fn found(list: &Value, id: &str) -> Value {
    let mut all = list.as_array().expect("items").iter();
    all.find(|one| one["id"] == id).expect("it is listed").clone()
}

both! {
    fn earmarks(t: &Harness) {
        let web = served(t);
        let all: RefCell<BTreeMap<String, Giving<'_>>> = RefCell::default();
        let make = |to: &str| {
            let g = Giving::named(&web, &format!("Open Optics {}", web.number()));
            let id = g.given("100.00");
            let (status, then) = to.split_once(": ").unwrap_or((to, ""));
            let why = json!({ "reason": "No." });
            let decline = || {
                let path = format!("/api/v1/applications/{}/decline", g.application);
                g.field.desk.admin.post(&path, why.clone()).ok();
                web.work();
            };
            match (status, then) {
                ("offered", _) => drop(g.offer(&id).ok()),
                ("spent", _) => {
                    g.offer(&id).ok();
                    g.field.awarded(&g.application);
                    web.work();
                }
                ("undone", _) => {
                    let gift = g.announcements("status=received")[0]["contribution_id"].clone();
                    undone::undo(&g.field.desk, &g.fund, &json!({ "id": gift })).ok();
                }
                ("reassigned", _) => {
                    decline();
                    g.reassign(&id, "Another lens.").ok();
                }
                ("held", "its application ended") => decline(),
                ("held", "given back") => {
                    let offer = g.offer(&id).id();
                    g.reg.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
                    web.work();
                }
                _ => {}
            }
            all.borrow_mut().insert(id.clone(), g);
            id
        };
        let act = |act: &str, id: &str| match act {
            "offer_earmark" => all.borrow()[id].offer(id),
            "reassign_earmark" => all.borrow()[id].reassign(id, "Another lens."),
            other => panic!("say how to {other}"),
        };
        let ended = "held: its application ended";
        Machine {
            web: &web,
            statuses: texts!(EarmarkStatus),
            acts: acts("/api/v1/earmarks/{id}"),
            tried: &[
                "held", "held: given back", ended, "offered", "spent", "reassigned", "undone",
            ],
            moves: &[
                ("held", "offer_earmark", "offered"),
                ("held: given back", "offer_earmark", "offered"),
                (ended, "reassign_earmark", "reassigned"),
            ],
            // What was declined is out of a regrantor's sight.
            hidden: &[(ended, "offer_earmark")],
            make: &make,
            act: &act,
            read: &|id| {
                let g = &all.borrow()[id];
                let list = g.field.desk.finance.get("/api/v1/earmarks?limit=200").ok();
                let mut told = found(&list["items"], id);
                told["books"] = json!(g.books());
                told
            },
            status: &status,
        }
        .run();
    }

    fn announcements(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let make = |to: &str| {
            let id = g.announced("5.00");
            match to {
                "received" => drop(g.receive(&id, "5.00").ok()),
                "expired" => {
                    t.clock.advance_seconds(31 * 86_400);
                    web.work();
                }
                _ => {}
            }
            id
        };
        let act = |act: &str, id: &str| match act {
            "receive_contribution" => g.receive(id, "5.00"),
            other => panic!("say how to {other}"),
        };
        Machine {
            web: &web,
            statuses: texts!(AnnouncementStatus),
            acts: acts("/api/v1/announcements/{id}"),
            tried: &["announced", "received", "expired"],
            moves: &[
                ("announced", "receive_contribution", "received"),
                // Money comes when it comes.
                ("expired", "receive_contribution", "received"),
            ],
            hidden: &[],
            make: &make,
            act: &act,
            read: &|id| found(&g.announcements("limit=200"), id),
            status: &status,
        }
        .run();
    }
}
