//! Recovery codes: for whoever lost the device. 80 random bits each, in groups that a person can
//! copy from paper; the database keeps only a keyed hash, bound to whose code it is.

use crate::platform::auth::keys::Keys;
use crate::platform::auth::token::TokenHash;
use crate::platform::auth::totp::base32;
use crate::platform::auth::{hmac, random};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Codes that one gets at a time.
pub const COUNT: usize = 10;
/// Letters of a code, without what groups them.
const LETTERS: usize = 16;

/// A new code: how it is shown this once, and what is kept.
pub fn mint(keys: &Keys, owner: Uuid) -> (Zeroizing<String>, TokenHash) {
    let bits = Zeroizing::new(random::<10>());
    let bare = Zeroizing::new(base32(&bits[..]).to_lowercase());
    let hash = hash_bare(keys, owner, &bare);
    let shown = [&bare[..4], &bare[4..8], &bare[8..12], &bare[12..]].join("-");
    (Zeroizing::new(shown), hash)
}

/// The hash to look a typed code up by; `None` if it cannot be one. Case, spaces and hyphens do
/// not count.
pub fn hash(keys: &Keys, owner: Uuid, typed: &str) -> Option<TokenHash> {
    let counts = |c: &char| !c.is_whitespace() && *c != '-';
    let bare: Zeroizing<String> =
        Zeroizing::new(typed.chars().filter(counts).take(LETTERS + 1).collect());
    let bare = Zeroizing::new(bare.to_ascii_lowercase());
    let known = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
    let fits = bare.len() == LETTERS && bare.bytes().all(known);
    fits.then(|| hash_bare(keys, owner, &bare))
}

fn hash_bare(keys: &Keys, owner: Uuid, bare: &str) -> TokenHash {
    let parts: [&[u8]; 3] = [b"almoner.recovery.v1", owner.as_bytes(), bare.as_bytes()];
    hmac(keys.tokens().bytes(), &parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_however_it_is_typed_and_only_for_its_owner() {
        let (keys, owner) = (Keys::ephemeral(), Uuid::from_u128(7));
        let (code, kept) = mint(&keys, owner);
        assert_eq!(code.len(), LETTERS + 3);
        assert_eq!(hash(&keys, owner, &code), Some(kept));
        let spelled = format!(" {} ", code.to_uppercase().replace('-', "  "));
        assert_eq!(hash(&keys, owner, &spelled), Some(kept));
        assert_ne!(hash(&keys, Uuid::from_u128(8), &code), Some(kept));
        assert_ne!(hash(&Keys::ephemeral(), owner, &code), Some(kept));
        assert_ne!(*mint(&keys, owner).0, *code);
    }

    #[test]
    fn odd_texts_are_none() {
        let keys = Keys::ephemeral();
        let long = "a".repeat(1000);
        for odd in ["", "abcd", "abcd-efgh-ijkl-mno1", "abcd-efgh-ijkl-mnopq", "ä", &long] {
            assert_eq!(hash(&keys, Uuid::nil(), odd), None, "{odd}");
        }
    }
}
