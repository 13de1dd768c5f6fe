//! What people who give are told by mail, and whoever answers for the call.

use super::super::model::{Announced, Announcement};
use super::super::{rules, store};
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::funds::model::Earmark;
use crate::grants::model::GrantStatus;
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::{applications, grants};

const ANNOUNCED: &str = "somebody announced a contribution with this address";
const ANOTHER_USE: &str =
    "An admin gives it another use, with a reason: until then nobody can have it.";

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

/// What the application was called when it was handed in: what its applicant is changing is their
/// own.
fn title(conn: &mut Conn, made: &Announcement) -> Result<String> {
    let id = made.row.application_id;
    let found = applications::service::as_handed_in(conn, id)?;
    Ok(found.map(|facts| facts.title).unwrap_or_default())
}

/// With the application's page, while it has one.
fn linked(conn: &mut Conn, letter: Letter, made: &Announcement) -> Result<Letter> {
    Ok(match store::application(conn, made.row.application_id)? {
        Some(_) => letter.link("The application", format!("/a/{}", made.row.application_id)),
        None => letter,
    })
}

/// Where money is that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Held for its application.
    Held,
    /// In the fund, for its purpose.
    Fund,
    /// Held for an application that has ended like this.
    Late(ApplicationStatus),
    /// Held for an application whose grant was cancelled.
    Cancelled,
    /// Held for an application that goes on, but in no call in which the fund may spend.
    Elsewhere,
}

impl Place {
    /// Where money for this application is, as far as an earmark ties it.
    pub(super) fn of(
        conn: &mut Conn,
        application: &ApplicationFacts,
        earmark: Option<&Earmark>,
    ) -> Result<Self> {
        let Some(earmark) = earmark else { return Ok(Self::Fund) };
        let status = application.status;
        if !rules::may_still_get(status) {
            let cancelled = is_cancelled(conn, application)?;
            return Ok(if cancelled { Self::Cancelled } else { Self::Late(status) });
        }
        let unrouted = applications::service::is_unrouted(conn, application, earmark.fund_id)?;
        Ok(if unrouted { Self::Elsewhere } else { Self::Held })
    }
    fn sentence(self) -> &'static str {
        match self {
            Self::Held => {
                "The money is held for this application. Once a regrantor offers it there and the \
                 application is granted, it is paid out with the grant."
            }
            Self::Fund => {
                "It could not be held for the application, which asks in another currency, or \
                 fees left nothing of it: it is used for the fund's purpose."
            }
            Self::Late(ApplicationStatus::Awarded) => {
                "The application was granted before that, without this money. As you were told, \
                 it stays in the fund that you paid it to and is given another use within the \
                 fund's purpose; the reason is written down."
            }
            Self::Cancelled => {
                "The application was granted before that, and its grant was cancelled. As you \
                 were told, the money stays in the fund that you paid it to and is given another \
                 use within the fund's purpose; the reason is written down."
            }
            Self::Elsewhere => {
                "The application goes on, but has left the calls in which the fund that you paid \
                 it to may spend. As you were told, the money stays in that fund. Once it is \
                 certain that the application does not come back there, it is given another use \
                 within the fund's purpose; the reason is written down."
            }
            // That it may come back by an appeal is for its applicant to tell.
            Self::Late(_) => {
                "The application had ended before that. As you were told, the money stays in the \
                 fund that you paid it to. Once it is certain that the application does not come \
                 back, it is given another use within the fund's purpose; the reason is written \
                 down."
            }
        }
    }
}

pub(super) fn received(
    conn: &mut Conn,
    ctx: &Ctx,
    made: &Announcement,
    (amount, fee): (Money, Money),
    place: Place,
) -> Result<()> {
    let Some(email) = &made.email else { return Ok(()) };
    let title = title(conn, made)?;
    let net = amount.checked_sub(fee).map_err(Problem::internal)?;
    let mut letter =
        greeting(Letter::new(format!("Your contribution has arrived: {title}"), ANNOUNCED), made)
            .paragraph(format!(
                "Thank you: {amount} have arrived for “{title}” ({}).",
                made.row.reference
            ));
    if fee.is_positive() && net.is_positive() {
        letter = letter.paragraph(format!("After the fee of {fee}, {net} of it are left."));
    }
    let letter = linked(conn, letter.paragraph(place.sentence()), made)?;
    mail::send(conn, ctx, email, &letter)
}

pub(super) fn not_received(
    conn: &mut Conn,
    ctx: &Ctx,
    made: &Announcement,
    until: Date,
) -> Result<()> {
    let Some(email) = &made.email else { return Ok(()) };
    let title = title(conn, made)?;
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
    ));
    let letter = linked(conn, letter, made)?;
    mail::send(conn, ctx, email, &letter)
}

/// Whether the grant of an awarded application was cancelled.
fn is_cancelled(conn: &mut Conn, application: &ApplicationFacts) -> Result<bool> {
    let grant = grants::service::of_application(conn, application.id)?;
    Ok(grant.is_some_and(|grant| grant.status == GrantStatus::NO_AWARD))
}

/// To whoever answers for the call: so much was given for an application, which has ended, and is
/// left.
pub(super) fn left(
    conn: &mut Conn,
    ctx: &Ctx,
    application: &ApplicationFacts,
    left: &[Money],
) -> Result<()> {
    let how = match application.status {
        ApplicationStatus::Awarded if is_cancelled(conn, application)? => {
            "was granted, and its grant was cancelled"
        }
        ApplicationStatus::Awarded => "was granted",
        _ => "has ended",
    };
    let then = match applications::service::may_be_reopened(conn, ctx, application.id)? {
        true => {
            "It stays tied to the application while an appeal waits, or can still be made. After \
             that an admin gives it another use, with a reason: until then nobody can have it."
        }
        false => ANOTHER_USE,
    };
    let call = applications::service::lead_call(conn, application)?;
    is_left(conn, ctx, (application, call), left, [how, then])
}

/// To whoever answers for this call: so much was given for an application, which goes on, but has
/// left the calls in which the money may be spent; it may come back there (`waits`) or not.
pub(super) fn stranded(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, call): (&ApplicationFacts, CallId),
    (left, waits): (&[Money], bool),
) -> Result<()> {
    let how = "goes on, but has left the calls in which its fund may spend";
    let then = match waits {
        true => {
            "It stays tied to the application while that may come in there, by an appeal or \
             handed in. After that an admin gives it another use, with a reason: until then \
             nobody can have it."
        }
        false => ANOTHER_USE,
    };
    is_left(conn, ctx, (application, call), left, [how, then])
}

fn is_left(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, call): (&ApplicationFacts, CallId),
    left: &[Money],
    [how, then]: [&str; 2],
) -> Result<()> {
    let (id, title) = (application.id, &application.title);
    let sums = left.iter().map(Money::to_string).collect::<Vec<_>>().join(", ");
    for admin in applications::service::free_deciders(conn, (id, call), None)? {
        let letter = Letter::new(format!("Money is left: {title}"), "you are an admin")
            .greeting(&admin.name)
            .paragraph(format!("“{title}” {how}. So much was given for it, and is left:"))
            .quote(&sums)
            .paragraph(then)
            .link("What is held", "/earmarks")
            .link("The application", format!("/applications/{id}"));
        mail::send(conn, ctx, &admin.email, &letter)?;
    }
    Ok(())
}
