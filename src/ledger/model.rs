//! The chart of accounts, keys of accounts, and movements as data.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod sum;

pub use sum::Sum;

use crate::kernel::ids::{BankAccountId, BudgetId, EntryId, FundId, GrantId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::Date;
use crate::text_enum;
use serde::Serialize;
use uuid::Uuid;

text_enum! {
    /// One of the two books; each entry balances in each.
    pub enum Book {
        /// What is owned, owed, earned and spent.
        General = "general",
        /// What may still be spent.
        Budget = "budget",
    }
}

text_enum! {
    /// A side of an account. Amounts are positive and have one.
    pub enum Side {
        /// Left.
        Debit = "debit",
        /// Right.
        Credit = "credit",
    }
}

impl Side {
    /// The opposite one.
    pub const fn other(self) -> Self {
        match self {
            Side::Debit => Side::Credit,
            Side::Credit => Side::Debit,
        }
    }
    /// 1 for debits, -1 for credits.
    pub const fn sign(self) -> i128 {
        match self {
            Side::Debit => 1,
            Side::Credit => -1,
        }
    }
}

text_enum! {
    /// The chart (DOMAIN: “where the money is”).
    pub enum Code {
        /// Cash, by bank account.
        Cash = "1000",
        /// The bank was told to pay and has not answered, by bank account.
        InTransit = "1050",
        /// Between two currencies.
        CurrencyClearing = "1900",
        /// Owed to grantees, by grant.
        GrantsPayable = "2000",
        /// Withheld tax to hand over.
        TaxWithheld = "2100",
        /// Contributions received, by fund.
        Contributions = "4000",
        /// What the sponsor earns.
        FeeIncome = "4100",
        /// Gain or loss between currencies.
        CurrencyGain = "4900",
        /// Grants, by fund.
        Grants = "5000",
        /// The sponsor's fee, by fund.
        SponsorFee = "5100",
        /// What banks charge, by fund.
        BankCharges = "5200",
        /// What a fund may spend, by fund.
        SpendingAuthority = "8000",
        /// Of it: in no budget, by fund.
        Unallocated = "8100",
        /// Of it: free in a budget.
        Available = "8200",
        /// Of it: held by open offers, by budget.
        Reserved = "8300",
        /// Of it: promised to grants, by grant and budget.
        Committed = "8400",
        /// Of it: owed or paid, by grant and budget.
        Spent = "8500",
    }
}

/// What tells two accounts of one code apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// Only the currency.
    None,
    /// The bank account.
    Bank,
    /// The fund.
    Fund,
    /// The budget.
    Budget,
    /// The grant.
    Grant,
    /// The grant and the budget.
    GrantBudget,
}

impl Code {
    /// The book that it is in.
    pub const fn book(self) -> Book {
        match self {
            Code::SpendingAuthority
            | Code::Unallocated
            | Code::Available
            | Code::Reserved
            | Code::Committed
            | Code::Spent => Book::Budget,
            _ => Book::General,
        }
    }
    /// The side on which it grows.
    pub const fn normal_side(self) -> Side {
        match self {
            Code::Cash
            | Code::CurrencyClearing
            | Code::Grants
            | Code::SponsorFee
            | Code::BankCharges
            | Code::SpendingAuthority => Side::Debit,
            _ => Side::Credit,
        }
    }
    /// Whether it carries a running balance that may not fall below zero.
    pub const fn guarded(self) -> bool {
        matches!(
            self,
            Code::InTransit
                | Code::GrantsPayable
                | Code::TaxWithheld
                | Code::Unallocated
                | Code::Available
                | Code::Reserved
                | Code::Committed
                | Code::Spent
        )
    }
    /// What tells its accounts apart.
    pub const fn dimension(self) -> Dimension {
        match self {
            Code::Cash | Code::InTransit => Dimension::Bank,
            Code::CurrencyClearing | Code::TaxWithheld | Code::FeeIncome | Code::CurrencyGain => {
                Dimension::None
            }
            Code::GrantsPayable => Dimension::Grant,
            Code::Contributions
            | Code::Grants
            | Code::SponsorFee
            | Code::BankCharges
            | Code::SpendingAuthority
            | Code::Unallocated => Dimension::Fund,
            Code::Available | Code::Reserved => Dimension::Budget,
            Code::Committed | Code::Spent => Dimension::GrantBudget,
        }
    }
    /// Its name, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Code::Cash => "Cash",
            Code::InTransit => "Payments in transit",
            Code::CurrencyClearing => "Currency clearing",
            Code::GrantsPayable => "Grants payable",
            Code::TaxWithheld => "Tax withheld payable",
            Code::Contributions => "Contributions",
            Code::FeeIncome => "Sponsor fee income",
            Code::CurrencyGain => "Currency gain or loss",
            Code::Grants => "Grants",
            Code::SponsorFee => "Sponsor fee",
            Code::BankCharges => "Bank charges",
            Code::SpendingAuthority => "Spending authority",
            Code::Unallocated => "Unallocated",
            Code::Available => "Available",
            Code::Reserved => "Reserved",
            Code::Committed => "Committed",
            Code::Spent => "Spent",
        }
    }
}

/// What a posting is about, besides its account: for statements and exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dims {
    /// The fund whose money it is.
    pub fund: Option<FundId>,
    /// The budget that it is spent from.
    pub budget: Option<BudgetId>,
    /// The grant that it is for.
    pub grant: Option<GrantId>,
    /// The bank account that it goes through.
    pub bank: Option<BankAccountId>,
}

/// Which account: its code, currency and dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountKey {
    /// Code of the chart.
    pub code: Code,
    /// Its currency.
    pub currency: Currency,
    /// Exactly the ids that its dimension has.
    pub dims: Dims,
}

impl AccountKey {
    /// The account of `code` that `dims` lead to; what its dimension has not is left out.
    pub fn new(code: Code, currency: Currency, dims: Dims) -> Self {
        let Dims { fund, budget, grant, bank } = dims;
        let none = Dims::default();
        let dims = match code.dimension() {
            Dimension::None => none,
            Dimension::Bank => Dims { bank, ..none },
            Dimension::Fund => Dims { fund, ..none },
            Dimension::Budget => Dims { fund, budget, ..none },
            Dimension::Grant => Dims { grant, ..none },
            Dimension::GrantBudget => Dims { fund, budget, grant, ..none },
        };
        Self { code, currency, dims }
    }
    /// Whether it names what its dimension needs.
    pub fn is_whole(&self) -> bool {
        let d = &self.dims;
        match self.code.dimension() {
            Dimension::None => true,
            Dimension::Bank => d.bank.is_some(),
            Dimension::Fund => d.fund.is_some(),
            Dimension::Budget => d.fund.is_some() && d.budget.is_some(),
            Dimension::Grant => d.grant.is_some(),
            Dimension::GrantBudget => d.fund.is_some() && d.budget.is_some() && d.grant.is_some(),
        }
    }
    /// Its unique spelling: `8200/USD/<budget>`.
    pub fn text(&self) -> String {
        let d = &self.dims;
        let ids: Vec<Uuid> = match self.code.dimension() {
            Dimension::None => vec![],
            Dimension::Bank => d.bank.map(|i| i.uuid()).into_iter().collect(),
            Dimension::Fund => d.fund.map(|i| i.uuid()).into_iter().collect(),
            Dimension::Budget => d.budget.map(|i| i.uuid()).into_iter().collect(),
            Dimension::Grant => d.grant.map(|i| i.uuid()).into_iter().collect(),
            Dimension::GrantBudget => {
                d.grant.map(|i| i.uuid()).into_iter().chain(d.budget.map(|i| i.uuid())).collect()
            }
        };
        ids.iter()
            .fold(format!("{}/{}", self.code, self.currency), |text, id| format!("{text}/{id}"))
    }
}

/// Budgets that can pay for one grant: a movement has at most four lines for each.
pub const MAX_SHARES: usize = 100;

/// One line of a movement: an amount on a side of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The account.
    pub account: AccountKey,
    /// The side.
    pub side: Side,
    /// Above zero.
    pub amount: Money,
    /// All that it is about, more than the account may tell.
    pub dims: Dims,
}

text_enum! {
    /// What happened to money; each has a constructor in [`super::movements`].
    pub enum MovementKind {
        /// Money came in.
        ContributionReceived = "contribution_received",
        /// The sponsor's fee was taken.
        SponsorFeeCharged = "sponsor_fee_charged",
        /// A budget was given money.
        BudgetAllocated = "budget_allocated",
        /// A budget gave money back to its fund.
        BudgetRecalled = "budget_recalled",
        /// An offer holds money.
        OfferPlaced = "offer_placed",
        /// An offer let it go.
        OfferReleased = "offer_released",
        /// An offer became a commitment.
        GrantAwarded = "grant_awarded",
        /// A tranche is owed.
        TrancheReleased = "tranche_released",
        /// Tax was held back.
        TaxWithheld = "tax_withheld",
        /// The bank was told to pay.
        PaymentInstructed = "payment_instructed",
        /// It arrived.
        PaymentSettled = "payment_settled",
        /// It came back.
        PaymentReturned = "payment_returned",
        /// The bank took its charge.
        BankCharge = "bank_charge",
        /// What was promised and not owed went back to its budgets.
        CommitmentReleased = "commitment_released",
        /// A tranche is not owed after all.
        ReleaseUndone = "release_undone",
        /// The grantee gave unspent money back.
        RefundReceived = "refund_received",
        /// Money changed its currency.
        CurrencyExchanged = "currency_exchanged",
        /// The exact opposite of another entry.
        Reversal = "reversal",
    }
}

impl MovementKind {
    /// Its name, for people: `Contribution received`.
    pub fn title(self) -> String {
        let words = self.as_str().replace('_', " ");
        let mut letters = words.chars();
        let capital = letters.next().map(|first| first.to_uppercase());
        capital.into_iter().flatten().chain(letters).collect()
    }
}

/// What happened, ready to be posted. Made by [`super::movements`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// What it is.
    pub kind: MovementKind,
    /// The day that it counts for.
    pub on: Date,
    /// In words, for those who read the journal.
    pub memo: String,
    /// What caused it: a kind and an id that the ledger does not look into.
    pub source: (&'static str, Uuid),
    /// The entry that it reverses.
    pub reverses: Option<EntryId>,
    /// Its lines, balanced in each book and currency.
    pub lines: Vec<Line>,
}

/// What a budget holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BudgetBalances {
    /// Free.
    pub available: Money,
    /// Held by open offers.
    pub reserved: Money,
    /// Promised to grants.
    pub committed: Money,
    /// Owed or paid.
    pub spent: Money,
}

/// What a fund holds, all its budgets together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FundBalances {
    /// In no budget.
    pub unallocated: Money,
    /// Free in budgets.
    pub available: Money,
    /// Held by open offers.
    pub reserved: Money,
    /// Promised to grants.
    pub committed: Money,
    /// Owed or paid.
    pub spent: Money,
}
