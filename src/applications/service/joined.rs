//! What becomes of the team, files and answers of an application that is taken up by another one.
//! Files hang on the one that goes on as well. Its answers fill what the other left open; where
//! both answered, the one that goes on keeps its own, and the other's is kept beside it, for the
//! team to read.

use super::{MayJoin, declines, letters, mates, meanwhile, members, named, stakes};
use crate::answers;
use crate::answers::model::{Answers, Form, Paper};
use crate::answers::rules as forms;
use crate::applications::model::{
    ApplicationFacts, Consent, MergedAnswer, MergedText, Record, State,
};
use crate::applications::rules::merge::{Carried, carried};
use crate::applications::store;
use crate::attachments;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::AttachmentId;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::auth::token;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Whether the one that is taken up is in no further call: those who may fund it there would lose
/// sight of it.
///
/// # Errors
/// 409, saying what to do.
pub(super) fn in_one_call(conn: &mut Conn, from: &Record) -> Result<()> {
    if store::further_calls(conn, from.id)?.is_empty() {
        return Ok(());
    }
    let detail = "The application that would be taken up is in further calls: take it out of them \
                  first, and route the one that goes on.";
    Err(Problem::wrong_state(detail))
}

/// Whether the one that goes on was handed in, or can still be: what came in on time would be lost
/// in a draft that comes too late.
///
/// # Errors
/// 409, saying why it cannot be.
pub(super) fn in_time(conn: &mut Conn, ctx: &Ctx, into: &Record) -> Result<()> {
    if into.state != State::Draft || declines::comes_again(conn, ctx, into.id)? {
        return Ok(());
    }
    let call = calls::service::facts(conn, into.call_id)?;
    let call = call.ok_or_else(|| Problem::internal("an application without its call"))?;
    calls::service::accepts(&call, ctx.today()).map_err(|problem| {
        let why = problem.detail();
        Problem::wrong_state(format!(
            "The application that would go on is a draft that cannot be handed in, and the other \
             would be lost in it. {why}"
        ))
    })
}

/// Refuses where somebody with a stake in what is taken up keeps off the other: all of them have
/// one in what goes on from then on, also who has left the team, acts or acted for who applies, or
/// is only asked onto the team.
fn nobody_keeps_off(
    conn: &mut Conn,
    ctx: &Ctx,
    (into, from): (&Record, &Record),
    may: MayJoin,
) -> Result<()> {
    let mut coming = stakes::all_on(conn, from.id)?;
    // Who is on its team was let onto it; who acts for them was not.
    coming.remove(&into.applicant_id);
    for there in mates::on_team(conn, into.id)? {
        coming.remove(&there);
    }
    let facts = ApplicationFacts::from(into);
    coming.iter().try_for_each(|person| may(conn, ctx, &facts, *person))
}

/// The team of the one that is taken up: see [`carried`]. Who is on the other from now on has
/// joined it, as if they had said yes to an invitation.
///
/// # Errors
/// 409 as [`carried`], and where `may` says that one of them keeps off it.
pub(super) fn team(
    conn: &mut Conn,
    ctx: &Ctx,
    (into, from): (&Record, &Record),
    may: MayJoin,
) -> Result<()> {
    let (there, coming) = (store::team(conn, into.id)?, store::team(conn, from.id)?);
    let all = carried(&there, &coming, from.applicant_id)?;
    nobody_keeps_off(conn, ctx, (into, from), may)?;
    for one in all {
        match one {
            Carried::Joins(mut member) => {
                member.id = ctx.id();
                member.token_hash = None;
                (member.created_at, member.decided_at) = (ctx.now, Some(ctx.now));
                members::free_address(conn, &there, &member.email)?;
                store::insert_member(conn, into.id, &member, None)?;
                mates::has_joined(conn, ctx, into, &member)?;
            }
            Carried::Returns(mut member) => {
                let was = member.consent;
                member.consent = Consent::Accepted;
                member.token_hash = None;
                member.decided_at = Some(ctx.now);
                if !store::save_member(conn, was, &member, None)? {
                    return Err(meanwhile());
                }
                mates::has_joined(conn, ctx, into, &member)?;
            }
            Carried::Asked(mut member) => {
                let minted = token::mint(&ctx.env.keys, token::Kind::Mail);
                member.id = ctx.id();
                member.person_id = None;
                member.consent = Consent::Invited;
                member.token_hash = Some(minted.hash.to_vec());
                (member.created_at, member.decided_at) = (ctx.now, None);
                members::free_address(conn, &there, &member.email)?;
                store::insert_member(conn, into.id, &member, ctx.actor.person())?;
                letters::invited(conn, ctx, into, &member, &minted.secret)?;
            }
        }
    }
    Ok(())
}

/// Hangs the files on the one that goes on; its answers then, and what the other said.
///
/// # Errors
/// 409 where together it would be too much: nothing is dropped.
pub(super) fn join(
    conn: &mut Conn,
    ctx: &Ctx,
    (into, paper): (&Record, &Paper),
    from: &Record,
) -> Result<(Paper, MergedText)> {
    let mut copies = attachments::service::copies(conn, ctx, from.id)?;
    let (asked, mut given, unsure) = named::sure(conn, from)?;
    copies.retain(|(of, _)| !unsure.contains(of));
    attachments::service::room_for(conn, into.id, copies.len())?;
    let copy = |file| copies.iter().find(|(of, _)| *of == file).map(|(_, made)| made.id);
    forms::point(&asked, &mut given, copy);
    let form = answers::service::form_of(conn, into.call_id, paper.form_version)?;
    let mut new = paper.clone();
    let mut taken = Vec::new();
    for (key, old) in forms::common(&asked, &given, &form) {
        // What was filled in from the bank and waits for a yes is no answer yet.
        if !new.answers.contains_key(&key) || new.suggested.contains_key(&key) {
            new.suggested.remove(&key);
            new.answers.insert(key, given[&old].clone());
            taken.push(old);
        }
    }
    let mut fields = Fields::new();
    forms::fits(&mut fields, &new.answers);
    if fields.finish().is_err() {
        let detail = "Together their answers would be too long.";
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    // What answered a question there and answers none here stands beside, as its answer does:
    // nobody decided that those outside the team may read it.
    let named = forms::files(&asked, &given);
    let (used, left): (Vec<_>, Vec<_>) =
        named.into_iter().partition(|(question, _)| taken.contains(&question.key));
    let of = |files: &[(_, AttachmentId)], id| files.iter().any(|(_, file)| *file == id);
    for (_, made) in &mut copies {
        made.closed |= of(&left, made.id) && !of(&used, made.id);
    }
    attachments::service::hang(conn, copies, into.id)?;
    let mut kept = MergedText::from(&from.content);
    kept.answers = told(&asked, &given, &taken);
    Ok((new, kept))
}

fn told(form: &Form, answers: &Answers, taken: &[String]) -> Vec<MergedAnswer> {
    let quiz = form.eligibility.iter().map(|q| (&q.key, &q.label));
    let all = quiz.chain(form.questions.iter().map(|q| (&q.key, &q.label)));
    let told = |(key, label): (&String, &String)| {
        Some(MergedAnswer {
            key: key.clone(),
            label: label.clone(),
            answer: answers.get(key)?.clone(),
            taken: taken.contains(key),
        })
    };
    all.filter_map(told).collect()
}
