//! What the applicant and the team read once an appeal was answered.

use super::{letters, mates, routes};
use crate::applications::model::{Record, State};
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::kernel::time::Date;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

const WAITS: &str = "It waits for your changes; its clocks stand until then.";

/// The decision stands: in this further call, where one is named.
pub(super) fn upheld(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (there, reason): (Option<CallId>, &str),
) -> Result<()> {
    let of = match there {
        Some(call) => format!(" of the call “{}”", routes::title(conn, call)?),
        None => String::new(),
    };
    let letter = letters::letter(record, "Your appeal was answered")
        .paragraph(format!(
            "Another person has looked at the decision{of}: it stands, for this reason:"
        ))
        .quote(reason)
        .link("Your application", letters::path(record));
    letters::to_applicant(conn, ctx, record, letter)?;
    let text = format!("Another person has looked at its decline{of}: it stands.");
    mates::tell(conn, ctx, record, ("An appeal was answered", &text), &[reason])
}

/// The decision of a further call is taken back, and a new one promised by this day.
pub(super) fn back_there(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (call, day, reason): (CallId, Option<Date>, &str),
) -> Result<()> {
    let title = routes::title(conn, call)?;
    let day = day.map(|day| day.to_string()).unwrap_or_default();
    let next = match record.state {
        State::ChangesRequested(_) => WAITS.to_owned(),
        _ => format!("In this call you will have a new decision by {day}."),
    };
    let letter = letters::letter(record, "Your application is looked at again")
        .paragraph(format!(
            "Another person has looked at the decision of the call “{title}”, and takes it back:"
        ))
        .quote(reason)
        .paragraph(next)
        .link("Your application", letters::path(record));
    letters::to_applicant(conn, ctx, record, letter)?;
    let text = format!("Its decline in the call “{title}” was taken back: it is looked at again.");
    mates::tell(conn, ctx, record, ("An appeal was answered", &text), &[reason])
}

/// The applicant and the team read that the decision is taken back, and how the application stands
/// now.
pub(super) fn back(
    conn: &mut Conn,
    ctx: &Ctx,
    (before, now): (State, &Record),
    reason: &str,
) -> Result<()> {
    let promised = now.promised_on.map(|day| day.to_string()).unwrap_or_default();
    let (next, text) = match (before, now.state) {
        (State::Declined, State::ChangesRequested(_)) => (
            "Since you handed it in it has taken up another application. Read it, change it if you \
             like, and submit it again: then it is looked at, and you read by when it is decided."
                .to_owned(),
            "Its decline was taken back: it is looked at again once its lead has submitted it with \
             what it took up.",
        ),
        (_, State::ChangesRequested(_)) => {
            (WAITS.to_owned(), "Its decline in its own call was taken back.")
        }
        _ => {
            let promised = format!("You will have a new decision by {promised}.");
            let text = "Its decline was taken back: it is looked at again.";
            (letters::days(conn, now, &promised)?, text)
        }
    };
    let letter = letters::letter(now, "Your application is looked at again")
        .paragraph("Another person has looked at the decision, and takes it back:")
        .quote(reason)
        .paragraph(next)
        .link("Your application", letters::path(now));
    letters::to_applicant(conn, ctx, now, letter)?;
    mates::tell(conn, ctx, now, ("An appeal was answered", text), &[reason])
}
