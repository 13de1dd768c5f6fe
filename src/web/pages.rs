//! The pages behind the links of mails: what the API has at `/api/v1/x`, a person finds at `/x`. A
//! page is the same for everybody and whatever there is: it holds no data, and its scripts ask the
//! API once its reader has logged in. At `/` it shows what waits for its reader.

use super::rooms::fits;
use crate::kernel::problem::Problem;
use crate::platform::http::{PAGE_POLICY, Served};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::ServiceConfig;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, route};
use askama::Template;

/// Pages of which the API has nothing to read at the same path: the place on a team, which its
/// application tells of, and both lists of delegations.
const FURTHER: &[&str] = &["/applications/{id}/members/{member_id}", "/delegations"];

/// Registers their scripts.
pub(super) fn configure(cfg: &mut ServiceConfig) {
    cfg.service(script).service(session_script);
}

#[derive(Template)]
#[template(path = "web/templates/object.html")]
struct Page;

#[derive(Template)]
#[template(path = "web/templates/missing.html")]
struct MissingPage;

/// The page at an address that nothing else is at; none for a machine, which asks for JSON, and
/// where the API has nothing either. `paths` are the API's templates, with their methods.
pub(super) fn page(
    request: &HttpRequest,
    paths: &[(String, String)],
) -> Option<Result<HttpResponse, Problem>> {
    if !reads(request) || wants_json(request) || !is_page(request.path(), paths) {
        return None;
    }
    request.extensions_mut().insert(Served("/{page}".into()));
    Some(answer(StatusCode::OK, &Page))
}

fn answer(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Problem> {
    let html = page.render().map_err(Problem::internal)?;
    let mut answer = HttpResponse::build(status);
    answer.content_type("text/html; charset=utf-8");
    Ok(answer.insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY)).body(html))
}

/// The page where there is none, for who looks for one in a browser; none for others, and below the
/// API's address.
pub(super) fn missing(request: &HttpRequest) -> Option<Result<HttpResponse, Problem>> {
    let browses = accepts(request).is_some_and(|kinds| kinds.contains("text/html"));
    let found = reads(request) && browses && !request.path().starts_with("/api/");
    found.then(|| answer(StatusCode::NOT_FOUND, &MissingPage))
}

/// Whether what is there is to be read, and not changed.
pub(super) fn reads(request: &HttpRequest) -> bool {
    [Method::GET, Method::HEAD].contains(request.method())
}

fn wants_json(request: &HttpRequest) -> bool {
    accepts(request).is_some_and(|kinds| kinds.contains("json") && !kinds.contains("text/html"))
}

fn accepts(request: &HttpRequest) -> Option<&str> {
    request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok())
}

/// Whether there is a page at an address, which is only read.
pub(super) fn is_page(path: &str, paths: &[(String, String)]) -> bool {
    let path = path.trim_end_matches('/');
    let address = format!("/api/v1{path}");
    let read = |(template, allow): &(String, String)| {
        fits(template, &address) && allow.split(", ").any(|method| method == "GET")
    };
    path.is_empty() || FURTHER.iter().any(|template| fits(template, path)) || paths.iter().any(read)
}

#[route("/assets/object.js", method = "GET", method = "HEAD")]
async fn script() -> HttpResponse {
    let kind = "text/javascript; charset=utf-8";
    HttpResponse::Ok().content_type(kind).body(include_str!("templates/object.js"))
}

#[route("/assets/session.js", method = "GET", method = "HEAD")]
async fn session_script() -> HttpResponse {
    let kind = "text/javascript; charset=utf-8";
    HttpResponse::Ok().content_type(kind).body(include_str!("templates/session.js"))
}
