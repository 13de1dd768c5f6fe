//! Declining for a reason that only the need-to-know lane knows.

use super::letters::{self, Beside};
use super::{Turn, declines, mates, missing, routes, turn};
use crate::applications::model::Act;
use crate::applications::{events, store};
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::problem::Problem;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Declines an application with this reason, which the applicant reads; for who has decided and
/// authorised it, in the service's name. To everybody else it is a decline like any other.
///
/// # Errors
/// 409 unless it was handed in and has not ended.
pub fn stop(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, reason: &str) -> Result<()> {
    if !ctx.actor.is_system() {
        return Err(Problem::internal("only the service stops an application"));
    }
    let record = store::lock(conn, id)?.ok_or_else(missing)?;
    let said = declines::plain(ctx, reason);
    // Where its own call has declined it alone, it goes as it does with all that are left.
    if record.left_own_call() {
        record.state.after(Act::Decline)?;
        let record = routes::decline_rest(conn, ctx, record, &said)?;
        return mates::let_go(conn, ctx, &record);
    }
    let step = Turn {
        act: Act::Decline,
        action: Action::DeclineApplication.as_str(),
        reason: Some(reason.to_owned()),
        promised_on: None,
        event: Some(events::DECLINED),
    };
    let further = routes::further_titles(conn, id)?;
    let record = turn(conn, ctx, record, step)?;
    let remedy = declines::keep(conn, ctx, &record, &said)?;
    let beside = Beside { advice: None, remedy, further };
    mates::let_go(conn, ctx, &record)?;
    letters::declined_by(conn, ctx, &record, &beside)
}
