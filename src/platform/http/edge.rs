//! Around every request: its id, its time limit, its log line, and the headers of every answer.

use super::answer::{problem_response, request_id};
use super::connection::{Life, Visit};
use super::cors;
use super::forwarded;
use super::protocol::{dressed, enveloped, is_protocol};
use super::state::App;
use crate::kernel::ids::RequestId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Stopwatch;
use crate::platform::panics;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// What the edge found out about a request.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Quoted in logs, audit and problems.
    pub request_id: RequestId,
    /// Where it came from; a proxy's word counts only for the proxies that are configured.
    pub address: Option<Arc<str>>,
}

/// The template of the address that was found to answer a request, kept among its data.
#[derive(Debug, Clone)]
pub struct Served(pub Arc<str>);

/// Wraps a service: see the module.
pub async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let app = request.app_data::<App>().cloned().expect("the shared state is always there");
    let watch = Stopwatch::start();
    let request_id: RequestId = app.env.ids.next(app.env.clock.now());
    let address = address(request.request(), &app);
    request.extensions_mut().insert(RequestInfo { request_id, address });
    // The request itself must not be kept: routing needs to be its only owner.
    let (method, kind) = (request.method().to_string(), Content::of(request.path()));
    let protocol = is_protocol(request.path());
    let secure = app.env.config.base_url().starts_with("https://");
    let named = &app.env.config.server.cors_origins;
    let origin = cors::origin(&request, named);
    let dress = |headers: &mut HeaderMap| {
        put_headers(headers, kind, secure);
        cors::dress(headers, origin.as_ref(), !named.is_empty());
        if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
            headers.insert(HeaderName::from_static("x-request-id"), value);
        }
    };
    let tell = |route: &str, status: u16| {
        let took = watch.read();
        app.metrics.answered(&method, route, status, took);
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(request_id = %request_id, method, route, status, took_us, "answered");
    };
    if origin.is_some() && cors::asks_first(&request) {
        let mut response = request.into_response(cors::may_send());
        dress(response.headers_mut());
        tell("preflight", response.status().as_u16());
        return Ok(response.map_into_boxed_body());
    }
    let flight = InFlight::start(&app);
    let visit = Visit::begin(request.request().conn_data::<Arc<Life>>());
    let limit = Duration::from_secs(app.env.config.server.request_timeout_seconds);
    let answering = panics::caught(request_id, async move { answered(request, next).await });
    let answered = tokio::time::timeout(limit, answering).await;
    drop(flight);
    let problem = match answered {
        Ok(Ok(Ok(answered))) => {
            let mut response = dressed(as_problem(answered.map_into_boxed_body()));
            dress(response.headers_mut());
            let route = route(response.request());
            tell(&route, response.status().as_u16());
            return Ok(response.map_body(|_, body| visit.attend(body)));
        }
        Ok(Err(panicked)) => panicked,
        Ok(Ok(Err(error))) => {
            let kind = kind_of(error.as_response_error().status_code().as_u16());
            Problem::new(kind, "The request was not carried out.").because(error.to_string())
        }
        // What was begun in the database goes on to its end: only the answer is given up.
        Err(_) => Problem::new(
            Kind::Unavailable,
            "It took too long; whether it was done is not known. Send the same request with the \
             same Idempotency-Key again.",
        ),
    };
    let mut response = problem_response(&problem, Some(request_id.to_string()));
    if protocol {
        response = enveloped(response);
    }
    // What is left of the request is not looked for.
    response.head_mut().set_connection_type(ConnectionType::Close);
    dress(response.headers_mut());
    tell("none", response.status().as_u16());
    Err(InternalError::from_response(problem, response).into())
}

/// What stands behind the edge answers, or nobody does.
async fn answered<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if upgrades(&request) {
        let detail = "There is nothing here to upgrade to.";
        return Err(Problem::new(Kind::MalformedRequest, detail).into());
    }
    next.call(request).await
}

/// The template of the address that answers: found already on the way to it, or looked for.
fn route(request: &HttpRequest) -> Arc<str> {
    if let Some(Served(template)) = request.extensions().get::<Served>() {
        return template.clone();
    }
    request.match_pattern().map_or_else(|| "none".into(), Into::into)
}

/// The framework would take all that follows for the body, whatever length the head names.
fn upgrades(request: &ServiceRequest) -> bool {
    let named = request.headers().get_all(header::UPGRADE);
    named.into_iter().any(|v| v.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

/// Counts a request that is being answered, however it ends.
struct InFlight(App);

impl InFlight {
    fn start(app: &App) -> Self {
        app.metrics.in_flight.inc();
        Self(app.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.metrics.in_flight.dec();
    }
}

fn kind_of(status: u16) -> Kind {
    match status {
        404 => Kind::NotFound,
        405 => Kind::MethodNotAllowed,
        413 => Kind::TooLarge,
        415 => Kind::UnsupportedMediaType,
        400..=499 => Kind::MalformedRequest,
        _ => Kind::Internal,
    }
}

/// Whatever a framework refuses by itself becomes a problem too.
fn as_problem(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status().as_u16();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    // A page that says that there is none is for people; frameworks make none.
    let page = kind.is_some_and(|k| k.starts_with("text/html"));
    if status < 400 || page || kind.is_some_and(|k| k.starts_with("application/problem+json")) {
        return response;
    }
    let kind = kind_of(status);
    let cause = response.response().error().map(ToString::to_string).unwrap_or_default();
    let problem = Problem::new(kind, "The request was not carried out.").because(cause);
    let request_id = request_id(response.request());
    response.into_response(problem_response(&problem, request_id))
}

fn address(request: &HttpRequest, app: &App) -> Option<Arc<str>> {
    let peer = request.peer_addr()?.ip();
    let trusted = |ip: IpAddr| app.env.config.server.trusted_proxies.iter().any(|n| n.contains(ip));
    let lines: Vec<&[u8]> =
        request.headers().get_all("x-forwarded-for").map(HeaderValue::as_bytes).collect();
    Some(forwarded::client(peer, lines.into_iter(), trusted).to_string().into())
}

/// What a page of our own tells a browser that it may load: a script and a style from files of our
/// own, and the API.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                               connect-src 'self'; base-uri 'none'; form-action 'none'; \
                               frame-ancestors 'none'";

/// What an address serves, as far as a browser has to be told what it may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Data: nothing is run or loaded.
    Data,
    /// The bundled API page.
    Docs,
    /// A page of our own, with a script and a style from files of our own.
    Page,
    /// A page of our own that runs nothing.
    Still,
}

impl Content {
    fn of(path: &str) -> Self {
        match path {
            "/confirm" | "/reset" | "/unsubscribe" => Self::Page,
            path if path.starts_with("/a/") || path.starts_with("/g/") => Self::Still,
            path if path.starts_with("/docs") => Self::Docs,
            _ => Self::Data,
        }
    }
    fn policy(self) -> &'static str {
        match self {
            Self::Data => "default-src 'none'; frame-ancestors 'none'",
            // It runs its own scripts and sets styles on elements.
            Self::Docs => {
                "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                 frame-ancestors 'none'"
            }
            Self::Still => {
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                 form-action 'self'; frame-ancestors 'none'"
            }
            Self::Page => PAGE_POLICY,
        }
    }
}

/// The headers that every answer carries.
pub(super) fn put_headers(headers: &mut HeaderMap, kind: Content, secure: bool) {
    let csp = kind.policy();
    // A file of somebody brings a stricter one of its own.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(csp));
    }
    let fixed: [(HeaderName, &'static str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        let value = if kind == Content::Docs { "max-age=3600" } else { "no-store" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    if secure {
        let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}
