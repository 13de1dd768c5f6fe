//! How an application reads in the protocol's words, and what its answers change.

use super::super::model::{
    AppStatus, AppStatusValue, CustomField, CustomFieldType, FormResponse, FormResponseStatus,
    FormResponseStatusValue, ProtocolApplication, ValidationError,
};
use crate::applications::model::{
    Application, ApplicationFacts, ApplicationStatus, EditApplication,
};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::patch::Patch;
use crate::kernel::problem::FieldError;
use crate::kernel::time::{Date, Instant};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::{Uuid, uuid};

/// The id of the form that every competition has: what each application says, in whatever call.
pub const BASICS: Uuid = uuid!("5b1d2f5e-6c0a-4b57-9a53-0d1c6f2f7a10");
/// Its name among the forms of a competition.
pub const BASICS_NAME: &str = "basics";
/// The name of the call's own form.
pub const FORM_NAME: &str = "application";
/// What the basics ask, by the names that the rest of the API has for it.
pub const ASKED: &[&str] = &[
    "summary",
    "body",
    "amount_minimum",
    "amount_requested",
    "duration_months",
    "budget_lines",
    "visibility",
];

/// An application with all that its team reads of it.
#[derive(Debug)]
pub struct Told {
    /// What is known of it.
    pub facts: ApplicationFacts,
    /// As its team sees it.
    pub view: Application,
    /// What keeps it from being handed in.
    pub lacking: Vec<FieldError>,
    /// When it was last changed.
    pub changed_at: Instant,
}

/// The id of the answers to a form: made of both ids, and the same each time (UUID version 8, RFC
/// 9562 section 5.8).
fn response_id(application: Uuid, form: Uuid) -> Uuid {
    let mixed = application.as_u128() ^ form.as_u128().rotate_left(64);
    uuid::Builder::from_custom_bytes(mixed.to_be_bytes()).into_uuid()
}

/// Which form a fault is of: the form's name, and the pointer within its answers; none where it is
/// of no form.
fn place(pointer: &str) -> Option<(&'static str, String)> {
    if let Some(rest) = pointer.strip_prefix("/answers") {
        return Some((FORM_NAME, rest.to_owned()));
    }
    let first = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
    ASKED.contains(&first).then(|| (BASICS_NAME, pointer.to_owned()))
}

/// Where a fault of an application is among the answers to all its forms.
pub fn placed(pointer: &str) -> String {
    match place(pointer) {
        Some((form, field)) => format!("/{form}{field}"),
        None => pointer.to_owned(),
    }
}

/// The answers to one form; none where the application has no such form.
pub fn response(told: &Told, form: Uuid) -> Option<FormResponse> {
    let (name, answers) = if form == BASICS {
        (BASICS_NAME, basics(&told.view))
    } else if form == told.facts.call_id.uuid() && told.view.form_version > 0 {
        (FORM_NAME, told.view.answers.clone())
    } else {
        return None;
    };
    let faults = told.lacking.iter().filter_map(|fault| {
        let (of, field) = place(&fault.pointer)?;
        (of == name).then(|| ValidationError { field, message: fault.message.clone() })
    });
    let validation_errors: Vec<ValidationError> = faults.collect();
    // What was taken back before it was handed in is judged no more.
    let judged = told.facts.submitted_at.is_some() || is_written(told.facts.status);
    let value = match (judged && validation_errors.is_empty(), answers.is_empty()) {
        (true, _) => FormResponseStatusValue::Complete,
        (false, true) => FormResponseStatusValue::NotStarted,
        (false, false) => FormResponseStatusValue::InProgress,
    };
    Some(FormResponse {
        application_id: told.facts.id,
        id: response_id(told.facts.id.uuid(), form),
        form_id: form,
        response: answers,
        status: FormResponseStatus { value },
        validation_errors,
        created_at: told.facts.created_at,
        last_modified_at: told.changed_at,
    })
}

fn is_written(status: ApplicationStatus) -> bool {
    matches!(status, ApplicationStatus::Draft | ApplicationStatus::ChangesRequested)
}

/// What the application says already of what the basics ask.
fn basics(view: &Application) -> Map<String, Value> {
    let Ok(Value::Object(all)) = serde_json::to_value(view) else { return Map::new() };
    let said = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let asked = all.into_iter().filter(|(name, value)| ASKED.contains(&&**name) && said(value));
    // Alone, who may come across it is no answer: every application begins with it.
    let answers: Map<String, Value> = asked.collect();
    if answers.keys().all(|name| name == "visibility") { Map::new() } else { answers }
}

/// The application as the protocol has it.
pub fn application(told: &Told) -> ProtocolApplication {
    let facts = &told.facts;
    let forms = [(BASICS_NAME, BASICS), (FORM_NAME, facts.call_id.uuid())];
    let responses = forms.into_iter().filter_map(|(name, id)| Some((name, response(told, id)?)));
    let mut custom_fields = BTreeMap::new();
    custom_fields.extend(facts.promised_on.map(promised));
    if told.view.form_version > 0 {
        let version = CustomField {
            name: "formVersion",
            field_type: CustomFieldType::Integer,
            value: json!(told.view.form_version),
            description: "The version of the call's form that it is written under",
        };
        custom_fields.insert("formVersion", version);
    }
    let error = |fault: &FieldError| ValidationError {
        field: placed(&fault.pointer),
        message: fault.message.clone(),
    };
    ProtocolApplication {
        id: facts.id,
        title: facts.title.clone(),
        competition_id: facts.call_id,
        opportunity_id: facts.call_id,
        form_responses: responses.collect(),
        status: stands(facts.status),
        submitted_at: facts.submitted_at,
        validation_errors: Some(told.lacking.iter().map(error).collect()),
        custom_fields,
        created_at: facts.created_at,
        last_modified_at: told.changed_at,
    }
}

/// The promised day, with the name of its field.
pub(super) fn promised(day: Date) -> (&'static str, CustomField) {
    let name = "decisionPromisedOn";
    let field = CustomField {
        name,
        field_type: CustomFieldType::String,
        value: json!(day),
        description: "The day by which a decision is promised",
    };
    (name, field)
}

/// Where an application stands, in the protocol's words.
pub(super) fn stands(status: ApplicationStatus) -> AppStatus {
    let (value, description) = match status {
        ApplicationStatus::Draft => (AppStatusValue::InProgress, "It is being written."),
        ApplicationStatus::ChangesRequested => {
            (AppStatusValue::InProgress, "Changes were asked for: hand it in again.")
        }
        ApplicationStatus::Submitted => {
            (AppStatusValue::Submitted, "Eligibility and risk are looked at.")
        }
        ApplicationStatus::Open => (AppStatusValue::Submitted, "It can be funded."),
        ApplicationStatus::Awarded => (AppStatusValue::Accepted, "It became a grant."),
        ApplicationStatus::Declined => (AppStatusValue::Rejected, "It was declined."),
        ApplicationStatus::Withdrawn => (AppStatusValue::Custom, "It was taken back."),
        ApplicationStatus::Lapsed => {
            (AppStatusValue::Custom, "The time to decide was over, and too little was offered.")
        }
    };
    let custom_value = (value == AppStatusValue::Custom).then(|| status.to_string());
    AppStatus { value, custom_value, description: description.into() }
}

/// What answers to the basics change: what is left out is cleared, but for who may come across it.
///
/// # Errors
/// 422 with what cannot be read, and what is not asked.
pub fn basics_edit(sent: &Map<String, Value>) -> Result<EditApplication> {
    let mut fields = Fields::new();
    let unknown = sent.keys().filter(|name| !ASKED.contains(&&***name));
    for name in unknown {
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        fields.push(&pointer, "unknown_field", "the form does not ask this");
    }
    let edit = EditApplication {
        summary: read(&mut fields, sent, "summary"),
        body: read(&mut fields, sent, "body"),
        amount_minimum: read(&mut fields, sent, "amount_minimum"),
        amount_requested: read(&mut fields, sent, "amount_requested"),
        duration_months: read(&mut fields, sent, "duration_months"),
        budget_lines: read(&mut fields, sent, "budget_lines"),
        visibility: match sent.contains_key("visibility") {
            true => read(&mut fields, sent, "visibility"),
            false => Patch::Leave,
        },
        ..EditApplication::default()
    };
    fields.finish()?;
    Ok(edit)
}

fn read<T: DeserializeOwned>(
    fields: &mut Fields,
    sent: &Map<String, Value>,
    name: &str,
) -> Patch<T> {
    let Some(value) = sent.get(name).filter(|value| !value.is_null()) else { return Patch::Clear };
    match T::deserialize(value) {
        Ok(value) => Patch::Set(value),
        Err(e) => {
            fields.push(&format!("/{name}"), "malformed", e.to_string());
            Patch::Leave
        }
    }
}

/// What answers to the call's own form change: what is left out is cleared.
pub fn answers_edit(sent: &Map<String, Value>, now: &Map<String, Value>) -> EditApplication {
    let mut answers = sent.clone();
    for name in now.keys().filter(|name| !sent.contains_key(*name)) {
        answers.insert(name.clone(), Value::Null);
    }
    EditApplication { answers, ..EditApplication::default() }
}
