//! The pages behind mailed links: confirm an address, set a new password. They hold no data; the
//! secret stands behind the `#` of the link, so that no server logs it, and a script posts it to
//! the API, where everything is decided.

use crate::kernel::problem::Problem;
use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, route};
use askama::Template;

/// Registers them.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(confirm).service(reset).service(script).service(style);
}

#[derive(Template)]
#[template(path = "people/templates/account.html")]
struct Account {
    title: &'static str,
    intro: &'static str,
    label: &'static str,
    /// What the script posts to.
    api: &'static str,
    /// What is said when it is done.
    done: &'static str,
    autocomplete: &'static str,
    /// Whether the password is asked for twice.
    repeat: bool,
}

fn shown(page: &Account) -> Result<HttpResponse, Problem> {
    let html = page.render().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

#[route("/confirm", method = "GET", method = "HEAD")]
async fn confirm() -> Result<HttpResponse, Problem> {
    shown(&Account {
        title: "Confirm your address",
        intro: "Give the password that you chose when you registered: so nobody confirms what a \
                stranger registered with your address.",
        label: "Your password",
        api: "/api/v1/auth/confirm",
        done: "Your address is confirmed. You can log in now.",
        autocomplete: "current-password",
        repeat: false,
    })
}

#[route("/reset", method = "GET", method = "HEAD")]
async fn reset() -> Result<HttpResponse, Problem> {
    shown(&Account {
        title: "Set a new password",
        intro: "Ten characters or more; a few words that only you would put together are best. \
                All sessions end, and personal access tokens are revoked.",
        label: "New password",
        api: "/api/v1/auth/reset",
        done: "Your password is set. You can log in with it now.",
        autocomplete: "new-password",
        repeat: true,
    })
}

#[route("/assets/account.js", method = "GET", method = "HEAD")]
async fn script() -> HttpResponse {
    let kind = "text/javascript; charset=utf-8";
    HttpResponse::Ok().content_type(kind).body(include_str!("templates/account.js"))
}

#[route("/assets/account.css", method = "GET", method = "HEAD")]
async fn style() -> HttpResponse {
    let kind = "text/css; charset=utf-8";
    HttpResponse::Ok().content_type(kind).body(include_str!("templates/account.css"))
}
