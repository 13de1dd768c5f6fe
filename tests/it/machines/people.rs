//! Delegations, nominations, merges: somebody asks, somebody answers, or it is over.

use super::{Machine, acts, status, texts};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::{Client, Web};
use almoner::applications::model::{MergeStatus, NominationStatus};
use almoner::delegations::model::DelegationStatus;
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The two whom each object is between, by its id.
#[derive(Default)]
struct Pairs(RefCell<BTreeMap<String, (Client, Client)>>);

impl Pairs {
    fn keep(&self, id: String, pair: (Client, Client)) -> String {
        self.0.borrow_mut().insert(id.clone(), pair);
        id
    }
    fn of(&self, id: &str) -> (Client, Client) {
        self.0.borrow()[id].clone()
    }
}

fn two(web: &Web) -> (Client, Client) {
    (web.person("Rea"), web.person("Olly"))
}

both! {
    fn delegations(t: &Harness) {
        let (web, pairs) = (t.serve(), Pairs::default());
        let path = |id: &str, act: &str| format!("/api/v1/delegations/{id}{act}");
        let make = |to: &str| {
            let (rea, olly) = two(&web);
            let until = web.env().clock.now().date();
            let form = json!({ "email": olly.email, "scopes": ["draft"], "expires_on": until });
            let id = rea.post("/api/v1/me/delegates", form).id();
            match to {
                "accepted" => drop(olly.command(&path(&id, "/accept")).ok()),
                "declined" => drop(olly.command(&path(&id, "/decline")).ok()),
                "revoked" => drop(rea.command(&path(&id, "/revoke")).ok()),
                "expired: noticed" => {
                    t.clock.advance_seconds(86_400);
                    web.work();
                }
                "expired: answered before" => {
                    olly.command(&path(&id, "/accept")).ok();
                    t.clock.advance_seconds(86_400);
                }
                "expired" => t.clock.advance_seconds(86_400),
                _ => {}
            }
            pairs.keep(id, (rea, olly))
        };
        let act = |act: &str, id: &str| {
            let (rea, olly) = pairs.of(id);
            match act {
                "accept_delegation" => olly.command(&path(id, "/accept")),
                "decline_delegation" => olly.command(&path(id, "/decline")),
                "revoke_delegation" => rea.command(&path(id, "/revoke")),
                other => panic!("say how to {other}"),
            }
        };
        let (accept, decline) = ("accept_delegation", "decline_delegation");
        Machine {
            web: &web,
            statuses: texts!(DelegationStatus),
            acts: acts("/api/v1/delegations/{id}"),
            tried: &["invited", "accepted", "declined", "revoked", "expired", "expired: noticed",
                "expired: answered before"],
            moves: &[
                ("invited", accept, "accepted"),
                ("invited", decline, "declined"),
                ("invited", "revoke_delegation", "revoked"),
                ("accepted", "revoke_delegation", "revoked"),
            ],
            // Who has answered, or was not in time, is not invited any more.
            hidden: &[("accepted", accept), ("accepted", decline), ("declined", accept),
                ("declined", decline), ("revoked", accept), ("revoked", decline),
                ("expired: answered before", accept), ("expired: answered before", decline),
                ("expired: noticed", accept), ("expired: noticed", decline)],
            make: &make,
            act: &act,
            read: &|id| pairs.of(id).0.get(&path(id, "")).ok(),
            status: &status,
        }
        .run();
    }

    fn nominations(t: &Harness) {
        let (web, pairs) = (t.serve(), Pairs::default());
        let field = web.field();
        let path = |id: &str, act: &str| format!("/api/v1/nominations/{id}{act}");
        let make = |to: &str| {
            let (reg, mo) = (field.backer("1.00").who, web.person("Mo"));
            let form = json!({
                "call_id": field.call, "email": mo.email, "name": "Mo Deng", "title": "Lenses",
                "summary": "Cheap optics.", "why": "Their prototype is good.",
            });
            let id = reg.post("/api/v1/nominations", form).id();
            match to {
                "taken" => drop(mo.command(&path(&id, "/accept")).ok()),
                "declined" => drop(mo.command(&path(&id, "/decline")).ok()),
                "withdrawn" => drop(reg.command(&path(&id, "/withdraw")).ok()),
                "expired" => t.clock.advance_seconds(400 * 86_400),
                _ => {}
            }
            pairs.keep(id, (reg, mo))
        };
        let act = |act: &str, id: &str| {
            let (reg, mo) = pairs.of(id);
            match act {
                "accept_nomination" => mo.command(&path(id, "/accept")),
                "decline_nomination" => mo.command(&path(id, "/decline")),
                "withdraw_nomination" => reg.command(&path(id, "/withdraw")),
                other => panic!("say how to {other}"),
            }
        };
        let (accept, decline) = ("accept_nomination", "decline_nomination");
        Machine {
            web: &web,
            statuses: texts!(NominationStatus),
            acts: acts("/api/v1/nominations/{id}"),
            tried: &["open", "taken", "declined", "withdrawn", "expired"],
            moves: &[
                ("open", accept, "taken"),
                ("open", decline, "declined"),
                ("open", "withdraw_nomination", "withdrawn"),
            ],
            hidden: &[("taken", accept), ("taken", decline), ("declined", accept),
                ("declined", decline), ("withdrawn", accept), ("withdrawn", decline)],
            make: &make,
            act: &act,
            read: &|id| pairs.of(id).0.get(&path(id, "")).ok(),
            status: &status,
        }
        .run();
    }

    fn merges(t: &Harness) {
        let (web, pairs) = (t.serve(), Pairs::default());
        let field = web.field();
        let path = |id: &str, act: &str| format!("/api/v1/merges/{id}{act}");
        let draft = |who: &Client| {
            let form = json!({
                "call_id": field.call, "title": "A lens", "summary": "To see.", "body": "Glass.",
                "amount_minimum": usd("1.00"), "amount_requested": usd("2.00"),
                "duration_months": 2, "budget_lines": [{ "label": "All", "amount": usd("2.00") }],
            });
            who.post("/api/v1/applications", form).id()
        };
        let make = |to: &str| {
            let (rea, mo) = two(&web);
            let (into, other) = (draft(&rea), draft(&mo));
            let at = |rest: &str| format!("/api/v1/applications/{into}{rest}");
            rea.post(&at("/members"), json!({ "email": mo.email, "name": "Mo" })).ok();
            let id = mo.post(&at("/merge"), json!({ "other": other })).id();
            match to {
                "accepted" => drop(rea.command(&path(&id, "/accept")).ok()),
                "declined" => drop(rea.command(&path(&id, "/decline")).ok()),
                "withdrawn" => drop(mo.command(&path(&id, "/withdraw")).ok()),
                _ => {}
            }
            pairs.keep(id, (rea, mo))
        };
        let act = |act: &str, id: &str| {
            let (rea, mo) = pairs.of(id);
            match act {
                "accept_merge" => rea.command(&path(id, "/accept")),
                "decline_merge" => rea.command(&path(id, "/decline")),
                "withdraw_merge" => mo.command(&path(id, "/withdraw")),
                other => panic!("say how to {other}"),
            }
        };
        Machine {
            web: &web,
            statuses: texts!(MergeStatus),
            acts: acts("/api/v1/merges/{id}"),
            tried: &["proposed", "accepted", "declined", "withdrawn"],
            moves: &[
                ("proposed", "accept_merge", "accepted"),
                ("proposed", "decline_merge", "declined"),
                ("proposed", "withdraw_merge", "withdrawn"),
            ],
            hidden: &[],
            make: &make,
            act: &act,
            read: &|id| pairs.of(id).0.get(&path(id, "")).ok(),
            status: &status,
        }
        .run();
    }
}
