//! Delegations that end by their last day; for the jobs.

use super::{tell, turn};
use crate::delegations::model::{DelegationStatus, Step};
use crate::delegations::store;
use crate::kernel::Result;
use crate::kernel::ids::{DelegationId, PersonId};
use crate::people;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Those whose last day is over, up to `limit`.
pub(in crate::delegations) fn over(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<DelegationId>> {
    store::over(conn, ctx.today(), limit)
}

/// Ends one whose last day is over. Both are told; where nobody had answered, whoever asked.
pub(in crate::delegations) fn expire(conn: &mut Conn, ctx: &Ctx, id: DelegationId) -> Result<()> {
    let Some(record) = store::lock(conn, id)? else { return Ok(()) };
    if record.ended_at.is_some() || record.expires_on >= ctx.today() {
        return Ok(());
    }
    let was = record.status;
    let record = turn(conn, ctx, record, Step::Expire, "expire_delegation")?;
    let Some(delegate) = record.delegate_id.filter(|_| was == DelegationStatus::Accepted) else {
        let subject = "Nobody acts for you: there was no answer";
        return tell(conn, ctx, record.principal_id, subject.into(), |letter| {
            letter.paragraph(format!(
                "You asked {} to do paperwork for you until {}. They have not answered, and that \
                 day is over. You can ask them again, or somebody else.",
                record.email, record.expires_on
            ))
        });
    };
    for person in [record.principal_id, delegate] {
        tell(conn, ctx, person, "A delegation is over".into(), |letter| {
            letter.paragraph(format!(
                "Its last day was {}: from now on nobody acts for the other. What was done stays, \
                 and you can agree on a new one.",
                record.expires_on
            ))
        })?;
    }
    Ok(())
}

/// Those in force that end soon and whose two people were not told, up to `limit`.
pub(in crate::delegations) fn ending(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<DelegationId>> {
    store::ending(conn, ctx.today(), limit)
}

/// Tells both, once, that a delegation ends soon.
pub(in crate::delegations) fn warn(conn: &mut Conn, ctx: &Ctx, id: DelegationId) -> Result<()> {
    let Some(record) = store::lock(conn, id)? else { return Ok(()) };
    if record.warn_on.is_none_or(|day| day > ctx.today()) {
        return Ok(());
    }
    store::warned(conn, id)?;
    let stands = record.status_on(ctx.today()) == DelegationStatus::Accepted;
    let Some(delegate) = record.delegate_id.filter(|_| stands) else { return Ok(()) };
    let names = people::service::names(conn, &[record.principal_id, delegate])?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    for person in [record.principal_id, delegate] {
        tell(conn, ctx, person, "A delegation ends soon".into(), |letter| {
            letter.paragraph(format!(
                "{} does paperwork for {}. The last day of that is {}; after it, nobody does \
                 unless you agree on a new one.",
                name(delegate),
                name(record.principal_id),
                record.expires_on
            ))
        })?;
    }
    Ok(())
}
