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
/// form that it is written under now asks for them as well, and files where they still hang there;
/// what the form did not ask then, and what nobody had confirmed, stays as it is now. So does who
/// may come across it.
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
    // They may stand under other keys by now.
    let before = forms::common(&from, &then.answers, &to);
    let unsure = |key: &String| before.get(key).is_some_and(|old| then.suggested.contains(old));
    paper.answers.retain(|key, _| !unsure(key));
    named::prune(conn, id, &to, &mut paper)?;
    // What was asked then and not answered is cleared.
    let asked = |key: &String| {
        from.questions.iter().any(|question| question.key == *key)
            || from.eligibility.iter().any(|question| question.key == *key)
    };
    let empty = |key: &&String| asked(key) && !then.answers.contains_key(*key);
    let cleared: Vec<String> = now.answers.keys().filter(empty).cloned().collect();
    paper.answers.retain(|key, answer| now.answers.get(key) != Some(answer));
    paper.answers.extend(cleared.into_iter().map(|key| (key, Value::Null)));
    let form = EditApplication { answers: paper.answers, ..content(then) };
    write::edit(conn, ctx, id, &form)
}

/// All but the answers and the visibility.
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
        ..EditApplication::default()
    }
}
