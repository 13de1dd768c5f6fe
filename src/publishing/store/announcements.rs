//! Rows of announcements.

use crate::kernel::Result;
use crate::kernel::ids::{AnnouncementId, ApplicationId, ContributionId, FundId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::cols;
use crate::platform::db::schema::announcements;
use crate::platform::db::schema::announcements::dsl as n;
use crate::publishing::model::{Announcement, AnnouncementRow, AnnouncementStatus};
use diesel::prelude::*;

crate::db_text!(AnnouncementStatus);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = announcements, treat_none_as_default_value = false)]
struct Row {
    id: AnnouncementId,
    application_id: ApplicationId,
    fund_id: FundId,
    amount: i64,
    currency: Currency,
    giver_name: Option<String>,
    email: Option<String>,
    message: String,
    reference: String,
    status: AnnouncementStatus,
    contribution_id: Option<ContributionId>,
    expires_at: Instant,
    created_at: Instant,
    fee_basis_points: Option<i32>,
}

impl From<Row> for Announcement {
    fn from(row: Row) -> Self {
        let email = row.email;
        let row = AnnouncementRow {
            id: row.id,
            application_id: row.application_id,
            fund_id: row.fund_id,
            amount: Money::new(row.amount, row.currency),
            giver_name: row.giver_name,
            message: row.message,
            reference: row.reference,
            status: row.status,
            contribution_id: row.contribution_id,
            expires_at: row.expires_at,
            created_at: row.created_at,
            fee_basis_points: row.fee_basis_points,
        };
        Self { row, email }
    }
}

pub(in crate::publishing) fn insert_announcement(
    conn: &mut Conn,
    announced: &Announcement,
) -> Result<()> {
    let row = Row {
        id: announced.row.id,
        application_id: announced.row.application_id,
        fund_id: announced.row.fund_id,
        amount: announced.row.amount.minor(),
        currency: announced.row.amount.currency(),
        giver_name: announced.row.giver_name.clone(),
        email: announced.email.clone(),
        message: announced.row.message.clone(),
        reference: announced.row.reference.clone(),
        status: announced.row.status,
        contribution_id: announced.row.contribution_id,
        expires_at: announced.row.expires_at,
        created_at: announced.row.created_at,
        fee_basis_points: announced.row.fee_basis_points,
    };
    diesel::insert_into(announcements::table).values(&row).execute(conn)?;
    Ok(())
}

/// One announcement.
pub(in crate::publishing) fn announcement(
    conn: &mut Conn,
    id: AnnouncementId,
) -> Result<Option<Announcement>> {
    let row: Option<Row> =
        n::announcements.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Announcement::from))
}

/// Whether an announcement for this fund is open.
pub(in crate::publishing) fn is_awaited(conn: &mut Conn, fund: FundId) -> Result<bool> {
    let open = n::status.eq(AnnouncementStatus::Announced).and(n::fund_id.eq(fund));
    let found: Option<AnnouncementId> =
        n::announcements.filter(open).select(n::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// The newest row, held until the transaction ends.
pub(in crate::publishing) fn hold_announcement(
    conn: &mut Conn,
    id: AnnouncementId,
) -> Result<Option<Announcement>> {
    let row: Option<Row> = diesel::update(n::announcements.find(id))
        .set(n::amount.eq(n::amount))
        .returning(cols::<Row>())
        .get_result(conn)
        .optional()?;
    Ok(row.map(Announcement::from))
}

/// Announcements, newest first, one more than the page holds.
pub(in crate::publishing) fn announcements(
    conn: &mut Conn,
    (status, reference, application): (
        Option<AnnouncementStatus>,
        Option<String>,
        Option<ApplicationId>,
    ),
    page: &PageOf<of::Announcement>,
) -> Result<Vec<Announcement>> {
    let mut query = n::announcements.select(Row::as_select()).into_boxed();
    if let Some(status) = status {
        query = query.filter(n::status.eq(status));
    }
    if let Some(reference) = reference {
        query = query.filter(n::reference.eq(reference));
    }
    if let Some(application) = application {
        query = query.filter(n::application_id.eq(application));
    }
    if let Some(after) = page.after {
        query = query.filter(n::id.lt(after));
    }
    let rows: Vec<Row> = query.order(n::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Announcement::from).collect())
}

/// The money of a held announcement is there.
pub(in crate::publishing) fn receive_announcement(
    conn: &mut Conn,
    id: AnnouncementId,
    contribution: ContributionId,
) -> Result<()> {
    diesel::update(n::announcements.find(id))
        .set((
            n::status.eq(AnnouncementStatus::Received),
            n::contribution_id.eq(Some(contribution)),
        ))
        .execute(conn)?;
    Ok(())
}

/// The announcement that a contribution became, held until the transaction ends.
pub(in crate::publishing) fn announcement_of(
    conn: &mut Conn,
    contribution: ContributionId,
) -> Result<Option<Announcement>> {
    let its = n::announcements.filter(n::contribution_id.eq(contribution));
    let id: Option<AnnouncementId> = its.select(n::id).first(conn).optional()?;
    match id {
        Some(id) => hold_announcement(conn, id),
        None => Ok(None),
    }
}

/// It was not received after all: it waits again until its day, or is over where who made it is
/// forgotten.
pub(in crate::publishing) fn await_announcement(
    conn: &mut Conn,
    made: &Announcement,
    until: Instant,
) -> Result<()> {
    let status = match made.email {
        Some(_) => AnnouncementStatus::Announced,
        None => AnnouncementStatus::Expired,
    };
    diesel::update(n::announcements.find(made.row.id))
        .set((
            n::status.eq(status),
            n::contribution_id.eq(None::<ContributionId>),
            n::expires_at.eq(until),
        ))
        .execute(conn)?;
    Ok(())
}

/// Announcements that nothing came of, the oldest first.
pub(in crate::publishing) fn overdue_announcements(
    conn: &mut Conn,
    now: Instant,
    limit: i64,
) -> Result<Vec<AnnouncementId>> {
    let over = n::announcements.filter(n::status.eq(AnnouncementStatus::Announced));
    let over = over.filter(n::expires_at.le(now)).order(n::id).limit(limit);
    Ok(over.select(n::id).load(conn)?)
}

/// Ends one that is over, and forgets who made it.
pub(in crate::publishing) fn expire_announcement(
    conn: &mut Conn,
    id: AnnouncementId,
    now: Instant,
) -> Result<()> {
    let over = n::announcements.find(id).filter(n::status.eq(AnnouncementStatus::Announced));
    diesel::update(over.filter(n::expires_at.le(now)))
        .set((
            n::status.eq(AnnouncementStatus::Expired),
            n::giver_name.eq(None::<String>),
            n::email.eq(None::<String>),
            n::message.eq(""),
        ))
        .execute(conn)?;
    Ok(())
}
