//! The directory: research directions, who works on them, and who helps whom.

use super::seed::{Player, form};
use crate::kernel::Result;
use crate::kernel::ids::AgendaId;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{agendas, delegations, people};
use serde_json::json;

/// Two research directions.
pub(super) fn directory(conn: &mut Conn, by_admin: &Ctx) -> Result<Vec<AgendaId>> {
    let all = [
        ("interpretability", "Interpretability", "What goes on inside models, and why."),
        ("evaluations", "Evaluations", "What models can do, and would do."),
    ];
    let mut ids = Vec::new();
    for (slug, title, summary) in all {
        let new = form(json!({ "slug": slug, "title": title, "summary": summary }))?;
        ids.push(agendas::service::create(conn, by_admin, &new)?.id);
    }
    Ok(ids)
}

/// Two researchers want to be found, and one has somebody to help with paperwork.
pub(super) fn found(
    conn: &mut Conn,
    system: &Ctx,
    researchers: &[Player],
    directions: &[AgendaId],
) -> Result<()> {
    let said = [
        ("Amsterdam, Netherlands", "team_mate", "I look for somebody who likes statistics."),
        ("Taipei, Taiwan", "mentor", "New to this, and full of questions."),
    ];
    for (who, (place, looking_for, about)) in researchers.iter().zip(said) {
        let mut ctx = who.ctx(system, 30);
        ctx.if_match = Some("\"v0\"".into());
        let profile = form(json!({
            "place": place, "about": about, "looking_for": [looking_for],
            "agendas": directions, "listed": true,
        }))?;
        agendas::service::set_profile(conn, &ctx, &profile)?;
    }
    let [first, second, ..] = researchers else { return Ok(()) };
    let email = people::service::brief(conn, second.id)?.map(|person| person.email);
    let ctx = first.ctx(system, 20);
    let asked = form(json!({
        "email": email, "scopes": ["draft", "report"],
        "expires_on": ctx.today().plus_days(300),
    }))?;
    let made = delegations::service::appoint(conn, &ctx, &asked)?;
    let answer = form(json!({}))?;
    delegations::service::accept(conn, &second.ctx(system, 19), made.id, &answer)?;
    Ok(())
}
