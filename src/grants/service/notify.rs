//! Mails about grants, to the recipient.

use super::GrantFacts;
use crate::grants::model::{GrantStatus, TrancheFacts};
use crate::kernel::Result;
use crate::kernel::time::Date;
use crate::paperwork::model::{RequirementKind, RequirementStatus, RequirementView};
use crate::payees::model::PayeeStatus;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::{applications, paperwork, payees, people};

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
    let all = paperwork::service::all_settled(conn, grant.id, RequirementKind::ALL)?;
    let settled = if all { "Everything is in place" } else { "Agreement and payee are settled" };
    let mut letter = Letter::new(format!("The grant for {title} is active"), WHY)
        .paragraph(format!("{settled}: the grant for “{title}” is active."));
    for requirement in paperwork::service::requirements(conn, grant.id)? {
        if let Some(waits) = still(requirement.kind, requirement.status) {
            letter = letter.paragraph(waits);
        }
    }
    to(conn, ctx, grant, letter)
}

/// What payments of an active grant wait for, in a sentence; `None` where this holds nothing up.
const fn still(kind: RequirementKind, status: RequirementStatus) -> Option<&'static str> {
    match (kind, status) {
        (_, RequirementStatus::Satisfied | RequirementStatus::Waived)
        | (RequirementKind::Agreement | RequirementKind::Payee, _) => None,
        (RequirementKind::TaxForm, RequirementStatus::Provided) => {
            Some("Your tax form is still looked at: nothing is paid before.")
        }
        (RequirementKind::TaxForm, _) => {
            Some("Your tax form is still wanted: nothing is paid before.")
        }
        (RequirementKind::Screening, _) => Some(
            "The sponsor still makes its own check of every grant, and nothing is paid before. \
             That asks nothing of you: you will hear when the first payment is on its way.",
        ),
    }
}

pub(super) fn released(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    tranche: &TrancheFacts,
) -> Result<()> {
    let (amount, title) = (tranche.money(), &grant.title);
    let paid = match paperwork::service::all_settled(conn, grant.id, RequirementKind::ALL)? {
        true => "Finance pays it next.",
        false => "Finance pays it once all paperwork of the grant is settled.",
    };
    let letter =
        Letter::new(format!("{amount} of your grant will be paid"), WHY).paragraph(format!(
            "Tranche {} of the grant for “{title}”, {amount}, was released. {paid}",
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
    let mut letter = unpaid(grant, (tranche, reason), ["came back"; 2]).paragraph(
        "If the account is closed or something about it is wrong, correct your payee and hand it \
         in again, or name another payee. Finance pays it once more then.",
    );
    if grant.status == GrantStatus::Closed {
        letter = letter.paragraph("Until then the grant, which was closed, is open again.");
    }
    to(conn, ctx, grant, letter)
}

/// A payment was taken out of its batch before the bank was given it: finance tries again, once the
/// grant may pay and the payee is verified.
pub(super) fn not_sent(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (tranche, reason): (&TrancheFacts, &str),
) -> Result<()> {
    let payee = grant.payee_id.map(|id| payees::service::facts(conn, id)).transpose()?.flatten();
    let verified = payee.is_some_and(|payee| payee.status == PayeeStatus::Verified);
    let says = ["was not sent", "was taken back before the bank sent it"];
    let letter = unpaid(grant, (tranche, reason), says)
        .paragraph(again(grant.status == GrantStatus::Paused, verified));
    to(conn, ctx, grant, letter)
}

/// What became of a payment that did not arrive, in a subject's few words and in more, and why.
fn unpaid(
    grant: &GrantFacts,
    (tranche, reason): (&TrancheFacts, &str),
    [short, what]: [&str; 2],
) -> Letter {
    let (amount, title) = (tranche.money(), &grant.title);
    Letter::new(format!("A payment of {amount} {short}: {title}"), WHY)
        .paragraph(format!(
            "The payment of tranche {} of the grant for “{title}”, {amount}, {what}, for this \
             reason:",
            tranche.sequence
        ))
        .quote(reason)
}

/// What becomes of a payment that was not sent, where its grant is paused or its payee verified.
const fn again(paused: bool, verified: bool) -> &'static str {
    match (paused, verified) {
        (false, true) => {
            "The money is still yours, and finance prepares the payment again. Unless the reason \
             asks something of you, there is nothing that you have to do."
        }
        (true, true) => {
            "The money is still yours, and finance prepares the payment again once the grant goes \
             on. Unless the reason asks something of you, there is nothing that you have to do."
        }
        (false, false) => {
            "The money is still yours, and finance prepares the payment again once your payee is \
             verified again."
        }
        (true, false) => {
            "The money is still yours, and finance prepares the payment again once the grant goes \
             on and your payee is verified again."
        }
    }
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
