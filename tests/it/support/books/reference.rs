//! The ledger once more, as small as can be and without a database: docs/LEDGER.md's tables,
//! spelt as text, and nothing of the code that they are compared with.

use std::collections::BTreeMap;
use uuid::Uuid;

/// Movement, then what it debits and credits: `1000<4000` is Dr 1000 Cr 4000.
const MOVEMENTS: &[(&str, &str)] = &[
    ("contribution_received", "1000<4000 8000<8100"),
    ("sponsor_fee_charged", "5100<4100 8100<8000"),
    ("budget_allocated", "8100<8200"),
    ("budget_recalled", "8200<8100"),
    ("offer_placed", "8200<8300"),
    ("offer_released", "8300<8200"),
    ("grant_awarded", "8300<8400"),
    ("tranche_released", "5000<2000 8400<8500"),
    ("tax_withheld", "2000<2100"),
    ("payment_instructed", "2000<1050"),
    ("payment_settled", "1050<1000"),
    ("returned_before", "1050<2000"),
    ("returned_after", "1000<2000"),
    ("bank_charge", "5200<1000 8100<8000"),
    ("commitment_released", "8400<8200"),
    ("release_undone", "2000<5000 8500<8400"),
    ("refund_received", "1000<5000 8500<8200"),
    ("exchanged_from", "1900<1000"),
    ("exchanged_to", "1000<1900"),
];

/// Code, what tells its accounts apart (Bank, Fund, buDget, Grant), and whether it may not fall
/// below zero.
const CHART: &[(&str, &str, bool)] = &[
    ("1000", "B", false),
    ("1050", "B", true),
    ("1900", "", false),
    ("2000", "G", true),
    ("2100", "", true),
    ("4000", "F", false),
    ("4100", "", false),
    ("4900", "", false),
    ("5000", "F", false),
    ("5100", "F", false),
    ("5200", "F", false),
    ("8000", "F", false),
    ("8100", "F", true),
    ("8200", "D", true),
    ("8300", "D", true),
    ("8400", "GD", true),
    ("8500", "GD", true),
];

/// Accounts that grow on the debit side.
const DEBIT: &[&str] = &["1000", "1900", "5000", "5100", "5200", "8000"];

/// What a part of a movement is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    pub currency: &'static str,
    pub bank: Uuid,
    pub fund: Uuid,
    pub budget: Uuid,
    pub grant: Uuid,
    pub minor: i64,
}

/// What each account holds, on the side on which it grows.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub balances: BTreeMap<String, i128>,
    /// Changes of each entry, to be undone by a reversal, once.
    entries: Vec<Option<BTreeMap<String, i128>>>,
}

fn chart(code: &str) -> (&'static str, bool) {
    let row = CHART.iter().find(|row| row.0 == code).expect("a code of the chart");
    (row.1, row.2)
}

fn key(code: &str, part: &Part) -> String {
    let ids = chart(code).0.chars().map(|dimension| match dimension {
        'B' => part.bank,
        'F' => part.fund,
        'D' => part.budget,
        _ => part.grant,
    });
    ids.fold(format!("{code}/{}", part.currency), |text, id| format!("{text}/{id}"))
}

impl Reference {
    /// Posts a movement; whether it was possible.
    pub fn post(&mut self, parts: &[(&str, Part)]) -> bool {
        let mut changes = BTreeMap::new();
        for (movement, part) in parts {
            let row = MOVEMENTS.iter().find(|m| m.0 == *movement).expect("a movement");
            for (debit, credit) in row.1.split(' ').filter_map(|pair| pair.split_once('<')) {
                let mut change = |code: &str, debited: bool| {
                    let grows = debited == DEBIT.contains(&code);
                    let minor = i128::from(part.minor);
                    *changes.entry(key(code, part)).or_insert(0) +=
                        if grows { minor } else { -minor };
                };
                change(debit, true);
                change(credit, false);
            }
        }
        self.apply(changes, true)
    }
    /// Undoes the entry at this place, counted from the first; whether it was possible.
    pub fn reverse(&mut self, place: usize) -> bool {
        let Some(changes) = self.entries[place].clone() else { return false };
        let opposite = changes.into_iter().map(|(key, change)| (key, -change)).collect();
        let done = self.apply(opposite, false);
        if done {
            self.entries[place] = None;
        }
        done
    }
    fn apply(&mut self, changes: BTreeMap<String, i128>, reversible: bool) -> bool {
        let mut after = self.balances.clone();
        for (key, change) in &changes {
            let balance = after.entry(key.clone()).or_insert(0);
            *balance += change;
            if *balance < 0 && *change < 0 && chart(&key[..4]).1 {
                return false;
            }
        }
        self.balances = after;
        self.entries.push(reversible.then_some(changes));
        true
    }
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
    /// Balances of a code by the id at this place of its key, and currency.
    pub fn by(&self, code: &str, place: usize) -> BTreeMap<(Uuid, String), i128> {
        let mut sums = BTreeMap::new();
        for (key, balance) in self.balances.iter().filter(|(key, _)| key.starts_with(code)) {
            let parts: Vec<&str> = key.split('/').collect();
            let id = parts[2 + place].parse().expect("an id");
            *sums.entry((id, parts[1].to_owned())).or_insert(0) += balance;
        }
        sums
    }
}
