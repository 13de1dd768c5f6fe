//! A small town of funds, budgets, grants and bank accounts, and what may happen in it.

use super::reference::{Part, Reference};
use super::{Room, about};
use almoner::kernel::Result;
use almoner::kernel::ids::{BankAccountId, BudgetId, EntryId, FundId, GrantId, Id};
use almoner::kernel::money::{Currency, Money};
use almoner::kernel::time::Date;
use almoner::ledger::model::{Movement, MovementKind};
use almoner::ledger::movements::{self as m, Payment, Share};
use almoner::ledger::service::{self, Expectations};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Currencies with two, none and three digits.
const CURRENCIES: [&str; 3] = ["USD", "JPY", "KWD"];

pub struct Town {
    pub funds: Vec<FundId>,
    /// Each with the place of its fund.
    pub budgets: Vec<(BudgetId, usize)>,
    pub grants: Vec<GrantId>,
    pub banks: Vec<BankAccountId>,
    pub reference: Reference,
    /// The entries that were posted, in order.
    pub entries: Vec<EntryId>,
}

/// A memo as people write them: no two ways to count, fold or compose its letters agree.
fn told(name: &str) -> String {
    format!("{name} für Zoe\u{308}, 李小龍, ﬁ ² İß 👩🏽‍🔬")
}

/// What somebody tries.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// One of the movements, from up to two budgets, so many days on.
    Move {
        name: &'static str,
        budgets: usize,
        grant: usize,
        bank: usize,
        minor: (i64, i64),
        on: i32,
    },
    /// The opposite of an earlier entry.
    Reverse { back: usize },
}

/// What a history tries of each movement that the ledger knows, and how often: a movement without
/// a line here does not compile.
fn tried(kind: MovementKind) -> &'static [(&'static str, u32)] {
    use MovementKind as M;
    match kind {
        M::ContributionReceived => &[("contribution_received", 10)],
        M::SponsorFeeCharged => &[("sponsor_fee_charged", 2)],
        M::BudgetAllocated => &[("budget_allocated", 12)],
        M::BudgetRecalled => &[("budget_recalled", 2)],
        M::OfferPlaced => &[("offer_placed", 10)],
        M::OfferReleased => &[("offer_released", 2)],
        M::GrantAwarded => &[("grant_awarded", 9)],
        M::TrancheReleased => &[("tranche_released", 9)],
        M::TaxWithheld => &[("tax_withheld", 2)],
        // The second from several budgets at once.
        M::PaymentInstructed => &[("payment_instructed", 8), ("split_payment", 3)],
        M::PaymentSettled => &[("payment_settled", 7)],
        M::PaymentReturned => &[("returned_before", 2), ("returned_after", 2)],
        M::BankCharge => &[("bank_charge", 2)],
        M::CommitmentReleased => &[("commitment_released", 2)],
        M::ReleaseUndone => &[("release_undone", 2)],
        M::RefundReceived => &[("refund_received", 2)],
        M::CurrencyExchanged => &[("exchanged", 2)],
        M::Reversal => &[("reversal", 5)],
    }
}

/// Which budgets pay together: all in one currency, one pair of two funds.
const TOGETHER: [&[usize]; 6] = [&[0], &[0, 1], &[1, 2], &[2], &[3], &[4]];

pub fn deed() -> impl Strategy<Value = Deed> {
    let kinds = MovementKind::ALL.iter().flat_map(|kind| tried(*kind));
    let kinds = kinds.map(|(name, often)| (*often, Just(*name))).collect::<Vec<_>>();
    let kind = prop::strategy::Union::new_weighted(kinds);
    let minor = (1i64..400, 1i64..400);
    let budgets = prop_oneof![8 => 0usize..2, 3 => 2usize..4, 2 => 4usize..6];
    let second = || prop_oneof![4 => Just(0usize), 1 => Just(1usize)];
    let each = (kind, budgets, second(), second(), minor, (-400i32..400, 0usize..30));
    each.prop_map(|(name, budgets, grant, bank, minor, (on, back))| {
        if name == "reversal" {
            return Deed::Reverse { back };
        }
        // Most of what is tried should be possible.
        let more = if name == "contribution_received" { 30 } else { 1 };
        let minor = (minor.0 * more, minor.1 * more);
        Deed::Move { name, budgets, grant, bank, minor, on }
    })
}

impl Town {
    pub fn new(room: &Room<'_>) -> Self {
        let funds: Vec<FundId> = (0..4).map(|_| room.id()).collect();
        // Two budgets of the first fund, one of the second: all in dollars; one in yen and one in
        // dinars.
        let budgets = [0, 0, 1, 2, 3].map(|fund| (room.id(), fund)).to_vec();
        let grants = (0..2).map(|_| room.id()).collect();
        let banks = (0..2).map(|_| room.id()).collect();
        let (reference, entries) = (Reference::default(), Vec::new());
        Self { funds, budgets, grants, banks, reference, entries }
    }
    pub fn currency(&self, fund: usize) -> &'static str {
        CURRENCIES[fund.saturating_sub(1)]
    }
    pub fn money(&self, fund: usize, minor: i64) -> Money {
        Money::new(minor, Currency::parse(self.currency(fund)).expect("known"))
    }
    fn part(&self, budget: usize, grant: usize, bank: usize, minor: i64) -> Part {
        let (id, fund) = self.budgets[budget];
        let about = [
            self.banks[bank].uuid(),
            self.funds[fund].uuid(),
            id.uuid(),
            self.grants[grant].uuid(),
        ];
        Part { currency: self.currency(fund), about, minor }
    }

    /// Does a deed in the ledger and in the reference; whether both agree on the outcome.
    pub fn act(&mut self, room: &Room<'_>, deed: Deed) -> std::result::Result<(), String> {
        let (posted, possible) = match deed {
            Deed::Reverse { back } => {
                let Some(place) = self.entries.len().checked_sub(back + 1) else { return Ok(()) };
                let entry = self.entries[place];
                let undo = room.try_write(|conn| service::reverse(conn, &room.ctx, entry, "no"));
                (undo, self.reference.reverse(place))
            }
            Deed::Move { name, budgets, grant, bank, minor, on } => {
                let on = room.ctx.today().plus_days(on);
                let used = if whole(name) { &TOGETHER[budgets][..1] } else { TOGETHER[budgets] };
                let amounts = [minor.0, minor.1];
                let parts: Vec<(usize, i64)> = used.iter().copied().zip(amounts).collect();
                let movement = match name {
                    "exchanged" => self.exchange(minor, on),
                    _ => self.movement(name, &parts, (grant, bank), on),
                };
                let movement = movement.map_err(|p| format!("{name}: {p}: {:?}", p.cause()))?;
                let spelt: Vec<(&str, Part)> = match name {
                    "exchanged" => vec![
                        ("exchanged_from", self.part(0, grant, 0, minor.0)),
                        ("exchanged_to", self.part(3, grant, 1, minor.1)),
                    ],
                    _ => parts
                        .iter()
                        .map(|(b, m)| (plain(name), self.part(*b, grant, bank, *m)))
                        .collect(),
                };
                (room.try_post(Ok(movement)), self.reference.post(&spelt))
            }
        };
        match (posted, possible) {
            (Ok(entry), true) => {
                self.entries.push(entry);
                Ok(())
            }
            (Err(problem), false) if problem.status() == 409 => Ok(()),
            (posted, possible) => {
                let posted = posted.map_err(|p| format!("{p}: {:?}", p.cause()));
                Err(format!("{deed:?}: {posted:?}, but the reference says {possible}"))
            }
        }
    }

    fn movement(
        &self,
        name: &str,
        parts: &[(usize, i64)],
        (grant, bank): (usize, usize),
        on: Date,
    ) -> Result<Movement> {
        let shares: Vec<Share> = parts
            .iter()
            .map(|(b, minor)| {
                let (budget, fund) = self.budgets[*b];
                Share { fund: self.funds[fund], budget, minor: *minor }
            })
            .collect();
        let (share, fund) = (&shares[0], self.budgets[parts[0].0].1);
        let amount = self.money(fund, share.minor);
        let (currency, bank_id) = (amount.currency(), self.banks[bank]);
        let (grant, about) = (self.grants[grant], &about(on, &told(name)));
        let payment = || Payment {
            disbursement: Id::from_uuid(Uuid::from_u128(5)),
            grant,
            bank: bank_id,
            amount: self.money(fund, shares.iter().map(|s| s.minor).sum()),
            reference: "REF".into(),
            shares: shares.clone(),
        };
        match name {
            "contribution_received" => m::contribution_received(share.fund, bank_id, amount, about),
            "sponsor_fee_charged" => m::sponsor_fee_charged(share.fund, amount, about),
            "budget_allocated" => m::budget_allocated(share.fund, share.budget, amount, about),
            "budget_recalled" => m::budget_recalled(share.fund, share.budget, amount, about),
            "offer_placed" => m::offer_placed(share.fund, share.budget, amount, about),
            "offer_released" => m::offer_released(share.fund, share.budget, amount, about),
            "grant_awarded" => m::grant_awarded(grant, share, currency, about),
            "tranche_released" => m::tranche_released(grant, &shares, currency, about),
            "release_undone" => m::release_undone(grant, &shares, currency, about),
            "commitment_released" => m::commitment_released(grant, &shares, currency, about),
            "tax_withheld" => m::tax_withheld(grant, &shares, currency, about),
            "refund_received" => m::refund_received(grant, bank_id, &shares, currency, about),
            "bank_charge" => m::bank_charge(share.fund, bank_id, amount, about),
            "payment_instructed" | "split_payment" => m::payment_instructed(&payment(), on),
            "payment_settled" => m::payment_settled(&payment(), on),
            "returned_before" => m::payment_returned(&payment(), false, on),
            "returned_after" => m::payment_returned(&payment(), true, on),
            other => panic!("{other}"),
        }
    }

    fn exchange(&self, (from, to): (i64, i64), on: Date) -> Result<Movement> {
        let from = (self.banks[0], self.money(0, from));
        m::currency_exchanged(from, (self.banks[1], self.money(2, to)), &about(on, "exchanged"))
    }

    /// What the domains would expect the ledger to hold.
    pub fn expected(&self) -> Expectations {
        Expectations {
            reserved: sums(&self.reference, "8300"),
            committed: sums(&self.reference, "8400"),
            payable: sums(&self.reference, "2000"),
            in_transit: sums(&self.reference, "1050"),
            ..Expectations::default()
        }
    }
}

/// What the reference holds under a code, by the first id of each account and by currency.
fn sums<T>(reference: &Reference, code: &str) -> BTreeMap<(Id<T>, Currency), i128> {
    let mut sums = BTreeMap::new();
    for (key, balance) in reference.balances.iter().filter(|(key, _)| key.starts_with(code)) {
        let parts: Vec<&str> = key.split('/').collect();
        let id = Id::from_uuid(parts[2].parse().expect("an id"));
        let currency = Currency::parse(parts[1]).expect("known");
        *sums.entry((id, currency)).or_insert(0) += balance;
    }
    sums
}

/// Movements from one fund or budget only.
fn whole(name: &str) -> bool {
    let one = [
        "contribution_received",
        "sponsor_fee_charged",
        "budget_allocated",
        "budget_recalled",
        "offer_placed",
        "offer_released",
        "grant_awarded",
        "bank_charge",
    ];
    one.contains(&name)
}

/// The reference's name of a movement.
fn plain(name: &str) -> &str {
    if name == "split_payment" { "payment_instructed" } else { name }
}

/// A history of a town with so many entries: the same each time.
pub fn history(room: &Room<'_>, entries: usize) -> Town {
    let mut runner = TestRunner::deterministic();
    let mut town = Town::new(room);
    while town.entries.len() < entries {
        let deed = deed().new_tree(&mut runner).expect("a deed").current();
        room.t.clock.advance_seconds(7);
        let now = Room { t: room.t, ctx: room.ctx.at(room.t.clock.now()) };
        town.act(&now, deed).unwrap_or_else(|e| panic!("{e}"));
    }
    town
}
