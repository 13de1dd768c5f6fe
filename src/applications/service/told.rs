//! What people are told by mail about merges, nominations, and conflicts that were lifted.

use crate::applications::model::{
    MergeRecord, MergeStatus, NominationRecord, NominationStatus, Record,
};
use crate::applications::store::ConflictRow;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};

fn to(conn: &mut Conn, ctx: &Ctx, person: PersonId, letter: &Letter) -> Result<()> {
    let person = people::service::brief(conn, person)?.filter(|p| p.active);
    let Some(person) = person else { return Ok(()) };
    mail::send(conn, ctx, &person.email, &letter.clone().greeting(&person.name))
}

/// The other applicant is asked.
pub(super) fn merge_proposed(
    conn: &mut Conn,
    ctx: &Ctx,
    merge: &MergeRecord,
    (into, other): (&str, &str),
) -> Result<()> {
    let subject = format!("{} would make one application of two", ctx.actor_name);
    let letter = Letter::new(subject, "you applied for a grant")
        .paragraph(format!("{} proposes that “{into}” takes up “{other}”.", ctx.actor_name))
        .paragraph(
            "If you say yes, the amounts, budget lines, texts, and research directions of both \
             come together in the first, its team gets you both, and the second ends as \
             withdrawn. Look at both before you answer; nothing happens until then.",
        )
        .link("Answer", format!("/merges/{}", merge.id));
    to(conn, ctx, merge.asked_id, &letter)
}

/// Whoever did not answer hears how it was.
pub(super) fn merge_decided(
    conn: &mut Conn,
    ctx: &Ctx,
    merge: &MergeRecord,
    into: &str,
) -> Result<()> {
    let (person, how) = match merge.status {
        MergeStatus::Accepted => (merge.proposed_by, "said yes: the two applications are one now"),
        MergeStatus::Declined => (merge.proposed_by, "said no: both stay as they were"),
        MergeStatus::Withdrawn => {
            (merge.asked_id, "took the proposal back: both stay as they were")
        }
        MergeStatus::Proposed => return Ok(()),
    };
    let letter = Letter::new(format!("About the merge into {into}"), "you applied for a grant")
        .paragraph(format!("{} {how}.", ctx.actor_name))
        .link("The application", format!("/applications/{}", merge.into_id));
    to(conn, ctx, person, &letter)
}

/// An application has ended, and with it what was proposed: who applies with the other one hears
/// it.
pub(super) fn merge_ended(
    conn: &mut Conn,
    ctx: &Ctx,
    merge: &MergeRecord,
    ended: &Record,
) -> Result<()> {
    let theirs = merge.proposed_by == ended.applicant_id;
    let person = if theirs { merge.asked_id } else { merge.proposed_by };
    let other = if merge.into_id == ended.id { merge.from_id } else { merge.into_id };
    let subject = "Two applications will not become one";
    let letter = Letter::new(subject, "you applied for a grant")
        .paragraph(
            "It was proposed that yours and another become one application. The other has ended, \
             so the proposal has ended too. Yours stays as it is.",
        )
        .link("Your application", format!("/applications/{other}"));
    to(conn, ctx, person, &letter)
}

/// The nominee is asked, with the secret that shows that this mail was read.
pub(super) fn nominated(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &NominationRecord,
    call: &str,
    secret: &str,
) -> Result<()> {
    // Behind the #, so that no server and no referrer ever sees it.
    let link = format!("/nominations/{}#token={secret}", row.id);
    let letter = Letter::new(
        format!("{} nominates you for a grant", ctx.actor_name),
        "somebody wrote your address into a nomination for a grant",
    )
    .greeting(&row.name)
    .paragraph(format!("{} thinks that you should apply to “{call}”, with:", ctx.actor_name))
    .quote(&row.title)
    .paragraph("They say why:")
    .quote(&row.why)
    .paragraph(
        "They began an application for you. It is nobody's until you make it yours; then you \
         write and change it as you like, and it says that they nominated you. You need an \
         account for that; it can have another address than this one.",
    )
    .link("Take it, or say no", link)
    .until(row.expires_at)
    .paragraph("If you do nothing, nothing happens.");
    mail::send(conn, ctx, &row.email, &letter)
}

/// The nominator hears whether it was taken.
pub(super) fn nomination_answered(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &NominationRecord,
) -> Result<()> {
    let how = match row.status {
        NominationStatus::Taken => "made your nomination their application",
        _ => "said no to your nomination",
    };
    let letter =
        Letter::new(format!("About your nomination: {}", row.title), "you nominated somebody")
            .paragraph(format!("{} {how}.", row.name))
            .link("The nomination", format!("/nominations/{}", row.id));
    to(conn, ctx, row.nominator_id, &letter)
}

/// The nominee is reminded, with the secret that takes the place of the first.
pub(super) fn still_nominated(
    conn: &mut Conn,
    ctx: &Ctx,
    row: &NominationRecord,
    (nominator, call): (&str, &str),
    secret: &str,
) -> Result<()> {
    let link = format!("/nominations/{}#token={secret}", row.id);
    let subject = format!("Your answer is waited for: {}", row.title);
    let letter = Letter::new(subject, "somebody wrote your address into a nomination for a grant")
        .greeting(&row.name)
        .paragraph(format!(
            "On {}, {nominator} nominated you for “{call}”, and began an application for you:",
            row.created_at.date()
        ))
        .quote(&row.title)
        .paragraph(
            "There is no answer yet. Take it, or say no; you need an account for that, which can \
             have another address than this one. This link takes the place of the one in the \
             first mail.",
        )
        .link("Take it, or say no", link)
        .until(row.expires_at)
        .paragraph("If you do nothing, nothing happens: we do not ask again.");
    mail::send(conn, ctx, &row.email, &letter)
}

/// The nominator hears that nobody answered in time.
pub(super) fn nomination_over(conn: &mut Conn, ctx: &Ctx, row: &NominationRecord) -> Result<()> {
    let letter =
        Letter::new(format!("About your nomination: {}", row.title), "you nominated somebody")
            .paragraph(format!(
                "{} has not answered your nomination, and its time is over. You can nominate them \
                 again while a call takes applications.",
                row.name
            ))
            .link("The nomination", format!("/nominations/{}", row.id));
    to(conn, ctx, row.nominator_id, &letter)
}

/// Who declared a conflict hears that it was lifted, and why. Without a link: not everybody who may
/// declare one sees the application at its address.
pub(super) fn conflict_lifted(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, declared): (ApplicationId, &ConflictRow),
    why: &str,
) -> Result<()> {
    let title = super::as_handed_in(conn, id)?.map(|read| read.title).unwrap_or_default();
    let subject = format!("Your conflict of interest was lifted: {title}");
    let letter = Letter::new(subject, "you declared a conflict of interest with an application")
        .paragraph(format!(
            "On {}, you declared a conflict of interest with this application:",
            declared.declared_at.date()
        ))
        .quote(&title)
        .paragraph(format!("{} has lifted it, for this reason:", ctx.actor_name))
        .quote(why)
        .paragraph(
            "You keep out of it no longer. What ended with your declaration, as offers that went \
             back or a review that was set aside, does not come back by itself.",
        )
        .paragraph("If you have a conflict of interest with it, declare it again.");
    to(conn, ctx, declared.person_id, &letter)
}
