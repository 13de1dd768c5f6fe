//! Bank accounts, funds, contributions, and what banks do on their own.

use crate::kernel::ids::{
    ApplicationId, BankAccountId, BankChargeId, BankTransferId, ContributionId, EarmarkId, EntryId,
    FundId, OfferId, PersonId,
};
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::Serialize;

text_enum! {
    /// What the givers have tied the money to.
    pub enum Restriction {
        /// Nothing.
        None = "none",
        /// The purpose that is written down.
        Purpose = "purpose",
        /// A time, as the purpose says.
        Time = "time",
    }
}

text_enum! {
    /// Where a fund stands: `open → closed`.
    pub enum FundStatus {
        /// Takes contributions and has budgets.
        Open = "open",
        /// Nothing was left to spend.
        Closed = "closed",
    }
}

/// An account at a bank, where money of funds lies. Its number is the bank's business and that of
/// the payment file's settings: it is not kept here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BankAccount {
    /// Its id.
    pub id: BankAccountId,
    /// What people call it; unique.
    pub name: String,
    /// The currency that it holds.
    pub currency: Currency,
    /// When it was added.
    pub created_at: Instant,
}

/// A pool of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fund {
    /// Its id.
    pub id: FundId,
    /// What people call it; unique.
    pub name: String,
    /// The currency of all that is in it.
    pub currency: Currency,
    /// What the givers have tied the money to.
    pub restriction: Restriction,
    /// What it is for, in words.
    pub purpose: String,
    /// The sponsor's share of each contribution, in hundredths of a percent.
    pub fee_basis_points: i32,
    /// Where its money lies.
    pub bank_account_id: BankAccountId,
    /// Where it stands.
    pub status: FundStatus,
    /// Version, for ETags.
    pub version: i32,
    /// When it was made.
    pub created_at: Instant,
}

/// Where the money of a fund is. `contributed = fees + charges + unallocated + allocated`, and
/// `allocated = available + reserved + committed + spent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FundMoney {
    /// Came in, all in all.
    pub contributed: Money,
    /// The sponsor's fees.
    pub fees: Money,
    /// What banks took.
    pub charges: Money,
    /// In no budget yet.
    pub unallocated: Money,
    /// Given to budgets, whatever became of it there.
    pub allocated: Money,
    /// In budgets, free to be offered.
    pub available: Money,
    /// Held by offers.
    pub reserved: Money,
    /// Awarded, not yet released.
    pub committed: Money,
    /// Released to recipients.
    pub spent: Money,
}

/// A fund with its balances.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FundView {
    /// The fund.
    #[serde(flatten)]
    pub fund: Fund,
    /// Where its money is.
    pub balances: FundMoney,
}

/// Money received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Contribution {
    /// Its id.
    pub id: ContributionId,
    /// The fund that it went to.
    pub fund_id: FundId,
    /// The giver, where they have an account here.
    pub funder_id: Option<PersonId>,
    /// The giver's name.
    pub funder_name: String,
    /// What came in.
    pub amount: Money,
    /// The sponsor's fee, taken from it.
    pub fee: Money,
    /// The bank's day for it.
    pub received_on: Date,
    /// The bank's or the giver's reference.
    pub reference: String,
    /// Who recorded it; null for imports.
    pub recorded_by: Option<PersonId>,
    /// The ledger entry of the receipt.
    pub entry_id: EntryId,
    /// The ledger entry of the fee; null where there is none.
    pub fee_entry_id: Option<EntryId>,
    /// When it was recorded.
    pub created_at: Instant,
    /// Why it does not count: it was recorded in error. Null where it counts.
    pub undone: Option<Undone>,
}

/// How what was recorded in error was taken out of the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Undone {
    /// Who did it.
    pub by: Option<PersonId>,
    /// When.
    pub at: Instant,
    /// What was wrong.
    pub reason: String,
}

/// What a bank took of a fund's money on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BankCharge {
    /// Its id.
    pub id: BankChargeId,
    /// The fund whose money it was.
    pub fund_id: FundId,
    /// The account that it was taken from.
    pub bank_account_id: BankAccountId,
    /// How much, in the fund's currency.
    pub amount: Money,
    /// The bank's day for it.
    pub charged_on: Date,
    /// What the bank calls it.
    pub description: String,
    /// Who recorded it; null for the service itself.
    pub recorded_by: Option<PersonId>,
    /// Its ledger entry.
    pub entry_id: EntryId,
    /// When it was recorded.
    pub created_at: Instant,
    /// Why it does not count: it was recorded in error. Null where it counts.
    pub undone: Option<Undone>,
}

/// One end of a transfer between two own accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TransferEnd {
    /// The account.
    pub bank_account_id: BankAccountId,
    /// What left it, or reached it, in its currency.
    pub amount: Money,
}

/// Money that moved between two own accounts; between two currencies it was exchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BankTransfer {
    /// Its id.
    pub id: BankTransferId,
    /// The account that it left, and how much left it.
    pub from: TransferEnd,
    /// The account that it reached, and how much reached it: as much within one currency.
    pub to: TransferEnd,
    /// The bank's day for it.
    pub moved_on: Date,
    /// What the bank calls it.
    pub description: String,
    /// Who recorded it; null for the service itself.
    pub recorded_by: Option<PersonId>,
    /// Its ledger entry.
    pub entry_id: EntryId,
    /// When it was recorded.
    pub created_at: Instant,
    /// Why it does not count: it was recorded in error. Null where it counts.
    pub undone: Option<Undone>,
}

text_enum! {
    /// Where an earmark stands: `held ⇄ offered → spent`, `held → reassigned`,
    /// `held | spent → undone`.
    pub enum EarmarkStatus {
        /// The fund holds it for the application; nobody else can have it.
        Held = "held",
        /// It is an offer on the application.
        Offered = "offered",
        /// It is part of the application's grant.
        Spent = "spent",
        /// The application ended without it, or left its fund's calls: it got another use.
        Reassigned = "reassigned",
        /// Its contribution was recorded in error: there was no such money.
        Undone = "undone",
    }
}

/// Money of a fund that was given for one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Earmark {
    /// Its id.
    pub id: EarmarkId,
    /// The contribution that it came with.
    pub contribution_id: ContributionId,
    /// What it is for.
    pub application_id: ApplicationId,
    /// The fund that has it.
    pub fund_id: FundId,
    /// What was given, before the fee.
    pub given: Money,
    /// What is left of it for the application.
    pub amount: Money,
    /// Where it stands.
    pub status: EarmarkStatus,
    /// The offer that it is.
    pub offer_id: Option<OfferId>,
    /// Why it got another use, or was undone.
    pub reason: Option<String>,
    /// Who did the last step; null for the service itself.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<Instant>,
    /// When it came.
    pub created_at: Instant,
}

/// What other domains need to know of a fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundFacts {
    /// Its id.
    pub id: FundId,
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: Currency,
    /// Where it stands.
    pub status: FundStatus,
    /// Where its money lies.
    pub bank_account_id: BankAccountId,
    /// The sponsor's share, in hundredths of a percent.
    pub fee_basis_points: i32,
    /// What the money is tied to.
    pub restriction: Restriction,
    /// What it is for.
    pub purpose: String,
}

impl From<Fund> for FundFacts {
    fn from(f: Fund) -> Self {
        Self {
            id: f.id,
            name: f.name,
            currency: f.currency,
            status: f.status,
            bank_account_id: f.bank_account_id,
            fee_basis_points: f.fee_basis_points,
            restriction: f.restriction,
            purpose: f.purpose,
        }
    }
}
