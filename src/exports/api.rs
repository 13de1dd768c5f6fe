//! Routes of exports and checks.

use super::service;
use crate::kernel::Result;
use crate::kernel::fields::days_in_order;
use crate::kernel::time::Date;
use crate::ledger::export::{Books, Format, Query as Export};
use crate::ledger::service::CheckReport;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Caller, Done, Problems, Query, Routes};
use actix_web::{HttpResponse, get};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(export_ledger)
        .service(check_ledger)
        .service(export_grants)
        .service(export_public_grants);
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// The format; CSV when absent.
    #[param(inline)]
    format: Option<Format>,
    /// Which books; the general one when absent.
    #[param(inline)]
    book: Option<Books>,
    /// From this day on; what was before becomes one opening entry.
    from: Option<Date>,
    /// Up to this day, inclusive.
    to: Option<Date>,
}

impl ExportQuery {
    fn export(self) -> Result<Export> {
        days_in_order("?", self.from, self.to)?;
        Ok(Export {
            format: self.format.unwrap_or(Format::Csv),
            books: self.book.unwrap_or(Books::General),
            from: self.from,
            to: self.to,
        })
    }
}

/// The journal for an accountant's program, streamed.
#[utoipa::path(tag = "ledger", operation_id = "export_ledger", params(ExportQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "The file", content(
        (String = "text/csv"), (String = "application/jsonl"), (String = "text/plain"))),
        Problems))]
#[get("/api/v1/ledger/export")]
async fn export_ledger(app: App, caller: Caller, query: Query<ExportQuery>) -> HttpResponse {
    // What cannot be read is refused below, once the caller has passed the gate.
    let format = query.read().ok().and_then(|q| q.format).unwrap_or(Format::Csv);
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Jsonl => ("application/jsonl", "jsonl"),
        Format::Hledger => ("text/plain; charset=utf-8", "journal"),
        Format::Beancount => ("text/plain; charset=utf-8", "beancount"),
    };
    let name = format!("ledger.{ending}");
    http::stream(&app, caller, Action::ExportLedger, kind, name, move |conn, ctx, out| {
        service::export(conn, ctx, &query.read()?.export()?, out)
    })
    .await
}

/// Proves every invariant of the ledger now.
#[utoipa::path(tag = "ledger", operation_id = "check_ledger", security(("bearer" = [])),
    responses((status = 200, description = "What was found", body = CheckReport), Problems))]
#[get("/api/v1/ledger/check")]
async fn check_ledger(app: App, caller: Caller) -> HttpResponse {
    http::query(&app, caller, Action::CheckLedger, |conn, ctx| {
        Done::ok(&service::check(conn, ctx)?)
    })
    .await
}

const JSON: &str = "application/json";

/// All awards as a package of the 360Giving Data Standard, streamed, without those withheld.
#[utoipa::path(tag = "public", operation_id = "export_grants", security(("bearer" = [])),
    responses((status = 200, description = "The file", body = Object,
        content_type = "application/json"), Problems))]
#[get("/api/v1/exports/360giving")]
async fn export_grants(app: App, caller: Caller) -> HttpResponse {
    let name = "360giving.json".to_owned();
    http::stream(&app, caller, Action::ExportGrants, JSON, name, service::giving).await
}

/// The public awards as a package of the 360Giving Data Standard, streamed, for everybody.
#[utoipa::path(tag = "public", operation_id = "export_public_grants",
    responses((status = 200, description = "The file", body = Object,
        content_type = "application/json"), Problems))]
#[get("/api/v1/public/360giving")]
async fn export_public_grants(app: App, caller: Caller) -> HttpResponse {
    let name = "360giving.json".to_owned();
    http::stream(&app, caller, Action::ExportPublicGrants, JSON, name, service::public_giving).await
}
