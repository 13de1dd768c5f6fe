//! Instants, dates, and the only clock.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A moment in UTC, to the microsecond (what both databases keep). RFC 3339 on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(jiff::Timestamp);

/// A calendar day (ISO 8601), in UTC where it is derived from an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Date(jiff::civil::Date);

impl Instant {
    /// From microseconds since 1970; `None` outside years −9999 to 9999.
    pub fn from_micros(us: i64) -> Option<Self> {
        jiff::Timestamp::from_microsecond(us).ok().map(Self)
    }
    /// Microseconds since 1970.
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }
    /// Whole seconds since 1970.
    pub fn as_seconds(self) -> i64 {
        self.0.as_second()
    }
    /// The day in UTC.
    pub fn date(self) -> Date {
        Date(self.0.to_zoned(jiff::tz::TimeZone::UTC).date())
    }
    /// The last day, in UTC, of what ends at this moment: at midnight that is the day before.
    pub fn last_day(self) -> Date {
        Self::from_micros(self.as_micros().saturating_sub(1)).unwrap_or(self).date()
    }
    /// The microsecond after.
    pub fn just_after(self) -> Self {
        Self::from_micros(self.as_micros().saturating_add(1)).unwrap_or(self)
    }
    /// Later by this many seconds (earlier when negative); stops at the ends of the calendar.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let us = self.as_micros().saturating_add(seconds.saturating_mul(1_000_000));
        Self::from_micros(us).unwrap_or(self)
    }
}
impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl std::str::FromStr for Instant {
    type Err = jiff::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let t: jiff::Timestamp = s.parse()?;
        jiff::Timestamp::from_microsecond(t.as_microsecond()).map(Self)
    }
}

impl Date {
    /// `None` where there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }
    /// Days since 1970-01-01.
    pub fn days_since_epoch(self) -> i32 {
        let epoch = jiff::civil::date(1970, 1, 1);
        self.0.since(epoch).map_or(0, |span| span.get_days())
    }
    /// The day this many days after 1970-01-01.
    pub fn from_days_since_epoch(days: i32) -> Option<Self> {
        let span = jiff::Span::new().try_days(days).ok()?;
        jiff::civil::date(1970, 1, 1).checked_add(span).ok().map(Self)
    }
    /// Later by this many days; stops at the ends of the calendar.
    pub fn plus_days(self, days: i32) -> Self {
        Self::from_days_since_epoch(self.days_since_epoch().saturating_add(days)).unwrap_or(self)
    }
    /// Later by this many months, kept inside the month (31 January + 1 = 28 or 29 February).
    pub fn plus_months(self, months: i32) -> Self {
        let span = jiff::Span::new().try_months(months);
        span.and_then(|s| self.0.checked_add(s)).map_or(self, Self)
    }
    /// The first day of its month.
    pub fn month(self) -> Self {
        Self(self.0.first_of_month())
    }
    /// The calendar year.
    pub fn year(self) -> i16 {
        self.0.year()
    }
    /// 00:00 UTC of this day.
    pub fn start(self) -> Instant {
        self.0
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_or(Instant(jiff::Timestamp::MIN), |z| Instant(z.timestamp()))
    }
}
impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl std::str::FromStr for Date {
    type Err = String;
    /// Only `YYYY-MM-DD`.
    fn from_str(s: &str) -> Result<Self, String> {
        let shape = s.len() == 10 && s.as_bytes()[4] == b'-' && s.as_bytes()[7] == b'-';
        if !shape {
            return Err("write the date as YYYY-MM-DD".into());
        }
        s.parse().map(Self).map_err(|_| format!("there is no day {s}; write YYYY-MM-DD"))
    }
}

impl<'de> Deserialize<'de> for Date {
    /// As strictly as from text: a time of day would be lost without a word.
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! string_schema {
    ($t:ty, $name:literal, $format:ident) => {
        impl utoipa::PartialSchema for $t {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::$format)))
                    .into()
            }
        }
        impl utoipa::ToSchema for $t {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    };
}
string_schema!(Instant, "Instant", DateTime);
string_schema!(Date, "Date", Date);

/// The only source of time. Clones share one clock.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }
    /// A clock that stands still until it is told to move.
    pub fn manual(start: Instant) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.as_micros()))))
    }
    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> Instant {
        let us = match &self.0 {
            Source::System => jiff::Timestamp::now().as_microsecond(),
            Source::Manual(us) => us.load(Ordering::SeqCst),
        };
        Instant::from_micros(us).expect("clocks stay between the years -9999 and 9999")
    }
    /// Moves a manual clock; the machine's own is left alone.
    pub fn advance_seconds(&self, seconds: i64) {
        if let Source::Manual(us) = &self.0 {
            us.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
        }
    }
    /// Sets a manual clock; the machine's own is left alone.
    pub fn set(&self, to: Instant) {
        if let Source::Manual(us) = &self.0 {
            us.store(to.as_micros(), Ordering::SeqCst);
        }
    }
}

/// Measures how long something takes; for logs and metrics only.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the one stopwatch, for logs and metrics")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }
    /// Time since the start.
    pub fn read(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}
