//! Rows of the answers of applications.

use crate::answers::model::Paper;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::problem::Problem;
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::application_answers::dsl as p;
use crate::platform::db::types::Doc;
use diesel::prelude::*;

pub(in crate::answers) fn paper(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<Paper>> {
    let row: Option<(i32, Doc, Doc)> = p::application_answers
        .find(application)
        .select((p::form_version, p::answers, p::suggested))
        .first(conn)
        .optional()?;
    let Some((form_version, answers, suggested)) = row else { return Ok(None) };
    let answers = serde_json::from_value(answers.0).map_err(Problem::internal)?;
    let suggested = serde_json::from_value(suggested.0).map_err(Problem::internal)?;
    Ok(Some(Paper { form_version, answers, suggested }))
}

pub(in crate::answers) fn save_paper(
    conn: &mut Conn,
    application: ApplicationId,
    paper: &Paper,
) -> Result<()> {
    let answers = serde_json::to_value(&paper.answers).map(Doc).map_err(Problem::internal)?;
    let suggested = serde_json::to_value(&paper.suggested).map(Doc).map_err(Problem::internal)?;
    let row = diesel::insert_into(p::application_answers).values((
        p::application_id.eq(application),
        p::form_version.eq(paper.form_version),
        p::answers.eq(answers.clone()),
        p::suggested.eq(suggested.clone()),
    ));
    let saved = row.on_conflict(p::application_id).do_update().set((
        p::form_version.eq(paper.form_version),
        p::answers.eq(answers),
        p::suggested.eq(suggested),
    ));
    Both(saved).execute(conn)?;
    Ok(())
}
