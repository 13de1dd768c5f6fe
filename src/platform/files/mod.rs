//! Files that people send, in a folder, each under the SHA-256 of its content.
//!
//! Invariants:
//! - A file stands under its name only when it is whole and on the disk: it is written beside,
//!   synced, and moved into place.
//! - Only the owner of the service reads them (folders 0700, files 0600); nobody's words are part
//!   of a path.
//! - Nothing is decompressed or rendered here: a file is bytes.
//! - What no row names any more stays for a day, so that an upload whose row is being written does
//!   not lose its file; then [`Files::sweep`] removes it.

mod sweep;

use crate::kernel::problem::{Kind, Problem};
use crate::kernel::{Result, text};
use crate::platform::auth::random;
use crate::platform::config::{Config, create_private_dir, private_file};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The SHA-256 of a file's content: its name in the folder.
pub type Sha = [u8; 32];

/// The folder. Cheap to make; nothing is opened before it is used.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
}

/// A file that is in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Of its content.
    pub sha256: Sha,
    /// How long it is.
    pub bytes: u64,
}

impl Files {
    /// Where the settings say.
    pub fn of(config: &Config) -> Self {
        Self { root: config.files_folder() }
    }
    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// Begins a file that is coming in.
    ///
    /// # Errors
    /// 507 where there is no room, 503 where the folder cannot be used.
    pub fn receive(&self) -> Result<Incoming> {
        let beside = self.incoming();
        for folder in [&self.root, &beside] {
            create_private_dir(folder).map_err(|why| unusable().because(why))?;
        }
        let path = beside.join(text::hex(&random::<16>()));
        let file = private_file(&path).map_err(unwritten)?;
        Ok(Incoming { files: self.clone(), file, path, sum: Sha256::new(), bytes: 0 })
    }
    /// Opens a file; none where it is missing.
    ///
    /// # Errors
    /// 503 where it cannot be read.
    pub fn open(&self, sha256: &Sha) -> Result<Option<File>> {
        match File::open(self.place(sha256)) {
            Ok(file) => Ok(Some(file)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(unusable().because(e)),
        }
    }
    /// Whether a file is there, and as long as it should be.
    pub fn has(&self, sha256: &Sha, bytes: u64) -> bool {
        fs::metadata(self.place(sha256)).is_ok_and(|meta| meta.is_file() && meta.len() == bytes)
    }
    fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }
    /// Two digits make a folder, so that none holds too many.
    fn place(&self, sha256: &Sha) -> PathBuf {
        let name = text::hex(sha256);
        self.root.join(&name[..2]).join(&name)
    }
}

/// A file on its way: gone again unless it is kept.
#[derive(Debug)]
pub struct Incoming {
    files: Files,
    file: File,
    path: PathBuf,
    sum: Sha256,
    bytes: u64,
}

impl Incoming {
    /// Takes what came next.
    ///
    /// # Errors
    /// 507 where there is no room, 503 where it cannot be written.
    pub fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.file.write_all(chunk).map_err(unwritten)?;
        self.sum.update(chunk);
        self.bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        Ok(())
    }
    /// The name that it would have.
    pub fn sha256(&self) -> Sha {
        self.sum.clone().finalize().into()
    }
    /// Puts it in its place, synced. One of the same content that is there is replaced: so it is
    /// as young as the newest upload of it, which is what [`Files::sweep`] looks at.
    ///
    /// # Errors
    /// 507 where there is no room, 503 where it cannot be written.
    pub fn keep(self) -> Result<Kept> {
        let sha256 = self.sha256();
        let place = self.files.place(&sha256);
        let folder = place.parent().unwrap_or(&self.files.root);
        self.file.sync_all().map_err(unwritten)?;
        if !folder.exists() {
            create_private_dir(folder).map_err(|why| unusable().because(why))?;
            sync_folder(&self.files.root).map_err(unwritten)?;
        }
        fs::rename(&self.path, &place).map_err(unwritten)?;
        sync_folder(folder).map_err(unwritten)?;
        Ok(Kept { sha256, bytes: self.bytes })
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Not there any more where it was kept.
        drop(fs::remove_file(&self.path));
    }
}

/// So that the name is on the disk, too.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn unusable() -> Problem {
    Problem::new(Kind::Unavailable, "The folder of files cannot be used.")
}

/// What kind of problem it is that a file cannot be written: no room, or whatever else.
pub fn kind_of(error: &io::Error) -> Kind {
    let full =
        [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge];
    if full.contains(&error.kind()) { Kind::StorageFull } else { Kind::Unavailable }
}

fn unwritten(error: io::Error) -> Problem {
    let problem = match kind_of(&error) {
        Kind::StorageFull => Problem::new(Kind::StorageFull, "There is no room left for files."),
        _ => unusable(),
    };
    problem.because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_as_such_and_leaves_nothing() {
        let folder = std::env::temp_dir().join(text::hex(&random::<8>()));
        let files = Files { root: folder.clone() };
        let mut incoming = files.receive().expect("begun");
        let path = incoming.path.clone();
        assert!(path.exists());
        // The device that is always full.
        incoming.file = File::options().write(true).open("/dev/full").expect("a device");
        let problem = incoming.write(b"something").expect_err("full");
        assert_eq!((problem.kind(), problem.status()), (Kind::StorageFull, 507));
        drop(incoming);
        assert!(!path.exists());
        fs::remove_dir_all(folder).expect("removed");
    }
}
