//! Who keeps off the team of an application for what they did about it: nobody is both its judge
//! and one of those whom it is for.

use super::super::model::OfferStatus;
use super::super::store;
use crate::applications::model::ApplicationFacts;
use crate::approvals::model::Vote;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::problem::Problem;
use crate::platform::audit;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{concerns, reviews, vouches};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is decided on an application itself, and noted with it.
const DECISIONS: &[Action] = &[
    Action::OpenApplication,
    Action::RequestChanges,
    Action::DeclineApplication,
    Action::DeclineRoute,
    Action::AnswerAppeal,
    Action::ExtendApplication,
    Action::ExceptConflict,
    Action::DecideReviews,
];

/// Those of some applications off whose teams somebody keeps; each with why, as they are told.
pub fn keeps_off(
    conn: &mut Conn,
    applications: &[&ApplicationFacts],
    person: PersonId,
) -> Result<BTreeMap<ApplicationId, &'static str>> {
    let ids: Vec<ApplicationId> = applications.iter().map(|facts| facts.id).collect();
    let mut why = BTreeMap::new();
    if ids.is_empty() {
        return Ok(why);
    }
    let nominated = applications.iter().filter(|facts| facts.nominated_by == Some(person));
    add(&mut why, nominated.map(|facts| facts.id), "you nominated it");
    let made = store::made_on(conn, &ids, person)?.into_iter();
    let open = made.filter(|(_, status)| status.is_open()).map(|(id, _)| id);
    add(&mut why, open, "you have an offer on it: withdraw that first");
    let found = reviews::service::reviewed(conn, &ids, person)?;
    add(&mut why, found, "you review it, or did");
    let found = vouches::service::vouches_for(conn, &ids, person)?;
    add(&mut why, found, "you vouch for it: withdraw your vouch first");
    let objects: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let did = audit::did(conn, person, ("application", &objects), DECISIONS)?;
    let decided = ids.iter().copied().filter(|id| did.contains(&id.uuid()));
    add(&mut why, decided, "you decided on it");
    let found = reviews::service::had_reviewed(conn, &ids, person)?;
    add(&mut why, found, "you chose who reviews it, or set a review of it aside");
    let found = concerns::service::decided_on(conn, &ids, person)?;
    add(&mut why, found, "you looked at it for harm that it could do");
    for (id, vote, status) in store::voted_on(conn, &ids, person)? {
        match vote {
            Vote::Deny => add(&mut why, [id], "you denied an offer on it"),
            Vote::Approve if status.is_open() => {
                add(&mut why, [id], "you approved an offer on it");
            }
            Vote::Approve => {}
        }
    }
    Ok(why)
}

/// What was found first is told.
fn add(
    why: &mut BTreeMap<ApplicationId, &'static str>,
    ids: impl IntoIterator<Item = ApplicationId>,
    text: &'static str,
) {
    for id in ids {
        why.entry(id).or_insert(text);
    }
}

/// Refuses whoever keeps off the team. They are told why; somebody else, who merges two
/// applications, only that one of those with a stake in the one that is taken up does.
///
/// # Errors
/// 409.
pub fn may_join(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    person: PersonId,
) -> Result<()> {
    let Some(why) = keeps_off(conn, &[facts], person)?.remove(&facts.id) else { return Ok(()) };
    Err(Problem::wrong_state(match ctx.actor.is(person) {
        true => format!("You cannot join this team: {why}."),
        false => "The two cannot be merged: somebody who has, or had, to do with the one that \
                  would be taken up keeps off the team of the one that goes on. Who that is, and \
                  why, is told to nobody else."
            .into(),
    }))
}

/// The same before they are asked, of what who applies may read: who reviews it, offers or vouches
/// for it in private, or looked at it, is told to nobody by this.
///
/// # Errors
/// 409.
pub fn may_be_asked(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    person: PersonId,
) -> Result<()> {
    let did = if facts.nominated_by == Some(person) {
        "nominated it"
    } else if vouches::service::vouches_in_public(conn, facts.id, person)? {
        "vouches for it"
    } else if offers_openly(conn, ctx, facts, person)? {
        "has an offer on it"
    } else {
        return Ok(());
    };
    let detail = format!("Who has this address {did}, and keeps off the team for that.");
    Err(Problem::wrong_state(detail))
}

/// Whether everybody who sees an application reads that somebody has an offer on it.
fn offers_openly(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    person: PersonId,
) -> Result<bool> {
    let open = store::open_of(conn, facts.id)?;
    let told = open.iter().filter(|row| row.status == OfferStatus::Placed && !row.private);
    let live = told.filter(|row| row.expires_at > ctx.now);
    Ok(live.map(|row| row.regrantor_id).any(|maker| maker == person))
}
