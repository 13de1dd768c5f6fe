//! What a grant and its tranches are, and which steps they can take.

mod forms;
mod views;

pub use forms::{AwardForm, Because, MaybeBecause, RecordRefund, TranchePlan, UndoRefund};
pub use views::{Balances, GrantSummary, SourceView, TrancheView};

use crate::kernel::ids::{
    ApplicationId, BudgetId, CallId, FundId, GrantId, PayeeId, PersonId, TrancheId,
};
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::{Date, Instant};
use crate::paperwork::model::{RequirementKind, RequirementStatus};

crate::text_enum! {
    /// Where a grant stands.
    pub enum GrantStatus {
        /// Awarded; the agreement and payee are still open.
        Awarded = "awarded",
        /// Tranches are released and paid.
        Active = "active",
        /// Nothing is released or instructed for now.
        Paused = "paused",
        /// Nothing more is released; what was released may still be paid.
        WindingDown = "winding_down",
        /// Done, unless a payment comes back.
        Closed = "closed",
        /// Ended before it began.
        Cancelled = "cancelled",
    }
}
crate::text_enum! {
    /// Where a tranche stands.
    pub enum TrancheStatus {
        /// Its condition does not hold yet.
        Planned = "planned",
        /// To be paid.
        Released = "released",
        /// The bank was told to pay it.
        Instructed = "instructed",
        /// It arrived.
        Paid = "paid",
        /// It will never be released.
        Cancelled = "cancelled",
    }
}
crate::text_enum! {
    /// What has to happen before a tranche is released.
    pub enum ReleaseCondition {
        /// The grant becomes active.
        OnActivation = "on_activation",
        /// The day comes.
        OnDate = "on_date",
        /// Its report is accepted.
        OnReport = "on_report",
        /// Its checkpoint ends in *continue*.
        OnCheckpoint = "on_checkpoint",
    }
}

/// What can happen to a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Agreement and payee are settled.
    Activate,
    /// Hold everything.
    Pause,
    /// Go on.
    Resume,
    /// Release nothing more.
    WindDown,
    /// All is paid or cancelled.
    Close,
    /// Before it began.
    Cancel,
    /// A payment came back: something is owed again.
    Reopen,
}

impl GrantStatus {
    /// One that was cancelled before it began was never paid: it is no award any more, and what
    /// everybody may read tells of awards alone, in lists, feeds and exports.
    pub const NO_AWARD: GrantStatus = GrantStatus::Cancelled;

    /// Nothing happens to it any more.
    pub const fn has_ended(self) -> bool {
        matches!(self, GrantStatus::Closed | GrantStatus::Cancelled)
    }
    /// Where this step leads; `None` where it is not possible.
    pub const fn after(self, step: Step) -> Option<GrantStatus> {
        use GrantStatus::{Active, Awarded, Cancelled, Closed, Paused, WindingDown};
        match (self, step) {
            (Awarded, Step::Activate) | (Paused, Step::Resume) => Some(Active),
            (Active, Step::Pause) => Some(Paused),
            (Active | Paused, Step::WindDown) | (Closed, Step::Reopen) => Some(WindingDown),
            (Active | Paused | WindingDown, Step::Close) => Some(Closed),
            (Awarded, Step::Cancel) => Some(Cancelled),
            _ => None,
        }
    }
    /// Whether the bank may be told to pay what is released.
    pub const fn may_pay(self) -> bool {
        matches!(self, GrantStatus::Active | GrantStatus::WindingDown)
    }
}

/// What can happen to a tranche.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Its condition holds.
    Release,
    /// It was released by mistake.
    Undo,
    /// The bank is told.
    Instruct,
    /// The bank paid.
    Pay,
    /// The bank gave it back.
    GiveBack,
    /// It will never be released.
    Cancel,
}

impl TrancheStatus {
    /// Where this move leads; `None` where it is not possible.
    pub const fn after(self, step: Move) -> Option<TrancheStatus> {
        use TrancheStatus::{Cancelled, Instructed, Paid, Planned, Released};
        match (self, step) {
            (Planned, Move::Release) | (Instructed | Paid, Move::GiveBack) => Some(Released),
            (Released, Move::Undo) => Some(Planned),
            (Released, Move::Instruct) => Some(Instructed),
            (Instructed, Move::Pay) => Some(Paid),
            (Planned, Move::Cancel) => Some(Cancelled),
            _ => None,
        }
    }
    /// Whether its money is out of the budgets' hands and not yet with the recipient.
    pub const fn is_owed(self) -> bool {
        matches!(self, TrancheStatus::Released | TrancheStatus::Instructed)
    }
}

/// What other domains may know of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantFacts {
    /// Its id.
    pub id: GrantId,
    /// What was applied for.
    pub application_id: ApplicationId,
    /// Whom the award names.
    pub recipient_id: PersonId,
    /// In which call.
    pub call_id: CallId,
    /// The title of the application at the award.
    pub title: String,
    /// Minor units.
    pub amount_awarded: i64,
    /// Of which currency.
    pub currency: Currency,
    /// Where it stands.
    pub status: GrantStatus,
    /// Whom the bank pays; chosen by the recipient.
    pub payee_id: Option<PayeeId>,
    /// The day of the award.
    pub awarded_on: Date,
    /// Who awarded it; nobody for an import.
    pub awarded_by: Option<PersonId>,
    /// When it is to end.
    pub ends_on: Option<Date>,
    /// Grows with each change.
    pub version: i32,
}

impl GrantFacts {
    /// What was awarded.
    pub const fn awarded(&self) -> Money {
        Money::new(self.amount_awarded, self.currency)
    }
}

/// Paperwork that waits for somebody: of which grant, what, how it stands, and who gave it.
pub type WaitingPaper = (GrantId, RequirementKind, RequirementStatus, Option<PersonId>);

/// What other domains may know of a tranche.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrancheFacts {
    /// Its id.
    pub id: TrancheId,
    /// Of which grant.
    pub grant_id: GrantId,
    /// From 1 on.
    pub sequence: i32,
    /// Minor units.
    pub amount: i64,
    /// Of which currency.
    pub currency: Currency,
    /// When it is due, if a day was planned.
    pub due_on: Option<Date>,
    /// What has to happen first.
    pub release_condition: ReleaseCondition,
    /// Where it stands.
    pub status: TrancheStatus,
    /// When it was released, the last time; kept when that is undone, so that only a person
    /// releases it again.
    pub released_at: Option<Instant>,
}

impl TrancheFacts {
    /// Its amount with its currency.
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// What one budget pays, or gets back, of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The budget.
    pub budget_id: BudgetId,
    /// Its fund.
    pub fund_id: FundId,
    /// Minor units.
    pub amount: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_a_grant_by_every_step() {
        use GrantStatus::{Active, Awarded, Cancelled, Closed, Paused, WindingDown};
        use Step::{Activate, Cancel, Close, Pause, Reopen, Resume, WindDown};
        let steps = [Activate, Pause, Resume, WindDown, Close, Cancel, Reopen];
        let row = |status: GrantStatus| -> Vec<(usize, GrantStatus)> {
            let to = steps.iter().map(|step| status.after(*step)).enumerate();
            to.filter_map(|(step, to)| to.map(|to| (step, to))).collect()
        };
        assert_eq!(row(Awarded), [(0, Active), (5, Cancelled)]);
        assert_eq!(row(Active), [(1, Paused), (3, WindingDown), (4, Closed)]);
        assert_eq!(row(Paused), [(2, Active), (3, WindingDown), (4, Closed)]);
        assert_eq!(row(WindingDown), [(4, Closed)]);
        assert_eq!(row(Closed), [(6, WindingDown)]);
        assert_eq!(row(Cancelled), []);
    }

    #[test]
    fn every_status_of_a_tranche_by_every_move() {
        use TrancheStatus::{Cancelled, Instructed, Paid, Planned, Released};
        let moves =
            [Move::Release, Move::Undo, Move::Instruct, Move::Pay, Move::GiveBack, Move::Cancel];
        let row = |status: TrancheStatus| moves.map(|step| status.after(step));
        let none = None;
        assert_eq!(row(Planned), [Some(Released), none, none, none, none, Some(Cancelled)]);
        assert_eq!(row(Released), [none, Some(Planned), Some(Instructed), none, none, none]);
        assert_eq!(row(Instructed), [none, none, none, Some(Paid), Some(Released), none]);
        assert_eq!(row(Paid), [none, none, none, none, Some(Released), none]);
        assert_eq!(row(Cancelled), [none; 6]);
    }
}
