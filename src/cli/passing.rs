//! What a command needs on its way only: gone when it ends, also by a signal; and what a command
//! left behind that was killed, swept by the next.

use super::Setup;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::{Result, text};
use crate::platform::auth::random;
use crate::platform::config::create_private_dir;
use crate::web;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// Files elsewhere that go with the command.
type Parts = Arc<Mutex<Vec<PathBuf>>>;

/// A folder for what only its owner may read. Who made it holds its lock, so that nobody sweeps
/// it meanwhile.
pub(super) struct Passing {
    folder: PathBuf,
    parts: Parts,
    _lock: File,
}

impl Passing {
    /// Makes one in the data folder, after sweeping those that nobody holds any more.
    pub(super) fn new(setup: &Setup) -> Result<Self> {
        let all = setup.env.config.data_dir.join("passing");
        let unmade = |why: String| {
            let detail = format!("{} cannot be used.", all.display());
            Problem::new(Kind::Unavailable, detail).because(why)
        };
        let folder = all.join(text::hex(&random::<8>()));
        create_private_dir(&all).map_err(unmade)?;
        // One at a time, or one would sweep what another has made and not locked yet.
        let gate = locked(&all).map_err(|e| unmade(e.to_string()))?;
        sweep(&all);
        let parts = Parts::default();
        clear_when_stopped(folder.clone(), parts.clone());
        create_private_dir(&folder).map_err(unmade)?;
        let lock = locked(&folder).map_err(|e| unmade(e.to_string()))?;
        drop(gate);
        Ok(Self { folder, parts, _lock: lock })
    }
    /// A file in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
    /// A name beside `whole` for what is not whole yet, of this command alone: what is left under
    /// it goes when the command ends.
    pub(super) fn beside(&self, whole: &Path) -> PathBuf {
        let tag = text::hex(&random::<8>());
        let part = whole.with_added_extension(format!("{tag}.part"));
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(part.clone());
        part
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        clear(&self.folder, &self.parts);
    }
}

fn clear(folder: &Path, parts: &Parts) {
    drop(fs::remove_dir_all(folder));
    for part in parts.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        // Not there any more where all went well.
        drop(fs::remove_file(part));
    }
}

fn locked(folder: &Path) -> io::Result<File> {
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// Removes the folders whose makers are gone.
fn sweep(all: &Path) {
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let folder = entry.path();
        let held = File::open(folder.join("lock")).is_ok_and(|lock| lock.try_lock().is_err());
        if folder.is_dir() && !held {
            drop(fs::remove_dir_all(&folder));
        }
    }
}

/// A signal ends the command as ever, but only once folder and parts are gone.
fn clear_when_stopped(folder: PathBuf, parts: Parts) {
    const INTERRUPTED: i32 = 130;
    let (ready, listens) = mpsc::channel();
    std::thread::spawn(move || {
        let heard = || {
            let _ = ready.send(());
        };
        if web::until_stopped(heard).is_ok() {
            clear(&folder, &parts);
            std::process::exit(INTERRUPTED);
        }
    });
    // An error says that no signal can be heard: then they end the command as ever.
    let _ = listens.recv();
}
