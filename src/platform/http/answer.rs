//! What goes back: an answer, a file, or a problem.

use super::edge::{Content, RequestInfo};
use super::protocol::Told;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem, ProblemBody};
use crate::platform::context::etag;
use crate::platform::idempotency::Stored;
use crate::platform::panics;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;

/// The result of a use-case, as it will be sent.
#[derive(Debug)]
pub struct Done {
    status: u16,
    body: String,
    location: Option<String>,
    etag: Option<String>,
    file: Option<File>,
}

/// A file to download.
#[derive(Debug, Clone)]
pub struct File {
    /// Its media type.
    pub content_type: &'static str,
    /// The name to save it under: plain ASCII, no quotes.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Done {
    /// 200 with a body.
    pub fn ok<T: Serialize>(view: &T) -> Result<Self> {
        Self::with(200, view)
    }
    /// 201 with a body and the address of what was made.
    pub fn created<T: Serialize>(view: &T, location: String) -> Result<Self> {
        let mut done = Self::with(201, view)?;
        done.location = Some(location);
        Ok(done)
    }
    /// 202: taken, carried out later.
    pub fn accepted<T: Serialize>(view: &T) -> Result<Self> {
        Self::with(202, view)
    }
    /// 204.
    pub fn nothing() -> Self {
        Self { status: 204, body: String::new(), location: None, etag: None, file: None }
    }
    /// 200 with a file.
    pub fn file(file: File) -> Self {
        Self { status: 200, file: Some(file), ..Self::nothing() }
    }
    /// With the entity tag of a version.
    #[must_use]
    pub fn version(mut self, version: impl Into<i64>) -> Self {
        self.etag = Some(etag(version));
        self
    }
    fn with<T: Serialize>(status: u16, view: &T) -> Result<Self> {
        let body = serde_json::to_string(view).map_err(Problem::internal)?;
        Ok(Self { status, body, ..Self::nothing() })
    }
    /// To keep for the next request with the same key.
    pub(super) fn stored(&self) -> Stored {
        Stored {
            status: self.status,
            body: self.body.clone(),
            location: self.location.clone(),
            etag: self.etag.clone(),
        }
    }
    pub(super) fn replayed(stored: Stored) -> Self {
        let Stored { status, body, location, etag } = stored;
        Self { status, body, location, etag, file: None }
    }
    pub(super) fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if let Some(file) = self.file {
            let disposition = format!("attachment; filename=\"{}\"", file.name);
            return response
                .content_type(file.content_type)
                .insert_header((header::CONTENT_DISPOSITION, disposition))
                .body(file.bytes);
        }
        if self.body.is_empty() {
            return response.finish();
        }
        response.content_type("application/json").body(self.body)
    }
}

/// A problem as an answer, and its line in the log, once.
pub(super) fn problem_response(problem: &Problem, request_id: Option<String>) -> HttpResponse {
    let entry = problem.kind().entry();
    if entry.status >= 500 && !panics::is_told(problem) {
        let cause = problem.cause().map(ToString::to_string).unwrap_or_default();
        tracing::error!(code = entry.code, request_id, cause, "{}", problem.detail());
    }
    let status = StatusCode::from_u16(entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if let Some(seconds) = problem.wait() {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    let body = serde_json::to_string(&problem.body(request_id)).unwrap_or_default();
    let mut response = response.content_type("application/problem+json").body(body);
    response.extensions_mut().insert(Told::of(problem));
    // Also here, for answers that are made outside of the edge.
    super::edge::put_headers(response.headers_mut(), Content::Data, false);
    response
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    fn error_response(&self) -> HttpResponse {
        problem_response(self, None)
    }
}

/// An id or number in the address that cannot be read.
pub fn malformed_path(e: actix_web::error::PathError, _: &HttpRequest) -> actix_web::Error {
    let detail = "An id in the address is not well formed; ids are UUIDs, numbers are digits.";
    Problem::new(Kind::MalformedRequest, detail).because(e.to_string()).into()
}

/// Problem answers, for the API document.
#[derive(utoipa::IntoResponses)]
pub enum Problems {
    /// The request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(#[to_schema] ProblemBody<'static>),
    /// Sign in first.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(#[to_schema] ProblemBody<'static>),
    /// You may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(#[to_schema] ProblemBody<'static>),
    /// There is nothing here that you may see.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] ProblemBody<'static>),
    /// The body took too long to arrive.
    #[response(status = 408, content_type = "application/problem+json")]
    TooSlow(#[to_schema] ProblemBody<'static>),
    /// Not possible in the present state.
    #[response(status = 409, content_type = "application/problem+json")]
    WrongState(#[to_schema] ProblemBody<'static>),
    /// Somebody changed it meanwhile.
    #[response(status = 412, content_type = "application/problem+json")]
    EditedMeanwhile(#[to_schema] ProblemBody<'static>),
    /// Too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] ProblemBody<'static>),
    /// Not JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(#[to_schema] ProblemBody<'static>),
    /// Some fields are not right.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(#[to_schema] ProblemBody<'static>),
    /// The `If-Match` header is missing.
    #[response(status = 428, content_type = "application/problem+json")]
    PreconditionRequired(#[to_schema] ProblemBody<'static>),
    /// Too many requests.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(#[to_schema] ProblemBody<'static>),
    /// Cannot answer right now; with the same key it is safe to try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(#[to_schema] ProblemBody<'static>),
}

/// The id of the request, for problems found before a handler ran.
pub(super) fn request_id(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<RequestInfo>().map(|i| i.request_id.to_string())
}
