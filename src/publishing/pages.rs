//! Pages and feeds for everybody: they run no script, load one style, and are the same for whoever
//! asks. What they show comes from the same use-cases as the data.

use super::model::{AnnounceForm, Announced, Feed, FeedEntry, PublicApplication, PublicGrant};
use super::{rules, service};
use crate::agendas::model::LookingFor;
use crate::answers::model::Answered;
use crate::applications::rules::versions::as_text;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, GrantId};
use crate::kernel::money::{Currency, MoneyText};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text::hex;
use crate::kernel::time::Instant;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::http::{App, Caller};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, LAST_MODIFIED};
use actix_web::web::{Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, post, route};
use askama::Template;
use atom_syndication as atom;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime};

/// Registers them.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(application_page)
        .service(announce_page)
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
    answers: Vec<Said>,
    looking_for: String,
    /// The page of the grant that it became.
    grant: Option<String>,
    feed: String,
    /// What was wrong with what was typed.
    said: Vec<String>,
    typed: GiveForm,
}

/// An answer to a public question.
struct Said {
    label: String,
    paragraphs: Vec<String>,
}

impl Said {
    fn of(answered: &Answered) -> Self {
        let paragraphs = rules::paragraphs(&as_text(&answered.answer));
        Self { label: answered.label.clone(), paragraphs }
    }
}

/// `team_mate` as people say it.
fn words(what: &LookingFor) -> String {
    what.as_str().replace('_', " ")
}

/// What somebody typed who wants to give.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct GiveForm {
    amount: String,
    email: String,
    name: String,
    message: String,
}

#[derive(Template)]
#[template(path = "publishing/templates/announced.html")]
struct AnnouncedPage {
    sponsor: String,
    title: String,
    page: String,
    told: Announced,
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

impl ApplicationPage {
    fn of(app: &App, shown: PublicApplication, typed: GiveForm, said: Vec<String>) -> Self {
        let base = app.env.config.base_url();
        Self {
            sponsor: app.env.config.sponsor.name.clone(),
            description: rules::beginning(&shown.row.summary, 200),
            paragraphs: rules::paragraphs(&shown.body),
            answers: shown.answers.iter().map(Said::of).collect(),
            looking_for: shown.looking_for.iter().map(words).collect::<Vec<_>>().join(", "),
            grant: shown.grant_id.map(|id| format!("{base}/g/{id}")),
            feed: format!("{base}/feeds/applications.atom"),
            shown,
            said,
            typed,
        }
    }
}

/// The application that an address names.
async fn shown(app: &App, caller: &Caller, id: &str) -> Result<PublicApplication> {
    let id: ApplicationId = id.parse().map_err(|_| Problem::not_found("application"))?;
    read(app, caller, "page.application", move |conn, ctx| service::application(conn, ctx, id))
        .await
}

#[route("/a/{id}", method = "GET", method = "HEAD")]
async fn application_page(
    app: App,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse> {
    let page = match shown(&app, &caller, &id).await {
        Ok(shown) => ApplicationPage::of(&app, shown, GiveForm::default(), Vec::new())
            .render()
            .map_err(Problem::internal),
        Err(problem) => Err(problem),
    };
    paged(&app, &request, page)
}

/// What a browser sends who has no script: the answer is a page, also where something is wrong.
#[post("/a/{id}")]
async fn announce_page(
    app: App,
    caller: Caller,
    request: HttpRequest,
    id: Path<String>,
    form: Form<GiveForm>,
) -> Result<HttpResponse> {
    let typed = form.into_inner();
    let shown = match shown(&app, &caller, &id).await {
        Ok(shown) => shown,
        Err(problem) => return paged(&app, &request, Err(problem)),
    };
    let given = typed.read(shown.row.amount_requested.currency());
    let ctx = caller.anonymous(&app);
    let html = |status: StatusCode, page: askama::Result<String>| {
        let body = page.map_err(Problem::internal)?;
        Ok(HttpResponse::build(status).content_type(HTML).body(body))
    };
    match super::api::counted(app.clone(), ctx, shown.row.id, given).await {
        Ok(told) => {
            let sponsor = app.env.config.sponsor.name.clone();
            let (title, page) = (shown.row.title, shown.row.page);
            html(StatusCode::OK, AnnouncedPage { sponsor, title, page, told }.render())
        }
        Err(problem) if matches!(problem.status(), 409 | 422 | 429) => {
            let mut said: Vec<String> = problem
                .fields()
                .iter()
                .map(|f| format!("{}: {}", &f.pointer[1..], f.message))
                .collect();
            if said.is_empty() {
                said.push(problem.detail().to_owned());
            }
            let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::CONFLICT);
            html(status, ApplicationPage::of(&app, shown, typed, said).render())
        }
        Err(problem) => Err(problem),
    }
}

impl GiveForm {
    /// As the use-case takes it. People write whole amounts without the digits that follow.
    fn read(&self, currency: Currency) -> AnnounceForm {
        let digits = usize::try_from(currency.exponent()).unwrap_or(0);
        let typed = self.amount.trim();
        let amount = match typed.contains('.') || digits == 0 {
            true => typed.to_owned(),
            false => format!("{typed}.{}", "0".repeat(digits)),
        };
        let given = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        AnnounceForm {
            amount: MoneyText { amount, currency: currency.to_string() },
            name: given(&self.name),
            email: self.email.clone(),
            message: given(&self.message),
        }
    }
}

#[route("/g/{id}", method = "GET", method = "HEAD")]
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

#[route("/feeds/applications.atom", method = "GET", method = "HEAD")]
async fn applications_atom(app: App, caller: Caller, request: HttpRequest) -> Result<HttpResponse> {
    let feed = read(&app, &caller, "feed.applications", service::application_feed).await?;
    fed(&app, &request, feed)
}

#[route("/feeds/grants.atom", method = "GET", method = "HEAD")]
async fn grants_atom(app: App, caller: Caller, request: HttpRequest) -> Result<HttpResponse> {
    let feed = read(&app, &caller, "feed.grants", service::grant_feed).await?;
    fed(&app, &request, feed)
}

#[route("/feeds/calls/{id}/applications.atom", method = "GET", method = "HEAD")]
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

#[route("/assets/public.css", method = "GET", method = "HEAD")]
async fn style() -> HttpResponse {
    let kind = "text/css; charset=utf-8";
    HttpResponse::Ok().content_type(kind).body(include_str!("templates/public.css"))
}
