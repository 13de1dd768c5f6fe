//! Routes of dossiers.

use super::model::{Dossier, ImportApplication, Imported};
use super::{pages, service};
use crate::kernel::ids::ApplicationId;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, File, Problems, Query, Routes};
use crate::text_enum;
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(export_application).service(import_application);
}

text_enum! {
    /// How to write an application out.
    pub enum ExportFormat {
        /// For programs, and to bring it in elsewhere.
        Json = "json",
        /// To read and to edit.
        Markdown = "markdown",
        /// To print, or to save as PDF from a browser.
        Html = "html",
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// JSON where absent.
    #[param(inline)]
    format: Option<ExportFormat>,
}

/// The whole application in one document, as its team may see it: JSON, Markdown, or HTML that is
/// ready to be printed.
#[utoipa::path(tag = "applications", operation_id = "export_application",
    params(("id" = ApplicationId, Path), ExportQuery), security(("bearer" = [])),
    responses((status = 200, description = "The document", content((Dossier = "application/json"),
        (String = "text/markdown"), (String = "text/html"))), Problems))]
#[get("/api/v1/applications/{id}/export")]
async fn export_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    query: Query<ExportQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ExportApplication, move |conn, ctx| {
        let format = query.read()?.format.unwrap_or(ExportFormat::Json);
        let dossier = service::export(conn, ctx, *id)?;
        let (content_type, ending, text) = match format {
            ExportFormat::Json => return Done::ok(&dossier),
            ExportFormat::Markdown => {
                ("text/markdown; charset=utf-8", "md", pages::markdown(&dossier))
            }
            ExportFormat::Html => ("text/html; charset=utf-8", "html", pages::html(&dossier)?),
        };
        let name = format!("application-{}.{ending}", *id);
        Ok(Done::file(File { content_type, name, bytes: text.into_bytes() }))
    })
    .await
}

/// Makes a draft of yours out of a document that was written out here or elsewhere; the answer
/// tells what was not taken over.
#[utoipa::path(tag = "applications", operation_id = "import_application",
    request_body = ImportApplication, security(("bearer" = [])),
    responses((status = 201, description = "Made", body = Imported), Problems))]
#[post("/api/v1/applications/import")]
async fn import_application(
    app: App,
    caller: Caller,
    body: Body<ImportApplication>,
) -> HttpResponse {
    http::command(&app, caller, Action::ImportApplication, body, move |conn, ctx, form| {
        let made = service::import(conn, ctx, form)?;
        let row = &made.application.row;
        Done::created(&made, format!("/api/v1/applications/{}", row.id))
    })
    .await
}
