//! Use-cases of delegations, and what other domains ask: who acts for whom.

mod asked;
mod ends;
mod view;

pub use asked::{
    acting, acting_for, another_side, errands, one_side, principals, relations, same_side,
    stood_by, stood_for_whom,
};
pub use view::{delegates, delegations, get, to_answer};

pub(super) use ends::{ending, expire, over, warn};

use super::model::{AnswerDelegation, AppointDelegate, Delegation, DelegationStatus, Record, Step};
use super::{events, rules, store};
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{DelegationId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::auth::token;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::platform::outbox;
use serde_json::json;

fn missing() -> Problem {
    Problem::not_found("delegation")
}

fn meanwhile() -> Problem {
    Problem::changed_meanwhile("delegation")
}

/// Lets somebody act for the acting person, once they have said yes; they are asked by mail.
///
/// # Errors
/// 409 where they are asked already or a limit is reached, 422 with all that is wrong.
pub fn appoint(conn: &mut Conn, ctx: &Ctx, form: &AppointDelegate) -> Result<Delegation> {
    authz::require(ctx, Action::AppointDelegate, &[])?;
    let me = ctx.me()?;
    let person = people::service::brief(conn, me)?.ok_or_else(missing)?;
    let mut fields = Fields::new();
    let asked = rules::asked(&mut fields, form, &person.email, ctx.today());
    fields.finish()?;
    people::service::hold(conn, me)?;
    room_for_another(conn, ctx, me, &asked.email)?;
    let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
    let record = Record {
        id: ctx.id(),
        principal_id: me,
        delegate_id: None,
        email: asked.email,
        errands: asked.errands,
        expires_on: form.expires_on,
        status: DelegationStatus::Invited,
        token_hash: Some(minted.hash.to_vec()),
        created_at: ctx.now,
        answered_at: None,
        ended_at: None,
        warn_on: None,
    };
    store::insert(conn, &record)?;
    note(conn, ctx, Action::AppointDelegate.as_str(), &record)?;
    // Behind the #, so that no server and no referrer ever sees it.
    let link = format!("/delegations/{}#token={}", record.id, minted.secret.as_str());
    let because = "somebody asked you to do paperwork for them";
    let letter = Letter::new(format!("{} asks you to act for them", person.name), because)
        .paragraph(format!(
            "{} would like you to do paperwork for their applications and grants, until {}: {}.",
            person.name,
            record.expires_on,
            words(&record.errands)
        ))
        .paragraph(
            "You would not sign anything, and see no bank details. All that you do shows both \
             your names. While you act for somebody, you decide on none of their applications.",
        )
        .paragraph("You need an account for that; it can have another address than this one.")
        .link("Answer", link)
        .paragraph("If you do not know what this is about, say no or do nothing.");
    mail::send(conn, ctx, &record.email, &letter)?;
    view::one(conn, ctx, record)
}

fn words(errands: &[Errand]) -> String {
    let word = |errand: &Errand| match errand {
        Errand::Draft => "write applications",
        Errand::Submit => "hand applications in or take them back",
        Errand::Report => "write and hand in reports, also at checkpoints",
    };
    errands.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn room_for_another(conn: &mut Conn, ctx: &Ctx, me: PersonId, email: &str) -> Result<()> {
    let open = store::open_of(conn, me)?;
    let mut live = open.iter().filter(|d| d.status_on(ctx.today()) != DelegationStatus::Expired);
    if live.clone().any(|d| d.email == email) {
        let detail = format!("{email} acts for you already, or has not answered yet.");
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    let limit = |detail: String| Err(Problem::new(Kind::LimitReached, detail));
    if live.by_ref().count() >= rules::DELEGATES_MAX {
        return limit(format!("At most {} people can act for one.", rules::DELEGATES_MAX));
    }
    let since = ctx.now.plus_seconds(-24 * 3600);
    if let Some(last) = store::asked_since(conn, (me, email), since)? {
        let at = last.plus_seconds(24 * 3600);
        return limit(format!("You can ask {email} again at {at}."));
    }
    if store::made_since(conn, me, since)? >= rules::INVITATIONS_A_DAY {
        let max = rules::INVITATIONS_A_DAY;
        return limit(format!("One person can ask at most {max} people a day."));
    }
    Ok(())
}

fn note(conn: &mut Conn, ctx: &Ctx, action: &str, record: &Record) -> Result<()> {
    let after = json!({
        "principal_id": record.principal_id, "delegate_id": record.delegate_id,
        "scopes": record.errands, "expires_on": record.expires_on, "status": record.status,
    });
    let object = ("delegation", record.id.uuid());
    audit::record(conn, ctx, Change { action, object, before: None, after: Some(after) })
}

/// The delegation, held, and how the acting person is related to it; the token shows that they
/// read the invitation.
fn hold(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DelegationId,
    action: Action,
    presented: Option<&str>,
) -> Result<(Record, PersonId)> {
    let me = ctx.me()?;
    let record = store::lock(conn, id)?.ok_or_else(missing)?;
    let relations = related(conn, ctx, &record, presented)?;
    authz::require(ctx, action, &relations)?;
    Ok((record, me))
}

fn related(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    presented: Option<&str>,
) -> Result<Vec<Relation>> {
    let Some(me) = ctx.actor.person() else { return Ok(Vec::new()) };
    if record.principal_id == me {
        return Ok(vec![Relation::Own]);
    }
    if record.delegate_id == Some(me) {
        return Ok(vec![Relation::Named]);
    }
    if record.status != DelegationStatus::Invited {
        return Ok(Vec::new());
    }
    let hash = presented.and_then(|t| token::hash(&ctx.env.keys, token::Kind::Mail, t));
    let by_token = hash.is_some_and(|h| record.token_hash.as_deref() == Some(h.as_slice()));
    let email = people::service::brief(conn, me)?.map(|person| person.email);
    let invited = by_token || email.as_deref() == Some(record.email.as_str());
    Ok(if invited { vec![Relation::Invited] } else { Vec::new() })
}

/// Takes the step, and records who took it.
fn turn(
    conn: &mut Conn,
    ctx: &Ctx,
    mut record: Record,
    step: Step,
    action: &str,
) -> Result<Record> {
    let from = record.status;
    // What is over is over on its day, not once the job has noticed.
    let stands = match step {
        Step::Expire => from,
        _ => record.status_on(ctx.today()),
    };
    record.status = stands.after(step)?;
    record.token_hash = None;
    record.warn_on = match step {
        Step::Accept => rules::warn_on(record.expires_on, ctx.today()),
        _ => None,
    };
    if matches!(step, Step::Accept | Step::Decline) {
        record.answered_at = Some(ctx.now);
    }
    if record.status != DelegationStatus::Accepted {
        record.ended_at = Some(ctx.now);
    }
    if !store::turn(conn, from, &record, ctx.actor.person())? {
        return Err(meanwhile());
    }
    note(conn, ctx, action, &record)?;
    Ok(record)
}

/// Says yes, for oneself.
///
/// # Errors
/// 404 for those whom it does not concern, 409 where it is over, answered, or they act for the same
/// person already.
pub fn accept(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DelegationId,
    form: &AnswerDelegation,
) -> Result<Delegation> {
    let action = Action::AcceptDelegation;
    // Before the delegation: for how many somebody acts is counted by one at a time.
    people::service::hold(conn, ctx.me()?)?;
    let (mut record, me) = hold(conn, ctx, id, action, form.token.as_deref())?;
    if record.status_on(ctx.today()) == DelegationStatus::Expired {
        return Err(Problem::wrong_state("The delegation is over."));
    }
    let already = store::live(conn, (record.principal_id, me), ctx.today())?;
    if already.is_some() {
        let detail = "You act for this person already: one of you has to end that first.";
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    let limit = i64::try_from(rules::DELEGATES_MAX).unwrap_or(i64::MAX);
    if store::count_principals(conn, me, ctx.today())? >= limit {
        let detail = format!("You act for {} people, which is the most.", rules::DELEGATES_MAX);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    record.delegate_id = Some(me);
    let record = turn(conn, ctx, record, Step::Accept, action.as_str())?;
    let told = json!({ "v": 1, "principal_id": record.principal_id, "delegate_id": me });
    outbox::emit(conn, ctx, events::ACCEPTED, told)?;
    let subject = format!("{} acts for you from now on", ctx.actor_name);
    tell(conn, ctx, record.principal_id, subject, |letter| {
        letter.paragraph(format!(
            "{} said yes. Until {}, they may: {}. You can end that at any moment.",
            ctx.actor_name,
            record.expires_on,
            words(&record.errands)
        ))
    })?;
    view::one(conn, ctx, record)
}

/// Says no, for oneself.
///
/// # Errors
/// 404 for those whom it does not concern.
pub fn decline(
    conn: &mut Conn,
    ctx: &Ctx,
    id: DelegationId,
    form: &AnswerDelegation,
) -> Result<()> {
    let action = Action::DeclineDelegation;
    let (record, _) = hold(conn, ctx, id, action, form.token.as_deref())?;
    let record = turn(conn, ctx, record, Step::Decline, action.as_str())?;
    let subject = format!("{} does not act for you", ctx.actor_name);
    tell(conn, ctx, record.principal_id, subject, |letter| {
        letter.paragraph(format!(
            "You asked {} to do paperwork for you, and they said no. You can ask somebody else.",
            ctx.actor_name
        ))
    })
}

/// Ends a delegation at once; the other one is told.
///
/// # Errors
/// 404 for those whom it does not concern, 409 where it has ended already.
pub fn revoke(conn: &mut Conn, ctx: &Ctx, id: DelegationId) -> Result<Delegation> {
    let action = Action::RevokeDelegation;
    let (record, me) = hold(conn, ctx, id, action, None)?;
    let record = turn(conn, ctx, record, Step::Revoke, action.as_str())?;
    let other =
        if record.principal_id == me { record.delegate_id } else { Some(record.principal_id) };
    if let Some(other) = other {
        let subject = format!("{} has ended a delegation", ctx.actor_name);
        tell(conn, ctx, other, subject, |letter| {
            letter.paragraph("From now on nobody acts for the other. What was done stays.")
        })?;
    }
    view::one(conn, ctx, record)
}

/// Writes to one of the two.
pub fn tell(
    conn: &mut Conn,
    ctx: &Ctx,
    to: PersonId,
    subject: String,
    say: impl FnOnce(Letter) -> Letter,
) -> Result<()> {
    let Some(person) = people::service::brief(conn, to)?.filter(|p| p.active) else {
        return Ok(());
    };
    let because = "one of you does paperwork for the other";
    let letter = say(Letter::new(subject, because).greeting(&person.name));
    mail::send(conn, ctx, &person.email, &letter.link("Delegations", "/delegations"))
}

/// The question that was mailed with this token: its delegation, who asks, and what they would do,
/// in words. None where it was answered or is over.
pub fn mailed(
    conn: &mut Conn,
    ctx: &Ctx,
    presented: &str,
) -> Result<Option<(DelegationId, String, String, Date)>> {
    let Some(hash) = token::hash(&ctx.env.keys, token::Kind::Mail, presented) else {
        return Ok(None);
    };
    let found = store::by_token(conn, &hash)?;
    let waits = |d: &Record| d.status_on(ctx.today()) == DelegationStatus::Invited;
    let Some(record) = found.filter(waits) else { return Ok(None) };
    let from = people::service::brief(conn, record.principal_id)?.ok_or_else(missing)?;
    Ok(Some((record.id, from.name, words(&record.errands), record.expires_on)))
}
