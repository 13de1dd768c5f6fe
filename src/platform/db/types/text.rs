//! What is kept as text by its spelling.

use crate::kernel::money::Currency;

/// Keeps enums made by `text_enum!` (anything with `as_str` and `FromStr`) in `Text` columns:
/// `db_text!(OfferStatus, OfferReason);` at the top of a `store.rs`.
#[macro_export]
macro_rules! db_text {
    ($($t:ty),+ $(,)?) => { $( $crate::db_text!(@ $t, as_str); )+ };
    (@ $t:ty, $spelling:ident) => {
        $crate::db_expression!(diesel::sql_types::Text, $t, []);
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $t
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<diesel::sql_types::Text, DB>::to_sql(
                    self.$spelling(),
                    out,
                )
            }
        }
        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $t
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<
                    diesel::sql_types::Text,
                    DB,
                >>::from_sql(value)?;
                Ok(text.parse()?)
            }
        }
    };
}

db_text!(@ Currency, code);
