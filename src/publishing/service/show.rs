//! What everybody may read, the same for whoever asks.

use super::super::model::{
    PublicApplication, PublicApplicationRow, PublicCallRef, PublicGrant, PublicGrantRow,
    PublicImage, PublicVouch, Publication, PublishedField,
};
use super::super::store::{AppRow, GrantRow};
use super::super::{rules, store};
use super::announce::contributions;
use crate::answers::model::{Answered, Paper, QuestionKind};
use crate::applications::model::{Application, ApplicationStatus, BudgetLine, Line};
use crate::calls::model::{CallStatus, Visibility};
use crate::grants::model::GrantStatus;
use crate::kernel::Result;
use crate::kernel::actor::Actor;
use crate::kernel::ids::{ApplicationId, CallId, GrantId, PersonId, of};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::vouches::model::VouchStatus;
use crate::{agendas, answers, applications, calls, grants as all_grants, offers, people, vouches};
use std::collections::BTreeMap;

/// Most vouches that a page shows, of those that are looked at: some may be withdrawn.
const VOUCHES: usize = 20;
const LOOKED_AT: i64 = 200;

/// What only a complete application has.
fn incomplete() -> Problem {
    Problem::internal("a public application without an amount")
}

/// What the offers on these applications come to, those apart that may come to nothing; what became
/// part of a grant where they are awarded.
pub(super) fn firm(
    conn: &mut Conn,
    ctx: &Ctx,
    rows: &[AppRow],
) -> Result<BTreeMap<ApplicationId, i64>> {
    let open = rows.iter().filter(|row| row.status == ApplicationStatus::Open);
    let ids: Vec<ApplicationId> = open.map(|row| row.id).collect();
    let standing = offers::service::standing_on(conn, ctx, &ids)?;
    let sum = |row: &AppRow| match row.status {
        ApplicationStatus::Awarded => row.offered,
        _ => standing.get(&row.id).map_or(0, |(sum, _)| *sum),
    };
    Ok(rows.iter().map(|row| (row.id, sum(row))).collect())
}

pub(super) fn row(
    ctx: &Ctx,
    row: &AppRow,
    firm: &BTreeMap<ApplicationId, i64>,
) -> Result<PublicApplicationRow> {
    let offered = firm.get(&row.id).copied().unwrap_or(0);
    let currency = row.currency.ok_or_else(incomplete)?;
    let requested = row.amount_requested.ok_or_else(incomplete)?;
    let minimum = row.amount_minimum.ok_or_else(incomplete)?;
    let money = |minor| Money::new(minor, currency);
    let aimed = |aim| match row.status {
        ApplicationStatus::Awarded => money(0),
        _ => money(rules::missing(aim, offered)),
    };
    Ok(PublicApplicationRow {
        id: row.id,
        title: row.title.clone(),
        summary: row.summary.clone(),
        status: row.status,
        amount_requested: money(requested),
        amount_minimum: money(minimum),
        offered: money(offered),
        missing: aimed(requested),
        missing_to_minimum: aimed(minimum),
        duration_months: row.duration_months,
        opened_on: row.opened_at.map(crate::kernel::time::Instant::date),
        promised_on: row.promised_on.filter(|_| !row.status.is_end()),
        page: format!("{}/a/{}", ctx.env.config.base_url(), row.id),
    })
}

/// Whether a field of a grant is published; all are where nobody has decided, for only grants of
/// public applications are shown.
fn says(decided: Option<&Publication>, field: PublishedField) -> bool {
    decided.is_none_or(|decided| decided.fields.contains(&field))
}

/// A grant with what was decided on it, if somebody did. Title and summary are those of its
/// application, which is public.
pub(super) fn grant_row(
    ctx: &Ctx,
    row: &GrantRow,
    decided: Option<&Publication>,
) -> PublicGrantRow {
    PublicGrantRow {
        id: row.id,
        application_id: row.application_id,
        title: row.title.clone(),
        summary: row.summary.clone(),
        status: row.status,
        amount_awarded: Money::new(row.amount_awarded, row.currency),
        awarded_on: row.awarded_on,
        ends_on: row.ends_on.filter(|_| says(decided, PublishedField::PlannedDates)),
        page: format!("{}/g/{}", ctx.env.config.base_url(), row.id),
    }
}

/// One public application.
///
/// # Errors
/// 404 for what is not there or not public.
pub fn application(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<PublicApplication> {
    let missing = || Problem::not_found("application");
    let (app, text) = store::application(conn, id)?.ok_or_else(missing)?;
    authz::require(ctx, Action::GetPublicApplication, &[Relation::Public])?;
    let lines: Vec<Line> =
        serde_json::from_value(text.budget_lines.0).map_err(Problem::internal)?;
    let currency = app.currency.ok_or_else(incomplete)?;
    let line = |l: Line| BudgetLine { label: l.label, amount: Money::new(l.amount, currency) };
    let grant = match all_grants::service::of_application(conn, id)? {
        Some(grant) => store::grant(conn, grant.id)?,
        None => None,
    };
    let firm = firm(conn, ctx, std::slice::from_ref(&app))?;
    // As a stranger sees it, whoever asks.
    let stranger = ctx.acting(Actor::Anonymous, "");
    let seen = applications::service::get(conn, &stranger, id)?;
    let directions = agendas::service::of_application(conn, id)?;
    let own = call(conn, app.call_id)?;
    // What a private call asks is not told either.
    let answers = match own {
        Some(_) => answered(conn, &app, &seen)?,
        None => Vec::new(),
    };
    let call = match app.own_call_declined_at {
        Some(_) => further(conn, id)?,
        None => own,
    };
    Ok(PublicApplication {
        vouches: vouched(conn, &stranger, id)?,
        agendas: directions.into_iter().map(|agenda| agenda.title).collect(),
        place: seen.place,
        looking_for: seen.looking_for,
        applicant: name(conn, app.applicant_id)?,
        body: text.body,
        budget_lines: lines.into_iter().map(line).collect(),
        answers,
        call,
        cancelled: grant.as_ref().is_some_and(|grant| grant.status == GrantStatus::NO_AWARD),
        grant_id: grant.map(|grant| grant.id),
        image: image(ctx),
        contributions: contributions(conn, ctx, &app, currency)?,
        row: row(ctx, &app, &firm)?,
    })
}

/// The picture for links to public pages, where there is one.
fn image(ctx: &Ctx) -> Option<PublicImage> {
    let settings = &ctx.env.config.publishing;
    let image = PublicImage { url: settings.image.clone(), alt: settings.image_alt.clone() };
    Some(image).filter(|image| !image.url.is_empty())
}

/// The answers that strangers see; files have an address of their own.
fn answered(conn: &mut Conn, app: &AppRow, seen: &Application) -> Result<Vec<Answered>> {
    let (form_version, answers) = (seen.form_version, seen.answers.clone());
    let paper = Paper { form_version, answers, ..Paper::default() };
    let mut all = answers::service::labelled(conn, app.call_id, &paper)?;
    all.retain(|answered| answered.kind != QuestionKind::File);
    Ok(all)
}

fn vouched(conn: &mut Conn, stranger: &Ctx, id: ApplicationId) -> Result<Vec<PublicVouch>> {
    let page = PageOf { limit: LOOKED_AT, after: None };
    let all = vouches::service::of_application(conn, stranger, id, &page)?.items;
    let standing = all.into_iter().filter(|vouch| vouch.status == VouchStatus::Signed);
    let told = standing.take(VOUCHES).map(|vouch| PublicVouch {
        voucher: vouch.voucher.name,
        scopes: vouch.scopes,
        strength: vouch.strength,
        how_known: vouch.how_known,
        statement: vouch.statement,
        conflicts: vouch.conflicts,
        signed_on: vouch.signed_at.date(),
    });
    Ok(told.collect())
}

fn name(conn: &mut Conn, person: PersonId) -> Result<String> {
    Ok(people::service::brief(conn, person)?.map(|p| p.name).unwrap_or_default())
}

/// The call, where everybody may see it.
pub(super) fn call(conn: &mut Conn, id: CallId) -> Result<Option<PublicCallRef>> {
    let call = calls::service::facts(conn, id)?;
    let call = call.filter(|c| c.visibility == Visibility::Public && c.status != CallStatus::Draft);
    Ok(call.map(|call| PublicCallRef { id: call.id, title: call.title }))
}

/// The first further call that an application is in and that everybody may see.
fn further(conn: &mut Conn, id: ApplicationId) -> Result<Option<PublicCallRef>> {
    for further in applications::service::further_calls(conn, id)? {
        if let Some(call) = call(conn, further)? {
            return Ok(Some(call));
        }
    }
    Ok(None)
}

/// Public applications in a status, newest first.
pub fn applications(
    conn: &mut Conn,
    ctx: &Ctx,
    (status, call): (ApplicationStatus, Option<CallId>),
    page: &PageOf<of::Application>,
) -> Result<Page<PublicApplicationRow>> {
    authz::require(ctx, Action::ListPublicApplications, &[])?;
    if !matches!(status, ApplicationStatus::Open | ApplicationStatus::Awarded) {
        return Ok(Page { items: Vec::new(), next: None });
    }
    // What is in a private call is not told to who asks for that call.
    if let Some(asked) = call
        && self::call(conn, asked)?.is_none()
    {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let rows = store::applications(conn, (status, call), page)?;
    let page = Page::cut(rows, page.limit, |row| row.id);
    let firm = firm(conn, ctx, &page.items)?;
    let items: Result<Vec<_>> = page.items.iter().map(|app| row(ctx, app, &firm)).collect();
    Ok(Page { items: items?, next: page.next })
}

/// One public grant.
///
/// # Errors
/// 404 for what is not there, not public, or withheld.
pub fn grant(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<PublicGrant> {
    let row = store::grant(conn, id)?.ok_or_else(|| Problem::not_found("grant"))?;
    authz::require(ctx, Action::GetPublicGrant, &[Relation::Public])?;
    let decided = store::decision(conn, id)?;
    let decided = decided.as_ref();
    let paid = all_grants::service::kept(conn, (id, row.currency))?;
    let programme = says(decided, PublishedField::Programme);
    Ok(PublicGrant {
        recipient: name(conn, row.recipient_id)?,
        paid: says(decided, PublishedField::AmountDisbursed).then_some(paid),
        call: call(conn, row.call_id)?.filter(|_| programme),
        image: image(ctx),
        row: grant_row(ctx, &row, decided),
    })
}

/// Public grants in the order of their applications, the newest first; a page may hold fewer than
/// asked for though there are more.
pub fn grants(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::Application>,
) -> Result<Page<PublicGrantRow>> {
    authz::require(ctx, Action::ListPublicGrants, &[])?;
    let awarded = store::awarded(conn, page)?;
    let page = Page::cut(awarded, page.limit, |id| *id);
    // Those that are withheld are left out: a page may be shorter than it could be.
    let rows = store::grants(conn, &page.items)?;
    let ids: Vec<GrantId> = rows.iter().map(|row| row.id).collect();
    let decided = store::decisions(conn, &ids)?;
    let items = rows.iter().map(|row| grant_row(ctx, row, decided.get(&row.id))).collect();
    Ok(Page { items, next: page.next })
}
