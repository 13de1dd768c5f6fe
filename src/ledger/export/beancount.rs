//! A file that `bean-check` (beancount 3) accepts.

use super::super::store::journal::Entry;
use super::{Plan, Writer, amount, by_account, text, wrote};
use crate::kernel::Result;
use crate::kernel::money::Currency;
use crate::kernel::time::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

pub(super) struct Beancount;

impl Writer for Beancount {
    fn start(&mut self, plan: &Plan<'_>, out: &mut dyn Write) -> Result<()> {
        let first = plan.days.0;
        let mut head = format!("option \"title\" \"Almoner: {} book\"\n", plan.query.books);
        let currencies: BTreeSet<Currency> = plan.accounts.iter().map(|a| a.1).collect();
        for currency in &currencies {
            head.push_str(&format!("option \"operating_currency\" \"{currency}\"\n"));
            head.push_str(&format!("{first} commodity {currency}\n"));
        }
        let mut accounts: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for (account, currency) in &plan.accounts {
            accounts.entry(account).or_default().push(currency.to_string());
        }
        for (account, currencies) in accounts {
            head.push_str(&format!("{first} open {account} {}\n", currencies.join(",")));
        }
        head.push('\n');
        if plan.opening.iter().any(|b| b.minor != 0) {
            head.push_str(&format!("{first} * \"opening balances\" \"\"\n"));
            for b in plan.opening.iter().filter(|b| b.minor != 0) {
                head.push_str(&format!("  {}  {}\n", b.account, amount(b.minor, b.currency)));
                if b.fund.is_some() {
                    let fund = text::beancount(&plan.names.fund(b.fund));
                    head.push_str(&format!("    fund: {fund}\n"));
                }
            }
            head.push('\n');
        }
        out.write_all(head.as_bytes()).map_err(wrote)
    }

    fn entry(&mut self, plan: &Plan<'_>, entry: &Entry, out: &mut dyn Write) -> Result<()> {
        let mut lines = String::new();
        for p in plan.postings(entry) {
            let account = plan.natural(p.code, p.bank());
            lines.push_str(&format!("  {account}  {}\n", amount(p.signed(), p.currency)));
            if p.fund.is_some() {
                let fund = text::beancount(&plan.names.fund(p.fund));
                lines.push_str(&format!("    fund: {fund}\n"));
            }
            if p.budget.is_some() {
                let budget = text::beancount(&plan.names.budget(p.budget));
                lines.push_str(&format!("    budget: {budget}\n"));
            }
            if let Some(grant) = p.grant {
                lines.push_str(&format!("    grant: \"{grant}\"\n"));
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        let head = &entry.head;
        let memo = text::beancount(&head.memo);
        let text = format!(
            "{} * \"{}\" {memo}\n  entry: \"{}\"\n{lines}\n",
            head.effective_on, head.kind, head.id
        );
        out.write_all(text.as_bytes()).map_err(wrote)
    }

    fn end(&mut self, plan: &Plan<'_>, out: &mut dyn Write) -> Result<()> {
        // A balance directive speaks about the beginning of its day.
        let after: Date = plan.days.1.plus_days(1);
        let mut text = String::new();
        for ((account, currency), minor) in by_account(&plan.closing) {
            text.push_str(&format!("{after} balance {account}  {}\n", amount(minor, currency)));
        }
        out.write_all(text.as_bytes()).map_err(wrote)
    }
}
