//! One private application that became a grant, with everything that hangs on it; and everybody
//! who might want to look.

use super::review::{self, before_the_award};
use super::{beside, out};
use crate::support::desk::usd;
use crate::support::field::{Backer, Field};
use crate::support::payday::sign;
use crate::support::web::{Client, Web};
use almoner::applications::model::ApplicationStatus;
use almoner::kernel::actor::Role;
use almoner::kernel::ids::GrantId;
use almoner::platform::authz::policy::Relation;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What nobody reads who may not read the application.
pub const SECRET_TITLE: &str = "Canary of the unlit shaft";
/// The account number: nobody reads it at all, but in the payment file.
pub const ACCOUNT: &str = "000777123456";

/// Somebody, and how they stand to the objects of the world.
#[derive(Clone)]
pub struct Caller {
    pub name: &'static str,
    pub client: Client,
    pub roles: Vec<Role>,
    pub signed_in: bool,
    /// Suspended: what they hold was given to them before.
    pub ended: bool,
    pub relations: Vec<(&'static str, Relation)>,
}

/// What the state of the application lets others see of it.
#[derive(Clone, Copy)]
pub struct Stage {
    /// It was handed in at some time.
    pub handed_in: bool,
    /// It can be funded, or is.
    pub shown: bool,
    /// It is everybody's to see while it is shown.
    pub public: bool,
}

impl Stage {
    /// That of an application with this status, which was handed in unless it is a draft.
    pub fn of(status: ApplicationStatus, public: bool) -> Self {
        use ApplicationStatus::{Awarded, Draft, Open};
        Self { handed_in: status != Draft, shown: matches!(status, Open | Awarded), public }
    }
}

impl Caller {
    /// How they stand to the objects under this part of the API, at this stage.
    pub fn relations(&self, room: &str, stage: Stage) -> Vec<Relation> {
        let public = room == "applications" && stage.public && stage.shown;
        let knows = (public || room == "calls") && self.signed_in;
        // Who could fund it stands in no relation to what takes no money.
        let past = !stage.shown && ["applications", "vouches"].contains(&room);
        let stands = self.relations.iter().filter(|(of, _)| *of == room).map(|(_, r)| *r);
        stands
            .filter(|relation| !past || *relation != Relation::Backer)
            .chain(public.then_some(Relation::Public))
            .chain(knows.then_some(Relation::Known))
            .collect()
    }
    /// Whether they stand in any relation to the object under this part of the API.
    pub fn stands(&self, room: &str) -> bool {
        self.relations.iter().any(|(of, _)| *of == room)
    }
}

/// Everything that there is, by the part of the API that serves it.
#[derive(Clone)]
pub struct World {
    pub callers: Vec<Caller>,
    pub ids: BTreeMap<&'static str, String>,
    /// What stands in addresses beside the object, by its name there.
    pub parts: BTreeMap<&'static str, String>,
    /// The application's name.
    pub title: &'static str,
    pub stage: Stage,
    /// Whether there is one of everything that has an address; otherwise only what hangs on the
    /// application is there.
    pub whole: bool,
    /// None of the callers; suspends.
    pub admin: Client,
}

fn files(application: &str) -> String {
    format!("/api/v1/applications/{application}/attachments")
}

/// A file that nobody reads who may not read the application; its id.
pub fn attach(who: &Client, application: &str, text: &str) -> String {
    let path = format!("{}?name=plan.txt", files(application));
    let body = Some(text.as_bytes().to_vec());
    who.send("POST", &path, &[("Content-Type", "text/plain")], body).id()
}

fn id_of(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

/// A further call, in which only this fund may spend, that an application is routed to; its id.
pub fn routed(field: &Field<'_>, fund: &str, owner: &Client, application: &str) -> String {
    let admin = &field.desk.admin;
    let call = json!({ "title": "A further call", "kind": "rolling", "visibility": "private",
        "decision_days": 7, "fund_ids": [fund] });
    let call = admin.post("/api/v1/calls", call).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    let path = format!("/api/v1/applications/{application}/routes");
    owner.post(&path, json!({ "call_id": call })).ok();
    call
}

/// The relations that go with a place in the story.
pub const OWNER: &[(&str, Relation)] = &[
    ("applications", Relation::Own),
    ("offers", Relation::Recipient),
    ("grants", Relation::Recipient),
    ("reports", Relation::Recipient),
    ("checkpoints", Relation::Recipient),
    ("disbursements", Relation::Recipient),
    ("payees", Relation::Own),
    ("people", Relation::Own),
    ("saved-searches", Relation::Own),
    ("sessions", Relation::Own),
    ("access-tokens", Relation::Own),
    ("delegations", Relation::Own),
    super::people::PROPOSER,
];
pub const MEMBER: &[(&str, Relation)] = &[
    ("applications", Relation::Team),
    ("applications", Relation::Writer),
    ("offers", Relation::Recipient),
    ("grants", Relation::Team),
    ("reports", Relation::Team),
    ("checkpoints", Relation::Team),
];
pub const INVITED: &[(&str, Relation)] = &[("applications", Relation::Invited)];
pub const BACKER: &[(&str, Relation)] = &[
    ("applications", Relation::Backer),
    ("applications", Relation::Holder),
    ("offers", Relation::Own),
    ("offers", Relation::Holder),
    ("grants", Relation::Backer),
    ("reports", Relation::Backer),
    ("checkpoints", Relation::Backer),
    ("budgets", Relation::Holder),
    ("earmarks", Relation::Holder),
    super::people::NOMINATOR,
];
pub const CONTRIBUTOR: &[(&str, Relation)] = &[("funds", Relation::Contributor)];

/// Builds it through the front door.
pub fn world(web: &Web) -> World {
    let field = web.field();
    let (owner, member) = (web.person("Olga Owner"), web.person("Mo Member"));
    let shut_out = out::everything(web);
    let (backer, other) = (field.backer("5000.00"), field.backer("5000.00"));
    let funder = web.with_role("Flo Funder", Role::Funder);
    let gift = json!({
        "amount": usd("1.00"), "received_on": "2026-11-02", "funder_id": funder.id(),
    });
    let gifts = format!("/api/v1/funds/{}/contributions", backer.fund);
    let gift = field.desk.finance.post(&gifts, gift).id();
    let (call, application, member_id, joining) =
        private(&field, &backer, &owner, &[&member, &shut_out]);
    let route = routed(&field, &backer.fund, &owner, &application);
    owner.command(&format!("/api/v1/applications/{application}/routes/{route}/submit")).ok();
    let (delegates, delegation) = super::people::delegates(web, &owner);
    let attachment = id_of(&owner.get(&files(&application)).ok()["items"][0]["id"]);
    let said = json!({ "visibility": "public", "body": SECRET_TITLE });
    let comment = owner.post(&format!("/api/v1/applications/{application}/comments"), said).id();
    let offer = backer.offer(&application, "600.00").id();
    let second = web.with_role("Fay Finance", Role::Finance);
    let (before, concerned) = before_the_award(web, &field.desk, &owner, &application);
    let given = beside::given(&field, &backer, &owner);
    let mut ids = granted(&field, &owner, &second, &application);
    ids.extend(before);
    let template = json!({ "name": "Kind words", "body": "We are sorry." });
    let template = field.desk.admin.post("/api/v1/decline-templates", template).id();
    ids.extend([
        ("decline-templates", template),
        ("applications", application),
        ("offers", offer),
        ("funds", backer.fund.clone()),
        ("budgets", backer.budget.clone()),
        ("calls", call),
        ("delegations", delegation),
    ]);
    ids.extend(joining);
    ids.extend(given.ids);
    ids.insert("announcements", announcement(web, &field.desk.finance));
    let regrantor = [Role::Regrantor];
    let mut callers = vec![
        caller("anonymous", web.anonymous(), &[], &[]),
        caller("recipient", owner, &[], OWNER),
        caller("team member", member, &[], MEMBER),
        caller("stranger", web.person("Stan Stranger"), &[], &[]),
        caller("backer", backer.who, &regrantor, BACKER),
        caller("other regrantor", other.who, &regrantor, &[]),
        caller("funder of the fund", funder, &[Role::Funder], CONTRIBUTOR),
        caller("other funder", web.with_role("Fred", Role::Funder), &[Role::Funder], &[]),
        caller("finance", second, &[Role::Finance], &[]),
        caller("admin", web.with_role("Abe", Role::Admin), &[Role::Admin], &[]),
        caller("auditor", web.with_role("Audrey", Role::Auditor), &[Role::Auditor], &[]),
        caller("reviewer", web.with_role("Remy", Role::Reviewer), &[Role::Reviewer], &[]),
    ];
    callers[0].signed_in = false;
    callers[1].relations.extend(review::OWNER);
    callers[4].relations.extend(review::BACKER);
    callers.extend(concerned);
    callers.extend(delegates);
    let admin = field.desk.admin.clone();
    callers.extend(out::suspended(web, &admin, shut_out));
    let mut parts = given.parts;
    parts.extend([
        ("contribution_id", gift),
        ("member_id", member_id),
        ("attachment_id", attachment),
        ("comment_id", comment),
        ("call_id", route),
    ]);
    let stage = Stage::of(ApplicationStatus::Awarded, false);
    World { callers, ids, parts, title: SECRET_TITLE, stage, whole: true, admin }
}

/// A place on the team that somebody was asked onto and took; its id.
pub fn seated(owner: &Client, who: &Client, members: &str) -> String {
    let seat = owner.post(members, json!({ "email": who.email, "name": "Mo" })).id();
    who.command(&format!("{members}/{seat}/accept")).ok();
    seat
}

/// Money that somebody announced for it; its id. (By hand: nobody can for a private one.)
fn announcement(web: &Web, finance: &Client) -> String {
    let made = format!(
        "INSERT INTO announcements (id, application_id, fund_id, amount, currency, giver_name, \
         email, message, reference, status, expires_at, created_at) \
         SELECT (SELECT v.id FROM application_versions v WHERE v.application_id = a.id LIMIT 1), \
         a.id, (SELECT f.id FROM funds f ORDER BY f.id LIMIT 1), 500, 'USD', 'Gil Giver', \
         'gil@example.org', 'Go on.', 'GIFT', 'announced', a.created_at, a.created_at \
         FROM applications a WHERE a.title = '{SECRET_TITLE}'"
    );
    assert_eq!(crate::payees::execute(web, &made), Ok(1));
    id_of(&finance.get("/api/v1/announcements").ok()["items"][0]["id"])
}

/// A private, open application with a team, in a private call; call, application, member.
fn private(
    field: &Field<'_>,
    backer: &Backer,
    owner: &Client,
    team: &[&Client],
) -> (String, String, String, [(&'static str, String); 2]) {
    let admin = &field.desk.admin;
    let call = json!({ "title": "By invitation", "kind": "rolling", "visibility": "private",
        "fund_ids": [backer.fund] });
    let call = admin.post("/api/v1/calls", call).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    let form = json!({
        "call_id": call, "title": SECRET_TITLE, "summary": "Seen by few.", "body": "In full.",
        "amount_minimum": usd("300.00"), "amount_requested": usd("900.00"),
        "budget_lines": [{ "label": "All of it", "amount": usd("900.00") }],
        "duration_months": 12, "visibility": "private",
    });
    let application = owner.post("/api/v1/applications", form).id();
    let members = format!("/api/v1/applications/{application}/members");
    super::people::agenda(admin, owner, &application);
    let seats: Vec<String> = team.iter().map(|who| seated(owner, who, &members)).collect();
    attach(owner, &application, SECRET_TITLE);
    owner.command(&format!("/api/v1/applications/{application}/submit")).ok();
    admin.command(&format!("/api/v1/applications/{application}/open")).ok();
    let joining = [
        ("merges", super::people::merge(field.web, &call, owner, &application)),
        ("nominations", super::people::nomination(&call, &backer.who)),
    ];
    (call, application, seats[0].clone(), joining)
}

/// The application awarded, active, one tranche drafted and one in a batch; what came of it.
fn granted(
    field: &Field<'_>,
    owner: &Client,
    second: &Client,
    application: &str,
) -> BTreeMap<&'static str, String> {
    let desk = &field.desk;
    let plan = json!({ "tranches": [
        { "amount": usd("200.00"), "release_condition": "on_activation" },
        { "amount": usd("150.00"), "release_condition": "on_activation" },
        { "amount": usd("150.00"), "release_condition": "on_report" },
        { "amount": usd("100.00"), "release_condition": "on_checkpoint" },
    ] });
    let grant = field.award(application, plan).id();
    field.web.work();
    let payee = payee(desk.finance.clone(), owner, &grant);
    sign(desk, owner, &grant);
    field.activate(&grant);
    settled(field, &grant);
    let draft = |n: i32| {
        let path = format!("/api/v1/grants/{grant}/tranches/{n}/disbursement");
        desk.finance.post(&path, json!({ "despite_double": true })).id()
    };
    let (drafted, paid) = (draft(1), draft(2));
    second.command(&format!("/api/v1/disbursements/{paid}/approve")).ok();
    let bank = desk.admin.get("/api/v1/bank-accounts").ok()["items"][0]["id"].clone();
    let batch = json!({ "bank_account_id": bank, "disbursement_ids": [paid] });
    let batch = desk.finance.post("/api/v1/payment-batches", batch).id();
    let first = |who: &Client, path: &str| id_of(&who.get(path).ok()["items"][0]["id"]);
    let of_grant = |what: &str| first(&desk.admin, &format!("/api/v1/grants/{grant}/{what}"));
    let token = json!({ "name": "Script", "scopes": ["grants:read"], "expires_in_days": 30 });
    let token = owner.post("/api/v1/me/access-tokens", token).ok();
    BTreeMap::from([
        ("payees", payee),
        ("disbursements", drafted),
        ("payment-batches", batch),
        ("reports", of_grant("reports")),
        ("checkpoints", of_grant("checkpoints")),
        ("people", owner.id().to_string()),
        ("entries", first(&desk.admin, "/api/v1/ledger/entries")),
        ("agendas", first(&desk.admin, "/api/v1/agendas")),
        ("sessions", first(owner, "/api/v1/me/sessions")),
        ("saved-searches", saved_search(owner)),
        ("access-tokens", id_of(token.get("id").unwrap_or(&token["token"]["id"]))),
        ("grants", grant),
    ])
}

pub fn caller(
    name: &'static str,
    client: Client,
    roles: &[Role],
    relations: &[(&'static str, Relation)],
) -> Caller {
    let (roles, relations) = (roles.to_vec(), relations.to_vec());
    Caller { name, client, roles, signed_in: true, ended: false, relations }
}

/// A search that the owner saved; its id.
fn saved_search(owner: &Client) -> String {
    let form = json!({ "name": "Mine", "asked": { "q": "lens" }, "digest": "daily" });
    owner.post("/api/v1/saved-searches", form).id()
}

/// A payee of the owner's, verified and named; its id.
fn payee(finance: Client, owner: &Client, grant: &str) -> String {
    let form = json!({
        "name": "Olga Owner", "country": "US", "town": "Berkeley", "address": "1 Way",
        "currency": "USD",
        "account": { "method": "us_bank", "routing": "021000021", "account": ACCOUNT,
            "account_type": "checking" },
    });
    let made = owner.post("/api/v1/payees", form).ok();
    let id = id_of(&made["id"]);
    owner.command(&format!("/api/v1/payees/{id}/submit")).ok();
    owner.put(&format!("/api/v1/grants/{grant}/payee"), json!({ "payee_id": id })).ok();
    let version = json!({ "details_version": made["details_version"] });
    finance.post(&format!("/api/v1/payees/{id}/verify"), version).ok();
    id
}

fn settled(field: &Field<'_>, grant: &str) {
    use almoner::paperwork::model::{RequirementKind, RequirementStatus};
    let id: GrantId = grant.parse().expect("an id");
    field.act(|conn, ctx| {
        for kind in [RequirementKind::TaxForm, RequirementKind::Screening] {
            let status = RequirementStatus::Satisfied;
            almoner::paperwork::service::mark(conn, ctx, id, kind, status)?;
        }
        Ok(())
    });
}
