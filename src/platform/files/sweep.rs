//! Removing what no row names any more.

use super::{Files, Sha, unusable};
use crate::kernel::{Result, text};
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Younger files are left alone: their row may be on its way.
const KEPT: Duration = Duration::from_secs(24 * 3600);

impl Files {
    /// Removes uploads that ended early, and files of more than a day that `named` does not know.
    /// `named` tells which of these are named by a row. How many were removed.
    ///
    /// A file is moved aside before it is looked at for the last time: whoever uploads the same
    /// content meanwhile puts a file of their own in its place.
    ///
    /// # Errors
    /// 503 where the folder cannot be read; what `named` says.
    pub fn sweep(&self, mut named: impl FnMut(&[Sha]) -> Result<Vec<Sha>>) -> Result<usize> {
        if !self.root.exists() {
            return Ok(0);
        }
        let now = self.now().map_err(|e| unusable().because(e))?;
        let mut removed = 0;
        for folder in entries(&self.root)? {
            let path = folder.path();
            if !path.is_dir() {
                continue;
            }
            let old = |entry: &DirEntry| is_old(&entry.path(), now);
            let entries: Vec<DirEntry> = entries(&path)?.into_iter().filter(old).collect();
            if path == self.incoming() {
                removed += entries.iter().filter(|entry| self.clear(entry)).count();
                continue;
            }
            let shas: Vec<Sha> = entries.iter().filter_map(sha_of).collect();
            for part in shas.chunks(500) {
                let kept = named(part)?;
                for sha in part.iter().filter(|sha| !kept.contains(*sha)) {
                    removed += usize::from(self.remove(sha, now, &mut named)?);
                }
            }
        }
        Ok(removed)
    }
    /// What was left on its way: an upload goes; a file that a sweep moved aside before it was
    /// cut off goes back, to be looked at again.
    fn clear(&self, entry: &DirEntry) -> bool {
        match sha_of(entry).map(|sha| self.place(&sha)) {
            Some(place) if !place.exists() => fs::rename(entry.path(), place).is_err(),
            _ => fs::remove_file(entry.path()).is_ok(),
        }
    }
    fn remove(
        &self,
        sha: &Sha,
        now: SystemTime,
        named: &mut impl FnMut(&[Sha]) -> Result<Vec<Sha>>,
    ) -> Result<bool> {
        let (place, aside) = (self.place(sha), self.incoming().join(text::hex(sha)));
        if fs::rename(&place, &aside).is_err() {
            return Ok(false);
        }
        let wanted = !is_old(&aside, now) || !named(&[*sha])?.is_empty();
        let done = if wanted { fs::rename(&aside, &place) } else { fs::remove_file(&aside) };
        done.map_err(|e| unusable().because(e))?;
        Ok(!wanted)
    }
    /// The folder's own idea of now, which is what ages of files are measured by: it may be on a
    /// machine of its own.
    fn now(&self) -> io::Result<SystemTime> {
        let probe = self.root.join("now");
        let file = File::create(&probe)?;
        file.set_len(1)?;
        let now = file.metadata()?.modified();
        drop(fs::remove_file(&probe));
        now
    }
}

fn entries(folder: &Path) -> Result<Vec<DirEntry>> {
    let read = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    read.map_err(|e| unusable().because(e))
}

fn sha_of(entry: &DirEntry) -> Option<Sha> {
    text::unhex(entry.file_name().to_str()?)
}

fn is_old(path: &Path, now: SystemTime) -> bool {
    let modified = fs::metadata(path).and_then(|meta| meta.modified());
    modified.is_ok_and(|then| now.duration_since(then).is_ok_and(|age| age > KEPT))
}
