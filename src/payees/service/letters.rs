//! What the owner of a payee is told by mail. Accounts are masked.

use crate::kernel::Result;
use crate::payees::model::{Payee, PayeeFacts};
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

const NOT_ME: &str = "If this was not you, somebody else is in your account: change your \
                      password now, and tell the finance team that pays you.";

const CHANGED: &str = "Your bank details were changed";
/// Why they are written to.
const ABOUT: &str = "you have a payee with this service";

/// Other details than before; `sent` if the account was sent. It goes to the address that the
/// account has, which whoever gets into an account does not read.
pub(super) fn changed(
    conn: &mut Conn,
    ctx: &Ctx,
    (before, after): (&Payee, &Payee),
    sent: bool,
) -> Result<()> {
    let (was, now) = (&before.facts, &after.facts);
    let mut changes = differences(was, now);
    changes.extend(moves(before, after));
    if sent && was.masked == now.masked && was.fingerprint == now.fingerprint {
        // What else an account has is not in the facts.
        changes.push(format!(
            "the account {} was sent again (its number is the same, its BIC or kind may be \
             another)",
            now.masked
        ));
    }
    let what = format!(
        "The bank details of your payee “{}” were changed: {}.",
        was.name,
        changes.join("; ")
    );
    warn(conn, ctx, now, CHANGED, &what)
}

/// Another town or address than before, and nothing else. Neither is told in a mail.
pub(super) fn moved(conn: &mut Conn, ctx: &Ctx, (before, after): (&Payee, &Payee)) -> Result<()> {
    let what = format!(
        "The details of your payee “{}” were changed: {}.",
        before.facts.name,
        moves(before, after).join("; ")
    );
    let wait = "Nothing is paid to it until a second person has verified it. Payments that wait \
                for it are held until then.";
    held(conn, ctx, &after.facts, (CHANGED, &what, wait))
}

fn moves(was: &Payee, now: &Payee) -> Vec<String> {
    let moved = [("town", was.town != now.town), ("address", was.address != now.address)];
    let moved = moved.into_iter().filter(|(_, is)| *is);
    moved.map(|(what, _)| format!("the {what} is another now")).collect()
}

/// What of the details is another now: also the name, for money that goes to somebody else may go
/// into an account that looks the same.
fn differences(was: &PayeeFacts, now: &PayeeFacts) -> Vec<String> {
    let mut changes = Vec::new();
    if was.name != now.name {
        changes.push(format!("the name from “{}” to “{}”", was.name, now.name));
    }
    if was.country != now.country {
        changes.push(format!("the country from {} to {}", was.country, now.country));
    }
    if was.currency != now.currency {
        changes.push(format!("the currency from {} to {}", was.currency, now.currency));
    }
    if was.masked != now.masked {
        changes.push(format!("the account from {} to {}", was.masked, now.masked));
    } else if was.fingerprint != now.fingerprint {
        changes.push(format!("the account, to another that also reads {}", now.masked));
    }
    changes
}

/// A further payee beside one that could be paid to.
pub(super) fn added(conn: &mut Conn, ctx: &Ctx, now: &PayeeFacts) -> Result<()> {
    let what = format!("A further payee was added: “{}”, {}.", now.name, now.masked);
    warn(conn, ctx, now, "Bank details were added", &what)
}

fn warn(conn: &mut Conn, ctx: &Ctx, now: &PayeeFacts, subject: &str, what: &str) -> Result<()> {
    let hours = ctx.env.config.payees.cooling_hours;
    let wait = format!(
        "Nothing is paid to it until a second person has verified it, and not within {hours} \
         hours of this change. Payments that wait for it are held until then."
    );
    held(conn, ctx, now, (subject, what, &wait))
}

/// What became of a payee, and how long nothing is paid to it.
fn held(
    conn: &mut Conn,
    ctx: &Ctx,
    payee: &PayeeFacts,
    (subject, what, wait): (&str, &str, &str),
) -> Result<()> {
    let letter = Letter::new(subject, ABOUT).paragraph(what).paragraph(wait).paragraph(NOT_ME);
    send(conn, ctx, payee, letter)
}

/// A second person has found it right.
pub(super) fn verified(conn: &mut Conn, ctx: &Ctx, payee: &PayeeFacts) -> Result<()> {
    let what = format!("Your payee “{}”, {}, was verified.", payee.name, payee.masked);
    let mut letter = Letter::new("Your bank details were verified", "you handed in a payee");
    letter = letter.paragraph(what);
    if let Some(from) = payee.usable_from.filter(|from| *from > ctx.now) {
        let from = mail::minute(from);
        letter = letter.paragraph(format!("Payments to it begin at {from} at the earliest."));
    }
    send(conn, ctx, payee, letter.paragraph(NOT_ME))
}

/// A second person has found it wrong.
pub(super) fn rejected(conn: &mut Conn, ctx: &Ctx, payee: &PayeeFacts, reason: &str) -> Result<()> {
    let what = format!("Your payee “{}”, {}, was not accepted:", payee.name, payee.masked);
    let letter = Letter::new("Your bank details were not accepted", "you handed in a payee")
        .paragraph(what)
        .quote(reason)
        .paragraph("Please correct it: that hands it in again. Nothing is paid to it until then.")
        .link("The payee", format!("/payees/{}", payee.id));
    send(conn, ctx, payee, letter)
}

fn send(conn: &mut Conn, ctx: &Ctx, payee: &PayeeFacts, letter: Letter) -> Result<()> {
    // People stay as long as what is theirs; whoever has no address (an import) is not told.
    let Some(person) = people::service::brief(conn, payee.person_id)? else { return Ok(()) };
    mail::send(conn, ctx, &person.email, &letter.greeting(&person.name))
}
