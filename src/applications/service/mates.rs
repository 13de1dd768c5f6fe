//! What the rest of a team is told by mail, what its lead hears of answers to invitations, and who
//! decides of who joins late.

use super::letters::{self, path};
use super::{meanwhile, missing};
use crate::applications::model::{
    Act, ApplicationFacts, Consent, MemberRecord, MemberRole, Record,
};
use crate::applications::{events, rules, store};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, MemberId, PersonId};
use crate::people;
use crate::platform::auth::token;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::platform::outbox;
use serde_json::json;

const ON_TEAM: &str = "you are on the team of an application for a grant";
const DECIDE: &str = "you decide on applications for grants";

/// Who said yes to being on a team and did not leave it.
pub fn on_team(conn: &mut Conn, id: ApplicationId) -> Result<Vec<PersonId>> {
    let all = store::team(conn, id)?.into_iter();
    let on = all.filter(|member| member.consent == Consent::Accepted);
    Ok(on.filter_map(|member| member.person_id).collect())
}

/// Tells everybody on the team but its lead and who acts: what happened, and in whose words. Where
/// the service itself acts without its lead being told, nobody is.
pub(super) fn tell(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (subject, text): (&str, &str),
    words: &[&str],
) -> Result<()> {
    let others = |person: &PersonId| *person != record.applicant_id && !ctx.actor.is(*person);
    for person in on_team(conn, record.id)?.into_iter().filter(others) {
        let Some(person) = people::service::brief(conn, person)?.filter(|p| p.active) else {
            continue;
        };
        let subject = format!("{subject}: {}", record.content.title);
        let title = &record.content.title;
        let mut letter =
            Letter::new(subject, ON_TEAM).greeting(&person.name).paragraph(text).quote(title);
        if !words.is_empty() {
            letter = letter.paragraph("In the words that its lead reads:");
        }
        for words in words {
            letter = letter.quote(words);
        }
        let letter = letter
            .paragraph("You are on its team; you need not do anything.")
            .link("The application", path(record));
        mail::send(conn, ctx, &person.email, &letter)?;
    }
    Ok(())
}

/// Tells everybody on the team of an application but its lead; for other domains.
pub fn tell_team(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    (subject, text): (&str, &str),
) -> Result<()> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    tell(conn, ctx, &record, (subject, text), &[])
}

/// The lead hears how somebody answered, or that they left.
pub(super) fn answered(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (from, member): (Consent, &MemberRecord),
) -> Result<()> {
    let name = &member.name;
    let (subject, said) = match (from, member.consent) {
        (_, Consent::Accepted) => ("is on your team", "said yes: they are on the team of"),
        (Consent::Accepted, _) => ("has left your team", "has left the team of"),
        _ => ("said no to your team", "said no to being on the team of"),
    };
    let title = &record.content.title;
    let mut letter =
        Letter::new(format!("{name} {subject}: {title}"), "you invited them onto your team")
            .paragraph(format!("{name} {said} your application:"))
            .quote(title);
    let waits = store::team(conn, record.id)?.iter().any(|m| m.consent == Consent::Invited);
    if record.state.after(Act::Submit).is_ok() {
        letter = letter.paragraph(match waits {
            true => "Others have not answered yet: it can be submitted once everybody has.",
            false => "Everybody has answered: as far as the team goes, you can submit it.",
        });
    }
    letters::to_applicant(conn, ctx, record, letter.link("Your application", path(record)))
}

/// Somebody is on the team from now on: those who rely on it hear so.
pub(super) fn has_joined(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    member: &MemberRecord,
) -> Result<()> {
    let told = json!({ "v": 1, "application_id": record.id, "person_id": member.person_id });
    outbox::emit(conn, ctx, events::JOINED, told)?;
    tell_deciders(conn, ctx, record, member)
}

/// Once it was handed in, those who decide on it hear who has joined its team: they may have looked
/// at it without. Not who has a stake in it, nor who acts: then all other admins do.
fn tell_deciders(conn: &mut Conn, ctx: &Ctx, record: &Record, member: &MemberRecord) -> Result<()> {
    if record.submitted_at.is_none() {
        return Ok(());
    }
    let mut deciders = Vec::new();
    for call in super::in_calls(conn, &ApplicationFacts::from(record))? {
        let place = (record.id, call);
        deciders.extend(super::free_deciders(conn, place, ctx.actor.person())?);
    }
    deciders.sort_unstable_by_key(|person| person.id);
    deciders.dedup_by_key(|person| person.id);
    let read = super::as_handed_in(conn, record.id)?.ok_or_else(missing)?;
    let (role, title) = (member.role, &read.title);
    // By the name of their account, not the one by which they were asked.
    let name = reached(conn, member)?.map_or_else(|| member.name.clone(), |(name, _)| name);
    for person in deciders {
        let letter = Letter::new(format!("The team has changed: {title}"), DECIDE)
            .greeting(&person.name)
            .paragraph(format!(
                "{name} has joined the team of this application, as {role}, after it was handed \
                 in:"
            ))
            .quote(title)
            .paragraph(
                "If you have a conflict of interest with them, declare it, and leave this to \
                 somebody else.",
            )
            .link("The application", path(record));
        mail::send(conn, ctx, &person.email, &letter)?;
    }
    Ok(())
}

/// By which name and where somebody with a place is reached: who has answered where they are now,
/// others where they were asked. Nobody whose account is not active.
fn reached(conn: &mut Conn, member: &MemberRecord) -> Result<Option<(String, String)>> {
    let Some(person) = member.person_id else {
        return Ok(Some((member.name.clone(), member.email.clone())));
    };
    let person = people::service::brief(conn, person)?.filter(|p| p.active);
    Ok(person.map(|person| (person.name, person.email)))
}

/// Somebody on the team, or asked onto it, is to do something else on it than until now.
pub(super) fn given_role(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (from, member): (MemberRole, &MemberRecord),
) -> Result<()> {
    let Some((name, email)) = reached(conn, member)? else { return Ok(()) };
    let (title, role) = (&record.content.title, member.role);
    let (text, end) = match member.consent {
        Consent::Invited => (
            format!("You were asked onto a team as {from}; now you are asked as {role}:"),
            "The link in the mail that asked you works as before. You need not say yes.",
        ),
        _ => (
            format!("You were on a team as {from}; from now on you are on it as {role}:"),
            "If that is not for you, you can leave the team at any time until it is decided.",
        ),
    };
    let may = match role {
        MemberRole::Mentor => "A mentor reads the application and does not change it.",
        _ => "Who is on the team as that can read and change the application.",
    };
    let because = "you were asked onto the team of an application for a grant";
    let letter = Letter::new(format!("You are {role} on a team: {title}"), because)
        .greeting(&name)
        .paragraph(text)
        .quote(title)
        .paragraph(may)
        .paragraph(end);
    mail::send(conn, ctx, &email, &letter)
}

/// Somebody who was on the team, or asked onto it, is so no more.
pub(super) fn removed(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (from, member): (Consent, &MemberRecord),
) -> Result<()> {
    let title = &record.content.title;
    let Some((name, email)) = reached(conn, member)? else { return Ok(()) };
    let (subject, text) = match from {
        Consent::Accepted => ("You are off a team", "You are not on the team any more of:"),
        Consent::Invited => (
            "An invitation was taken back",
            "You need not answer any more whether you join the team of:",
        ),
        Consent::Declined | Consent::Removed => return Ok(()),
    };
    let because = "you were asked onto the team of an application for a grant";
    let letter = Letter::new(format!("{subject}: {title}"), because)
        .greeting(&name)
        .paragraph(text)
        .quote(title);
    mail::send(conn, ctx, &email, &letter)
}

/// An application has ended, or is deleted: who was asked onto its team and has not answered need
/// not any more.
pub(super) fn let_go(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    for member in store::team(conn, record.id)? {
        if member.consent == Consent::Invited {
            removed(conn, ctx, record, (Consent::Invited, &member))?;
        }
    }
    Ok(())
}

/// A decline was taken back: who was asked onto the team and has not answered was told that they
/// need not, and is asked once more; with a new secret, which replaces the one before.
pub(super) fn ask_again(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    let lead = people::service::brief(conn, record.applicant_id)?.map(|p| p.name);
    let lead = lead.unwrap_or_default();
    for mut member in store::team(conn, record.id)? {
        if member.consent != Consent::Invited {
            continue;
        }
        let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
        member.token_hash = Some(minted.hash.to_vec());
        if !store::save_member(conn, Consent::Invited, &member, None)? {
            return Err(meanwhile());
        }
        let account = people::service::find_by_email(conn, &member.email)?;
        if account.is_none_or(|person| person.active) {
            letters::invited_again(conn, ctx, record, (&member, &lead), &minted.secret)?;
        }
    }
    Ok(())
}

/// Invitations that nobody has answered for days, up to `limit`; for the job.
pub(in crate::applications) fn silent(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<(ApplicationId, MemberId)>> {
    store::silent(conn, ctx.now.plus_seconds(-rules::INVITE_REMIND_SECONDS), limit)
}

/// Reminds somebody, once, of an invitation; with a new secret, which replaces the first.
pub(in crate::applications) fn remind(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, member): (ApplicationId, MemberId),
) -> Result<()> {
    let Some(record) = store::lock(conn, id)? else { return Ok(()) };
    let found = store::team(conn, id)?.into_iter().find(|m| m.id == member);
    let Some(mut member) = found.filter(|m| m.consent == Consent::Invited) else { return Ok(()) };
    let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
    member.token_hash = Some(minted.hash.to_vec());
    if !store::remind_member(conn, &member, ctx.now)? || record.state.is_end() {
        return Ok(());
    }
    let account = people::service::find_by_email(conn, &member.email)?;
    if account.is_some_and(|person| !person.active) {
        return Ok(());
    }
    let lead = people::service::brief(conn, record.applicant_id)?.map(|p| p.name);
    let lead = lead.unwrap_or_default();
    letters::still_invited(conn, ctx, &record, (&member, &lead), &minted.secret)
}
