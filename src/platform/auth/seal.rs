//! Fields that only this service may read: sealed with XChaCha20-Poly1305.
//!
//! Each cell has a data key of its own, wrapped by the active master key. Both layers are bound to
//! table, row and column, the outer one to the master key's id as well, so that a cell moved
//! elsewhere does not open. Rotation wraps the data key anew and leaves the data alone.
//!
//! ```text
//! 1 byte  version = 1
//! 1 byte  n, length of the master key's id
//! n       the id
//! 24 + 48 nonce, wrapped data key (32) and its tag (16)
//! 24 + …  nonce, ciphertext and its tag (16)
//! ```

use crate::kernel::problem::Problem;
use crate::platform::auth::keys::Keys;
use crate::platform::auth::{hmac, random};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use uuid::Uuid;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const WRAPPED: usize = NONCE + 32 + 16;

/// Where a sealed cell belongs.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// Table.
    pub table: &'a str,
    /// Id of the row.
    pub row: Uuid,
    /// Column.
    pub column: &'a str,
}

/// Why a cell does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Too short, or of a version that this program doesn't know.
    #[error("these bytes are no sealed field")]
    Format,
    /// The master key is not in the key file.
    #[error("the key {0} that this field is sealed under is not there")]
    UnknownKey(String),
    /// Changed, moved here from elsewhere, or sealed under another key of the same id.
    #[error("this field does not open: it was changed or belongs elsewhere")]
    Refused,
}
impl From<SealError> for Problem {
    fn from(error: SealError) -> Self {
        Problem::internal(error)
    }
}

/// Seals `plain` for its place.
pub fn seal(keys: &Keys, cell: &Cell<'_>, plain: &[u8]) -> Vec<u8> {
    let data_key = Zeroizing::new(random::<32>());
    let mut sealed = wrap(keys, cell, &data_key);
    sealed.extend(encrypt(&data_key, &bound(b"data", cell, ""), plain));
    sealed
}

/// Opens what was sealed for this place.
///
/// # Errors
/// [`SealError`]; which of the bytes are wrong is not told.
pub fn open(keys: &Keys, cell: &Cell<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let parts = Parts::of(sealed)?;
    let data_key = unwrap(keys, cell, &parts)?;
    decrypt(&data_key, &bound(b"data", cell, ""), parts.data)
}

/// The same cell under the active master key; `None` if it is already.
///
/// # Errors
/// As [`open`], except that the data itself is not looked at.
pub fn rewrap(keys: &Keys, cell: &Cell<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
    let parts = Parts::of(sealed)?;
    if parts.key_id == keys.master().id {
        return Ok(None);
    }
    let data_key = unwrap(keys, cell, &parts)?;
    let mut again = wrap(keys, cell, &data_key);
    again.extend_from_slice(parts.data);
    Ok(Some(again))
}

/// What every cell under this master key begins with.
pub fn head(key_id: &str) -> Vec<u8> {
    let length = u8::try_from(key_id.len()).unwrap_or(u8::MAX);
    [&[VERSION, length], key_id.as_bytes()].concat()
}

/// The id of the master key in the first bytes of a cell; none where it is no sealed cell.
pub fn head_id(head: &[u8]) -> Option<&str> {
    let (&[version, length], rest) = head.split_first_chunk()?;
    let id = rest.get(..length.into()).filter(|_| version == VERSION)?;
    std::str::from_utf8(id).ok().filter(|id| !id.is_empty())
}

/// The id of the master key that a cell is sealed under.
///
/// # Errors
/// [`SealError::Format`].
pub fn key_id(sealed: &[u8]) -> Result<&str, SealError> {
    Parts::of(sealed).map(|p| p.key_id)
}

/// A blind index: equal for equal values of one kind, and of no use without the key. Bring `value`
/// into one spelling first. `kind` keeps, say, bank accounts and tax numbers apart.
pub fn equality(keys: &Keys, kind: &str, value: &[u8]) -> [u8; 32] {
    hmac(keys.equality().bytes(), &[b"almoner.equality.v1", kind.as_bytes(), value])
}

struct Parts<'a> {
    key_id: &'a str,
    wrapped: &'a [u8],
    data: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a [u8]) -> Result<Self, SealError> {
        let (&version, rest) = sealed.split_first().ok_or(SealError::Format)?;
        let (&length, rest) = rest.split_first().ok_or(SealError::Format)?;
        let (id, rest) = rest.split_at_checked(length.into()).ok_or(SealError::Format)?;
        let (wrapped, data) = rest.split_at_checked(WRAPPED).ok_or(SealError::Format)?;
        let key_id = std::str::from_utf8(id).map_err(|_| SealError::Format)?;
        if version != VERSION || data.len() < NONCE + 16 {
            return Err(SealError::Format);
        }
        Ok(Self { key_id, wrapped, data })
    }
}

fn wrap(keys: &Keys, cell: &Cell<'_>, data_key: &[u8; 32]) -> Vec<u8> {
    let master = keys.master();
    let mut out = head(&master.id);
    out.extend(encrypt(master.key.bytes(), &bound(b"key", cell, &master.id), data_key));
    out
}

fn unwrap(
    keys: &Keys,
    cell: &Cell<'_>,
    parts: &Parts<'_>,
) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let unknown = || SealError::UnknownKey(parts.key_id.escape_default().to_string());
    let master = keys.master_by(parts.key_id).ok_or_else(unknown)?;
    let plain = decrypt(master.key.bytes(), &bound(b"key", cell, parts.key_id), parts.wrapped)?;
    <[u8; 32]>::try_from(plain.as_slice()).map(Zeroizing::new).map_err(|_| SealError::Refused)
}

/// What a layer is bound to; each part with its length before it.
fn bound(layer: &[u8], cell: &Cell<'_>, key_id: &str) -> Vec<u8> {
    let parts = [
        b"almoner.seal.v1",
        layer,
        cell.table.as_bytes(),
        cell.row.as_bytes(),
        cell.column.as_bytes(),
        key_id.as_bytes(),
    ];
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

fn encrypt(key: &[u8; 32], aad: &[u8], msg: &[u8]) -> Vec<u8> {
    let nonce = random::<NONCE>();
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let sealed = cipher
        .encrypt(&nonce.into(), Payload { msg, aad })
        .expect("invariant: a field is far shorter than the cipher's limit of 256 GiB");
    [nonce.as_slice(), &sealed].concat()
}

fn decrypt(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, msg) = sealed.split_first_chunk::<NONCE>().ok_or(SealError::Format)?;
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    cipher
        .decrypt(&(*nonce).into(), Payload { msg, aad })
        .map(Zeroizing::new)
        .map_err(|_| SealError::Refused)
}

#[cfg(test)]
mod tests;
