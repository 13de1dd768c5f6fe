//! The clock of appeals: an answer is promised by a day, somebody is reminded before it, and no day
//! passes without another one, named before it; then all admins hear of it.

use crate::applications::model::{AppealOutcome, AppealRecord, Record};
use crate::applications::rules::clock as rules;
use crate::applications::service::letters::{letter, path, to_applicant};
use crate::applications::service::{free_deciders, routes, versions};
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{AppealId, CallId};
use crate::kernel::time::Date;
use crate::people;
use crate::people::service::Brief;
use crate::platform::audit::{self, Change};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use serde_json::json;

/// Appeals that wait and on which something is due, up to `limit`.
pub(in crate::applications) fn due_appeals(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<AppealId>> {
    store::due_appeals(conn, ctx.today(), limit)
}

/// An appeal came in: its maker reads by when it is answered, and those who may answer that it
/// waits.
pub(in crate::applications::service) fn appealed(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    appeal: &AppealRecord,
) -> Result<()> {
    promised(conn, ctx, record, appeal)?;
    let words = "Somebody asks that a decline is looked at again, by another person:";
    tell(conn, ctx, (record, appeal), ("An appeal waits", words))
}

/// An appeal against a decline in a further call that had ended with its application waits again,
/// for that came back: an answer is promised anew. Its maker reads by when, and those who may
/// answer that it waits.
pub(in crate::applications::service) fn waits_again(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    mut appeal: AppealRecord,
) -> Result<()> {
    let before = json!({ "outcome": appeal.outcome, "decided_at": appeal.decided_at });
    (appeal.outcome, appeal.decided_at) = (None, None);
    store::open_appeal(conn, appeal.id)?;
    let (today, call) = (ctx.today(), call_of(record, &appeal));
    let day = today.plus_days(days(conn, call)?);
    set(conn, &mut appeal, day, today)?;
    let object = ("application", record.id.uuid());
    let change = Change { action: "reopen_appeal", object, before: None, after: None };
    let after = json!({ "appeal_id": appeal.id, "call_id": call, "promised_on": day });
    audit::record(conn, ctx, change.from(before).to(after))?;
    let there = routes::title(conn, call)?;
    let letter = letter(record, "Your appeal waits again")
        .paragraph(format!(
            "Your application goes on, and with it your appeal against its decline in the call \
             “{there}”. You have an answer by {day}."
        ))
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let words = "An application came back, and with it an appeal against one of its declines: \
                 another person looks at that again.";
    tell(conn, ctx, (record, &appeal), ("An appeal waits again", words))
}

/// Whoever may answer an appeal reads that it waits.
fn tell(
    conn: &mut Conn,
    ctx: &Ctx,
    (record, appeal): (&Record, &AppealRecord),
    (subject, words): (&str, &str),
) -> Result<()> {
    let (readers, alone) = readers(conn, record, appeal)?;
    let subject = format!("{subject}: {}", title(conn, record, appeal)?);
    for reader in readers {
        let letter = waits(record, &subject, words, appeal, alone);
        mail::send(conn, ctx, &reader.email, &letter.greeting(&reader.name))?;
    }
    Ok(())
}

/// An appeal was taken back, or ended with its application: those who were to answer it need not.
pub(in crate::applications::service) fn taken_back(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    appeal: &AppealRecord,
) -> Result<()> {
    let (readers, _) = readers(conn, record, appeal)?;
    let (what, words) = match appeal.outcome {
        Some(AppealOutcome::Ended) => (
            "An appeal is over",
            "The application has come to an end in which no appeal against this decline can bring \
             anything any more: nobody has to answer.",
        ),
        _ => (
            "An appeal was taken back",
            "Who asked that this decline is looked at again has taken that back: it stands, and \
             nobody has to answer.",
        ),
    };
    let subject = format!("{what}: {}", title(conn, record, appeal)?);
    for reader in readers {
        let letter = Letter::new(subject.as_str(), "you decide on applications for grants")
            .greeting(&reader.name)
            .paragraph(words)
            .link("The application", path(record));
        mail::send(conn, ctx, &reader.email, &letter)?;
    }
    Ok(())
}

fn promised(conn: &mut Conn, ctx: &Ctx, record: &Record, appeal: &AppealRecord) -> Result<()> {
    let Some(day) = appeal.promised_on else { return Ok(()) };
    let letter = letter(record, "Your appeal came in")
        .paragraph(format!("Another person looks at the decision. You have an answer by {day}."))
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)
}

/// Whoever may answer; if nobody may, all admins, whoever declined among them: `true` then.
fn readers(conn: &mut Conn, record: &Record, appeal: &AppealRecord) -> Result<(Vec<Brief>, bool)> {
    let said = store::last_decline(conn, appeal.application_id, appeal.call_id)?;
    let declined_by = said.and_then(|said| said.declined_by);
    let others = free_deciders(conn, (record.id, call_of(record, appeal)), declined_by)?;
    match others.is_empty() {
        true => Ok((people::service::holders(conn, Role::Admin)?, true)),
        false => Ok((others, false)),
    }
}

/// The decision time of a call.
fn days(conn: &mut Conn, call: CallId) -> Result<i32> {
    Ok(calls::service::facts(conn, call)?.map_or(7, |call| call.decision_days))
}

/// The call whose decline it is about.
fn call_of(record: &Record, appeal: &AppealRecord) -> CallId {
    appeal.call_id.unwrap_or(record.call_id)
}

/// As it was handed in: it may have been declined while it was being changed; with the further call
/// that declined it, if one did.
fn title(conn: &mut Conn, record: &Record, appeal: &AppealRecord) -> Result<String> {
    let read = versions::as_handed_in(conn, record.id)?;
    let title = read.map_or_else(|| record.content.title.clone(), |facts| facts.title);
    Ok(match appeal.call_id {
        Some(call) => format!("{title} (in {})", routes::title(conn, call)?),
        None => title,
    })
}

fn waits(
    record: &Record,
    subject: &str,
    words: &str,
    appeal: &AppealRecord,
    alone: bool,
) -> Letter {
    let mut letter = Letter::new(subject, "you decide on applications for grants").paragraph(words);
    letter = letter.quote(&appeal.text);
    if let Some(day) = appeal.promised_on {
        letter = letter.paragraph(format!("An answer is promised by {day}."));
    }
    if alone {
        letter = letter.paragraph(
            "You declined it, and there is no other admin: only another person may answer. Give \
             somebody the role admin.",
        );
    }
    letter.link("The application", path(record))
}

/// Does what is due on an appeal: promises a day, reminds, or names another day.
pub(in crate::applications) fn run_appeal(conn: &mut Conn, ctx: &Ctx, id: AppealId) -> Result<()> {
    let Some(appeal) = store::appeal(conn, id)? else { return Ok(()) };
    let Some(record) = store::lock(conn, appeal.application_id)? else { return Ok(()) };
    // As it is now that nobody else answers it.
    let Some(mut appeal) = store::appeal(conn, id)? else { return Ok(()) };
    let today = ctx.today();
    let due = appeal.due_on.is_some_and(|day| day <= today);
    if appeal.decided_at.is_some() || !due {
        return Ok(());
    }
    let days = days(conn, call_of(&record, &appeal))?;
    match appeal.promised_on {
        None => {
            set(conn, &mut appeal, today.plus_days(days), today)?;
            promised(conn, ctx, &record, &appeal)
        }
        Some(day) if rules::is_near(day, today) => {
            set(conn, &mut appeal, rules::extended(day, today, days), today)?;
            later(conn, ctx, &record, &appeal, day)
        }
        Some(day) => {
            appeal.due_on = Some(rules::reminded(day).on);
            store::save_appeal_clock(conn, &appeal)?;
            let words = "An appeal waits for its answer, and the promised day comes near:";
            tell(conn, ctx, (&record, &appeal), ("An appeal still waits", words))
        }
    }
}

fn set(conn: &mut Conn, appeal: &mut AppealRecord, day: Date, today: Date) -> Result<()> {
    appeal.promised_on = Some(day);
    appeal.due_on = Some(rules::begin(day, today).on);
    store::save_appeal_clock(conn, appeal)
}

/// The maker reads the new day before the old one is missed, and all admins that it was moved.
fn later(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    appeal: &AppealRecord,
    before: Date,
) -> Result<()> {
    let new = appeal.promised_on.unwrap_or(before);
    let letter = letter(record, "Your appeal takes longer")
        .paragraph(format!(
            "You were promised an answer to your appeal by {before}. It will be later: you will \
             have it by {new}. We are sorry. All admins have been told."
        ))
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let (others, alone) = readers(conn, record, appeal)?;
    let alone = alone && others.len() == 1;
    let subject = format!("An appeal was not answered in time: {}", title(conn, record, appeal)?);
    for reader in people::service::holders(conn, Role::Admin)? {
        let words = "Nobody has answered an appeal in time, so the promised day was moved by rule. \
                     All admins hear of it:";
        let letter = waits(record, &subject, words, appeal, alone);
        mail::send(conn, ctx, &reader.email, &letter.greeting(&reader.name))?;
    }
    Ok(())
}
