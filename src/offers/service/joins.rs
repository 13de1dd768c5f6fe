//! Who keeps off the team of an application for what they did about it: nobody is both its judge
//! and one of those whom it is for.

use super::super::model::OfferStatus;
use super::super::store;
use super::decide;
use crate::applications::model::ApplicationFacts;
use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::Problem;
use crate::platform::audit;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{concerns, reviews, vouches};

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

/// Why somebody keeps off the team of an application, as they are told; none where they may join.
pub fn keeps_off(
    conn: &mut Conn,
    facts: &ApplicationFacts,
    person: PersonId,
) -> Result<Option<&'static str>> {
    let id = facts.id;
    if facts.nominated_by == Some(person) {
        return Ok(Some("you nominated it"));
    }
    let open = store::open_of(conn, id)?;
    if open.iter().any(|row| row.regrantor_id == person) {
        return Ok(Some("you have an offer on it: withdraw that first"));
    }
    for row in &open {
        if decide::approvers(conn, row.id)?.contains(&person) {
            return Ok(Some("you approved an offer on it"));
        }
    }
    if reviews::service::has_reviewed(conn, id, person)? {
        return Ok(Some("you review it, or did"));
    }
    if vouches::service::vouches_for(conn, id, person, false)? {
        return Ok(Some("you vouch for it: withdraw your vouch first"));
    }
    if audit::did(conn, person, ("application", id.uuid()), DECISIONS)? {
        return Ok(Some("you decided on it"));
    }
    let screened = concerns::service::has_decided(conn, id, person)?;
    Ok(screened.then_some("you looked at it for harm that it could do"))
}

/// Refuses whoever keeps off the team, and tells them why.
///
/// # Errors
/// 409.
pub fn may_join(
    conn: &mut Conn,
    _: &Ctx,
    facts: &ApplicationFacts,
    person: PersonId,
) -> Result<()> {
    match keeps_off(conn, facts, person)? {
        Some(why) => Err(Problem::wrong_state(format!("You cannot join this team: {why}."))),
        None => Ok(()),
    }
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
    } else if vouches::service::vouches_for(conn, facts.id, person, true)? {
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
