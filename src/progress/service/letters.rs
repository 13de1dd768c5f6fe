//! What the recipient of a grant is told by mail about its reports and checkpoints.

use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

const WHY: &str = "you receive the grant";

/// Somebody read a report, and asks for more.
pub(super) fn returned(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    feedback: &str,
) -> Result<()> {
    let title = &grant.title;
    let letter = Letter::new(format!("Your report on {title} needs changes"), WHY)
        .paragraph(format!("Your report on “{title}” was read. This is still asked for:"))
        .quote(feedback)
        .paragraph("Change it, and hand it in again.");
    to(conn, ctx, grant, letter)
}

/// A checkpoint ended in something that is not told in another mail.
pub(super) fn decided(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    how: &str,
    reason: &str,
) -> Result<()> {
    let title = &grant.title;
    let letter = Letter::new(format!("A checkpoint of {title} was decided"), WHY)
        .paragraph(format!("A checkpoint of the grant for “{title}” was decided. It {how}:"))
        .quote(reason);
    to(conn, ctx, grant, letter)
}

/// A report was handed in for the recipient; who does that themselves knows it.
pub(super) fn reported_for(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    if ctx.behalf.is_none() {
        return Ok(());
    }
    let title = &grant.title;
    let letter = Letter::new(format!("A report on {title} was handed in for you"), WHY)
        .paragraph(format!("{} handed in the report on “{title}” for you.", ctx.actor_name))
        .link("The grant", format!("/grants/{}", grant.id));
    to(conn, ctx, grant, letter)
}

fn to(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, letter: Letter) -> Result<()> {
    let Some(person) = people::service::brief(conn, grant.recipient_id)? else { return Ok(()) };
    mail::send(conn, ctx, &person.email, &letter.greeting(&person.name))
}
