//! Use-cases of forms and answers.

use super::model::Criterion;
use super::store;
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::platform::db::Conn;

/// What reviewers of a call score, after the newest version of its form; empty where the call
/// leaves that to the service.
pub fn rubric(conn: &mut Conn, call: CallId) -> Result<Vec<Criterion>> {
    Ok(store::newest_form(conn, call)?.map(|found| found.form.rubric).unwrap_or_default())
}
