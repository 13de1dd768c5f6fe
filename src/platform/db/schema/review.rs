//! Tables of reviews, vouches and the need-to-know lane.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    review_settings (call_id) {
        call_id -> SqlId,
        blind -> Bool,
        set_by -> Nullable<SqlId>,
        set_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    reviews (id) {
        id -> SqlId,
        application_id -> SqlId,
        call_id -> SqlId,
        reviewer_id -> SqlId,
        status -> Text,
        aside -> Nullable<Text>,
        aside_reason -> Nullable<Text>,
        blind -> Bool,
        rubric -> SqlDoc,
        scores -> SqlDoc,
        comment -> Text,
        recommendation -> Nullable<Text>,
        submissions -> Integer,
        due_on -> Nullable<SqlDate>,
        assigned_by -> Nullable<SqlId>,
        assigned_at -> SqlInstant,
        submitted_at -> Nullable<SqlInstant>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    review_versions (review_id, number) {
        review_id -> SqlId,
        number -> Integer,
        scores -> SqlDoc,
        comment -> Text,
        recommendation -> Text,
        total -> Integer,
        blind -> Bool,
        others_in -> Integer,
        submitted_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    review_decisions (application_id) {
        application_id -> SqlId,
        outcome -> Text,
        reason -> Text,
        reviews -> Integer,
        mean -> Integer,
        decided_by -> SqlId,
        decided_at -> SqlInstant,
    }
}
