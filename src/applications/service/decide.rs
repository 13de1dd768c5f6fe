//! What the sponsor does with an application, and what offers do to it.

use super::letters::{self, Beside};
use super::see::shown;
use super::{Turn, conflicts, declines, hold, mates, meanwhile, missing, routes, turn};
use crate::applications::events;
use crate::applications::model::{
    Act, Application, ApplicationFacts, DeclineForm, Ground, ReasonForm, Record,
};
use crate::applications::rules::{self, Age};
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::problem::Problem;
use crate::platform::authz::{Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// The application, held, for somebody who may decide on it.
pub(super) fn screen(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    action: Action,
) -> Result<(Record, Vec<Relation>)> {
    let (record, relations) = hold(conn, ctx, id, action)?;
    impartial(conn, ctx, &ApplicationFacts::from(&record))?;
    Ok((record, relations))
}

/// Refuses somebody with a stake in the application.
pub(super) fn impartial(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    let ties = super::ties(conn, facts, me)?;
    rules::may_decide(rules::Stake { on_team: ties.takes_part, conflict: false })?;
    // Whoever shares a bank account with the team counts as one of them.
    conflicts::without_conflict(ties, &[Ground::BankAccount])
}

/// Shows a submitted application to regrantors.
///
/// # Errors
/// 403 for somebody with a stake in it, 409 unless it is submitted.
pub fn open(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Application> {
    let (record, relations) = screen(conn, ctx, id, Action::OpenApplication)?;
    let step = Turn {
        act: Act::Open,
        action: Action::OpenApplication.as_str(),
        reason: None,
        promised_on: None,
        event: Some(events::OPENED),
    };
    let record = turn(conn, ctx, record, step)?;
    letters::opened(conn, ctx, &record)?;
    shown(conn, ctx, record, &relations)
}

/// Sends an application back to its applicant, who reads why.
///
/// # Errors
/// 403 for somebody with a stake in it, 409 unless it is submitted or open.
pub fn request_changes(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &ReasonForm,
) -> Result<Application> {
    let (record, relations) = screen(conn, ctx, id, Action::RequestChanges)?;
    record.state.after(Act::RequestChanges)?;
    let reason = super::reason(&form.reason)?;
    let step = Turn {
        act: Act::RequestChanges,
        action: Action::RequestChanges.as_str(),
        reason: Some(reason),
        promised_on: None,
        event: Some(events::CHANGES_REQUESTED),
    };
    let record = turn(conn, ctx, record, step)?;
    letters::changes_requested(conn, ctx, &record)?;
    shown(conn, ctx, record, &relations)
}

/// Says no, with the reason that the applicant reads, also while changes are waited for that do not
/// come. Offers on it are released; where it is in further calls and is declined in its own alone,
/// those that only its own brought.
///
/// # Errors
/// 403 for somebody with a stake in it, 409 unless it was handed in and has not ended, or where it
/// was handed in to further calls and the form does not say whether it is declined in all; 422
/// where it says both.
pub fn decline(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &DeclineForm,
) -> Result<Application> {
    let (record, relations) = screen(conn, ctx, id, Action::DeclineApplication)?;
    record.state.after(Act::Decline)?;
    let said = declines::said(conn, ctx, declines::Saying::from(form))?;
    if form.own_call && form.all_calls {
        let message = "leave out either own_call or all_calls";
        return Err(Problem::field("/own_call", "contradiction", message));
    }
    let further = routes::further_titles(conn, id)?;
    if form.own_call && !further.is_empty() {
        let record = routes::decline_own(conn, ctx, record, &said)?;
        return shown(conn, ctx, record, &relations);
    }
    // Those who decide there have not decided; an import has no say in that.
    if !further.is_empty() && !form.all_calls && !ctx.actor.is_system() {
        let calls = further.join("”, “");
        let alone = match record.left_own_call() {
            true => "its own call has declined it already",
            false => "if in its own call alone, \"own_call\": true",
        };
        return Err(Problem::wrong_state(format!(
            "It was handed in to further calls as well, and would leave them, too: “{calls}”. If \
             it is declined in all of them, send \"all_calls\": true; {alone}."
        )));
    }
    if record.left_own_call() {
        let record = routes::decline_rest(conn, ctx, record, &said)?;
        return shown(conn, ctx, record, &relations);
    }
    let step = Turn {
        act: Act::Decline,
        action: Action::DeclineApplication.as_str(),
        reason: Some(said.reason.clone()),
        promised_on: None,
        event: Some(events::DECLINED),
    };
    let record = turn(conn, ctx, record, step)?;
    let remedy = declines::keep(conn, ctx, &record, &said)?;
    let beside = Beside { advice: said.advice, remedy, further };
    letters::declined(conn, ctx, &record, &beside)?;
    shown(conn, ctx, record, &relations)
}

/// Makes an open application an awarded one; for the award, which has decided and authorised.
///
/// # Errors
/// 409 unless it is open.
pub fn mark_awarded(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    let record = store::lock(conn, id)?.ok_or_else(missing)?;
    let step = Turn {
        act: Act::Award,
        action: Action::AwardApplication.as_str(),
        reason: None,
        promised_on: None,
        event: None,
    };
    turn(conn, ctx, record, step)?;
    Ok(())
}

/// Adds to what is offered and promised, and holds the application until the transaction ends; as
/// it is then. `None`, and nothing changed, if it is not open or more would be offered than is
/// requested. `amount` is minor units above zero.
pub fn add_offered(
    conn: &mut Conn,
    id: ApplicationId,
    amount: i64,
) -> Result<Option<ApplicationFacts>> {
    positive(amount)?;
    store::add_offered(conn, id, amount)
}

/// Takes from what is offered, in whatever state the application is; and from what is promised,
/// where the offer was.
///
/// # Errors
/// An internal problem if less than that is offered: sums and offers have come apart.
pub fn take_offered(conn: &mut Conn, id: ApplicationId, amount: i64, promised: bool) -> Result<()> {
    positive(amount)?;
    if store::take_offered(conn, id, (amount, if promised { amount } else { 0 }))? {
        return Ok(());
    }
    Err(Problem::internal(format!("less than {amount} is offered on the application {id}")))
}

/// An offer that counts in what is offered stands from now on (`promised`), or waits for a second
/// person: what is promised goes with it.
///
/// # Errors
/// An internal problem if sums and offers have come apart.
pub fn set_promised(conn: &mut Conn, id: ApplicationId, amount: i64, promised: bool) -> Result<()> {
    positive(amount)?;
    if store::shift_promised(conn, id, if promised { amount } else { -amount })? {
        return Ok(());
    }
    Err(Problem::internal(format!("what is promised on the application {id} is not so much")))
}

fn positive(amount: i64) -> Result<()> {
    if amount > 0 { Ok(()) } else { Err(Problem::internal("an offer is more than nothing")) }
}

/// Open applications above `after` that may have lapsed, the oldest first; for the job.
pub fn aged(
    conn: &mut Conn,
    ctx: &Ctx,
    after: Option<ApplicationId>,
    limit: i64,
) -> Result<Vec<(ApplicationId, bool)>> {
    let today = ctx.today();
    let rows = store::aged(conn, today, after, limit)?;
    let over = |last: Option<crate::kernel::time::Date>, days| {
        last.is_some_and(|day| day.plus_days(days) < today)
    };
    // Of one that its own call declined, the further calls say when it is over.
    let told = |(id, last, days, left): store::Aged| (id, left.is_some() || over(last, days));
    Ok(rows.into_iter().map(told).collect())
}

/// Lets an open application lapse, if its time is over and what offers come to (`firm`, by whoever
/// holds the application) does not reach its minimum; whether it did. Offers on it are released.
pub fn lapse(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, firm: i64) -> Result<bool> {
    if !ctx.actor.is_system() {
        return Err(Problem::internal("applications lapse by themselves"));
    }
    let record = store::lock(conn, id)?.ok_or_else(missing)?;
    let call = calls::service::facts(conn, record.call_id)?.ok_or_else(meanwhile)?;
    let age = Age {
        state: record.state,
        call_ended_on: call.closes_on,
        decision_days: call.decision_days,
        promised_on: record.promised_on,
        firm,
        minimum: record.content.amount_minimum.unwrap_or(i64::MAX),
    };
    let further = store::further_ends(conn, id)?;
    let left = record.left_own_call();
    if !left && !rules::is_over(&age, ctx.today()) || left && further.is_empty() {
        return Ok(false);
    }
    // It goes on for as long as it does in one of its calls.
    for (call_ended_on, decision_days, promised_on) in further {
        let there = Age { call_ended_on, decision_days, promised_on, ..age };
        if !rules::is_over(&there, ctx.today()) {
            return Ok(false);
        }
    }
    let step = Turn {
        act: Act::Lapse,
        action: "lapse_application",
        reason: Some("The time to decide is over, and offers do not reach the minimum.".into()),
        promised_on: None,
        event: Some(events::LAPSED),
    };
    let record = turn(conn, ctx, record, step)?;
    mates::let_go(conn, ctx, &record)?;
    letters::lapsed(conn, ctx, &record)?;
    Ok(true)
}
