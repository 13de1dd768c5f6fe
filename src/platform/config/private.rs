//! Folders and files that are their owner's alone.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Makes `dir` and what leads to it; what is new gets mode 0700. A folder that is there already
/// keeps its mode, but one that everybody may write to is refused: whoever can write there can
/// put keys of their own in place. Errors are sentences that name the folder.
pub fn create_private_dir(dir: &Path) -> Result<(), String> {
    let fail = |what: &str, e: std::io::Error| format!("{what} {}: {e}", dir.display());
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(dir).map_err(|e| fail("cannot make the folder", e))?;
        let mode =
            std::fs::metadata(dir).map_err(|e| fail("cannot look at", e))?.permissions().mode();
        if mode & 0o002 != 0 {
            let at = dir.display();
            return Err(format!("everybody may write to the folder {at}: run chmod 700 {at}"));
        }
    }
    #[cfg(not(unix))]
    std::fs::create_dir_all(dir).map_err(|e| fail("cannot make the folder", e))?;
    Ok(())
}

/// Makes a file that was not there, which only its owner reads and writes.
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Refuses a file of secrets that others may get at, in words for whoever owns it.
pub fn refuse_shared(meta: &Metadata) -> Result<(), String> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&meta.permissions());
        if mode & 0o077 != 0 {
            return Err(format!("others may get at it (mode {:o}): chmod 600", mode & 0o777));
        }
    }
    Ok(())
}
