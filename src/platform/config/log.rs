//! Logs: to standard error, UTC, as JSON or for people.

use super::{Log, LogFormat};
use crate::kernel::time::Clock;
use crate::platform::panics;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// The service's own clock as the logs' time.
struct Utc(Clock);

impl FormatTime for Utc {
    fn format_time(&self, w: &mut Writer<'_>) -> std::fmt::Result {
        write!(w, "{}", self.0.now())
    }
}

/// Starts logging for this process; what panics is a line of the log as well. A second call changes
/// nothing and says so. A line that cannot be written (a full disk, a reader who has gone) is lost,
/// and the work goes on.
///
/// # Errors
/// When the level cannot be read, or logging runs already.
pub fn init(log: &Log, clock: &Clock) -> Result<(), String> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| format!("log.level: {e}"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(Utc(clock.clone()))
        // It would tell of a log that cannot be written in the log, and panic over that.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let result = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).try_init(),
        LogFormat::Text => lines.with_ansi(false).try_init(),
    };
    result.map_err(|e| e.to_string())?;
    panics::tell();
    Ok(())
}
