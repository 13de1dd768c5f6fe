//! What people are told by mail.

use super::NewLink;
use crate::kernel::Result;
use crate::people::model::Person;
use crate::people::rules;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

pub(super) fn confirm(
    conn: &mut Conn,
    ctx: &Ctx,
    email: &str,
    name: &str,
    link: &NewLink,
) -> Result<()> {
    let letter =
        Letter::new("Confirm your e-mail address", "somebody registered with this address")
            .greeting(name)
            .paragraph(
                "Please confirm that this address is yours, with the password that you chose.",
            )
            .link("Confirm", link.path.as_str())
            .until(link.until)
            .paragraph("If it was not you, do nothing: without your answer nobody can use it.");
    mail::send(conn, ctx, email, &letter)
}

pub(super) fn registered_already(conn: &mut Conn, ctx: &Ctx, person: &Person) -> Result<()> {
    let letter =
        Letter::new("You have an account already", "somebody registered with this address")
            .greeting(&person.name)
            .paragraph(
                "This address has an account already, and nothing was changed. Log in with \
                 your password; if you have forgotten it, ask for a link that resets it.",
            )
            .paragraph("If it was not you, you need not do anything.");
    mail::send(conn, ctx, &person.email, &letter)
}

pub(super) fn reset(conn: &mut Conn, ctx: &Ctx, person: &Person, link: &NewLink) -> Result<()> {
    let letter =
        Letter::new("Set a new password", "somebody asked to reset this account's password")
            .greeting(&person.name)
            .paragraph("With this link you can set a new password.")
            .link("Set a new password", link.path.as_str())
            .until(link.until)
            .paragraph("If it was not you, do nothing: your password stays as it is.");
    mail::send(conn, ctx, &person.email, &letter)
}

pub(super) fn password_changed(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Person,
    reset: bool,
) -> Result<()> {
    let what = if reset {
        "The password of your account was reset by a link that was mailed to you. All sessions \
         were ended and all personal access tokens revoked."
    } else {
        "The password of your account was changed. All other sessions were ended and all personal \
         access tokens revoked."
    };
    let letter = Letter::new("Your password was changed", "you have an account with this address")
        .greeting(&person.name)
        .paragraph(what)
        .paragraph("If it was not you, reset the password at once and tell an admin.");
    mail::send(conn, ctx, &person.email, &letter)
}

pub(super) fn session_ended(conn: &mut Conn, ctx: &Ctx, person: &Person) -> Result<()> {
    let letter = Letter::new("A session was ended", "you have an account with this address")
        .greeting(&person.name)
        .paragraph(
            "A refresh token of one of your sessions was used twice. Either your own \
             program tried twice, or somebody has a copy of it; so the session was ended. Please \
             log in again.",
        )
        .paragraph("If you do not know why this happened, change your password.");
    mail::send(conn, ctx, &person.email, &letter)
}

pub(super) fn suspended(conn: &mut Conn, ctx: &Ctx, person: &Person, reason: &str) -> Result<()> {
    let letter = Letter::new("Your account was suspended", "you have an account with this address")
        .greeting(&person.name)
        .paragraph("An admin suspended your account, for this reason:")
        .quote(reason);
    mail::send(conn, ctx, &person.email, &letter)
}

pub(super) fn reactivated(conn: &mut Conn, ctx: &Ctx, person: &Person) -> Result<()> {
    let letter =
        Letter::new("Your account is active again", "you have an account with this address")
            .greeting(&person.name)
            .paragraph("An admin reactivated your account. Please log in again.");
    mail::send(conn, ctx, &person.email, &letter)
}

fn about_factor(person: &Person, subject: &str) -> Letter {
    Letter::new(subject, "you have an account with this address").greeting(&person.name)
}

const NOT_YOU: &str = "If it was not you, change your password at once and tell an admin: \
                       somebody has been in your account.";

pub(super) fn factor_enrolled(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Person,
    replaced: bool,
) -> Result<()> {
    let (subject, what) = if replaced {
        ("Your second factor was replaced", "The second factor of your account was replaced.")
    } else {
        ("You have a second factor now", "A second factor was enrolled for your account.")
    };
    let letter = about_factor(person, subject)
        .paragraph(format!(
            "{what} From now on each login asks for a code of your device. All other sessions \
             were ended and all personal access tokens revoked. Keep the recovery codes where \
             nobody else finds them."
        ))
        .paragraph(NOT_YOU);
    mail::send(conn, ctx, &person.email, &letter)
}

/// `reason`: why an admin took it away; absent where the person did.
pub(super) fn factor_removed(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Person,
    reason: Option<&str>,
) -> Result<()> {
    let letter = about_factor(person, "Your second factor was removed");
    let letter = match reason {
        Some(reason) => letter
            .paragraph(
                "An admin removed the second factor of your account, so that you can enrol a new \
                 one at your next login. All your sessions were ended. The reason given:",
            )
            .quote(reason)
            .paragraph("If you did not ask for this, tell another admin at once."),
        None => letter
            .paragraph(
                "You removed the second factor of your account; its recovery codes are void.",
            )
            .paragraph(NOT_YOU),
    };
    mail::send(conn, ctx, &person.email, &letter)
}

/// Of the codes tried lately as many were wrong as one login may try: whoever tried them knows the
/// password.
pub(super) fn codes_refused(conn: &mut Conn, ctx: &Ctx, person: &Person) -> Result<()> {
    let letter = about_factor(person, "Wrong codes at a login with your password")
        .paragraph(format!(
            "Within an hour somebody who knows your password showed {} wrong codes of your second \
             factor. They have not got in.",
            rules::CHALLENGE_TRIES
        ))
        .paragraph(
            "If it was you, set the clock of your device right and try again. If it was not you, \
             set a new password at once, by the link that is mailed to whoever forgot theirs: it \
             ends what they began, and works also while logging in is refused for too many tries. \
             Then tell an admin.",
        );
    mail::send(conn, ctx, &person.email, &letter)
}

pub(super) fn recovery_codes_renewed(conn: &mut Conn, ctx: &Ctx, person: &Person) -> Result<()> {
    let letter = about_factor(person, "You have new recovery codes")
        .paragraph("New recovery codes were made for your account; the ones before are void.")
        .paragraph(NOT_YOU);
    mail::send(conn, ctx, &person.email, &letter)
}

pub(super) fn recovery_code_used(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &Person,
    left: i64,
) -> Result<()> {
    let letter = about_factor(person, "A recovery code was used")
        .paragraph(format!(
            "Somebody who knows your password used one of your recovery codes instead of a code \
             of your device. Recovery codes left: {left}."
        ))
        .paragraph(NOT_YOU);
    mail::send(conn, ctx, &person.email, &letter)
}
