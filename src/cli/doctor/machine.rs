//! What is on this machine: folder, keys, disk, addresses, mail.

use super::{Findings, Level};
use crate::platform::auth::keys::Keys;
use crate::platform::config::{Config, MailTransport};
use crate::platform::db::health;
use crate::platform::mail::{Mailer, Unsent};
use rustix::fs::{Access, access, statvfs};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const MIB: u64 = 1 << 20;
/// What to do about what this user may not even look at.
const LOCKED: &str = "Run the doctor as the user that the service runs as, with its settings.";

pub(super) fn look(config: &Config, to: &mut Findings) {
    folder(&config.data_dir, to);
    if let Some(file) = health::file(&config.database.url).filter(|f| f.exists()) {
        private("database.mode", "The database file", &file, to);
    }
    secret("database.url_file", &config.database.url_file, to);
    secret("mail.smtp.password_file", &config.mail.smtp.password_file, to);
    disk(&config.data_dir, to);
    addresses(config, to);
}

fn mode(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|m| m.permissions().mode() & 0o777)
}

fn folder(dir: &Path, to: &mut Findings) {
    const CHECK: &str = "data_dir";
    let at = dir.display();
    match dir.try_exists() {
        Ok(true) => {}
        Ok(false) => {
            let remedy = "If that is not meant, set data_dir to where the data is; almoner serve \
                          makes it at the first start.";
            return to.warn(CHECK, format!("The data folder {at} is not there yet."), remedy);
        }
        Err(e) => {
            let says = format!("The data folder {at} cannot be looked at: {e}.");
            return to.error(CHECK, says, LOCKED);
        }
    }
    if !dir.is_dir() {
        let says = format!("The data folder {at} is no folder.");
        return to.error(CHECK, says, "Set data_dir to a folder.");
    }
    let open = mode(dir).unwrap_or(0);
    if open & 0o002 != 0 {
        let says = format!("Everybody may write to the data folder {at} (mode {open:o}).");
        return to.error(CHECK, says, format!("Run chmod 700 {at}."));
    }
    if access(dir, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let says = format!("The data folder {at} cannot be written to by this user.");
        let remedy = "Give it to the user that the service runs as (chown), or run the doctor as \
                      that user; if the disk is mounted read-only, see why.";
        return to.error(CHECK, says, remedy);
    }
    if open & 0o020 != 0 {
        let says = format!("A group may write to the data folder {at} (mode {open:o}).");
        return to.warn(CHECK, says, format!("Run chmod 700 {at}."));
    }
    to.ok(CHECK, format!("The data folder {at} can be written to."));
}

fn private(check: &'static str, what: &str, path: &Path, to: &mut Findings) {
    let open = mode(path).unwrap_or(0);
    let at = path.display();
    if open & 0o077 != 0 {
        let says = format!("{what} {at} is open to others (mode {open:o}).");
        to.error(check, says, format!("Run chmod 600 {at}."));
    } else {
        to.ok(check, format!("{what} {at} is its owner's alone."));
    }
}

/// A file of a secret that is a setting. A group's right to read is taken for meant: the service
/// may get it by that.
fn secret(check: &'static str, path: &Path, to: &mut Findings) {
    let Some(open) = mode(path) else { return };
    let at = path.display();
    if open & 0o007 != 0 {
        let says = format!("The secret in {at} is open to everybody (mode {open:o}).");
        to.warn(check, says, format!("Run chmod o= {at}."));
    } else {
        to.ok(check, format!("The secret in {at} is not open to everybody."));
    }
}

fn disk(dir: &Path, to: &mut Findings) {
    let Some(there) = dir.ancestors().find(|p| p.exists()) else { return };
    let Ok(room) = statvfs(there) else { return };
    let (free, whole) = (room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize);
    let says = format!("{} MiB of {} are free at {}.", free / MIB, whole / MIB, there.display());
    match fullness(free, whole) {
        Level::Ok => to.ok("disk", says),
        level => {
            let remedy = "Make room, or move the data folder to a larger disk: without room \
                          nothing can be written, and writes are refused (507).";
            to.bad("disk", level, says, remedy);
        }
    }
}

/// An error below 100 MiB, a warning below a GiB or a twentieth.
fn fullness(free: u64, whole: u64) -> Level {
    if free < 100 * MIB {
        Level::Error
    } else if free < 1024 * MIB || free < whole / 20 {
        Level::Warning
    } else {
        Level::Ok
    }
}

fn addresses(config: &Config, to: &mut Findings) {
    const CHECK: &str = "server.base_url";
    let (url, bind) = (config.base_url(), config.server.bind);
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    let here = ["localhost", "127.", "[::1]"].iter().any(|h| host.starts_with(h));
    let open = !bind.ip().is_loopback();
    let set = "Set server.base_url to the https:// address that people use, and let a proxy with a \
               certificate stand before the service.";
    if url.starts_with("https://") {
        to.ok(CHECK, format!("People reach the service at {url}."));
    } else if here && open {
        let says = format!(
            "It listens on {bind} for others, but links in mails lead to {url}, which is the \
             reader's own machine."
        );
        to.error(CHECK, says, set);
    } else if here {
        to.ok(CHECK, format!("Only this machine reaches the service, at {url}."));
    } else {
        let says = format!("People reach the service at {url}: passwords travel in the clear.");
        to.error(CHECK, says, set);
    }
    if !config.auth.require_factor && (open || !here) {
        let says = "Nobody has to have a second factor (auth.require_factor is false).";
        to.warn("auth.require_factor", says, "Set it to true: false is for trying things out.");
    }
}

/// The key file; none where it cannot be used.
pub(super) fn keys(config: &Config, to: &mut Findings) -> Option<Keys> {
    const CHECK: &str = "keys";
    let path = config.keys_file();
    let at = path.display();
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => {
            let remedy = "On a new deployment almoner serve makes it; on one with data, put the \
                          file back from where it is kept: without it nothing sealed can be \
                          opened.";
            to.warn(CHECK, format!("The key file {at} is not there."), remedy);
            return None;
        }
        Err(e) => {
            to.error(CHECK, format!("The key file {at} cannot be looked at: {e}."), LOCKED);
            return None;
        }
    }
    private("keys.mode", "The key file", &path, to);
    match Keys::load(&path, false) {
        Ok(keys) => {
            to.ok(CHECK, format!("{} key sets are in {at}.", keys.master_ids().len()));
            Some(keys)
        }
        // The mode is told already.
        Err(_) if mode(&path).is_some_and(|m| m & 0o077 != 0) => None,
        Err(e) => {
            let why = e.0.join("; ");
            let remedy = "Put the file back from where a copy is kept; make no new one, or what is \
                          sealed stays closed.";
            to.error(CHECK, format!("The key file cannot be used: {why}."), remedy);
            None
        }
    }
}

pub(super) fn mail(config: &Config, to: &mut Findings) {
    const CHECK: &str = "mail";
    match config.mail.transport {
        MailTransport::Off => {
            let says = "Mails are dropped (mail.transport is off): nobody can confirm an address.";
            return to.warn(CHECK, says, "Set mail.transport to smtp.");
        }
        MailTransport::Folder => {
            let at = config.mail_folder();
            let says = format!("Mails are files in {}: nobody receives them.", at.display());
            let remedy = "Set mail.transport to smtp, unless this is for trying things out.";
            return to.warn(CHECK, says, remedy);
        }
        MailTransport::Smtp => {}
    }
    let (host, port) = (&config.mail.smtp.host, config.mail.smtp.port);
    let reached = Mailer::new(config).map_err(|e| e.0.join("; "));
    let reached = reached.and_then(|mailer| {
        mailer.probe().map_err(|unsent| match unsent {
            Unsent::Later(why) | Unsent::Never(why) => why,
        })
    });
    match reached {
        Ok(()) => to.ok(CHECK, format!("The mail server {host}:{port} lets us in.")),
        Err(why) => {
            let says = format!("The mail server {host}:{port} does not let us in: {why}.");
            let remedy = "Check mail.smtp.host, port, security, username and password_file, and \
                          whether a firewall is in between; mails wait meanwhile.";
            to.error(CHECK, says, remedy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_full_before_it_is_full() {
        for (free, whole, level) in [
            (99, 10_000, Level::Error),
            (0, 0, Level::Error),
            (1000, 2000, Level::Warning),
            (40_000, 1_000_000, Level::Warning),
            (2000, 20_000, Level::Ok),
        ] {
            assert_eq!(fullness(free * MIB, whole * MIB), level, "{free} of {whole}");
        }
    }
}
