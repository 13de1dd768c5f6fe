//! Pages and feeds for everybody: they run no script, load one style, and are the same for whoever
//! asks. What they show comes from the same use-cases as the data.

use super::model::{Feed, FeedEntry, PublicApplication, PublicGrant};
use super::{rules, service};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, GrantId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text::hex;
use crate::kernel::time::Instant;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::http::{App, Caller};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, LAST_MODIFIED};
use actix_web::web::{Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use askama::Template;
use atom_syndication as atom;
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime};

/// Registers them.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(application_page)
        .service(grant_page)
        .service(applications_atom)
        .service(grants_atom)
        .service(call_atom)
        .service(style);
}

const ATOM: &str = "application/atom+xml; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

#[derive(Template)]
#[template(path = "publishing/templates/application.html")]
struct ApplicationPage {
    sponsor: String,
    description: String,
    paragraphs: Vec<String>,
    shown: PublicApplication,
    /// The page of the grant that it became.
    grant: Option<String>,
    feed: String,
}

#[derive(Template)]
#[template(path = "publishing/templates/grant.html")]
struct GrantPage {
    sponsor: String,
    description: String,
    paragraphs: Vec<String>,
    shown: PublicGrant,
    /// The page of the application that it was.
    application: String,
    feed: String,
}

#[derive(Template)]
#[template(path = "publishing/templates/missing.html")]
struct MissingPage<'a> {
    sponsor: &'a str,
}

/// Reads as somebody who has not signed in, whoever asks.
async fn read<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    name: &'static str,
    run: impl Fn(&mut Conn, &Ctx) -> Result<T> + Send + Sync + 'static,
) -> Result<T> {
    let ctx = caller.anonymous(app);
    app.db.read(name, move |conn| run(conn, &ctx)).await
}

/// An answer that may be kept for a minute and asked for again by its tag. The tag alone decides
/// whether it is still the same: an entry that left a feed moves no date.
fn kept(
    request: &HttpRequest,
    (kind, body): (&'static str, String),
    changed: Option<Instant>,
) -> HttpResponse {
    let tag = format!("\"{}\"", hex(&Sha256::digest(body.as_bytes())[..16]));
    let asked = request.headers().get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let same = |asked: &str| {
        asked.split(',').any(|one| one.trim().trim_start_matches("W/") == tag) || asked == "*"
    };
    let status = match asked.is_some_and(same) {
        true => StatusCode::NOT_MODIFIED,
        false => StatusCode::OK,
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((ETAG, tag));
    response.insert_header((CACHE_CONTROL, "public, max-age=60"));
    if let Some(seconds) = changed.and_then(|at| u64::try_from(at.as_seconds()).ok()) {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        response.insert_header((LAST_MODIFIED, actix_web::http::header::HttpDate::from(at)));
    }
    if status == StatusCode::NOT_MODIFIED {
        return response.finish();
    }
    response.content_type(kind).body(body)
}

/// A page, or a page that says that there is none; other problems stay problems.
fn paged(app: &App, request: &HttpRequest, page: Result<String>) -> Result<HttpResponse> {
    match page {
        Ok(body) => Ok(kept(request, (HTML, body), None)),
        Err(problem) if problem.kind() == Kind::NotFound => {
            let page = MissingPage { sponsor: &app.env.config.sponsor.name };
            let body = page.render().map_err(Problem::internal)?;
            // As a page of its own kind: what the edge turns into a problem has no such type.
            Ok(HttpResponse::NotFound().content_type(HTML).body(body))
        }
        Err(problem) => Err(problem),
    }
}

#[get("/a/{id}")]
async fn application_page(
    app: App,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse> {
    let base = app.env.config.base_url();
    let sponsor = app.env.config.sponsor.name.clone();
    let page = read(&app, &caller, "page.application", move |conn, ctx| {
        let id: ApplicationId = id.parse().map_err(|_| Problem::not_found("application"))?;
        let shown = service::application(conn, ctx, id)?;
        let page = ApplicationPage {
            sponsor: sponsor.clone(),
            description: rules::beginning(&shown.row.summary, 200),
            paragraphs: rules::paragraphs(&shown.body),
            grant: shown.grant_id.map(|id| format!("{base}/g/{id}")),
            feed: format!("{base}/feeds/applications.atom"),
            shown,
        };
        page.render().map_err(Problem::internal)
    });
    paged(&app, &request, page.await)
}

#[get("/g/{id}")]
async fn grant_page(
    app: App,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse> {
    let base = app.env.config.base_url();
    let sponsor = app.env.config.sponsor.name.clone();
    let page = read(&app, &caller, "page.grant", move |conn, ctx| {
        let id: GrantId = id.parse().map_err(|_| Problem::not_found("grant"))?;
        let shown = service::grant(conn, ctx, id)?;
        let page = GrantPage {
            sponsor: sponsor.clone(),
            description: rules::beginning(&shown.row.summary, 200),
            paragraphs: rules::paragraphs(&shown.row.summary),
            application: format!("{base}/a/{}", shown.row.application_id),
            feed: format!("{base}/feeds/grants.atom"),
            shown,
        };
        page.render().map_err(Problem::internal)
    });
    paged(&app, &request, page.await)
}

#[get("/feeds/applications.atom")]
async fn applications_atom(app: App, caller: Caller, request: HttpRequest) -> Result<HttpResponse> {
    let feed = read(&app, &caller, "feed.applications", service::application_feed).await?;
    fed(&app, &request, feed)
}

#[get("/feeds/grants.atom")]
async fn grants_atom(app: App, caller: Caller, request: HttpRequest) -> Result<HttpResponse> {
    let feed = read(&app, &caller, "feed.grants", service::grant_feed).await?;
    fed(&app, &request, feed)
}

#[get("/feeds/calls/{id}/applications.atom")]
async fn call_atom(
    app: App,
    caller: Caller,
    request: HttpRequest,
    id: Path<CallId>,
) -> Result<HttpResponse> {
    let feed =
        read(&app, &caller, "feed.call", move |conn, ctx| service::call_feed(conn, ctx, *id));
    fed(&app, &request, feed.await?)
}

fn fed(app: &App, request: &HttpRequest, feed: Feed) -> Result<HttpResponse> {
    let changed = feed.entries.iter().map(|entry| entry.updated).max();
    let body = written(feed, &app.env.config.sponsor.name, changed)?;
    Ok(kept(request, (ATOM, body), changed))
}

fn moment(at: Instant) -> Result<atom::FixedDateTime> {
    at.to_string().parse().map_err(|_| Problem::internal("a moment that Atom cannot tell"))
}

fn link(href: &str, rel: &str, kind: &str) -> atom::Link {
    atom::Link {
        href: href.into(),
        rel: rel.into(),
        mime_type: Some(kind.into()),
        ..atom::Link::default()
    }
}

/// As Atom (RFC 4287). An empty feed has changed at the beginning of time: it needs some moment.
fn written(feed: Feed, author: &str, changed: Option<Instant>) -> Result<String> {
    let changed = changed.or(Instant::from_micros(0)).ok_or_else(|| Problem::internal("1970"))?;
    let author = atom::Person { name: rules::xml_text(author), ..atom::Person::default() };
    let entries: Result<Vec<_>> = feed.entries.into_iter().map(told).collect();
    let feed = atom::Feed {
        id: feed.address.clone(),
        links: vec![link(&feed.address, "self", "application/atom+xml")],
        title: atom::Text::plain(rules::xml_text(&feed.title)),
        updated: moment(changed)?,
        authors: vec![author],
        entries: entries?,
        ..atom::Feed::default()
    };
    Ok(feed.to_string())
}

fn told(entry: FeedEntry) -> Result<atom::Entry> {
    let title = match entry.title.is_empty() {
        true => "Untitled".to_owned(),
        false => rules::xml_text(&entry.title),
    };
    Ok(atom::Entry {
        id: format!("urn:uuid:{}", entry.id),
        title: atom::Text::plain(title),
        updated: moment(entry.updated)?,
        published: Some(moment(entry.published)?),
        links: vec![link(&entry.page, "alternate", "text/html")],
        summary: Some(atom::Text::plain(rules::xml_text(&entry.summary))),
        ..atom::Entry::default()
    })
}

#[get("/assets/public.css")]
async fn style() -> HttpResponse {
    let kind = "text/css; charset=utf-8";
    HttpResponse::Ok().content_type(kind).body(include_str!("templates/public.css"))
}
