//! What reviewers are told by mail. In a blind call these say nothing of who applies.

use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::time::Date;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::reviews::model::{Aside, Record};

const BECAUSE: &str = "you review applications";

fn by(due_on: Option<Date>) -> String {
    due_on.map(|day| format!(" by {day}")).unwrap_or_default()
}

const CONFLICT: &str = "If you have a conflict of interest, say so there, and write no review. If \
                        you cannot do it, decline: somebody else will be asked.";

pub(super) fn asked(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Brief,
    record: &Record,
    title: &str,
) -> Result<()> {
    let letter = Letter::new(format!("Please review: {title}"), BECAUSE)
        .greeting(&person.name)
        .paragraph(format!("You are asked to review this application{}:", by(record.due_on)))
        .quote(title)
        .paragraph(CONFLICT)
        .link("Your review", format!("/reviews/{}", record.id));
    mail::send(conn, ctx, &person.email, &letter)
}

/// Of all that were asked for at once, by these days.
pub(super) fn asked_for_several(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Brief,
    days: &[Date],
) -> Result<()> {
    let count = days.len();
    let noun = if count == 1 { "application" } else { "applications" };
    let first = days.iter().min().copied();
    let by = match days.iter().max() == first.as_ref() {
        true => by(first),
        false => format!(", the first{}", by(first)),
    };
    let letter = Letter::new(format!("Please review {count} {noun}"), BECAUSE)
        .greeting(&person.name)
        .paragraph(format!("You are asked to review {count} {noun}{by}."))
        .paragraph(CONFLICT)
        .link("Your reviews", "/me/reviews");
    mail::send(conn, ctx, &person.email, &letter)
}

pub(super) fn remind(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Brief,
    record: &Record,
    title: &str,
    over: bool,
) -> Result<()> {
    let day = record.due_on.map(|day| day.to_string()).unwrap_or_default();
    let (subject, text) = match over {
        false => (
            format!("Your review is asked for by {day}: {title}"),
            format!("Your review of this application is asked for by {day}:"),
        ),
        true => (
            format!("Your review is late: {title}"),
            format!("Your review of this application was asked for by {day}, and is waited for:"),
        ),
    };
    let letter = Letter::new(subject, BECAUSE)
        .greeting(&person.name)
        .paragraph(text)
        .quote(title)
        .paragraph("If you cannot do it, decline: somebody else will be asked.")
        .link("Your review", format!("/reviews/{}", record.id));
    mail::send(conn, ctx, &person.email, &letter)
}

/// Somebody has joined the team; by name, where that may be told.
pub(super) fn joined(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Brief,
    record: &Record,
    (title, name): (&str, Option<&str>),
) -> Result<()> {
    let who = name.unwrap_or("Somebody");
    let letter = Letter::new(format!("The team has changed: {title}"), BECAUSE)
        .greeting(&person.name)
        .paragraph(format!(
            "{who} has joined the team of this application, which you review, after it was handed \
             in:"
        ))
        .quote(title)
        .paragraph(
            "Look whether that changes what you say. If you have a conflict of interest by it, say \
             so there.",
        )
        .link("Your review", format!("/reviews/{}", record.id));
    mail::send(conn, ctx, &person.email, &letter)
}

const DECIDE: &str = "you decide on applications for grants";

/// To who asked, or decides: it is late.
pub(super) fn is_late(
    conn: &mut Conn,
    ctx: &Ctx,
    asker: &Brief,
    (record, reviewer): (&Record, &str),
    title: &str,
) -> Result<()> {
    let day = record.due_on.map(|day| day.to_string()).unwrap_or_default();
    let letter = Letter::new(format!("A review is late: {title}"), DECIDE)
        .greeting(&asker.name)
        .paragraph(format!("{reviewer} was asked to review this application by {day}:"))
        .quote(title)
        .paragraph("They were reminded. You can ask somebody else.")
        .link("The reviews", format!("/applications/{}/reviews", record.application_id));
    mail::send(conn, ctx, &asker.email, &letter)
}

/// Of the reviews of an application how many are in, and how many are waited for; nothing to whose
/// own is still open.
pub(super) type Left = Option<(usize, usize)>;

/// The same in words, before what can be done.
fn of_the_others(left: Left, then: &str) -> String {
    match left {
        Some((count, waiting)) => {
            format!("Of its other reviews, {count} are in and {waiting} are waited for. {then}")
        }
        None => then.to_owned(),
    }
}

/// To who asked, or decides: the reviewer does not write it.
pub(super) fn is_gone(
    conn: &mut Conn,
    ctx: &Ctx,
    asker: &Brief,
    (record, reviewer, aside): (&Record, &str, Aside),
    (title, left): (&str, Left),
) -> Result<()> {
    let (subject, how) = match aside {
        Aside::Conflict => (
            "A reviewer has a conflict of interest",
            "has a conflict of interest, and keeps out of this application from now on:",
        ),
        Aside::Declined => ("A reviewer has declined", "cannot review this application:"),
        Aside::Removed => return Ok(()),
    };
    let mut letter = Letter::new(format!("{subject}: {title}"), DECIDE)
        .greeting(&asker.name)
        .paragraph(format!("{reviewer} {how}"))
        .quote(title);
    if let Some(reason) = &record.aside_reason {
        letter = letter.paragraph("They say why:").quote(reason);
    }
    let then = "Nobody else was asked: ask somebody, if another is needed.";
    let letter = letter
        .paragraph(of_the_others(left, then))
        .link("The reviews", format!("/applications/{}/reviews", record.application_id));
    mail::send(conn, ctx, &asker.email, &letter)
}

/// To who asked, or decides: the reviewer is suspended, or no reviewer any more.
pub(super) fn cannot(
    conn: &mut Conn,
    ctx: &Ctx,
    asker: &Brief,
    (record, reviewer): (&Record, &str),
    (title, left): (&str, Left),
) -> Result<()> {
    let letter = Letter::new(format!("A reviewer can no longer review: {title}"), DECIDE)
        .greeting(&asker.name)
        .paragraph(format!(
            "{reviewer} was asked to review this application{}, and can no longer do so: their \
             account is suspended, or they are no reviewer any more.",
            by(record.due_on)
        ))
        .quote(title)
        .paragraph(of_the_others(left, "Please ask somebody else to review it."))
        .link("The reviews", format!("/applications/{}/reviews", record.application_id));
    mail::send(conn, ctx, &asker.email, &letter)
}

/// To who asked, or decides: nothing is waited for any more. `count`: how many are in, as [`Left`].
pub(super) fn all_in(
    conn: &mut Conn,
    ctx: &Ctx,
    asker: &Brief,
    application: ApplicationId,
    title: &str,
    count: Option<usize>,
) -> Result<()> {
    let reviews = match count {
        None => "None is waited for any more:".to_owned(),
        Some(1) => "1 review is in, and none is waited for:".to_owned(),
        Some(count) => format!("{count} reviews are in, and none is waited for:"),
    };
    let letter = Letter::new(format!("All reviews are in: {title}"), DECIDE)
        .greeting(&asker.name)
        .paragraph(reviews)
        .quote(title)
        .link("The reviews", format!("/applications/{application}/reviews"));
    mail::send(conn, ctx, &asker.email, &letter)
}
