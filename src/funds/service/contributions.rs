//! Contributions: money received, recorded by finance.

use super::super::model::{Contribution, Fund};
use super::super::{events, rules, store};
use super::balances::post;
use super::{sees_all, visible};
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ContributionId, FundId, PersonId, of};
use crate::kernel::money::{Money, MoneyText};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde::Deserialize;
use serde_json::json;

/// Money that came in.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContributionForm {
    /// The giver, where they have an account here and the role funder: they will see the fund.
    #[serde(default)]
    pub funder_id: Option<PersonId>,
    /// The giver's name; theirs if absent and `funder_id` is given.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub funder_name: Option<String>,
    /// What came in, before any fee, in the fund's currency.
    pub amount: MoneyText,
    /// The bank's day for it; not in the future.
    pub received_on: Date,
    /// The bank's or the giver's reference.
    #[serde(default)]
    #[schema(max_length = 140)]
    pub reference: Option<String>,
}

/// Records money received, and the sponsor's fee on it as an entry of its own; both on the day
/// that it was received.
///
/// # Errors
/// 404; 409 for a closed fund, and for an amount that this fund received on this day under this
/// reference already; 422 for wrong fields.
pub fn record_contribution(
    conn: &mut Conn,
    ctx: &Ctx,
    id: FundId,
    form: &ContributionForm,
) -> Result<Contribution> {
    record_told(conn, ctx, (id, None), form)
}

/// The same of money whose giver was told a fee before they gave, in hundredths of a percent: no
/// more than that is taken.
///
/// # Errors
/// As [`record_contribution`].
pub fn record_told(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, told): (FundId, Option<i32>),
    form: &ContributionForm,
) -> Result<Contribution> {
    authz::require(ctx, Action::RecordContribution, &[])?;
    // Held until the end, so that the fund cannot be closed meanwhile.
    let fund = store::hold(conn, id)?.ok_or_else(|| Problem::not_found("fund"))?;
    rules::must_be_open(&fund.name, fund.status, "contributions")?;
    let points = told.unwrap_or(fund.fee_basis_points).min(fund.fee_basis_points);
    let fund = Fund { fee_basis_points: points, ..fund };
    let mut fields = Fields::new();
    let amount = fields.money_in("/amount", &form.amount, fund.currency);
    let reference = fields.line("/reference", form.reference.as_deref().unwrap_or(""), 0, 140);
    happened_on(&mut fields, "/received_on", form.received_on, ctx.today());
    let funder_name = funder(conn, ctx, &mut fields, form)?;
    fields.finish()?;
    let amount = amount.ok_or_else(|| Problem::internal("an amount was let through"))?;
    // What the service records by itself comes from a file whose rows have ids: two that only signs
    // tell apart are two.
    if !ctx.actor.is_system() {
        not_recorded(conn, id, amount, (form.received_on, &reference))?;
    }
    let contribution_id: ContributionId = ctx.id();
    let posted = post(conn, ctx, &fund, contribution_id, amount, form.received_on)?;
    let row = Contribution {
        id: contribution_id,
        fund_id: id,
        funder_id: form.funder_id,
        funder_name,
        amount,
        fee: posted.fee,
        received_on: form.received_on,
        reference,
        recorded_by: ctx.actor.person(),
        entry_id: posted.entry_id,
        fee_entry_id: posted.fee_entry_id,
        created_at: ctx.now,
        undone: None,
    };
    store::insert_contribution(conn, &row)?;
    let change = Change::by(Action::RecordContribution, "contribution", row.id.uuid()).to(json!({
        "fund_id": id, "funder_id": row.funder_id, "funder_name": row.funder_name,
        "amount": row.amount, "fee": row.fee, "received_on": row.received_on,
        "reference": row.reference,
    }));
    audit::record(conn, ctx, change)?;
    let facts = json!({ "v": 1, "fund_id": id, "contribution_id": row.id });
    outbox::emit(conn, ctx, events::CONTRIBUTION_RECEIVED, facts)?;
    Ok(row)
}

/// Refuses one transfer that is recorded twice, by whatever way somebody does. The fund is held.
fn not_recorded(
    conn: &mut Conn,
    fund: FundId,
    amount: Money,
    (on, reference): (Date, &str),
) -> Result<()> {
    if rules::bare(reference).is_empty() {
        return Ok(());
    }
    let there = store::references(conn, fund, amount.minor(), on)?;
    if !rules::is_among(reference, &there) {
        return Ok(());
    }
    let detail = "Money of this amount that arrived on this day under this reference was recorded \
                  already. If it arrived twice, tell the two apart in their references.";
    Err(Problem::new(Kind::AlreadyExists, detail))
}

/// The bank's day for what it did: not in the future, nor in another century.
pub(super) fn happened_on(fields: &mut Fields, pointer: &str, on: Date, today: Date) {
    if on > today {
        return fields.push(pointer, "in_the_future", "this day has not come yet");
    }
    fields.plausible(pointer, on);
}

/// The giver's name. A person who is named will see the fund, so it has to be a funder.
fn funder(
    conn: &mut Conn,
    ctx: &Ctx,
    fields: &mut Fields,
    form: &ContributionForm,
) -> Result<String> {
    let person = match form.funder_id {
        Some(id) => people::service::brief(conn, id)?,
        None => None,
    };
    match (&person, form.funder_id) {
        (None, Some(_)) => fields.push("/funder_id", "unknown", "there is no such person"),
        (Some(p), _) if !p.roles.has(Role::Funder) && !ctx.actor.is_system() => {
            let message = "this person does not hold the role funder: have an admin grant it";
            fields.push("/funder_id", "role_missing", message);
        }
        _ => {}
    }
    Ok(match (&form.funder_name, person) {
        (Some(name), _) => fields.line("/funder_name", name, 1, 200),
        (None, Some(person)) => person.name,
        (None, None) => {
            fields.check(form.funder_id.is_some(), "/funder_name", "required", "this is needed");
            String::new()
        }
    })
}

/// Contributions to a fund, newest first: all for those who run or audit the service, else the
/// actor's own.
pub fn list_contributions(
    conn: &mut Conn,
    ctx: &Ctx,
    id: FundId,
    page: &PageOf<of::Contribution>,
) -> Result<Page<Contribution>> {
    visible(conn, ctx, Action::ListContributions, id)?;
    let own = if sees_all(ctx) { None } else { Some(ctx.me()?) };
    let rows = store::contributions(conn, id, own, page)?;
    Ok(Page::cut(rows, page.limit, |c| c.id))
}
