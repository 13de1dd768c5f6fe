//! The team: who is asked, and how they answer for themselves.

use super::{hold, letters, mates, meanwhile, missing, see};
use crate::applications::model::{
    AnswerForm, ApplicationFacts, Consent, InviteMember, Member, MemberRecord, MemberRole, Record,
};
use crate::applications::{rules, store};
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, MemberId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::people::model::Limited;
use crate::platform::audit::{self, Change};
use crate::platform::auth::token;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail;
use serde_json::json;

/// Refuses who keeps off the team of an application for what they did about it. Only the room of
/// offers knows, which stands above all that they may have done: it passes this down.
pub type MayJoin = fn(&mut Conn, &Ctx, &ApplicationFacts, PersonId) -> Result<()>;

fn no_member() -> Problem {
    Problem::not_found("team member")
}

/// Whether somebody is on the team, or asked onto it.
pub(super) fn is_live(member: &MemberRecord) -> bool {
    member.consent.is_live()
}

/// Whether they said yes.
pub(super) fn is_in(member: &MemberRecord) -> bool {
    member.consent == Consent::Accepted
}

pub(super) fn shown(member: MemberRecord, with_email: bool) -> Member {
    Member {
        id: member.id,
        person_id: member.person_id,
        name: member.name,
        email: with_email.then_some(member.email),
        role: member.role,
        consent: member.consent,
        invited_at: member.created_at,
        answered_at: member.decided_at,
    }
}

/// The team, the first first. Who is neither on it nor an admin, finance or auditor sees those who
/// said yes, and nobody's address but to the team and to admins.
///
/// # Errors
/// 404 where there is no application that the actor may see.
pub fn members(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Vec<Member>> {
    let facts = super::facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::ListMembers, &relations)?;
    let actor = &ctx.actor;
    let admin = actor.is_system() || actor.has(Role::Admin);
    let team = relations.iter().any(|r| matches!(r, Relation::Own | Relation::Team));
    let all = admin
        || team
        || relations.contains(&Relation::Invited)
        || actor.has(Role::Finance)
        || actor.has(Role::Auditor);
    let wanted = |m: &MemberRecord| match m.consent {
        Consent::Accepted => true,
        Consent::Invited | Consent::Declined => all,
        Consent::Removed => false,
    };
    let rows: Vec<MemberRecord> = store::team(conn, id)?.into_iter().filter(wanted).collect();
    let mut all = Vec::with_capacity(rows.len());
    for member in rows {
        all.push(if admin || team { reachable(conn, member)? } else { shown(member, false) });
    }
    Ok(all)
}

/// As the team and admins read it: whoever said yes is reached where their account is; they may
/// have been asked elsewhere.
pub(super) fn reachable(conn: &mut Conn, member: MemberRecord) -> Result<Member> {
    let account = match member.person_id.filter(|_| is_in(&member)) {
        Some(person) => people::service::brief(conn, person)?,
        None => None,
    };
    let mut member = shown(member, true);
    if let Some(account) = account {
        member.email = Some(account.email);
    }
    Ok(member)
}

/// Asks somebody onto the team, by mail, until the application ends. `may` refuses for what who
/// asks may know of them: the rest they are told themselves, once they say yes.
///
/// # Errors
/// 409 where it has ended, they are on it already or keep off it, or a limit is reached.
pub fn invite(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &InviteMember,
    may: MayJoin,
) -> Result<Member> {
    let (record, _) = hold(conn, ctx, id, Action::InviteMember)?;
    goes_on(&record)?;
    let mut fields = Fields::new();
    let email = fields.email("/email", &form.email);
    let name = fields.line("/name", &form.name, 1, rules::LINE_MAX);
    fields.finish()?;
    let team = store::team(conn, id)?;
    let there = team.iter().find(|m| m.email == email);
    let before = match there {
        Some(old) if is_theirs(conn, old)? => Some(old),
        _ => None,
    };
    may_invite(conn, ctx, &team, (there, before.is_none()))?;
    if let Some(account) = people::service::find_by_email(conn, &email)? {
        not_there(&team, account.id)?;
        may(conn, ctx, &ApplicationFacts::from(&record), account.id)?;
    }
    if before.is_none() {
        free_address(conn, &team, &email)?;
    }
    let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
    let member = MemberRecord {
        id: before.map_or_else(|| ctx.id(), |m| m.id),
        // Who was on it once, was: they keep out of deciding on it.
        person_id: before.and_then(|m| m.person_id),
        email,
        name,
        role: form.role.unwrap_or(MemberRole::Member),
        consent: Consent::Invited,
        token_hash: Some(minted.hash.to_vec()),
        created_at: ctx.now,
        decided_at: None,
    };
    let inviter = ctx.actor.person();
    match before {
        None => store::insert_member(conn, id, &member, inviter)?,
        Some(old) => {
            if !store::save_member(conn, old.consent, &member, inviter)? {
                return Err(meanwhile());
            }
        }
    }
    note(conn, ctx, Action::InviteMember, &record, &member)?;
    letters::invited(conn, ctx, &record, &member, &minted.secret)?;
    Ok(shown(member, true))
}

/// Whether a place is for whoever has its address: nobody has had it yet, or they had.
fn is_theirs(conn: &mut Conn, place: &MemberRecord) -> Result<bool> {
    let Some(person) = place.person_id else { return Ok(true) };
    let account = people::service::find_by_email(conn, &place.email)?;
    Ok(account.is_some_and(|account| account.id == person))
}

/// Takes an address off the place that somebody else had by it and left: who had that keeps out of
/// deciding for good.
pub(super) fn free_address(conn: &mut Conn, team: &[MemberRecord], email: &str) -> Result<()> {
    match team.iter().find(|m| m.email == email) {
        Some(former) => store::free_address(conn, former.id),
        None => Ok(()),
    }
}

/// Refuses whoever has a place already by another address than this: they could not say yes.
fn not_there(team: &[MemberRecord], person: PersonId) -> Result<()> {
    if team.iter().any(|m| m.person_id == Some(person) && is_live(m)) {
        let detail = "Who has this address is on the team already, by another address, or has not \
                      answered there yet.";
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    Ok(())
}

/// The limits of inviting, which keep the service from mailing strangers on somebody's behalf:
/// whether there is a place of this address, and whether another one is made.
fn may_invite(
    conn: &mut Conn,
    ctx: &Ctx,
    team: &[MemberRecord],
    (there, new): (Option<&MemberRecord>, bool),
) -> Result<()> {
    let limit = |detail: String| Err(Problem::new(Kind::LimitReached, detail));
    if let Some(old) = there {
        if is_live(old) {
            let detail = format!("{} is on the team already, or has not answered yet.", old.email);
            return Err(Problem::new(Kind::AlreadyExists, detail));
        }
        let again = old.created_at.plus_seconds(rules::INVITE_AGAIN_SECONDS);
        if ctx.now < again {
            return limit(format!("This address can be invited again at {}.", mail::minute(again)));
        }
    }
    if new && team.len() >= rules::EVER_INVITED_MAX {
        let max = rules::EVER_INVITED_MAX;
        return limit(format!("At most {max} people can be invited to one application."));
    }
    if team.iter().filter(|m| is_live(m)).count() >= rules::TEAM_MAX {
        return limit(format!("A team has at most {} people.", rules::TEAM_MAX));
    }
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    people::service::hold(conn, me)?;
    let since = ctx.now.plus_seconds(-24 * 3600);
    let invited = store::invited_since(conn, me, since)?
        + people::service::still_counted(conn, me, Limited::Invitation, since)?;
    if invited >= rules::INVITATIONS_A_DAY {
        let max = rules::INVITATIONS_A_DAY;
        return limit(format!("One person can send at most {max} invitations a day."));
    }
    Ok(())
}

/// Notes what was done to a place.
pub(super) fn note(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    record: &Record,
    member: &MemberRecord,
) -> Result<()> {
    let change = Change::by(action, "application", record.id.uuid());
    let after = json!({
        "member_id": member.id, "role": member.role, "consent": member.consent,
    });
    audit::record(conn, ctx, change.to(after))
}

/// A place on the team that was not taken away.
pub(super) fn find(conn: &mut Conn, id: ApplicationId, member: MemberId) -> Result<MemberRecord> {
    let found = store::team(conn, id)?.into_iter().find(|m| m.id == member);
    found.filter(|m| m.consent != Consent::Removed).ok_or_else(no_member)
}

/// The applicant's own place stays.
pub(super) fn not_the_applicant(record: &Record, member: &MemberRecord) -> Result<()> {
    if member.person_id == Some(record.applicant_id) {
        let detail = "The applicant leads the application: to leave it, withdraw it.";
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

/// Until an application ends people are asked onto its team, leave it, and are taken off it.
pub(super) fn goes_on(record: &Record) -> Result<()> {
    if record.state.is_end() {
        let detail = format!("The application is {}: it has ended.", record.state.status());
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

/// The application and the place on its team that the acting person answers for. They show that it
/// is theirs by their account, by the address that was invited, or by the token that was mailed
/// there; but a place that somebody had stays theirs.
fn own_place(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, member): (ApplicationId, MemberId),
    form: &AnswerForm,
    action: Action,
) -> Result<(Record, MemberRecord, PersonId)> {
    let me = ctx.me()?;
    let record = store::lock(conn, id)?.ok_or_else(missing)?;
    let person = people::service::brief(conn, me)?.ok_or_else(missing)?;
    let presented = form.token.as_deref();
    let hash = presented.and_then(|t| token::hash(&ctx.env.keys, token::Kind::Mail, t));
    let place = store::team(conn, id)?.into_iter().find(|m| m.id == member);
    let mine = place.filter(|m| {
        let free = m.person_id.is_none_or(|person| person == me);
        let invited = m.consent == Consent::Invited && free;
        let by_token = hash.is_some_and(|h| m.token_hash.as_deref() == Some(h.as_slice()));
        m.person_id == Some(me) || (invited && (m.email == person.email || by_token))
    });
    let Some(mine) = mine else {
        // Who may see the application hears that this is not theirs; others hear nothing.
        let relations = see::may_see(conn, ctx, &ApplicationFacts::from(&record))?;
        find(conn, id, member)?;
        let others: Vec<Relation> = relations
            .into_iter()
            .filter(|r| !matches!(r, Relation::Invited | Relation::Team))
            .collect();
        authz::require(ctx, action, &others)?;
        return Err(no_member());
    };
    let relation = match mine.consent {
        Consent::Invited => Relation::Invited,
        Consent::Accepted => Relation::Team,
        Consent::Declined | Consent::Removed => {
            let detail = format!("This invitation is {}; ask to be invited again.", mine.consent);
            return Err(Problem::wrong_state(detail));
        }
    };
    if action == Action::AcceptMembership && relation == Relation::Team {
        return Err(Problem::wrong_state("You are on the team already."));
    }
    authz::require(ctx, action, &[relation])?;
    goes_on(&record)?;
    Ok((record, mine, me))
}

/// Says yes to an invitation, for oneself and in one's own name.
///
/// # Errors
/// 403 for somebody else's, 404 where there is none that the actor may see, 409 where it was
/// answered already, they are on the team by another address, or `may` says why they keep off it.
pub fn accept(
    conn: &mut Conn,
    ctx: &Ctx,
    place: (ApplicationId, MemberId),
    form: &AnswerForm,
    may: MayJoin,
) -> Result<Member> {
    let (record, mut member, me) = own_place(conn, ctx, place, form, Action::AcceptMembership)?;
    let team = store::team(conn, record.id)?;
    let twice = |m: &MemberRecord| m.id != member.id && m.person_id == Some(me) && is_live(m);
    if team.iter().any(twice) {
        return Err(Problem::new(Kind::AlreadyExists, "You are on the team already."));
    }
    may(conn, ctx, &ApplicationFacts::from(&record), me)?;
    // Who says yes does so in their own name, whatever they were called by who asked.
    let account = people::service::brief(conn, me)?.ok_or_else(missing)?;
    member.person_id = Some(me);
    member.name = account.name;
    let mut told = answer(conn, ctx, Action::AcceptMembership, &record, member, Consent::Accepted)?;
    told.email = Some(account.email);
    Ok(told)
}

/// Says no to an invitation, or leaves the team, for oneself.
///
/// # Errors
/// As [`accept`]; the applicant cannot leave.
pub fn decline_membership(
    conn: &mut Conn,
    ctx: &Ctx,
    place: (ApplicationId, MemberId),
    form: &AnswerForm,
) -> Result<Member> {
    let (record, member, _) = own_place(conn, ctx, place, form, Action::DeclineMembership)?;
    not_the_applicant(&record, &member)?;
    answer(conn, ctx, Action::DeclineMembership, &record, member, Consent::Declined)
}

fn answer(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    record: &Record,
    mut member: MemberRecord,
    consent: Consent,
) -> Result<Member> {
    let from = member.consent;
    member.consent = consent;
    member.token_hash = None;
    member.decided_at = Some(ctx.now);
    if !store::save_member(conn, from, &member, None)? {
        return Err(meanwhile());
    }
    note(conn, ctx, action, record, &member)?;
    if is_in(&member) {
        mates::has_joined(conn, ctx, record, &member)?;
    }
    mates::answered(conn, ctx, record, (from, &member))?;
    Ok(shown(member, true))
}
