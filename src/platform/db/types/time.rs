//! Instants and dates.

use super::{SqlDate, SqlInstant};
use crate::kernel::time::{Date, Instant};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::data_types::{PgDate, PgTimestamp};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Integer, Timestamptz};
use diesel::sqlite::Sqlite;

/// PostgreSQL counts from 2000-01-01 UTC: microseconds and days since 1970.
const PG_EPOCH_MICROS: i64 = 946_684_800_000_000;
const PG_EPOCH_DAYS: i32 = 10_957;

db_routed!(SqlInstant, Instant, []);
db_routed!(SqlDate, Date, []);

fn instant(micros: Option<i64>) -> deserialize::Result<Instant> {
    micros.and_then(Instant::from_micros).ok_or_else(|| "the instant is out of range".into())
}
fn date(days: Option<i32>) -> deserialize::Result<Date> {
    days.and_then(Date::from_days_since_epoch).ok_or_else(|| "the date is out of range".into())
}

impl ToSql<SqlInstant, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = PgTimestamp(self.as_micros() - PG_EPOCH_MICROS);
        ToSql::<Timestamptz, Pg>::to_sql(&micros, &mut out.reborrow())
    }
}
impl FromSql<SqlInstant, Pg> for Instant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <PgTimestamp as FromSql<Timestamptz, Pg>>::from_sql(value)?;
        instant(micros.0.checked_add(PG_EPOCH_MICROS))
    }
}
impl ToSql<SqlInstant, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_micros());
        Ok(IsNull::No)
    }
}
impl FromSql<SqlInstant, Sqlite> for Instant {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        instant(Some(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?))
    }
}

impl ToSql<SqlDate, Pg> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = PgDate(self.days_since_epoch() - PG_EPOCH_DAYS);
        ToSql::<diesel::sql_types::Date, Pg>::to_sql(&days, &mut out.reborrow())
    }
}
impl FromSql<SqlDate, Pg> for Date {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = <PgDate as FromSql<diesel::sql_types::Date, Pg>>::from_sql(value)?;
        date(days.0.checked_add(PG_EPOCH_DAYS))
    }
}
impl ToSql<SqlDate, Sqlite> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.days_since_epoch());
        Ok(IsNull::No)
    }
}
impl FromSql<SqlDate, Sqlite> for Date {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        date(Some(<i32 as FromSql<Integer, Sqlite>>::from_sql(value)?))
    }
}
