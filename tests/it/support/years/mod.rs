//! Years of applications, offers and grants: rows in bulk, and what they did to the money posted
//! by the ledger's own service, so that `almoner check` finds nothing wrong.

pub mod dice;
mod rows;
pub mod world;

use almoner::kernel::Result;
use almoner::kernel::ids::{ApplicationId, GrantId, IdSource, OfferId, PersonId};
use almoner::kernel::money::{Currency, Money};
use almoner::kernel::problem::Problem;
use almoner::kernel::time::Instant;
use almoner::ledger::model::Movement;
use almoner::ledger::movements::{self, About, Share};
use almoner::platform::context::Ctx;
use almoner::platform::db::{Conn, Db};
use dice::Dice;
use rows::Batch;
use std::cell::RefCell;
use world::{Regrantor, World};

/// Days that the history goes back.
const DAYS: i64 = 5 * 365;
const DAY: i64 = 86_400;
/// Applications to a transaction.
const AT_ONCE: u32 = 1_000;
/// Movements that the ledger is handed at once.
const POSTED_AT_ONCE: usize = 200;

/// What requests can ask for.
#[derive(Debug, Default)]
pub struct Sample {
    /// Applications that take offers of every regrantor.
    pub open: Vec<ApplicationId>,
    /// Those that every regrantor sees.
    pub public: Vec<ApplicationId>,
    /// Grants.
    pub grants: Vec<GrantId>,
    /// Offers.
    pub offers: Vec<OfferId>,
}

/// What an application comes to, in hundredths of all.
fn fate(roll: u32) -> &'static str {
    match roll {
        0..10 => "draft",
        10..15 => "submitted",
        15..40 => "open",
        40..42 => "changes_requested",
        42..70 => "awarded",
        70..92 => "declined",
        92..97 => "withdrawn",
        _ => "lapsed",
    }
}

/// What the application of this number looks for: every tenth something, and each of the six things
/// in turn.
fn looks(number: usize) -> i32 {
    i32::from(number.is_multiple_of(10)) << (number / 10 % 6)
}

struct Maker<'a> {
    world: &'a World,
    holders: u32,
    ids: IdSource,
    dice: Dice,
    people: Vec<PersonId>,
    currency: Currency,
    sample: Sample,
}

/// Makes regrantors with their money, and `count` applications with what came of them, spread over
/// the years before `ctx`, who is the service itself.
pub fn make(db: &Db, ctx: &Ctx, count: u32) -> std::result::Result<(World, Sample), String> {
    let then = ctx.at(ctx.now.plus_seconds(-(DAYS + 30) * DAY));
    let world = world::make(db, &then)?;
    let sample = history(db, ctx, &world, count)?;
    Ok((world, sample))
}

/// A problem with its cause.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub fn told(problem: Problem) -> String {
    let fields: Vec<String> =
        problem.fields().iter().map(|f| format!("{}: {}", f.pointer, f.message)).collect();
    let cause = problem.cause().map(ToString::to_string).unwrap_or_default();
    format!("{problem} {} {cause}", fields.join("; "))
}

fn history(db: &Db, ctx: &Ctx, world: &World, count: u32) -> std::result::Result<Sample, String> {
    let start = ctx.now.plus_seconds(-DAYS * DAY);
    let currency = Currency::parse("USD").map_err(|e| e.to_string())?;
    let ids = IdSource::system();
    let people: Vec<PersonId> = (0..count.div_ceil(5)).map(|_| ids.next(start)).collect();
    db.write_now("bench.people", |conn| rows::people(conn, &people, start)).map_err(told)?;
    let (dice, sample) = (Dice::new(7), Sample::default());
    let maker = RefCell::new(Maker {
        world,
        holders: world::holders(count),
        ids,
        dice,
        people,
        currency,
        sample,
    });
    for first in (0..count).step_by(usize::try_from(AT_ONCE).unwrap_or(1)) {
        let batch = (first..count.min(first + AT_ONCE)).fold(Batch::default(), |mut batch, n| {
            let at = start.plus_seconds(i64::from(n) * DAYS * DAY / i64::from(count));
            maker.borrow_mut().application(&mut batch, at);
            batch
        });
        db.write_now("bench.history", |conn| write(conn, ctx, &batch)).map_err(told)?;
    }
    while db
        .write_now("bench.seal", |conn| almoner::ledger::service::seal(conn, ctx, 1_000))
        .map_err(told)?
        > 0
    {}
    Ok(maker.into_inner().sample)
}

fn write(conn: &mut Conn, ctx: &Ctx, batch: &Batch) -> Result<()> {
    rows::write(conn, batch)?;
    for movements in batch.movements.chunks(POSTED_AT_ONCE) {
        almoner::ledger::service::post_many(conn, ctx, movements)?;
    }
    Ok(())
}

impl Maker<'_> {
    fn application(&mut self, batch: &mut Batch, at: Instant) {
        let status = fate(self.dice.below(100));
        let public = self.dice.below(10) < 7;
        let requested = i64::from(20_000 + self.dice.below(180) * 1_000) * 100;
        let mut row = rows::Application {
            id: self.ids.next(at),
            call_id: *self.dice.one(&self.world.calls),
            applicant_id: *self.dice.one(&self.people),
            title: rows::text(&mut self.dice, 60),
            summary: rows::text(&mut self.dice, 300),
            amount_minimum: Some(requested / 2),
            amount_requested: Some(requested),
            offered: 0,
            promised: 0,
            currency: Some(self.currency),
            duration_months: Some(12),
            visibility: if public { "public" } else { "private" },
            looking_for: looks(batch.applications.len()),
            status,
            returned_from: (status == "changes_requested").then_some("submitted"),
            status_reason: None,
            promised_on: (status != "draft").then(|| at.date().plus_days(28)),
            submitted_at: (status != "draft").then(|| at.plus_seconds(DAY)),
            opened_at: None,
            decided_at: None,
            version: 1,
            created_at: at,
        };
        match status {
            "awarded" => self.award(batch, &mut row, at),
            "open" => {
                if self.dice.below(5) == 0 {
                    (row.offered, row.promised) = (requested / 4, requested / 4);
                    let who = self.holder();
                    self.offer(batch, &row, &who, row.offered, (at, None));
                }
                if self.world.for_all.contains(&row.call_id) {
                    self.sample.open.push(row.id);
                }
            }
            _ => {}
        }
        if public && matches!(status, "open" | "awarded") {
            self.sample.public.push(row.id);
        }
        batch.texts.push(rows::Text {
            application_id: row.id,
            body: rows::text(&mut self.dice, 2_000),
            budget_lines: rows::lines(requested),
        });
        batch.applications.push(row);
    }

    /// An offer, for a grant where it is part of one; what it did to the money.
    fn offer(
        &mut self,
        batch: &mut Batch,
        application: &rows::Application,
        who: &Regrantor,
        amount: i64,
        (at, grant): (Instant, Option<GrantId>),
    ) {
        let id: OfferId = self.ids.next(at.plus_seconds(14 * DAY));
        let money = Money::new(amount, self.currency);
        let on = |memo: &str| About {
            on: at.date().plus_days(14),
            memo: memo.into(),
            source: ("offer", id.uuid()),
        };
        let placed = movements::offer_placed(who.fund, who.budget, money, &on("offer placed"));
        batch.movements.push(expected(placed));
        if let Some(grant) = grant {
            let share = Share { fund: who.fund, budget: who.budget, minor: amount };
            let about = About { source: ("grant", grant.uuid()), ..on("awarded") };
            let awarded = movements::grant_awarded(grant, &share, self.currency, &about);
            batch.movements.push(expected(awarded));
            batch.sources.push(rows::Source {
                id: self.ids.next(at),
                grant_id: grant,
                offer_id: id,
                budget_id: who.budget,
                fund_id: who.fund,
                amount,
            });
        }
        self.sample.offers.push(id);
        batch.offers.push(rows::Offer {
            id,
            application_id: application.id,
            budget_id: who.budget,
            regrantor_id: who.id,
            amount,
            currency: self.currency,
            conditions: "Share what you learn, also what failed.".into(),
            status: if grant.is_some() { "committed" } else { "placed" },
            release_reason: None,
            expires_at: at.plus_seconds(3 * DAYS * DAY),
            grant_id: grant,
            version: 1,
            created_at: at.plus_seconds(14 * DAY),
            decided_at: None,
        });
    }

    /// A regrantor who pays.
    fn holder(&mut self) -> Regrantor {
        let number = usize::try_from(self.dice.below(self.holders)).unwrap_or(0);
        self.world.regrantors[number].clone()
    }

    /// The next one.
    fn after(&self, first: &Regrantor) -> Regrantor {
        let all = &self.world.regrantors[..usize::try_from(self.holders).unwrap_or(1)];
        let place = all.iter().position(|r| r.id == first.id).unwrap_or(0);
        all[(place + 1) % all.len()].clone()
    }

    /// Two offers, a grant, two tranches that wait.
    fn award(&mut self, batch: &mut Batch, row: &mut rows::Application, at: Instant) {
        let amount = row.amount_minimum.unwrap_or(0);
        (row.offered, row.promised) = (amount, amount);
        row.decided_at = Some(at.plus_seconds(20 * DAY));
        let grant: GrantId = self.ids.next(at.plus_seconds(20 * DAY));
        let first = self.holder();
        let second = self.after(&first);
        for (who, part) in [(first, amount * 2 / 3), (second, amount - amount * 2 / 3)] {
            self.offer(batch, row, &who, part, (at, Some(grant)));
        }
        for (sequence, part) in [(1, amount / 2), (2, amount - amount / 2)] {
            batch.tranches.push(rows::Tranche {
                id: self.ids.next(at),
                grant_id: grant,
                sequence,
                amount: part,
                currency: self.currency,
                due_on: Some(at.date().plus_days(3 * 365)),
                release_condition: if sequence == 1 { "on_activation" } else { "on_report" },
                status: "planned",
                released_at: None,
                released_by: None,
                version: 1,
            });
        }
        self.sample.grants.push(grant);
        batch.grants.push(rows::Grant {
            id: grant,
            application_id: row.id,
            recipient_id: row.applicant_id,
            call_id: row.call_id,
            title: row.title.clone(),
            amount_awarded: amount,
            currency: self.currency,
            awarded_on: at.date().plus_days(20),
            awarded_by: None,
            status: "awarded",
            status_reason: None,
            payee_id: None,
            activated_at: None,
            ends_on: None,
            closed_at: None,
            version: 1,
            created_at: at.plus_seconds(20 * DAY),
        });
    }
}

fn expected(movement: Result<Movement>) -> Movement {
    movement.expect("amounts of the history are above zero and balanced")
}
