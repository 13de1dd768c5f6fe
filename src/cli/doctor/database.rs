//! The database: whether it answers, and whether it is what the program relies on.

use super::{Findings, words};
use crate::cli::{DENIED, is_denied};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::config::Config;
use crate::platform::db::Conn;
use crate::platform::db::health::{self, Engine, Health};

/// Seconds by which clocks may differ.
const SKEW: i64 = 10;
/// Seconds after which a transaction is taken for forgotten: exports are read for ten minutes at
/// the most, unless the configuration says longer.
const FORGOTTEN: i64 = 660;
/// PostgreSQL 14.
const OLDEST_POSTGRES: i64 = 140_000;

/// Looks; a connection where the schema is the one that this program knows.
pub(super) fn look(config: &Config, now: Instant, to: &mut Findings) -> Option<Conn> {
    let url = &config.database.url;
    if health::is_away(url) {
        let remedy = "If that is not meant, set database.url or data_dir to where the data is; \
                      almoner serve makes a new one.";
        to.warn("database", "There is no database yet.", remedy);
        return None;
    }
    let mut conn = match health::open(url) {
        Ok(conn) => conn,
        Err(problem) => {
            unreachable(&problem, to);
            return None;
        }
    };
    let health = match health::look(&mut conn) {
        Ok(health) => health,
        Err(problem) => {
            unreachable(&problem, to);
            return None;
        }
    };
    to.ok("database", "The database answers.");
    engine(config, &health.engine, now, to);
    schema(&health, to);
    let complete = health.pending.as_ref().is_ok_and(Vec::is_empty);
    // What is not there yet has neither guards nor rights.
    if complete {
        rights(&health.engine, to);
        guards(&health, to);
    }
    clock(&health, now, to);
    complete.then_some(conn)
}

fn unreachable(problem: &Problem, to: &mut Findings) {
    let remedy = "Check database.url, that the server runs and lets this user in (or, for SQLite, \
                  that the file is a database that this user may read).";
    to.error("database", format!("The database cannot be used: {}", words(problem)), remedy);
}

fn engine(config: &Config, engine: &Engine, now: Instant, to: &mut Findings) {
    match engine {
        Engine::Sqlite { version, journal, loose } => {
            sqlite(config, version, journal, loose, to);
        }
        Engine::Postgres { .. } => postgres(engine, now, to),
    }
}

fn sqlite(config: &Config, version: &str, journal: &str, loose: &[String], to: &mut Findings) {
    if journal == "wal" {
        match health::takes_settings(&config.database.url) {
            Ok(()) => to.ok(
                "database.settings",
                format!("SQLite {version} takes its settings: WAL, full sync, foreign keys."),
            ),
            Err(problem) => to.error(
                "database.settings",
                words(&problem),
                "Use the program as it is released: its own SQLite is built in.",
            ),
        }
    } else {
        let says = format!("The database is in journal mode {journal}, not in WAL.");
        let remedy = "Nothing else may open it with other settings; almoner serve puts it back \
                      into WAL when it starts.";
        to.error("database.settings", says, remedy);
    }
    if loose.is_empty() {
        to.ok("database.strict", "Every table keeps its types (STRICT).");
    } else {
        let says = format!("These tables are not STRICT: {}.", loose.join(", "));
        let remedy = "Somebody else made or replaced them: restore a backup, or remove them if \
                      they are not Almoner's.";
        to.error("database.strict", says, remedy);
    }
}

fn postgres(engine: &Engine, now: Instant, to: &mut Findings) {
    let Engine::Postgres {
        version,
        collation,
        collation_changed,
        unguarded,
        oldest_transaction,
        prepared,
        clock,
        ..
    } = engine
    else {
        return;
    };
    if *version < OLDEST_POSTGRES {
        let says = format!("PostgreSQL {} is too old.", version / 10_000);
        to.error("database.version", says, "Upgrade the server to 14 or newer.");
    } else {
        to.ok("database.version", format!("PostgreSQL {}, in UTF8.", version / 10_000));
    }
    if *collation_changed {
        let says =
            format!("The rules of sorting ({collation}) have changed since the database was made.");
        let remedy = "Run REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION.";
        to.error("database.collation", says, remedy);
    } else {
        to.ok("database.collation", format!("It sorts by {collation}, as when it was made."));
    }
    if *unguarded {
        let says = "session_replication_role is replica: triggers are off.";
        to.error("database.triggers", says, "Take that setting off the role and the database.");
    }
    forgotten(*oldest_transaction, *prepared, to);
    let ahead = clock.as_seconds() - now.as_seconds();
    if ahead.abs() > SKEW {
        let says = format!("The clock of the database server is {ahead} seconds from this one.");
        to.error("clock.database", says, "Set both clocks right (NTP).");
    } else {
        to.ok("clock.database", "The clock of the database server agrees with this one.");
    }
}

fn rights(engine: &Engine, to: &mut Findings) {
    let Engine::Postgres { role, may_change, may_not_add, may_not_read, .. } = engine else {
        return;
    };
    let (change, add, read) = (may_change, may_not_add, may_not_read);
    if change.is_empty() {
        to.ok(
            "database.role",
            format!("The role {role} cannot change what was posted or audited."),
        );
    } else {
        let says = format!("The role {role} could change or unguard {}.", change.join(", "));
        let remedy = "Let another role own the schema and run almoner migrate; give this one what \
                      docs/OPERATIONS.md lists.";
        to.warn("database.role", says, remedy);
    }
    if !add.is_empty() {
        let says = format!("The role {role} may not add to {}.", add.join(", "));
        let remedy = format!("Run GRANT SELECT, INSERT ON {} TO {role}.", add.join(", "));
        to.error("database.rights", says, remedy);
    }
    if !read.is_empty() {
        let says =
            format!("The role {role} may not read {}: almoner backup fails.", read.join(", "));
        let remedy = format!("Run GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}.");
        to.warn("database.rights", says, remedy);
    }
}

fn forgotten(oldest: i64, prepared: i64, to: &mut Findings) {
    if prepared > 0 {
        let says = format!("{prepared} prepared transactions wait to be ended, and hold locks.");
        let remedy = "See pg_prepared_xacts, and end each by COMMIT PREPARED or ROLLBACK PREPARED.";
        to.error("database.transactions", says, remedy);
    } else if oldest > FORGOTTEN {
        let says = format!("Somebody's transaction is open for {oldest} seconds.");
        let remedy = "See pg_stat_activity; if it is nobody's work, end it by \
                      pg_terminate_backend. (An export that is read slowly takes up to \
                      server.stream_timeout_seconds.)";
        to.warn("database.transactions", says, remedy);
    } else {
        to.ok("database.transactions", "No transaction was left open.");
    }
}

fn schema(health: &Health, to: &mut Findings) {
    match &health.pending {
        Ok(pending) if pending.is_empty() => to.ok("database.schema", "The schema is the newest."),
        Ok(pending) => {
            let says = format!("These migrations are not applied: {}.", pending.join(", "));
            to.error("database.schema", says, "Make a backup, then run almoner migrate.");
        }
        Err(why) => to.error("database.schema", why.as_str(), readable(why)),
    }
}

/// What to do where it cannot be told which migrations are applied.
fn readable(why: &str) -> &'static str {
    if is_denied(why) {
        DENIED
    } else if why.contains("start a newer almoner") {
        "Start the newer program."
    } else {
        "See in the server's log why it refused; if tables are gone or damaged, restore a backup."
    }
}

fn guards(health: &Health, to: &mut Findings) {
    if health.unguarded.is_empty() {
        to.ok("database.triggers", "Ledger, audit log and events only grow.");
        return;
    }
    let says =
        format!("These triggers are missing or switched off: {}.", health.unguarded.join(", "));
    let remedy = "Find out who did that; run almoner check --against a seal that was kept, and put \
                  the triggers back as in migrations/ (or ENABLE TRIGGER).";
    to.error("database.triggers", says, remedy);
}

fn clock(health: &Health, now: Instant, to: &mut Findings) {
    let Some(newest) = health.newest else { return };
    let ahead = newest.as_seconds() - now.as_seconds();
    if ahead > SKEW {
        let says = format!("The newest entry of the audit log was made {ahead} seconds from now.");
        let remedy = "The clock was set back, or was ahead: set it right (NTP), and wait until it \
                      has passed that moment.";
        to.error("clock", says, remedy);
    } else {
        to.ok("clock", "The clock has not gone back.");
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn forgotten_transactions_are_found() {
        for (oldest, prepared, level) in [
            (0, 0, Level::Ok),
            (660, 0, Level::Ok),
            (661, 0, Level::Warning),
            (0, 1, Level::Error),
            (900, 2, Level::Error),
        ] {
            let mut findings = Findings::default();
            forgotten(oldest, prepared, &mut findings);
            assert_eq!(findings.0[0].level, level, "{oldest} s, {prepared} prepared");
        }
    }
}
