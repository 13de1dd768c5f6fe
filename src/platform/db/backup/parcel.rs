//! The file that a backup travels in.
//!
//! ```text
//! ALMONER-BACKUP 1\n
//! a label, one line of JSON\n
//! the copy; encrypted: pieces of 64 KiB, each with its tag of 16 bytes
//! SHA-256 of all before it, 64 hexadecimal digits and \n
//! ```
//! Encrypted with XChaCha20-Poly1305: each piece has a nonce of 16 random bytes and its number,
//! and is bound to the label and to whether it is the last. A piece that was changed, moved, left
//! out or cut off does not open.

use super::failed;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text;
use crate::kernel::time::Instant;
use crate::platform::auth::random;
use crate::platform::config::{private_file, refuse_shared};
use crate::platform::files::kind_of;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom, Write};
use std::path::Path;
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"ALMONER-BACKUP 1\n";
const PIECE: usize = 64 * 1024;
const TAG: usize = 16;
/// The checksum in hexadecimal, and the end of its line.
const TRAILER: u64 = 65;
/// Bytes of a label, at most.
const LABEL_MAX: u64 = 16 * 1024;

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// The program that made it.
    pub program: String,
    /// When it was begun.
    pub made_at: Instant,
    /// Number of the newest sealed entry of the ledger when it was begun.
    pub sealed: i64,
    /// Its hash, in hexadecimal; the restored ledger is held against it.
    pub seal: String,
    /// Random part of the nonces, in hexadecimal; absent where it is not encrypted.
    pub nonce: Option<String>,
}

/// A key for backups: 32 bytes.
pub type Key = Zeroizing<[u8; 32]>;

/// Reads a key: a file of 64 hexadecimal digits that only its owner may read.
///
/// # Errors
/// 503 with what is wrong with the file.
pub fn key(path: &Path) -> Result<Key> {
    let wrong = |why: &str| {
        let detail = format!("The key file {} cannot be used: {why}.", path.display());
        Problem::new(Kind::Unavailable, detail)
    };
    let file = File::open(path).map_err(|e| wrong(&e.to_string()))?;
    file.metadata()
        .map_err(|e| e.to_string())
        .and_then(|m| refuse_shared(&m))
        .map_err(|e| wrong(&e))?;
    let mut digits = Zeroizing::new(String::new());
    file.take(200).read_to_string(&mut digits).map_err(|e| wrong(&e.to_string()))?;
    let key = text::unhex(digits.trim());
    let key =
        key.ok_or_else(|| wrong("it has to hold 64 hexadecimal digits (openssl rand -hex 32)"))?;
    Ok(Zeroizing::new(key))
}

/// Packs the copy `from` into a new file `to`, which appears under its name only when it is whole;
/// until then it is `part`, in the same folder, which nobody else writes.
///
/// # Errors
/// 409 where `to` is there already; 507 where there is no room for it, 503 where it cannot be
/// written otherwise.
pub fn pack(
    from: &Path,
    (part, to): (&Path, &Path),
    mut label: Label,
    key: Option<&Key>,
) -> Result<()> {
    let there = || {
        let detail = format!("{} is there already: nothing was overwritten.", to.display());
        Problem::wrong_state(detail)
    };
    if to.exists() {
        return Err(there());
    }
    let nonce = random::<16>();
    label.nonce = key.map(|_| text::hex(&nonce));
    let label = serde_json::to_vec(&label).map_err(Problem::internal)?;
    let written = write(from, part, &label, key.map(|key| Cipher::new(key, nonce, &label)));
    let written = written.and_then(|()| name(part, to));
    written.map_err(|e| {
        drop(fs::remove_file(part));
        if e.kind() == io::ErrorKind::AlreadyExists && to.exists() {
            return there();
        }
        let detail = format!("The backup {} could not be written.", to.display());
        Problem::new(kind_of(&e), detail).because(e)
    })
}

/// Gives the whole file its name, never that of a file that is there, and syncs the folder. Once it
/// has its name, it is made: what cannot be done after that is told of.
fn name(part: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(part, to) {
        Ok(()) => warned("the unfinished name of a backup stays", fs::remove_file(part)),
        // A file system without links.
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists && !to.exists() => {
            fs::rename(part, to)?;
        }
        Err(e) => return Err(e),
    }
    let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    warned("the folder of a backup cannot be synced: a power cut may undo its name", synced);
    Ok(())
}

fn warned(what: &str, done: io::Result<()>) {
    if let Err(error) = done {
        tracing::warn!(%error, "{what}");
    }
}

fn write(from: &Path, to: &Path, label: &[u8], cipher: Option<Cipher<'_>>) -> io::Result<()> {
    let mut copy = File::open(from)?;
    let mut out = Summed { inner: private_file(to)?, sum: Sha256::new() };
    out.write_all(MAGIC)?;
    out.write_all(label)?;
    out.write_all(b"\n")?;
    match cipher {
        None => {
            io::copy(&mut copy, &mut out)?;
        }
        Some(mut cipher) => {
            let mut piece = read_piece(&mut copy, PIECE)?;
            loop {
                let next = read_piece(&mut copy, PIECE)?;
                let last = next.is_empty();
                out.write_all(&cipher.seal(&piece, last)?)?;
                if last {
                    break;
                }
                piece = next;
            }
        }
    }
    let Summed { mut inner, sum } = out;
    writeln!(inner, "{}", text::hex(&sum.finalize()))?;
    inner.sync_all()
}

/// Opens a backup: proves its checksum first, then writes the copy in it to `to`, a new file.
///
/// # Errors
/// 409 for a file that is no backup or was changed, without the key it needs or with another one;
/// nothing of it was used then. 507 where there is no room for the copy, 503 where it cannot be
/// written otherwise.
pub fn unpack(from: &Path, to: &Path, key: Option<&Key>) -> Result<Label> {
    let unreadable = |e: io::Error| failed("The backup cannot be read.", e);
    let mut file = File::open(from).map_err(unreadable)?;
    let length = intact(&mut file).map_err(unreadable)?;
    let length = length.ok_or_else(|| refused("It is no backup, or it was changed or cut off."))?;
    let mut reader = BufReader::new(file.take(length));
    let mut line = vec![0; MAGIC.len()];
    reader.read_exact(&mut line).map_err(unreadable)?;
    if line != MAGIC {
        return Err(refused("It is of another version of backups."));
    }
    let mut label = Vec::new();
    (&mut reader).take(LABEL_MAX).read_until(b'\n', &mut label).map_err(unreadable)?;
    label.pop();
    let told: Label =
        serde_json::from_slice(&label).map_err(|_| refused("Its label cannot be read."))?;
    let mut out = private_file(to).map_err(|e| unwritten(&e))?;
    match (&told.nonce, key) {
        (None, None) => {
            io::copy(&mut reader, &mut out).map_err(|e| unwritten(&e))?;
        }
        (None, Some(_)) => return Err(refused("It is not encrypted: leave the key out.")),
        (Some(_), None) => return Err(refused("It is encrypted: give its key (--key-file).")),
        (Some(nonce), Some(key)) => {
            let nonce = text::unhex(nonce).ok_or_else(|| refused("Its label cannot be read."))?;
            open(&mut reader, &mut out, Cipher::new(key, nonce, &label))?;
        }
    }
    out.sync_all().map_err(|e| unwritten(&e))?;
    Ok(told)
}

fn open(reader: &mut impl Read, out: &mut File, mut cipher: Cipher<'_>) -> Result<()> {
    let unreadable = |e: io::Error| failed("The backup cannot be read.", e);
    let mut piece = read_piece(reader, PIECE + TAG).map_err(unreadable)?;
    loop {
        let next = read_piece(reader, PIECE + TAG).map_err(unreadable)?;
        let last = next.is_empty();
        let plain = cipher.open(&piece, last);
        let plain = plain.ok_or_else(|| refused("It does not open with this key."))?;
        out.write_all(&plain).map_err(|e| unwritten(&e))?;
        if last {
            return Ok(());
        }
        piece = next;
    }
}

fn refused(why: &str) -> Problem {
    Problem::wrong_state(format!("The backup is refused. {why}"))
}

fn unwritten(error: &io::Error) -> Problem {
    Problem::new(kind_of(error), "The copy could not be written.").because(error.to_string())
}

/// The bytes before the checksum, where it is right; the file is at its beginning afterwards.
fn intact(file: &mut File) -> io::Result<Option<u64>> {
    let Some(length) = file.metadata()?.len().checked_sub(TRAILER) else { return Ok(None) };
    let mut out = Summed { inner: io::sink(), sum: Sha256::new() };
    io::copy(&mut file.take(length), &mut out)?;
    let mut trailer = String::new();
    let read = file.read_to_string(&mut trailer);
    file.seek(SeekFrom::Start(0))?;
    let right = read.is_ok() && trailer == format!("{}\n", text::hex(&out.sum.finalize()));
    Ok(right.then_some(length))
}

/// Up to `size` bytes; fewer only at the end.
fn read_piece(from: &mut impl Read, size: usize) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(size);
    from.take(u64::try_from(size).unwrap_or(u64::MAX)).read_to_end(&mut piece)?;
    Ok(piece)
}

struct Summed<W> {
    inner: W,
    sum: Sha256,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

struct Cipher<'l> {
    cipher: XChaCha20Poly1305,
    nonce: [u8; 16],
    label: &'l [u8],
    number: u64,
}

impl<'l> Cipher<'l> {
    fn new(key: &Key, nonce: [u8; 16], label: &'l [u8]) -> Self {
        let cipher = XChaCha20Poly1305::new((&**key).into());
        Self { cipher, nonce, label, number: 0 }
    }
    /// The nonce and the bound words of the next piece.
    fn next(&mut self, last: bool) -> ([u8; 24], Vec<u8>) {
        let mut nonce = [0; 24];
        nonce[..16].copy_from_slice(&self.nonce);
        nonce[16..].copy_from_slice(&self.number.to_be_bytes());
        self.number += 1;
        let mut bound = self.label.to_vec();
        bound.push(u8::from(last));
        (nonce, bound)
    }
    fn seal(&mut self, piece: &[u8], last: bool) -> io::Result<Vec<u8>> {
        let (nonce, aad) = self.next(last);
        let payload = Payload { msg: piece, aad: &aad };
        self.cipher.encrypt(&nonce.into(), payload).map_err(|_| io::ErrorKind::Other.into())
    }
    fn open(&mut self, piece: &[u8], last: bool) -> Option<Vec<u8>> {
        let (nonce, aad) = self.next(last);
        self.cipher.decrypt(&nonce.into(), Payload { msg: piece, aad: &aad }).ok()
    }
}
