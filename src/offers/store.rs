//! Rows of offers.

mod notices;
mod says;
mod standing;

pub(super) use notices::{
    approvals_due, approvers_told, forget_award, knows_award, note_award, told_awards,
};
pub(super) use says::{made_on, voted_on};
pub(super) use standing::{next_of, placed_on_any, reach, standing, unfit};

use super::model::{OfferFacts, OfferKind, OfferStatus, OfferView, ReleaseReason};
use super::rules::Terms;
use crate::approvals::model::{SubjectKind, Vote};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, BudgetId, GrantId, OfferId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded, sum_i64};
use crate::platform::db::schema::{applications, approval_votes, approvals, offers, people};
use crate::platform::db::types::db_text;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use std::collections::BTreeSet;

db_text!(OfferStatus);
db_text!(ReleaseReason);
db_text!(OfferKind);

const OPEN: [OfferStatus; 2] = [OfferStatus::AwaitingApproval, OfferStatus::Placed];

/// Far more offers than an application may have: see `rules::OPEN_MAX`.
const MOST: i64 = 10_000;

/// One offer as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = offers, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) id: OfferId,
    pub(super) application_id: ApplicationId,
    pub(super) budget_id: BudgetId,
    pub(super) regrantor_id: PersonId,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) conditions: String,
    pub(super) status: OfferStatus,
    pub(super) release_reason: Option<ReleaseReason>,
    pub(super) expires_at: Instant,
    pub(super) grant_id: Option<GrantId>,
    pub(super) version: i32,
    pub(super) created_at: Instant,
    pub(super) decided_at: Option<Instant>,
    pub(super) placed_at: Option<Instant>,
    pub(super) kind: OfferKind,
    pub(super) others_minimum: Option<i64>,
    pub(super) effective: Option<i64>,
    pub(super) private: bool,
}

impl Row {
    /// On which condition it is made. Only one on a sum of others has that sum.
    pub(super) fn terms(&self) -> Terms {
        match (self.kind, self.others_minimum) {
            (OfferKind::IfOthers, Some(least)) => Terms::IfOthers(least),
            (OfferKind::Match, _) => Terms::Match,
            _ => Terms::Plain,
        }
    }
    /// A condition, as the two columns.
    pub(super) fn columns(terms: Terms) -> (OfferKind, Option<i64>) {
        match terms {
            Terms::Plain => (OfferKind::Plain, None),
            Terms::IfOthers(least) => (OfferKind::IfOthers, Some(least)),
            Terms::Match => (OfferKind::Match, None),
        }
    }
    pub(super) fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
    pub(super) fn facts(&self) -> OfferFacts {
        OfferFacts {
            id: self.id,
            application_id: self.application_id,
            budget_id: self.budget_id,
            regrantor_id: self.regrantor_id,
            amount: self.amount,
            currency: self.currency,
            terms: self.terms(),
            private: self.private,
            status: self.status,
            conditions: self.conditions.clone(),
            expires_at: self.expires_at,
        }
    }
    pub(super) fn view(self, regrantor_name: String) -> OfferView {
        let money = |minor| Money::new(minor, self.currency);
        OfferView {
            id: self.id,
            application_id: self.application_id,
            budget_id: Some(self.budget_id),
            regrantor_id: Some(self.regrantor_id),
            regrantor_name: Some(regrantor_name),
            amount: self.money(),
            kind: self.kind,
            if_others: self.others_minimum.map(money),
            effective: self.effective.map(money),
            private: self.private,
            conditions: self.conditions,
            status: self.status,
            release_reason: self.release_reason,
            expires_at: self.expires_at,
            grant_id: self.grant_id,
            created_at: self.created_at,
            decided_at: self.decided_at,
            placed_at: self.placed_at,
            version: self.version,
        }
    }
}

/// Whose offers a reader may see.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sight {
    /// All of them.
    All,
    /// Those that were promised, and the reader's own.
    Promised(Option<PersonId>),
    /// Only the reader's own.
    Own(PersonId),
}

pub(super) fn insert(conn: &mut Conn, row: &Row) -> Result<()> {
    diesel::insert_into(offers::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: OfferId) -> Result<Option<Row>> {
    Ok(offers::table.find(id).select(Row::as_select()).first(conn).optional()?)
}

pub(super) fn view(conn: &mut Conn, id: OfferId) -> Result<Option<OfferView>> {
    let row: Option<(Row, String)> = offers::table
        .inner_join(people::table.on(people::id.eq(offers::regrantor_id)))
        .filter(offers::id.eq(id))
        .select((Row::as_select(), people::name))
        .first(conn)
        .optional()?;
    Ok(row.map(|(row, name)| row.view(name)))
}

/// What the open offers on an application are, in minor units where they are sums.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Held {
    /// How many there are.
    pub(super) open: i64,
    /// What those that are placed come to as they are written.
    pub(super) placed: i64,
    /// What the one budget holds.
    pub(super) of_budget: i64,
    /// How many other budgets hold something.
    pub(super) others: usize,
    /// What the one person holds.
    pub(super) own: i64,
}

/// What is open on an application, with a view to one budget and to one person.
pub(super) fn held(
    conn: &mut Conn,
    application: ApplicationId,
    (budget, person): (BudgetId, PersonId),
) -> Result<Held> {
    // Words of ours, written out: a list that is bound is planned anew each time.
    let words = OPEN.map(|status| format!("'{}'", status.as_str())).join(", ");
    let placed = "CAST(COALESCE(SUM(CASE WHEN offers.status = 'placed' THEN offers.amount END), 0) \
                  AS BIGINT)";
    let (count, placed) = (sql::<BigInt>("COUNT(*)"), sql::<BigInt>(placed));
    let open = offers::table
        .filter(offers::application_id.eq(application))
        .filter(sql::<Bool>(&format!("offers.status IN ({words})")))
        .group_by((offers::budget_id, offers::regrantor_id))
        .select((offers::budget_id, offers::regrantor_id, count, placed, sum_i64(offers::amount)));
    let rows: Vec<(BudgetId, PersonId, i64, i64, Option<i64>)> = Kept(open).load(conn)?;
    let (mut held, mut others) = (Held::default(), BTreeSet::new());
    for (of, by, count, placed, sum) in rows {
        let sum = sum.unwrap_or(0);
        held.open += count;
        held.placed += placed;
        held.own += if by == person { sum } else { 0 };
        if of == budget {
            held.of_budget += sum;
        } else {
            others.insert(of);
        }
    }
    held.others = others.len();
    Ok(held)
}

/// What was offered since then in a currency to one of these people, for any application, from a
/// budget or by a regrantor's decision (made or approved by them), released offers apart; in minor
/// units.
pub(super) fn recent(
    conn: &mut Conn,
    applicants: &[PersonId],
    (budget, regrantor): (BudgetId, PersonId),
    (currency, since): (Currency, Instant),
) -> Result<i64> {
    let approved = approvals::table
        .inner_join(approval_votes::table.on(approval_votes::approval_id.eq(approvals::id)))
        .filter(approvals::subject_kind.eq(SubjectKind::Offer))
        .filter(approvals::subject_id.eq(offers::id))
        .filter(approval_votes::person_id.eq(regrantor))
        .filter(approval_votes::vote.eq(Vote::Approve))
        .select(approvals::id);
    let decided = offers::regrantor_id.eq(regrantor).or(exists(approved));
    let sum: Option<i64> = offers::table
        .inner_join(applications::table.on(applications::id.eq(offers::application_id)))
        .filter(applications::applicant_id.eq_any(padded(applicants)))
        .filter(offers::budget_id.eq(budget).or(decided))
        .filter(offers::status.ne(OfferStatus::Released))
        .filter(offers::currency.eq(currency).and(offers::created_at.ge(since)))
        .select(sum_i64(offers::amount))
        .get_result(conn)?;
    Ok(sum.unwrap_or(0))
}

/// Moves an offer on; whether it was still `from`.
pub(super) fn approve(conn: &mut Conn, id: OfferId, now: Instant) -> Result<bool> {
    let waiting = offers::table.find(id).filter(offers::status.eq(OfferStatus::AwaitingApproval));
    let changed = diesel::update(waiting)
        .set((
            offers::status.eq(OfferStatus::Placed),
            offers::decided_at.eq(Some(now)),
            offers::placed_at.eq(Some(now)),
            offers::version.eq(offers::version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Gives so much of an offer to a grant; whether it was placed.
pub(super) fn commit(
    conn: &mut Conn,
    id: OfferId,
    (effective, grant): (i64, GrantId),
    now: Instant,
) -> Result<bool> {
    let placed = offers::table.find(id).filter(offers::status.eq(OfferStatus::Placed));
    let changed = diesel::update(placed)
        .set((
            offers::status.eq(OfferStatus::Committed),
            offers::grant_id.eq(Some(grant)),
            offers::effective.eq(Some(effective)),
            offers::decided_at.eq(Some(now)),
            offers::version.eq(offers::version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Ends an offer; whether it was still `from`.
pub(super) fn release(
    conn: &mut Conn,
    id: OfferId,
    from: OfferStatus,
    reason: ReleaseReason,
    now: Instant,
) -> Result<bool> {
    let changed = diesel::update(offers::table.find(id).filter(offers::status.eq(from)))
        .set((
            offers::status.eq(OfferStatus::Released),
            offers::release_reason.eq(Some(reason)),
            offers::decided_at.eq(Some(now)),
            offers::version.eq(offers::version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// The open offers of a person, oldest first.
pub(super) fn open_by(conn: &mut Conn, person: PersonId, limit: i64) -> Result<Vec<OfferId>> {
    Ok(offers::table
        .filter(offers::regrantor_id.eq(person))
        .filter(offers::status.eq_any(OPEN))
        .order(offers::id.asc())
        .limit(limit)
        .select(offers::id)
        .load(conn)?)
}

/// The open offers of an application, oldest first.
pub(super) fn open_of(conn: &mut Conn, application: ApplicationId) -> Result<Vec<Row>> {
    Ok(offers::table
        .filter(offers::application_id.eq(application))
        .filter(offers::status.eq_any(OPEN))
        .order(offers::id.asc())
        .limit(MOST)
        .select(Row::as_select())
        .load(conn)?)
}

/// Open offers whose time was over at `now`, the longest over first.
pub(super) fn overdue(conn: &mut Conn, now: Instant, limit: i64) -> Result<Vec<OfferId>> {
    Ok(offers::table
        .filter(offers::expires_at.le(now))
        .filter(offers::status.eq_any(OPEN))
        .order((offers::expires_at.asc(), offers::id.asc()))
        .limit(limit)
        .select(offers::id)
        .load(conn)?)
}

/// Which offers to list.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) sight: Sight,
    pub(super) application: Option<ApplicationId>,
    pub(super) status: Option<OfferStatus>,
}

/// Offers, newest first; up to one more than the page holds.
pub(super) fn list(
    conn: &mut Conn,
    filter: &Filter,
    page: &PageOf<of::Offer>,
) -> Result<Vec<OfferView>> {
    let ids = newest(conn, filter, page)?;
    let these = offers::table
        .inner_join(people::table.on(people::id.eq(offers::regrantor_id)))
        .filter(offers::id.eq_any(padded(&ids)))
        .order(offers::id.desc())
        .select((Row::as_select(), people::name));
    let rows: Vec<(Row, String)> = Kept(these).load(conn)?;
    Ok(rows.into_iter().map(|(row, name)| row.view(name)).collect())
}

/// The ids of a page: an index alone answers that, so that no plan looks better that walks the
/// table in the order of its ids and passes by those of others.
fn newest(conn: &mut Conn, filter: &Filter, page: &PageOf<of::Offer>) -> Result<Vec<OfferId>> {
    let mut query = offers::table.select(offers::id).into_boxed();
    let promised = offers::placed_at.is_not_null();
    match filter.sight {
        Sight::All => {}
        Sight::Own(me) => query = query.filter(offers::regrantor_id.eq(me)),
        Sight::Promised(None) => query = query.filter(promised),
        Sight::Promised(Some(me)) => {
            query = query.filter(promised.or(offers::regrantor_id.eq(me)));
        }
    }
    if let Some(application) = filter.application {
        query = query.filter(offers::application_id.eq(application));
    }
    if let Some(status) = filter.status {
        // A word of ours, written out: PostgreSQL keeps one plan for all values that are bound.
        query = query.filter(sql::<Bool>(&format!("offers.status = '{}'", status.as_str())));
    }
    if let Some(after) = page.after {
        query = query.filter(offers::id.lt(after));
    }
    Ok(Kept(query.order(offers::id.desc()).limit(page.limit + 1)).load(conn)?)
}

/// What open offers hold, by budget.
pub(super) fn reserved(conn: &mut Conn) -> Result<Vec<(BudgetId, Currency, i64)>> {
    let sums: Vec<(BudgetId, Currency, Option<i64>)> = offers::table
        .filter(offers::status.eq_any(OPEN))
        .group_by((offers::budget_id, offers::currency))
        .select((offers::budget_id, offers::currency, sum_i64(offers::amount)))
        .load(conn)?;
    Ok(sums.into_iter().map(|(id, currency, sum)| (id, currency, sum.unwrap_or(0))).collect())
}

/// The application of each of these offers.
pub(super) fn of_which(conn: &mut Conn, ids: &[OfferId]) -> Result<Vec<(OfferId, ApplicationId)>> {
    let these = offers::table.filter(offers::id.eq_any(padded(ids)));
    Ok(these.select((offers::id, offers::application_id)).load(conn)?)
}
