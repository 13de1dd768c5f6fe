//! Figures for Prometheus.

use crate::kernel::time::Instant;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One series of requests: by method, route template and status.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Request {
    method: &'static str,
    route: String,
    status: u16,
    class: &'static str,
}

/// One series of latencies: by method, route template and class of status.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Route {
    method: &'static str,
    route: String,
    class: &'static str,
}

macro_rules! gauges { ($( $name:ident = $metric:literal, $help:literal; )*) => {
    /// Figures that are looked up now and then, by name. Each is a gauge.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub struct Figures { $( #[doc = $help] pub $name: i64, )* }

    #[derive(Default)]
    struct Gauges { $( $name: Gauge, )* }

    impl Gauges {
        fn register(&self, registry: &mut Registry) {
            $( registry.register($metric, $help, self.$name.clone()); )*
        }
        fn set(&self, figures: &Figures) {
            $( self.$name.set(figures.$name); )*
        }
    }
} }

gauges! {
    db_in_use = "db_connections_in_use", "Connections to the database that somebody works with";
    db_idle = "db_connections_idle", "Connections to the database that wait for work";
    db_waiting = "db_waiting", "Threads that wait for a connection to the database";
    writer_queue = "db_writer_queue", "Writes that wait for the writer of SQLite";
    jobs_due = "jobs_due", "Jobs that are due";
    jobs_scheduled = "jobs_scheduled", "Jobs that wait for a later time";
    jobs_running = "jobs_running", "Jobs in the hands of a worker";
    jobs_dead = "jobs_dead", "Jobs that gave up";
    jobs_oldest_seconds = "jobs_oldest_seconds", "How long the oldest due job waits";
    mails_waiting = "mails_waiting", "Mails that have not left";
    unsealed = "ledger_unsealed", "Entries not yet sealed";
    unsealed_seconds = "ledger_unsealed_seconds", "How long the oldest entry waits for its seal";
    check_holds = "ledger_check_holds",
        "The last check of the ledger: 1 all holds, 0 something does not, -1 there was none";
    check_at = "ledger_check_timestamp_seconds", "When the last check of the ledger began";
    check_ms = "ledger_check_duration_milliseconds", "How long the last check took";
    fields_outdated = "sealed_fields_outdated", "Sealed fields that are not under the active key";
    backup_at = "backup_timestamp_seconds", "When almoner backup last ended well; 0 if never";
    looked_up_at = "figures_timestamp_seconds", "When the figures from the database were looked up";
}

/// All figures of the process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    /// Requests being answered.
    pub in_flight: Gauge,
    memory: Gauge,
    descriptors: Gauge,
    gauges: Gauges,
    looked_up: Mutex<(Option<Instant>, Figures)>,
}

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Seconds for which figures are not looked up again.
pub const FRESH_SECONDS: i64 = 5;

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let (memory, descriptors) = (Gauge::default(), Gauge::default());
        let help = "Memory that the process has in use";
        registry.register("process_resident_memory_bytes", help, memory.clone());
        let help = "Files and sockets that the process has open";
        registry.register("process_open_fds", help, descriptors.clone());
        let ours = registry.sub_registry_with_prefix("almoner");
        let requests = Family::<Request, Counter>::default();
        let seconds = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let in_flight = Gauge::default();
        ours.register("http_requests", "Requests answered", requests.clone());
        ours.register("http_duration_seconds", "Time to answer", seconds.clone());
        ours.register("http_in_flight", "Requests being answered", in_flight.clone());
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "Which program this is", version);
        let gauges = Gauges::default();
        gauges.register(ours);
        let looked_up = Mutex::default();
        Self { registry, requests, seconds, in_flight, memory, descriptors, gauges, looked_up }
    }
}

impl Metrics {
    /// Counts one answered request.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, class, route) = (known(method), class(status), route.to_owned());
        let series = Request { method, route: route.clone(), status, class };
        self.requests.get_or_create(&series).inc();
        self.seconds.get_or_create(&Route { method, route, class }).observe(took.as_secs_f64());
    }
    /// The figures as they were, if they are to be looked up again: they are old, or the clock was
    /// set back. Of several who ask at once, one is told so.
    pub fn due(&self, now: Instant) -> Option<Figures> {
        let mut last = self.looked_up.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |at: Instant| at <= now && now < at.plus_seconds(FRESH_SECONDS);
        if last.0.is_some_and(fresh) {
            return None;
        }
        last.0 = Some(now);
        Some(last.1)
    }
    /// Figures as they were looked up.
    pub fn set(&self, figures: &Figures) {
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner).1 = *figures;
        self.gauges.set(figures);
    }
    /// All of it in the OpenMetrics text format, with what the process takes at this moment.
    pub fn text(&self) -> String {
        self.memory.set(memory().unwrap_or(0));
        self.descriptors.set(descriptors().unwrap_or(0));
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _written = encode(&mut text, &self.registry);
        text
    }
}

/// Whoever sends requests makes up methods: the unknown ones are one series, not a series each.
fn known(method: &str) -> &'static str {
    const KNOWN: [&str; 8] =
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT"];
    KNOWN.into_iter().find(|m| *m == method).unwrap_or("other")
}

fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// What the kernel says, in bytes; none where there is no `/proc`.
fn memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().trim_end_matches("kB").trim_end().parse().ok()?;
    Some(kib * 1024)
}

fn descriptors() -> Option<i64> {
    let open = std::fs::read_dir("/proc/self/fd").ok()?.count();
    // One of them is the folder itself.
    i64::try_from(open.saturating_sub(1)).ok()
}
