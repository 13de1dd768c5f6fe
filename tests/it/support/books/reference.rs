//! The books once more, as small as can be and without a database: DOMAIN.md's tables and state
//! machines, spelt as text, and nothing of the code that they are compared with.

use std::collections::BTreeMap;
use uuid::Uuid;

/// Movement, then what it debits and credits: `1000<4000` is Dr 1000 Cr 4000.
const MOVEMENTS: &str = "contribution_received 1000<4000 8000<8100 | sponsor_fee_charged \
    5100<4100 8100<8000 | budget_allocated 8100<8200 | budget_recalled 8200<8100 | offer_placed \
    8200<8300 | offer_released 8300<8200 | grant_awarded 8300<8400 | tranche_released 5000<2000 \
    8400<8500 | tax_withheld 2000<2100 | payment_instructed 2000<1050 | payment_settled 1050<1000 \
    | returned_before 1050<2000 | returned_after 1000<2000 | bank_charge 5200<1000 8100<8000 | \
    commitment_released 8400<8200 | release_undone 2000<5000 8500<8400 | refund_received \
    1000<5000 8500<8200 | exchanged_from 1900<1000 | exchanged_to 1000<1900";

/// Each account with what tells those of its code apart (Bank, Fund, buDget, Grant), `+` where it
/// grows on the debit side, and `!` where it may not fall below zero.
const CHART: &str = "1000B+ 1050B! 1900+ 2000G! 2100! 4000F 4100 4900 5000F+ 5100F+ 5200F+ \
    8000F+ 8100F! 8200D! 8300D! 8400GD! 8500GD!";

/// What may happen to a thing in a state, and where that leads: `thing: states step state`.
const STEPS: &str = "offer: waits approve placed, waits deny released, placed award committed, \
    placed+waits withdraw released, placed+waits end released | earmark: held offer offered, \
    offered award spent, offered+spent return held, held reassign reassigned, held+spent undo \
    undone, reassigned undo reassigned | application: open award awarded, open decline declined, \
    declined reopen open, declined uphold ended, open merge withdrawn | grant: awarded activate \
    active, awarded cancel cancelled, active pause paused, paused resume active, active+paused \
    wind_down winding_down, active+paused+winding_down close closed, closed return winding_down \
    | tranche: planned release released, released undo planned, planned end cancelled, released \
    batch instructed, instructed settle paid, instructed+paid return released | payment: drafted \
    approve approved, approved batch instructed, instructed settle settled, instructed+settled \
    return returned, returned retry drafted, drafted+approved void voided";

/// What a part of a movement is about: its bank account, fund, budget and grant.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub currency: &'static str,
    pub about: [Uuid; 4],
    pub minor: i64,
}

/// What each account holds where it grows; what each entry changed, to be reversed once.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub balances: BTreeMap<String, i128>,
    pub entries: Vec<Option<BTreeMap<String, i128>>>,
}

fn account(code: &str) -> &'static str {
    CHART.split(' ').find(|account| account.starts_with(code)).expect("a code of the chart")
}

fn key(code: &str, part: &Part) -> String {
    let ids = account(code).chars().filter_map(|c| Some(part.about["BFDG".find(c)?]));
    ids.fold(format!("{code}/{}", part.currency), |text, id| format!("{text}/{id}"))
}

/// Where a step leads a thing; `None` where it is not possible.
pub fn after(thing: &str, state: &str, step: &str) -> Option<&'static str> {
    let of = STEPS.split(" | ").find_map(|r| r.split_once(": ").filter(|r| r.0 == thing))?;
    let mut rows = of.1.split(", ").map(|r| r.split(' ').collect::<Vec<_>>());
    rows.find(|r| r[1] == step && r[0].split('+').any(|from| from == state)).map(|r| r[2])
}

impl Reference {
    /// Posts a movement; whether it was possible.
    pub fn post(&mut self, parts: &[(&str, Part)]) -> bool {
        let mut changes = BTreeMap::new();
        for (movement, part) in parts {
            let mut rows = MOVEMENTS.split(" | ").map(|row| row.split(' '));
            let row = rows.find_map(|mut row| (row.next() == Some(*movement)).then_some(row));
            for (debit, credit) in row.expect("a movement").filter_map(|p| p.split_once('<')) {
                for (code, debited) in [(debit, true), (credit, false)] {
                    let sign = if debited == account(code).contains('+') { 1 } else { -1 };
                    *changes.entry(key(code, part)).or_insert(0) += i128::from(sign * part.minor);
                }
            }
        }
        self.apply(changes, true)
    }
    /// Undoes the entry at this place, counted from the first; whether it was possible.
    pub fn reverse(&mut self, place: usize) -> bool {
        let Some(changes) = self.entries[place].clone() else { return false };
        let done = self.apply(changes.into_iter().map(|(key, by)| (key, -by)).collect(), false);
        self.entries[place] = self.entries[place].take().filter(|_| !done);
        done
    }
    fn apply(&mut self, changes: BTreeMap<String, i128>, reversible: bool) -> bool {
        let mut after = self.balances.clone();
        for (key, change) in &changes {
            let balance = after.entry(key.clone()).or_insert(0);
            *balance += change;
            if *balance < 0 && *change < 0 && account(&key[..4]).contains('!') {
                return false;
            }
        }
        self.balances = after;
        self.entries.push(reversible.then_some(changes));
        true
    }
}
