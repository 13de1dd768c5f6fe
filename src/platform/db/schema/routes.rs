//! Tables of routes to further calls.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    application_routes (application_id, call_id) {
        application_id -> SqlId,
        call_id -> SqlId,
        status -> Text,
        form_version -> Integer,
        answers -> SqlDoc,
        suggested -> SqlDoc,
        carried -> SqlDoc,
        routed_by -> Nullable<SqlId>,
        routed_at -> SqlInstant,
        submitted_by -> Nullable<SqlId>,
        submitted_at -> Nullable<SqlInstant>,
        promised_on -> Nullable<SqlDate>,
        step -> Text,
        due_on -> Nullable<SqlDate>,
        rule_extensions -> Integer,
        answered_at -> Nullable<SqlInstant>,
        ended_at -> Nullable<SqlInstant>,
        reason -> Nullable<Text>,
        version -> Integer,
        again -> Bool,
        again_until -> Nullable<SqlDate>,
    }
}
