//! Applications and grants in every state.

use super::seed::{Player, World, form};
use super::{giving, trust};
use crate::disbursements::service::{BatchForm, FileForm};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, BatchId, BudgetId, DisbursementId, GrantId, PayeeId};
use crate::kernel::problem::Problem;
use crate::offers::model::{OfferStatus, OfferView};
use crate::paperwork::model::RequirementKind;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::http::App;
use crate::{applications, calls, disbursements, discovery, grants, offers, paperwork, payees};
use serde_json::json;

/// One scene, in a transaction of its own.
type Scene = fn(&mut Conn, &Stage<'_>) -> Result<()>;

/// What a scene plays on.
pub(super) struct Stage<'a> {
    system: &'a Ctx,
    pub(super) world: &'a World,
}

const SCENES: &[Scene] = &[
    unfinished,
    waiting,
    sent_back,
    declined,
    taken_back,
    lapsed,
    looking_for_money,
    ideas,
    trust::reviewed,
    giving::given,
    unsigned,
    cancelled,
    in_payment,
    paused,
    winding_down,
    closed,
];

/// Plays all scenes.
pub(super) fn play(state: &App, system: &Ctx, world: &World) -> Result<()> {
    for scene in SCENES {
        let stage = Stage { system, world };
        state.db.write_now("demo.scene", |conn| scene(conn, &stage))?;
    }
    Ok(())
}

impl Stage<'_> {
    fn researcher(&self, number: usize) -> &Player {
        let all = &self.world.researchers;
        &all[number % all.len()]
    }
    pub(super) fn at(&self, player: &Player, days: i64) -> Ctx {
        player.ctx(self.system, days)
    }
    fn draft(
        &self,
        conn: &mut Conn,
        who: usize,
        days: i64,
        (title, minimum, amount): (&str, &str, &str),
    ) -> Result<ApplicationId> {
        let ctx = self.at(self.researcher(who), days);
        let usd = |amount: &str| json!({ "amount": amount, "currency": "USD" });
        let form = form(json!({
            "call_id": self.world.call, "title": title,
            "summary": format!("{title}: what it is and why it matters."),
            "body": "The question, the plan, the people, and what would show that it failed.",
            "amount_minimum": usd(minimum), "amount_requested": usd(amount),
            "budget_lines": [{ "label": "Salaries and compute", "amount": usd(amount) }],
            "duration_months": 12, "visibility": "public",
        }))?;
        let id = applications::service::create(conn, &ctx, &form)?.row.id;
        self.about(conn, ctx, id, title)?;
        Ok(id)
    }
    /// One of the directions, and where the work is done.
    fn about(&self, conn: &mut Conn, ctx: Ctx, id: ApplicationId, title: &str) -> Result<()> {
        let all = &self.world.directions;
        let direction = all.get(title.len() % all.len().max(1));
        let ctx = Ctx { if_match: Some("\"v1\"".into()), ..ctx };
        let said = form(json!({ "agendas": direction.as_slice(), "place": "Berkeley, USA" }))?;
        applications::service::set_about(conn, &ctx, id, &said).map(drop)
    }
    pub(super) fn submitted(
        &self,
        conn: &mut Conn,
        who: usize,
        days: i64,
        what: (&str, &str, &str),
    ) -> Result<ApplicationId> {
        let id = self.draft(conn, who, days, what)?;
        applications::service::submit(conn, &self.at(self.researcher(who), days), id)?;
        Ok(id)
    }
    pub(super) fn open(
        &self,
        conn: &mut Conn,
        who: usize,
        days: i64,
        what: (&str, &str, &str),
    ) -> Result<ApplicationId> {
        let id = self.submitted(conn, who, days, what)?;
        applications::service::open(conn, &self.at(&self.world.admin, days - 2), id)?;
        Ok(id)
    }
    fn offer(
        &self,
        conn: &mut Conn,
        days: i64,
        (who, budget): (&Player, BudgetId),
        application: ApplicationId,
        amount: &str,
    ) -> Result<OfferView> {
        let form = form(json!({
            "budget_id": budget, "amount": { "amount": amount, "currency": "USD" },
            "conditions": "Share what you learn, also what failed.",
        }))?;
        offers::service::place(conn, &self.at(who, days), application, &form)
    }
    /// Somebody else looks at an offer that waits, as those of late to one person together may.
    fn approve(&self, conn: &mut Conn, days: i64, offer: &OfferView) -> Result<()> {
        if offer.status == OfferStatus::AwaitingApproval {
            let ctx = self.at(&self.world.admin, days);
            offers::service::approve(conn, &ctx, offer.id, &form(json!({}))?)?;
        }
        Ok(())
    }
    /// An award of two tranches, funded by both regrantors.
    fn awarded(&self, conn: &mut Conn, who: usize, days: i64, title: &str) -> Result<GrantId> {
        let what = (title, "30000.00", "50000.00");
        let id = self.open(conn, who, days, what)?;
        let world = self.world;
        let (rhea, sol) = ((&world.rhea, world.rhea_budget), (&world.sol, world.sol_budget));
        for (days, from, amount) in [(days - 4, rhea, "30000.00"), (days - 5, sol, "15000.00")] {
            let offer = self.offer(conn, days, from, id, amount)?;
            self.approve(conn, days - 1, &offer)?;
        }
        let ctx = self.at(&world.admin, days - 8);
        let usd = |amount: &str| json!({ "amount": amount, "currency": "USD" });
        let due_on = ctx.today().plus_days(150);
        let form = form(json!({ "tranches": [
            { "amount": usd("20000.00"), "release_condition": "on_activation" },
            { "amount": usd("25000.00"), "release_condition": "on_report", "due_on": due_on },
        ] }))?;
        grants::service::award(conn, &ctx, id, &form)
    }
    /// The same with everything signed, verified and settled.
    fn active(&self, conn: &mut Conn, who: usize, days: i64, title: &str) -> Result<GrantId> {
        let grant = self.awarded(conn, who, days, title)?;
        let (world, researcher) = (self.world, self.researcher(who));
        let payee = self.payee(conn, who, days - 9)?;
        let by_researcher = self.at(researcher, days - 10);
        grants::service::choose_payee(conn, &by_researcher, grant, payee)?;
        let (_, sha256) = paperwork::service::agreement_text(conn, grant)?
            .ok_or_else(|| Problem::internal("an award without its agreement"))?;
        for (signer, at) in [(researcher, days - 10), (&world.admin, days - 11)] {
            let form = form(json!({
                "typed_name": signer.name, "consent": true, "sha256": sha256,
            }))?;
            grants::service::sign_agreement(conn, &self.at(signer, at), grant, &form)?;
        }
        let by_finance = self.at(&world.finance, days - 11);
        let by_other = self.at(&world.second_finance, days - 11);
        for kind in [RequirementKind::TaxForm, RequirementKind::Screening] {
            let note = Some("on file");
            grants::service::provide_requirement(conn, &by_finance, grant, kind, note)?;
            grants::service::satisfy_requirement(conn, &by_other, grant, kind)?;
        }
        Ok(grant)
    }
    fn payee(&self, conn: &mut Conn, who: usize, days: i64) -> Result<PayeeId> {
        let owner = self.researcher(who);
        let number = format!("00012345{days:03}{who}");
        let form_ = form(json!({
            "name": owner.name, "country": "US", "town": "Berkeley",
            "address": "1 Campus Way", "currency": "USD",
            "account": { "method": "us_bank", "routing": "021000021", "account": number,
                "account_type": "checking" },
        }))?;
        let ctx = self.at(owner, days);
        let made = payees::service::create(conn, &ctx, &form_)?;
        payees::service::submit(conn, &ctx, made.row.id)?;
        let seen = form(json!({ "details_version": made.row.details_version }))?;
        payees::service::verify(conn, &self.at(&self.world.finance, days), made.row.id, &seen)?;
        Ok(made.row.id)
    }
    fn drafted(&self, conn: &mut Conn, days: i64, grant: GrantId) -> Result<DisbursementId> {
        let ctx = self.at(&self.world.finance, days);
        Ok(disbursements::service::draft(conn, &ctx, grant, 1, true)?.id)
    }
    fn approved(&self, conn: &mut Conn, days: i64, grant: GrantId) -> Result<DisbursementId> {
        let id = self.drafted(conn, days, grant)?;
        disbursements::service::approve(conn, &self.at(&self.world.second_finance, days), id)?;
        Ok(id)
    }
    fn instructed(
        &self,
        conn: &mut Conn,
        days: i64,
        grant: GrantId,
    ) -> Result<(DisbursementId, BatchId)> {
        let id = self.approved(conn, days, grant)?;
        let form = BatchForm { bank_account_id: self.world.bank, disbursement_ids: vec![id] };
        let ctx = self.at(&self.world.finance, days);
        let batch = disbursements::service::create_batch(conn, &ctx, &form)?;
        Ok((id, batch.id))
    }
    fn settled(&self, conn: &mut Conn, days: i64, grant: GrantId) -> Result<()> {
        let (id, batch) = self.instructed(conn, days, grant)?;
        let ctx = self.at(&self.world.finance, days);
        disbursements::service::payment_file(conn, &ctx, batch, &FileForm::default())?;
        let ctx = self.at(&self.world.finance, days - 1);
        disbursements::service::settle(conn, &ctx, id, &form(json!({}))?)?;
        Ok(())
    }
}

fn unfinished(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    s.draft(conn, 0, 3, ("Probing for deception", "10000.00", "40000.00")).map(drop)
}

fn waiting(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    s.submitted(conn, 1, 4, ("Benchmarks that resist gaming", "20000.00", "60000.00")).map(drop)
}

fn sent_back(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let id = s.submitted(conn, 2, 12, ("Debate with humans", "15000.00", "35000.00"))?;
    let form = form(json!({ "reason": "Please say who will be on the team." }))?;
    let ctx = s.at(&s.world.admin, 9);
    applications::service::request_changes(conn, &ctx, id, &form).map(drop)
}

fn declined(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let id = s.submitted(conn, 3, 30, ("A newsletter", "5000.00", "12000.00"))?;
    let form = form(json!({ "reason": "Outside of what this fund is for." }))?;
    applications::service::decline(conn, &s.at(&s.world.admin, 22), id, &form).map(drop)
}

fn taken_back(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let id = s.submitted(conn, 1, 28, ("An earlier plan", "8000.00", "20000.00"))?;
    let ctx = s.at(s.researcher(1), 25);
    applications::service::withdraw(conn, &ctx, id, &form(json!({}))?).map(drop)
}

/// In a call of its own that ended long ago, without enough offers.
fn lapsed(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let by_admin = s.at(&s.world.admin, 58);
    let call = form(json!({
        "title": "Winter ideas", "kind": "dated", "decision_days": 14,
        "opens_on": by_admin.today(), "closes_on": by_admin.today().plus_days(14),
        "summary": "Small ideas, decided fast.",
    }))?;
    let call = calls::service::create(conn, &by_admin, &call)?.id;
    calls::service::open(conn, &by_admin, call)?;
    let world = World { call, ..s.world.clone() };
    let winter = Stage { system: s.system, world: &world };
    let what = ("A reading group", "9000.00", "9000.00");
    let id = winter.open(conn, 3, 50, what)?;
    let ctx = s.system.at(s.system.now.plus_seconds(-20 * 24 * 3600));
    if applications::service::lapse(conn, &ctx, id, 0)? {
        return Ok(());
    }
    Err(Problem::internal("the winter application has not lapsed"))
}

fn looking_for_money(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let w = s.world;
    let what = ("Scalable oversight in the wild", "70000.00", "120000.00");
    let id = s.open(conn, 0, 14, what)?;
    s.offer(conn, 8, (&w.rhea, w.rhea_budget), id, "25000.00")?;
    // Above the threshold: waits for a second person.
    s.offer(conn, 2, (&w.sol, w.sol_budget), id, "65000.00").map(drop)
}

/// What regrantors choose from: some with an offer already.
fn ideas(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let w = s.world;
    let all = [
        (1, 27, "Sparse features of small models", "12000.00", "30000.00", Some("8000.00")),
        (2, 24, "What evaluations miss", "25000.00", "55000.00", None),
        (3, 19, "Detecting sandbagging", "18000.00", "40000.00", Some("5000.00")),
        (1, 11, "A library for activation patching", "6000.00", "15000.00", None),
        (2, 6, "Long-horizon agents under supervision", "30000.00", "80000.00", None),
    ];
    for (who, days, title, minimum, amount, offered) in all {
        let id = s.open(conn, who, days, (title, minimum, amount))?;
        if let Some(offered) = offered {
            s.offer(conn, 3, (&w.sol, w.sol_budget), id, offered)?;
        }
    }
    let search = form(json!({
        "name": "Interpretability", "digest": "weekly",
        "asked": { "agenda_id": w.directions.first() },
    }))?;
    discovery::service::create(conn, &s.at(&w.rhea, 20), &search).map(drop)
}

fn unsigned(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    s.awarded(conn, 1, 15, "Model organisms of misalignment").map(drop)
}

fn cancelled(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let id = s.awarded(conn, 2, 40, "A workshop that was not held")?;
    let ctx = s.at(&s.world.second_admin, 20);
    grants::service::cancel(conn, &ctx, id, "The venue was lost.")
}

fn in_payment(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let drafted = s.active(conn, 3, 38, "Tools for circuit analysis")?;
    s.drafted(conn, 20, drafted)?;
    let on_its_way = s.active(conn, 0, 42, "Red teaming with domain experts")?;
    s.instructed(conn, 2, on_its_way)?;
    let paid = s.active(conn, 1, 46, "Honest uncertainty in language models")?;
    s.settled(conn, 30, paid)
}

fn paused(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let id = s.active(conn, 2, 44, "Governance of compute")?;
    s.settled(conn, 28, id)?;
    grants::service::pause(conn, &s.at(&s.world.admin, 10), id, "Parental leave.")
}

fn winding_down(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let id = s.active(conn, 3, 47, "Natural abstractions")?;
    s.settled(conn, 31, id)?;
    let ctx = s.at(&s.world.admin, 6);
    grants::service::wind_down(conn, &ctx, id, "The main hypothesis did not hold.")
}

fn closed(conn: &mut Conn, s: &Stage<'_>) -> Result<()> {
    let id = s.active(conn, 0, 48, "A replication study")?;
    s.settled(conn, 33, id)?;
    let ctx = s.at(&s.world.admin, 12);
    grants::service::wind_down(conn, &ctx, id, "Done sooner, with less.")?;
    let ctx = s.at(&s.world.admin, 11);
    grants::service::close(conn, &ctx, id, Some("Everything is reported."))
}
