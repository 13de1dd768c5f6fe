//! What calls ask.

use crate::answers::model::{Answers, Criterion, Eligibility, Form, FormView, TryEligibility};
use crate::answers::rules;
use crate::answers::store::{self, FormRecord};
use crate::calls;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::CallId;
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn no_version() -> Problem {
    Problem::not_found("version of the form")
}

/// What reviewers of a call score, after the newest version of its form; empty where the call
/// leaves that to the service.
pub fn rubric(conn: &mut Conn, call: CallId) -> Result<Vec<Criterion>> {
    Ok(store::newest_form(conn, call)?.map(|found| found.form.rubric).unwrap_or_default())
}

/// The newest version of a call's form; version 0 and empty where it has none.
pub fn newest(conn: &mut Conn, call: CallId) -> Result<(i32, Form)> {
    let found = store::newest_form(conn, call)?.unwrap_or_else(FormRecord::none);
    Ok((found.version, found.form))
}

/// A version of a call's form.
///
/// # Errors
/// 404 where there is none.
pub fn form_of(conn: &mut Conn, call: CallId, version: i32) -> Result<Form> {
    Ok(version_of(conn, call, version)?.form)
}

fn version_of(conn: &mut Conn, call: CallId, version: i32) -> Result<FormRecord> {
    if version == 0 {
        return Ok(FormRecord::none());
    }
    store::form(conn, call, version)?.ok_or_else(no_version)
}

/// The form of a call that the actor may see.
///
/// # Errors
/// 404 where there is no such call or version.
pub fn get_form(
    conn: &mut Conn,
    ctx: &Ctx,
    call: CallId,
    version: Option<i32>,
) -> Result<FormView> {
    calls::service::visible(conn, ctx, call, Action::GetCallForm)?;
    read(conn, call, version)
}

/// The form of a call as a JSON Schema of the answers that can be handed in.
///
/// # Errors
/// 404 where there is no such call or version.
pub fn form_schema(
    conn: &mut Conn,
    ctx: &Ctx,
    call: CallId,
    version: Option<i32>,
) -> Result<Value> {
    calls::service::visible(conn, ctx, call, Action::GetCallFormSchema)?;
    let view = read(conn, call, version)?;
    Ok(rules::schema(call, view.version, &view.form))
}

/// The newest forms of several calls, each with its schema: for who has seen that everybody may
/// read these calls. Calls without a form of their own are left out.
pub fn public_forms(
    conn: &mut Conn,
    calls: &[CallId],
) -> Result<BTreeMap<CallId, (FormView, Value)>> {
    let mut all = BTreeMap::new();
    for (call_id, FormRecord { version, form, created_at }) in store::newest_forms(conn, calls)? {
        let schema = rules::schema(call_id, version, &form);
        let view = FormView { call_id, version, newest_version: version, created_at, form };
        all.insert(call_id, (view, schema));
    }
    Ok(all)
}

fn read(conn: &mut Conn, call: CallId, version: Option<i32>) -> Result<FormView> {
    let newest = store::newest_form(conn, call)?.unwrap_or_else(FormRecord::none);
    let newest_version = newest.version;
    let found = match version {
        Some(version) if version != newest_version => version_of(conn, call, version)?,
        _ => newest,
    };
    let FormRecord { version, form, created_at } = found;
    Ok(FormView { call_id: call, version, newest_version, created_at, form })
}

/// Writes the next version of a call's form. What was begun under an older one stays under it.
///
/// # Errors
/// 409 once the call is closed, 412 when somebody wrote another version meanwhile, 422 with all
/// that is wrong.
pub fn edit_form(conn: &mut Conn, ctx: &Ctx, call: CallId, sent: &Form) -> Result<FormView> {
    authz::require(ctx, Action::EditCallForm, &[])?;
    let facts = calls::service::hold(conn, call)?.ok_or_else(|| Problem::not_found("call"))?;
    let old = store::newest_form(conn, call)?.unwrap_or_else(FormRecord::none);
    audit::expect_version(
        conn,
        ctx,
        ("call_form", call.uuid()),
        old.version,
        &[Action::EditCallForm],
    )?;
    facts.status.edit()?;
    let mut fields = Fields::new();
    let form = rules::form(&mut fields, sent);
    fields.finish()?;
    if form == old.form {
        return read(conn, call, None);
    }
    let version = old.version + 1;
    store::insert_form(conn, call, version, &form, (ctx.actor.person(), ctx.now))?;
    let told = |version: i32, form: &Form| {
        json!({
            "version": version,
            "questions": form.questions.len(),
            "eligibility": form.eligibility.len(),
            "criteria": form.rubric.len(),
        })
    };
    let change = Change::by(Action::EditCallForm, "call_form", call.uuid())
        .from(told(old.version, &old.form))
        .to(told(version, &form));
    audit::record(conn, ctx, change)?;
    read(conn, call, None)
}

/// Whether somebody who answers so can apply; nothing is kept of it.
///
/// # Errors
/// 404 where there is no such call, 422 for answers that the quiz does not have.
pub fn try_eligibility(
    conn: &mut Conn,
    ctx: &Ctx,
    call: CallId,
    sent: &TryEligibility,
) -> Result<Eligibility> {
    calls::service::visible(conn, ctx, call, Action::TryEligibility)?;
    let (_, form) = newest(conn, call)?;
    let quiz = Form { eligibility: form.eligibility, ..Form::default() };
    let mut fields = Fields::new();
    let answers = rules::merge(&mut fields, &quiz, &Answers::new(), &sent.answers);
    fields.finish()?;
    Ok(rules::eligibility(&quiz, &answers))
}
