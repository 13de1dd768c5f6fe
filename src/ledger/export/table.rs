//! One posting to a row: CSV (RFC 4180) and JSON Lines.

use super::super::model::Side;
use super::super::store::journal::{Entry, Posting};
use super::{Plan, Writer, text, wrote};
use crate::kernel::Result;
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use serde_json::json;
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

/// CSV.
pub(super) struct Csv;

impl Csv {
    fn record(out: &mut dyn Write, cells: &[String]) -> Result<()> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .buffer_capacity(1024)
            .from_writer(out);
        writer.write_record(cells).map_err(csv_wrote)?;
        writer.flush().map_err(wrote)
    }
}

impl Writer for Csv {
    fn start(&mut self, _: &Plan<'_>, out: &mut dyn Write) -> Result<()> {
        Self::record(out, &HEADER.map(str::to_owned))
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

impl Writer for Jsonl {
    fn start(&mut self, _: &Plan<'_>, _: &mut dyn Write) -> Result<()> {
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
            serde_json::to_writer(&mut *out, &line).map_err(|e| wrote(e.into()))?;
            out.write_all(b"\n").map_err(wrote)?;
        }
        Ok(())
    }
    fn end(&mut self, _: &Plan<'_>, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}
