//! Routes of published figures.

use super::model::CallStats;
use super::service::{self, Asked};
use crate::kernel::ids::CallId;
use crate::kernel::page::{Page, PageQuery};
use crate::kernel::time::Date;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Caller, Done, Problems, Query, Routes};
use actix_web::{HttpResponse, get};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_decision_stats);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatsQuery {
    /// Only of this call.
    call_id: Option<CallId>,
    /// From the month of this day on; eleven months before the last where absent.
    from: Option<Date>,
    /// Up to the month of this day; this month where absent.
    to: Option<Date>,
    /// Calls to a page, 1 to 200; more than 50 are never sent.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// How long it took to a first answer and to a decision, in each public call and month: median and
/// 90th percentile in whole days (nearest rank). Months with fewer than five are not told of, but
/// count in the span of all months asked for, unless fewer than five would be what is left.
#[utoipa::path(tag = "stats", operation_id = "list_decision_stats", params(StatsQuery),
    responses((status = 200, description = "A page", body = Page<CallStats>), Problems))]
#[get("/api/v1/stats/decisions")]
async fn list_decision_stats(app: App, caller: Caller, query: Query<StatsQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListDecisionStats, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        let asked = Asked { call_id: query.call_id, from: query.from, to: query.to };
        Done::ok(&service::decisions(conn, ctx, asked, &page)?)
    })
    .await
}
