//! Going through all open offers, part by part, for those that nothing has released though their
//! makers may not fund their applications any more.

use super::super::model::OfferStatus;
use super::super::store;
use super::release::{end_of_former, end_of_insider};
use crate::kernel::Result;
use crate::kernel::ids::OfferId;
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, meta};

fn key(status: OfferStatus) -> String {
    format!("offers.walked.{status}")
}

/// Where the last walk through the offers of a status left off; none where it came to the end.
pub fn walked(conn: &mut Conn, status: OfferStatus) -> Result<Option<OfferId>> {
    Ok(meta::get(conn, &key(status))?.and_then(|text| text.parse().ok()))
}

/// Notes that it left off there.
pub fn walked_to(conn: &mut Conn, status: OfferStatus, at: Option<OfferId>) -> Result<()> {
    match at {
        Some(at) => meta::put(conn, &key(status), &at.to_string()),
        None => meta::remove(conn, &key(status)),
    }
}

/// Of the next `limit` offers of a status after that one, those whose makers are on their
/// application, act for who applies, declared a conflict with it, or make no offers any more. With
/// the last that was looked at; none where there are no more.
pub fn unfit(
    conn: &mut Conn,
    status: OfferStatus,
    after: Option<OfferId>,
    limit: i64,
) -> Result<(Vec<OfferId>, Option<OfferId>)> {
    let ids = store::next_of(conn, status, after, limit)?;
    let full = i64::try_from(ids.len()) == Ok(limit);
    let last = ids.last().copied().filter(|_| full);
    let unfit = if ids.is_empty() { Vec::new() } else { store::unfit(conn, &ids)? };
    Ok((unfit, last))
}

/// Releases one of them, for what is true by now; nothing where somebody was faster.
pub fn end_of_unfit(conn: &mut Conn, ctx: &Ctx, id: OfferId) -> Result<()> {
    end_of_former(conn, ctx, id)?;
    end_of_insider(conn, ctx, id)
}
