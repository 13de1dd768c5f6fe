//! A journal that `hledger check -s ordereddates payees` and `ledger --pedantic` accept.

use super::super::model::MovementKind;
use super::super::store::journal::Entry;
use super::{Balance, Plan, Writer, amount, by_account, text, wrote};
use crate::kernel::Result;
use crate::kernel::money::Currency;
use std::collections::BTreeSet;
use std::io::Write;

pub(super) struct Hledger;

const OPENING: &str = "opening balances";
const CLOSING: &str = "closing check";

impl Writer for Hledger {
    fn start(&mut self, plan: &Plan<'_>, out: &mut dyn Write) -> Result<()> {
        let (first, last) = plan.days;
        let mut head = format!("; Almoner: {} book, {first} to {last}\n\n", plan.query.books);
        let currencies: BTreeSet<Currency> = plan.accounts.iter().map(|a| a.1).collect();
        for currency in currencies {
            head.push_str(&format!("commodity {currency}\n"));
            // The sample shows how many digits there are. Where there are none, hledger wants a
            // mark in it and ledger wants none: then there is no sample.
            if let Some((_, digits)) = amount(0, currency).split_once('.') {
                head.push_str(&format!("    format 1000.{digits}\n"));
            }
        }
        let mut accounts: Vec<_> = plan.accounts.iter().map(|a| &a.0).collect();
        accounts.dedup();
        for account in accounts {
            head.push_str(&format!("account {account}\n"));
        }
        for tag in ["entry", "fund", "budget", "grant"] {
            head.push_str(&format!("tag {tag}\n"));
        }
        for payee in MovementKind::ALL.iter().map(|k| k.as_str()).chain([OPENING, CLOSING]) {
            head.push_str(&format!("payee {payee}\n"));
        }
        head.push('\n');
        if plan.opening.iter().any(|b| b.minor != 0) {
            head.push_str(&format!("{first} * {OPENING}\n"));
            for b in plan.opening.iter().filter(|b| b.minor != 0) {
                head.push_str(&opening_line(plan, b));
            }
            head.push('\n');
        }
        out.write_all(head.as_bytes()).map_err(wrote)
    }

    fn entry(&mut self, plan: &Plan<'_>, entry: &Entry, out: &mut dyn Write) -> Result<()> {
        let mut lines = String::new();
        for p in plan.postings(entry) {
            let account = plan.natural(p.code, p.bank());
            let amount = amount(p.signed(), p.currency);
            lines.push_str(&format!("    {account}  {amount}\n"));
            if p.fund.is_some() {
                tag(&mut lines, "fund", &plan.names.fund(p.fund));
            }
            if p.budget.is_some() {
                tag(&mut lines, "budget", &plan.names.budget(p.budget));
            }
            if let Some(grant) = p.grant {
                tag(&mut lines, "grant", &grant.to_string());
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        let head = &entry.head;
        let memo = text::hledger(&head.memo);
        let note = if memo.is_empty() { String::new() } else { format!(" | {memo}") };
        let (day, kind, id) = (head.effective_on, head.kind, head.id);
        let text = format!("{day} * {kind}{note}\n    ; entry: {id}\n{lines}\n");
        out.write_all(text.as_bytes()).map_err(wrote)
    }

    fn end(&mut self, plan: &Plan<'_>, out: &mut dyn Write) -> Result<()> {
        let closing = by_account(&plan.closing);
        if closing.is_empty() {
            return Ok(());
        }
        let mut text = format!("{} * {CLOSING}\n", plan.days.1);
        for ((account, currency), minor) in closing {
            let (nothing, balance) = (amount(0, currency), amount(minor, currency));
            text.push_str(&format!("    {account}  {nothing} = {balance}\n"));
        }
        out.write_all(text.as_bytes()).map_err(wrote)
    }
}

/// A tag on a line of its own, which hledger and ledger both read.
fn tag(lines: &mut String, name: &str, value: &str) {
    lines.push_str(&format!("    ; {name}: {}\n", text::hledger_tag(value)));
}

fn opening_line(plan: &Plan<'_>, b: &Balance) -> String {
    let mut line = format!("    {}  {}\n", b.account, amount(b.minor, b.currency));
    if b.fund.is_some() {
        tag(&mut line, "fund", &plan.names.fund(b.fund));
    }
    line
}
