//! Whether a regrantor may place an offer, and whether a second person has to look at it.

mod resolve;

pub use resolve::{Promise, Terms, resolve};

use crate::applications::model::{Ground, found_conflict};
use crate::kernel::ids::{ApplicationId, BudgetId, OfferId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::{Date, Instant};
use crate::ledger::model::MAX_SHARES;

/// Open offers on one application at a time.
pub const OPEN_MAX: i64 = 200;

/// Days over which offers that one person made or approved, and those of one budget, to one
/// applicant count together, so that an amount above a threshold cannot be cut into pieces below
/// it: not over several offers, applications, budgets, or holders of a budget, and not over several
/// applicants who are paid into one account.
pub const SPLIT_DAYS: i64 = 30;
/// Days that an offer may stand at most.
pub const LONGEST_DAYS: i64 = 366;

/// All that decides on a new offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What is offered.
    pub amount: Money,
    /// On which condition.
    pub terms: Terms,
    /// Whether the application is open for offers.
    pub application_open: bool,
    /// What the application asks for.
    pub requested: Money,
    /// What other offers hold of that, in minor units.
    pub offered: i64,
    /// What those of the same regrantor hold of it.
    pub own: i64,
    /// How many offers stand on the application.
    pub open: i64,
    /// Whether the regrantor is on the application.
    pub on_application: bool,
    /// Whether the regrantor declared a conflict with it.
    pub conflict: bool,
    /// What the regrantor has in common with its team, and no admin has looked at.
    pub found: Vec<Ground>,
    /// The budget's side.
    pub budget: BudgetFacts,
    /// The day of the offer.
    pub today: Date,
}

/// The terms of the budget, and what it did before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetFacts {
    /// Whether it is active.
    pub active: bool,
    /// The last day on which it may be spent from.
    pub expires_on: Option<Date>,
    /// Whether its fund is open and may spend in the application's call.
    pub fund_may_spend: bool,
    /// The most that it may give to one application.
    pub per_grant_cap: Option<i64>,
    /// Above this a second person has to approve.
    pub approval_threshold: Option<i64>,
    /// What it holds for this application already.
    pub on_application: i64,
    /// How many other budgets hold something for it.
    pub others: usize,
    /// What the regrantor offered or approved, or anybody offered from this budget, to the
    /// applicant or who shares an account with them within [`SPLIT_DAYS`], for any application.
    pub recent: i64,
}

/// What becomes of a permitted offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It stands at once.
    Place,
    /// A second person decides.
    AwaitApproval(Above),
}

/// What is above the budget's threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// The offer alone.
    Alone,
    /// The offer together with what was offered within [`SPLIT_DAYS`].
    Together,
}

/// Why an offer is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The application takes no offers.
    NotOpen,
    /// The regrantor would fund themselves.
    OnApplication,
    /// The regrantor declared a conflict.
    Conflict,
    /// The regrantor may have one.
    Found(Vec<Ground>),
    /// The budget is closed.
    BudgetClosed,
    /// The budget's time is over.
    BudgetExpired(Date),
    /// The budget's fund does not pay for this call, or is closed.
    FundMayNotSpend,
    /// The budget and the application are in two currencies.
    Currency(Currency),
    /// Beyond what the application asks for; so much is left.
    BeyondRequested(Money),
    /// As many offers stand on the application as can.
    TooManyOffers,
    /// Others cannot bring what it waits for, but at most this.
    OthersCannot(Money),
    /// Others cannot bring as much; this could be matched at most.
    NoMatch(Money),
    /// Beyond the budget's cap for one application; so much is left.
    OverCap(Money),
    /// What waits for approval is beyond the cap as it is by now; with what the budget holds for
    /// the application, what waits included.
    CapLowered(Money, Money),
    /// As many budgets as can pay for one grant hold something for it already.
    TooManyBudgets,
}

/// Decides on a new offer. The money itself is guarded by the ledger.
pub fn may_offer(facts: &Facts) -> Result<Decision, Refusal> {
    let (budget, currency) = (&facts.budget, facts.amount.currency());
    let refuse = |wrong: bool, why: Refusal| if wrong { Err(why) } else { Ok(()) };
    refuse(facts.on_application, Refusal::OnApplication)?;
    refuse(facts.conflict, Refusal::Conflict)?;
    refuse(!facts.found.is_empty(), Refusal::Found(facts.found.clone()))?;
    refuse(!facts.application_open, Refusal::NotOpen)?;
    refuse(!budget.active, Refusal::BudgetClosed)?;
    if let Some(last) = budget.expires_on.filter(|last| *last < facts.today) {
        return Err(Refusal::BudgetExpired(last));
    }
    refuse(!budget.fund_may_spend, Refusal::FundMayNotSpend)?;
    let asked = facts.requested;
    refuse(asked.currency() != currency, Refusal::Currency(asked.currency()))?;
    let amount = facts.amount.minor();
    let left = asked.minor().saturating_sub(facts.offered).max(0);
    refuse(amount > left, Refusal::BeyondRequested(Money::new(left, currency)))?;
    refuse(facts.open >= OPEN_MAX, Refusal::TooManyOffers)?;
    can_come_true(facts)?;
    if let Some(cap) = budget.per_grant_cap {
        let left = cap.saturating_sub(budget.on_application).max(0);
        refuse(amount > left, Refusal::OverCap(Money::new(left, currency)))?;
    }
    refuse(budget.others >= MAX_SHARES, Refusal::TooManyBudgets)?;
    let together = budget.recent.saturating_add(amount);
    match budget.approval_threshold {
        Some(threshold) if amount > threshold => Ok(Decision::AwaitApproval(Above::Alone)),
        Some(threshold) if together > threshold => Ok(Decision::AwaitApproval(Above::Together)),
        _ => Ok(Decision::Place),
    }
}

/// Whether others can meet the condition at all, as much as they may offer: what cannot come true
/// would only take from the others what is left of the application.
fn can_come_true(facts: &Facts) -> Result<(), Refusal> {
    let room = facts.requested.minor().saturating_sub(facts.own).max(0);
    let others = room.saturating_sub(facts.amount.minor()).max(0);
    let money = |minor| Money::new(minor, facts.amount.currency());
    match facts.terms {
        Terms::IfOthers(least) if least > others => Err(Refusal::OthersCannot(money(others))),
        Terms::Match if facts.amount.minor() > others => Err(Refusal::NoMatch(money(room / 2))),
        _ => Ok(()),
    }
}

/// What a second person approves, as text: any change of it ends the approval.
pub fn approved_text(
    offer: OfferId,
    application: ApplicationId,
    budget: BudgetId,
    amount: Money,
    terms: Terms,
    version: i32,
) -> String {
    let terms = match terms {
        Terms::Plain => String::new(),
        Terms::IfOthers(least) => format!("\nif others bring {least}"),
        Terms::Match => "\nas others bring".into(),
    };
    format!(
        "offer {offer}\napplication {application}\nbudget {budget}\n{amount}{terms}\nversion \
         {version}"
    )
}

/// Whether an offer may end at `end`: in the future, and not too far.
pub fn may_expire(now: Instant, end: Instant) -> bool {
    end > now && end <= now.plus_seconds(LONGEST_DAYS.saturating_mul(86_400))
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let conflict = |detail: &str| Problem::new(Kind::ConflictOfInterest, detail);
        let limit = |detail: String| Problem::new(Kind::LimitReached, detail);
        match refusal {
            Refusal::NotOpen => Problem::wrong_state("The application is not open for offers."),
            Refusal::OnApplication => conflict("You are on this application."),
            Refusal::Conflict => conflict("You declared a conflict with this application."),
            Refusal::Found(found) => found_conflict("You and somebody on this application", &found),
            Refusal::BudgetClosed => Problem::wrong_state("The budget is closed."),
            Refusal::BudgetExpired(on) => {
                Problem::wrong_state(format!("The budget could be spent until {on}."))
            }
            Refusal::FundMayNotSpend => Problem::field(
                "/budget_id",
                "fund_not_in_call",
                "the budget's fund does not pay for this call, or is closed",
            ),
            Refusal::Currency(asked) => Problem::field(
                "/budget_id",
                "currency_mismatch",
                format!("the application asks for {asked}: choose a budget in {asked}"),
            ),
            Refusal::BeyondRequested(left) => {
                limit(format!("Of what the application asks for, {left} is left to offer."))
            }
            Refusal::TooManyOffers => limit(format!(
                "{OPEN_MAX} offers stand on this application: withdraw one of yours, and offer \
                 more at once."
            )),
            Refusal::OthersCannot(left) => Problem::field(
                "/if_others/amount",
                "never_true",
                format!("beside what you offer, others can bring {left} at most: ask for no more"),
            ),
            Refusal::NoMatch(left) => Problem::field(
                "/amount/amount",
                "never_true",
                format!("others cannot bring as much beside it: match {left} at most"),
            ),
            Refusal::OverCap(left) => {
                limit(format!("The budget may give {left} more to this application."))
            }
            Refusal::CapLowered(cap, held) => limit(format!(
                "The budget may give {cap} to one application by now, and holds {held} for this \
                 one: deny the offer, or raise the cap."
            )),
            Refusal::TooManyBudgets => limit(format!(
                "{MAX_SHARES} budgets hold money for this application, and no more can."
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").expect("known"))
    }
    fn day(d: i8) -> Date {
        Date::new(2026, 6, d).expect("a day")
    }
    fn facts() -> Facts {
        Facts {
            amount: usd(1_000),
            terms: Terms::Plain,
            application_open: true,
            requested: usd(5_000),
            offered: 0,
            own: 0,
            open: 0,
            on_application: false,
            conflict: false,
            found: Vec::new(),
            budget: BudgetFacts {
                active: true,
                expires_on: None,
                fund_may_spend: true,
                per_grant_cap: None,
                approval_threshold: None,
                on_application: 0,
                others: 0,
                recent: 0,
            },
            today: day(15),
        }
    }
    fn with(change: impl FnOnce(&mut Facts)) -> Result<Decision, Refusal> {
        let mut facts = facts();
        change(&mut facts);
        may_offer(&facts)
    }

    #[test]
    fn each_reason_to_refuse() {
        assert_eq!(with(|_| ()), Ok(Decision::Place));
        assert_eq!(with(|f| f.on_application = true), Err(Refusal::OnApplication));
        assert_eq!(with(|f| f.conflict = true), Err(Refusal::Conflict));
        let found = vec![Ground::BankAccount];
        assert_eq!(with(|f| f.found = found.clone()), Err(Refusal::Found(found.clone())));
        assert_eq!(with(|f| f.application_open = false), Err(Refusal::NotOpen));
        assert_eq!(with(|f| f.budget.active = false), Err(Refusal::BudgetClosed));
        assert_eq!(with(|f| f.budget.fund_may_spend = false), Err(Refusal::FundMayNotSpend));
        let eur = Currency::parse("EUR").expect("known");
        let other = with(|f| f.requested = Money::new(5_000, eur));
        assert_eq!(other, Err(Refusal::Currency(eur)));
    }

    #[test]
    fn a_budget_may_be_spent_on_its_last_day() {
        assert_eq!(with(|f| f.budget.expires_on = Some(day(15))), Ok(Decision::Place));
        let late = with(|f| f.budget.expires_on = Some(day(14)));
        assert_eq!(late, Err(Refusal::BudgetExpired(day(14))));
    }

    #[test]
    fn limits_take_exactly_the_rest_and_no_more() {
        assert_eq!(with(|f| f.offered = 4_000), Ok(Decision::Place));
        assert_eq!(with(|f| f.offered = 4_001), Err(Refusal::BeyondRequested(usd(999))));
        let cap = |used| {
            with(|f| {
                f.budget.per_grant_cap = Some(3_000);
                f.budget.on_application = used;
            })
        };
        assert_eq!(cap(2_000), Ok(Decision::Place));
        assert_eq!(cap(2_001), Err(Refusal::OverCap(usd(999))));
        assert_eq!(with(|f| f.budget.others = MAX_SHARES - 1), Ok(Decision::Place));
        assert_eq!(with(|f| f.budget.others = MAX_SHARES), Err(Refusal::TooManyBudgets));
        let threshold = |recent| {
            with(|f| {
                f.budget.approval_threshold = Some(2_000);
                f.budget.recent = recent;
            })
        };
        assert_eq!(threshold(1_000), Ok(Decision::Place));
        assert_eq!(threshold(1_001), Ok(Decision::AwaitApproval(Above::Together)));
        let all = with(|f| f.budget.approval_threshold = Some(0));
        assert_eq!(all, Ok(Decision::AwaitApproval(Above::Alone)));
    }

    #[test]
    fn a_condition_can_come_true() {
        let asks = |own, terms| {
            with(|f| {
                f.own = own;
                f.terms = terms;
            })
        };
        assert_eq!(asks(0, Terms::IfOthers(4_000)), Ok(Decision::Place));
        assert_eq!(asks(0, Terms::IfOthers(4_001)), Err(Refusal::OthersCannot(usd(4_000))));
        assert_eq!(asks(500, Terms::IfOthers(3_500)), Ok(Decision::Place));
        assert_eq!(asks(500, Terms::IfOthers(3_501)), Err(Refusal::OthersCannot(usd(3_500))));
        assert_eq!(asks(3_000, Terms::Match), Ok(Decision::Place));
        assert_eq!(asks(3_001, Terms::Match), Err(Refusal::NoMatch(usd(999))));
    }

    #[test]
    fn so_many_offers_and_no_more() {
        assert_eq!(with(|f| f.open = OPEN_MAX - 1), Ok(Decision::Place));
        assert_eq!(with(|f| f.open = OPEN_MAX), Err(Refusal::TooManyOffers));
    }

    #[test]
    fn an_expiry_is_ahead_and_within_a_year() {
        let now = day(15).start();
        assert!(!may_expire(now, now) && may_expire(now, now.plus_seconds(1)));
        assert!(may_expire(now, now.plus_seconds(LONGEST_DAYS * 86_400)));
        assert!(!may_expire(now, now.plus_seconds(LONGEST_DAYS * 86_400 + 1)));
    }

    proptest! {
        #[test]
        fn what_passes_never_goes_beyond_a_limit(
            amount in 1..=1_000i64, requested in 1..=2_000i64, offered in 0..=2_000i64,
            cap in proptest::option::of(1..=2_000i64), used in 0..=2_000i64,
            threshold in proptest::option::of(0..=2_000i64), recent in 0..=2_000i64,
        ) {
            let outcome = with(|f| {
                f.amount = usd(amount);
                f.requested = usd(requested);
                f.offered = offered;
                f.budget.per_grant_cap = cap;
                f.budget.on_application = used;
                f.budget.approval_threshold = threshold;
                f.budget.recent = recent;
            });
            let fits = offered + amount <= requested && cap.is_none_or(|c| used + amount <= c);
            prop_assert_eq!(outcome.is_ok(), fits);
            if let Ok(decision) = outcome {
                let waits = threshold.is_some_and(|t| recent + amount > t);
                prop_assert_eq!(decision != Decision::Place, waits);
            }
        }
    }
}
