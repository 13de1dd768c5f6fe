//! Counters for Prometheus.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// One series of requests: by method, route template and status.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Request {
    method: String,
    route: String,
    status: u16,
}

/// One series of latencies: by method and route template.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Route {
    method: String,
    route: String,
}

/// All counters of the process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    /// Requests being answered.
    pub in_flight: Gauge,
    /// Jobs that are due, as last counted.
    pub jobs_due: Gauge,
    /// How long the oldest of them waits, as last counted.
    pub jobs_oldest_seconds: Gauge,
    /// Jobs that gave up, as last counted.
    pub jobs_dead: Gauge,
    /// Entries not yet sealed, as last counted.
    pub unsealed: Gauge,
}

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("almoner");
        let requests = Family::<Request, Counter>::default();
        let seconds = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let (in_flight, jobs_due) = (Gauge::default(), Gauge::default());
        let (jobs_oldest_seconds, jobs_dead) = (Gauge::default(), Gauge::default());
        let unsealed = Gauge::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "http_duration",
            "Time to answer",
            Unit::Seconds,
            seconds.clone(),
        );
        registry.register("http_in_flight", "Requests being answered", in_flight.clone());
        registry.register("jobs_due", "Jobs that are due", jobs_due.clone());
        registry.register_with_unit(
            "jobs_oldest",
            "How long the oldest due job waits",
            Unit::Seconds,
            jobs_oldest_seconds.clone(),
        );
        registry.register("jobs_dead", "Jobs that gave up", jobs_dead.clone());
        registry.register("ledger_unsealed", "Entries not yet sealed", unsealed.clone());
        Self {
            registry,
            requests,
            seconds,
            in_flight,
            jobs_due,
            jobs_oldest_seconds,
            jobs_dead,
            unsealed,
        }
    }
}

impl Metrics {
    /// Counts one answered request.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let series = Request { method: method.clone(), route: route.clone(), status };
        self.requests.get_or_create(&series).inc();
        self.seconds.get_or_create(&Route { method, route }).observe(took.as_secs_f64());
    }
    /// All counters in the OpenMetrics text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _written = encode(&mut text, &self.registry);
        text
    }
}
