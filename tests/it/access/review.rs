//! Those who come to an application by another way than its own: to review it, to vouch for it, to
//! look at what it could harm.

use super::world::{Caller, caller};
use crate::support::desk::Desk;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Role;
use almoner::platform::authz::policy::Relation;
use serde_json::json;

const REVIEWER: &[(&str, Relation)] = &[("reviews", Relation::Own)];
const VOUCHER: &[(&str, Relation)] =
    &[("vouches", Relation::Own), ("vouch-requests", Relation::Invited)];
const LANE: &[(&str, Relation)] = &[
    ("", Relation::NeedToKnow),
    ("screenings", Relation::NeedToKnow),
    ("concerns", Relation::NeedToKnow),
];
/// What the others of the story are to what is here.
pub const OWNER: &[(&str, Relation)] = &[("vouch-requests", Relation::Own)];
pub const BACKER: &[(&str, Relation)] = &[("vouches", Relation::Backer)];

/// What hangs on the application while it is decided on; the ids, and who is concerned.
pub fn before_the_award(
    web: &Web,
    desk: &Desk<'_>,
    owner: &Client,
    application: &str,
) -> (Vec<(&'static str, String)>, Vec<Caller>) {
    let at = |rest: &str| format!("/api/v1/applications/{application}{rest}");
    let reviewer = web.with_role("Rita Reviewer", Role::Reviewer);
    let review = desk.admin.post(&at("/reviewers"), json!({ "person_id": reviewer.id() })).id();
    let voucher = web.person("Vic Voucher");
    let asked = json!({ "email": voucher.email, "name": "Vic" });
    let request = owner.post(&at("/vouch-requests"), asked).id();
    let said = json!({ "scopes": ["idea"], "strength": "strong", "how_known": "From school." });
    let vouch = voucher.post(&format!("/api/v1/vouch-requests/{request}/sign"), said).id();
    let lane = web.person("Lana Lane");
    let why = json!({ "reason": "Knows the field." });
    desk.admin.post(&format!("/api/v1/people/{}/need-to-know", lane.id()), why).ok();
    let answer = |key: &str| json!({ "key": key, "answer": "None." });
    let answers = {
        let list = ["misuse", "accident", "publication"].map(answer);
        json!({ "answers": list })
    };
    owner.put(&at("/screening"), answers).ok();
    let page = lane.get("/api/v1/screenings").ok();
    let mut screenings = page["items"].as_array().expect("items").iter();
    let screening = screenings.find(|item| item.to_string().contains(application));
    let screening = screening.and_then(|item| item["id"].as_str()).expect("one of ours").to_owned();
    lane.command_as_read(&format!("/api/v1/screenings/{screening}/clear")).ok();
    // Somebody of finance is worried; they are none of the callers.
    let concern = desk.finance.post(&at("/concerns"), json!({ "concern": "It could hurt." })).id();
    let decide = json!({ "outcome": "cleared", "reason": "It does not." });
    lane.post(&format!("/api/v1/concerns/{concern}/decide"), decide).ok();
    let ids = vec![
        ("reviews", review),
        ("vouches", vouch),
        ("vouch-requests", request),
        ("screenings", screening),
        ("concerns", concern),
    ];
    let callers = vec![
        caller("assigned reviewer", reviewer, &[Role::Reviewer], REVIEWER),
        caller("voucher", voucher, &[], VOUCHER),
        caller("need-to-know", lane, &[], LANE),
    ];
    (ids, callers)
}

/// Whether somebody knows of the application by such a way: then its id and name are no secret to
/// them.
pub fn knows_of_it(caller: &Caller) -> bool {
    ["reviews", "vouches", "vouch-requests", "screenings"]
        .into_iter()
        .any(|room| caller.stands(room))
}

/// A row in each of the tables that only grow and that the story itself leaves empty: a review that
/// is handed in and decided on, questions of our own, conflicts that were looked at.
pub fn fill(web: &Web) {
    let field = web.field();
    let admin = &field.desk.admin;
    let rea = web.with_address("rea@lab.uni.edu", "Rea Researcher", &[]);
    let application = field.applies(&rea, "1.00", "9.00");
    let at = |rest: &str| format!("/api/v1/applications/{application}{rest}");
    let near = web.with_address("near@lab.uni.edu", "Nea Near", &[Role::Reviewer]);
    let look = json!({ "person_id": near.id(), "ground": "email_domain", "reason": "Big place." });
    admin.post(&at("/conflict-exceptions"), look).ok();
    let torn = web.with_role("Torn", Role::Finance);
    torn.post(&at("/conflicts"), json!({ "reason": "A friend." })).ok();
    let lift = json!({ "person_id": torn.id(), "ground": "declared", "reason": "Another Rea." });
    admin.post(&at("/conflict-exceptions"), lift).ok();
    let review = admin.post(&at("/reviewers"), json!({ "person_id": near.id() })).id();
    let review = format!("/api/v1/reviews/{review}");
    let score = |key: &str| json!({ "key": key, "score": 3, "comment": "Why" });
    let scores = ["merit", "feasibility", "team", "value"].map(score);
    let body = json!({ "scores": scores, "comment": "On the whole.", "recommendation": "fund" });
    let etag = near.get(&review).etag().to_owned();
    near.patch(&review, &etag, body).ok();
    near.command(&format!("{review}/submit")).ok();
    let decided = json!({ "outcome": "advance", "reason": "All of it." });
    admin.post(&at("/reviews/decide"), decided).ok();
    let questions = json!({ "questions": [{ "key": "harm", "text": "Whom could it harm?" }] });
    admin.put("/api/v1/screening-questions", questions).ok();
    web.work();
}
