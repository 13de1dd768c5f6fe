//! Mails about grants, to the recipient.

use super::GrantFacts;
use crate::applications;
use crate::grants::model::{GrantStatus, TrancheFacts};
use crate::kernel::Result;
use crate::kernel::time::Date;
use crate::paperwork::model::RequirementView;
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

const WHY: &str = "you receive the grant";

pub(super) fn awarded(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    let (amount, title) = (grant.awarded(), &grant.title);
    let letter = Letter::new(format!("{title} was awarded {amount}"), "you applied")
        .paragraph(format!("“{title}” was awarded {amount}."))
        .paragraph(
            "Next you read and sign the agreement, and say where the money is to be sent. Once \
             both sides have signed and the payee is verified, the grant is active.",
        );
    to(conn, ctx, grant, letter)?;
    let text = format!("This application was awarded {amount}. Next its lead signs for it.");
    applications::service::tell_team(conn, ctx, grant.application_id, ("Awarded", &text))
}

pub(super) fn activated(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    let title = &grant.title;
    let letter = Letter::new(format!("The grant for {title} is active"), WHY)
        .paragraph(format!("Everything is in place: the grant for “{title}” is active."));
    to(conn, ctx, grant, letter)
}

pub(super) fn released(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    tranche: &TrancheFacts,
) -> Result<()> {
    let (amount, title) = (tranche.money(), &grant.title);
    let letter =
        Letter::new(format!("{amount} of your grant will be paid"), WHY).paragraph(format!(
            "Tranche {} of the grant for “{title}”, {amount}, was released. Finance pays it next.",
            tranche.sequence
        ));
    to(conn, ctx, grant, letter)
}

/// The bank gave back what was paid: the recipient alone can correct the account.
pub(super) fn came_back(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (tranche, reason): (&TrancheFacts, &str),
) -> Result<()> {
    let (amount, title) = (tranche.money(), &grant.title);
    let mut letter = Letter::new(format!("A payment of {amount} came back: {title}"), WHY)
        .paragraph(format!(
            "The payment of tranche {} of the grant for “{title}”, {amount}, came back, for this \
             reason:",
            tranche.sequence
        ))
        .quote(reason)
        .paragraph(
            "If the account is closed or something about it is wrong, correct your payee and hand \
             it in again, or name another payee. Finance pays it once more then.",
        );
    if grant.status == GrantStatus::Closed {
        letter = letter.paragraph("Until then the grant, which was closed, is open again.");
    }
    to(conn, ctx, grant, letter)
}

/// A tranche that was released is not paid for now; never where the grant is at its end.
pub(super) fn taken_back(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (tranche, ends): (&TrancheFacts, bool),
) -> Result<()> {
    let (amount, title) = (tranche.money(), &grant.title);
    let yet = if ends { "" } else { " yet" };
    let letter = Letter::new(format!("{amount} of your grant will not be paid{yet}"), WHY)
        .paragraph(format!(
            "The release of tranche {} of the grant for “{title}”, {amount}, was taken back.",
            tranche.sequence
        ))
        .paragraph(match ends {
            true => "The grant is being wound down: the money goes back to whoever gave it.",
            false => "Finance does not pay it until somebody releases it again; you will hear.",
        });
    to(conn, ctx, grant, letter)
}

/// Paperwork is asked for: what, and by when each; whether there was somebody to ask. Whoever is
/// suspended is not asked.
pub(super) fn wanted(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    asked: &[(&str, Date)],
) -> Result<bool> {
    let person = people::service::brief(conn, grant.recipient_id)?;
    let (Some(first), true) =
        (asked.iter().map(|(_, day)| *day).min(), person.is_some_and(|person| person.active))
    else {
        return Ok(false);
    };
    let (amount, title) = (grant.awarded(), &grant.title);
    let subject = match first < ctx.today() {
        true => format!("Paperwork for {title} is missing"),
        false => format!("Paperwork for {title} is wanted by {first}"),
    };
    let mut letter = Letter::new(subject, WHY)
        .paragraph(format!("The grant of {amount} for “{title}” still needs this from you:"));
    for (what, day) in asked {
        let by = if *day < ctx.today() { "It was wanted by" } else { "It is wanted by" };
        letter = letter.paragraph(format!("{what} {by} {day}."));
    }
    letter = letter.paragraph(match grant.status {
        GrantStatus::Awarded => {
            "The grant starts once the agreement is signed by both sides and your payee is \
             verified. Nothing is paid before all of it is there."
        }
        _ => "Nothing is paid before it is there.",
    });
    to(conn, ctx, grant, letter.paragraph("If something stands in the way, say so."))?;
    Ok(true)
}

/// A requirement was found wrong.
pub(super) fn refused(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    requirement: &RequirementView,
) -> Result<()> {
    let title = &grant.title;
    let letter = Letter::new(format!("Something is still needed for {title}"), WHY)
        .paragraph(format!("What you gave for the grant for “{title}” will not do yet:"))
        .quote(requirement.reason.as_deref().unwrap_or_default())
        .paragraph(format!("{} Then give it again.", requirement.kind.asks()));
    to(conn, ctx, grant, letter)
}

/// What happened, and why: for what nobody likes to hear.
pub(super) fn ended(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    happened: &str,
    reason: &str,
) -> Result<()> {
    let title = &grant.title;
    let letter = Letter::new(format!("The grant for {title} {happened}"), WHY)
        .paragraph(format!("The grant for “{title}” {happened}, for this reason:"))
        .quote(reason);
    to(conn, ctx, grant, letter)
}

pub(super) fn resumed(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    let title = &grant.title;
    let letter = Letter::new(format!("The grant for {title} goes on"), WHY)
        .paragraph(format!("The grant for “{title}” is active again."));
    to(conn, ctx, grant, letter)
}

pub(super) fn closed(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    let title = &grant.title;
    let letter = Letter::new(format!("The grant for {title} is closed"), WHY)
        .paragraph(format!("The grant for “{title}” is complete and was closed. Thank you."));
    to(conn, ctx, grant, letter)
}

fn to(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, letter: Letter) -> Result<()> {
    let Some(person) = people::service::brief(conn, grant.recipient_id)? else { return Ok(()) };
    let letter = letter.greeting(&person.name).link("Your grant", format!("/grants/{}", grant.id));
    mail::send(conn, ctx, &person.email, &letter)
}
