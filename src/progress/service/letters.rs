//! What the recipient of a grant is told by mail about its reports and checkpoints.

use crate::grants::model::GrantStatus;
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::time::Date;
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::progress::model::{Checkpoint, Decision};

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
        .paragraph("Change it, and hand it in again.")
        .link("The grant", format!("/grants/{}", grant.id));
    to(conn, ctx, grant, letter)
}

/// A report was accepted, and nothing was released for it.
pub(super) fn accepted(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    let title = &grant.title;
    let mut letter = Letter::new(format!("Your report on {title} was accepted"), WHY)
        .paragraph(format!("Your report on “{title}” was read and accepted. Thank you."));
    if grant.status == GrantStatus::WindingDown {
        // What was released before is still paid, or paid again where it came back.
        let told = "The grant is still being wound down: nothing is released for this report.";
        letter = letter.paragraph(told);
    }
    to(conn, ctx, grant, letter)
}

/// A checkpoint ended in something that is not told in another mail: the grant goes on as it
/// stands, perhaps with other aims.
pub(super) fn decided(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    decision: Decision,
    reason: &str,
) -> Result<()> {
    let title = &grant.title;
    let how = match (grant.status, decision == Decision::Rescope) {
        (GrantStatus::Paused, false) => "stays paused for now",
        (GrantStatus::Paused, true) => "has other aims from now on, and stays paused",
        (GrantStatus::WindingDown, false) => "is still being wound down",
        (GrantStatus::WindingDown, true) => "has other aims, and is still being wound down",
        (_, false) => "goes on",
        (_, true) => "goes on with other aims",
    };
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

/// What was seen at a checkpoint was written down for the recipient.
pub(super) fn seen_for(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    if ctx.behalf.is_none() {
        return Ok(());
    }
    let title = &grant.title;
    let name = &ctx.actor_name;
    let letter = Letter::new(format!("A checkpoint of {title} was reported for you"), WHY)
        .paragraph(format!("{name} wrote down for you what came of what “{title}” promised."))
        .link("The grant", format!("/grants/{}", grant.id));
    to(conn, ctx, grant, letter)
}

/// A report is wanted by this day, or was; what waits for it, if anything does.
pub(super) fn report_wanted(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (due_on, waits): (Date, Option<String>),
) -> Result<()> {
    let title = &grant.title;
    let (subject, first) = match due_on < ctx.today() {
        true => (
            format!("Your report on {title} is late"),
            format!("Your report on “{title}” was wanted by {due_on}, and is not in yet."),
        ),
        false => (
            format!("Your report on {title} is wanted by {due_on}"),
            format!("Your report on “{title}” is wanted by {due_on}."),
        ),
    };
    let mut letter = Letter::new(subject, WHY).paragraph(first);
    if let Some(waits) = waits {
        letter = letter.paragraph(waits);
    }
    let letter = letter
        .paragraph(
            "A short one is enough: what was done, what was learned, what comes next. If something \
             stands in the way, say that: nobody needs a report that is better than it was.",
        )
        .link("The grant", format!("/grants/{}", grant.id));
    to(conn, ctx, grant, letter)
}

/// A checkpoint was added that no tranche waits for.
pub(super) fn checkpoint_added(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    checkpoint: &Checkpoint,
) -> Result<()> {
    let (title, day) = (&grant.title, checkpoint.due_on);
    let letter = Letter::new(format!("{title} has a checkpoint on {day}"), WHY)
        .paragraph(format!(
            "The grant for “{title}” was given a checkpoint on {day}. This is promised until then:"
        ))
        .quote(&checkpoint.promised)
        .paragraph(
            "By that day, say in a few sentences what came of it. Then it is decided how it goes \
             on.",
        )
        .link("The grant", format!("/grants/{}", grant.id));
    to(conn, ctx, grant, letter)
}

/// What came of what was promised is asked for by the day of a checkpoint, or after it.
pub(super) fn checkpoint_wanted(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (checkpoint, waits): (&Checkpoint, Option<String>),
) -> Result<()> {
    let (title, day) = (&grant.title, checkpoint.due_on);
    let subject = match day < ctx.today() {
        true => format!("A checkpoint of {title} has passed"),
        false => format!("A checkpoint of {title} comes on {day}"),
    };
    let mut letter = Letter::new(subject, WHY)
        .paragraph(format!("This was promised for “{title}” until {day}:"))
        .quote(&checkpoint.promised);
    if let Some(waits) = waits {
        letter = letter.paragraph(waits);
    }
    let letter = letter
        .paragraph(match grant.status {
            GrantStatus::WindingDown => {
                "Say in a few sentences what came of it. The grant is being wound down: nothing is \
                 released for it."
            }
            _ => "Say in a few sentences what came of it. Then it is decided how it goes on.",
        })
        .link("The grant", format!("/grants/{}", grant.id));
    to(conn, ctx, grant, letter)
}

fn to(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, letter: Letter) -> Result<()> {
    let person = people::service::brief(conn, grant.recipient_id)?.filter(|p| p.active);
    let Some(person) = person else { return Ok(()) };
    mail::send(conn, ctx, &person.email, &letter.greeting(&person.name))
}
