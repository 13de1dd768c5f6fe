//! One posting to a row: CSV (RFC 4180) and JSON Lines.

use super::super::model::{Side, Sum};
use super::super::store::journal::{Entry, Posting};
use super::{Balance, Plan, Writer, text, wrote};
use crate::kernel::Result;
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use serde_json::{Value, json};
use std::io::Write;

const HEADER: [&str; 20] = [
    "entry_id",
    "line",
    "effective_on",
    "recorded_at",
    "kind",
    "memo",
    "book",
    "code",
    "account",
    "side",
    "amount",
    "currency",
    "fund_id",
    "fund",
    "budget_id",
    "budget",
    "grant_id",
    "source_kind",
    "source_id",
    "reverses_id",
];

/// The kind of rows that say what was before the first day.
const OPENING: &str = "opening";

/// CSV.
pub(super) struct Csv;

impl Csv {
    fn record(out: &mut dyn Write, cells: &[String]) -> Result<()> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .buffer_capacity(1024)
            .from_writer(Vec::with_capacity(512));
        writer.write_record(cells).map_err(csv_wrote)?;
        // Not to `out`: what this flushes, that would send away row by row.
        let row = writer.into_inner().map_err(|e| wrote(e.into_error()))?;
        out.write_all(&row).map_err(wrote)
    }
}

impl Writer for Csv {
    fn start(&mut self, plan: &Plan<'_>, out: &mut dyn Write) -> Result<()> {
        Self::record(out, &HEADER.map(str::to_owned))?;
        for (line, balance) in opening(plan) {
            Self::record(out, &opening_cells(plan, line, balance))?;
        }
        Ok(())
    }
    fn entry(&mut self, plan: &Plan<'_>, entry: &Entry, out: &mut dyn Write) -> Result<()> {
        for posting in plan.postings(entry) {
            Self::record(out, &cells(plan, entry, posting))?;
        }
        Ok(())
    }
    fn end(&mut self, _: &Plan<'_>, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

/// The error of the writer below, where it is one.
fn csv_wrote(e: csv::Error) -> Problem {
    match e.into_kind() {
        csv::ErrorKind::Io(e) => wrote(e),
        other => Problem::internal(format!("{other:?}")),
    }
}

/// What was before the first day, as if it were the lines of one entry; it is none and has no id.
fn opening<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = (usize, &'p Balance)> {
    (1..).zip(plan.opening.iter().filter(|b| b.minor != 0))
}

fn side(balance: &Balance) -> Side {
    if balance.minor > 0 { Side::Debit } else { Side::Credit }
}

/// A balance without its sign, which its side tells.
fn size(balance: &Balance) -> Sum {
    Sum { minor: balance.minor.abs(), currency: balance.currency }
}

fn opening_cells(plan: &Plan<'_>, line: usize, b: &Balance) -> Vec<String> {
    let none = String::new;
    vec![
        none(),
        line.to_string(),
        plan.days.0.to_string(),
        none(),
        OPENING.to_owned(),
        none(),
        b.code.book().to_string(),
        b.code.to_string(),
        b.account.to_string(),
        side(b).to_string(),
        size(b).decimal(),
        b.currency.to_string(),
        b.fund.map(|i| i.to_string()).unwrap_or_default(),
        text::cell(&plan.names.fund(b.fund)),
        none(),
        none(),
        none(),
        none(),
        none(),
        none(),
    ]
}

fn cells(plan: &Plan<'_>, entry: &Entry, p: &Posting) -> Vec<String> {
    let id = |id: Option<String>| id.unwrap_or_default();
    let head = &entry.head;
    vec![
        head.id.to_string(),
        p.line.to_string(),
        head.effective_on.to_string(),
        head.recorded_at.to_string(),
        head.kind.to_string(),
        text::cell(&head.memo),
        p.code.book().to_string(),
        p.code.to_string(),
        plan.natural(p.code, p.bank()).to_string(),
        p.side.to_string(),
        Money::new(p.amount, p.currency).decimal(),
        p.currency.to_string(),
        id(p.fund.map(|i| i.to_string())),
        text::cell(&plan.names.fund(p.fund)),
        id(p.budget.map(|i| i.to_string())),
        text::cell(&plan.names.budget(p.budget)),
        id(p.grant.map(|i| i.to_string())),
        head.source_kind.clone(),
        head.source_id.to_string(),
        id(head.reverses_id.map(|i| i.to_string())),
    ]
}

/// JSON Lines.
pub(super) struct Jsonl;

impl Jsonl {
    fn line(out: &mut dyn Write, line: &Value) -> Result<()> {
        serde_json::to_writer(&mut *out, line).map_err(|e| wrote(e.into()))?;
        out.write_all(b"\n").map_err(wrote)
    }
}

impl Writer for Jsonl {
    fn start(&mut self, plan: &Plan<'_>, out: &mut dyn Write) -> Result<()> {
        for (number, b) in opening(plan) {
            let line = json!({
                "entry_id": null,
                "line": number,
                "effective_on": plan.days.0,
                "recorded_at": null,
                "kind": OPENING,
                "memo": "",
                "book": b.code.book(),
                "code": b.code,
                "account": b.account.to_string(),
                "side": side(b),
                "amount": size(b),
                "debit": side(b) == Side::Debit,
                "fund_id": b.fund,
                "fund": b.fund.map(|_| plan.names.fund(b.fund)),
                "budget_id": null,
                "budget": null,
                "grant_id": null,
                "source_kind": null,
                "source_id": null,
                "reverses_id": null,
            });
            Self::line(out, &line)?;
        }
        Ok(())
    }
    fn entry(&mut self, plan: &Plan<'_>, entry: &Entry, out: &mut dyn Write) -> Result<()> {
        let head = &entry.head;
        for p in plan.postings(entry) {
            let line = json!({
                "entry_id": head.id,
                "line": p.line,
                "effective_on": head.effective_on,
                "recorded_at": head.recorded_at,
                "kind": head.kind,
                "memo": head.memo,
                "book": p.code.book(),
                "code": p.code,
                "account": plan.natural(p.code, p.bank()).to_string(),
                "side": p.side,
                "amount": Money::new(p.amount, p.currency),
                "debit": p.side == Side::Debit,
                "fund_id": p.fund,
                "fund": p.fund.map(|_| plan.names.fund(p.fund)),
                "budget_id": p.budget,
                "budget": p.budget.map(|_| plan.names.budget(p.budget)),
                "grant_id": p.grant,
                "source_kind": head.source_kind,
                "source_id": head.source_id,
                "reverses_id": head.reverses_id,
            });
            Self::line(out, &line)?;
        }
        Ok(())
    }
    fn end(&mut self, _: &Plan<'_>, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}
