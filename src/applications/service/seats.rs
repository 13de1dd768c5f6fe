//! What the applicant does with places on the team that are there: says what somebody does on it,
//! and takes somebody off it.

use super::members::{self, find, goes_on, is_live, note};
use super::{hold, mates, meanwhile};
use crate::applications::model::{Act, Consent, EditMember, Member, MemberRecord, Record};
use crate::applications::{events, store};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, MemberId};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// Says what somebody does on the team, who reads it by mail. A yes that was given stays: who does
/// not want it leaves. As it is now, and the application's new version.
///
/// # Errors
/// 403 for others than the applicant, 404 where there is nobody such, 409 where the state does not
/// allow edits, they said no, or it is the applicant, 412 when the application was changed since it
/// was read.
pub fn edit_member(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, member): (ApplicationId, MemberId),
    form: &EditMember,
) -> Result<(Member, i32)> {
    let (record, _) = hold(conn, ctx, id, Action::EditMember)?;
    super::expect_version(conn, ctx, &record)?;
    record.state.after(Act::Edit)?;
    let mut member = find(conn, id, member)?;
    if member.person_id == Some(record.applicant_id) {
        let detail = "The applicant leads the application: what they do on it stays.";
        return Err(Problem::wrong_state(detail));
    }
    if !is_live(&member) {
        let detail = "They said no, or have left: ask them again, as what you like.";
        return Err(Problem::wrong_state(detail));
    }
    if member.role == form.role {
        return Ok((members::reachable(conn, member)?, record.version));
    }
    let from = member.role;
    member.role = form.role;
    if !store::save_member(conn, member.consent, &member, None)?
        || !store::save_content(conn, id, &record.content, record.version)?
    {
        return Err(meanwhile());
    }
    note(conn, ctx, Action::EditMember, &record, &member)?;
    mates::given_role(conn, ctx, &record, (from, &member))?;
    Ok((members::reachable(conn, member)?, record.version + 1))
}

/// Takes somebody off the team, or their invitation back. Who was on it keeps out of deciding on it
/// for good. Once it was handed in, what was read of it is another then: the need-to-know lane
/// looks at it again where it was done with it.
///
/// # Errors
/// 403 for others than the applicant, 404 where there is nobody such, 409 once the application has
/// ended, or where it is the applicant.
pub fn remove(conn: &mut Conn, ctx: &Ctx, (id, member): (ApplicationId, MemberId)) -> Result<()> {
    let (record, _) = match hold(conn, ctx, id, Action::RemoveMember) {
        Err(refused) if refused.kind() == Kind::Forbidden && is_mine(conn, ctx, (id, member))? => {
            let detail = "One leaves a team, or says no to it, by POST to the same address with \
                          /decline after it.";
            return Err(Problem::new(Kind::Forbidden, detail));
        }
        held => held?,
    };
    goes_on(&record)?;
    let mut member = find(conn, id, member)?;
    members::not_the_applicant(&record, &member)?;
    let from = member.consent;
    member.consent = Consent::Removed;
    member.token_hash = None;
    // Who had left before, or did not come back, was off the team since then.
    if from == Consent::Accepted || member.person_id.is_none() {
        member.decided_at = Some(ctx.now);
    }
    if !store::save_member(conn, from, &member, None)? {
        return Err(meanwhile());
    }
    mates::removed(conn, ctx, &record, (from, &member))?;
    note(conn, ctx, Action::RemoveMember, &record, &member)?;
    tell_put_out(conn, ctx, &record, &member)
}

/// Others hear that somebody is off the team whom they read the name of.
fn tell_put_out(conn: &mut Conn, ctx: &Ctx, record: &Record, member: &MemberRecord) -> Result<()> {
    if record.submitted_at.is_none() || member.person_id.is_none() {
        return Ok(());
    }
    outbox::emit(conn, ctx, events::PUT_OUT, json!({ "v": 1, "application_id": record.id }))
}

/// Whether a place is the acting person's, or was offered at the address of their account.
fn is_mine(conn: &mut Conn, ctx: &Ctx, (id, member): (ApplicationId, MemberId)) -> Result<bool> {
    let place = store::team(conn, id)?.into_iter().find(|m| m.id == member);
    let (Some(place), Some(me)) = (place, ctx.actor.person()) else { return Ok(false) };
    if place.person_id.is_some() {
        return Ok(place.person_id == Some(me));
    }
    let account = people::service::brief(conn, me)?;
    Ok(account.is_some_and(|account| account.email == place.email))
}
