//! Access tokens: JWTs under the checks of RFC 8725 and the type of RFC 9068.
//!
//! One algorithm (HS256), one type (`at+jwt`), keys only from our own ring by `kid`; the header
//! may hold nothing else, so that no `jku`, `jwk`, `x5u` or `crit` is ever looked at. All claims
//! are required and of one type each. Time comes from the caller, not from the JWT library.

use crate::kernel::ids::{PersonId, SessionId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::platform::auth::keys::Keys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Header type (RFC 9068 section 2.1).
const TYPE: &str = "at+jwt";
/// The audience of all access tokens: this API.
pub const AUDIENCE: &str = "almoner-api";
/// Clocks of two machines may differ by this much.
const LEEWAY_SECONDS: i64 = 5;
/// Ours have about 500 bytes.
const MAX_LENGTH: usize = 2048;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// For whom: [`AUDIENCE`].
    pub aud: String,
    /// The person.
    pub sub: PersonId,
    /// The session, which must still be alive.
    pub sid: SessionId,
    /// Made at, in seconds since 1970.
    pub iat: i64,
    /// Not good before, in seconds since 1970.
    pub nbf: i64,
    /// Not good from then on, in seconds since 1970.
    pub exp: i64,
    /// Its own id.
    pub jti: Uuid,
}

/// Why a token is refused: for the log, never for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not three parts of base64url with JSON in them, or too long.
    #[error("not a token")]
    Format,
    /// The header says something else than our one algorithm, type and key id.
    #[error("header not ours")]
    Header,
    /// No such key.
    #[error("unknown key")]
    UnknownKey,
    /// Signed by somebody else, or changed.
    #[error("wrong signature")]
    Signature,
    /// A claim is missing, of another type, or one too many.
    #[error("claims not ours")]
    Claims,
    /// Made by or for another service.
    #[error("wrong issuer or audience")]
    Audience,
    /// Not good yet.
    #[error("not valid yet")]
    TooEarly,
    /// Not good any more.
    #[error("expired")]
    Expired,
}
impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Problem::new(Kind::Unauthenticated, "The access token is not valid or has expired.")
            .because(refused)
    }
}

/// What to put into a new token.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// Issuer, from the settings.
    pub issuer: &'a str,
    /// The person.
    pub person: PersonId,
    /// The session.
    pub session: SessionId,
    /// The token's own id.
    pub id: Uuid,
    /// From when it is good.
    pub now: Instant,
    /// For how long, in seconds.
    pub seconds: i64,
}

/// Signs a token with the active key.
///
/// # Errors
/// An internal problem if the library refuses, which it has no reason to.
pub fn issue(keys: &Keys, grant: &Grant<'_>) -> Result<String, Problem> {
    let now = grant.now.as_seconds();
    let claims = Claims {
        iss: grant.issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: grant.person,
        sid: grant.session,
        iat: now,
        nbf: now,
        exp: now.saturating_add(grant.seconds),
        jti: grant.id,
    };
    let signing = keys.signing();
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(signing.id.clone());
    let key = EncodingKey::from_secret(signing.key.bytes());
    jsonwebtoken::encode(&header, &claims, &key).map_err(Problem::internal)
}

/// Checks a token as of `now`. Whether its session is still alive is not known here.
///
/// # Errors
/// [`Refused`], which the caller of the service does not get to see.
pub fn verify(keys: &Keys, issuer: &str, token: &str, now: Instant) -> Result<Claims, Refused> {
    let header = header(token)?;
    let key = keys.signing_by(&header.kid).ok_or(Refused::UnknownKey)?;
    let mut validation = Validation::new(Algorithm::HS256);
    // These are checked below, strictly and against our own clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(key.key.bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .map_err(|e| match e.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => Refused::Signature,
            jsonwebtoken::errors::ErrorKind::Json(_) => Refused::Claims,
            _ => Refused::Format,
        })?
        .claims;
    if claims.iss != issuer || claims.aud != AUDIENCE {
        return Err(Refused::Audience);
    }
    let now = now.as_seconds();
    if claims.nbf > now.saturating_add(LEEWAY_SECONDS)
        || claims.iat > now.saturating_add(LEEWAY_SECONDS)
    {
        return Err(Refused::TooEarly);
    }
    if now >= claims.exp.saturating_add(LEEWAY_SECONDS) {
        return Err(Refused::Expired);
    }
    Ok(claims)
}

/// The whole of a header of ours; serde refuses any other field and any field given twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OurHeader {
    alg: String,
    typ: String,
    kid: String,
}

fn header(token: &str) -> Result<OurHeader, Refused> {
    if token.len() > MAX_LENGTH || token.split('.').count() != 3 {
        return Err(Refused::Format);
    }
    let encoded = token.split('.').next().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Refused::Format)?;
    let header: OurHeader = serde_json::from_slice(&bytes).map_err(|_| Refused::Header)?;
    if header.alg != "HS256" || header.typ != TYPE {
        return Err(Refused::Header);
    }
    Ok(header)
}

#[cfg(test)]
mod tests;
