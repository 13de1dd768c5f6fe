//! Rows in bulk, as the domains' stores would write them one by one.

use super::dice::Dice;
use almoner::kernel::Result;
use almoner::kernel::ids::{
    ApplicationId, BudgetId, CallId, FundId, GrantId, OfferId, PayeeId, PersonId, SourceId,
    TrancheId,
};
use almoner::kernel::money::Currency;
use almoner::kernel::time::{Date, Instant};
use almoner::ledger::model::Movement;
use almoner::platform::db::Conn;
use almoner::platform::db::ext::{ROWS_PER_INSERT, each};
use almoner::platform::db::schema::{
    application_texts, applications, grant_sources, grants, offers, people, tranches,
};
use almoner::platform::db::types::Doc;
use diesel::prelude::*;
use serde_json::json;

/// Rows that belong together, and what they mean for the ledger.
#[derive(Default)]
pub struct Batch {
    pub applications: Vec<Application>,
    pub texts: Vec<Text>,
    pub offers: Vec<Offer>,
    pub grants: Vec<Grant>,
    pub sources: Vec<Source>,
    pub tranches: Vec<Tranche>,
    pub movements: Vec<Movement>,
}

#[derive(Insertable)]
#[diesel(table_name = applications, treat_none_as_default_value = false)]
pub struct Application {
    pub id: ApplicationId,
    pub call_id: CallId,
    pub applicant_id: PersonId,
    pub title: String,
    pub summary: String,
    pub amount_minimum: Option<i64>,
    pub amount_requested: Option<i64>,
    pub offered: i64,
    pub promised: i64,
    pub currency: Option<Currency>,
    pub duration_months: Option<i32>,
    pub visibility: &'static str,
    pub looking_for: i32,
    pub status: &'static str,
    pub returned_from: Option<&'static str>,
    pub status_reason: Option<String>,
    pub promised_on: Option<Date>,
    pub submitted_at: Option<Instant>,
    pub opened_at: Option<Instant>,
    pub decided_at: Option<Instant>,
    pub version: i32,
    pub created_at: Instant,
}

#[derive(Insertable)]
#[diesel(table_name = application_texts)]
pub struct Text {
    pub application_id: ApplicationId,
    pub body: String,
    pub budget_lines: Doc,
}

#[derive(Insertable)]
#[diesel(table_name = offers, treat_none_as_default_value = false)]
pub struct Offer {
    pub id: OfferId,
    pub application_id: ApplicationId,
    pub budget_id: BudgetId,
    pub regrantor_id: PersonId,
    pub amount: i64,
    pub currency: Currency,
    pub conditions: String,
    pub status: &'static str,
    pub release_reason: Option<&'static str>,
    pub expires_at: Instant,
    pub grant_id: Option<GrantId>,
    pub version: i32,
    pub created_at: Instant,
    pub decided_at: Option<Instant>,
}

#[derive(Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub struct Grant {
    pub id: GrantId,
    pub application_id: ApplicationId,
    pub recipient_id: PersonId,
    pub call_id: CallId,
    pub title: String,
    pub amount_awarded: i64,
    pub currency: Currency,
    pub awarded_on: Date,
    pub awarded_by: Option<PersonId>,
    pub status: &'static str,
    pub status_reason: Option<String>,
    pub payee_id: Option<PayeeId>,
    pub activated_at: Option<Instant>,
    pub ends_on: Option<Date>,
    pub closed_at: Option<Instant>,
    pub version: i32,
    pub created_at: Instant,
}

#[derive(Insertable)]
#[diesel(table_name = grant_sources, treat_none_as_default_value = false)]
pub struct Source {
    pub id: SourceId,
    pub grant_id: GrantId,
    pub offer_id: OfferId,
    pub budget_id: BudgetId,
    pub fund_id: FundId,
    pub amount: i64,
}

#[derive(Insertable)]
#[diesel(table_name = tranches, treat_none_as_default_value = false)]
pub struct Tranche {
    pub id: TrancheId,
    pub grant_id: GrantId,
    pub sequence: i32,
    pub amount: i64,
    pub currency: Currency,
    pub due_on: Option<Date>,
    pub release_condition: &'static str,
    pub status: &'static str,
    pub released_at: Option<Instant>,
    pub released_by: Option<PersonId>,
    pub version: i32,
}

#[derive(Insertable)]
#[diesel(table_name = people, treat_none_as_default_value = false)]
struct Person {
    id: PersonId,
    email: String,
    name: String,
    search: String,
    password_hash: Option<String>,
    status: &'static str,
    roles: i64,
    version: i32,
    created_at: Instant,
    confirmed_at: Option<Instant>,
}

/// Writes all but the movements.
pub fn write(conn: &mut Conn, batch: &Batch) -> Result<()> {
    for rows in batch.applications.chunks(ROWS_PER_INSERT) {
        each!(conn, diesel::insert_into(applications::table).values(rows).execute(conn)?);
    }
    for rows in batch.texts.chunks(ROWS_PER_INSERT) {
        each!(conn, diesel::insert_into(application_texts::table).values(rows).execute(conn)?);
    }
    for rows in batch.offers.chunks(ROWS_PER_INSERT) {
        each!(conn, diesel::insert_into(offers::table).values(rows).execute(conn)?);
    }
    for rows in batch.grants.chunks(ROWS_PER_INSERT) {
        each!(conn, diesel::insert_into(grants::table).values(rows).execute(conn)?);
    }
    for rows in batch.sources.chunks(ROWS_PER_INSERT) {
        each!(conn, diesel::insert_into(grant_sources::table).values(rows).execute(conn)?);
    }
    for rows in batch.tranches.chunks(ROWS_PER_INSERT) {
        each!(conn, diesel::insert_into(tranches::table).values(rows).execute(conn)?);
    }
    Ok(())
}

/// Writes applicants.
pub fn people(conn: &mut Conn, ids: &[PersonId], at: Instant) -> Result<()> {
    let mut dice = Dice::new(11);
    let mut row = |id: &PersonId| {
        let name = format!("{} {}", dice.one(GIVEN), dice.one(FAMILY));
        let email = format!("{id}@example.org");
        Person {
            id: *id,
            search: format!("{} {email}", name.to_lowercase()),
            email,
            name,
            password_hash: None,
            status: "active",
            roles: 0,
            version: 1,
            created_at: at,
            confirmed_at: Some(at),
        }
    };
    for ids in ids.chunks(ROWS_PER_INSERT) {
        let rows: Vec<Person> = ids.iter().map(&mut row).collect();
        each!(conn, diesel::insert_into(people::table).values(&rows).execute(conn)?);
    }
    Ok(())
}

const GIVEN: &[&str] = &["Amina", "Bo", "Chen", "Dara", "Eli", "Fatima", "Goro", "Hana", "Ines"];
const FAMILY: &[&str] = &["Abe", "Brandt", "Costa", "Diallo", "Eriksen", "Fischer", "Gupta"];
const WORDS: &[&str] = &[
    "alignment",
    "audit",
    "benchmark",
    "careful",
    "circuit",
    "compute",
    "control",
    "data",
    "deception",
    "evaluation",
    "evidence",
    "failure",
    "field",
    "honest",
    "human",
    "incentive",
    "interpretable",
    "language",
    "learning",
    "measure",
    "model",
    "of",
    "oversight",
    "policy",
    "probe",
    "question",
    "replication",
    "research",
    "risk",
    "robust",
    "safety",
    "scalable",
    "study",
    "system",
    "team",
    "test",
    "the",
    "theory",
    "tools",
    "training",
    "why",
    "with",
];

/// Words of about this many letters in all.
pub fn text(dice: &mut Dice, letters: usize) -> String {
    let mut text = String::with_capacity(letters + 16);
    while text.len() < letters {
        text.push_str(dice.one::<&str>(WORDS));
        text.push(' ');
    }
    text.trim_end().to_owned()
}

/// A budget of two lines.
pub fn lines(requested: i64) -> Doc {
    Doc(json!([
        { "label": "Salaries", "amount": requested - requested / 3 },
        { "label": "Compute", "amount": requested / 3 },
    ]))
}
