//! What reviewers are told by mail. In a blind call these say nothing of who applies.

use crate::kernel::Result;
use crate::kernel::time::Date;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::reviews::model::Record;

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

pub(super) fn asked_for_several(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Brief,
    count: usize,
    due_on: Option<Date>,
) -> Result<()> {
    let noun = if count == 1 { "application" } else { "applications" };
    let letter = Letter::new(format!("Please review {count} {noun}"), BECAUSE)
        .greeting(&person.name)
        .paragraph(format!("You are asked to review {count} {noun}{}.", by(due_on)))
        .paragraph(CONFLICT)
        .link("Your reviews", "/me/reviews");
    mail::send(conn, ctx, &person.email, &letter)
}
