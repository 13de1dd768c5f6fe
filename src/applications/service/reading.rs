//! What others than the application's own readers are handed of it: the domain that asks has found
//! out that they may.

use super::{conflicts, missing, versions};
use crate::agendas;
use crate::agendas::model::AgendaName;
use crate::answers;
use crate::answers::model::{Answered, Paper};
use crate::applications::model::{
    ApplicationFacts, Conflict, Consent, Content, RouteRecord, RouteStatus,
};
use crate::applications::store;
use crate::attachments;
use crate::attachments::model::{Attachment, AttachmentFacts};
use crate::calls;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, AttachmentId, CallId};
use crate::kernel::page::{MAX_LIMIT, PageOf};
use crate::kernel::time::{Date, Instant};
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
    /// What was answered to the questions of its call's form.
    pub answers: Vec<Answered>,
    /// The research directions that it names.
    pub agendas: Vec<AgendaName>,
    /// What hangs on it, the newest first.
    pub files: Vec<Attachment>,
}

/// What was answered to what a further call adds.
#[derive(Debug, Clone)]
pub struct ReadThere {
    /// The call's title.
    pub call: String,
    /// What came over from the application itself is left out.
    pub answers: Vec<Answered>,
}

/// What an application says in the further calls that it is in, for somebody who may read it as the
/// caller knows; calls that add nothing are left out.
pub fn reading_there(conn: &mut Conn, id: ApplicationId) -> Result<Vec<ReadThere>> {
    let mut all = Vec::new();
    for route in store::routes(conn, id)? {
        let Some(paper) = added(route) else { continue };
        let call = paper.0;
        let answers = answers::service::labelled(conn, call, &paper.1)?;
        let title = calls::service::facts(conn, call)?.map(|call| call.title);
        all.push(ReadThere { call: title.unwrap_or_default(), answers });
    }
    Ok(all)
}

/// Whether an application is in a call: its own, unless that has declined it alone, or one that it
/// was handed in to besides.
pub fn is_in(conn: &mut Conn, facts: &ApplicationFacts, call: CallId) -> Result<bool> {
    if facts.call_id == call {
        return Ok(facts.own_call().is_some());
    }
    let route = store::route(conn, (facts.id, call))?;
    Ok(route.is_some_and(|route| route.status == RouteStatus::Submitted))
}

/// The day that is promised for an application in one of its calls.
pub fn promised_in(
    conn: &mut Conn,
    facts: &ApplicationFacts,
    call: CallId,
) -> Result<Option<Date>> {
    if facts.call_id == call {
        return Ok(facts.promised_on.filter(|_| facts.own_call().is_some()));
    }
    Ok(store::route(conn, (facts.id, call))?.and_then(|route| route.promised_on))
}

/// Whether an application is in a further call and was asked something there that it had not
/// answered before.
pub fn adds_there(conn: &mut Conn, id: ApplicationId, call: CallId) -> Result<bool> {
    Ok(store::route(conn, (id, call))?.and_then(added).is_some())
}

/// When the newest of what others read of an application came in: it was handed in, also again
/// after changes, or in a further call that asked something more, somebody joined its team, or its
/// applicant took somebody off it. Nothing of one that is older than its history, in no such call,
/// and of the same team.
pub fn came_in(conn: &mut Conn, id: ApplicationId) -> Result<Option<Instant>> {
    let mut newest = store::last_handed_in(conn, id)?.max(store::team_changed(conn, id)?);
    for route in store::routes(conn, id)? {
        let at = route.submitted_at;
        if added(route).is_some() {
            newest = newest.max(at);
        }
    }
    Ok(newest)
}

/// What was answered in a further call alone, where the application is in it.
fn added(route: RouteRecord) -> Option<(CallId, Paper)> {
    let mut paper = route.paper;
    paper.answers.retain(|key, _| !route.carried.contains_key(key));
    let is_in = route.status == RouteStatus::Submitted;
    (is_in && !paper.answers.is_empty()).then_some((route.call_id, paper))
}

/// Reads an application as it was handed in, for somebody who may, for a reason that only the
/// caller knows.
pub fn reading(conn: &mut Conn, id: ApplicationId) -> Result<Option<Reading>> {
    let Some(mut record) = store::find(conn, id)? else { return Ok(None) };
    let paper = match versions::handed_in(conn, &record)? {
        Some((content, paper)) => {
            record.content = content;
            paper
        }
        None => answers::service::paper(conn, id)?,
    };
    let answers = answers::service::labelled(conn, record.call_id, &paper)?;
    let agendas = agendas::service::of_application(conn, id)?;
    let all = PageOf { limit: MAX_LIMIT, after: None };
    let until = versions::handed_in_at(conn, &ApplicationFacts::from(&record))?;
    let files = attachments::service::list(conn, id, (&[], until), &all)?.items;
    let applicant = people::service::brief(conn, record.applicant_id)?;
    let team = store::team(conn, id)?.into_iter();
    let team = team.filter(|m| m.consent == Consent::Accepted).map(|m| m.name).collect();
    Ok(Some(Reading {
        facts: ApplicationFacts::from(&record),
        content: record.content,
        applicant: applicant.map(|person| person.name).unwrap_or_default(),
        team,
        answers,
        agendas,
        files,
    }))
}

/// A file of an application as it was handed in, for somebody who may read it as the caller knows.
///
/// # Errors
/// 404 where it does not hang there.
pub fn file(conn: &mut Conn, place: (ApplicationId, AttachmentId)) -> Result<AttachmentFacts> {
    let facts = super::facts(conn, place.0)?.ok_or_else(missing)?;
    let until = versions::handed_in_at(conn, &facts)?;
    attachments::service::of_application(conn, place, until)
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
