//! The payments of the private grant in every state that they can be in, and who reaches them
//! there.

use super::world::World;
use super::{Known, walk};
use crate::support::web::Web;
use almoner::disbursements::model::DisbursementStatus;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

use DisbursementStatus as S;

/// Everybody tries everything; what is drafted they have tried, with all that hangs on the grant.
pub fn every_state(web: &Web, world: &World) {
    let finance = world.callers.iter().find(|caller| caller.name == "finance");
    let finance = finance.expect("somebody is of finance").client.clone();
    let drafted = &world.ids["disbursements"];
    let sent = finance.get("/api/v1/disbursements?status=instructed").ok();
    let sent = sent["items"][0]["id"].as_str().expect("one was sent").to_owned();
    let why = json!({ "reason": "They moved." });
    let typed = json!({ "paid_without_file": "Typed in at the bank." });
    let steps = [
        (drafted, "approve", json!({}), S::Approved),
        (drafted, "void", why.clone(), S::Voided),
        (&sent, "", json!({}), S::Instructed),
        (&sent, "settle", typed, S::Settled),
        (&sent, "return", why, S::Returned),
    ];
    let (known, mut seen) = (Known::default(), BTreeSet::from([S::Drafted.as_str()]));
    for (id, act, body, to) in steps {
        let path = format!("/api/v1/disbursements/{id}");
        if !act.is_empty() {
            finance.post(&format!("{path}/{act}"), body).ok();
        }
        assert_eq!(finance.get(&path).ok()["status"], to.as_str());
        let ids = BTreeMap::from([("disbursements", id.clone())]);
        let there = World { ids, whole: false, ..world.clone() };
        walk(web, &there, &known);
        seen.insert(to.as_str());
    }
    let all: BTreeSet<&str> = S::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(seen, all, "name a way to each state");
}
