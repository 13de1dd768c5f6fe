//! Messages to those whom a direction shows: who is found there, and who applies with something
//! that looks for somebody.

use super::{missing, see};
use crate::agendas;
use crate::agendas::model::{DirectoryMessage, WriteMessage};
use crate::agendas::rules;
use crate::applications::model::ApplicationFacts;
use crate::applications::store;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AgendaId, ApplicationId, PersonId};
use crate::kernel::problem::Problem;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Writes to somebody who is found under an agenda, or to the applicant of an application there.
///
/// # Errors
/// 404 if there is no such agenda, or nobody and nothing there that the actor may write to; 409
/// where they wrote too often; 422 with all that is wrong, oneself included.
pub fn send_message(
    conn: &mut Conn,
    ctx: &Ctx,
    agenda: AgendaId,
    form: &WriteMessage,
) -> Result<DirectoryMessage> {
    authz::require(ctx, Action::SendAgendaMessage, &[])?;
    agendas::service::exists(conn, agenda)?;
    let me = ctx.me()?;
    let mut fields = Fields::new();
    let text = fields.paragraphs("/text", &form.text, rules::MESSAGE_MIN, rules::TEXT_MAX);
    let one = form.person_id.is_some() != form.application_id.is_some();
    let message = "name a person, or an application: one of the two";
    fields.check(one, "/person_id", "required", message);
    fields.check(form.person_id != Some(me), "/person_id", "oneself", ONESELF);
    fields.finish()?;
    if let Some(person) = form.person_id {
        if !agendas::service::is_found(conn, agenda, person)? {
            return Err(Problem::not_found("person"));
        }
        return agendas::service::write_to(conn, ctx, agenda, (person, None), text);
    }
    let id = form.application_id.ok_or_else(missing)?;
    let (applicant, title) = looking(conn, agenda, id)?;
    if applicant == me {
        return Err(Problem::field("/application_id", "oneself", ONESELF));
    }
    agendas::service::write_to(conn, ctx, agenda, (applicant, Some((id, title.as_str()))), text)
}

const ONESELF: &str = "that is you: write to somebody else";

/// Who applies with what everybody sees under an agenda, or under one below it, and what says what
/// it looks for; and its title.
fn looking(conn: &mut Conn, agenda: AgendaId, id: ApplicationId) -> Result<(PersonId, String)> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    if !see::is_public(&ApplicationFacts::from(&record)) || record.looking_for.is_empty() {
        return Err(missing());
    }
    let all = agendas::service::with_narrower(conn, &[agenda])?;
    let named = agendas::service::of_application(conn, id)?;
    if !named.iter().any(|one| all.contains(&one.id)) {
        return Err(missing());
    }
    Ok((record.applicant_id, record.content.title))
}
