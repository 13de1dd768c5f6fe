//! Contributions for one application: announced by anybody, recorded by finance when the money is
//! there, offered by a regrantor, and given another use where the application ends without them or
//! leaves the calls in which they may be spent.

use super::super::model::{
    AnnounceForm, Announced, Announcement, AnnouncementRow, AnnouncementStatus, OfferEarmark,
    PublicContributions, ReassignForm, ReceiveForm, Received,
};
use super::super::rules::{self, Terms};
use super::super::store::{self, AppRow};
use super::left;
use super::letters::{self, Place};
use crate::applications::model::ApplicationStatus;
use crate::budgets::service::MoveForm;
use crate::funds::model::{Earmark, EarmarkStatus, FundStatus};
use crate::funds::service::{ContributionForm, FundFacts};
use crate::kernel::Result;
use crate::kernel::actor::Actor;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AnnouncementId, ApplicationId, ContributionId, EarmarkId, FundId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::offers::model::{OfferView, PlaceOffer};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, budgets, calls, funds, offers};
use serde_json::json;

/// Which announcements to list.
#[derive(Debug, Clone, Default)]
pub struct ListAnnouncements {
    /// Only in this state.
    pub status: Option<AnnouncementStatus>,
    /// Only the one with this reference.
    pub reference: Option<String>,
    /// Only for this application.
    pub application_id: Option<ApplicationId>,
}

/// The fund that takes money for an application: the first open one, in its currency, of those that
/// its call names; where that has declined it alone, that its further calls name. None where these
/// name none, or nobody has said where to pay.
fn fund_of(
    conn: &mut Conn,
    ctx: &Ctx,
    app: &AppRow,
    currency: Currency,
) -> Result<Option<FundFacts>> {
    if ctx.env.config.publishing.how_to_pay.is_empty() || app.status != ApplicationStatus::Open {
        return Ok(None);
    }
    let calls = match app.own_call_declined_at {
        Some(_) => applications::service::further_calls(conn, app.id)?,
        None => vec![app.call_id],
    };
    let mut named = Vec::new();
    for call in calls {
        named.extend(calls::service::facts(conn, call)?.map(|c| c.fund_ids).unwrap_or_default());
    }
    for id in named {
        let fund = funds::service::facts(conn, id)?;
        let fits = |f: &FundFacts| f.status == FundStatus::Open && f.currency == currency;
        if let Some(fund) = fund.filter(fits) {
            return Ok(Some(fund));
        }
    }
    Ok(None)
}

fn terms(fund: &FundFacts) -> Terms {
    Terms { fund: fund.name.clone(), fee_basis_points: fund.fee_basis_points }
}

/// What everybody may know of the contributions for an application.
pub(super) fn contributions(
    conn: &mut Conn,
    ctx: &Ctx,
    app: &AppRow,
    currency: Currency,
) -> Result<PublicContributions> {
    let (received, count) = funds::service::given_for(conn, app.id, currency)?;
    let fund = fund_of(conn, ctx, app, currency)?;
    let sums = applications::service::held_and_waiting(conn, ctx, app.id, currency)?;
    let most = match fund {
        Some(_) => room(app, currency, sums),
        None => Money::new(0, currency),
    };
    let fund = fund.filter(|_| most.is_positive());
    Ok(PublicContributions {
        received,
        held: Money::new(sums.0, currency),
        count,
        open: fund.is_some(),
        most,
        terms: fund.map(|fund| terms(&fund).sentences()).unwrap_or_default(),
    })
}

/// The most that may be announced: what nobody has promised, and nothing waits for, neither `held`
/// to be offered nor `waiting` for the application to come back. Earmarks are offered whole, so
/// that what is promised on a condition counts in full; what waits for a second person does not,
/// for the public learns nothing of it.
fn room(app: &AppRow, currency: Currency, (held, waiting): (i64, i64)) -> Money {
    let there = app.promised.saturating_add(held).saturating_add(waiting);
    Money::new(rules::missing(app.amount_requested.unwrap_or(0), there), currency)
}

/// Refuses what is not public, before anything is counted against whoever asks.
///
/// # Errors
/// 404 for what is not there or not public.
pub fn may_announce(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    found(conn, ctx, id).map(drop)
}

fn found(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<AppRow> {
    let row = store::application(conn, id)?;
    let (app, _) = row.ok_or_else(|| Problem::not_found("application"))?;
    authz::require(ctx, Action::AnnounceContribution, &[Relation::Public])?;
    Ok(app)
}

/// Notes that somebody is about to give, and mails them how. No money moves.
///
/// # Errors
/// 409 where the application takes no contributions or no more, 422 with all that is wrong.
pub fn announce(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &AnnounceForm,
) -> Result<Announced> {
    let app = found(conn, ctx, id)?;
    let closed = || Problem::wrong_state("This application takes no contributions.");
    let currency = app.currency.ok_or_else(closed)?;
    let fund = fund_of(conn, ctx, &app, currency)?.ok_or_else(closed)?;
    let mut fields = Fields::new();
    let amount = fields.money_in("/amount", &form.amount, currency);
    let giver_name = fields.optional_line("/name", form.name.as_deref(), 200);
    let email = fields.email("/email", &form.email);
    let message = fields.paragraphs("/message", form.message.as_deref().unwrap_or(""), 0, 1000);
    fields.finish()?;
    let amount = amount.ok_or_else(|| Problem::internal("an amount was let through"))?;
    let sums = applications::service::held_and_waiting(conn, ctx, app.id, currency)?;
    let most = room(&app, currency, sums);
    if !most.is_positive() {
        let detail = "All that it asks for is promised or held for it: it takes no more.";
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    if amount.minor() > most.minor() {
        let detail = format!(
            "Only {most} are neither promised nor held for it yet: announce that much or less."
        );
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let id: AnnouncementId = ctx.id();
    let row = AnnouncementRow {
        id,
        application_id: app.id,
        fund_id: fund.id,
        amount,
        giver_name,
        message,
        reference: rules::reference(id),
        status: AnnouncementStatus::Announced,
        contribution_id: None,
        expires_at: ctx.now.plus_seconds(rules::ANNOUNCED_DAYS * 86_400),
        created_at: ctx.now,
        fee_basis_points: Some(fund.fee_basis_points),
    };
    let made = Announcement { row, email: Some(email) };
    store::insert_announcement(conn, &made)?;
    let change = Change::by(Action::AnnounceContribution, "announcement", id.uuid());
    let facts = json!({ "application_id": app.id, "fund_id": fund.id, "amount": amount });
    audit::record(conn, ctx, change.to(facts))?;
    let announced = Announced {
        reference: made.row.reference.clone(),
        amount,
        fund: fund.name.clone(),
        how_to_pay: ctx.env.config.publishing.how_to_pay.clone(),
        expires_on: made.row.expires_at.date(),
        terms: terms(&fund).sentences(),
    };
    letters::announced(conn, ctx, &made, &app.title, &announced)?;
    Ok(announced)
}

/// Announcements, newest first.
pub fn announcements(
    conn: &mut Conn,
    ctx: &Ctx,
    wanted: &ListAnnouncements,
    page: &PageOf<of::Announcement>,
) -> Result<Page<AnnouncementRow>> {
    authz::require(ctx, Action::ListAnnouncements, &[])?;
    let reference = wanted.reference.as_deref().map(rules::read_reference);
    let filter = (wanted.status, reference, wanted.application_id);
    let rows = store::announcements(conn, filter, page)?;
    let rows = rows.into_iter().map(|announced| announced.row).collect();
    Ok(Page::cut(rows, page.limit, |row: &AnnouncementRow| row.id))
}

/// Whether money that was announced for a fund is still expected.
pub fn awaited(conn: &mut Conn, fund: FundId) -> Result<bool> {
    store::is_awaited(conn, fund)
}

/// One announcement, with where its giver is reached.
pub fn announcement(conn: &mut Conn, ctx: &Ctx, id: AnnouncementId) -> Result<Announcement> {
    authz::require(ctx, Action::GetAnnouncement, &[])?;
    store::announcement(conn, id)?.ok_or_else(|| Problem::not_found("announcement"))
}

/// The money is there: a contribution to the fund, tied to the application. What came may be more
/// or less than was announced, and may come late. Where the application asks for another currency
/// by now, which the fund cannot give it, it is tied to nothing. Where it has ended, or has left
/// the calls in which the fund may spend, whoever gave hears that, and whoever answers for the call
/// that the money waits for another use.
///
/// # Errors
/// 404 if there is no such announcement, 409 where it was received before, 422 for wrong fields.
pub fn receive(
    conn: &mut Conn,
    ctx: &Ctx,
    id: AnnouncementId,
    form: &ReceiveForm,
) -> Result<Received> {
    authz::require(ctx, Action::ReceiveContribution, &[])?;
    let missing = || Problem::not_found("announcement");
    let made = store::hold_announcement(conn, id)?.ok_or_else(missing)?;
    let row = &made.row;
    // Before the fund, as wherever an offer ends: neither its currency changes nor does it end, or
    // is taken up by another, while money is tied to it.
    applications::service::lock(conn, row.application_id)?;
    let application = applications::service::facts(conn, row.application_id)?;
    let application = application.ok_or_else(missing)?;
    if let Some(before) = row.contribution_id {
        if !funds::service::is_undone(conn, before)? {
            return Err(Problem::wrong_state("This contribution was received already."));
        }
        // The job that takes it back has not run yet.
        await_again(conn, ctx, &made)?;
    }
    let name =
        row.giver_name.clone().unwrap_or_else(|| "Somebody who gave by a public page".into());
    let contribution = ContributionForm {
        funder_id: None,
        funder_name: Some(name),
        amount: form.amount.clone(),
        received_on: form.received_on,
        reference: Some(form.reference.clone().unwrap_or_else(|| row.reference.clone())),
    };
    let told = row.fee_basis_points;
    let given = funds::service::record_told(conn, ctx, (row.fund_id, told), &contribution)?;
    let earmark = match application.currency.is_none_or(|asks| asks == given.amount.currency()) {
        true => funds::service::earmark(conn, ctx, &given, application.id)?,
        false => None,
    };
    store::receive_announcement(conn, id, given.id)?;
    let change = Change::by(Action::ReceiveContribution, "announcement", id.uuid());
    let facts =
        json!({ "contribution_id": given.id, "earmark_id": earmark.as_ref().map(|e| e.id) });
    audit::record(conn, ctx, change.to(facts))?;
    let place = Place::of(conn, &application, earmark.as_ref())?;
    letters::received(conn, ctx, &made, (given.amount, given.fee), place)?;
    match place {
        Place::Late(_) | Place::Cancelled => left::ended(conn, ctx, application.id)?,
        Place::Elsewhere => left::stranded(conn, ctx, (application.id, None))?,
        Place::Held | Place::Fund => {}
    }
    Ok(Received { contribution_id: given.id, earmark })
}

/// A contribution was recorded in error: what was announced has not arrived after all.
pub(in crate::publishing) fn not_received(
    conn: &mut Conn,
    ctx: &Ctx,
    contribution: ContributionId,
) -> Result<()> {
    match store::announcement_of(conn, contribution)? {
        Some(made) => await_again(conn, ctx, &made),
        None => Ok(()),
    }
}

/// It is waited for anew, as long as for a new one, and who announced it hears so.
fn await_again(conn: &mut Conn, ctx: &Ctx, made: &Announcement) -> Result<()> {
    let until = ctx.now.plus_seconds(rules::ANNOUNCED_DAYS * 86_400);
    store::await_announcement(conn, made, until)?;
    let row = &made.row;
    let change = Change::by(Action::UndoContribution, "announcement", row.id.uuid())
        .from(json!({ "status": row.status, "contribution_id": row.contribution_id }));
    audit::record(conn, ctx, change)?;
    letters::not_received(conn, ctx, made, until.date())
}

/// A regrantor offers earmarked money on its application: it goes to their budget of the fund and
/// is reserved for the application at once, all of it. All rules of offers hold.
///
/// # Errors
/// As for offers; 409 unless it is held.
pub fn offer_earmark(
    conn: &mut Conn,
    ctx: &Ctx,
    id: EarmarkId,
    form: &OfferEarmark,
) -> Result<OfferView> {
    let budget = budgets::service::terms(conn, form.budget_id)?;
    let holds = budget.as_ref().is_some_and(|b| ctx.actor.is(b.holder_id));
    authz::require(ctx, Action::OfferEarmark, if holds { &[Relation::Holder] } else { &[] })?;
    // Before earmark, budget and fund, as wherever an offer ends.
    let application = funds::service::application_of(conn, id)?;
    applications::service::lock(conn, application)?;
    let earmark = funds::service::held_earmark(conn, id)?;
    must_be_held(&earmark)?;
    if budget.is_none_or(|b| b.fund_id != earmark.fund_id) {
        let message = "the money is in another fund: name a budget of that";
        return Err(Problem::field("/budget_id", "wrong_fund", message));
    }
    // From here on it is not tied to the fund any more, and so can be allocated. The giver, not
    // whoever holds the budget, has decided what it is for: the service allocates it.
    funds::service::untie_earmark(conn, ctx, &earmark)?;
    let system = ctx.acting(Actor::System("earmark"), &ctx.actor_name);
    let note = format!("Earmarked for the application {}.", earmark.application_id);
    let moved = MoveForm { amount: earmark.amount.into(), note: Some(note) };
    budgets::service::allocate(conn, &system, form.budget_id, &moved)?;
    let offer = PlaceOffer {
        budget_id: form.budget_id,
        amount: earmark.amount.into(),
        conditions: form.conditions.clone().unwrap_or_default(),
        expires_at: None,
        if_others: None,
        matching: false,
        private: false,
    };
    let offer = offers::service::place(conn, ctx, earmark.application_id, &offer)?;
    funds::service::offered_earmark(conn, ctx, &earmark, offer.id)?;
    let change = Change::by(Action::OfferEarmark, "earmark", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "offer_id": offer.id, "amount": earmark.amount })))?;
    Ok(offer)
}

fn must_be_held(earmark: &Earmark) -> Result<()> {
    match earmark.status {
        EarmarkStatus::Held => Ok(()),
        other => Err(Problem::wrong_state(format!("This earmark is {other}."))),
    }
}

/// Gives earmarked money another use, with a reason: once its application takes no offers any more,
/// or none of this fund.
///
/// # Errors
/// 409 while the application could still get it, or unless it is held; 422 without a reason.
pub fn reassign(conn: &mut Conn, ctx: &Ctx, id: EarmarkId, form: &ReassignForm) -> Result<Earmark> {
    authz::require(ctx, Action::ReassignEarmark, &[])?;
    // Before the earmark, as where it is offered; nor is an appeal answered meanwhile.
    let of = funds::service::application_of(conn, id)?;
    applications::service::lock(conn, of)?;
    let earmark = funds::service::held_earmark(conn, id)?;
    must_be_held(&earmark)?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", &form.reason, 1, 2000);
    fields.finish()?;
    if let Some(application) = applications::service::facts(conn, of)?
        && applications::service::may_get(conn, ctx, &application, earmark.fund_id)?
    {
        let detail = "The application can still get this money: it is tied until that ends.";
        return Err(Problem::wrong_state(detail));
    }
    funds::service::reassigned_earmark(conn, ctx, &earmark, &reason)?;
    let change = Change::by(Action::ReassignEarmark, "earmark", id.uuid())
        .from(json!({ "status": earmark.status, "application_id": earmark.application_id }))
        .to(json!({ "status": EarmarkStatus::Reassigned, "reason": reason }));
    audit::record(conn, ctx, change)?;
    funds::service::held_earmark(conn, id)
}

/// Announcements whose time is over, up to `limit`.
pub(in crate::publishing) fn overdue(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<AnnouncementId>> {
    store::overdue_announcements(conn, ctx.now, limit)
}

/// Ends an announcement that nothing came of, and forgets who made it.
pub(in crate::publishing) fn expire(conn: &mut Conn, ctx: &Ctx, id: AnnouncementId) -> Result<()> {
    store::expire_announcement(conn, id, ctx.now)
}
