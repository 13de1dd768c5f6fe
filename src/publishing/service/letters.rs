//! What people who give are told by mail.

use super::super::model::{Announced, Announcement};
use crate::applications::model::ApplicationFacts;
use crate::kernel::Result;
use crate::kernel::money::Money;
use crate::kernel::time::Date;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

const ANNOUNCED: &str = "somebody announced a contribution with this address";

fn greeting(letter: Letter, made: &Announcement) -> Letter {
    match &made.row.giver_name {
        Some(name) => letter.greeting(name),
        None => letter,
    }
}

pub(super) fn announced(
    conn: &mut Conn,
    ctx: &Ctx,
    made: &Announcement,
    title: &str,
    told: &Announced,
) -> Result<()> {
    let Some(email) = &made.email else { return Ok(()) };
    let mut letter = greeting(Letter::new(format!("How to give to: {title}"), ANNOUNCED), made)
        .paragraph(format!("Thank you. You want to give {} for “{title}”.", told.amount))
        .paragraph(format!("Please pay it to the fund “{}”:", told.fund))
        .quote(&told.how_to_pay)
        .paragraph(format!(
            "Write this reference on the payment, so that it is known what it is for: {}",
            told.reference
        ))
        .paragraph(format!(
            "If nothing has arrived by {}, we forget this announcement. You owe nothing.",
            told.expires_on
        ));
    for sentence in &told.terms {
        letter = letter.paragraph(sentence);
    }
    let letter = letter.link("The application", format!("/a/{}", made.row.application_id));
    mail::send(conn, ctx, email, &letter)
}

pub(super) fn received(
    conn: &mut Conn,
    ctx: &Ctx,
    made: &Announcement,
    application: &ApplicationFacts,
    (amount, held): (Money, bool),
) -> Result<()> {
    let Some(email) = &made.email else { return Ok(()) };
    let what = if held {
        "The money is held for this application. Once a regrantor offers it there and the \
         application is granted, it is paid out with the grant."
    } else {
        "It could not be held for the application, which asks in another currency, or fees left \
         nothing of it: it is used for the fund's purpose."
    };
    let title = &application.title;
    let letter =
        greeting(Letter::new(format!("Your contribution has arrived: {title}"), ANNOUNCED), made)
            .paragraph(format!(
                "Thank you: {amount} have arrived for “{title}” ({}).",
                made.row.reference
            ))
            .paragraph(what)
            .link("The application", format!("/a/{}", made.row.application_id));
    mail::send(conn, ctx, email, &letter)
}

pub(super) fn not_received(
    conn: &mut Conn,
    ctx: &Ctx,
    made: &Announcement,
    (application, until): (&ApplicationFacts, Date),
) -> Result<()> {
    let Some(email) = &made.email else { return Ok(()) };
    let title = &application.title;
    let letter = greeting(
        Letter::new(format!("Your contribution has not arrived yet: {title}"), ANNOUNCED),
        made,
    )
    .paragraph(format!(
        "We told you that your contribution for “{title}” ({}) has arrived. That was recorded in \
         error: please excuse us.",
        made.row.reference
    ))
    .paragraph(format!(
        "If you have paid it, you need to do nothing: we write again once it is here. We wait for \
         it until {until}; you owe nothing."
    ))
    .link("The application", format!("/a/{}", made.row.application_id));
    mail::send(conn, ctx, email, &letter)
}
