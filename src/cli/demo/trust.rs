//! What others say of an application: a review, and a vouch.

use super::scenes::Stage;
use super::seed::form;
use crate::kernel::Result;
use crate::platform::db::Conn;
use crate::{applications, reviews, vouches};
use serde_json::json;

/// Reviewed, vouched for, and open.
pub(super) fn reviewed(conn: &mut Conn, stage: &Stage<'_>) -> Result<()> {
    let what = ("Oversight that scales", "20000.00", "45000.00");
    let id = stage.submitted(conn, 3, 26, what)?;
    let (admin, reviewer) = (&stage.world.admin, &stage.world.reviewer);
    let ask = form(json!({ "person_id": reviewer.id }))?;
    let review = reviews::service::assign(conn, &stage.at(admin, 25), id, &ask)?.id;
    let scores: Vec<_> = [("merit", 5), ("feasibility", 3), ("team", 4), ("value", 4)]
        .into_iter()
        .map(|(key, score)| json!({ "key": key, "score": score, "comment": "See below." }))
        .collect();
    let said = form(json!({
        "scores": scores, "recommendation": "fund",
        "comment": "A question that matters, and people who can answer it. The plan is ambitious.",
    }))?;
    let mut ctx = stage.at(reviewer, 22);
    ctx.if_match = Some("\"v1\"".into());
    reviews::service::edit(conn, &ctx, review, &said)?;
    reviews::service::submit(conn, &ctx, review)?;
    applications::service::open(conn, &stage.at(admin, 21), id)?;
    let vouch = form(json!({
        "scopes": ["competence", "integrity"], "strength": "strong", "visibility": "public",
        "how_known": "We have worked on two projects together.",
        "statement": "Finishes what she starts, and says so when something does not work.",
    }))?;
    vouches::service::sign(conn, &stage.at(&stage.world.sol, 18), id, &vouch)?;
    Ok(())
}
