//! Tables of people: people, their sessions and their tokens.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    people (id) {
        id -> SqlId,
        email -> Text,
        name -> Text,
        search -> Text,
        password_hash -> Nullable<Text>,
        status -> Text,
        roles -> BigInt,
        version -> Integer,
        created_at -> SqlInstant,
        confirmed_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    mail_tokens (id) {
        id -> SqlId,
        person_id -> SqlId,
        kind -> Text,
        hash -> Binary,
        expires_at -> SqlInstant,
        used_at -> Nullable<SqlInstant>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    sessions (id) {
        id -> SqlId,
        person_id -> SqlId,
        created_at -> SqlInstant,
        last_used_at -> SqlInstant,
        ended_at -> Nullable<SqlInstant>,
        end_reason -> Nullable<Text>,
        address -> Nullable<Text>,
        agent -> Nullable<Text>,
        factor_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant, SqlSealed};
    factors (id) {
        id -> SqlId,
        person_id -> SqlId,
        state -> Text,
        secret -> SqlSealed,
        last_step -> BigInt,
        created_at -> SqlInstant,
        confirmed_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    recovery_codes (id) {
        id -> SqlId,
        person_id -> SqlId,
        hash -> Binary,
        created_at -> SqlInstant,
        used_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    challenges (id) {
        id -> SqlId,
        person_id -> SqlId,
        hash -> Binary,
        tries -> Integer,
        created_at -> SqlInstant,
        expires_at -> SqlInstant,
        used_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    refresh_tokens (id) {
        id -> SqlId,
        session_id -> SqlId,
        hash -> Binary,
        issued_at -> SqlInstant,
        expires_at -> SqlInstant,
        used_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    access_tokens (id) {
        id -> SqlId,
        person_id -> SqlId,
        name -> Text,
        hash -> Binary,
        scopes -> SqlDoc,
        created_at -> SqlInstant,
        expires_at -> SqlInstant,
        revoked_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    person_accounts (person_id, fingerprint) {
        person_id -> SqlId,
        fingerprint -> Binary,
        noted_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    still_counted (id) {
        id -> SqlId,
        person_id -> SqlId,
        kind -> Text,
        done_at -> SqlInstant,
    }
}
