//! The key file: made once, replaced whole, never half-written and never open to others.

use super::Material;
use crate::kernel::text;
use crate::platform::config::{private_file, refuse_shared};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Tells one version of the file from another: when it was written, which inode, how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(i64, i64, u64, u64);

impl Stamp {
    pub(super) fn of(path: &Path) -> Result<Self, String> {
        fs::metadata(path).map(|m| Self::from(&m)).map_err(|e| e.to_string())
    }
    #[cfg(unix)]
    fn from(meta: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(meta.mtime(), meta.mtime_nsec(), meta.ino(), meta.len())
    }
    #[cfg(not(unix))]
    fn from(meta: &fs::Metadata) -> Self {
        Self(0, 0, 0, meta.len())
    }
}

pub(super) fn read(path: &Path) -> Result<(Material, Stamp), String> {
    let mut file = File::open(path).map_err(|e| format!("cannot open it: {e}"))?;
    let meta = file.metadata().map_err(|e| e.to_string())?;
    refuse_shared(&meta).map_err(|e| format!("{e} {}", path.display()))?;
    let mut json = Zeroizing::new(String::new());
    file.read_to_string(&mut json).map_err(|e| format!("cannot read it: {e}"))?;
    let material: Material = serde_json::from_str(&json)
        .map_err(|e| format!("damaged at line {}, column {}", e.line(), e.column()))?;
    material.check()?;
    Ok((material, Stamp::from(&meta)))
}

/// Makes the file unless there is one. Two processes that start at once end with the same file.
pub(super) fn create(path: &Path, material: &Material) -> Result<(), String> {
    if path.exists() {
        return Ok(());
    }
    let temporary = write_beside(path, material)?;
    // A hard link is made whole or not at all, and never over a file that is there.
    let linked = fs::hard_link(&temporary, path);
    let _ = fs::remove_file(&temporary);
    match linked {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(format!("cannot make it: {e}"))
        }
        _ => sync_folder(path),
    }
}

/// Replaces the file by a changed version, one process at a time.
pub(super) fn change(
    path: &Path,
    change: impl FnOnce(Material) -> Result<Material, String>,
) -> Result<Material, String> {
    let at = path.with_extension("lock");
    let lock = match private_file(&at) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => File::open(&at),
        made => made,
    };
    let lock = lock.map_err(|e| format!("cannot make the lock file: {e}"))?;
    lock.lock().map_err(|e| format!("cannot lock: {e}"))?;
    let (material, _) = read(path)?;
    let material = change(material)?;
    let temporary = write_beside(path, &material)?;
    fs::rename(&temporary, path).map_err(|e| format!("cannot replace it: {e}"))?;
    sync_folder(path)?;
    Ok(material)
}

fn write_beside(path: &Path, material: &Material) -> Result<PathBuf, String> {
    let tag = text::hex(&super::random::<6>());
    let temporary = path.with_extension(format!("{tag}.new"));
    let json = serde_json::to_vec_pretty(material).map_err(|e| e.to_string())?;
    let json = Zeroizing::new(json);
    let write = || {
        let mut file = private_file(&temporary)?;
        file.write_all(&json)?;
        file.sync_all()
    };
    write().map_err(|e| format!("cannot write beside it: {e}"))?;
    Ok(temporary)
}

fn sync_folder(path: &Path) -> Result<(), String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| format!("cannot sync: {e}"))
}
