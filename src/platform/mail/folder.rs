//! Mail kept as files, for demonstrations and tests. They hold links that let people in, so only
//! the owner may read them.

use crate::kernel::ids::JobId;
use std::fs::{DirBuilder, OpenOptions, rename};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Writes `<id>.eml`: whole or not at all, and once however often it is repeated.
pub(super) fn write(folder: &Path, id: JobId, message: &[u8]) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let unfinished = folder.join(format!(".{id}.tmp"));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(message)?;
    file.sync_all()?;
    rename(unfinished, folder.join(format!("{id}.eml")))
}
