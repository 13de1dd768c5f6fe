//! Errors below `/common-grants/`, which has an envelope of its own: whatever refuses a request
//! there (a use-case, the framework, a time limit) is dressed here, once.

use crate::kernel::problem::Problem;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

/// What a problem said, kept with its answer until it is known in whose words it has to be told.
#[derive(Debug, Clone)]
pub(super) struct Told {
    message: String,
    errors: Vec<Value>,
}

impl Told {
    pub(super) fn of(problem: &Problem) -> Self {
        let fields = problem.fields().iter();
        let errors = fields.map(|f| json!({ "field": f.pointer, "message": f.message })).collect();
        let detail = problem.detail();
        let title = problem.title();
        let message = if detail.is_empty() { title.into() } else { format!("{title}: {detail}") };
        Self { message, errors }
    }
}

/// Whether the address is the protocol's.
pub(super) fn is_protocol(path: &str) -> bool {
    path.starts_with("/common-grants/")
}

/// The same answer in the protocol's envelope, if it tells of a problem.
pub(super) fn enveloped(mut response: HttpResponse) -> HttpResponse {
    let Some(told) = response.extensions_mut().remove::<Told>() else { return response };
    let status = response.status().as_u16();
    let envelope = json!({ "status": status, "message": told.message, "errors": told.errors });
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.remove(CONTENT_ENCODING);
    response.set_body(BoxBody::new(envelope.to_string()))
}

/// The same for what a service answered.
pub(super) fn dressed(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if !is_protocol(response.request().path()) {
        return response;
    }
    let (request, response) = response.into_parts();
    ServiceResponse::new(request, enveloped(response))
}
