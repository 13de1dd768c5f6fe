//! Mails about grants, to the recipient.

use super::GrantFacts;
use crate::applications;
use crate::grants::model::TrancheFacts;
use crate::kernel::Result;
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
