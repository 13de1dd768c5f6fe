//! Rows of earmarks.

use crate::funds::model::{Earmark, EarmarkStatus};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ContributionId, EarmarkId, FundId, OfferId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, cols, padded, sum_i64};
use crate::platform::db::schema::earmarks;
use crate::platform::db::schema::earmarks::dsl as e;
use diesel::dsl::count_star;
use diesel::prelude::*;

crate::db_text!(EarmarkStatus);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = earmarks, treat_none_as_default_value = false)]
struct Row {
    id: EarmarkId,
    contribution_id: ContributionId,
    application_id: ApplicationId,
    fund_id: FundId,
    given: i64,
    amount: i64,
    currency: Currency,
    status: EarmarkStatus,
    offer_id: Option<OfferId>,
    reason: Option<String>,
    decided_by: Option<PersonId>,
    decided_at: Option<Instant>,
    created_at: Instant,
}

impl From<Row> for Earmark {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            contribution_id: row.contribution_id,
            application_id: row.application_id,
            fund_id: row.fund_id,
            given: Money::new(row.given, row.currency),
            amount: Money::new(row.amount, row.currency),
            status: row.status,
            offer_id: row.offer_id,
            reason: row.reason,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            created_at: row.created_at,
        }
    }
}

pub(in crate::funds) fn insert_earmark(conn: &mut Conn, earmark: &Earmark) -> Result<()> {
    let row = Row {
        id: earmark.id,
        contribution_id: earmark.contribution_id,
        application_id: earmark.application_id,
        fund_id: earmark.fund_id,
        given: earmark.given.minor(),
        amount: earmark.amount.minor(),
        currency: earmark.amount.currency(),
        status: earmark.status,
        offer_id: earmark.offer_id,
        reason: earmark.reason.clone(),
        decided_by: earmark.decided_by,
        decided_at: earmark.decided_at,
        created_at: earmark.created_at,
    };
    diesel::insert_into(earmarks::table).values(&row).execute(conn)?;
    Ok(())
}

/// The newest row, held until the transaction ends.
pub(in crate::funds) fn hold_earmark(conn: &mut Conn, id: EarmarkId) -> Result<Option<Earmark>> {
    let row: Option<Row> = diesel::update(e::earmarks.find(id))
        .set(e::amount.eq(e::amount))
        .returning(cols::<Row>())
        .get_result(conn)
        .optional()?;
    Ok(row.map(Earmark::from))
}

pub(in crate::funds) fn application_of(
    conn: &mut Conn,
    id: EarmarkId,
) -> Result<Option<ApplicationId>> {
    Ok(e::earmarks.find(id).select(e::application_id).first(conn).optional()?)
}

/// The earmark that a contribution became, held until the transaction ends.
pub(in crate::funds) fn earmark_of_contribution(
    conn: &mut Conn,
    contribution: ContributionId,
) -> Result<Option<Earmark>> {
    let its = e::earmarks.filter(e::contribution_id.eq(contribution));
    let id: Option<EarmarkId> = its.select(e::id).first(conn).optional()?;
    match id {
        Some(id) => hold_earmark(conn, id),
        None => Ok(None),
    }
}

pub(in crate::funds) fn earmark_of_offer(
    conn: &mut Conn,
    offer: OfferId,
) -> Result<Option<Earmark>> {
    let row: Option<Row> = e::earmarks
        .filter(e::offer_id.eq(offer))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Earmark::from))
}

/// Earmarks, newest first, one more than the page holds.
pub(in crate::funds) fn earmarks(
    conn: &mut Conn,
    status: Option<EarmarkStatus>,
    application: Option<ApplicationId>,
    page: &PageOf<of::Earmark>,
) -> Result<Vec<Earmark>> {
    let mut query = e::earmarks.select(Row::as_select()).into_boxed();
    if let Some(status) = status {
        query = query.filter(e::status.eq(status));
    }
    if let Some(application) = application {
        query = query.filter(e::application_id.eq(application));
    }
    if let Some(after) = page.after {
        query = query.filter(e::id.lt(after));
    }
    let rows: Vec<Row> = query.order(e::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Earmark::from).collect())
}

/// What was given for an application and is there for it.
const LIVE: [EarmarkStatus; 3] =
    [EarmarkStatus::Held, EarmarkStatus::Offered, EarmarkStatus::Spent];

/// The sum of what was given for an application in a currency, and how many gave; what has another
/// use, or never came, apart.
pub(in crate::funds) fn given_for(
    conn: &mut Conn,
    application: ApplicationId,
    currency: Currency,
) -> Result<(i64, i64)> {
    let theirs = e::application_id.eq(application).and(e::currency.eq(currency));
    let (sum, count): (Option<i64>, i64) = e::earmarks
        .filter(theirs.and(e::status.eq_any(LIVE)))
        .select((sum_i64(e::given), count_star()))
        .get_result(conn)?;
    Ok((sum.unwrap_or(0), count))
}

/// The sums of what is held for some applications, by fund; those for which nothing is are left
/// out.
pub(in crate::funds) fn held_for(
    conn: &mut Conn,
    applications: &[ApplicationId],
) -> Result<Vec<(ApplicationId, FundId, Money)>> {
    type Sum = (ApplicationId, FundId, Currency, Option<i64>);
    let held = e::earmarks
        .filter(e::application_id.eq_any(padded(applications)))
        .filter(e::status.eq(EarmarkStatus::Held))
        .group_by((e::application_id, e::fund_id, e::currency))
        .select((e::application_id, e::fund_id, e::currency, sum_i64(e::amount)));
    let sums: Vec<Sum> = Kept(held).load(conn)?;
    let money = |(id, fund, currency, sum): Sum| (id, fund, Money::new(sum.unwrap_or(0), currency));
    Ok(sums.into_iter().map(money).collect())
}

/// The sums, by fund, of what was given for an application and is held or offered.
pub(in crate::funds) fn unspent_for(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<(FundId, Money)>> {
    type Sum = (FundId, Currency, Option<i64>);
    let theirs = e::earmarks.filter(e::application_id.eq(application));
    let sums: Vec<Sum> = theirs
        .filter(e::status.eq_any([EarmarkStatus::Held, EarmarkStatus::Offered]))
        .group_by((e::fund_id, e::currency))
        .select((e::fund_id, e::currency, sum_i64(e::amount)))
        .load(conn)?;
    let money = |(fund, currency, sum): Sum| (fund, Money::new(sum.unwrap_or(0), currency));
    Ok(sums.into_iter().map(money).collect())
}

pub(in crate::funds) fn any_given_for(conn: &mut Conn, application: ApplicationId) -> Result<bool> {
    let theirs = e::earmarks.filter(e::application_id.eq(application));
    let live = theirs.filter(e::status.eq_any(LIVE));
    Ok(diesel::select(diesel::dsl::exists(live)).get_result(conn)?)
}

/// What funds hold for applications.
pub(in crate::funds) fn tied(conn: &mut Conn) -> Result<Vec<(FundId, Currency, i64)>> {
    let sums: Vec<(FundId, Currency, Option<i64>)> = e::earmarks
        .filter(e::status.eq(EarmarkStatus::Held))
        .group_by((e::fund_id, e::currency))
        .select((e::fund_id, e::currency, sum_i64(e::amount)))
        .load(conn)?;
    Ok(sums.into_iter().map(|(id, currency, sum)| (id, currency, sum.unwrap_or(0))).collect())
}

/// From one state to another; whether it was still in the first.
pub(in crate::funds) fn turn_earmark(
    conn: &mut Conn,
    (id, from, to): (EarmarkId, EarmarkStatus, EarmarkStatus),
    offer: Option<OfferId>,
    reason: Option<&str>,
    (by, at): (Option<PersonId>, Instant),
) -> Result<bool> {
    let rows = diesel::update(e::earmarks.filter(e::id.eq(id).and(e::status.eq(from))))
        .set((
            e::status.eq(to),
            e::offer_id.eq(offer),
            e::reason.eq(reason),
            e::decided_by.eq(by),
            e::decided_at.eq(at),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// The sum of what a fund holds for applications.
pub(in crate::funds) fn held_in(conn: &mut Conn, fund: FundId) -> Result<i64> {
    let held = e::earmarks.filter(e::fund_id.eq(fund).and(e::status.eq(EarmarkStatus::Held)));
    let sum: Option<i64> = held.select(sum_i64(e::amount)).get_result(conn)?;
    Ok(sum.unwrap_or(0))
}

/// Earmarks of an application that are part of an offer, oldest first.
pub(in crate::funds) fn offered_for(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<Earmark>> {
    let theirs = e::earmarks.filter(e::application_id.eq(application));
    let offered = theirs.filter(e::status.eq(EarmarkStatus::Offered)).order(e::id);
    let rows: Vec<Row> = offered.select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Earmark::from).collect())
}
