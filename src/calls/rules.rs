//! Decisions about calls, from facts alone.

use super::model::{CallFacts, CallKind, CallStatus, CreateCall, EditCall, Terms, Visibility};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::patch::Patch;
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;

/// Longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// Longest summary, in characters.
pub const SUMMARY_MAX: usize = 10_000;
/// Most funds that a call can name.
pub const FUNDS_MAX: usize = 50;

/// The terms of a new call. `decision_days` is what the service promises where the form is silent.
pub fn create(fields: &mut Fields, form: &CreateCall, today: Date, decision_days: i32) -> Terms {
    let mut terms = Terms {
        title: fields.line("/title", &form.title, 1, TITLE_MAX),
        summary: fields.paragraphs("/summary", &form.summary, 0, SUMMARY_MAX),
        kind: form.kind,
        opens_on: form.opens_on.unwrap_or(today),
        closes_on: form.closes_on,
        decision_days: form.decision_days.unwrap_or(decision_days),
        visibility: form.visibility.unwrap_or(Visibility::Public),
        fund_ids: form.fund_ids.clone(),
    };
    agree(fields, &mut terms);
    terms
}

/// The terms with the changes asked for.
pub fn edit(
    fields: &mut Fields,
    old: &Terms,
    form: &EditCall,
    status: CallStatus,
    today: Date,
) -> Terms {
    let mut terms = old.clone();
    match &form.title {
        Patch::Leave => {}
        Patch::Clear => needed(fields, "/title"),
        Patch::Set(title) => terms.title = fields.line("/title", title, 1, TITLE_MAX),
    }
    match &form.summary {
        Patch::Leave => {}
        Patch::Clear => terms.summary = String::new(),
        Patch::Set(text) => terms.summary = fields.paragraphs("/summary", text, 0, SUMMARY_MAX),
    }
    set(fields, "/kind", &mut terms.kind, &form.kind);
    set(fields, "/opens_on", &mut terms.opens_on, &form.opens_on);
    set(fields, "/decision_days", &mut terms.decision_days, &form.decision_days);
    set(fields, "/visibility", &mut terms.visibility, &form.visibility);
    match form.closes_on {
        Patch::Leave => {}
        Patch::Clear => terms.closes_on = None,
        Patch::Set(day) => terms.closes_on = Some(day),
    }
    match &form.fund_ids {
        Patch::Leave => {}
        Patch::Clear => terms.fund_ids.clear(),
        Patch::Set(ids) => terms.fund_ids = ids.clone(),
    }
    if status == CallStatus::Open {
        let fixed = "this is fixed once the call is open";
        fields.check(terms.kind == old.kind, "/kind", "fixed", fixed);
        fields.check(terms.opens_on == old.opens_on, "/opens_on", "fixed", fixed);
        let moved = terms.closes_on != old.closes_on;
        let past = terms.closes_on.is_some_and(|last| last < today);
        let message = "write today or a later day; to end it now, close the call";
        fields.check(!(moved && past), "/closes_on", "out_of_range", message);
    }
    agree(fields, &mut terms);
    terms
}

fn needed(fields: &mut Fields, pointer: &str) {
    fields.push(pointer, "required", "this is needed: it cannot be cleared");
}

fn set<T: Copy>(fields: &mut Fields, pointer: &str, place: &mut T, patch: &Patch<T>) {
    match patch {
        Patch::Leave => {}
        Patch::Clear => needed(fields, pointer),
        Patch::Set(value) => *place = *value,
    }
}

/// What has to hold between the terms; puts the funds in order.
fn agree(fields: &mut Fields, terms: &mut Terms) {
    fields.plausible("/opens_on", terms.opens_on);
    fields.range("/decision_days", i64::from(terms.decision_days), 1, 365);
    match (terms.kind, terms.closes_on) {
        (CallKind::Dated, None) => {
            fields.push("/closes_on", "required", "a dated call has a last day");
        }
        (CallKind::Dated, Some(last)) => {
            fields.plausible("/closes_on", last);
            let message = "the last day cannot be before the first";
            fields.check(last >= terms.opens_on, "/closes_on", "out_of_range", message);
        }
        (CallKind::Rolling, Some(_)) => {
            let message = "a rolling call has no last day; make it dated, or leave this out";
            fields.push("/closes_on", "not_allowed", message);
        }
        (CallKind::Rolling, None) => {}
    }
    terms.fund_ids.sort();
    terms.fund_ids.dedup();
    let message = format!("name at most {FUNDS_MAX} funds, or none for any fund");
    fields.check(terms.fund_ids.len() <= FUNDS_MAX, "/fund_ids", "too_many", &message);
}

/// Whether an application can begin or be submitted in it today.
///
/// # Errors
/// 409, which says when it opens or that it is over.
pub fn accepts(call: &CallFacts, today: Date) -> Result<()> {
    let refuse = |why: String| Err(Problem::wrong_state(why));
    match (call.status, call.closes_on) {
        (CallStatus::Draft, _) => refuse("This call has not opened yet.".into()),
        (CallStatus::Closed, _) => refuse("This call is closed.".into()),
        (CallStatus::Open, _) if today < call.opens_on => {
            refuse(format!("This call opens on {}.", call.opens_on))
        }
        (CallStatus::Open, Some(last)) if today > last => {
            refuse(format!("This call closed after {last} (UTC)."))
        }
        (CallStatus::Open, _) => Ok(()),
    }
}

/// Whether the draft's days let it open today: its last day is not over yet.
pub fn may_open(call: &CallFacts, today: Date) -> Result<()> {
    match call.closes_on {
        Some(last) if last < today => {
            Err(Problem::wrong_state(format!("Its last day, {last}, is over: move that first.")))
        }
        _ => Ok(()),
    }
}

/// The last day of a call that is closed today.
pub fn last_day(closes_on: Option<Date>, today: Date) -> Date {
    closes_on.map_or(today, |last| last.min(today))
}

#[cfg(test)]
mod tests;
