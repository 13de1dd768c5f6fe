//! An application beside the budget that somebody would spend on it.

use super::applications::Short;
use crate::applications::model::ApplicationFacts;
use crate::budgets::model::{BudgetStatus, BudgetTerms};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, BudgetId, FundId, PersonId};
use crate::kernel::money::Currency;
use crate::kernel::time::Date;
use crate::platform::db::Conn;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::budgets::dsl as b;
use diesel::prelude::*;

/// A budget that may not be there: id, fund, holder, name, currency, cap, threshold, last day,
/// status.
type Budget = (
    Option<BudgetId>,
    Option<FundId>,
    Option<PersonId>,
    Option<String>,
    Option<Currency>,
    Option<i64>,
    Option<i64>,
    Option<Date>,
    Option<BudgetStatus>,
);

fn terms(row: Budget) -> Option<BudgetTerms> {
    let (id, fund, holder, name, currency, per_grant_cap, approval_threshold, last, status) = row;
    Some(BudgetTerms {
        id: id?,
        fund_id: fund?,
        holder_id: holder?,
        name: name?,
        currency: currency?,
        per_grant_cap,
        approval_threshold,
        expires_on: last,
        status: status?,
    })
}

/// One application without its long texts, and the budget if it is there, in one statement.
pub(in crate::applications) fn fact_beside(
    conn: &mut Conn,
    id: ApplicationId,
    budget: BudgetId,
) -> Result<Option<(ApplicationFacts, Option<BudgetTerms>)>> {
    let columns = (
        b::id.nullable(),
        b::fund_id.nullable(),
        b::holder_id.nullable(),
        b::name.nullable(),
        b::currency.nullable(),
        b::per_grant_cap.nullable(),
        b::approval_threshold.nullable(),
        b::expires_on.nullable(),
        b::status.nullable(),
    );
    let row: Option<(Short, Budget)> = a::applications
        .left_join(b::budgets.on(b::id.eq(budget)))
        .filter(a::id.eq(id))
        .select((Short::as_select(), columns))
        .first(conn)
        .optional()?;
    Ok(row.map(|(short, budget)| (ApplicationFacts::from(short), terms(budget))))
}
