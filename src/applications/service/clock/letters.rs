//! What the clock tells by mail.

use super::run::Notice;
use crate::applications::model::{ExtensionRecord, Record, Why};
use crate::applications::service::letters::{letter, path, to_applicant};
use crate::applications::service::mates;
use crate::kernel::Result;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

/// Lines of one mail to those who decide.
const LINES: usize = 20;

/// Tells the applicant that the day was moved, before it is missed where that can be.
pub(super) fn extended(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    moved: &ExtensionRecord,
) -> Result<()> {
    let (old, new) = (moved.promised_before, moved.promised_on);
    let letter = letter(record, "Your decision takes longer")
        .paragraph(format!(
            "You were promised a decision by {old}. It will be later: you will have it by {new}. \
             We are sorry."
        ))
        .paragraph("The reason:")
        .quote(&moved.reason)
        .paragraph("You need not do anything. You can take your application back at any time.")
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let text = format!(
        "A decision on this application was promised by {old}. It takes longer: there will be one \
         by {new}."
    );
    mates::tell(conn, ctx, record, ("The decision takes longer", &text), &[&moved.reason])
}

/// The applicant was asked for changes, and has not handed them in for a while.
pub(super) fn changes_missing(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    let letter = letter(record, "Your changes are still missing")
        .paragraph("You were asked to change your application, and it waits for you since:")
        .quote(record.status_reason.as_deref().unwrap_or_default())
        .paragraph(
            "Change it and hand it in again, or take it back. Nobody decides on it meanwhile, and \
             what was offered on it may lapse.",
        )
        .link("Edit your application", path(record));
    to_applicant(conn, ctx, record, letter)
}

/// The same of one further call.
pub(super) fn extended_there(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    call: &str,
    moved: &ExtensionRecord,
) -> Result<()> {
    let (old, new) = (moved.promised_before, moved.promised_on);
    let letter = letter(record, "Your decision takes longer in one call")
        .paragraph(format!(
            "In the call “{call}” you were promised a decision by {old}. There is none yet, and it \
             will be later: you will have it by {new}. We are sorry."
        ))
        .paragraph("The reason:")
        .quote(&moved.reason)
        .paragraph("What was promised in other calls stays.")
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let text = format!(
        "In the call “{call}”, a decision on this application was promised by {old}. It takes \
         longer: there will be one by {new}."
    );
    mates::tell(conn, ctx, record, ("The decision takes longer", &text), &[&moved.reason])
}

/// Tells those who decide what waits for them: one mail, whatever the number.
pub(super) fn digest(conn: &mut Conn, ctx: &Ctx, to: &Brief, notices: &[Notice]) -> Result<()> {
    let subject = match notices {
        [] => return Ok(()),
        [_] => "An application waits for a decision".to_owned(),
        several => format!("{} applications wait for a decision", several.len()),
    };
    let mut letter =
        Letter::new(subject, "you decide on applications for grants").greeting(&to.name);
    let told = &notices[..notices.len().min(LINES)];
    for (why, words) in [
        (
            Why::Again,
            "The promised day was moved by rule again and again, since nobody decided. Decide, or \
             name another day with a reason:",
        ),
        (
            Why::Moved,
            "There was no decision in time, so the promised day was moved by rule. All admins hear \
             of it:",
        ),
        (Why::Near, "The promised day comes near:"),
    ] {
        let mut lines = told.iter().filter(|notice| notice.why == why).peekable();
        if lines.peek().is_some() {
            letter = letter.paragraph(words);
        }
        for notice in lines {
            letter = letter
                .quote(format!("{}: {}", notice.promised_on, notice.title))
                .link("Look at it", format!("/applications/{}", notice.id));
        }
    }
    if notices.len() > LINES {
        letter = letter.paragraph(format!("And {} more.", notices.len() - LINES));
    }
    mail::send(conn, ctx, &to.email, &letter.link("All applications", "/applications"))
}
