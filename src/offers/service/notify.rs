//! Mails about offers.

use super::super::model::{OfferFacts, OfferStatus, ReleaseReason};
use super::super::rules::{self, Above, Terms};
use super::super::store::{self, Row};
use super::earmarked::Home;
use super::funding::{self, Goal};
use super::release::{self, Ending};
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus, Ground};
use crate::concerns;
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{GrantId, PersonId};
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
        .paragraph(format!(
            "Nothing is asked of you now. When the offers reach the minimum that you named, the \
             application can be awarded. If it is not, this offer lapses at {}.",
            mail::minute(row.expires_at)
        ))
        .link("Your application", format!("/applications/{}", application.id));
    to(conn, ctx, application.applicant_id, letter)
}

/// To whoever answers for the call: with this offer those that are placed come to the minimum, and
/// those who apply wait for them. While screening holds it, its end tells them. `written` is what
/// all of them would come to without their conditions: below the minimum there is nothing to work
/// out.
pub(super) fn reached(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, written): (&Row, i64),
    application: &ApplicationFacts,
) -> Result<()> {
    let minimum = application.amount_minimum.unwrap_or(i64::MAX);
    if ctx.actor.is_system() || written < minimum {
        return Ok(());
    }
    let mut promises = funding::promises(conn, ctx, application.id)?;
    let now: i64 = rules::resolve(&promises).into_values().sum();
    promises.retain(|promise| promise.id != row.id);
    let before: i64 = rules::resolve(&promises).into_values().sum();
    let comes_there = before < minimum && now >= minimum;
    if !comes_there {
        return Ok(());
    }
    if concerns::service::is_held(conn, application.id)? {
        // What was told before has been undone since: the end of it tells them anew.
        return store::forget_award(conn, application.id, ctx.now);
    }
    awardable(conn, ctx, application, now)
}

/// To whoever answers for the call: what is offered comes to so much, which is enough.
pub(super) fn awardable(
    conn: &mut Conn,
    ctx: &Ctx,
    application: &ApplicationFacts,
    firm: i64,
) -> Result<()> {
    store::note_award(conn, application.id, ctx.now)?;
    let goal = Goal::of(application)?;
    let (comes_to, minimum) = (goal.money(firm), goal.least());
    let title = &application.title;
    for admin in impartial_deciders(conn, ctx, application)? {
        let letter = Letter::new(format!("Offers reach the minimum: {title}"), "you are an admin")
            .greeting(&admin.name)
            .paragraph(format!(
                "What is offered on “{title}” comes to {comes_to}, and the least that makes sense \
                 is {minimum}. Nothing is missing for an award."
            ))
            .paragraph("Award it, or wait for more. Offers lapse if nobody does.")
            .link("The application", format!("/applications/{}", application.id));
        mail::send(conn, ctx, &admin.email, &letter)?;
    }
    Ok(())
}

/// Whoever answers for the call, or all other admins where those may not award it: they have a
/// stake in it, made one of its offers, or are of one side with who did.
fn impartial_deciders(
    conn: &mut Conn,
    ctx: &Ctx,
    application: &ApplicationFacts,
) -> Result<Vec<Brief>> {
    let placed = super::placed_on(conn, application.id)?.into_iter();
    let live = placed.filter(|offer| offer.expires_at > ctx.now);
    let makers: Vec<PersonId> = live.map(|offer| offer.regrantor_id).collect();
    let since = application.created_at;
    let call = applications::service::lead_call(conn, application)?;
    let free = |conn: &mut Conn, but: Option<PersonId>| -> Result<(Vec<Brief>, Option<PersonId>)> {
        let asked = applications::service::deciders(conn, call, but)?;
        let first = asked.first().map(|person| person.id);
        let mut found = Vec::new();
        for admin in asked {
            let grounds = &[Ground::BankAccount];
            if !applications::service::is_partial(conn, application.id, admin.id, grounds)?
                && !delegations::service::one_side(conn, admin.id, &makers, since)?
            {
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

/// To those who may approve: one waits for you, because of what is `above`; or, where that was told
/// before, it still does. Where nobody may, its regrantor hears that.
pub(super) fn approvers(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, above): (&Row, Option<Above>),
    application: &ApplicationFacts,
) -> Result<()> {
    let (amount, title) = (row.money(), &application.title);
    let maker = people::service::brief(conn, row.regrantor_id)?;
    let maker = maker.map(|maker| maker.name).unwrap_or_default();
    let subject = match above {
        None => format!("Still to approve or deny: an offer of {amount}"),
        Some(_) => format!("Approve or deny an offer of {amount}"),
    };
    let why = second_person(above);
    let mut told = false;
    for admin in people::service::holders(conn, Role::Admin)? {
        // Who is on it is not told who offers; whoever would be refused has nothing to approve.
        let made = (row.regrantor_id, row.created_at);
        if delegations::service::same_side(conn, admin.id, made.0, made.1)?
            || applications::service::has_stake(conn, admin.id, application.id)?
            || applications::service::is_partial(conn, application.id, admin.id, Ground::ALL)?
        {
            continue;
        }
        let letter = Letter::new(&subject, "you are an admin")
            .greeting(&admin.name)
            .paragraph(format!(
                "{maker} offers {amount} for “{title}”. {why} Somebody else has to approve or deny \
                 offer {}.",
                row.id
            ))
            .until(row.expires_at)
            .link("Approve or deny it", format!("/offers/{}", row.id));
        mail::send(conn, ctx, &admin.email, &letter)?;
        told = true;
    }
    if told {
        return Ok(());
    }
    let subject = format!("Nobody can approve your offer of {amount}: {title}");
    let letter = Letter::new(subject, "you made the offer")
        .paragraph(format!(
            "Your offer of {amount} for “{title}” needs a second person, and every admin has a \
             stake in that application or is you. Ask for another admin, offer what your budget \
             lets you promise alone, or take it back. It holds the money until {}.",
            mail::minute(row.expires_at)
        ))
        .link("Your offer", format!("/offers/{}", row.id));
    to(conn, ctx, row.regrantor_id, letter)
}

/// Which rule of the budget asks for a second person.
fn second_person(above: Option<Above>) -> String {
    match above {
        Some(Above::Alone) => "That is above what their budget lets them promise alone.".into(),
        Some(Above::Together) => format!(
            "Alone it would need nobody else, but it counts together with what they or their \
             budget offered, or what they approved of others', within {} days to the same \
             applicant, or to who is paid into the same account, and that is above what their \
             budget lets them promise alone.",
            rules::SPLIT_DAYS
        ),
        None => "It has waited for a second person since it was made.".into(),
    }
}

/// To the regrantor: it became a part of a grant, all of it or what the others matched.
pub(super) fn committed(
    conn: &mut Conn,
    ctx: &Ctx,
    offer: &OfferFacts,
    (effective, grant): (i64, GrantId),
) -> Result<()> {
    let Some(application) = applications::service::facts(conn, offer.application_id)? else {
        return Ok(());
    };
    let (most, title) = (offer.money(), &application.title);
    let gives = Money::new(effective, offer.currency);
    let (subject, what) = if effective < offer.amount {
        let what = format!(
            "Your offer of up to {most} matched what others brought and came to {gives}. The rest \
             is back in your budget."
        );
        (format!("Your offer came to {gives}: {title}"), what)
    } else {
        let what = format!("All of your offer, {gives}, is committed to the grant.");
        (format!("Your offer of {gives} became part of a grant: {title}"), what)
    };
    let letter = Letter::new(subject, "you made the offer")
        .paragraph(format!("“{title}” was awarded. {what}"))
        .link("The grant", format!("/grants/{grant}"));
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
        .paragraph(format!("Your offer of {amount} for “{title}” was approved and stands."))
        .link("Your offer", format!("/offers/{}", row.id));
    to(conn, ctx, row.regrantor_id, letter)
}

/// To the regrantor: it does not stand.
pub(super) fn denied(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, home): (&Row, Home),
    reason: &str,
) -> Result<()> {
    let found = applications::service::as_handed_in(conn, row.application_id)?;
    let Some(application) = found else { return Ok(()) };
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
    let found = applications::service::as_handed_in(conn, row.application_id)?;
    let Some(application) = found else { return Ok(()) };
    let (amount, title) = (row.money(), &application.title);
    let subject = format!("Your offer of {amount} for {title} was withdrawn");
    let letter = Letter::new(subject, "you made the offer")
        .paragraph(format!("An admin withdrew your offer of {amount} for “{title}”:"))
        .quote(reason)
        .paragraph(home.sentence());
    to(conn, ctx, row.regrantor_id, letter)
}

/// To the applicant, who was told of it; and to the regrantor, unless it was their own doing. Why
/// somebody may not fund it any more would name them where their offer is private: the applicant
/// does not read that.
pub(super) fn released(
    conn: &mut Conn,
    ctx: &Ctx,
    (row, home): (&Row, Home),
    ending: &Ending<'_>,
) -> Result<()> {
    let found = applications::service::as_handed_in(conn, row.application_id)?;
    let Some(application) = found else { return Ok(()) };
    let (amount, title) = (row.money(), &application.title);
    let goes_on = matches!(
        application.status,
        ApplicationStatus::Submitted
            | ApplicationStatus::ChangesRequested
            | ApplicationStatus::Open
    );
    let (action, reason) = (ending.action, ending.reason);
    let left = reason == ReleaseReason::ApplicationEnded
        && goes_on
        && super::is_unrouted(conn, row.application_id, row.budget_id)?;
    let why = match reason {
        _ if left => "the application left the call in which its fund may spend",
        _ if action == release::FORMER => "whoever made it no longer makes offers here",
        _ if action == release::INSIDER => "its regrantor may not fund it any more",
        ReleaseReason::Withdrawn => "the regrantor withdrew it",
        ReleaseReason::Lapsed => "its time was over",
        ReleaseReason::ApplicationEnded if application.status == ApplicationStatus::Awarded => {
            unneeded(row, ending.taken)
        }
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
    let has_ended = format!("Your offer of {amount} for “{title}” has ended");
    let text = match action {
        release::FORMER => format!(
            "{has_ended}, as you are no regrantor any more. {} An admin can tell you why.",
            home.sentence()
        ),
        release::INSIDER => format!(
            "{has_ended}, as you are on that application by now, or act for who applies. {}",
            home.sentence()
        ),
        _ if reason == ReleaseReason::Withdrawn => return Ok(()),
        _ => format!("{has_ended}: {why}. {}", home.sentence()),
    };
    let letter = Letter::new(&subject, "you made the offer").paragraph(text);
    to(conn, ctx, row.regrantor_id, letter)
}

/// Why an award did without it.
fn unneeded(row: &Row, taken: &[(PersonId, i64)]) -> &'static str {
    if row.status == OfferStatus::AwaitingApproval {
        return "the application was awarded before anybody approved it";
    }
    let others = taken.iter().filter(|(person, _)| *person != row.regrantor_id);
    let brought: i64 = others.map(|(_, gives)| gives).sum();
    match row.terms() {
        Terms::IfOthers(least) if brought < least => {
            "the application was awarded without it, as its condition did not hold: others brought \
             too little"
        }
        Terms::Match if brought == 0 => {
            "the application was awarded without it, as others brought nothing that it could match"
        }
        _ => "the application was awarded without it",
    }
}

pub(super) fn to(conn: &mut Conn, ctx: &Ctx, person: PersonId, letter: Letter) -> Result<()> {
    let contact = people::service::brief(conn, person)?.filter(|contact| contact.active);
    let Some(contact) = contact else { return Ok(()) };
    mail::send(conn, ctx, &contact.email, &letter.greeting(&contact.name))
}
