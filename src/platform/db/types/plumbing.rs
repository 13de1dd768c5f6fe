//! What diesel's derives would write, for types that cannot derive: they live in the kernel.

/// Lets a Rust type stand in a statement where the SQL type is wanted, by value or by reference,
/// nullable or not, and be read from a row. `[T: 'static]` are the type's own parameters.
#[doc(hidden)]
#[macro_export]
macro_rules! db_expression {
    ($st:ty, $rt:ty, [$($g:tt)*]) => {
        $crate::db_expression!(@as $st, $rt, [$($g)*]);
        $crate::db_expression!(@as $st, &'expr $rt, ['expr, $($g)*]);
        $crate::db_expression!(@as $st, &'other &'expr $rt, ['other, 'expr, $($g)*]);

        impl<$($g)* DB> diesel::serialize::ToSql<diesel::sql_types::Nullable<$st>, DB> for $rt
        where
            DB: diesel::backend::Backend,
            $rt: diesel::serialize::ToSql<$st, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<$st, DB>::to_sql(self, out)
            }
        }
        impl<$($g)* DB, ST> diesel::deserialize::Queryable<ST, DB> for $rt
        where
            DB: diesel::backend::Backend,
            ST: diesel::sql_types::SingleValue,
            $rt: diesel::deserialize::FromSql<ST, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> diesel::deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
    (@as $st:ty, $rt:ty, [$($g:tt)*]) => {
        $crate::db_expression!(@one $st, $rt, [$($g)*]);
        $crate::db_expression!(@one diesel::sql_types::Nullable<$st>, $rt, [$($g)*]);
    };
    (@one $st:ty, $rt:ty, [$($g:tt)*]) => {
        impl<$($g)*> diesel::expression::AsExpression<$st> for $rt {
            type Expression = diesel::internal::derives::as_expression::Bound<$st, Self>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
    };
}

/// Routes a Rust type through the database that is really there.
macro_rules! db_routed { ($st:ty, $rt:ty, [$($g:tt)*]) => {
    $crate::db_expression!($st, $rt, [$($g)*]);
    impl<$($g)*> diesel::serialize::ToSql<$st, $crate::platform::db::MultiBackend> for $rt {
        fn to_sql<'b>(
            &'b self,
            out: &mut diesel::serialize::Output<'b, '_, $crate::platform::db::MultiBackend>,
        ) -> diesel::serialize::Result {
            out.set_value((<$st>::default(), self));
            Ok(diesel::serialize::IsNull::No)
        }
    }
    impl<$($g)*> diesel::deserialize::FromSql<$st, $crate::platform::db::MultiBackend> for $rt {
        fn from_sql(
            value: $crate::platform::db::MultiRawValue<'_>,
        ) -> diesel::deserialize::Result<Self> {
            value.from_sql::<Self, $st>()
        }
    }
} }
