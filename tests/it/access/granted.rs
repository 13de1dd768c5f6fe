//! A private grant in every state that it can be in, and its offers in theirs; and who reaches them
//! there.

use super::states::Scene;
use super::world::{SECRET_TITLE, Stage, World};
use super::{Known, walk};
use crate::support::Harness;
use crate::support::bodies::NOBODY;
use crate::support::desk::usd;
use crate::support::web::Web;
use almoner::applications::model::ApplicationStatus;
use almoner::calls::model::Visibility;
use almoner::grants::model::GrantStatus;
use almoner::offers::model::OfferStatus;
use almoner::platform::authz::policy::Relation;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

use GrantStatus as S;

/// Grants on their way, step by step. In the states that are marked everybody tries everything;
/// what is active has a world of its own.
const WAYS: [&[(GrantStatus, bool)]; 2] = [
    &[(S::Awarded, true), (S::Cancelled, true)],
    &[(S::Active, false), (S::Paused, true), (S::WindingDown, true), (S::Closed, true)],
];

/// An application that is open, with an offer.
fn opened(scene: &Scene<'_>) -> World {
    let mut world = scene.draft(SECRET_TITLE, Visibility::Private, NOBODY);
    scene.go(&mut world, ApplicationStatus::Submitted);
    scene.go(&mut world, ApplicationStatus::Open);
    let further = [("kind", "tax_form"), ("sequence", "1")];
    world.parts.extend(further.map(|(name, value)| (name, value.to_owned())));
    world
}

/// The grant that it becomes; of what is there, only that and its offer.
fn awarded(scene: &Scene<'_>, world: &mut World) -> String {
    let (application, small) = (world.ids["applications"].clone(), &world.ids["offers"]);
    scene.backer.who.command(&format!("/api/v1/offers/{small}/withdraw")).ok();
    let offer = scene.backer.offer(&application, "600.00").id();
    let tranche = json!({ "amount": usd("600.00"), "release_condition": "on_report" });
    let grant = scene.field.award(&application, json!({ "tranches": [tranche] })).id();
    scene.field.web.work();
    assert_eq!(scene.field.offer(&offer)["status"], OfferStatus::Committed.as_str());
    world.ids = BTreeMap::from([("grants", grant.clone()), ("offers", offer)]);
    world.stage = Stage::of(ApplicationStatus::Awarded, false);
    grant
}

/// Brings it to its next state.
fn go(scene: &Scene<'_>, grant: &str, to: GrantStatus) {
    let act = |act: &str| {
        let path = format!("/api/v1/grants/{grant}/{act}");
        scene.field.desk.admin.post(&path, json!({ "reason": "It has to be." })).ok();
    };
    match to {
        S::Awarded => {}
        S::Active => scene.field.activate(grant),
        S::Paused => act("pause"),
        S::WindingDown => act("wind-down"),
        S::Closed => act("close"),
        S::Cancelled => act("cancel"),
    }
    scene.field.web.work();
    assert_eq!(scene.field.grant(grant)["status"], to.as_str());
}

/// Everybody tries everything, wherever a grant can be, and then wherever an offer can be.
pub fn every_state(t: &Harness, web: &Web) {
    let (scene, known) = (Scene::new(t, web), Known::default());
    let mut seen = BTreeSet::from([S::Active.as_str()]);
    for way in WAYS {
        let mut world = opened(&scene);
        let grant = awarded(&scene, &mut world);
        for (status, tried) in way {
            go(&scene, &grant, *status);
            if *tried {
                walk(web, &world, &known);
                seen.insert(status.as_str());
            }
        }
    }
    let all: BTreeSet<&str> = GrantStatus::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(seen, all, "name a way to each state");
    offers(&scene, &known);
}

/// One that waits for a second person is nobody's to see on the application.
fn offers(scene: &Scene<'_>, known: &Known) {
    let (web, admin) = (scene.field.web, &scene.field.desk.admin);
    let budget = format!("/api/v1/budgets/{}", scene.backer.budget);
    let read = admin.get(&budget);
    admin.patch(&budget, read.etag(), json!({ "approval_threshold": usd("50.00") })).ok();
    let mut world = opened(scene);
    let offer = world.ids["offers"].clone();
    world.ids = BTreeMap::from([("offers", offer.clone())]);
    let at = |act: &str| format!("/api/v1/offers/{offer}/{act}");
    let mut seen = BTreeSet::from([OfferStatus::Committed.as_str()]);
    let mut tried = |world: &World, status: OfferStatus| {
        assert_eq!(scene.field.offer(&offer)["status"], status.as_str());
        walk(web, world, known);
        seen.insert(status.as_str());
    };
    let callers = world.callers.clone();
    for caller in &mut world.callers {
        caller.relations.retain(|relation| *relation != ("offers", Relation::Recipient));
    }
    tried(&world, OfferStatus::AwaitingApproval);
    world.callers = callers;
    admin.command(&at("approve")).ok();
    tried(&world, OfferStatus::Placed);
    scene.backer.who.command(&at("withdraw")).ok();
    tried(&world, OfferStatus::Released);
    let all: BTreeSet<&str> = OfferStatus::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(seen, all, "name a way to each state");
}
