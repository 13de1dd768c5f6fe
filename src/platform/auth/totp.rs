//! Codes of a device: TOTP (RFC 6238) with SHA-1, six digits, a new one every 30 seconds, which is
//! what every authenticator app speaks.
//!
//! SHA-1 is only used inside HMAC here, where its collisions do not matter (RFC 6238 section 1.2).

use crate::kernel::time::Instant;
use crate::platform::auth::random;
use hmac::{KeyInit as _, Mac as _};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Seconds that a code stands for.
pub const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one whose codes are taken too: clocks differ, fingers are
/// slow (RFC 6238 section 5.2).
const SKEW: i64 = 1;
const DIGITS: usize = 6;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// 160 random bits, shared with a device (RFC 4226 section 4).
pub struct Secret(Zeroizing<[u8; 20]>);
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new one.
    pub fn new() -> Self {
        Self(Zeroizing::new(random::<20>()))
    }
    /// The one with these bits; `None` unless there are 160 of them.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bits| Self(Zeroizing::new(bits)))
    }
    /// Its bits, for sealing.
    pub fn bytes(&self) -> &[u8; 20] {
        &self.0
    }
    /// As it is typed into a device: base32 (RFC 4648 section 6); 160 bits need no padding.
    pub fn base32(&self) -> Zeroizing<String> {
        base32(&self.0[..])
    }
    /// The address that a device reads from a picture.
    pub fn uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account) = (escaped(issuer), escaped(account));
        let secret = self.base32();
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1\
             &digits={DIGITS}&period={STEP_SECONDS}",
            secret.as_str()
        ))
    }
    /// The code of a step.
    pub fn code(&self, step: i64) -> Zeroizing<String> {
        let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(&self.0[..])
            .expect("invariant: HMAC takes a key of any length");
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        // RFC 4226 section 5.3: four bytes from where the last half-byte says, without the sign.
        let at = usize::from(digest[19] & 0xF);
        let four = [digest[at] & 0x7F, digest[at + 1], digest[at + 2], digest[at + 3]];
        Zeroizing::new(format!("{:06}", u32::from_be_bytes(four) % 1_000_000))
    }
    /// The step whose code was typed, if it is one of now and after `last`: the newest step whose
    /// code was taken before. Every candidate is compared, in constant time.
    pub fn verify(&self, typed: &str, now: Instant, last: i64) -> Option<i64> {
        let typed: Zeroizing<String> =
            Zeroizing::new(typed.chars().filter(|c| !c.is_whitespace()).collect());
        let present = step(now);
        let mut found = None;
        for step in present - SKEW..=present + SKEW {
            let fits = bool::from(self.code(step).as_bytes().ct_eq(typed.as_bytes()));
            if fits && step > last {
                found = found.or(Some(step));
            }
        }
        found
    }
}
impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

/// The step that an instant lies in.
pub fn step(at: Instant) -> i64 {
    at.as_seconds().div_euclid(STEP_SECONDS)
}

/// Base32 without padding (RFC 4648 section 6).
pub(super) fn base32(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 8 / 5 + 1));
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xFFF;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

/// The letter of the lowest five bits.
fn letter(bits: u32) -> char {
    let index = usize::try_from(bits & 31).unwrap_or(0);
    char::from(ALPHABET[index])
}

/// Percent-encoded (RFC 3986 section 2.1) but for what never needs it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests;
