//! What an award takes, when a tranche may be released, and how money is divided.

use super::model::{
    AwardForm, GrantStatus, Move, Part, ReleaseCondition, Step, TrancheFacts, TrancheStatus,
};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use crate::kernel::split::{SplitError, pro_rata};
use crate::kernel::time::Date;

/// Tranches that a grant may have.
pub const MAX_TRANCHES: usize = 60;

/// A tranche of a plan that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// How much.
    pub amount: Money,
    /// When it is due.
    pub due_on: Option<Date>,
    /// What has to happen first.
    pub release_condition: ReleaseCondition,
}

/// Why an award is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No offer stands.
    NoOffers,
    /// The offers that stand come to nothing, or do not reach the minimum that was applied for.
    BelowMinimum {
        /// What stands.
        offered: Money,
        /// What has to.
        minimum: Money,
    },
}

/// Whether offers of this sum make an award, where `any` stands at all.
pub fn may_award(any: bool, offered: Money, minimum: Money) -> std::result::Result<(), Refusal> {
    if !any {
        Err(Refusal::NoOffers)
    } else if !offered.is_positive() || offered.minor() < minimum.minor() {
        Err(Refusal::BelowMinimum { offered, minimum })
    } else {
        Ok(())
    }
}

/// Refuses an award of another amount than whoever awards has seen, where they say which.
///
/// # Errors
/// 409 with both, 422 for an amount in another currency.
pub fn as_seen(form: &AwardForm, award: Money) -> Result<()> {
    let Some(text) = &form.amount else { return Ok(()) };
    let mut fields = Fields::new();
    let seen = fields.money_in("/amount", text, award.currency());
    fields.finish()?;
    match seen.filter(|seen| *seen != award) {
        None => Ok(()),
        Some(seen) => Err(Problem::wrong_state(format!(
            "The offers come to {award} now, not to {seen}: look at them again."
        ))),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoOffers => Problem::wrong_state("No offer stands on this application."),
            Refusal::BelowMinimum { offered, minimum } => Problem::wrong_state(format!(
                "The offers that stand reach {offered}; the application needs {minimum} at least."
            )),
        }
    }
}

/// The tranches of an award: as planned, if they sum exactly to it; without a plan one, released
/// on activation.
///
/// # Errors
/// 422 with each field that is wrong.
pub fn plan(form: &AwardForm, award: Money, today: Date) -> Result<Vec<Planned>> {
    let mut fields = Fields::new();
    if let Some(end) = form.ends_on {
        fields.plausible("/ends_on", end);
        fields.check(end >= today, "/ends_on", "in_the_past", "choose a day from today on");
    }
    let Some(tranches) = &form.tranches else {
        fields.finish()?;
        let release_condition = ReleaseCondition::OnActivation;
        return Ok(vec![Planned { amount: award, due_on: None, release_condition }]);
    };
    let empty = "plan at least one tranche, or leave this out for one on activation";
    fields.check(!tranches.is_empty(), "/tranches", "required", empty);
    let many = tranches.len() > MAX_TRANCHES;
    fields.check(!many, "/tranches", "too_many", "plan at most 60 tranches");
    let mut planned = Vec::with_capacity(tranches.len());
    for (place, tranche) in tranches.iter().enumerate().take(MAX_TRANCHES) {
        let at = |field: &str| format!("/tranches/{place}/{field}");
        let amount = fields.money_in(&at("amount"), &tranche.amount, award.currency());
        let dated = tranche.release_condition == ReleaseCondition::OnDate;
        let day = at("due_on");
        match tranche.due_on {
            Some(due) => {
                fields.plausible(&day, due);
                fields.check(due >= today, &day, "in_the_past", "choose a day from today on");
            }
            None => fields.check(!dated, &day, "required", "a release on a date needs the date"),
        }
        let (due_on, release_condition) = (tranche.due_on, tranche.release_condition);
        planned.extend(amount.map(|amount| Planned { amount, due_on, release_condition }));
    }
    fields.finish()?;
    let sum = Money::sum(award.currency(), planned.iter().map(|p| p.amount));
    if sum != Ok(award) {
        let sum = sum.map_or_else(|e| e.to_string(), |s| format!("these sum to {s}"));
        let message = format!("the tranches have to sum to {award}; {sum}");
        return Err(Problem::field("/tranches", "sum_mismatch", message));
    }
    Ok(planned)
}

/// When a tranche is released, in words for the agreement.
pub fn when(planned: &Planned) -> String {
    let day = planned.due_on.map(|due| format!(", expected on {due}")).unwrap_or_default();
    match (planned.release_condition, planned.due_on) {
        (ReleaseCondition::OnActivation, _) => "when the grant becomes active".into(),
        (ReleaseCondition::OnDate, Some(due)) => format!("on {due}"),
        (ReleaseCondition::OnDate, None) => "on a date to be agreed".into(),
        (ReleaseCondition::OnReport, _) => format!("when its report is accepted{day}"),
        (ReleaseCondition::OnCheckpoint, _) => {
            format!("when its checkpoint ends in continue{day}")
        }
    }
}

/// Where a step leads a grant.
///
/// # Errors
/// 409 with what the grant is instead.
pub fn step(status: GrantStatus, step: Step) -> Result<GrantStatus> {
    status.after(step).ok_or_else(|| {
        let can = match step {
            Step::Activate => "Only an awarded grant becomes active",
            Step::Pause => "Only an active grant can be paused",
            Step::Resume => "Only a paused grant can be resumed",
            Step::WindDown => "Only an active or paused grant can be wound down",
            Step::Close => "Only an active, paused or winding-down grant can be closed",
            Step::Cancel => "Only a grant that is not yet active can be cancelled",
            Step::Reopen => "Only a closed grant can be opened again",
        };
        Problem::wrong_state(format!("{can}; this one is {}.", words(status.as_str())))
    })
}

/// Where a move leads a tranche.
///
/// # Errors
/// 409 with what the tranche is instead.
pub fn shift(status: TrancheStatus, step: Move) -> Result<TrancheStatus> {
    status.after(step).ok_or_else(|| {
        let can = match step {
            Move::Release => "Only a planned tranche can be released",
            Move::Undo => "Only a released, unpaid tranche can be taken back",
            Move::Instruct => "Only a released tranche can be paid",
            Move::Pay => "Only an instructed tranche can be settled",
            Move::GiveBack => "Only an instructed or paid tranche can come back",
            Move::Cancel => "Only a planned tranche can be cancelled",
        };
        Problem::wrong_state(format!("{can}; this one is {}.", status.as_str()))
    })
}

fn words(status: &str) -> String {
    status.replace('_', " ")
}

/// Whether a person may release a tranche by hand. One whose release was taken back was found
/// ready before, and waits for nothing but a person's word.
///
/// # Errors
/// 409 with what it waits for.
pub fn may_release(tranche: &TrancheFacts, today: Date) -> Result<()> {
    let wait = |what: String| Err(Problem::wrong_state(what));
    if tranche.released_at.is_some() {
        return Ok(());
    }
    match (tranche.release_condition, tranche.due_on) {
        (ReleaseCondition::OnActivation, _) => Ok(()),
        (ReleaseCondition::OnDate, Some(due)) if due > today => {
            wait(format!("This tranche is due on {due}."))
        }
        (ReleaseCondition::OnDate, _) => Ok(()),
        (ReleaseCondition::OnReport, _) => {
            wait("This tranche is released by accepting its report.".into())
        }
        (ReleaseCondition::OnCheckpoint, _) => {
            wait("This tranche is released by a checkpoint that ends in continue.".into())
        }
    }
}

/// Divides an amount over budgets in proportion to what each holds, by largest remainder. Parts
/// of nothing are left out. No part is more than its budget holds.
///
/// # Errors
/// Internal, where the budgets hold less than the amount.
pub fn divide(amount: i64, held: &[Part]) -> Result<Vec<Part>> {
    let weights: Vec<i64> = held.iter().map(|part| part.amount).collect();
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if i128::from(amount) > sum {
        let detail = format!("{amount} is to be divided over budgets that hold {sum}");
        return Err(Problem::internal(detail));
    }
    let shares = pro_rata(amount, &weights).map_err(|e: SplitError| Problem::internal(e))?;
    let parts = held.iter().zip(shares).map(|(part, amount)| Part { amount, ..*part });
    Ok(parts.filter(|part| part.amount > 0).collect())
}

/// What each budget can get back of a grant: what was spent from it, less what is released and
/// has not arrived yet. `spent` and `owed` name a budget at most once each.
pub fn refundable(spent: &[Part], owed: &[Part]) -> Vec<Part> {
    let open = |part: &Part| {
        let same = owed.iter().find(|o| o.budget_id == part.budget_id);
        part.amount.saturating_sub(same.map_or(0, |o| o.amount)).max(0)
    };
    spent.iter().map(|part| Part { amount: open(part), ..*part }).collect()
}

#[cfg(test)]
mod tests;
