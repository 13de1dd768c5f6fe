//! Awards as a package of the 360Giving Data Standard, written while they are read.

use super::super::model::{Giving, Individual, Organization, Planned, Programme};
use super::super::store::{self, Award};
use crate::calls::model::{CallStatus, Visibility};
use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use crate::kernel::text::hex;
use crate::platform::auth::seal;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::publishing::model::{Publication, PublishedField, RecipientKind};
use crate::{grants, publishing};
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::io::Write;

/// Awards read at once.
const BATCH: i64 = 500;
/// Called so in every grant to a person.
const INDIVIDUAL: &str = "Individual recipient";

/// Writes every award that is not withheld: for those who run or audit the service.
pub fn giving(conn: &mut Conn, ctx: &Ctx, out: &mut dyn Write) -> Result<()> {
    authz::require(ctx, Action::ExportGrants, &[])?;
    package(conn, ctx, false, out)
}

/// Writes those that are public, for everybody.
pub fn public_giving(conn: &mut Conn, ctx: &Ctx, out: &mut dyn Write) -> Result<()> {
    authz::require(ctx, Action::ExportPublicGrants, &[])?;
    package(conn, ctx, true, out)
}

fn package(conn: &mut Conn, ctx: &Ctx, public: bool, out: &mut dyn Write) -> Result<()> {
    let (sponsor, settings) = (&ctx.env.config.sponsor, &ctx.env.config.publishing);
    let mut head = json!({
        "version": "1.4",
        "title": format!("Grants of {}", sponsor.name),
        "issued": ctx.today(),
        "publisher": { "name": sponsor.name, "identifier": funder(ctx).id,
            "website": ctx.env.config.base_url() },
    });
    if !settings.license.is_empty() {
        head["license"] = json!(settings.license);
    }
    if public {
        let address = format!("{}/api/v1/public/360giving", ctx.env.config.base_url());
        head["downloadURL"] = json!(address);
    }
    // The head without its last brace: the grants follow, one to a line.
    let head = head.to_string();
    write!(out, "{},\"grants\":[", head.trim_end_matches('}')).map_err(Problem::internal)?;
    let (mut after, mut first) = (None, true);
    loop {
        let awards = store::awards(conn, public, after, BATCH)?;
        let Some(last) = awards.last() else { break };
        after = Some(last.id);
        let ids: Vec<GrantId> = awards.iter().map(|award| award.id).collect();
        let paid = grants::service::kept_of(conn, &ids)?;
        let mut decided = publishing::service::decisions(conn, &ids)?;
        for award in awards {
            let minor = paid.get(&award.id).copied().unwrap_or(0);
            let publication = decided.remove(&award.id);
            let told = told(ctx, award, publication, minor)?;
            out.write_all(if first { b"\n" } else { b",\n" }).map_err(Problem::internal)?;
            first = false;
            serde_json::to_writer(&mut *out, &told).map_err(Problem::internal)?;
        }
    }
    out.write_all(b"\n]}\n").map_err(Problem::internal)
}

/// The digits of an amount, as a number.
fn number(money: Money) -> Result<Box<RawValue>> {
    RawValue::from_string(money.decimal()).map_err(Problem::internal)
}

fn prefixed(ctx: &Ctx, rest: &str) -> String {
    format!("360G-{}-{rest}", ctx.env.config.publishing.prefix)
}

fn funder(ctx: &Ctx) -> Organization {
    let settings = &ctx.env.config.publishing;
    let id = match settings.organisation_id.as_str() {
        "" => prefixed(ctx, "ORG-publisher"),
        id => id.to_owned(),
    };
    Organization { id, name: ctx.env.config.sponsor.name.clone() }
}

fn told(ctx: &Ctx, award: Award, decided: Option<Publication>, paid: i64) -> Result<Giving> {
    let public = award.visibility == Visibility::Public;
    let publication = decided.unwrap_or_else(|| publishing::rules::by_default(public));
    let shows = |field| publication.fields.contains(&field);
    let money = |minor| Money::new(minor, award.currency);
    let applied = award.amount_requested.filter(|_| shows(PublishedField::AmountAppliedFor));
    let applied = applied.map(|minor| number(money(minor))).transpose()?;
    let disbursed = shows(PublishedField::AmountDisbursed).then(|| number(money(paid)));
    let open_call =
        award.call_visibility == Visibility::Public && award.call_status != CallStatus::Draft;
    let programme = open_call && shows(PublishedField::Programme);
    let planned = shows(PublishedField::PlannedDates).then(|| Planned {
        start_date: award.awarded_on.to_string(),
        end_date: award.ends_on.map(|day| day.to_string()),
        duration: award.duration_months.filter(|_| award.ends_on.is_none()),
    });
    let page = || format!("{}/g/{}", ctx.env.config.base_url(), award.id);
    let described = shows(PublishedField::Description) && !award.summary.is_empty();
    let (recipient_organization, recipient_individual) = recipient(ctx, &award, &publication);
    Ok(Giving {
        id: prefixed(ctx, &award.id.to_string()),
        url: public.then(page),
        currency: award.currency.to_string(),
        amount_applied_for: applied,
        amount_awarded: number(money(award.amount_awarded))?,
        amount_disbursed: disbursed.transpose()?,
        award_date: award.awarded_on.to_string(),
        planned_dates: planned.into_iter().collect(),
        funding_organization: vec![funder(ctx)],
        recipient_organization,
        recipient_individual,
        grant_programme: match programme {
            true => vec![Programme { code: award.call_id.to_string(), title: award.call_title }],
            false => Vec::new(),
        },
        from_open_call: programme.then_some("Yes"),
        title: match shows(PublishedField::Title) {
            true => award.title,
            false => format!("Grant of {}", award.awarded_on.year()),
        },
        description: match described {
            true => award.summary,
            false => "What this grant is for is not published.".into(),
        },
    })
}

fn recipient(
    ctx: &Ctx,
    award: &Award,
    publication: &Publication,
) -> (Vec<Organization>, Option<Individual>) {
    let keys = &ctx.env.keys;
    match (publication.recipient, &publication.organisation_name) {
        (RecipientKind::Organisation, Some(name)) => {
            let own = || {
                let hash = hex(&Sha256::digest(name.as_bytes())[..8]);
                prefixed(ctx, &format!("ORG-{hash}"))
            };
            let id = publication.organisation_id.clone().unwrap_or_else(own);
            (vec![Organization { id, name: name.clone() }], None)
        }
        _ => {
            // Keyed, so that nobody who knows a person's id can look them up here.
            let person = award.recipient_id.uuid();
            let mark = seal::equality(keys, "360giving.individual", person.as_bytes());
            let id = prefixed(ctx, &format!("IND-{}", hex(&mark[..10])));
            (Vec::new(), Some(Individual { id, name: INDIVIDUAL }))
        }
    }
}
