//! One mail to somebody who is found in the directory, from somebody who shows who they are.

use super::missing;
use crate::agendas::model::{AgendaRecord, DirectoryMessage};
use crate::agendas::{rules, store};
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::people::service::Brief;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use serde_json::json;

const DAY: i64 = 24 * 3600;

/// Whether somebody is found under an agenda, or under one below it.
pub fn is_found(conn: &mut Conn, agenda: AgendaId, person: PersonId) -> Result<bool> {
    let all = super::with_narrower(conn, &[agenda])?;
    store::messages::is_found(conn, &all, person)
}

/// Writes to somebody who is found under an agenda, or who applies with something that it shows,
/// `about` which it is: its title stands beside it. Whether it is so is for the caller to know, and
/// that the text is one.
///
/// # Errors
/// 404 where there is no such agenda, or nobody who gets mails; 409 beyond what one person writes
/// in a day, or to the same one in a week.
pub fn write_to(
    conn: &mut Conn,
    ctx: &Ctx,
    id: AgendaId,
    (to, about): (PersonId, Option<(ApplicationId, &str)>),
    text: String,
) -> Result<DirectoryMessage> {
    let agenda = store::find(conn, id)?.ok_or_else(missing)?;
    let me = ctx.me()?;
    let nobody = || Problem::not_found("person");
    let reader = people::service::brief(conn, to)?.filter(|p| p.active).ok_or_else(nobody)?;
    // Held while they are counted, or many at once would each find the last place free.
    people::service::hold(conn, me)?;
    let sender = people::service::brief(conn, me)?.ok_or_else(nobody)?;
    room(conn, ctx, (me, to))?;
    let before = ctx.now.plus_seconds(-rules::MESSAGE_AGAIN_SECONDS);
    store::messages::wrote(conn, (me, to), (ctx.now, before))?;
    let application = about.map(|(application, _)| application);
    let change = Change::by(Action::SendAgendaMessage, "agenda", id.uuid());
    let told = json!({
        "person_id": to, "application_id": application, "characters": text.chars().count(),
    });
    audit::record(conn, ctx, change.to(told))?;
    let letter = letter(&agenda, (&sender, &reader), about, &text);
    mail::send(conn, ctx, &reader.email, &letter)?;
    Ok(DirectoryMessage {
        agenda_id: id,
        person_id: to,
        person_name: reader.name,
        application_id: application,
        text,
        answer_to: sender.email,
        sent_at: ctx.now,
    })
}

/// Refuses who has written too often: in a day, or to the same one in a week.
fn room(conn: &mut Conn, ctx: &Ctx, (me, to): (PersonId, PersonId)) -> Result<()> {
    let limit = |detail: String| Err(Problem::new(Kind::LimitReached, detail));
    let week = ctx.now.plus_seconds(-rules::MESSAGE_AGAIN_SECONDS);
    if let Some(last) = store::messages::last_written(conn, (me, to), week)? {
        let again = mail::minute(last.plus_seconds(rules::MESSAGE_AGAIN_SECONDS));
        return limit(format!("You wrote to them in the last week, and can again at {again}."));
    }
    let day = ctx.now.plus_seconds(-DAY);
    if store::messages::written_since(conn, me, day)? >= rules::MESSAGES_A_DAY {
        let most = rules::MESSAGES_A_DAY;
        return limit(format!(
            "One person can write to at most {most} people of the directory a day."
        ));
    }
    Ok(())
}

fn letter(
    agenda: &AgendaRecord,
    (sender, reader): (&Brief, &Brief),
    about: Option<(ApplicationId, &str)>,
    text: &str,
) -> Letter {
    let (name, direction) = (&sender.name, &agenda.title);
    let because = match about {
        Some(_) => "your application says what it looks for",
        None => "you want to be found in the directory of research directions",
    };
    let found = match about {
        Some((_, title)) => {
            format!("{name} found your application “{title}” under “{direction}”, and writes:")
        }
        None => format!("{name} found you under “{direction}”, and writes:"),
    };
    let letter = Letter::new(format!("{name} writes to you about {direction}"), because)
        .greeting(&reader.name)
        .paragraph(found)
        .quote(text)
        .paragraph(format!(
            "If you like, answer to {}. They were not shown your address: they see it once you \
             answer.",
            sender.email
        ));
    match about {
        Some((application, _)) => letter
            .paragraph(
                "To get no such mails, have your application look for nothing: an admin asks you \
                 for changes, if you ask them.",
            )
            .link("Your application", format!("/applications/{application}")),
        None => letter.paragraph(
            "To get no such mails, take back that you want to be found: send your profile \
             (PUT /api/v1/me/profile) with “listed” as false. That works at once.",
        ),
    }
}
