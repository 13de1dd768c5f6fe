//! Every refusal, out of one catalogue: RFC 9457 problems with a stable code.
//!
//! A problem speaks twice: `detail` and `fields` are for the caller; `cause` is for the log, is
//! written once, at the edge, and never leaves the service.

use serde::Serialize;

/// One line of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Stable, for programs.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Short, the same for each occurrence.
    pub title: &'static str,
    /// What the caller should do.
    pub remedy: &'static str,
}

macro_rules! catalogue { (
    $($name:ident = $status:literal, $code:literal, $title:literal, $remedy:literal;)*
) => {
    /// What kind of problem it is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Kind { $( #[doc = $title] $name, )* }
    impl Kind {
        /// The whole catalogue.
        pub const ALL: &'static [Kind] = &[$(Kind::$name),*];
        /// Its line in the catalogue.
        pub const fn entry(self) -> Entry {
            match self { $(
                Kind::$name => {
                    Entry { code: $code, status: $status, title: $title, remedy: $remedy }
                }
            )* }
        }
    }
} }
catalogue! {
    MalformedRequest = 400, "malformed_request", "The request cannot be read",
        "The detail says what is wrong or missing: the API document shows what is sent, and how.";
    Unauthenticated = 401, "unauthenticated", "Sign in first",
        "Send a valid access token as a Bearer token; refresh it or log in again.";
    LoginFailed = 401, "login_failed", "These credentials do not match",
        "Check the e-mail address and the password; reset the password if it is lost.";
    TokenRefused = 401, "token_refused", "This token is not accepted",
        "It is wrong, used, or expired: ask for a new one.";
    CodeRefused = 401, "code_refused", "This code is not accepted",
        "Take the next code of your device (each is good once), or a recovery code.";
    Forbidden = 403, "forbidden", "You may not do this",
        "The detail says who may, or how; a role comes from an admin.";
    ScopeMissing = 403, "scope_missing", "The token's scopes do not cover this",
        "Make a token with the scope that is named.";
    FactorRequired = 403, "factor_required", "A second factor is needed",
        "Enrol one: POST your password to /api/v1/me/factor, then its first code to …/confirm.";
    StepUpRequired = 403, "step_up_required", "Show your second factor again",
        "POST /api/v1/auth/step-up with a new code, then send the same request again.";
    TwoPersons = 403, "two_persons", "Another person has to do this",
        "Ask a colleague with the same role: nobody decides on what they made or gain from.";
    ConflictOfInterest = 403, "conflict_of_interest", "You have a conflict of interest here",
        "Leave this to somebody without one.";
    NotFound = 404, "not_found", "There is nothing here that you may see",
        "Check the address and the id.";
    MethodNotAllowed = 405, "method_not_allowed", "This address does not take that method",
        "Look the method up in the API document.";
    TooSlow = 408, "too_slow", "The request took too long to arrive",
        "Send it again, with its whole body at once.";
    WrongState = 409, "wrong_state", "This is not possible in the present state",
        "Read it again: its status says what can be done next.";
    AlreadyExists = 409, "already_exists", "This exists already",
        "Use the one that is there, or choose another name.";
    InsufficientFunds = 409, "insufficient_funds", "There is not enough money left",
        "Lower the amount, or have more allocated first.";
    LimitReached = 409, "limit_reached", "A limit of its terms would be passed",
        "The detail names the limit: stay within it, or do what it says.";
    ConflictFound = 409, "conflict_found", "A possible conflict of interest was found",
        "Ask an admin to look at it: they record why it is none, or it stays.";
    CoolingPeriod = 409, "cooling_period", "The payee's details were changed too recently",
        "Wait until the instant that is named.";
    KeyInFlight = 409, "key_in_flight", "The first request with this key is still running",
        "Wait a moment and send the same request again.";
    EditedMeanwhile = 412, "edited_meanwhile", "Somebody changed this since you read it",
        "Read it again, put your change on top, and send it with the ETag that you read.";
    TooLarge = 413, "too_large", "The request is too large",
        "Send less at a time; the limit is named.";
    UnsupportedMediaType = 415, "unsupported_media_type", "This type of content is not taken here",
        "Send application/json; a file as what it is, or as application/octet-stream.";
    Invalid = 422, "invalid", "Some fields are not right",
        "Correct the fields that are listed; nothing was changed.";
    KeyReused = 422, "key_reused", "This key was used for another request",
        "Use a new Idempotency-Key for each new request.";
    PreconditionRequired = 428, "precondition_required", "Say which version you edit",
        "Send the ETag that you read as If-Match.";
    TooManyRequests = 429, "too_many_requests", "Too many requests",
        "Wait for the seconds in Retry-After.";
    Internal = 500, "internal", "Something broke on our side",
        "Try again; if it stays, report the request id.";
    Unavailable = 503, "unavailable", "The service cannot answer right now",
        "It may be done, unless the detail says not: send it again with the same Idempotency-Key.";
    StorageFull = 507, "storage_full", "There is no room left to write",
        "An operator has to make room; then send the same request again.";
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// JSON pointer into the request body (RFC 6901), or `?name` for a query parameter.
    pub pointer: String,
    /// Stable, for programs: `required`, `too_long`, `malformed`…
    pub code: &'static str,
    /// What is wrong and how to write it.
    pub message: String,
}

/// A refusal.
#[derive(Debug)]
pub struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    titled: Kind,
    detail: String,
    fields: Vec<FieldError>,
    retry_after: Option<u32>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    /// Of this kind, with what happened here in a sentence for the caller.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let (titled, detail) = (kind, detail.into());
        let (fields, retry_after, cause) = (Vec::new(), None, None);
        Self(Box::new(Inner { kind, titled, detail, fields, retry_after, cause }))
    }
    /// The same words whether it is missing or hidden.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("There is no such {what}."))
    }
    /// A transition that the state does not allow.
    pub fn wrong_state(detail: impl Into<String>) -> Self {
        Self::new(Kind::WrongState, detail)
    }
    /// Of two who write at once this one came second: the row is not as it was read.
    pub fn changed_meanwhile(what: &str) -> Self {
        let detail = format!(
            "The {what} was changed at the same moment, and nothing was done: read it again, and \
             send your request once more."
        );
        Self::new(Kind::EditedMeanwhile, detail)
    }
    /// Wrong fields, all at once.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let mut problem = Self::new(Kind::Invalid, "Nothing was changed.");
        problem.0.fields = fields;
        problem
    }
    /// One wrong field.
    pub fn field(pointer: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.into(), code, message: message.into() }])
    }
    /// A fault of ours; the cause is logged and not shown.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal, "The request was not carried out.").because(cause)
    }
    /// The same, told as another kind; [`Problem::title`] stays.
    #[must_use]
    pub fn told_as(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }
    /// The same, with its fields where others have them.
    #[must_use]
    pub fn pointed(mut self, to: impl Fn(&str) -> String) -> Self {
        for field in &mut self.0.fields {
            field.pointer = to(&field.pointer);
        }
        self
    }
    /// With the cause, for the log only.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }
    /// With the seconds to wait.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }
    /// What kind it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
    /// What happened in short, whatever kind it is told as.
    pub fn title(&self) -> &'static str {
        self.0.titled.entry().title
    }
    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.0.kind.entry().status
    }
    /// What happened, for the caller.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
    /// The wrong fields.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }
    /// Seconds to wait.
    pub fn wait(&self) -> Option<u32> {
        self.0.retry_after
    }
    /// For the log.
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.cause.as_deref()
    }
}
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.kind.entry().title, self.0.detail)?;
        self.0.fields.iter().try_for_each(|x| write!(f, " [{}: {}]", x.pointer, x.message))
    }
}
impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|c| c as &(dyn std::error::Error + 'static))
    }
}

/// The body of a problem answer (`application/problem+json`, RFC 9457 section 3).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// A page about this kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short, the same for each occurrence.
    pub title: &'a str,
    /// HTTP status.
    pub status: u16,
    /// Stable code, for programs.
    pub code: &'a str,
    /// What happened here.
    pub detail: &'a str,
    /// What to do about it.
    pub remedy: &'a str,
    /// Wrong fields, if that is what is wrong.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    pub fields: &'a [FieldError],
    /// To quote when reporting it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
}
impl Problem {
    /// As it is sent.
    pub fn body(&self, request_id: Option<String>) -> ProblemBody<'_> {
        let Entry { code, status, title, remedy } = self.kind().entry();
        let kind = format!("/docs/problems#{code}");
        let (detail, fields) = (self.detail(), self.fields());
        ProblemBody { kind, title, status, code, detail, remedy, fields, request_id }
    }
}

/// The catalogue as a page of Markdown (docs/generated/problems.md).
pub fn catalogue_markdown() -> String {
    let mut page = String::from(
        "# Problems\n\nGenerated from `src/kernel/problem.rs`; do not edit.\n\n\
         | code | status | title | what to do |\n|---|---|---|---|\n",
    );
    for kind in Kind::ALL {
        let e = kind.entry();
        page.push_str(&format!("| `{}` | {} | {} | {} |\n", e.code, e.status, e.title, e.remedy));
    }
    page
}
