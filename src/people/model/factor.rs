//! Second factors, and logins that wait for one.

use super::Tokens;
use crate::kernel::ids::{ChallengeId, FactorId, PersonId};
use crate::kernel::time::Instant;
use crate::text_enum;
use zeroize::Zeroizing;

text_enum! {
    /// Where a second factor stands: `pending → active`. What is removed or replaced is deleted.
    pub enum FactorState {
        /// Shown to its person, who has not shown a code of it yet.
        Pending = "pending",
        /// Asked for at each login.
        Active = "active",
    }
}

/// The second factor of a person, as kept.
#[derive(Debug, Clone)]
pub struct Factor {
    /// Id.
    pub id: FactorId,
    /// Whose.
    pub person_id: PersonId,
    /// Pending or active.
    pub state: FactorState,
    /// The secret that the device shares, sealed for this row.
    pub sealed: Vec<u8>,
    /// The newest step whose code was taken; codes of it and of earlier ones are refused.
    pub last_step: i64,
    /// Begun.
    pub created_at: Instant,
    /// Its first code was shown.
    pub confirmed_at: Option<Instant>,
}

/// What a person sees of their own factor.
#[derive(Debug, Clone, Copy)]
pub struct FactorStatus {
    /// Since when they have one.
    pub enrolled_at: Option<Instant>,
    /// Whether one of their roles needs one.
    pub required: bool,
    /// Recovery codes that are left.
    pub recovery_codes_left: i64,
    /// When this session last saw the factor.
    pub shown_at: Option<Instant>,
}

/// A factor that was begun: shown this once.
pub struct Enrolment {
    /// For typing into a device.
    pub secret: Zeroizing<String>,
    /// For a picture that a device reads.
    pub uri: Zeroizing<String>,
    /// To be confirmed until then.
    pub expires_at: Instant,
}

/// Recovery codes, shown this once.
pub type RecoveryCodes = Vec<Zeroizing<String>>;

/// What somebody shows as their second factor.
pub enum Shown {
    /// The code that their device shows.
    Code(Zeroizing<String>),
    /// One of their recovery codes.
    Recovery(Zeroizing<String>),
}

/// A login whose password was right, and which waits for the factor.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// Id.
    pub id: ChallengeId,
    /// Who logs in.
    pub person_id: PersonId,
}

/// What a right password gives.
pub enum Login {
    /// A session, where the person has no second factor.
    Begun(Tokens),
    /// A token that is good only for showing the factor, and its life in seconds.
    Waits(Zeroizing<String>, i64),
}
