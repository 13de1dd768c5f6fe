//! The objects of an application in every state that it can be in, and who reaches them there.

use super::review::{self, before_the_award};
use super::world::{
    BACKER, CONTRIBUTOR, Caller, INVITED, MEMBER, OWNER, SECRET_TITLE, Stage, World, attach,
    caller, routed, seated,
};
use super::{Known, out, walk};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::{Backer, Field};
use crate::support::web::{Client, Reply, Web};
use almoner::applications::model::ApplicationStatus;
use almoner::calls::model::Visibility;
use almoner::commongrants::rules::applications::BASICS;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

use ApplicationStatus as S;

/// An application on its way: a name, who may see it, and where it goes, step by step. In the
/// states that are marked everybody tries everything.
type Way = (&'static str, Visibility, &'static [(ApplicationStatus, bool)]);

/// The first has all that hangs on it when the second is still a draft. What is awarded has a
/// world of its own.
const WAYS: [Way; 3] = [
    (
        SECRET_TITLE,
        Visibility::Private,
        &[
            (S::Draft, false),
            (S::Submitted, false),
            (S::Open, true),
            (S::ChangesRequested, true),
            (S::Open, false),
            (S::Declined, true),
        ],
    ),
    (
        "Canary of the open field",
        Visibility::Public,
        &[(S::Draft, true), (S::Submitted, true), (S::Open, true), (S::Withdrawn, true)],
    ),
    (
        "Canary of the late hour",
        Visibility::Public,
        &[(S::Draft, false), (S::Submitted, false), (S::Open, false), (S::Lapsed, true)],
    ),
];

/// Those who have to do with all of them.
pub(super) struct Scene<'w> {
    t: &'w Harness,
    pub(super) field: Field<'w>,
    /// A private call that closes soon.
    call: String,
    pub(super) backer: Backer,
    owner: Client,
    member: Client,
    callers: Vec<Caller>,
}

impl<'w> Scene<'w> {
    pub(super) fn new(t: &'w Harness, web: &'w Web) -> Self {
        let field = web.field();
        let (owner, member) = (web.person("Olga Owner"), web.person("Mo Member"));
        let (backer, other) = (field.backer("5000.00"), field.backer("5000.00"));
        let funder = web.with_role("Flo Funder", Role::Funder);
        let gift = json!({
            "amount": usd("1.00"), "received_on": "2026-11-02", "funder_id": funder.id(),
        });
        field.desk.finance.post(&format!("/api/v1/funds/{}/contributions", backer.fund), gift).ok();
        let admin = &field.desk.admin;
        let call = json!({ "title": "By invitation", "kind": "dated", "visibility": "private",
            "opens_on": "2026-11-02", "closes_on": "2026-11-03", "decision_days": 7,
            "fund_ids": [backer.fund] });
        let call = admin.post("/api/v1/calls", call).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let regrantor = [Role::Regrantor];
        let with = |name: &str, role| web.with_role(name, role);
        let mut callers = vec![
            caller("anonymous", web.anonymous(), &[], &[]),
            caller("recipient", owner.clone(), &[], OWNER),
            caller("team member", member.clone(), &[], MEMBER),
            caller("stranger", web.person("Stan Stranger"), &[], &[]),
            caller("backer", backer.who.clone(), &regrantor, BACKER),
            caller("other regrantor", other.who, &regrantor, &[]),
            caller("funder of the fund", funder, &[Role::Funder], CONTRIBUTOR),
            caller("finance", with("Fay", Role::Finance), &[Role::Finance], &[]),
            caller("admin", with("Abe", Role::Admin), &[Role::Admin], &[]),
            caller("auditor", with("Audrey", Role::Auditor), &[Role::Auditor], &[]),
            caller("reviewer", with("Remy", Role::Reviewer), &[Role::Reviewer], &[]),
        ];
        callers[0].signed_in = false;
        callers[1].relations.extend(review::OWNER);
        callers[4].relations.extend(review::BACKER);
        callers.extend(super::people::delegates(web, &owner).0);
        Self { t, field, call, backer, owner, member, callers }
    }

    /// A draft with a team, somebody who is asked onto it, and somebody who was on it and is
    /// suspended; `comment` is of another application, for nobody can have said anything yet.
    pub(super) fn draft(
        &self,
        title: &'static str,
        visibility: Visibility,
        comment: &str,
    ) -> World {
        let (web, owner) = (self.field.web, &self.owner);
        let form = json!({
            "call_id": self.call, "title": title, "summary": "Seen by few.", "body": "In full.",
            "amount_minimum": usd("300.00"), "amount_requested": usd("900.00"),
            "budget_lines": [{ "label": "All of it", "amount": usd("900.00") }],
            "duration_months": 12, "visibility": visibility,
        });
        let id = owner.post("/api/v1/applications", form).id();
        let members = format!("/api/v1/applications/{id}/members");
        seated(owner, &self.member, &members);
        let shut_out = out::everything(web);
        seated(owner, &shut_out, &members);
        let invited = web.person("Ina Invited");
        let asked = json!({ "email": invited.email, "name": "Ina" });
        let seat = owner.post(&members, asked).id();
        let parts = BTreeMap::from([
            ("member_id", seat),
            ("attachment_id", attach(owner, &id, title)),
            ("comment_id", comment.to_owned()),
            ("call_id", routed(&self.field, &self.backer.fund, owner, &id)),
            ("number", "1".to_owned()),
            ("formId", BASICS.to_string()),
        ]);
        let mut callers = self.callers.clone();
        callers.push(caller("invited", invited, &[], INVITED));
        let admin = self.field.desk.admin.clone();
        callers.extend(out::suspended(web, &admin, shut_out));
        let public = visibility == Visibility::Public;
        let ids = BTreeMap::from([("applications", id)]);
        let stage = Stage::of(S::Draft, public);
        World { callers, ids, parts, title, stage, whole: false, admin }
    }

    /// What hangs on an application that is open.
    fn hang(&self, world: &mut World) {
        let id = world.ids["applications"].clone();
        let (web, owner) = (self.field.web, &self.owner);
        let said = json!({ "visibility": "public", "body": world.title });
        let comment = owner.post(&format!("/api/v1/applications/{id}/comments"), said).id();
        world.parts.insert("comment_id", comment);
        // Less than the least that makes sense: it may lapse.
        world.ids.insert("offers", self.backer.offer(&id, "100.00").id());
        let (ids, callers) = before_the_award(web, &self.field.desk, owner, &id);
        world.ids.extend(ids);
        world.callers.extend(callers);
    }

    /// Brings it to its next state.
    pub(super) fn go(&self, world: &mut World, to: ApplicationStatus) {
        let id = world.ids["applications"].clone();
        let at = |rest: &str| format!("/api/v1/applications/{id}/{rest}");
        let (owner, admin) = (&self.owner, &self.field.desk.admin);
        let why = json!({ "reason": "We have read it." });
        let now = self.status(&id);
        let done = |reply: Reply| drop(reply.ok());
        match to {
            S::Draft => {}
            S::Submitted => {
                self.nobody_is_asked(world, &id);
                done(owner.command(&at("submit")));
                done(owner.command(&at(&format!("routes/{}/submit", world.parts["call_id"]))));
            }
            S::Open if now == S::ChangesRequested => done(owner.command(&at("submit"))),
            S::Open => {
                done(admin.command(&at("open")));
                self.hang(world);
            }
            S::ChangesRequested => done(admin.post(&at("request-changes"), why)),
            S::Declined => {
                let all = json!({ "reason": "We have read it.", "all_calls": true });
                done(admin.post(&at("decline"), all));
            }
            S::Withdrawn => done(owner.command(&at("withdraw"))),
            S::Awarded => panic!("that is the other world"),
            S::Lapsed => {
                // It goes on for as long as it does in one of its calls.
                let further = &world.parts["call_id"];
                done(admin.command(&format!("/api/v1/calls/{further}/close")));
                for _ in 0..30 {
                    self.t.clock.advance_seconds(3 * 86_400);
                    self.field.web.work();
                    if self.status(&id) == S::Lapsed {
                        break;
                    }
                }
            }
        }
        // What is released at an end is so by a job.
        self.field.web.work();
        assert_eq!(self.status(&id), to);
        world.stage = Stage::of(to, world.stage.public);
    }

    /// Whoever was asked says no, for nothing is handed in before that; and so is a stranger.
    fn nobody_is_asked(&self, world: &mut World, id: &str) {
        let (seat, invited) = (world.parts["member_id"].clone(), "invited");
        let asked = world.callers.iter_mut().find(|caller| caller.name == invited);
        let asked = asked.expect("somebody was");
        let path = format!("/api/v1/applications/{id}/members/{seat}/decline");
        asked.client.command(&path).ok();
        (asked.name, asked.relations) = ("who said no", Vec::new());
    }

    fn status(&self, id: &str) -> ApplicationStatus {
        let read: Value = self.owner.get(&format!("/api/v1/applications/{id}")).ok();
        read["status"].as_str().and_then(|status| status.parse().ok()).expect("a status")
    }
}

/// Everybody tries everything, wherever an application can be.
pub fn every_state(t: &Harness, web: &Web) {
    let (scene, known) = (Scene::new(t, web), Known::default());
    let mut seen = BTreeSet::from([S::Awarded.as_str()]);
    let mut comment = crate::support::bodies::NOBODY.to_owned();
    for (title, visibility, way) in WAYS {
        let mut world = scene.draft(title, visibility, &comment);
        for (status, tried) in way {
            scene.go(&mut world, *status);
            if *tried {
                assert_ne!(world.parts["comment_id"], crate::support::bodies::NOBODY);
                walk(web, &world, &known);
                seen.insert(status.as_str());
            }
        }
        comment.clone_from(&world.parts["comment_id"]);
    }
    let all: BTreeSet<&str> = ApplicationStatus::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(seen, all, "name a way to each state");
}
