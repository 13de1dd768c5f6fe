//! JSON documents: `jsonb`, or text.

use super::SqlDoc;
use crate::platform::db::errors::NulInText;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Jsonb, Text};
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON document in a column. What is stored equals what was given, except that PostgreSQL
/// writes numbers its own way: keep to text, whole numbers, and decimals of at most 15 digits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Doc(pub Value);

db_routed!(SqlDoc, Doc, []);

/// `jsonb` cannot hold NUL; SQLite would, so refuse it on both.
fn check(value: &Value) -> Result<(), NulInText> {
    let text = |s: &str| if s.contains('\0') { Err(NulInText) } else { Ok(()) };
    match value {
        Value::String(s) => text(s),
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(fields) => fields.iter().try_for_each(|(k, v)| text(k).and(check(v))),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

impl ToSql<SqlDoc, Pg> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        check(&self.0)?;
        ToSql::<Jsonb, Pg>::to_sql(&self.0, &mut out.reborrow())
    }
}
impl FromSql<SqlDoc, Pg> for Doc {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <Value as FromSql<Jsonb, Pg>>::from_sql(value).map(Self)
    }
}
impl ToSql<SqlDoc, Sqlite> for Doc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        check(&self.0)?;
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}
impl FromSql<SqlDoc, Sqlite> for Doc {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}
