//! Tables of the ledger: accounts with guarded balances, entries and postings that only grow.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    ledger_accounts (id) {
        id -> SqlId,
        key -> Text,
        code -> Text,
        currency -> Text,
        fund_id -> Nullable<SqlId>,
        budget_id -> Nullable<SqlId>,
        grant_id -> Nullable<SqlId>,
        bank_account_id -> Nullable<SqlId>,
        guarded -> Bool,
        balance -> BigInt,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    ledger_entries (id) {
        id -> SqlId,
        kind -> Text,
        effective_on -> SqlDate,
        recorded_at -> SqlInstant,
        memo -> Text,
        source_kind -> Text,
        source_id -> SqlId,
        person_id -> Nullable<SqlId>,
        reverses_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId};
    ledger_postings (id) {
        id -> SqlId,
        entry_id -> SqlId,
        line -> Integer,
        account_id -> SqlId,
        code -> Text,
        side -> Text,
        amount -> BigInt,
        currency -> Text,
        effective_on -> SqlDate,
        fund_id -> Nullable<SqlId>,
        budget_id -> Nullable<SqlId>,
        grant_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use crate::platform::db::types::SqlId;
    ledger_unsealed (entry_id) {
        entry_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    ledger_seals (seq) {
        seq -> BigInt,
        entry_id -> SqlId,
        hash -> Binary,
        sealed_at -> SqlInstant,
    }
}

diesel::allow_columns_to_appear_in_same_group_by_clause!(
    ledger_accounts::bank_account_id,
    ledger_postings::account_id,
    ledger_postings::code,
    ledger_postings::currency,
    ledger_postings::fund_id,
    ledger_postings::side,
);
