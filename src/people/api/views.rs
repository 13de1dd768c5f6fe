//! What is shown of people, and what both doors share.

use crate::kernel::actor::Role;
use crate::kernel::ids::{AccessTokenId, PersonId, SessionId};
use crate::kernel::text;
use crate::kernel::time::Instant;
use crate::people::model::{
    AccessToken, Enrolment, FactorStatus, Person, PersonStatus, RecoveryCodes, Session, Tokens,
};
use crate::platform::authz::factor::FRESH_SECONDS;
use serde::Serialize;
use utoipa::ToSchema;

/// A person, to themselves and to those who run the service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonView {
    id: PersonId,
    email: String,
    name: String,
    status: PersonStatus,
    /// Granted roles; everyone is a researcher besides.
    roles: Vec<Role>,
    created_at: Instant,
    /// When they showed that the address is theirs.
    confirmed_at: Option<Instant>,
}
impl From<Person> for PersonView {
    fn from(p: Person) -> Self {
        Self {
            id: p.id,
            email: p.email,
            name: p.name,
            status: p.status,
            roles: p.roles.iter().collect(),
            created_at: p.created_at,
            confirmed_at: p.confirmed_at,
        }
    }
}

/// A person in a list: whose address it is, their own page tells.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonRow {
    id: PersonId,
    /// Enough to tell two of one name apart.
    #[schema(example = "a…@example.org")]
    email_masked: String,
    name: String,
    status: PersonStatus,
    /// Granted roles; everyone is a researcher besides.
    roles: Vec<Role>,
    created_at: Instant,
    /// When they showed that the address is theirs.
    confirmed_at: Option<Instant>,
}
impl From<Person> for PersonRow {
    fn from(p: Person) -> Self {
        Self {
            id: p.id,
            email_masked: text::masked_email(&p.email),
            name: p.name,
            status: p.status,
            roles: p.roles.iter().collect(),
            created_at: p.created_at,
            confirmed_at: p.confirmed_at,
        }
    }
}

/// Tokens of a session.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensView {
    session_id: SessionId,
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Life of the access token, in seconds.
    expires_in: i64,
    /// Good once, for the next pair. Used twice it ends the session.
    refresh_token: String,
    refresh_expires_at: Instant,
}
impl From<Tokens> for TokensView {
    fn from(t: Tokens) -> Self {
        Self {
            session_id: t.session_id,
            access_token: t.access_token.as_str().to_owned(),
            token_type: "Bearer",
            expires_in: t.expires_in,
            refresh_token: t.refresh_token.as_str().to_owned(),
            refresh_expires_at: t.refresh_expires_at,
        }
    }
}

/// A right password that waits for the second factor.
#[derive(Serialize, ToSchema)]
pub(super) struct ChallengeView {
    /// Good only for `POST /api/v1/auth/login/factor`.
    challenge: String,
    /// Its life, in seconds.
    expires_in: i64,
    /// What to send with it: one of these fields.
    accepts: [&'static str; 2],
}
impl ChallengeView {
    pub(super) fn of(token: &str, expires_in: i64) -> Self {
        Self { challenge: token.to_owned(), expires_in, accepts: ["code", "recovery_code"] }
    }
}

/// A second factor, to its person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FactorView {
    /// Since when there is one.
    enrolled_at: Option<Instant>,
    /// Whether one of one's roles needs it.
    required: bool,
    /// Recovery codes that can still be used.
    recovery_codes_left: i64,
    /// When this session last saw it.
    shown_at: Option<Instant>,
}
impl From<FactorStatus> for FactorView {
    fn from(f: FactorStatus) -> Self {
        Self {
            enrolled_at: f.enrolled_at,
            required: f.required,
            recovery_codes_left: f.recovery_codes_left,
            shown_at: f.shown_at,
        }
    }
}

/// A second factor that was begun.
#[derive(Serialize, ToSchema)]
pub(super) struct EnrolmentView {
    /// For typing into one's device (base32), shown this once.
    secret: String,
    /// The same as an address for a QR code.
    otpauth_uri: String,
    /// To be confirmed until then.
    expires_at: Instant,
}
impl From<Enrolment> for EnrolmentView {
    fn from(e: Enrolment) -> Self {
        let (secret, otpauth_uri) = (e.secret.as_str().to_owned(), e.uri.as_str().to_owned());
        Self { secret, otpauth_uri, expires_at: e.expires_at }
    }
}

/// Recovery codes, shown this once; each is good once, instead of a code of the device.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodesView {
    recovery_codes: Vec<String>,
}
impl From<RecoveryCodes> for RecoveryCodesView {
    fn from(codes: RecoveryCodes) -> Self {
        Self { recovery_codes: codes.iter().map(|c| c.as_str().to_owned()).collect() }
    }
}

/// Until when a session may do what asks for a fresh factor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Fresh {
    fresh_until: Instant,
}
impl From<Instant> for Fresh {
    fn from(shown: Instant) -> Self {
        Self { fresh_until: shown.plus_seconds(FRESH_SECONDS) }
    }
}

/// How many sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ended {
    pub(super) ended: usize,
}

/// A live session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    id: SessionId,
    created_at: Instant,
    /// Logged in or refreshed, the last time.
    last_used_at: Instant,
    /// Where the login came from.
    address: Option<String>,
    /// The program that logged in.
    agent: Option<String>,
    /// When it last saw one's second factor.
    factor_at: Option<Instant>,
    /// Whether it is the one that asks.
    current: bool,
}
impl SessionView {
    pub(super) fn of(s: Session, current: Option<SessionId>) -> Self {
        Self {
            id: s.id,
            created_at: s.created_at,
            last_used_at: s.last_used_at,
            address: s.address,
            agent: s.agent,
            factor_at: s.factor_at,
            current: current == Some(s.id),
        }
    }
}

/// A personal access token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessTokenView {
    id: AccessTokenId,
    name: String,
    scopes: Vec<String>,
    created_at: Instant,
    expires_at: Instant,
}
impl From<AccessToken> for AccessTokenView {
    fn from(t: AccessToken) -> Self {
        Self {
            id: t.id,
            name: t.name,
            scopes: t.scopes,
            created_at: t.created_at,
            expires_at: t.expires_at,
        }
    }
}

/// A new personal access token.
#[derive(Serialize, ToSchema)]
pub(super) struct NewAccessToken {
    id: AccessTokenId,
    name: String,
    scopes: Vec<String>,
    created_at: Instant,
    expires_at: Instant,
    /// The token itself, shown this once.
    token: String,
}
impl NewAccessToken {
    pub(super) fn of(t: AccessToken, secret: &str) -> Self {
        Self {
            id: t.id,
            name: t.name,
            scopes: t.scopes,
            created_at: t.created_at,
            expires_at: t.expires_at,
            token: secret.to_owned(),
        }
    }
}

/// What was done, in a sentence.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Message {
    pub(super) message: &'static str,
}
