//! Back to what an application said before: an edit like any other, which can be taken back by
//! another one.

use super::versions::past;
use super::{facts, missing, named, write};
use crate::answers;
use crate::answers::model::Paper;
use crate::answers::rules as forms;
use crate::applications::model::{
    Application, BudgetLineForm, EditApplication, Snapshot, SnapshotLine,
};
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::money::Money;
use crate::kernel::patch::Patch;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::Value;

/// Writes what a version said over what the application says now. Answers come along where the
/// form that it is written under now asks for them as well, and files where they still hang there.
///
/// # Errors
/// 404 where there is no such version, 409 where its state does not allow edits, 412 when it was
/// changed since it was read, 422 where what it said then cannot be said any more.
pub fn restore(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, number): (ApplicationId, i32),
) -> Result<Application> {
    let then = past(conn, ctx, (id, number), Action::RestoreApplicationVersion)?;
    let call = facts(conn, id)?.ok_or_else(missing)?.call_id;
    let now = answers::service::paper(conn, id)?;
    let from = answers::service::form_of(conn, call, then.form_version)?;
    let to = answers::service::form_of(conn, call, now.form_version)?;
    let answers = forms::carry(&from, &then.answers, &to);
    let mut paper = Paper { answers, ..now.clone() };
    named::prune(conn, id, &to, &mut paper)?;
    let mut form = content(then);
    form.answers = paper.answers;
    // What was not answered then is cleared.
    let gone = now.answers.keys().filter(|key| !form.answers.contains_key(*key));
    let gone: Vec<String> = gone.cloned().collect();
    form.answers.retain(|key, answer| now.answers.get(key) != Some(answer));
    form.answers.extend(gone.into_iter().map(|key| (key, Value::Null)));
    write::edit(conn, ctx, id, &form)
}

/// All but the answers.
fn content(then: Snapshot) -> EditApplication {
    let text = |text: String| if text.is_empty() { Patch::Clear } else { Patch::Set(text) };
    let money = |money: Option<Money>| match money {
        Some(money) => Patch::Set(money.into()),
        None => Patch::Clear,
    };
    let line =
        |line: SnapshotLine| BudgetLineForm { label: line.label, amount: line.amount.into() };
    EditApplication {
        title: text(then.title),
        summary: text(then.summary),
        body: text(then.body),
        amount_minimum: money(then.amount_minimum),
        amount_requested: money(then.amount_requested),
        budget_lines: Patch::Set(then.budget_lines.into_iter().map(line).collect()),
        duration_months: then.duration_months.map_or(Patch::Clear, Patch::Set),
        visibility: Patch::Set(then.visibility),
        ..EditApplication::default()
    }
}
