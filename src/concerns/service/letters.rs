//! Mails of the lane: that something waits, never what; to the group, nor about which application.

use super::is_partial;
use crate::applications::model::ApplicationFacts;
use crate::concerns::store;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::time::Date;
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

const BECAUSE: &str = "you are in the need-to-know group";

fn to(conn: &mut Conn, ctx: &Ctx, person: PersonId, letter: Letter) -> Result<()> {
    let contact = people::service::brief(conn, person)?.filter(|contact| contact.active);
    let Some(contact) = contact else { return Ok(()) };
    mail::send(conn, ctx, &contact.email, &letter.greeting(&contact.name))
}

/// To those of the group who may look at it, but for who acts.
pub(super) fn waits(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    path: &str,
) -> Result<()> {
    for (person, ..) in store::members(conn)? {
        if ctx.actor.is(person) || is_partial(conn, application, person)? {
            continue;
        }
        let letter = Letter::new("Something waits in the need-to-know lane", BECAUSE)
            .paragraph("Something has come in that the need-to-know group should look at.")
            .link("Look at it", path);
        to(conn, ctx, person, letter)?;
    }
    Ok(())
}

/// To one of the group: how much has waited for long, and since when.
pub(super) fn waits_long(
    conn: &mut Conn,
    ctx: &Ctx,
    person: PersonId,
    (count, oldest): (usize, Date),
) -> Result<()> {
    let (subject, how) = match count {
        1 => ("1 waits in the need-to-know lane".into(), format!("1 has waited since {oldest}")),
        n => (
            format!("{n} wait in the need-to-know lane"),
            format!("{n} have waited, the oldest since {oldest}"),
        ),
    };
    let letter = Letter::new(subject, BECAUSE)
        .paragraph(format!(
            "Of what the need-to-know group should look at, {how}. Nothing that waits there can \
             be awarded. You are told once a day."
        ))
        .link("Look at them", "/screenings");
    to(conn, ctx, person, letter)
}

/// To the applicant, who has not answered: what everybody is asked, or (with a day) a question.
pub(super) fn still_asked(
    conn: &mut Conn,
    ctx: &Ctx,
    application: &ApplicationFacts,
    until: Option<Date>,
) -> Result<()> {
    let (subject, text) = match until {
        None => (
            "Your answers are still missing",
            "We asked you a few questions on your application, and have no answers yet. Nothing \
             is awarded before they are in. Only the few people who look at this read them."
                .into(),
        ),
        Some(day) => (
            "A question about your application is still open",
            format!(
                "We asked you a question about your application, and have no answer yet. After \
                 {day} it may be decided without it."
            ),
        ),
    };
    let letter = Letter::new(format!("{subject}: {}", application.title), "you applied")
        .paragraph(text)
        .link("Read what is asked", format!("/applications/{}/screening", application.id));
    to(conn, ctx, application.applicant_id, letter)
}

/// To all of the group: who is in it has changed.
pub(super) fn group_changed(conn: &mut Conn, ctx: &Ctx, name: &str, added: bool) -> Result<()> {
    let what = if added { "was added to" } else { "was taken out of" };
    for (person, ..) in store::members(conn)? {
        let letter = Letter::new("The need-to-know group has changed", BECAUSE)
            .paragraph(format!("{name} {what} the need-to-know group by {}.", ctx.actor_name))
            .link("Who is in it", "/need-to-know");
        to(conn, ctx, person, letter)?;
    }
    Ok(())
}

/// To admins: something waits, and nobody in the group may look at it.
pub(super) fn nobody_may(conn: &mut Conn, ctx: &Ctx) -> Result<()> {
    for admin in people::service::holders(conn, Role::Admin)? {
        let letter = Letter::new("The need-to-know group needs another person", "you are an admin")
            .paragraph(
                "Something in the need-to-know lane has waited for days, and nobody who is in the \
                 group may look at it. Please name another person. You are told once a day.",
            )
            .link("Who is in it", "/need-to-know");
        to(conn, ctx, admin.id, letter)?;
    }
    Ok(())
}

/// To the applicant, who was asked: what came of it, where the application goes on; `tied` to
/// conditions, or not.
pub(super) fn decided(
    conn: &mut Conn,
    ctx: &Ctx,
    application: &ApplicationFacts,
    tied: bool,
) -> Result<()> {
    let subject = "What we asked you about your application is settled";
    let letter = Letter::new(subject, "you applied");
    let letter = if tied {
        letter
            .paragraph(
                "We asked you a question about your application. It can be funded under \
                 conditions, which would stand in the agreement: please read them.",
            )
            .link("Read them", format!("/applications/{}/screening-conditions", application.id))
    } else {
        letter
            .paragraph(
                "We asked you a question about your application. Nothing more comes of it, and \
                 there is nothing that you need to do.",
            )
            .link("What you were asked", format!("/applications/{}/screening", application.id))
    };
    to(conn, ctx, application.applicant_id, letter)
}

/// To the applicant: something is asked.
pub(super) fn asked(conn: &mut Conn, ctx: &Ctx, application: &ApplicationFacts) -> Result<()> {
    let title = &application.title;
    let subject = format!("Please answer a question about your application: {title}");
    let letter = Letter::new(subject, "you applied")
        .paragraph(
            "Each application is looked at for harm that it could do. In that, a question came up \
             that we ask you to answer. It is not decided without you: you have seven days.",
        )
        .link("Read what is asked", format!("/applications/{}/screening", application.id));
    to(conn, ctx, application.applicant_id, letter)
}

/// To the applicant: the questions that everybody is asked.
pub(super) fn questions(conn: &mut Conn, ctx: &Ctx, application: &ApplicationFacts) -> Result<()> {
    let subject = format!("A few questions on your application: {}", application.title);
    let letter = Letter::new(subject, "you applied")
        .paragraph(
            "Each application is looked at for harm that it could do, and nothing is awarded \
             before that. Please answer a few questions; only the few people who look at this \
             read them.",
        )
        .link("Read the questions", format!("/applications/{}/screening", application.id));
    to(conn, ctx, application.applicant_id, letter)
}
