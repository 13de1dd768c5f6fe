//! Tables of payments: disbursements, payment batches, reports and checkpoints, imports.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    payment_batches (id) {
        id -> SqlId,
        bank_account_id -> SqlId,
        currency -> Text,
        total -> BigInt,
        payments -> Integer,
        status -> Text,
        file_sha256 -> Nullable<Text>,
        created_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    disbursements (id) {
        id -> SqlId,
        grant_id -> SqlId,
        tranche_id -> SqlId,
        payee_id -> SqlId,
        payee_version -> Integer,
        amount -> BigInt,
        currency -> Text,
        status -> Text,
        reference -> Text,
        drafted_by -> Nullable<SqlId>,
        approved_by -> Nullable<SqlId>,
        batch_id -> Nullable<SqlId>,
        status_reason -> Nullable<Text>,
        version -> Integer,
        created_at -> SqlInstant,
        instructed_at -> Nullable<SqlInstant>,
        settled_on -> Nullable<SqlDate>,
        double_of -> Nullable<SqlId>,
        double_confirmed_by -> Nullable<SqlId>,
        double_reason -> Nullable<Text>,
        fingerprint -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    payment_files (batch_id, sha256) {
        batch_id -> SqlId,
        sha256 -> Text,
        made_by -> Nullable<SqlId>,
        made_at -> SqlInstant,
        despite_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    attempts (id) {
        id -> SqlId,
        disbursement_id -> SqlId,
        number -> Integer,
        batch_id -> Nullable<SqlId>,
        bank_account_id -> SqlId,
        instructed_at -> SqlInstant,
        entry_id -> SqlId,
        outcome -> Nullable<Text>,
        outcome_on -> Nullable<SqlDate>,
        outcome_entry_id -> Nullable<SqlId>,
        reason -> Nullable<Text>,
        settled_on -> Nullable<SqlDate>,
        settled_entry_id -> Nullable<SqlId>,
        not_sent -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    reports (id) {
        id -> SqlId,
        grant_id -> SqlId,
        tranche_id -> Nullable<SqlId>,
        due_on -> SqlDate,
        status -> Text,
        body -> Text,
        author_id -> Nullable<SqlId>,
        submitted_at -> Nullable<SqlInstant>,
        decided_by -> Nullable<SqlId>,
        decided_at -> Nullable<SqlInstant>,
        feedback -> Nullable<Text>,
        version -> Integer,
        created_at -> SqlInstant,
        submitted_by -> Nullable<SqlId>,
        remind_on -> Nullable<SqlDate>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    checkpoints (id) {
        id -> SqlId,
        grant_id -> SqlId,
        tranche_id -> Nullable<SqlId>,
        due_on -> SqlDate,
        status -> Text,
        promised -> Text,
        seen -> Text,
        decision -> Nullable<Text>,
        reason -> Nullable<Text>,
        reported_by -> Nullable<SqlId>,
        decided_by -> Nullable<SqlId>,
        decided_at -> Nullable<SqlInstant>,
        version -> Integer,
        created_at -> SqlInstant,
        remind_on -> Nullable<SqlDate>,
        reported_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    import_rows (source, external_id) {
        source -> Text,
        external_id -> Text,
        grant_id -> SqlId,
        amount -> BigInt,
        imported_at -> SqlInstant,
    }
}

diesel::allow_columns_to_appear_in_same_group_by_clause!(
    attempts::bank_account_id,
    disbursements::currency,
);
