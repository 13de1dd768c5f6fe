//! Looking up what operators watch: a few indexed questions, every few seconds at most.

use crate::exports::service as exports;
use crate::kernel::Result;
use crate::kernel::time::Instant;
use crate::ledger::service as ledger;
use crate::platform::auth::keys::Keys;
use crate::platform::db::{Conn, meta};
use crate::platform::http::App;
use crate::platform::http::metrics::Figures;
use crate::platform::jobs;

/// The name under which the last backup is kept.
pub const BACKUP: &str = "backup.last";

/// The text of `/metrics`.
pub(super) async fn text(app: &App) -> String {
    let now = app.env.clock.now();
    if let Some(before) = app.metrics.due(now) {
        let keys = app.env.keys.clone();
        // How busy it is without this question.
        let load = app.db.load();
        let found = app.db.read("metrics", move |conn| look_up(conn, &keys, now)).await;
        // Without the database, what this process counted itself still tells something.
        let figures = found.unwrap_or(before);
        app.metrics.set(&Figures {
            db_in_use: load.in_use,
            db_idle: load.idle,
            db_waiting: load.waiting,
            writer_queue: load.writer_queue,
            ..figures
        });
    }
    app.metrics.text()
}

fn look_up(conn: &mut Conn, keys: &Keys, now: Instant) -> Result<Figures> {
    let queue = jobs::stats(conn, now)?;
    let lag = ledger::seal_lag(conn, now)?;
    let check = exports::last_check(conn)?;
    let backup = meta::get(conn, BACKUP)?.and_then(|at| at.parse::<Instant>().ok());
    Ok(Figures {
        jobs_due: queue.ready,
        jobs_scheduled: queue.scheduled,
        jobs_running: queue.running,
        jobs_dead: queue.dead,
        jobs_oldest_seconds: queue.oldest_seconds,
        mails_waiting: queue.mails,
        unsealed: lag.entries,
        unsealed_seconds: lag.seconds,
        check_holds: check.as_ref().map_or(-1, |c| i64::from(c.holds)),
        check_at: check.as_ref().map_or(0, |c| c.at.as_seconds()),
        check_ms: check.map_or(0, |c| i64::try_from(c.took_ms).unwrap_or(i64::MAX)),
        fields_outdated: jobs::outdated(conn, keys)?,
        backup_at: backup.map_or(0, Instant::as_seconds),
        looked_up_at: now.as_seconds(),
        ..Figures::default()
    })
}
