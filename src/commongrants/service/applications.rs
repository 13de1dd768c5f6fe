//! Use-cases of the protocol: applying. Each is that of the applications, in other words.

use super::super::model::{ApplicationAnswer, FormResponseAnswer, ProtocolForm, StartForm};
use super::super::rules::applications::{self as rules, ASKED, BASICS, BASICS_NAME, Told};
use super::SUCCESS;
use crate::answers;
use crate::applications;
use crate::applications::model::{CreateApplication, MoveAnswers};
use crate::applications::rules::{BODY_MAX, LINE_MAX, LINES_MAX, SUMMARY_MAX};
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// When the basics were last written.
const WRITTEN_ON: &str = "2026-11-27";

/// Begins a private application of the acting person.
///
/// # Errors
/// 409 where the call takes none today, 422 with all that is wrong.
pub fn start(conn: &mut Conn, ctx: &Ctx, form: &StartForm) -> Result<(ApplicationAnswer, i32)> {
    authz::require(ctx, Action::StartProtocolApplication, &[])?;
    if form.organization_id.is_some() {
        let message = "people apply here, and no organizations: leave it out";
        return Err(Problem::field("/organizationId", "unknown", message));
    }
    let begun = json!({ "call_id": form.competition_id, "title": form.title });
    let begun: CreateApplication = serde_json::from_value(begun).map_err(Problem::internal)?;
    let in_their_words = |pointer: &str| pointer.replace("/call_id", "/competitionId");
    let made = applications::service::create(conn, ctx, &begun);
    let made = made.map_err(|problem| problem.pointed(in_their_words))?;
    let data = rules::application(&told(conn, ctx, made.row.id)?);
    Ok((ApplicationAnswer { status: 201, message: "Created", data }, made.version))
}

/// One application with its answers, for whoever writes it or hands it in; and its version.
///
/// # Errors
/// 404 for everybody else, and where there is none.
pub fn application(conn: &mut Conn, ctx: &Ctx, id: &str) -> Result<(ApplicationAnswer, i32)> {
    let id = theirs(conn, ctx, id, Action::GetProtocolApplication)?;
    answer(conn, ctx, id)
}

fn answer(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<(ApplicationAnswer, i32)> {
    let told = told(conn, ctx, id)?;
    let (status, message) = SUCCESS;
    let data = rules::application(&told);
    Ok((ApplicationAnswer { status, message, data }, told.facts.version))
}

/// The application, where the actor may do this with it.
fn theirs(conn: &mut Conn, ctx: &Ctx, id: &str, action: Action) -> Result<ApplicationId> {
    let missing = || Problem::not_found("application");
    let id: ApplicationId = id.parse().map_err(|_| missing())?;
    let facts = applications::service::visible(conn, ctx, id)?;
    let relations = applications::service::relations(conn, ctx, &facts)?;
    authz::require(ctx, action, &relations)?;
    Ok(id)
}

fn told(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Told> {
    let missing = || Problem::not_found("application");
    let view = applications::service::get(conn, ctx, id)?;
    let facts = applications::service::facts(conn, id)?.ok_or_else(missing)?;
    let lacking = applications::service::lacking(conn, ctx, id)?;
    let saved = applications::service::last_saved(conn, id)?;
    let days = [saved, facts.submitted_at, view.opened_at, view.decided_at];
    let changed_at = days.into_iter().flatten().fold(facts.created_at, Ord::max);
    Ok(Told { facts, view, lacking, changed_at })
}

/// The answers to one form of an application.
///
/// # Errors
/// 404 where there is no such application, or it has no such form.
pub fn form_response(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, form): (&str, &str),
) -> Result<(FormResponseAnswer, i32)> {
    let id = theirs(conn, ctx, id, Action::GetProtocolResponse)?;
    responded(conn, ctx, id, form)
}

fn responded(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &str,
) -> Result<(FormResponseAnswer, i32)> {
    let missing = || Problem::not_found("form of the application");
    let form: Uuid = form.parse().map_err(|_| missing())?;
    let told = told(conn, ctx, id)?;
    let data = rules::response(&told, form).ok_or_else(missing)?;
    let (status, message) = SUCCESS;
    Ok((FormResponseAnswer { status, message, data }, told.facts.version))
}

/// Answers a form anew: what is left out is cleared, and what its applicant sends, or who drafts
/// for them, is confirmed. The call's own form is answered as the competition has it now: an
/// application that was begun under an older version is moved. Without `If-Match` the last one who
/// answers has the say, as the protocol knows no versions.
///
/// # Errors
/// 404 as for reading, 409 where its state does not allow it, 412 when it was changed since it was
/// read, 422 with all that is wrong.
pub fn respond(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, form): (&str, &str),
    sent: &Map<String, Value>,
) -> Result<(FormResponseAnswer, i32)> {
    let id = theirs(conn, ctx, id, Action::SetProtocolResponse)?;
    let missing = || Problem::not_found("form of the application");
    let asked: Uuid = form.parse().map_err(|_| missing())?;
    // Held from here on, so that what is cleared is what is there.
    applications::service::lock(conn, id)?;
    applications::service::expect_read(conn, ctx, id)?;
    let facts = applications::service::facts(conn, id)?.ok_or_else(missing)?;
    let edit = match asked {
        BASICS => rules::basics_edit(sent)?,
        _ if asked == facts.call_id.uuid() => {
            let (newest, _) = answers::service::newest(conn, facts.call_id)?;
            let mut view = applications::service::get(conn, ctx, id)?;
            if newest == 0 {
                return Err(missing());
            }
            if view.form_version != newest {
                let newest = MoveAnswers { version: None };
                view = applications::service::move_form(conn, ctx, id, &newest)?;
            }
            rules::answers_edit(sent, &view.answers)
        }
        _ => return Err(missing()),
    };
    // That version is the one that was read, or moved on from there.
    let now = applications::service::facts(conn, id)?.ok_or_else(missing)?;
    let mut ctx = ctx.clone();
    ctx.if_match = Some(format!("\"v{}\"", now.version).into());
    let saved = applications::service::edit(conn, &ctx, id, &edit);
    let within = |pointer: &str| pointer.strip_prefix("/answers").unwrap_or(pointer).to_owned();
    saved.map_err(|problem| problem.pointed(within))?;
    responded(conn, &ctx, id, form)
}

/// Hands an application in.
///
/// # Errors
/// 404 where there is none that they may hand in; 400, as the protocol has it, with all that is
/// missing, or where it cannot be handed in.
pub fn submit(conn: &mut Conn, ctx: &Ctx, id: &str) -> Result<(ApplicationAnswer, i32)> {
    let id = theirs(conn, ctx, id, Action::SubmitProtocolApplication)?;
    let submitted = applications::service::submit(conn, ctx, id);
    submitted.map_err(|problem| match problem.kind() {
        Kind::Invalid | Kind::WrongState => {
            problem.told_as(Kind::MalformedRequest).pointed(rules::placed)
        }
        _ => problem,
    })?;
    answer(conn, ctx, id)
}

/// What every application says, in whatever call, as a form of the protocol.
pub(super) fn basics() -> Result<ProtocolForm> {
    let written: Date = WRITTEN_ON.parse().map_err(Problem::internal)?;
    Ok(ProtocolForm {
        id: BASICS,
        name: format!("What every application says ({BASICS_NAME})"),
        description: "What it is about, the case in full, and the money: the same in each call."
            .into(),
        version: "1".into(),
        json_schema: schema(),
        created_at: written.start(),
        last_modified_at: written.start(),
    })
}

fn schema() -> Value {
    let money = json!({
        "type": "object", "additionalProperties": false, "required": ["amount", "currency"],
        "properties": {
            "amount": { "type": "string", "pattern": "^[0-9]{1,13}(\\.[0-9]{1,3})?$" },
            "currency": { "type": "string", "pattern": "^[A-Z]{3}$" },
        },
    });
    let line = json!({
        "type": "object", "additionalProperties": false, "required": ["label", "amount"],
        "properties": { "label": text(LINE_MAX, "What it is for"), "amount": money.clone() },
    });
    let properties = json!({
        "summary": text(SUMMARY_MAX, "What it is about"),
        "body": text(BODY_MAX, "The case in full"),
        "amount_minimum": money.clone(),
        "amount_requested": money,
        "duration_months": { "type": "integer", "minimum": 1, "maximum": 120 },
        "budget_lines": { "type": "array", "minItems": 1, "maxItems": LINES_MAX, "items": line,
            "description": "Together they come to the amount that is requested" },
        "visibility": { "type": "string", "enum": ["public", "private"] },
    });
    let needed: Vec<&&str> = ASKED.iter().filter(|name| **name != "visibility").collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object", "additionalProperties": false,
        "required": needed, "properties": properties,
    })
}

fn text(most: usize, about: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": most, "description": about })
}
