//! Tables of funds: where money comes from, and who may spend it.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    bank_accounts (id) {
        id -> SqlId,
        name -> Text,
        currency -> Text,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    funds (id) {
        id -> SqlId,
        name -> Text,
        currency -> Text,
        restriction -> Text,
        purpose -> Text,
        fee_basis_points -> Integer,
        bank_account_id -> SqlId,
        status -> Text,
        version -> Integer,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    contributions (id) {
        id -> SqlId,
        fund_id -> SqlId,
        funder_id -> Nullable<SqlId>,
        funder_name -> Text,
        amount -> BigInt,
        fee -> BigInt,
        currency -> Text,
        received_on -> SqlDate,
        reference -> Text,
        recorded_by -> Nullable<SqlId>,
        entry_id -> SqlId,
        fee_entry_id -> Nullable<SqlId>,
        created_at -> SqlInstant,
        undone_by -> Nullable<SqlId>,
        undone_at -> Nullable<SqlInstant>,
        undone_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    bank_charges (id) {
        id -> SqlId,
        fund_id -> SqlId,
        bank_account_id -> SqlId,
        amount -> BigInt,
        currency -> Text,
        charged_on -> SqlDate,
        description -> Text,
        recorded_by -> Nullable<SqlId>,
        entry_id -> SqlId,
        created_at -> SqlInstant,
        undone_by -> Nullable<SqlId>,
        undone_at -> Nullable<SqlInstant>,
        undone_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    bank_transfers (id) {
        id -> SqlId,
        from_account_id -> SqlId,
        from_amount -> BigInt,
        from_currency -> Text,
        to_account_id -> SqlId,
        to_amount -> BigInt,
        to_currency -> Text,
        moved_on -> SqlDate,
        description -> Text,
        recorded_by -> Nullable<SqlId>,
        entry_id -> SqlId,
        created_at -> SqlInstant,
        undone_by -> Nullable<SqlId>,
        undone_at -> Nullable<SqlInstant>,
        undone_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    budgets (id) {
        id -> SqlId,
        fund_id -> SqlId,
        holder_id -> SqlId,
        name -> Text,
        currency -> Text,
        per_grant_cap -> Nullable<BigInt>,
        approval_threshold -> Nullable<BigInt>,
        expires_on -> Nullable<SqlDate>,
        agendas -> SqlDoc,
        status -> Text,
        version -> Integer,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    allocations (id) {
        id -> SqlId,
        budget_id -> SqlId,
        kind -> Text,
        amount -> BigInt,
        currency -> Text,
        note -> Text,
        entry_id -> SqlId,
        made_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    approvals (id) {
        id -> SqlId,
        subject_kind -> Text,
        subject_id -> SqlId,
        subject_hash -> Text,
        needed -> Integer,
        status -> Text,
        requested_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
        concluded_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    approval_votes (id) {
        id -> SqlId,
        approval_id -> SqlId,
        person_id -> SqlId,
        vote -> Text,
        reason -> Nullable<Text>,
        voted_at -> SqlInstant,
    }
}
