//! What applicants are asked about harm.

use super::meanwhile;
use crate::concerns::model::{QuestionSet, SetQuestions};
use crate::concerns::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use uuid::Uuid;

/// The questions that are asked now.
pub(super) fn newest(conn: &mut Conn) -> Result<QuestionSet> {
    Ok(store::newest_set(conn)?.unwrap_or_else(rules::default_set))
}

/// The questions of a version.
pub(super) fn numbered(conn: &mut Conn, number: i32) -> Result<QuestionSet> {
    Ok(store::set(conn, number)?.unwrap_or_else(rules::default_set))
}

/// The questions that are asked now, for whoever is signed in.
pub fn current(conn: &mut Conn, ctx: &Ctx) -> Result<QuestionSet> {
    authz::require(ctx, Action::GetScreeningQuestions, &[])?;
    newest(conn)
}

/// Asks these from now on. Answers that were given stay under the questions that they answer.
///
/// # Errors
/// 422 with all that is wrong.
pub fn set_questions(conn: &mut Conn, ctx: &Ctx, form: &SetQuestions) -> Result<QuestionSet> {
    authz::require(ctx, Action::SetScreeningQuestions, &[])?;
    let mut fields = Fields::new();
    let questions = rules::questions(&mut fields, &form.questions);
    fields.finish()?;
    let set = QuestionSet { number: newest(conn)?.number + 1, questions };
    if !store::insert_set(conn, &set, (ctx.actor.person(), ctx.now))? {
        return Err(meanwhile());
    }
    let change = Change::by(Action::SetScreeningQuestions, "screening_questions", Uuid::nil());
    audit::record(conn, ctx, change.to(json!(set)))?;
    Ok(set)
}
