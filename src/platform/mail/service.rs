//! Writing a mail in the transaction that is its reason.

use super::{
    Letter, Mail,
    jobs::{SEND, sealed},
};
use crate::kernel::Result;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::jobs::{NewJob, enqueue_as};
use serde_json::json;

const DAY_SECONDS: i64 = 86_400;

/// Sends a letter to one reader, after the caller's transaction has committed.
///
/// The stored job holds it sealed: mails contain links that let people in, and neither the
/// database file nor a backup may.
///
/// What the service itself records of the past (an import) is told to nobody.
///
/// # Errors
/// 422 for an address that is none; an internal problem for a letter that is wrongly made.
pub fn send(conn: &mut Conn, ctx: &Ctx, address: &str, letter: &Letter) -> Result<()> {
    let env = &ctx.env;
    if ctx.actor.is_system() && ctx.now.plus_seconds(DAY_SECONDS) < env.clock.now() {
        return Ok(());
    }
    let mail: Mail = letter.to(address, env.mailer.service(), &env.config.base_url())?;
    let id = ctx.id();
    let (payload, sealed) = (json!({ "v": 1 }), sealed(&env.keys, id, &mail)?);
    let run_at = env.clock.now();
    let job = NewJob { kind: SEND.name(), payload, run_at, dedupe: None };
    enqueue_as(conn, ctx, id, job, Some(sealed))?;
    Ok(())
}
