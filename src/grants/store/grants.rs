//! Grants.

use crate::grants::model::{GrantFacts, GrantStatus, GrantSummary};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, BudgetId, CallId, GrantId, PayeeId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::application_members::application_id as member_of;
use crate::platform::db::schema::{application_members, grant_sources, grants, people};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// One grant as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub(in crate::grants) struct Row {
    pub(in crate::grants) id: GrantId,
    pub(in crate::grants) application_id: ApplicationId,
    pub(in crate::grants) recipient_id: PersonId,
    pub(in crate::grants) call_id: CallId,
    pub(in crate::grants) title: String,
    pub(in crate::grants) amount_awarded: i64,
    pub(in crate::grants) currency: Currency,
    pub(in crate::grants) awarded_on: Date,
    pub(in crate::grants) awarded_by: Option<PersonId>,
    pub(in crate::grants) status: GrantStatus,
    pub(in crate::grants) status_reason: Option<String>,
    pub(in crate::grants) payee_id: Option<PayeeId>,
    pub(in crate::grants) activated_at: Option<Instant>,
    pub(in crate::grants) ends_on: Option<Date>,
    pub(in crate::grants) closed_at: Option<Instant>,
    pub(in crate::grants) version: i32,
    pub(in crate::grants) created_at: Instant,
}

impl Row {
    pub(in crate::grants) fn facts(self) -> GrantFacts {
        GrantFacts {
            id: self.id,
            application_id: self.application_id,
            recipient_id: self.recipient_id,
            call_id: self.call_id,
            title: self.title,
            amount_awarded: self.amount_awarded,
            currency: self.currency,
            status: self.status,
            payee_id: self.payee_id,
            awarded_on: self.awarded_on,
            awarded_by: self.awarded_by,
            ends_on: self.ends_on,
            version: self.version,
        }
    }
    fn summary(self, recipient_name: String) -> GrantSummary {
        GrantSummary {
            id: self.id,
            application_id: self.application_id,
            call_id: self.call_id,
            recipient_id: self.recipient_id,
            recipient_name,
            title: self.title,
            amount_awarded: Money::new(self.amount_awarded, self.currency),
            status: self.status,
            status_reason: self.status_reason,
            awarded_on: self.awarded_on,
            awarded_by: self.awarded_by,
            payee_id: self.payee_id,
            activated_at: self.activated_at,
            ends_on: self.ends_on,
            closed_at: self.closed_at,
            version: self.version,
        }
    }
}

pub(in crate::grants) fn insert(conn: &mut Conn, row: &Row) -> Result<()> {
    diesel::insert_into(grants::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::grants) fn find(conn: &mut Conn, id: GrantId) -> Result<Option<GrantFacts>> {
    let row = grants::table.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Row::facts))
}

pub(in crate::grants) fn of_application(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<GrantFacts>> {
    let row = grants::table
        .filter(grants::application_id.eq(application))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Row::facts))
}

/// The newest grants in one of these statuses that a person receives.
pub(in crate::grants) fn of_recipient(
    conn: &mut Conn,
    (person, statuses): (PersonId, &[GrantStatus]),
    limit: i64,
) -> Result<Vec<GrantFacts>> {
    let rows: Vec<Row> = grants::table
        .filter(grants::recipient_id.eq(person).and(grants::status.eq_any(padded(statuses))))
        .order(grants::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Row::facts).collect())
}

pub(in crate::grants) fn summary(conn: &mut Conn, id: GrantId) -> Result<Option<GrantSummary>> {
    let row: Option<(Row, String)> = grants::table
        .inner_join(people::table.on(people::id.eq(grants::recipient_id)))
        .filter(grants::id.eq(id))
        .select((Row::as_select(), people::name))
        .first(conn)
        .optional()?;
    Ok(row.map(|(row, name)| row.summary(name)))
}

/// Holds the row until the transaction ends, and counts the change; whether there is one.
pub(in crate::grants) fn hold(conn: &mut Conn, id: GrantId) -> Result<bool> {
    let changed = diesel::update(grants::table.find(id))
        .set(grants::version.eq(grants::version + 1))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Moves a grant on; whether it was still `from`.
pub(in crate::grants) fn shift(
    conn: &mut Conn,
    id: GrantId,
    from: GrantStatus,
    to: GrantStatus,
    reason: Option<&str>,
) -> Result<bool> {
    let changed = diesel::update(grants::table.find(id).filter(grants::status.eq(from)))
        .set((grants::status.eq(to), grants::status_reason.eq(reason)))
        .execute(conn)?;
    Ok(changed == 1)
}

pub(in crate::grants) fn activated(conn: &mut Conn, id: GrantId, now: Instant) -> Result<()> {
    diesel::update(grants::table.find(id)).set(grants::activated_at.eq(Some(now))).execute(conn)?;
    Ok(())
}

pub(in crate::grants) fn closed(conn: &mut Conn, id: GrantId, now: Instant) -> Result<()> {
    diesel::update(grants::table.find(id)).set(grants::closed_at.eq(Some(now))).execute(conn)?;
    Ok(())
}

pub(in crate::grants) fn reopened(conn: &mut Conn, id: GrantId) -> Result<()> {
    let ended = grants::closed_at.eq(None::<Instant>);
    diesel::update(grants::table.find(id)).set(ended).execute(conn)?;
    Ok(())
}

/// Names whom the bank pays.
pub(in crate::grants) fn set_payee(
    conn: &mut Conn,
    id: GrantId,
    payee: Option<PayeeId>,
) -> Result<()> {
    diesel::update(grants::table.find(id)).set(grants::payee_id.eq(payee)).execute(conn)?;
    Ok(())
}

/// Grants that have not ended and are paid to this payee, oldest first.
pub(in crate::grants) fn waiting_for(conn: &mut Conn, payee: PayeeId) -> Result<Vec<GrantId>> {
    let payee = grants::payee_id.eq(Some(payee));
    Ok(grants::table
        .filter(payee.and(grants::status.ne_all([GrantStatus::Closed, GrantStatus::Cancelled])))
        .order(grants::id.asc())
        .select(grants::id)
        .load(conn)?)
}

/// Whose grants a reader may see.
#[derive(Debug)]
pub(in crate::grants) enum Sight {
    /// All of them.
    All,
    /// The reader's own, their team's, and those that these budgets pay for.
    Theirs(PersonId, Vec<BudgetId>),
}

/// Which grants to list.
#[derive(Debug)]
pub(in crate::grants) struct Filter {
    pub(in crate::grants) sight: Sight,
    pub(in crate::grants) status: Option<GrantStatus>,
    pub(in crate::grants) application: Option<ApplicationId>,
    /// Whose grants the reader reports on for them.
    pub(in crate::grants) for_whom: Vec<PersonId>,
}

/// Grants, newest first; up to one more than the page holds. The newest ids of each reason to see
/// any are merged: the cost grows with the page, not with the table.
pub(in crate::grants) fn list(
    conn: &mut Conn,
    filter: &Filter,
    page: &PageOf<of::Grant>,
) -> Result<Vec<GrantSummary>> {
    let mut ids = Vec::new();
    match &filter.sight {
        Sight::All => ids.extend(newest(conn, Reason::All, filter, page)?),
        Sight::Theirs(me, budgets) => {
            ids.extend(newest(conn, Reason::Own(*me), filter, page)?);
            ids.extend(newest(conn, Reason::Team(*me), filter, page)?);
            for person in &filter.for_whom {
                ids.extend(newest(conn, Reason::Own(*person), filter, page)?);
            }
            for budget in budgets {
                ids.extend(newest(conn, Reason::Backed(*budget), filter, page)?);
            }
        }
    }
    let these = grants::table
        .inner_join(people::table.on(people::id.eq(grants::recipient_id)))
        .filter(grants::id.eq_any(padded(&ids)))
        .order(grants::id.desc())
        .limit(page.limit + 1)
        .select((Row::as_select(), people::name));
    let rows: Vec<(Row, String)> = Kept(these).load(conn)?;
    Ok(rows.into_iter().map(|(row, name)| row.summary(name)).collect())
}

/// One reason to see a grant.
#[derive(Debug, Clone, Copy)]
enum Reason {
    /// They see all of them.
    All,
    /// They receive it.
    Own(PersonId),
    /// They are on the application's team.
    Team(PersonId),
    /// This budget pays for it.
    Backed(BudgetId),
}

/// A word of ours, written out: PostgreSQL keeps one plan for all values that are bound.
fn stands(status: GrantStatus) -> SqlLiteral<Bool> {
    sql(&format!("grants.status = '{}'", status.as_str()))
}

/// Whether a grant is an award, which everybody may read of: a word of ours, written out, so that
/// the database knows how many there are.
pub fn is_award() -> SqlLiteral<Bool> {
    sql(&format!("grants.status <> '{}'", GrantStatus::NO_AWARD.as_str()))
}

/// The newest ids for one reason, one more than the page holds.
fn newest(
    conn: &mut Conn,
    reason: Reason,
    filter: &Filter,
    page: &PageOf<of::Grant>,
) -> Result<Vec<GrantId>> {
    let limit = page.limit + 1;
    macro_rules! ids {
        ($query:expr, $id:expr) => {{
            let mut query = $query.select($id).into_boxed();
            if let Some(status) = filter.status {
                query = query.filter(stands(status));
            }
            if let Some(application) = filter.application {
                query = query.filter(grants::application_id.eq(application));
            }
            if let Some(after) = page.after {
                query = query.filter($id.lt(after));
            }
            Ok(Kept(query.order($id.desc()).limit(limit)).load(conn)?)
        }};
    }
    match reason {
        Reason::All => ids!(grants::table, grants::id),
        Reason::Own(me) => ids!(grants::table.filter(grants::recipient_id.eq(me)), grants::id),
        Reason::Team(me) => {
            let of_team = application_members::table
                .inner_join(grants::table.on(grants::application_id.eq(member_of)))
                .filter(application_members::person_id.eq(Some(me)))
                .filter(application_members::consent.eq("accepted"));
            ids!(of_team, grants::id)
        }
        Reason::Backed(budget) => {
            let backed = grant_sources::table
                .inner_join(grants::table.on(grants::id.eq(grant_sources::grant_id)))
                .filter(grant_sources::budget_id.eq(budget));
            ids!(backed, grant_sources::grant_id)
        }
    }
}
