//! The bytes that seal an entry: every field with its length in front, so that no two entries
//! give the same ones, whatever the text in them.

use crate::kernel::ids::Id;
use crate::kernel::text::hex;
use crate::kernel::time::Instant;
use sha2::{Digest as _, Sha256};

/// The first field of every seal: what the rest means, and its version.
pub const SCHEME: &str = "almoner.ledger.seal.1";
/// The hash before the first entry.
pub const GENESIS: [u8; 32] = [0; 32];
/// The length that stands for a field that is not there; no text is so long.
const ABSENT: u64 = u64::MAX;

/// Takes fields one after the other: UTF-8 text (ids in lower case with hyphens, days as
/// `YYYY-MM-DD`, instants in microseconds since 1970, amounts in minor units), each with its
/// length as 8 bytes, most significant first, in front; what is absent is 8 bytes of `FF`.
pub struct Fields(Sha256);

impl Fields {
    /// Begins the seal after the one with the hash `before`.
    pub fn after(before: &[u8]) -> Self {
        let mut fields = Self(Sha256::new());
        fields.text(SCHEME);
        fields.text(&hex(before));
        fields
    }
    /// A text.
    pub fn text(&mut self, text: &str) {
        let length = u64::try_from(text.len()).unwrap_or(ABSENT);
        self.0.update(length.to_be_bytes());
        self.0.update(text);
    }
    /// A whole number, in digits.
    pub fn number(&mut self, number: impl Into<i128>) {
        self.text(&number.into().to_string());
    }
    /// A moment.
    pub fn instant(&mut self, instant: Instant) {
        self.number(instant.as_micros());
    }
    /// An id.
    pub fn id<T>(&mut self, id: Id<T>) {
        self.text(&id.to_string());
    }
    /// An id, or none.
    pub fn maybe<T>(&mut self, id: Option<Id<T>>) {
        match id {
            Some(id) => self.id(id),
            None => self.0.update(ABSENT.to_be_bytes()),
        }
    }
    /// The hash of all of them.
    pub fn hash(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
