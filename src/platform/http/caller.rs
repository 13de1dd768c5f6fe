//! Who sends a request: the credential and what else the headers say.

use super::edge::RequestInfo;
use super::state::{App, State};
use crate::kernel::Result;
use crate::kernel::actor::{Actor, Standing};
use crate::kernel::ids::RequestId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::platform::auth::{jwt, token};
use crate::platform::authz;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use actix_web::http::header::{self, HeaderName};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use std::future::{Ready, ready};
use std::sync::Arc;

/// How the caller shows who they are.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Not at all.
    Nobody,
    /// An access token of a session; signature and times are checked already.
    Session(jwt::Claims),
    /// A personal access token, as its hash.
    Personal(token::TokenHash),
}

/// Who a credential belongs to. It has no `Debug`: an address is for no log.
pub struct Identity {
    /// Who acts.
    pub actor: Actor,
    /// Their name.
    pub name: String,
    /// Their address; none of somebody unknown.
    pub email: Option<String>,
    /// Whether they have a second factor.
    pub enrolled: bool,
    /// When this session last saw it.
    pub factor_at: Option<Instant>,
}

/// What a request says about its sender.
#[derive(Clone)]
pub struct Caller {
    /// How they show who they are.
    pub credential: Credential,
    /// The id of this request.
    pub request_id: RequestId,
    /// Where it came from.
    pub address: Option<Arc<str>>,
    /// The program that sent it.
    pub agent: Option<Arc<str>>,
    /// The version that they edit.
    pub if_match: Option<Arc<str>>,
    /// The idempotency key.
    pub key: Option<Arc<str>>,
    /// Method and address, for the hash of the request.
    pub target: Arc<str>,
    /// What is wrong with a header, if something is.
    unreadable: Option<Arc<str>>,
}

impl Caller {
    /// Finds out who it is, and when now is.
    pub fn context(&self, conn: &mut Conn, state: &State) -> Result<Ctx> {
        let now = state.env.clock.now();
        let identity = (state.identify)(conn, &self.credential, now)?;
        let required = state.env.config.auth.require_factor;
        let (enrolled, shown) = (identity.enrolled, identity.factor_at);
        Ok(Ctx {
            standing: authz::standing(&identity.actor, enrolled, shown, required),
            actor: identity.actor,
            actor_name: identity.name.into(),
            actor_email: identity.email.map(Into::into),
            behalf: None,
            now,
            request_id: self.request_id,
            address: self.address.clone(),
            agent: self.agent.clone(),
            if_match: self.if_match.clone(),
            env: state.env.clone(),
        })
    }
    /// Refuses headers that cannot be read: only after the gate, for who has not signed in is told
    /// that first.
    ///
    /// # Errors
    /// 400, naming the header.
    pub(super) fn readable(&self) -> Result<()> {
        match &self.unreadable {
            None => Ok(()),
            Some(why) => Err(Problem::new(Kind::MalformedRequest, &**why)),
        }
    }
    /// The context of somebody who has not shown who they are, without asking the database.
    pub fn anonymous(&self, state: &State) -> Ctx {
        Ctx {
            actor: Actor::Anonymous,
            standing: Standing::Without,
            actor_name: "somebody".into(),
            actor_email: None,
            behalf: None,
            now: state.env.clock.now(),
            request_id: self.request_id,
            address: self.address.clone(),
            agent: self.agent.clone(),
            if_match: self.if_match.clone(),
            env: state.env.clone(),
        }
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<Caller> {
    let state = request.app_data::<App>().expect("every handler is given the shared state");
    let info = request.extensions().get::<RequestInfo>().cloned();
    let info = info.expect("the edge runs before every handler");
    let target = match request.query_string() {
        "" => format!("{} {}", request.method(), request.path()),
        query => format!("{} {}?{query}", request.method(), request.path()),
    };
    let agent = request.headers().get(header::USER_AGENT);
    let if_match = text(request, header::IF_MATCH, 200);
    let key = text(request, HeaderName::from_static("idempotency-key"), 255);
    let unreadable = if_match.as_ref().err().or(key.as_ref().err()).cloned();
    Ok(Caller {
        credential: credential(request, state)?,
        request_id: info.request_id,
        address: info.address,
        agent: agent.map(|value| printable(value.as_bytes(), 300)),
        if_match: if_match.unwrap_or_default(),
        key: key.unwrap_or_default(),
        target: target.into(),
        unreadable,
    })
}

/// The first `max` bytes as text; what is not printable ASCII becomes a question mark.
fn printable(bytes: &[u8], max: usize) -> Arc<str> {
    let clean = |b: &u8| if (b' '..=b'~').contains(b) { char::from(*b) } else { '?' };
    bytes.trim_ascii().iter().take(max).map(clean).collect::<String>().into()
}

/// A header as text of at most `max` characters, sent once; the error says what is wrong with it.
fn text(
    request: &HttpRequest,
    name: HeaderName,
    max: usize,
) -> std::result::Result<Option<Arc<str>>, Arc<str>> {
    let mut sent = request.headers().get_all(&name);
    let Some(value) = sent.next() else { return Ok(None) };
    let bad = |what: &str| Arc::from(format!("The header {name} {what}."));
    if sent.next().is_some() {
        return Err(bad("is there more than once"));
    }
    let value = value.to_str().map_err(|_| bad("holds more than plain ASCII"))?.trim();
    if value.is_empty() || value.len() > max {
        return Err(bad(&format!("has to have 1 to {max} characters")));
    }
    Ok(Some(value.into()))
}

fn credential(request: &HttpRequest, state: &State) -> Result<Credential> {
    let refused = |why: &str| Problem::new(Kind::Unauthenticated, why.to_owned());
    let mut sent = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = sent.next() else { return Ok(Credential::Nobody) };
    if sent.next().is_some() {
        return Err(refused("Send one access token."));
    }
    let value = value.to_str().map_err(|_| refused("The access token cannot be read."))?;
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let bearer = scheme.eq_ignore_ascii_case("bearer").then_some(rest.trim());
    let bearer = bearer.ok_or_else(|| refused("Send the access token as a Bearer token."))?;
    let env = &state.env;
    if let Some(hash) = token::hash(&env.keys, token::Kind::Personal, bearer) {
        return Ok(Credential::Personal(hash));
    }
    let claims = jwt::verify(&env.keys, &env.config.auth.issuer, bearer, env.clock.now())?;
    Ok(Credential::Session(claims))
}
