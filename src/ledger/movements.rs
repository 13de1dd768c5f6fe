//! A named constructor for each movement of money. Each gives both books their lines, balanced.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use super::model::{AccountKey, Code, Dims, Line, Movement, MovementKind, Side};
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, BudgetId, DisbursementId, EntryId, FundId, GrantId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use uuid::Uuid;

use Code as C;
use MovementKind as M;
use Side::{Credit, Debit};

/// When, why and what for.
#[derive(Debug, Clone)]
pub struct About {
    /// The day that it counts for.
    pub on: Date,
    /// In words.
    pub memo: String,
    /// What caused it: a kind (`offer`, `grant`…) and its id.
    pub source: (&'static str, Uuid),
}

/// A part of an amount that comes from one budget, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The budget's fund.
    pub fund: FundId,
    /// The budget.
    pub budget: BudgetId,
    /// How much; parts of zero are left out of the entry.
    pub minor: i64,
}

/// A payment to a grantee, with the budgets that it comes from.
#[derive(Debug, Clone)]
pub struct Payment {
    /// What is paid.
    pub disbursement: DisbursementId,
    /// The grant.
    pub grant: GrantId,
    /// The account that pays.
    pub bank: BankAccountId,
    /// How much; the sum of the shares.
    pub amount: Money,
    /// What the bank statement shows.
    pub reference: String,
    /// Where it comes from.
    pub shares: Vec<Share>,
}

/// Collects lines of one movement.
struct Draft {
    currency: Currency,
    lines: Vec<Line>,
}

impl Draft {
    fn new(currency: Currency) -> Self {
        Self { currency, lines: Vec::new() }
    }
    fn line(&mut self, side: Side, code: Code, dims: Dims, minor: i64) {
        if minor != 0 {
            let account = AccountKey::new(code, self.currency, dims);
            let amount = Money::new(minor, self.currency);
            self.lines.push(Line { account, side, amount, dims });
        }
    }
    /// Debits one account and credits another.
    fn move_(&mut self, debit: Code, credit: Code, dims: Dims, minor: i64) {
        self.line(Debit, debit, dims, minor);
        self.line(Credit, credit, dims, minor);
    }
    fn finish(self, kind: MovementKind, about: &About) -> Result<Movement> {
        movement(kind, about, self.lines)
    }
}

fn movement(kind: MovementKind, about: &About, lines: Vec<Line>) -> Result<Movement> {
    let memo = super::rules::memo(&about.memo);
    let movement =
        Movement { kind, on: about.on, memo, source: about.source, reverses: None, lines };
    super::rules::sound(&movement).map_err(Problem::internal)?;
    Ok(movement)
}

fn fund(fund: FundId) -> Dims {
    Dims { fund: Some(fund), ..Dims::default() }
}

fn budget(fund: FundId, budget: BudgetId) -> Dims {
    Dims { fund: Some(fund), budget: Some(budget), ..Dims::default() }
}

fn of_grant(grant: GrantId, share: &Share) -> Dims {
    Dims { grant: Some(grant), ..budget(share.fund, share.budget) }
}

/// Money came in: Dr cash, Cr contributions; Dr spending authority, Cr unallocated.
pub fn contribution_received(
    to: FundId,
    bank: BankAccountId,
    amount: Money,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(amount.currency());
    let dims = Dims { bank: Some(bank), ..fund(to) };
    d.move_(C::Cash, C::Contributions, dims, amount.minor());
    d.move_(C::SpendingAuthority, C::Unallocated, fund(to), amount.minor());
    d.finish(M::ContributionReceived, about)
}

/// The sponsor's fee: Dr sponsor fee, Cr fee income; Dr unallocated, Cr spending authority.
pub fn sponsor_fee_charged(of: FundId, amount: Money, about: &About) -> Result<Movement> {
    let mut d = Draft::new(amount.currency());
    d.move_(C::SponsorFee, C::FeeIncome, fund(of), amount.minor());
    d.move_(C::Unallocated, C::SpendingAuthority, fund(of), amount.minor());
    d.finish(M::SponsorFeeCharged, about)
}

/// A budget is given money of its fund: Dr unallocated, Cr available.
pub fn budget_allocated(
    from: FundId,
    to: BudgetId,
    amount: Money,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(amount.currency());
    d.move_(C::Unallocated, C::Available, budget(from, to), amount.minor());
    d.finish(M::BudgetAllocated, about)
}

/// A budget gives money back to its fund: Dr available, Cr unallocated.
pub fn budget_recalled(
    to: FundId,
    from: BudgetId,
    amount: Money,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(amount.currency());
    d.move_(C::Available, C::Unallocated, budget(to, from), amount.minor());
    d.finish(M::BudgetRecalled, about)
}

/// An offer holds money of a budget: Dr available, Cr reserved.
pub fn offer_placed(of: FundId, from: BudgetId, amount: Money, about: &About) -> Result<Movement> {
    let mut d = Draft::new(amount.currency());
    d.move_(C::Available, C::Reserved, budget(of, from), amount.minor());
    d.finish(M::OfferPlaced, about)
}

/// An offer lets its money go: Dr reserved, Cr available.
pub fn offer_released(of: FundId, to: BudgetId, amount: Money, about: &About) -> Result<Movement> {
    let mut d = Draft::new(amount.currency());
    d.move_(C::Reserved, C::Available, budget(of, to), amount.minor());
    d.finish(M::OfferReleased, about)
}

/// An offer becomes a commitment to a grant: Dr reserved, Cr committed. Nothing in the general
/// book while it is conditional.
pub fn grant_awarded(
    grant: GrantId,
    share: &Share,
    currency: Currency,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(currency);
    d.move_(C::Reserved, C::Committed, of_grant(grant, share), share.minor);
    d.finish(M::GrantAwarded, about)
}

/// A tranche is owed: Dr grants, Cr grants payable; Dr committed, Cr spent.
pub fn tranche_released(
    grant: GrantId,
    shares: &[Share],
    currency: Currency,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(currency);
    for share in shares {
        let dims = of_grant(grant, share);
        d.move_(C::Grants, C::GrantsPayable, dims, share.minor);
        d.move_(C::Committed, C::Spent, dims, share.minor);
    }
    d.finish(M::TrancheReleased, about)
}

/// A released tranche is not owed after all: the opposite of [`tranche_released`].
pub fn release_undone(
    grant: GrantId,
    shares: &[Share],
    currency: Currency,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(currency);
    for share in shares {
        let dims = of_grant(grant, share);
        d.move_(C::GrantsPayable, C::Grants, dims, share.minor);
        d.move_(C::Spent, C::Committed, dims, share.minor);
    }
    d.finish(M::ReleaseUndone, about)
}

/// What was promised and is not owed goes back to its budgets: Dr committed, Cr available.
pub fn commitment_released(
    grant: GrantId,
    shares: &[Share],
    currency: Currency,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(currency);
    for share in shares {
        d.move_(C::Committed, C::Available, of_grant(grant, share), share.minor);
    }
    d.finish(M::CommitmentReleased, about)
}

/// Tax is held back from what is owed: Dr grants payable, Cr tax withheld.
pub fn tax_withheld(
    grant: GrantId,
    shares: &[Share],
    currency: Currency,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(currency);
    for share in shares {
        d.move_(C::GrantsPayable, C::TaxWithheld, of_grant(grant, share), share.minor);
    }
    d.finish(M::TaxWithheld, about)
}

fn paid(
    kind: MovementKind,
    debit: Code,
    credit: Code,
    payment: &Payment,
    on: Date,
) -> Result<Movement> {
    let mut d = Draft::new(payment.amount.currency());
    for share in &payment.shares {
        let dims = Dims { bank: Some(payment.bank), ..of_grant(payment.grant, share) };
        d.move_(debit, credit, dims, share.minor);
    }
    let total: i128 = payment.shares.iter().map(|s| i128::from(s.minor)).sum();
    if total != i128::from(payment.amount.minor()) {
        return Err(Problem::internal("the shares of a payment do not sum to it"));
    }
    let memo = format!("{} {}", kind.title(), payment.reference);
    let source = ("disbursement", payment.disbursement.uuid());
    d.finish(kind, &About { on, memo, source })
}

/// The bank is told to pay: Dr grants payable, Cr payments in transit.
pub fn payment_instructed(payment: &Payment, on: Date) -> Result<Movement> {
    paid(M::PaymentInstructed, C::GrantsPayable, C::InTransit, payment, on)
}

/// It arrived: Dr payments in transit, Cr cash.
pub fn payment_settled(payment: &Payment, on: Date) -> Result<Movement> {
    paid(M::PaymentSettled, C::InTransit, C::Cash, payment, on)
}

/// It came back: before it was settled, Dr payments in transit; after, Dr cash; Cr grants payable.
pub fn payment_returned(payment: &Payment, was_settled: bool, on: Date) -> Result<Movement> {
    let debit = if was_settled { C::Cash } else { C::InTransit };
    paid(M::PaymentReturned, debit, C::GrantsPayable, payment, on)
}

/// The bank took its charge: Dr bank charges, Cr cash; Dr unallocated, Cr spending authority.
pub fn bank_charge(
    of: FundId,
    bank: BankAccountId,
    amount: Money,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(amount.currency());
    let dims = Dims { bank: Some(bank), ..fund(of) };
    d.move_(C::BankCharges, C::Cash, dims, amount.minor());
    d.move_(C::Unallocated, C::SpendingAuthority, fund(of), amount.minor());
    d.finish(M::BankCharge, about)
}

/// The grantee gave unspent money back: Dr cash, Cr grants; Dr spent, Cr available.
pub fn refund_received(
    grant: GrantId,
    bank: BankAccountId,
    shares: &[Share],
    currency: Currency,
    about: &About,
) -> Result<Movement> {
    let mut d = Draft::new(currency);
    for share in shares {
        let dims = of_grant(grant, share);
        let cash = Dims { bank: Some(bank), ..dims };
        d.move_(C::Cash, C::Grants, cash, share.minor);
        d.move_(C::Spent, C::Available, dims, share.minor);
    }
    d.finish(M::RefundReceived, about)
}

/// Money changed its currency: in each, cash against currency clearing.
pub fn currency_exchanged(
    from: (BankAccountId, Money),
    to: (BankAccountId, Money),
    about: &About,
) -> Result<Movement> {
    let mut gone = Draft::new(from.1.currency());
    let dims = Dims { bank: Some(from.0), ..Dims::default() };
    gone.move_(C::CurrencyClearing, C::Cash, dims, from.1.minor());
    let mut come = Draft::new(to.1.currency());
    let dims = Dims { bank: Some(to.0), ..Dims::default() };
    come.move_(C::Cash, C::CurrencyClearing, dims, to.1.minor());
    gone.lines.append(&mut come.lines);
    movement(M::CurrencyExchanged, about, gone.lines)
}

/// The exact opposite of an entry, whose lines are given.
pub fn reversal(entry: EntryId, lines: Vec<Line>, about: &About) -> Result<Movement> {
    let opposite = |line: Line| Line { side: line.side.other(), ..line };
    let lines = lines.into_iter().map(opposite).collect();
    let mut reversal = movement(M::Reversal, about, lines)?;
    reversal.reverses = Some(entry);
    Ok(reversal)
}
