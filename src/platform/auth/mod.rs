//! Keys, passwords, tokens and sealed fields: what keeps others out.
//!
//! Invariants: no secret is in a `Debug`, a log or a database in the clear; each use of a key is
//! bound to its purpose, so that nothing made for one passes for another; what is compared with a
//! secret is compared in constant time.

pub mod jwt;
pub mod keys;
pub mod limits;
pub mod password;
pub mod recovery;
pub mod seal;
pub mod token;
pub mod totp;

/// Fresh random bytes. Without the system's randomness no secret is safe: better to stop than to
/// go on.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("invariant: the operating system gives random bits");
    bytes
}

/// HMAC-SHA256 over parts, each with its length before it, so that no two lists of parts give the
/// same bytes.
pub(crate) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    use hmac::{KeyInit as _, Mac as _};
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key)
        .expect("invariant: HMAC takes a key of any length");
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
