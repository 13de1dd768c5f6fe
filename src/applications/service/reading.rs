//! What others than the application's own readers are handed of it: the domain that asks has found
//! out that they may.

use super::{conflicts, missing};
use crate::applications::model::{ApplicationFacts, Conflict, Consent, Content};
use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::people;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// An application with its long texts and the names of its team.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What it is.
    pub facts: ApplicationFacts,
    /// What it says.
    pub content: Content,
    /// Who applies, by name.
    pub applicant: String,
    /// Who said yes to being on the team, by name.
    pub team: Vec<String>,
}

/// Reads an application for somebody who may, for a reason that only the caller knows.
pub fn reading(conn: &mut Conn, id: ApplicationId) -> Result<Option<Reading>> {
    let Some(record) = store::find(conn, id)? else { return Ok(None) };
    let applicant = people::service::brief(conn, record.applicant_id)?;
    let team = store::team(conn, id)?.into_iter();
    let team = team.filter(|m| m.consent == Consent::Accepted).map(|m| m.name).collect();
    Ok(Some(Reading {
        facts: ApplicationFacts::from(&record),
        content: record.content,
        applicant: applicant.map(|person| person.name).unwrap_or_default(),
        team,
    }))
}

/// Declares a conflict of the acting person, who got to know the application through the domain
/// that asks, and was allowed `action` there.
///
/// # Errors
/// 409 where they declared one already.
pub fn keep_out(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    id: ApplicationId,
    text: &str,
) -> Result<Conflict> {
    super::facts(conn, id)?.ok_or_else(missing)?;
    conflicts::declare(conn, ctx, action, id, text)
}
