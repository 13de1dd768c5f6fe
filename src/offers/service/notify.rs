//! Mails about offers.

use super::super::model::{OfferFacts, OfferStatus, ReleaseReason};
use super::super::rules::Terms;
use super::super::store::Row;
use super::earmarked::Home;
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::PersonId;
use crate::kernel::money::Money;
use crate::people;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

/// To the applicant: somebody wants to fund this.
pub(super) fn placed(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &Row,
    application: &ApplicationFacts,
) -> Result<()> {
    let (amount, title) = (row.money(), &application.title);
    let mut letter = Letter::new(format!("An offer of {amount} for {title}"), "you applied")
        .paragraph(format!("A regrantor offers {amount} for “{title}”."));
    letter = match row.terms() {
        Terms::Plain => letter,
        Terms::IfOthers(least) => letter.paragraph(format!(
            "It counts once others bring {} to it.",
            Money::new(least, row.currency)
        )),
        Terms::Match => letter.paragraph("It matches what others bring, up to that amount."),
    };
    if !row.conditions.is_empty() {
        letter = letter.paragraph("They ask for this in return:").quote(&row.conditions);
    }
    letter = letter
        .paragraph(
            "Nothing is asked of you now. When the offers reach the minimum that you named, \
             the application can be awarded. If it is not, this offer lapses on",
        )
        .until(row.expires_at);
    to(conn, ctx, application.applicant_id, letter)
}

/// To whoever answers for the call: with this offer those that are placed reach the minimum. Nobody
/// else tells them, and those who apply wait for them. `placed_before` is what the others come to,
/// as they are written.
pub(super) fn reached(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, placed_before): (&Row, i64),
    application: &ApplicationFacts,
) -> Result<()> {
    let Some(minimum) = application.amount_minimum else { return Ok(()) };
    let placed = placed_before.saturating_add(row.amount);
    if ctx.actor.is_system() || placed < minimum || placed_before >= minimum {
        return Ok(());
    }
    let title = &application.title;
    for admin in impartial_deciders(conn, application)? {
        let letter = Letter::new(format!("Offers reach the minimum: {title}"), "you are an admin")
            .greeting(&admin.name)
            .paragraph(format!(
                "What is offered on “{title}” comes to {}, and the least that makes sense is {}.",
                Money::new(placed, row.currency),
                Money::new(minimum, row.currency)
            ))
            .paragraph(
                "Look at what the offers come to, as some may be on conditions; then award it, or \
                 wait for more. Offers lapse if nobody does.",
            )
            .link("The application", format!("/applications/{}", application.id));
        mail::send(conn, ctx, &admin.email, &letter)?;
    }
    Ok(())
}

/// Whoever answers for the call, or all other admins where those have a stake in it.
fn impartial_deciders(conn: &mut Conn, application: &ApplicationFacts) -> Result<Vec<Brief>> {
    let free = |conn: &mut Conn, but: Option<PersonId>| -> Result<(Vec<Brief>, Option<PersonId>)> {
        let asked = applications::service::deciders(conn, application.call_id, but)?;
        let first = asked.first().map(|person| person.id);
        let mut found = Vec::new();
        for admin in asked {
            if !applications::service::has_stake(conn, admin.id, application.id)? {
                found.push(admin);
            }
        }
        Ok((found, first))
    };
    match free(conn, None)? {
        (found, Some(partial)) if found.is_empty() => Ok(free(conn, Some(partial))?.0),
        (found, _) => Ok(found),
    }
}

/// To those who may approve: one waits for you.
pub(super) fn approvers(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &Row,
    application: &ApplicationFacts,
) -> Result<()> {
    let (amount, title) = (row.money(), &application.title);
    for admin in people::service::holders(conn, Role::Admin)? {
        // Who is on it is not told who offers; who keeps out has nothing to approve.
        if admin.id == row.regrantor_id
            || applications::service::has_stake(conn, admin.id, application.id)?
        {
            continue;
        }
        let subject = format!("Approve or deny an offer of {amount}");
        let letter = Letter::new(subject, "you are an admin")
            .greeting(&admin.name)
            .paragraph(format!(
                "{} offers {amount} for “{title}”, which is above what their budget lets them \
                 promise alone. Somebody else has to approve or deny offer {}.",
                ctx.actor_name, row.id
            ))
            .until(row.expires_at)
            .link("Approve or deny it", format!("/offers/{}", row.id));
        mail::send(conn, ctx, &admin.email, &letter)?;
    }
    Ok(())
}

/// To the regrantor: a part of it became a grant.
pub(super) fn committed_in_part(
    conn: &mut Conn,
    ctx: &Ctx,
    offer: &OfferFacts,
    effective: i64,
) -> Result<()> {
    let Some(application) = applications::service::facts(conn, offer.application_id)? else {
        return Ok(());
    };
    let (most, title) = (offer.money(), &application.title);
    let gives = Money::new(effective, offer.currency);
    let subject = format!("Your offer came to {gives}: {title}");
    let letter = Letter::new(subject, "you made the offer").paragraph(format!(
        "“{title}” was awarded. Your offer of up to {most} matched what others brought and came to \
         {gives}. The rest is back in your budget."
    ));
    to(conn, ctx, offer.regrantor_id, letter)
}

/// To the regrantor: it stands.
pub(super) fn approved(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &Row,
    application: &ApplicationFacts,
) -> Result<()> {
    let (amount, title) = (row.money(), &application.title);
    let letter = Letter::new(format!("Your offer of {amount} was approved"), "you made the offer")
        .paragraph(format!("Your offer of {amount} for “{title}” was approved and stands."));
    to(conn, ctx, row.regrantor_id, letter)
}

/// To the regrantor: it does not stand.
pub(super) fn denied(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, home): (&Row, Home),
    application: &ApplicationFacts,
    reason: &str,
) -> Result<()> {
    let (amount, title) = (row.money(), &application.title);
    let letter = Letter::new(format!("Your offer of {amount} was denied"), "you made the offer")
        .paragraph(format!("Your offer of {amount} for “{title}” was denied:"))
        .quote(reason)
        .paragraph(home.sentence());
    to(conn, ctx, row.regrantor_id, letter)
}

/// An admin withdrew it for its regrantor, who is told why.
pub(super) fn withdrawn(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, home): (&Row, Home),
    reason: &str,
) -> Result<()> {
    let Some(application) = applications::service::facts(conn, row.application_id)? else {
        return Ok(());
    };
    let (amount, title) = (row.money(), &application.title);
    let subject = format!("Your offer of {amount} for {title} was withdrawn");
    let letter = Letter::new(subject, "you made the offer")
        .paragraph(format!("An admin withdrew your offer of {amount} for “{title}”:"))
        .quote(reason)
        .paragraph(home.sentence());
    to(conn, ctx, row.regrantor_id, letter)
}

/// To the applicant, who was told of it; and to the regrantor, unless it was their own doing.
pub(super) fn released(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, home): (&Row, Home),
    reason: ReleaseReason,
) -> Result<()> {
    let Some(application) = applications::service::facts(conn, row.application_id)? else {
        return Ok(());
    };
    let (amount, title) = (row.money(), &application.title);
    let goes_on = matches!(
        application.status,
        ApplicationStatus::Submitted
            | ApplicationStatus::ChangesRequested
            | ApplicationStatus::Open
    );
    let left = reason == ReleaseReason::ApplicationEnded
        && goes_on
        && super::is_unrouted(conn, row.application_id, row.budget_id)?;
    let why = match reason {
        _ if left => "the application left the call in which its fund may spend",
        ReleaseReason::Withdrawn => "the regrantor withdrew it",
        ReleaseReason::Lapsed => "its time was over",
        ReleaseReason::ApplicationEnded => "the application came to an end without it",
        ReleaseReason::Denied => "it was denied",
    };
    let subject = format!("An offer of {amount} for {title} has ended");
    let told = left || reason != ReleaseReason::ApplicationEnded;
    if row.status == OfferStatus::Placed && told {
        let letter = Letter::new(&subject, "you applied")
            .paragraph(format!("The offer of {amount} for “{title}” has ended: {why}."));
        to(conn, ctx, application.applicant_id, letter)?;
    }
    if reason != ReleaseReason::Withdrawn {
        let letter = Letter::new(&subject, "you made the offer").paragraph(format!(
            "Your offer of {amount} for “{title}” has ended: {why}. {}",
            home.sentence()
        ));
        to(conn, ctx, row.regrantor_id, letter)?;
    }
    Ok(())
}

fn to(conn: &mut Conn, ctx: &Ctx, person: PersonId, letter: Letter) -> Result<()> {
    let contact = people::service::brief(conn, person)?.filter(|contact| contact.active);
    let Some(contact) = contact else { return Ok(()) };
    mail::send(conn, ctx, &contact.email, &letter.greeting(&contact.name))
}
