//! Opaque tokens: 256 random bits behind a prefix that says what they are. The database keeps
//! only a keyed hash, so that who reads it cannot use a token and who writes it cannot plant one.

use crate::platform::auth::keys::Keys;
use crate::platform::auth::{hmac, random};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// What a token is for. A token of one kind is never taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Continues a session.
    Refresh,
    /// A personal access token.
    Personal,
    /// A link in a mail.
    Mail,
    /// A login that waits for the second factor.
    Challenge,
}

impl Kind {
    /// How it begins.
    pub const fn prefix(self) -> &'static str {
        match self {
            Kind::Refresh => "alr_",
            Kind::Personal => "alp_",
            Kind::Mail => "alm_",
            Kind::Challenge => "alc_",
        }
    }
}

/// What the database keeps of a token.
pub type TokenHash = [u8; 32];

/// A new token: `secret` is shown once, `hash` is kept.
pub struct Minted {
    /// For its holder.
    pub secret: Zeroizing<String>,
    /// For the database.
    pub hash: TokenHash,
}
impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Minted(secret)")
    }
}

/// Makes a token.
pub fn mint(keys: &Keys, kind: Kind) -> Minted {
    let bits = Zeroizing::new(random::<32>());
    let secret = Zeroizing::new(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(*bits)));
    Minted { hash: hash_bits(keys, kind, &bits), secret }
}

/// The hash to look a presented token up by; `None` if it cannot be one of this kind.
pub fn hash(keys: &Keys, kind: Kind, presented: &str) -> Option<TokenHash> {
    let encoded = presented.strip_prefix(kind.prefix())?;
    if encoded.len() != 43 {
        return None;
    }
    let bits = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
    <&[u8; 32]>::try_from(bits.as_slice()).ok().map(|bits| hash_bits(keys, kind, bits))
}

fn hash_bits(keys: &Keys, kind: Kind, bits: &[u8; 32]) -> TokenHash {
    hmac(keys.tokens().bytes(), &[b"almoner.token.v1", kind.prefix().as_bytes(), bits])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_by_hash_only_as_its_own_kind() {
        let keys = Keys::ephemeral();
        let minted = mint(&keys, Kind::Personal);
        assert_eq!(minted.secret.len(), 47);
        assert_eq!(hash(&keys, Kind::Personal, &minted.secret), Some(minted.hash));
        assert_eq!(hash(&keys, Kind::Refresh, &minted.secret), None);
        let renamed = minted.secret.replace("alp_", "alr_");
        assert_ne!(hash(&keys, Kind::Refresh, &renamed), Some(minted.hash));
        assert_ne!(hash(&Keys::ephemeral(), Kind::Personal, &minted.secret), Some(minted.hash));
        assert_ne!(*mint(&keys, Kind::Personal).secret, *minted.secret);
        assert!(!format!("{minted:?}").contains(&minted.secret[4..]));
    }

    #[test]
    fn odd_texts_are_none() {
        let keys = Keys::ephemeral();
        let secret = mint(&keys, Kind::Mail).secret;
        let longer = format!("{}A", *secret);
        let padded = format!("{}=", *secret);
        let spaced = format!(" {}", *secret);
        // The last character holds 4 bits; other spellings of the same bits are refused.
        let bits = &secret[..secret.len() - 1];
        let spellings = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']);
        let accepted =
            spellings.filter(|c| hash(&keys, Kind::Mail, &format!("{bits}{c}")).is_some());
        assert_eq!(accepted.count(), 16);
        for odd in ["", "alm_", "alm_é", longer.as_str(), padded.as_str(), spaced.as_str()] {
            assert_eq!(hash(&keys, Kind::Mail, odd), None, "{odd}");
        }
    }
}
