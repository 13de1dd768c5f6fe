//! Programs in browsers that come from elsewhere: only from the origins that are named, letter by
//! letter, and with a token that they hold themselves; there are no cookies to send along.

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What a program elsewhere may send.
const SENT: &str = "authorization, content-type, idempotency-key, if-match";
/// What it may read of an answer, besides what every program may.
const READ: &str = "content-disposition, etag, location, retry-after, x-request-id";

/// Where the request comes from, if that is one of these.
pub(super) fn origin(request: &ServiceRequest, named: &[String]) -> Option<HeaderValue> {
    let origin = request.headers().get(header::ORIGIN)?;
    named.iter().any(|name| name.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

/// Whether a browser asks what it may send, before it sends it.
pub(super) fn asks_first(request: &ServiceRequest) -> bool {
    let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && asks
}

/// The answer to that.
pub(super) fn may_send() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, SENT))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"))
        .finish()
}

/// Lets the named origin read the answer. Who keeps answers is told that they differ by origin.
pub(super) fn dress(headers: &mut HeaderMap, origin: Option<&HeaderValue>, any_named: bool) {
    if any_named {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    let Some(origin) = origin else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
    let name = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(name, HeaderValue::from_static("cross-origin"));
}
