//! `almoner admin keys`: new keys, and an end to old ones.

use super::{Setup, say};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::auth::keys::Keys;
use crate::platform::jobs::{self, Use};
use std::time::UNIX_EPOCH;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make new keys for signing and sealing; the old ones stay for verifying and opening
    Rotate,
    /// Print the keys, and how much is sealed under each
    List,
    /// Forget an old key that nothing is sealed under any more
    Retire {
        /// Its id, as `list` prints it
        id: String,
    },
}

/// A rotation has to be older than this before a key is forgotten, in seconds: what was begun with
/// the key of before is over by then, on every machine.
const SETTLED: i64 = 600;

pub(super) fn run(setup: &Setup, command: &Command) -> Result<()> {
    match command {
        Command::Rotate => {
            let (signing, master) = Keys::rotate(&setup.env.config.keys_file())?;
            say(&format!("new keys: {signing} signs, {master} seals; the old ones still verify"));
            say("A worker puts what is sealed under the new one: see almoner admin keys list.");
            Ok(())
        }
        Command::List => list(setup),
        Command::Retire { id } => retire(setup, id),
    }
}

fn in_use(setup: &Setup) -> Result<Vec<Use>> {
    setup.database()?.read_now("keys.uses", jobs::uses)
}

fn list(setup: &Setup) -> Result<()> {
    let (keys, uses) = (&setup.env.keys, in_use(setup)?);
    let state = |place| if place == 0 { "active" } else { "old" };
    for (place, id) in keys.signing_ids().iter().enumerate() {
        say(&format!("{id}  signs  {}", state(place)));
    }
    for (place, id) in keys.master_ids().iter().enumerate() {
        let of: Vec<&Use> = uses.iter().filter(|u| u.key.as_ref() == Some(id)).collect();
        let sum: i64 = of.iter().map(|u| u.fields).sum();
        say(&format!("{id}  seals  {}  {sum} fields{}", state(place), places(&of)));
    }
    let known = keys.master_ids();
    for lost in uses.iter().filter(|u| !u.key.as_ref().is_some_and(|k| known.contains(k))) {
        let key = lost.key.as_deref().unwrap_or("no key that is told by its first bytes");
        say(&format!("{key}  is not in the file  {} fields ({})", lost.fields, lost.column));
    }
    Ok(())
}

fn places(of: &[&Use]) -> String {
    if of.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = of.iter().map(|u| format!("{}: {}", u.column, u.fields)).collect();
    format!(" ({})", parts.join(", "))
}

fn retire(setup: &Setup, id: &str) -> Result<()> {
    let path = setup.env.config.keys_file();
    let refuse = |detail: String| Err(Problem::new(Kind::WrongState, detail));
    let active = [setup.env.keys.active_master(), setup.env.keys.signing_ids().swap_remove(0)];
    if active.iter().any(|key| key == id) {
        return refuse(format!("{id} is active: rotate first."));
    }
    let keys = &setup.env.keys;
    if ![keys.master_ids(), keys.signing_ids()].concat().iter().any(|key| key == id) {
        return refuse(format!("there is no key {id}: almoner admin keys list prints them."));
    }
    let minutes = setup.env.config.auth.access_token_minutes;
    let wait = SETTLED.max(minutes * 60) - since_changed(setup)?;
    if wait > 0 {
        return refuse(format!(
            "The key file was changed a moment ago: what was made with the key of before may still \
             be on its way. Come back in {wait} seconds."
        ));
    }
    // Mails of before 0011 do not tell their key: as long as one waits, any key may be needed.
    let mut needed = in_use(setup)?;
    needed.retain(|u| u.key.as_deref() == Some(id) || u.column == "jobs.payload");
    if !needed.is_empty() {
        let needed: Vec<&Use> = needed.iter().collect();
        return refuse(format!(
            "{id} is in use{}: a worker (almoner serve or almoner work) puts them under the active \
             key, within minutes.",
            places(&needed)
        ));
    }
    Keys::retire(&path, id)?;
    say(&format!(
        "{id} is forgotten; backups of before still need it: keep the old file with them"
    ));
    Ok(())
}

/// How many seconds ago the key file was last changed, by the clock of its file system.
fn since_changed(setup: &Setup) -> Result<i64> {
    let changed = std::fs::metadata(setup.env.config.keys_file()).and_then(|m| m.modified());
    let changed = changed.map_err(Problem::internal)?;
    let since_epoch = changed.duration_since(UNIX_EPOCH).map_err(Problem::internal)?;
    let changed = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    Ok(setup.env.clock.now().as_seconds().saturating_sub(changed))
}
