//! What those who run the service look at: health, readiness, metrics, the API document.

use super::rooms::fits;
use super::{document, pages, routes, seen};
use crate::kernel::problem::{Kind, Problem, catalogue_markdown};
use crate::platform::http::App;
use crate::platform::panics;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, route};
use std::sync::{Arc, OnceLock};
use utoipa::openapi::OpenApi;

/// The API document as JSON; and the templates of all addresses, each with the methods that it
/// takes, for telling 405 from 404.
pub(super) struct Document {
    pub(super) json: String,
    /// What it says of the CommonGrants protocol alone.
    pub(super) protocol: String,
    pub(super) paths: Vec<(String, String)>,
}

/// Made once in a process, however many servers it has: it takes longer than all else at the start.
/// The error says which routes are not what the policy tells.
pub(super) fn document() -> Result<Arc<Document>, String> {
    static DOCUMENT: OnceLock<Result<Arc<Document>, String>> = OnceLock::new();
    DOCUMENT.get_or_init(|| make().map(Arc::new)).clone()
}

fn make() -> Result<Document, String> {
    let openapi = document::openapi();
    routes::verify(&openapi)?;
    let protocol = document::protocol(&openapi);
    Ok(Document {
        json: openapi.to_json().map_err(|e| e.to_string())?,
        protocol: protocol.to_json().map_err(|e| e.to_string())?,
        paths: addresses(&openapi),
    })
}

/// What is only read.
const READ: &str = "GET, HEAD";
/// What is served beside the API, with the methods that it takes.
const BESIDE: &[(&str, &str)] = &[
    ("/a/{id}", "GET, HEAD, POST"),
    ("/assets/account.css", READ),
    ("/assets/account.js", READ),
    ("/assets/object.js", READ),
    ("/assets/public.css", READ),
    ("/assets/session.js", READ),
    ("/assets/unsubscribe.js", READ),
    ("/common-grants.json", READ),
    ("/confirm", READ),
    ("/docs", READ),
    ("/docs/", READ),
    ("/docs/problems", READ),
    ("/docs/{file}", "GET"),
    ("/feeds/applications.atom", READ),
    ("/feeds/calls/{id}/applications.atom", READ),
    ("/feeds/grants.atom", READ),
    ("/g/{id}", READ),
    ("/healthz", READ),
    ("/metrics", READ),
    ("/openapi.json", READ),
    ("/readyz", READ),
    ("/reset", READ),
    ("/unsubscribe", READ),
];

/// The templates of all addresses, with the methods that each takes, as the header `Allow` has
/// them. What names a part comes before what takes anything there: a brace sorts after letters.
pub(super) fn addresses(document: &OpenApi) -> Vec<(String, String)> {
    let mut all = routes::methods(document);
    all.extend(BESIDE.iter().map(|&(template, allow)| (template.to_owned(), allow.to_owned())));
    all.sort();
    all
}

pub(super) fn configure(cfg: &mut ServiceConfig) {
    cfg.service(healthz).service(readyz).service(metrics).service(docs).service(problems);
    cfg.service(docs_page).service(api_document).service(protocol_document);
}

/// The process runs.
#[route("/healthz", method = "GET", method = "HEAD")]
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// The database answers and its schema is the one that this program knows.
#[route("/readyz", method = "GET", method = "HEAD")]
async fn readyz(app: App) -> Result<HttpResponse, Problem> {
    let db = app.db.clone();
    panics::blocking(move || db.ready()).await??;
    Ok(HttpResponse::Ok().content_type("text/plain").body("ready\n"))
}

#[route("/metrics", method = "GET", method = "HEAD")]
async fn metrics(app: App) -> HttpResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    HttpResponse::Ok().content_type(kind).body(seen::text(&app).await)
}

#[route("/openapi.json", method = "GET", method = "HEAD")]
async fn api_document(served: Data<Arc<Document>>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(served.json.clone())
}

/// What CommonGrants' checkers are given: an address beside the protocol's own, which are closed.
#[route("/common-grants.json", method = "GET", method = "HEAD")]
async fn protocol_document(served: Data<Arc<Document>>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(served.protocol.clone())
}

/// The page of the API is a folder: its files lie beside it.
#[route("/docs", method = "GET", method = "HEAD")]
async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// The bundled page, but for its frame: on a telephone as wide as that is.
#[route("/docs/", method = "GET", method = "HEAD")]
async fn docs_page() -> HttpResponse {
    let page = include_str!("templates/docs.html");
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}

/// The catalogue of problems, which every problem's `type` points to.
#[route("/docs/problems", method = "GET", method = "HEAD")]
async fn problems() -> HttpResponse {
    HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(catalogue_markdown())
}

/// What no route takes: 405 where another method would do, a page where a person looks for what the
/// API has, else 404, which people read on a page as well.
pub(super) async fn nothing_here(
    request: HttpRequest,
    served: Data<Arc<Document>>,
) -> Result<HttpResponse, Problem> {
    let fitting = |(template, _): &&(String, String)| fits(template, request.path());
    let found = served.paths.iter().find(fitting);
    if let Some((_, allow)) = found {
        return Ok(refused(&request, allow));
    }
    if !pages::reads(&request) && pages::is_page(request.path(), &served.paths) {
        return Ok(refused(&request, READ));
    }
    let page = pages::page(&request, &served.paths).or_else(|| pages::missing(&request));
    page.unwrap_or_else(|| Err(Problem::not_found("page")))
}

fn refused(request: &HttpRequest, allow: &str) -> HttpResponse {
    let detail = format!("{} does not take {}.", request.path(), request.method());
    let problem = Problem::new(Kind::MethodNotAllowed, detail);
    let mut response = problem.error_response();
    // RFC 9110 section 15.5.6.
    if let Ok(allow) = HeaderValue::from_str(allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
