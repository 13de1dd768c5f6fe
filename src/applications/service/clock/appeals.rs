//! The clock of appeals: an answer is promised by a day, somebody is reminded before it, and no day
//! passes without another one, named before it; then all admins hear of it.

use super::run::deciders;
use crate::applications::model::{AppealRecord, Record};
use crate::applications::rules::clock as rules;
use crate::applications::service::letters::{letter, path, to_applicant};
use crate::applications::service::{versions, without_stake};
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::ApplicationId;
use crate::kernel::time::Date;
use crate::people;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

/// Applications whose appeals wait and on which something is due, up to `limit`.
pub(in crate::applications) fn due_appeals(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
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
    let (readers, alone) = readers(conn, record, appeal)?;
    let words = "Somebody asks that a decline is looked at again, by another person:";
    let subject = format!("An appeal waits: {}", title(conn, record)?);
    for reader in readers {
        let letter = waits(record, &subject, words, appeal, alone);
        mail::send(conn, ctx, &reader.email, &letter.greeting(&reader.name))?;
    }
    Ok(())
}

/// An appeal was taken back: those who were to answer it need not.
pub(in crate::applications::service) fn taken_back(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    appeal: &AppealRecord,
) -> Result<()> {
    let (readers, _) = readers(conn, record, appeal)?;
    let subject = format!("An appeal was taken back: {}", title(conn, record)?);
    for reader in readers {
        let letter = Letter::new(subject.as_str(), "you decide on applications for grants")
            .greeting(&reader.name)
            .paragraph(
                "Who asked that this decline is looked at again has taken that back: it stands, \
                 and nobody has to answer.",
            )
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
    let said = store::last_decline(conn, appeal.application_id)?;
    let declined_by = said.and_then(|said| said.declined_by);
    let others = deciders(conn, record.call_id, declined_by)?;
    let mut others = without_stake(conn, record.id, others)?;
    if others.is_empty() {
        // Whoever answers for the call has a stake in it: then anybody else who has none.
        others = people::service::holders(conn, Role::Admin)?;
        others.retain(|admin| Some(admin.id) != declined_by);
        others = without_stake(conn, record.id, others)?;
    }
    match others.is_empty() {
        true => Ok((people::service::holders(conn, Role::Admin)?, true)),
        false => Ok((others, false)),
    }
}

/// As it was handed in: it may have been declined while it was being changed.
fn title(conn: &mut Conn, record: &Record) -> Result<String> {
    let read = versions::as_handed_in(conn, record.id)?;
    Ok(read.map_or_else(|| record.content.title.clone(), |facts| facts.title))
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

/// Does what is due on the appeal of an application: promises a day, reminds, or names another day.
pub(in crate::applications) fn run_appeal(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
) -> Result<()> {
    let Some(record) = store::lock(conn, id)? else { return Ok(()) };
    let Some(mut appeal) = store::appeal_of(conn, id)? else { return Ok(()) };
    let today = ctx.today();
    let due = appeal.due_on.is_some_and(|day| day <= today);
    if appeal.decided_at.is_some() || !due {
        return Ok(());
    }
    let call = calls::service::facts(conn, record.call_id)?;
    let days = call.map_or(7, |call| call.decision_days);
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
            let (readers, alone) = readers(conn, &record, &appeal)?;
            let subject = format!("An appeal still waits: {}", title(conn, &record)?);
            for reader in readers {
                let words = "An appeal waits for its answer, and the promised day comes near:";
                let letter = waits(&record, &subject, words, &appeal, alone);
                mail::send(conn, ctx, &reader.email, &letter.greeting(&reader.name))?;
            }
            Ok(())
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
    let subject = format!("An appeal was not answered in time: {}", title(conn, record)?);
    for reader in people::service::holders(conn, Role::Admin)? {
        let words = "Nobody has answered an appeal in time, so the promised day was moved by rule. \
                     All admins hear of it:";
        let letter = waits(record, &subject, words, appeal, alone);
        mail::send(conn, ctx, &reader.email, &letter.greeting(&reader.name))?;
    }
    Ok(())
}
