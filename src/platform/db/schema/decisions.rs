//! Tables of decisions: who answers for a call, what is promised, how long it took.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    call_decisions (call_id) {
        call_id -> SqlId,
        responsible_id -> Nullable<SqlId>,
        appeals -> Text,
        appeal_days -> Integer,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    application_clocks (application_id) {
        application_id -> SqlId,
        first_promised_on -> SqlDate,
        paused_on -> Nullable<SqlDate>,
        step -> Text,
        due_on -> Nullable<SqlDate>,
        rule_extensions -> Integer,
        answered_at -> Nullable<SqlInstant>,
        decided_at -> Nullable<SqlInstant>,
        remind_on -> Nullable<SqlDate>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    application_extensions (id) {
        id -> SqlId,
        application_id -> SqlId,
        promised_before -> SqlDate,
        promised_on -> SqlDate,
        reason -> Text,
        extended_by -> Nullable<SqlId>,
        extended_at -> SqlInstant,
        call_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId};
    decision_tallies (call_id, month, kind, days) {
        call_id -> SqlId,
        month -> SqlDate,
        kind -> Text,
        days -> Integer,
        number -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    decline_templates (id) {
        id -> SqlId,
        name -> Text,
        body -> Text,
        retired_at -> Nullable<SqlInstant>,
        version -> Integer,
        created_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    application_declines (id) {
        id -> SqlId,
        application_id -> SqlId,
        declined_by -> Nullable<SqlId>,
        reason -> Text,
        advice -> Nullable<Text>,
        template_id -> Nullable<SqlId>,
        declined_at -> SqlInstant,
        remedy -> Nullable<Text>,
        remedy_until -> Nullable<SqlDate>,
        call_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    appeals (id) {
        id -> SqlId,
        application_id -> SqlId,
        text -> Text,
        appealed_by -> SqlId,
        appealed_at -> SqlInstant,
        declined_by -> Nullable<SqlId>,
        outcome -> Nullable<Text>,
        answer -> Nullable<Text>,
        decided_by -> Nullable<SqlId>,
        decided_at -> Nullable<SqlInstant>,
        promised_on -> Nullable<SqlDate>,
        due_on -> Nullable<SqlDate>,
        call_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    application_resubmissions (application_id) {
        application_id -> SqlId,
        resubmission_of -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    application_deletions (application_id) {
        application_id -> SqlId,
        deleted_by -> SqlId,
        deleted_at -> SqlInstant,
    }
}
