//! What is in the database: people, sealed fields, jobs, the ledger, backups.

use super::{Findings, Level};
use crate::attachments::{self, service::Stock};
use crate::exports::service as exports;
use crate::kernel::Result;
use crate::kernel::actor::{Role, Roles};
use crate::kernel::time::Instant;
use crate::ledger::service as ledger;
use crate::people;
use crate::platform::auth::keys::Keys;
use crate::platform::config::Config;
use crate::platform::db::backup::mark::{self, Mark};
use crate::platform::db::{Conn, meta};
use crate::platform::files::Files;
use crate::platform::jobs;
use crate::web::seen;

const DAY: i64 = 86_400;
/// Seconds that a job or an entry may wait before somebody should ask why.
const LATE: i64 = 300;

pub(super) fn look(
    conn: &mut Conn,
    config: &Config,
    now: Instant,
    keys: Option<&Keys>,
    to: &mut Findings,
) -> Result<()> {
    people(&people::service::staff(conn)?, config.auth.require_factor, to);
    sealed(conn, keys, to)?;
    queue(jobs::stats(conn, now)?, to);
    let lag = ledger::seal_lag(conn, now)?;
    if lag.seconds > LATE {
        let says =
            format!("{} entries wait for their seal, the oldest {} s.", lag.entries, lag.seconds);
        to.warn("ledger.seal", says, "See that a worker runs (almoner serve or almoner work).");
    } else {
        to.ok("ledger.seal", "The seals are up to date.");
    }
    check(exports::last_check(conn)?, now, to);
    backup(meta::get(conn, seen::BACKUP)?, now, to);
    restored(mark::standing(conn)?, to);
    files(attachments::service::stock(conn, &Files::of(config))?, to);
    Ok(())
}

fn files(stock: Stock, to: &mut Findings) {
    if stock.missing > 0 {
        let says = format!("The files of {} attachments are missing.", stock.missing);
        let remedy = "Put them back from a copy of the folder (files.folder): each is named by the \
                      SHA-256 of its content.";
        return to.error("files", says, remedy);
    }
    to.ok("files", format!("The files of all {} attachments are there.", stock.files));
}

fn people(staff: &[(Roles, bool)], required: bool, to: &mut Findings) {
    let count = |role: Role| staff.iter().filter(|(roles, _)| roles.has(role)).count();
    let paying = |(roles, _): &&(Roles, bool)| roles.has(Role::Finance) || roles.has(Role::Admin);
    let (admins, finance) = (count(Role::Admin), count(Role::Finance));
    let grant = "Run almoner admin grant-role, or let an admin grant the role.";
    if admins == 0 {
        let remedy = "Run almoner admin create --email … --name ….";
        to.error("people.admin", "There is no admin.", remedy);
    } else {
        to.ok("people.admin", format!("There are {admins} admins."));
    }
    match finance {
        0 => to.error("people.finance", "Nobody is of finance: nobody can verify or pay.", grant),
        _ if staff.iter().filter(paying).count() < 2 => {
            let says = "Only one person is of finance or admin: payments need two.";
            to.error("people.finance", says, grant);
        }
        1 => {
            let says = "Only one person is of finance: what they drafted or edited waits for an \
                        admin, and while they are away nobody pays.";
            to.warn("people.finance", says, grant);
        }
        _ => to.ok("people.finance", format!("{finance} people are of finance.")),
    }
    let without = |(roles, has): &&(Roles, bool)| !has && roles.iter().any(Role::needs_factor);
    let without = staff.iter().filter(without).count();
    if required && without > 0 {
        let says = format!("{without} people whose role needs a second factor have none.");
        to.warn("people.factor", says, "Tell them: at their next login they can only enrol one.");
    } else if required {
        to.ok("people.factor", "Everybody whose role needs a second factor has one.");
    }
}

fn sealed(conn: &mut Conn, keys: Option<&Keys>, to: &mut Findings) -> Result<()> {
    let uses = jobs::uses(conn)?;
    let known = keys.map(Keys::master_ids).unwrap_or_default();
    let lost = |u: &&jobs::Use| u.key.as_ref().is_some_and(|key| !known.contains(key));
    let lost: Vec<String> = uses
        .iter()
        .filter(lost)
        .map(|u| format!("{} ({} in {})", u.key.as_deref().unwrap_or("?"), u.fields, u.column))
        .collect();
    let spoilt = |u: &&jobs::Use| u.key.is_none() && u.column != "jobs.payload";
    let spoilt: i64 = uses.iter().filter(spoilt).map(|u| u.fields).sum();
    if !lost.is_empty() {
        let says =
            format!("Fields are sealed under keys that are not in the file: {}.", lost.join(", "));
        let remedy = "Put the key file back that has them; without it these fields stay closed.";
        to.error("sealed.keys", says, remedy);
    } else if spoilt > 0 {
        let says = format!("{spoilt} sealed fields are not in our format.");
        to.error("sealed.keys", says, "Somebody else wrote them: restore them from a backup.");
    } else {
        to.ok("sealed.keys", "Every key that sealed fields need is in the file.");
    }
    if let Some(keys) = keys.filter(|_| lost.is_empty()) {
        let outdated = jobs::outdated(conn, keys)?;
        if outdated > 0 {
            let says = format!("{outdated} sealed fields are under an old key.");
            let remedy = "A worker puts them under the active one within minutes; if none runs, \
                          start almoner serve or almoner work.";
            to.warn("sealed.rotation", says, remedy);
        }
    }
    Ok(())
}

fn queue(stats: jobs::Stats, to: &mut Findings) {
    if stats.dead > 0 {
        let says = format!("{} jobs were given up.", stats.dead);
        let remedy = "See GET /api/v1/jobs/dead for the reasons, remove them, and retry each.";
        to.warn("jobs.dead", says, remedy);
    } else {
        to.ok("jobs.dead", "No job was given up.");
    }
    if stats.oldest_seconds > LATE {
        let late = stats.oldest_seconds;
        let says = format!("{} jobs are due, the oldest for {late} seconds.", stats.ready);
        let remedy = "See that a worker runs (almoner serve without --no-worker, or almoner work).";
        to.error("jobs.due", says, remedy);
    } else {
        to.ok("jobs.due", format!("{} jobs are due, none for long.", stats.ready));
    }
}

fn check(last: Option<exports::Checked>, now: Instant, to: &mut Findings) {
    const CHECK: &str = "ledger.check";
    let run = "Run almoner check; a worker does so once a day.";
    match last {
        None => to.warn(CHECK, "The ledger was never checked.", run),
        Some(last) if !last.holds => {
            let first = last.first.unwrap_or_default();
            let says = format!("The ledger did not hold at {}: {first}.", last.at);
            let remedy = "Stop paying; run almoner check --against a seal that was kept, and \
                          compare with a backup.";
            to.error(CHECK, says, remedy);
        }
        Some(last) if now.as_seconds() - last.at.as_seconds() > 2 * DAY => {
            to.warn(CHECK, format!("The ledger was last checked at {}.", last.at), run);
        }
        Some(last) => to.ok(CHECK, format!("The ledger held at {}.", last.at)),
    }
}

fn backup(last: Option<String>, now: Instant, to: &mut Findings) {
    let remedy = "Run almoner backup each day, and keep the file elsewhere.";
    let last = last.and_then(|at| at.parse::<Instant>().ok());
    let Some(at) = last else {
        let says = "No backup by almoner backup is known of.";
        return to.bad("backup", Level::Warning, says, remedy);
    };
    if now.as_seconds() - at.as_seconds() > 2 * DAY {
        to.warn("backup", format!("The last backup is of {at}."), remedy);
    } else {
        to.ok("backup", format!("The last backup is of {at}."));
    }
}

fn restored(mark: Option<Mark>, to: &mut Findings) {
    let Some(mark) = mark else {
        return to.ok("backup.restored", "No payment is held because of a restore.");
    };
    let says = format!(
        "The database was put back at {} from a backup of {}: payments are held.",
        mark.put_back_at, mark.made_at
    );
    let remedy = "Compare with the bank's statements since the backup, note what the bank has paid \
                  already, then run almoner reconciled --yes (docs/OPERATIONS.md, After a \
                  restore).";
    to.warn("backup.restored", says, remedy);
}
