//! The page behind the link that ends the mails of a saved search. The secret stands behind the `#`
//! of the link, so that no server logs it; nothing changes before a button is pressed, so that
//! programs which open the links of mails end nothing.

use crate::kernel::problem::Problem;
use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, route};
use askama::Template;

/// Registers it.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(unsubscribe).service(script);
}

#[derive(Template)]
#[template(path = "discovery/templates/unsubscribe.html")]
struct Page;

#[route("/unsubscribe", method = "GET", method = "HEAD")]
async fn unsubscribe() -> Result<HttpResponse, Problem> {
    let html = Page.render().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

#[route("/assets/unsubscribe.js", method = "GET", method = "HEAD")]
async fn script() -> HttpResponse {
    let kind = "text/javascript; charset=utf-8";
    HttpResponse::Ok().content_type(kind).body(include_str!("templates/unsubscribe.js"))
}
