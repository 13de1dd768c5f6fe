//! What the public gives, what people say to each other, and what finance typed in wrongly.

use super::scenes::Stage;
use super::seed::form;
use crate::kernel::Result;
use crate::kernel::ids::AnnouncementId;
use crate::kernel::page::PageQuery;
use crate::kernel::problem::Problem;
use crate::platform::db::Conn;
use crate::publishing::service::ListAnnouncements;
use crate::{comments, funds, publishing};
use serde_json::json;

/// An application that somebody gave for, and that is talked about.
pub(super) fn given(conn: &mut Conn, stage: &Stage<'_>) -> Result<()> {
    let world = stage.world;
    let id = stage.open(conn, 0, 16, ("Lessons for new researchers", "4000.00", "9000.00"))?;
    let question = form(json!({
        "visibility": "applicant_and_funders",
        "body": "Would you also publish the exercises?",
    }))?;
    comments::service::create(conn, &stage.at(&world.rhea, 9), id, &question)?;

    let usd = |amount: &str| json!({ "amount": amount, "currency": "USD" });
    let gift = form(json!({
        "amount": usd("500.00"), "name": "A former student", "email": "kind@demo.example",
    }))?;
    publishing::service::announce(conn, &stage.at(&world.admin, 8), id, &gift)?;
    let by_finance = stage.at(&world.finance, 5);
    let arrived = form(json!({ "amount": usd("500.00"), "received_on": by_finance.today() }))?;
    let announced = announced(conn, stage)?;
    publishing::service::receive(conn, &by_finance, announced, &arrived)?;

    let wrong = form(json!({
        "funder_name": "Fleur Funder", "amount": usd("5000.00"), "reference": "WIRE-4",
        "received_on": by_finance.today(),
    }))?;
    let wrong = funds::service::record_contribution(conn, &by_finance, world.fund, &wrong)?.id;
    let why = form(json!({ "reason": "It went to another sponsor's account." }))?;
    let by_other = stage.at(&world.second_finance, 4);
    funds::service::undo_contribution(conn, &by_other, world.fund, wrong, &why).map(drop)
}

fn announced(conn: &mut Conn, stage: &Stage<'_>) -> Result<AnnouncementId> {
    let ctx = stage.at(&stage.world.finance, 5);
    let (all, page) = (ListAnnouncements::default(), PageQuery::default().checked()?);
    let found = publishing::service::announcements(conn, &ctx, &all, &page)?.items;
    let missing = || Problem::internal("the announcement is missing");
    found.first().map(|row| row.id).ok_or_else(missing)
}
