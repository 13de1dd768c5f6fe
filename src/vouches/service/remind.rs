//! Nobody waits in silence for an answer: who is asked to vouch is reminded, once.

use super::letters;
use crate::applications;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, VouchRequestId};
use crate::people;
use crate::platform::auth::token;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::vouches::model::Request;
use crate::vouches::{rules, store};

/// Questions that nobody has answered for days, up to `limit`; for the job.
pub(in crate::vouches) fn silent(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<VouchRequestId>> {
    store::silent(conn, ctx.now.plus_seconds(-rules::REMIND_SECONDS), limit)
}

/// Reminds somebody, once, of a question; with a new secret, which replaces the one before. Where
/// the application has ended, its applicant has no account any more, or whoever is asked cannot
/// answer, nobody is mailed.
pub(in crate::vouches) fn remind(conn: &mut Conn, ctx: &Ctx, id: VouchRequestId) -> Result<()> {
    if !store::reminded(conn, id, ctx.now)? {
        return Ok(());
    }
    let Some(mut request) = store::find_request(conn, id)? else { return Ok(()) };
    let about = request.application_id;
    let found = applications::service::facts_handed_in(conn, &[about])?;
    let Some(facts) = found.get(&about) else { return Ok(()) };
    if rules::may_be_vouched_for(facts.status).is_err()
        || applications::service::takes_part_at(conn, facts, &request.email)?
    {
        return Ok(());
    }
    let applicant = people::service::brief(conn, facts.applicant_id)?.filter(|p| p.active);
    let (Some(applicant), true) = (applicant, can_answer(conn, &request)?) else { return Ok(()) };
    let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
    request.token_hash = Some(minted.hash.to_vec());
    if store::ask_again(conn, &request)? {
        letters::still_asked(conn, ctx, &request, (&applicant.name, &facts.title), &minted.secret)?;
    }
    Ok(())
}

/// The application came back by an appeal: who would have been reminded while it was declined, and
/// was not, is reminded yet. Who was reminded before has had their reminder.
pub(in crate::vouches) fn reopened(conn: &mut Conn, id: ApplicationId) -> Result<()> {
    match applications::service::declined_between(conn, id)? {
        Some(declined) => store::not_reminded(conn, id, declined),
        None => Ok(()),
    }
}

/// Whether whoever has this address can answer: not who was suspended or vouches already.
fn can_answer(conn: &mut Conn, request: &Request) -> Result<bool> {
    match people::service::find_by_email(conn, &request.email)? {
        Some(person) if person.suspended => Ok(false),
        Some(person) => Ok(!store::stands(conn, request.application_id, person.id)?),
        None => Ok(true),
    }
}
