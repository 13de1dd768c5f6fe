//! What of a document a draft can take over.

use super::model::{BudgetLine, Dossier, FORMAT, NotTaken, OLDEST, VERSION, Written};
use crate::answers::model::Answers;
use crate::applications::model::{BudgetLineForm, CreateApplication};
use crate::kernel::fields::Fields;
use crate::kernel::ids::CallId;

/// Most answers of a document, and entries of each of its lists.
pub const ENTRIES_MAX: usize = 300;
/// What the kind of an answer to the eligibility quiz is called.
pub const QUIZ: &str = "eligibility";

/// Refuses a document of another form or version, or with more than one has.
pub fn known(fields: &mut Fields, document: &Dossier) {
    let message = format!("this is not a document of the form “{FORMAT}”");
    fields.check(document.format == FORMAT, "/document/format", "unknown", &message);
    let message = format!("this form is known in versions {OLDEST} to {VERSION}");
    let read = (OLDEST..=VERSION).contains(&document.version);
    fields.check(read, "/document/version", "unknown", &message);
    for (name, length) in [
        ("answers", document.answers.len()),
        ("team", document.team.len()),
        ("files", document.files.len()),
        ("further_calls", document.further_calls.len()),
        ("vouches", document.vouches.len()),
    ] {
        let message = format!("these are more than {ENTRIES_MAX}");
        let pointer = format!("/document/{name}");
        fields.check(length <= ENTRIES_MAX, &pointer, "too_many", &message);
    }
}

/// A draft that says what the document says.
pub fn draft(call_id: CallId, written: &Written) -> CreateApplication {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let line = |line: &BudgetLine| BudgetLineForm {
        label: line.label.clone(),
        amount: line.amount.clone(),
    };
    let lines: Vec<BudgetLineForm> = written.budget_lines.iter().map(line).collect();
    CreateApplication {
        call_id,
        on_behalf_of: None,
        title: written.title.clone(),
        summary: some(&written.summary),
        body: some(&written.body),
        amount_minimum: written.amount_minimum.clone(),
        amount_requested: written.amount_requested.clone(),
        budget_lines: Some(lines).filter(|lines| !lines.is_empty()),
        duration_months: written.duration_months,
        visibility: written.visibility,
        answers: Answers::new(),
    }
}

const WITH_DIRECTIONS: &str = "say it anew, with the directions";

/// Whole parts of a document that are never taken over.
pub fn left_out(document: &Dossier, left: &mut Vec<NotTaken>) {
    for (there, name, reason) in [
        (
            !document.application.agendas.is_empty(),
            "application/agendas",
            "name the directions anew, among those that there are here",
        ),
        (!document.application.place.is_empty(), "application/place", WITH_DIRECTIONS),
        (!document.application.looking_for.is_empty(), "application/looking_for", WITH_DIRECTIONS),
        (!document.team.is_empty(), "team", "everybody says yes for themselves: ask them anew"),
        (!document.files.is_empty(), "files", "the contents are not in the document: attach them"),
        (!document.further_calls.is_empty(), "further_calls", "route it to further calls anew"),
        (!document.comments.is_empty(), "comments", "what was said elsewhere stays there"),
        (!document.vouches.is_empty(), "vouches", "ask those who vouched to do so here"),
    ] {
        if there {
            let pointer = format!("/document/{name}");
            left.push(NotTaken { pointer, reason: reason.to_owned() });
        }
    }
}
