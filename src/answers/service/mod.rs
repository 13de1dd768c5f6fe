//! Use-cases of forms and answers.

mod bank;
mod forms;

pub use bank::{forget_answer, my_answers, remember, suggest};
pub use forms::{edit_form, form_of, form_schema, get_form, newest, rubric, try_eligibility};

use super::model::Paper;
use super::store;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::db::Conn;

/// The answers of an application; none, under no form, where it has none. Who may see them is the
/// applications' to say.
pub fn paper(conn: &mut Conn, application: ApplicationId) -> Result<Paper> {
    Ok(store::paper(conn, application)?.unwrap_or_default())
}

/// Keeps the answers of an application, which the caller holds.
pub fn save_paper(conn: &mut Conn, application: ApplicationId, paper: &Paper) -> Result<()> {
    store::save_paper(conn, application, paper)
}
