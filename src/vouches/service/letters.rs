//! Mails about vouches: to who is asked, and to the applicant, who never reads what a private one
//! says, nor that there is one that they did not ask for.

use crate::applications::model::ApplicationFacts;
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::vouches::model::{Record, Request};

const NAMED: &str = "somebody named you as a person who knows them";

/// How to answer, with the secret that shows that this mail was read; `again`: it was mailed
/// before.
fn answer(letter: Letter, request: &Request, secret: &str, again: bool) -> Letter {
    let mut letter = letter.paragraph(
        "You can say for what you vouch (their competence, their integrity, the idea), how \
         strongly, and who may read it; or decline. You need an account for that; it can have \
         another address than this one.",
    );
    if again {
        letter = letter.paragraph(
            "You were mailed about this before: please use this link, the one in that mail no \
             longer works.",
        );
    }
    // Behind the #, so that no server and no referrer ever sees it.
    letter.link("Answer", format!("/vouch-requests/{}#token={secret}", request.id))
}

/// The question; `again`: it was mailed before.
pub(super) fn asked(
    conn: &mut Conn,
    ctx: &Ctx,
    (request, again): (&Request, bool),
    title: &str,
    secret: &str,
) -> Result<()> {
    let subject = format!("Would you vouch for {}?", ctx.actor_name);
    let mut letter = Letter::new(subject, NAMED).greeting(&request.name).paragraph(format!(
        "{} applies for a grant, and asks you to vouch for them:",
        ctx.actor_name
    ));
    letter = letter.quote(title);
    if !request.message.is_empty() {
        letter = letter.paragraph("They write:").quote(&request.message);
    }
    let letter = answer(letter, request, secret, again);
    let letter = letter.paragraph("If you do not know them, do nothing.");
    mail::send(conn, ctx, &request.email, &letter)
}

/// The question once more, by the service itself, where nobody has answered for days.
pub(super) fn still_asked(
    conn: &mut Conn,
    ctx: &Ctx,
    request: &Request,
    (applicant, title): (&str, &str),
    secret: &str,
) -> Result<()> {
    let subject = format!("Your answer is waited for: would you vouch for {applicant}?");
    let day = request.created_at.date();
    let mut letter = Letter::new(subject, NAMED)
        .greeting(&request.name)
        .paragraph(format!(
            "On {day}, {applicant}, who applies for a grant, asked you to vouch for them:"
        ))
        .quote(title);
    if !request.message.is_empty() {
        letter = letter.paragraph("They wrote:").quote(&request.message);
    }
    let letter = letter.paragraph("There is no answer yet. Please say yes or no.");
    let letter = answer(letter, request, secret, true)
        .paragraph("If you do not know them, do nothing: you are not reminded again.");
    mail::send(conn, ctx, &request.email, &letter)
}

/// The question was taken back: nothing is to be answered.
pub(super) fn taken_back(conn: &mut Conn, ctx: &Ctx, request: &Request, title: &str) -> Result<()> {
    let letter = Letter::new(format!("{} asks you no longer", ctx.actor_name), NAMED)
        .greeting(&request.name)
        .paragraph(format!(
            "{} asked you to vouch for them, and has taken that back. You need not answer, and the \
             link in the mail that asked you no longer works:",
            ctx.actor_name
        ))
        .quote(title);
    mail::send(conn, ctx, &request.email, &letter)
}

fn to_applicant(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    (subject, text): (String, String),
    words: Option<&str>,
) -> Result<()> {
    let person = people::service::brief(conn, facts.applicant_id)?.filter(|p| p.active);
    let Some(person) = person else { return Ok(()) };
    let mut letter = Letter::new(format!("{subject}: {}", facts.title), "you applied for a grant")
        .greeting(&person.name)
        .paragraph(text)
        .quote(&facts.title);
    if let Some(words) = words {
        letter = letter.paragraph("They write:").quote(words);
    }
    let letter = letter.link("Your application", format!("/applications/{}", facts.id));
    mail::send(conn, ctx, &person.email, &letter)
}

/// Whether the applicant may hear that there is this one.
fn is_told(record: &Record) -> bool {
    record.request_id.is_some() || record.said.visibility == Visibility::Public
}

/// Who reads it, in a sentence.
fn read_by(record: &Record) -> &'static str {
    match record.said.visibility {
        Visibility::Public => "Everybody who may see your application reads it.",
        Visibility::Private => "It is private: only those who fund and decide read it.",
    }
}

pub(super) fn signed(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    record: &Record,
) -> Result<()> {
    if !is_told(record) {
        return Ok(());
    }
    let name = &record.said.name;
    let subject = format!("{name} vouches for you");
    let text = format!("{name} has vouched for your application. {}", read_by(record));
    let words = Some(record.said.statement.as_str());
    let public = record.said.visibility == Visibility::Public;
    to_applicant(conn, ctx, facts, (subject, text), words.filter(|w| public && !w.is_empty()))
}

pub(super) fn declined(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    request: &Request,
) -> Result<()> {
    let Request { name, email, .. } = request;
    let subject = format!("{name} does not vouch");
    let text = format!(
        "{name}, whom you asked at {email}, does not vouch for your application; they are not \
         asked why. You can ask somebody else."
    );
    to_applicant(conn, ctx, facts, (subject, text), None)
}

pub(super) fn withdrawn(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    record: &Record,
) -> Result<()> {
    if !is_told(record) {
        return Ok(());
    }
    let name = &record.said.name;
    let subject = format!("{name} has taken a vouch back");
    let text = format!("{name} no longer vouches for your application.");
    let public = record.said.visibility == Visibility::Public;
    let words = record.withdraw_reason.as_deref().filter(|_| public);
    to_applicant(conn, ctx, facts, (subject, text), words)
}
