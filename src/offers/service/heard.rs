//! What those who offered hear of what is said on the application, and of who joins its team.

use super::super::store;
use super::notify;
use crate::applications;
use crate::comments;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::Letter;
use crate::reviews;

/// Who has a live offer on an application, each once.
fn makers(conn: &mut Conn, ctx: &Ctx, application: ApplicationId) -> Result<Vec<PersonId>> {
    let open = store::open_of(conn, application)?;
    let live = open.into_iter().filter(|row| row.expires_at > ctx.now);
    let mut makers: Vec<PersonId> = live.map(|row| row.regrantor_id).collect();
    makers.sort_unstable();
    makers.dedup();
    Ok(makers)
}

/// Tells those who have a live offer on an application what its team said to its funders in an
/// hour, as the event tells it. Each gets a mail of their own, so that nobody learns of a private
/// offer or of who made it.
pub fn makers_hear(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    hour: i64,
) -> Result<()> {
    let makers = makers(conn, ctx, application)?;
    comments::service::tell_also(conn, ctx, (application, hour), &makers)
}

/// Tells those who have a live offer on an application that somebody has joined its team; by name,
/// but where they review it without names. Where that leaves them with something in common with the
/// team, they hear that an admin has to look at that. Not who is on it or declared a conflict, for
/// theirs goes back; nobody where it has ended, or that one has left again.
pub fn makers_hear_of_member(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, member): (ApplicationId, PersonId),
) -> Result<()> {
    let Some(facts) = applications::service::as_handed_in(conn, id)? else { return Ok(()) };
    let stays = applications::service::on_team(conn, id)?.contains(&member);
    let Some(member) = people::service::brief(conn, member)?.filter(|_| stays) else {
        return Ok(());
    };
    if facts.status.is_end() {
        return Ok(());
    }
    for maker in makers(conn, ctx, id)? {
        let ties = applications::service::ties(conn, &facts, maker)?;
        if ties.takes_part || ties.conflict {
            continue;
        }
        let stands = match ties.found.is_empty() {
            true => "Your offer on it stands as it is.",
            false => {
                "A possible conflict of interest was found between you and its team: your offer on \
                 it is held, and is not awarded before an admin has looked at that."
            }
        };
        let blind = reviews::service::reviews_blind(conn, id, maker)? == Some(true);
        let who = if blind { "Somebody" } else { member.name.as_str() };
        let title = &facts.title;
        let letter =
            Letter::new(format!("The team has changed: {title}"), "you made an offer on it")
                .paragraph(format!(
                    "{who} has joined the team of “{title}” since it was handed in. {stands}"
                ))
                .paragraph(
                    "If you have a conflict of interest by it, declare it: what you offered goes \
                     back to your budget.",
                )
                .link("The application", format!("/applications/{id}"));
        notify::to(conn, ctx, maker, letter)?;
    }
    Ok(())
}
