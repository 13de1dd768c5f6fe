//! What applicants and those they invite are told by mail. An import is no reason to write to
//! anybody: of what the service itself does, only a lapse is told.

use super::{declines, mates, routes};
use crate::applications::model::{Act, ApplicationFacts, MemberRecord, Record, RouteStatus, State};
use crate::applications::store;
use crate::calls;
use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

const APPLIED: &str = "you applied for a grant";
const IN_YOUR_NAME: &str = "you let somebody do paperwork for you";

pub(super) fn letter(record: &Record, subject: &str) -> Letter {
    Letter::new(format!("{subject}: {}", record.content.title), APPLIED)
}

pub(super) fn path(record: &Record) -> String {
    format!("/applications/{}", record.id)
}

/// The day that is promised, and those that further calls promise, a sentence each.
pub(super) fn days(conn: &mut Conn, record: &Record, own: &str) -> Result<String> {
    let mut all = own.to_owned();
    for route in store::routes(conn, record.id)? {
        let waits = route.status == RouteStatus::Submitted;
        let Some(day) = route.promised_on.filter(|_| waits) else { continue };
        let title = calls::service::facts(conn, route.call_id)?.map(|call| call.title);
        let title = title.unwrap_or_default();
        all.push_str(&format!(" In “{title}”, where it is as well, it is decided by {day}."));
    }
    Ok(all)
}

/// What has to be answered in further calls and is not, since the application was changed; a
/// paragraph for each call.
fn unanswered(conn: &mut Conn, record: &Record, mut letter: Letter) -> Result<Letter> {
    for (title, labels) in routes::unanswered(conn, record.id)? {
        letter = letter
            .paragraph(format!(
                "In “{title}”, where it is as well, this is asked after your changes and has no \
                 answer:"
            ))
            .quote(labels.join("\n"))
            .paragraph(
                "To answer it, take your application out of that call and route it there again, \
                 while the call takes applications. What is offered to it out of funds that may \
                 spend in that call alone is released then. Otherwise it stays in the call as it \
                 is.",
            );
    }
    Ok(letter)
}

/// Sends it to the applicant, addressed by name.
pub(super) fn to_applicant(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    letter: Letter,
) -> Result<()> {
    let person = people::service::brief(conn, record.applicant_id)?.filter(|p| p.active);
    let Some(person) = person else { return Ok(()) };
    mail::send(conn, ctx, &person.email, &letter.greeting(&person.name))
}

pub(super) fn submitted(conn: &mut Conn, ctx: &Ctx, record: &Record, call: &str) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    let promised = record.promised_on.map(|day| day.to_string()).unwrap_or_default();
    let next = if record.state == State::Open {
        "It is open to regrantors again, as it was before. When their offers reach your minimum, \
         the grant can be awarded."
    } else {
        "Next, we look whether it fits the call, and whether anything speaks against it. Then we \
         open it to regrantors, ask you for changes, or tell you why we decline. When regrantors' \
         offers reach your minimum, the grant can be awarded."
    };
    // Where its own call has declined it, it comes back to the further calls alone.
    let (to, own) = match record.left_own_call() {
        true => (String::new(), "Your changes have come in.".to_owned()),
        false => (format!(" to “{call}”"), format!("You will have a decision by {promised}.")),
    };
    let came_in = match &ctx.behalf {
        Some(_) => format!("{} handed in your application{to} for you.", ctx.actor_name),
        None => format!("Thank you: your application{to} has come in."),
    };
    let letter = letter(record, "We have your application")
        .paragraph(came_in)
        .paragraph(days(conn, record, &own)?)
        .paragraph(next);
    let letter = unanswered(conn, record, letter)?
        .paragraph("You need not do anything now. You can take it back at any time.")
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let text =
        format!("This application was handed in{to}. There will be a decision by {promised}.");
    mates::tell(conn, ctx, record, ("Handed in", &text), &[])
}

/// Whom somebody acts for is told what was begun in their name.
pub(super) fn begun_for(
    conn: &mut Conn,
    ctx: &Ctx,
    (applicant, id): (PersonId, ApplicationId),
    title: &str,
) -> Result<()> {
    let Some(person) = people::service::brief(conn, applicant)? else { return Ok(()) };
    let letter = Letter::new(format!("Begun in your name: {title}"), IN_YOUR_NAME)
        .greeting(&person.name)
        .paragraph(format!("{} began an application in your name:", ctx.actor_name))
        .quote(title)
        .paragraph("You can read and change it, take it back, or end the delegation at any time.")
        .link("The application", format!("/applications/{id}"));
    mail::send(conn, ctx, &person.email, &letter)
}

/// The same for what was taken back in their name; who does that themselves knows it.
pub(super) fn withdrawn_for(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    if ctx.behalf.is_none() {
        return Ok(());
    }
    let subject = format!("Taken back in your name: {}", record.content.title);
    let letter = Letter::new(subject, IN_YOUR_NAME)
        .paragraph(format!("{} took your application back for you.", ctx.actor_name))
        .link("The application", path(record));
    to_applicant(conn, ctx, record, letter)
}

/// The same for one further call, by its title.
pub(super) fn withdrawn_there_for(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    call: &str,
) -> Result<()> {
    if ctx.behalf.is_none() {
        return Ok(());
    }
    let subject = format!("Taken out of a call in your name: {}", record.content.title);
    let letter = Letter::new(subject, IN_YOUR_NAME)
        .paragraph(format!(
            "{} took your application out of the call “{call}” for you. It goes on in its other \
             calls.",
            ctx.actor_name
        ))
        .link("The application", path(record));
    to_applicant(conn, ctx, record, letter)
}

pub(super) fn opened(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    let letter = letter(record, "Your application is open")
        .paragraph("Regrantors can now read your application and offer money for it.")
        .paragraph(
            "When their offers reach your minimum, the grant can be awarded. You need not do \
             anything now.",
        )
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)
}

pub(super) fn changes_requested(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    let letter = letter(record, "Please change your application")
        .paragraph("Before we go on, we ask you for changes:")
        .quote(record.status_reason.as_deref().unwrap_or_default())
        .paragraph(
            "Edit your application and submit it again: it comes back to where it stood. Until \
             then nothing else happens.",
        )
        .link("Edit your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let text = "Its lead was asked to change this application and to submit it again:";
    let words = [record.status_reason.as_deref().unwrap_or_default()];
    mates::tell(conn, ctx, record, ("Changes are asked for", text), &words)
}

/// What comes with the reason of a decline.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// What may help.
    pub advice: Option<String>,
    /// What can be done about it, in a sentence.
    pub remedy: Option<String>,
    /// The titles of the further calls that it leaves.
    pub further: Vec<String>,
}

pub(super) fn declined(conn: &mut Conn, ctx: &Ctx, record: &Record, beside: &Beside) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    declined_by(conn, ctx, record, beside)
}

/// The same, whoever declined it.
pub(super) fn declined_by(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    beside: &Beside,
) -> Result<()> {
    let reason = record.status_reason.as_deref().unwrap_or_default();
    let mut letter = letter(record, "Your application was declined")
        .paragraph("We are sorry: your application was declined, for this reason:")
        .quote(reason);
    let mut words = vec![reason];
    if let Some(advice) = &beside.advice {
        letter = letter.paragraph("This may help you:").quote(advice);
        words.push(advice);
    }
    if !beside.further.is_empty() {
        letter = letter
            .paragraph("With this it has left the further calls that it was in, too:")
            .quote(beside.further.join("\n"));
    }
    if let Some(remedy) = &beside.remedy {
        letter = letter.paragraph(remedy);
    }
    let letter = letter
        .paragraph("You can apply again, in this call while it is open or in another one.")
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    mates::tell(conn, ctx, record, ("Declined", "This application was declined:"), &words)
}

pub(super) fn lapsed(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    let then = match declines::remedy_for(conn, ctx, &ApplicationFacts::from(record))? {
        Some((Appeals::Resubmit, until)) => format!(
            "As you were told when its own call declined it, you can hand it in there again, \
             changed, until {until}. You can also apply in another call."
        ),
        _ => "You can apply again in another call.".to_owned(),
    };
    let letter = letter(record, "Your application has lapsed")
        .paragraph(
            "The time to decide on your application is over, and the offers on it did not reach \
             the minimum that you named.",
        )
        .paragraph(then)
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let text = "The time to decide on this application is over, and the offers on it did not reach \
                its minimum:";
    mates::tell(conn, ctx, record, ("Lapsed", text), &[])
}

/// What asks somebody onto a team: who asked, what there is to say of it, and what if it tells them
/// nothing. With the secret that shows that this mail was read.
fn place(
    record: &Record,
    (member, secret): (&MemberRecord, &str),
    subject: &str,
    [asks, says, end]: [&str; 3],
) -> Letter {
    let title = &record.content.title;
    let because = "somebody named you on an application for a grant";
    // Behind the #, so that no server and no referrer ever sees it.
    let link = format!("{}/members/{}#token={secret}", path(record), member.id);
    Letter::new(format!("{subject}: {title}"), because)
        .greeting(&member.name)
        .paragraph(asks)
        .quote(title)
        .paragraph(says)
        .link("Answer", link)
        .paragraph(end)
}

fn was_asked(member: &MemberRecord, lead: &str) -> String {
    format!(
        "On {}, {lead} asked you onto the team of this application for a grant, as {}:",
        member.created_at.date(),
        member.role
    )
}

/// The same invitation once more, by the name of who leads the team.
pub(super) fn still_invited(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (member, lead): (&MemberRecord, &str),
    secret: &str,
) -> Result<()> {
    let asks = was_asked(member, lead);
    let says = "There is no answer yet. Please say yes or no; you need an account for that, which \
                can have another address than this one. This link takes the place of the one in \
                the first mail.";
    let end = "If you do not know what this is about, do nothing: we do not ask again.";
    let subject = "Your answer is waited for";
    let letter = place(record, (member, secret), subject, [asks.as_str(), says, end]);
    mail::send(conn, ctx, &member.email, &letter)
}

/// The same invitation, where a decline was taken back with which it had ended.
pub(super) fn invited_again(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (member, lead): (&MemberRecord, &str),
    secret: &str,
) -> Result<()> {
    let asks = was_asked(member, lead);
    let says = "It had ended before you answered, and now goes on. Please say yes or no; you need \
                an account for that, which can have another address than this one. This link \
                takes the place of those in the mails before.";
    let end = "If you do not know what this is about, say no or do nothing.";
    let subject = "You are asked onto a team again";
    let letter = place(record, (member, secret), subject, [asks.as_str(), says, end]);
    mail::send(conn, ctx, &member.email, &letter)
}

/// An invitation, with the secret that shows that this mail was read.
pub(super) fn invited(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    member: &MemberRecord,
    secret: &str,
) -> Result<()> {
    if ctx.actor.is_system() {
        return Ok(());
    }
    let asks = format!(
        "{} asks you onto the team of this application for a grant, as {}:",
        ctx.actor_name, member.role
    );
    let says = if record.state.after(Act::Submit).is_ok() {
        "Please say yes or no: it can be submitted only when everybody has answered. You need an \
         account for that; it can have another address than this one."
    } else {
        "It was handed in already. Please say yes or no: those who look at it, or offered to it, \
         hear when you have joined its team. You need an account for that; it can have another \
         address than this one."
    };
    let end = "If you do not know what this is about, say no or do nothing.";
    let subject = "You are asked onto a team";
    let letter = place(record, (member, secret), subject, [asks.as_str(), says, end]);
    mail::send(conn, ctx, &member.email, &letter)
}
