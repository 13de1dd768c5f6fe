//! Use-cases of forms and answers.

mod bank;
mod forms;

pub use bank::{forget_answer, my_answers, remember, suggest, suggest_files};
pub use forms::{
    edit_form, form_of, form_schema, get_form, newest, public_forms, rubric, try_eligibility,
};

use super::model::{Answered, Paper};
use super::store;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::platform::db::Conn;

/// The answers of an application; none, under no form, where it has none. Who may see them is the
/// applications' to say.
pub fn paper(conn: &mut Conn, application: ApplicationId) -> Result<Paper> {
    Ok(store::paper(conn, application)?.unwrap_or_default())
}

/// Answers under what was asked, by the form that they were given under.
pub fn labelled(conn: &mut Conn, call: CallId, paper: &Paper) -> Result<Vec<Answered>> {
    if paper.answers.is_empty() {
        return Ok(Vec::new());
    }
    let form = form_of(conn, call, paper.form_version)?;
    Ok(super::rules::labelled(&form, &paper.answers))
}

/// Keeps the answers of an application, which the caller holds.
pub fn save_paper(conn: &mut Conn, application: ApplicationId, paper: &Paper) -> Result<()> {
    store::save_paper(conn, application, paper)
}
