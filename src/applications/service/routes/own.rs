//! The application's own call, where it says no alone: the application goes on in its further
//! calls, until the last of them has said no as well; an appeal brings it back there.

use super::decide::{say_no, title};
use super::found;
use crate::applications::events;
use crate::applications::model::{
    Act, ApplicationFacts, DeclineRecord, Record, RouteRecord, RouteStatus,
};
use crate::applications::service::letters::{days, letter, path, to_applicant};
use crate::applications::service::{Turn, clock, declines, mates, meanwhile, turn};
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, FundId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A call that said no, by its title, and what can be done about that, in a sentence.
pub(super) type Told = (String, Option<String>);

/// The calls that an application is in: its own first, unless it was declined there alone.
pub fn in_calls(conn: &mut Conn, facts: &ApplicationFacts) -> Result<Vec<CallId>> {
    let mut all: Vec<CallId> = facts.own_call().into_iter().collect();
    all.extend(store::further_calls(conn, facts.id)?);
    Ok(all)
}

/// The call that stands for an application where one has to: its own, or, where that has declined
/// it alone, the first further call that it is in.
pub fn lead_call(conn: &mut Conn, facts: &ApplicationFacts) -> Result<CallId> {
    match facts.own_call() {
        Some(own) => Ok(own),
        None => Ok(in_calls(conn, facts)?.first().copied().unwrap_or(facts.call_id)),
    }
}

/// The call that stands for each of these in the eyes of who is not told that its own has declined
/// it alone: the first further call that it is in, of those that everybody may see, or in which one
/// of these funds may spend. What is in no such call is left out.
pub(in crate::applications::service) fn told_calls(
    conn: &mut Conn,
    ids: &[ApplicationId],
    funds: &[FundId],
) -> Result<BTreeMap<ApplicationId, CallId>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut further = store::going(conn, ids)?;
    further.retain(|there| there.status == RouteStatus::Submitted);
    let calls: BTreeSet<CallId> = further.iter().map(|there| there.call_id).collect();
    let calls: Vec<CallId> = calls.into_iter().collect();
    let mut hidden = calls::service::private_among(conn, &calls)?;
    if !funds.is_empty() && !hidden.is_empty() {
        let paying = store::paying(conn, &hidden, funds)?;
        hidden.retain(|call| !paying.contains(call));
    }
    let mut told = BTreeMap::new();
    for there in further.iter().filter(|there| !hidden.contains(&there.call_id)) {
        told.entry(there.application_id).or_insert(there.call_id);
    }
    Ok(told)
}

/// The day that stands as that of an application: what its own call promised, or, where it was
/// declined there alone and goes on, the first of those that its further calls promise, which is
/// written.
pub(in crate::applications::service) fn first_day(
    conn: &mut Conn,
    record: &Record,
) -> Result<Option<Date>> {
    if !record.left_own_call() || record.state.is_end() {
        return Ok(record.promised_on);
    }
    let ends = store::further_ends(conn, record.id)?.into_iter();
    let first = ends.filter_map(|(_, _, promised_on)| promised_on).min();
    store::save_first_day(conn, record.id, first)?;
    Ok(first)
}

/// Says no in the own call of an application that goes on in further calls; as it is then. Its
/// clock there ends, and offers of funds that may spend in no other of its calls are released.
///
/// # Errors
/// 409 where it was declined there before.
pub(in crate::applications::service) fn decline_own(
    conn: &mut Conn,
    ctx: &Ctx,
    mut record: Record,
    said: &DeclineRecord,
) -> Result<Record> {
    if record.left_own_call() {
        let detail = "It was declined in its own call already: decline it in a further one, or \
                      send \"all_calls\": true.";
        return Err(Problem::wrong_state(detail));
    }
    let before = json!({ "own_call_declined_at": null, "promised_on": record.promised_on });
    clock::own_call_declined(conn, ctx, &record)?;
    record.own_call_declined_at = Some(ctx.now);
    if !store::save_state(conn, record.state.status(), &record)? {
        return Err(meanwhile());
    }
    record.version += 1;
    record.promised_on = first_day(conn, &record)?;
    let remedy = declines::keep(conn, ctx, &record, said)?;
    let change = Change::by(Action::DeclineApplication, "application", record.id.uuid());
    let after = json!({
        "call_id": record.call_id,
        "own_call_declined_at": record.own_call_declined_at,
        "promised_on": record.promised_on,
        "reason": said.reason,
    });
    audit::record(conn, ctx, change.from(before).to(after))?;
    tell(conn, ctx, events::UNROUTED, &record)?;
    let told = (title(conn, record.call_id)?, remedy);
    tell_no(conn, ctx, &record, (said, false), &[told])?;
    Ok(record)
}

/// Says no in all further calls that are left to an application that its own call has declined: it
/// ends with that. As it is then.
pub(in crate::applications::service) fn decline_rest(
    conn: &mut Conn,
    ctx: &Ctx,
    record: Record,
    said: &DeclineRecord,
) -> Result<Record> {
    let mut told = Vec::new();
    for call in store::further_calls(conn, record.id)? {
        let route = found(conn, &record, call)?;
        told.push(say_no(conn, ctx, &record, route, (said, true))?.1);
    }
    let record = end(conn, ctx, record, &said.reason)?;
    tell_no(conn, ctx, &record, (said, true), &told)?;
    Ok(record)
}

/// Ends an application that all of its calls have declined, the last for this reason.
pub(super) fn end(conn: &mut Conn, ctx: &Ctx, record: Record, reason: &str) -> Result<Record> {
    let step = Turn {
        act: Act::Decline,
        action: Action::DeclineApplication.as_str(),
        reason: Some(reason.to_owned()),
        promised_on: None,
        event: Some(events::DECLINED),
    };
    turn(conn, ctx, record, step)
}

/// Whether this further call is all that an application is in: its own has declined it, and no
/// other one has it.
pub(super) fn is_last(conn: &mut Conn, record: &Record, route: &RouteRecord) -> Result<bool> {
    let there = route.status == RouteStatus::Submitted && record.left_own_call();
    Ok(there && store::further_calls(conn, record.id)? == [route.call_id])
}

/// An appeal found that the own call was wrong: the application, which goes on or has just come
/// back (which was `told` then), is in it again, with a new promise. As it is then.
pub(in crate::applications::service) fn back_in_own(
    conn: &mut Conn,
    ctx: &Ctx,
    mut record: Record,
    told: bool,
) -> Result<Record> {
    let call = calls::service::facts(conn, record.call_id)?.ok_or_else(meanwhile)?;
    let before = json!({ "own_call_declined_at": record.own_call_declined_at });
    record.own_call_declined_at = None;
    let from = clock::stands_since(conn, record.id)?.unwrap_or_else(|| ctx.today());
    record.promised_on = Some(from.plus_days(call.decision_days));
    if !store::save_state(conn, record.state.status(), &record)? {
        return Err(meanwhile());
    }
    record.version += 1;
    clock::own_call_reopened(conn, ctx, &record)?;
    let change = Change::by(Action::AnswerAppeal, "application", record.id.uuid());
    let after = json!({
        "call_id": record.call_id,
        "own_call_declined_at": null,
        "promised_on": record.promised_on,
    });
    audit::record(conn, ctx, change.from(before).to(after))?;
    if !told {
        tell(conn, ctx, events::REOPENED, &record)?;
    }
    Ok(record)
}

fn tell(conn: &mut Conn, ctx: &Ctx, event: &'static str, record: &Record) -> Result<()> {
    let told = json!({ "v": 1, "application_id": record.id, "call_id": record.call_id });
    outbox::emit(conn, ctx, event, told)
}

/// The applicant and the team read which calls said no, why, what can be done about it, and whether
/// the application goes on or has `ended` with that.
pub(super) fn tell_no(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (said, ended): (&DeclineRecord, bool),
    told: &[Told],
) -> Result<()> {
    let titles: Vec<String> = told.iter().map(|(title, _)| format!("“{title}”")).collect();
    let one = titles.len() == 1;
    let there = format!("In the call{} {}", if one { "" } else { "s" }, titles.join(", "));
    let subject = if ended { "Your application was declined" } else { "Declined in one call" };
    let mut letter = letter(record, subject)
        .paragraph(format!("{there} your application was declined:"))
        .quote(&said.reason);
    let mut words = vec![said.reason.as_str()];
    if let Some(advice) = &said.advice {
        letter = letter.paragraph("This may help you:").quote(advice);
        words.push(advice);
    }
    for (title, remedy) in told {
        letter = match remedy {
            Some(remedy) if one => letter.paragraph(remedy),
            Some(remedy) => letter.paragraph(format!("“{title}”: {remedy}")),
            None => letter,
        };
    }
    let then = match ended {
        true => "With this it was declined in all of its calls: it has ended.".to_owned(),
        false => days(conn, record, "It goes on in its other calls; you need not do anything.")?,
    };
    let letter = letter.paragraph(then).link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let (subject, text) = match ended {
        true => {
            ("Declined", format!("{there} this application was declined; with this it has ended."))
        }
        false => (
            "Declined in one call",
            format!("{there} this application was declined; it goes on elsewhere."),
        ),
    };
    mates::tell(conn, ctx, record, (subject, &text), &words)
}
