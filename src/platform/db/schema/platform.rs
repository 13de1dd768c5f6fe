//! Tables of platform: what any service needs: idempotent answers, jobs, events, the audit log.

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    idempotency_keys (person_id, key) {
        person_id -> SqlId,
        key -> Text,
        operation -> Text,
        request_hash -> Binary,
        status -> Nullable<Integer>,
        body -> Nullable<Text>,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant, SqlSealed};
    jobs (id) {
        id -> SqlId,
        kind -> Text,
        payload -> SqlDoc,
        status -> Text,
        run_at -> SqlInstant,
        attempts -> Integer,
        locked_until -> Nullable<SqlInstant>,
        last_error -> Nullable<Text>,
        dedupe -> Nullable<Text>,
        created_at -> SqlInstant,
        finished_at -> Nullable<SqlInstant>,
        sealed -> Nullable<SqlSealed>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    events (id) {
        id -> SqlId,
        name -> Text,
        payload -> SqlDoc,
        person_id -> Nullable<SqlId>,
        occurred_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    audit_log (id) {
        id -> SqlId,
        at -> SqlInstant,
        actor -> Text,
        person_id -> Nullable<SqlId>,
        request_id -> SqlId,
        action -> Text,
        object_kind -> Text,
        object_id -> SqlId,
        before -> Nullable<SqlDoc>,
        after -> Nullable<SqlDoc>,
        address -> Nullable<Text>,
    }
}
