//! Asking somebody to vouch.

use super::letters;
use crate::applications;
use crate::applications::model::{ApplicationFacts, Named};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, PersonId, VouchRequestId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::people::model::Limited;
use crate::platform::audit::{self, Change};
use crate::platform::auth::token;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::vouches::model::{DeclineVouch, Request, RequestStatus, RequestVouch, VouchRequest};
use crate::vouches::rules;
use crate::vouches::store::{self, Asked};
use serde_json::json;
use std::collections::BTreeMap;

const DAY: i64 = 86_400;

fn missing() -> Problem {
    Problem::not_found("vouch request")
}

/// Nobody waits for an answer to it any more.
pub(super) fn over() -> Problem {
    Problem::wrong_state("It was answered already, or taken back.")
}

/// The application, where the actor is the one who applies.
fn own(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, action: Action) -> Result<ApplicationFacts> {
    let application = applications::service::visible(conn, ctx, id)?;
    let relations = applications::service::relations(conn, ctx, &application)?;
    authz::require(ctx, action, &relations)?;
    Ok(application)
}

/// Asks somebody by mail to vouch for an application. Who has not answered is mailed again, with a
/// new token that takes the place of the first, and counts as one.
///
/// # Errors
/// 404 out of sight, 403 for others than the applicant, 409 where its state or a limit forbids it,
/// the address was asked and [`rules::may_ask_again`] refuses, or they vouch in public already; 422
/// with all that is wrong, and where they are on the application.
pub fn request(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &RequestVouch,
) -> Result<VouchRequest> {
    let action = Action::RequestVouch;
    own(conn, ctx, id, action)?;
    let mut fields = Fields::new();
    let email = fields.email("/email", &form.email);
    let name = fields.line("/name", &form.name, 1, 200);
    let message = fields.paragraphs("/message", &form.message, 0, rules::TEXT_MAX);
    fields.finish()?;
    applications::service::lock(conn, id)?;
    let me = ctx.me()?;
    people::service::hold(conn, me)?;
    let application = applications::service::facts(conn, id)?.ok_or_else(missing)?;
    rules::may_be_vouched_for(application.status)?;
    if applications::service::takes_part_at(conn, &application, &email)? {
        let message = "they are on this application: nobody vouches for themselves";
        return Err(Problem::field("/email", "not_allowed", message));
    }
    let before = store::asked_at(conn, id, &email)?;
    match &before {
        Some(before) => rules::may_ask_again(before, ctx.now)?,
        None => room_for_another(conn, id)?,
    }
    does_not_vouch(conn, id, &email)?;
    room_today(conn, ctx, me)?;
    let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
    let new = Request {
        id: ctx.id(),
        application_id: id,
        requested_by: me,
        email,
        name,
        message,
        status: RequestStatus::Open,
        token_hash: Some(minted.hash.to_vec()),
        created_at: ctx.now,
        sent_at: ctx.now,
        answered_at: None,
    };
    let again = before.is_some();
    let request = write(conn, before, new)?;
    let change = Change::by(action, "vouch_request", request.id.uuid());
    audit::record(conn, ctx, change.to(json!({ "application_id": id })))?;
    let handed_in = told(conn, &[id], true)?.remove(&id).ok_or_else(missing)?;
    letters::asked(conn, ctx, (&request, again), &handed_in.title, &minted.secret)?;
    let named = Named { id: me, name: ctx.actor_name.to_string() };
    Ok(shown(request, &application, named, false))
}

/// Refuses where enough people were asked about an application already.
fn room_for_another(conn: &mut Conn, id: ApplicationId) -> Result<()> {
    if store::asked_about(conn, id)? >= i64::try_from(rules::REQUESTS_MAX).unwrap_or(0) {
        let detail = format!("You asked {} people about it.", rules::REQUESTS_MAX);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok(())
}

/// Refuses where whoever has this address vouches for all to read. Of a vouch that is private the
/// applicant does not hear, here either.
fn does_not_vouch(conn: &mut Conn, id: ApplicationId, email: &str) -> Result<()> {
    let Some(person) = people::service::find_by_email(conn, email)? else { return Ok(()) };
    if store::stands_in_public(conn, id, person.id)? {
        let detail = "They vouch for it already, for everybody to read.";
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    Ok(())
}

/// Refuses where somebody asked enough people today, for the first time or again.
fn room_today(conn: &mut Conn, ctx: &Ctx, me: PersonId) -> Result<()> {
    let since = ctx.now.plus_seconds(-DAY);
    let asked = store::asked_since(conn, me, since)?
        + people::service::still_counted(conn, me, Limited::VouchRequest, since)?;
    if asked >= rules::REQUESTS_A_DAY {
        let detail = format!("You asked {} people today.", rules::REQUESTS_A_DAY);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok(())
}

/// Writes a new question, or what is new of one that was asked before.
fn write(conn: &mut Conn, before: Option<Request>, new: Request) -> Result<Request> {
    let Some(before) = before else {
        store::insert_request(conn, &new)?;
        return Ok(new);
    };
    let (id, requested_by, created_at) = (before.id, before.requested_by, before.created_at);
    let request = Request { id, requested_by, created_at, ..new };
    match store::ask_again(conn, &request)? {
        true => Ok(request),
        false => Err(Problem::changed_meanwhile("vouch request")),
    }
}

/// As who asked reads it, or (`asked`) who is asked: these no longer than they need it.
fn shown(
    request: Request,
    application: &ApplicationFacts,
    applicant: Named,
    asked: bool,
) -> VouchRequest {
    let open = request.status == RequestStatus::Open
        && rules::may_be_vouched_for(application.status).is_ok();
    let over = matches!(request.status, RequestStatus::Declined | RequestStatus::Withdrawn);
    let told = !asked || !over;
    VouchRequest {
        id: request.id,
        application_id: request.application_id,
        title: told.then(|| application.title.clone()),
        summary: (!asked || open).then(|| application.summary.clone()),
        applicant,
        name: request.name,
        email: request.email,
        message: request.message,
        status: request.status,
        created_at: request.created_at,
        answered_at: request.answered_at,
    }
}

fn view(conn: &mut Conn, ctx: &Ctx, request: Request) -> Result<VouchRequest> {
    let asked = !ctx.actor.is(request.requested_by);
    let found = told(conn, &[request.application_id], asked)?;
    let application = found.get(&request.application_id).ok_or_else(missing)?;
    let person = people::service::brief(conn, application.applicant_id)?;
    let name = person.map(|person| person.name).unwrap_or_default();
    Ok(shown(request, application, Named { id: application.applicant_id, name }, asked))
}

/// Applications as who asked knows them, or (`asked`) as they were handed in.
fn told(
    conn: &mut Conn,
    ids: &[ApplicationId],
    asked: bool,
) -> Result<BTreeMap<ApplicationId, ApplicationFacts>> {
    match asked {
        true => applications::service::facts_handed_in(conn, ids),
        false => applications::service::facts_of(conn, ids),
    }
}

/// The address that the acting person confirmed.
pub(super) fn my_address(conn: &mut Conn, ctx: &Ctx) -> Result<String> {
    let me = people::service::brief(conn, ctx.me()?)?.ok_or_else(missing)?;
    Ok(me.email)
}

/// A question that the actor asked or was asked, and how they are related to it: they are asked by
/// the address of their account, or by the token that was mailed.
///
/// # Errors
/// 404 where there is none.
pub(super) fn seen(
    conn: &mut Conn,
    ctx: &Ctx,
    id: VouchRequestId,
    presented: Option<&str>,
) -> Result<(Request, Vec<Relation>)> {
    let request = store::find_request(conn, id)?.ok_or_else(missing)?;
    let mut relations = Vec::new();
    if ctx.actor.is(request.requested_by) {
        relations.push(Relation::Own);
    }
    let hash = presented.and_then(|t| token::hash(&ctx.env.keys, token::Kind::Mail, t));
    let by_token = hash.is_some_and(|h| request.token_hash.as_deref() == Some(h.as_slice()));
    let me = ctx.actor.person();
    if me.is_some() && (by_token || my_address(conn, ctx)? == request.email) {
        relations.push(Relation::Invited);
    }
    authz::require(ctx, Action::GetVouchRequest, &relations)?;
    Ok((request, relations))
}

/// One question.
///
/// # Errors
/// 404 for others than who asked and who is asked.
pub fn request_of(conn: &mut Conn, ctx: &Ctx, id: VouchRequestId) -> Result<VouchRequest> {
    let (request, _) = seen(conn, ctx, id, None)?;
    view(conn, ctx, request)
}

/// What was asked with this token, as who is asked reads it. None where it was answered or taken
/// back, the application has ended, or a newer mail has another token.
pub fn mailed(conn: &mut Conn, ctx: &Ctx, presented: &str) -> Result<Option<VouchRequest>> {
    let Some(hash) = token::hash(&ctx.env.keys, token::Kind::Mail, presented) else {
        return Ok(None);
    };
    let Some(request) = store::by_token(conn, &hash)? else { return Ok(None) };
    let told = all_shown(conn, vec![request], true)?.pop();
    // What it is about is told only while it can be answered.
    Ok(told.filter(|told| told.summary.is_some()))
}

/// Says no to a question. The applicant is told that, and no reason; nothing once the application
/// has ended, for then nobody waits for the answer, or where a vouch of theirs stands all the same.
///
/// # Errors
/// 404 where nobody asked this person, 409 where it was answered, or taken back.
pub fn decline(
    conn: &mut Conn,
    ctx: &Ctx,
    id: VouchRequestId,
    form: &DeclineVouch,
) -> Result<VouchRequest> {
    let (_, relations) = seen(conn, ctx, id, form.token.as_deref())?;
    authz::require(ctx, Action::DeclineVouchRequest, &relations)?;
    if !store::answer(conn, id, RequestStatus::Declined, ctx.now)? {
        return Err(over());
    }
    let change = Change::by(Action::DeclineVouchRequest, "vouch_request", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "status": RequestStatus::Declined })))?;
    let request = store::find_request(conn, id)?.ok_or_else(missing)?;
    let vouches = store::stands(conn, request.application_id, ctx.me()?)?;
    let facts = applications::service::facts(conn, request.application_id)?;
    let waits = facts.filter(|f| !vouches && rules::may_be_vouched_for(f.status).is_ok());
    if let Some(facts) = waits {
        letters::declined(conn, ctx, &facts, &request)?;
    }
    view(conn, ctx, request)
}

/// Takes back a question that waits for its answer: its link answers nothing any more, nobody is
/// reminded of it, and who was asked is told where they were asked. It counts as one that was
/// asked.
///
/// # Errors
/// 404 for others than who asked and who is asked, 403 for who is asked, 409 where it was answered,
/// or taken back.
pub fn take_back(conn: &mut Conn, ctx: &Ctx, id: VouchRequestId) -> Result<VouchRequest> {
    let action = Action::WithdrawVouchRequest;
    let (request, relations) = seen(conn, ctx, id, None)?;
    authz::require(ctx, action, &relations)?;
    if !store::answer(conn, id, RequestStatus::Withdrawn, ctx.now)? {
        return Err(over());
    }
    let change = Change::by(action, "vouch_request", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "status": RequestStatus::Withdrawn })))?;
    let about = request.application_id;
    let facts = told(conn, &[about], true)?.remove(&about).ok_or_else(missing)?;
    // Of what has ended nothing waits for their answer.
    if rules::may_be_vouched_for(facts.status).is_ok() {
        letters::taken_back(conn, ctx, &request, &facts.title)?;
    }
    let request = store::find_request(conn, id)?.ok_or_else(missing)?;
    view(conn, ctx, request)
}

fn views(
    conn: &mut Conn,
    (rows, asked): (Vec<Request>, bool),
    page: &PageOf<of::VouchRequest>,
) -> Result<Page<VouchRequest>> {
    let cut = Page::cut(rows, page.limit, |row| row.id);
    Ok(Page { items: all_shown(conn, cut.items, asked)?, next: cut.next })
}

fn all_shown(conn: &mut Conn, rows: Vec<Request>, asked: bool) -> Result<Vec<VouchRequest>> {
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.application_id).collect();
    let all = told(conn, &ids, asked)?;
    let people: Vec<PersonId> = all.values().map(|facts| facts.applicant_id).collect();
    let names = people::service::names(conn, &people)?;
    let told = rows.into_iter().filter_map(|request| {
        let application = all.get(&request.application_id)?;
        let id = application.applicant_id;
        let name = names.get(&id).cloned().unwrap_or_default();
        Some(shown(request, application, Named { id, name }, asked))
    });
    Ok(told.collect())
}

/// Whom the applicant asked, newest first.
///
/// # Errors
/// 404 out of sight and for others.
pub fn requests(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::VouchRequest>,
) -> Result<Page<VouchRequest>> {
    own(conn, ctx, id, Action::ListVouchRequests)?;
    let rows = store::requests(conn, Asked::About(id), page)?;
    views(conn, (rows, false), page)
}

/// What the acting person was asked, newest first.
pub fn requests_to_me(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::VouchRequest>,
) -> Result<Page<VouchRequest>> {
    authz::require(ctx, Action::ListMyVouchRequests, &[])?;
    let address = my_address(conn, ctx)?;
    let rows = store::requests(conn, Asked::Address(&address), page)?;
    views(conn, (rows, true), page)
}

/// What the acting person was asked and has not answered, newest first, up to `limit`: not where
/// the application has ended, they vouch for it already, or they are on it and so cannot. `next`
/// tells that there is more.
pub fn waiting(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Page<VouchRequest>> {
    authz::require(ctx, Action::ListMyVouchRequests, &[])?;
    let address = my_address(conn, ctx)?;
    let me = ctx.me()?;
    let rows = store::waiting(conn, (me, &address), limit + 1)?;
    let Page { items: mut rows, next } = Page::cut(rows, limit, |row| row.id);
    let about: Vec<ApplicationId> = rows.iter().map(|row| row.application_id).collect();
    let on = applications::service::on_which(conn, me, &about)?;
    rows.retain(|row| !on.contains(&row.application_id));
    Ok(Page { items: all_shown(conn, rows, true)?, next })
}
