//! A regrantor begins an application for somebody, who makes it theirs or not.

use super::{create_for, meanwhile, see, told};
use crate::applications::model::{
    Application, ApplicationFacts, CreateApplication, Named, Nominate, Nomination,
    NominationRecord, NominationStatus,
};
use crate::applications::{rules, store};
use crate::calls;
use crate::calls::model::CallStatus;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{NominationId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::people::model::Limited;
use crate::platform::audit::{self, Change};
use crate::platform::auth::token;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

fn missing() -> Problem {
    Problem::not_found("nomination")
}

/// Begins an application for somebody, who is asked by mail to make it theirs. Nobody gets an
/// account by it.
///
/// # Errors
/// 409 where the call takes none today, they are nominated already, or a limit is reached; 422 with
/// all that is wrong.
pub fn nominate(conn: &mut Conn, ctx: &Ctx, form: &Nominate) -> Result<Nomination> {
    authz::require(ctx, Action::Nominate, &[])?;
    calls::service::keep(conn, form.call_id)?;
    let me = ctx.me()?;
    people::service::hold(conn, me)?;
    let own = people::service::brief(conn, me)?.ok_or_else(missing)?;
    let mut fields = Fields::new();
    let email = fields.email("/email", &form.email);
    fields.check(email != own.email, "/email", "own", "this is your own address");
    let name = fields.line("/name", &form.name, 1, rules::LINE_MAX);
    let title = fields.line("/title", &form.title, 1, rules::LINE_MAX);
    let summary = fields.paragraphs("/summary", &form.summary, 1, rules::SUMMARY_MAX);
    let why = fields.paragraphs("/why", &form.why, 1, rules::REASON_MAX);
    let call = calls::service::facts(conn, form.call_id)?;
    let call = call.filter(|call| call.status != CallStatus::Draft);
    fields.check(call.is_some(), "/call_id", "unknown", "there is no such call");
    fields.finish()?;
    let call = call.ok_or_else(|| Problem::internal("a call was let through"))?;
    calls::service::accepts(&call, ctx.today())?;
    if store::is_nominated(conn, (me, form.call_id, &email), ctx.now)? {
        let detail = format!("You nominated {email} in this call; they have not answered yet.");
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    let again = (ctx.now, rules::INVITE_AGAIN_SECONDS);
    if let Some(at) = store::nominate_again_at(conn, (me, &email), again)? {
        let detail = format!("You can nominate {email} again at {at}.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let since = ctx.now.plus_seconds(-24 * 3600);
    let nominated = store::nominated_since(conn, me, since)?
        + people::service::still_counted(conn, me, Limited::Nomination, since)?;
    if nominated >= rules::NOMINATIONS_A_DAY {
        let max = rules::NOMINATIONS_A_DAY;
        let detail = format!("One person can nominate at most {max} people a day.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
    let expires_at = ctx.now.plus_seconds(rules::NOMINATION_DAYS * 86_400);
    let new = NominationRecord {
        id: ctx.id(),
        call_id: form.call_id,
        nominator_id: me,
        email,
        name,
        title,
        summary,
        why,
        status: NominationStatus::Open,
        token_hash: Some(minted.hash.to_vec()),
        expires_at,
        nominee_id: None,
        application_id: None,
        created_at: ctx.now,
        decided_at: None,
        due_at: Some(expires_at.plus_seconds(-rules::NOMINATION_REMIND_SECONDS)),
    };
    store::insert_nomination(conn, &new)?;
    note(conn, ctx, Action::Nominate, &new)?;
    told::nominated(conn, ctx, &new, &call.title, &minted.secret)?;
    one(conn, ctx, new)
}

/// For the log: no address, and no word about somebody who has not agreed to anything.
fn note(conn: &mut Conn, ctx: &Ctx, action: Action, row: &NominationRecord) -> Result<()> {
    let change = Change::by(action, "nomination", row.id.uuid());
    let after = json!({
        "call_id": row.call_id, "status": row.status, "application_id": row.application_id,
    });
    audit::record(conn, ctx, change.to(after))
}

fn related(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &NominationRecord,
    presented: Option<&str>,
) -> Result<Vec<Relation>> {
    let Some(me) = ctx.actor.person() else { return Ok(Vec::new()) };
    if row.nominator_id == me {
        return Ok(vec![Relation::Own]);
    }
    if row.nominee_id == Some(me) {
        return Ok(vec![Relation::Named]);
    }
    if row.status != NominationStatus::Open {
        return Ok(Vec::new());
    }
    let hash = presented.and_then(|t| token::hash(&ctx.env.keys, token::Kind::Mail, t));
    let by_token = hash.is_some_and(|h| row.token_hash.as_deref() == Some(h.as_slice()));
    let email = people::service::brief(conn, me)?.map(|person| person.email);
    let theirs = by_token || email.as_deref() == Some(row.email.as_str());
    Ok(if theirs { vec![Relation::Invited] } else { Vec::new() })
}

fn held(
    conn: &mut Conn,
    ctx: &Ctx,
    id: NominationId,
    action: Action,
    presented: Option<&str>,
) -> Result<NominationRecord> {
    ctx.me()?;
    let row = store::lock_nomination(conn, id)?.ok_or_else(missing)?;
    let relations = related(conn, ctx, &row, presented)?;
    authz::require(ctx, action, &relations)?;
    match row.status_at(ctx.now) {
        NominationStatus::Open => Ok(row),
        status => Err(Problem::wrong_state(format!("The nomination is {status}."))),
    }
}

fn end(
    conn: &mut Conn,
    ctx: &Ctx,
    mut row: NominationRecord,
    action: Action,
    status: NominationStatus,
) -> Result<NominationRecord> {
    row.status = status;
    row.token_hash = None;
    row.decided_at = Some(ctx.now);
    row.due_at = None;
    if !store::decide_nomination(conn, &row)? {
        return Err(meanwhile());
    }
    note(conn, ctx, action, &row)?;
    Ok(row)
}

/// Makes it one's own application, which says who nominated.
///
/// # Errors
/// 404 for whom it does not concern, 409 where it is over, or the call takes none today.
pub fn accept_nomination(
    conn: &mut Conn,
    ctx: &Ctx,
    id: NominationId,
    presented: Option<&str>,
) -> Result<Application> {
    let action = Action::AcceptNomination;
    let mut row = held(conn, ctx, id, action, presented)?;
    let me = ctx.me()?;
    let form = CreateApplication {
        call_id: row.call_id,
        answers: Default::default(),
        on_behalf_of: None,
        title: row.title.clone(),
        summary: Some(row.summary.clone()),
        body: None,
        amount_minimum: None,
        amount_requested: None,
        budget_lines: None,
        duration_months: None,
        visibility: None,
    };
    let made = create_for(conn, ctx, me, &form)?.row.id;
    store::set_nominated_by(conn, made, row.nominator_id)?;
    row.nominee_id = Some(me);
    row.application_id = Some(made);
    let row = end(conn, ctx, row, action, NominationStatus::Taken)?;
    told::nomination_answered(conn, ctx, &row)?;
    let record = store::find(conn, made)?.ok_or_else(missing)?;
    let relations = see::relations(conn, ctx, &ApplicationFacts::from(&record))?;
    see::shown(conn, ctx, record, &relations)
}

/// Says no to it.
///
/// # Errors
/// 404 for whom it does not concern, 409 where it is over.
pub fn decline_nomination(
    conn: &mut Conn,
    ctx: &Ctx,
    id: NominationId,
    presented: Option<&str>,
) -> Result<Nomination> {
    let action = Action::DeclineNomination;
    let mut row = held(conn, ctx, id, action, presented)?;
    row.nominee_id = Some(ctx.me()?);
    let row = end(conn, ctx, row, action, NominationStatus::Declined)?;
    told::nomination_answered(conn, ctx, &row)?;
    one(conn, ctx, row)
}

/// Takes one's nomination back.
///
/// # Errors
/// 404 for whom it does not concern, 409 where it is over.
pub fn withdraw_nomination(conn: &mut Conn, ctx: &Ctx, id: NominationId) -> Result<Nomination> {
    let action = Action::WithdrawNomination;
    let row = held(conn, ctx, id, action, None)?;
    let row = end(conn, ctx, row, action, NominationStatus::Withdrawn)?;
    one(conn, ctx, row)
}

/// Those of which somebody is to hear something by now, up to `limit`; for the job.
pub(in crate::applications) fn due_nominations(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<NominationId>> {
    store::due_nominations(conn, ctx.now, limit)
}

/// Reminds a nominee, once; with a new secret, which replaces the first. Once it is over, tells its
/// nominator that there was no answer.
pub(in crate::applications) fn follow_up(
    conn: &mut Conn,
    ctx: &Ctx,
    id: NominationId,
) -> Result<()> {
    let Some(mut row) = store::lock_nomination(conn, id)? else { return Ok(()) };
    if row.due_at.is_none_or(|at| at > ctx.now) {
        return Ok(());
    }
    if row.status_at(ctx.now) == NominationStatus::Expired {
        row.due_at = None;
        store::save_nomination_due(conn, &row)?;
        return told::nomination_over(conn, ctx, &row);
    }
    row.due_at = Some(row.expires_at);
    let call = calls::service::facts(conn, row.call_id)?;
    let call = call.filter(|call| calls::service::accepts(call, ctx.today()).is_ok());
    let account = people::service::find_by_email(conn, &row.email)?;
    // Who could not take it, or gets no mail, is not reminded.
    let Some(call) = call.filter(|_| account.is_none_or(|person| !person.suspended)) else {
        return store::save_nomination_due(conn, &row);
    };
    let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
    row.token_hash = Some(minted.hash.to_vec());
    store::save_nomination_due(conn, &row)?;
    let from = people::service::brief(conn, row.nominator_id)?.map(|p| p.name).unwrap_or_default();
    told::still_nominated(conn, ctx, &row, (&from, &call.title), &minted.secret)
}

/// One nomination: until it is taken it is its nominator's and its nominee's alone.
///
/// # Errors
/// 404 for everybody else.
pub fn nomination(conn: &mut Conn, ctx: &Ctx, id: NominationId) -> Result<Nomination> {
    let row = store::find_nomination(conn, id)?.ok_or_else(missing)?;
    let relations = related(conn, ctx, &row, None)?;
    authz::require(ctx, Action::GetNomination, &relations)?;
    one(conn, ctx, row)
}

/// Those that the acting person made, answered, or is asked to answer, newest first.
pub fn nominations(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::Nomination>,
) -> Result<Page<Nomination>> {
    authz::require(ctx, Action::ListNominations, &[])?;
    let me = ctx.me()?;
    let email = people::service::brief(conn, me)?.map(|p| p.email).unwrap_or_default();
    let rows = store::nominations_of(conn, me, &email, page)?;
    shown(conn, ctx, Page::cut(rows, page.limit, |row| row.id))
}

/// Those of them that wait for the acting person's answer, newest first, up to `limit`.
pub fn nominations_to_answer(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<Nomination>> {
    authz::require(ctx, Action::ListNominations, &[])?;
    let me = ctx.me()?;
    let email = people::service::brief(conn, me)?.map(|p| p.email).unwrap_or_default();
    let items = store::nominations_to_answer(conn, (me, &email), ctx.now, limit)?;
    Ok(shown(conn, ctx, Page { items, next: None })?.items)
}

fn one(conn: &mut Conn, ctx: &Ctx, row: NominationRecord) -> Result<Nomination> {
    let page = shown(conn, ctx, Page { items: vec![row], next: None })?;
    page.items.into_iter().next().ok_or_else(missing)
}

fn shown(conn: &mut Conn, ctx: &Ctx, page: Page<NominationRecord>) -> Result<Page<Nomination>> {
    let ids: Vec<PersonId> = page.items.iter().map(|row| row.nominator_id).collect();
    let names = people::service::names(conn, &ids)?;
    Ok(page.map(|row| {
        let name = names.get(&row.nominator_id).cloned().unwrap_or_default();
        // What became of it is between the applicant and those who may see the application.
        let nominee = row.nominee_id.is_some_and(|nominee| ctx.actor.is(nominee));
        Nomination {
            id: row.id,
            call_id: row.call_id,
            nominator: Named { id: row.nominator_id, name },
            status: row.status_at(ctx.now),
            email: row.email,
            name: row.name,
            title: row.title,
            summary: row.summary,
            why: row.why,
            expires_at: row.expires_at,
            application_id: row.application_id.filter(|_| nominee),
            nominated_at: row.created_at,
            decided_at: row.decided_at,
        }
    }))
}
