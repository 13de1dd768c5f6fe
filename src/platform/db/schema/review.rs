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
        reminders -> Integer,
        former_told_at -> Nullable<SqlInstant>,
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

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    vouch_requests (id) {
        id -> SqlId,
        application_id -> SqlId,
        requested_by -> SqlId,
        email -> Text,
        name -> Text,
        message -> Text,
        status -> Text,
        created_at -> SqlInstant,
        answered_at -> Nullable<SqlInstant>,
        token_hash -> Nullable<Binary>,
        sent_at -> Nullable<SqlInstant>,
        reminded_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    vouches (id) {
        id -> SqlId,
        application_id -> SqlId,
        voucher_id -> SqlId,
        signed_name -> Text,
        request_id -> Nullable<SqlId>,
        scopes -> SqlDoc,
        strength -> Text,
        how_known -> Text,
        statement -> Text,
        conflicts -> Text,
        visibility -> Text,
        status -> Text,
        withdraw_reason -> Nullable<Text>,
        signed_quarter -> Integer,
        signed_at -> SqlInstant,
        withdrawn_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    lane_members (id) {
        id -> SqlId,
        person_id -> SqlId,
        reason -> Text,
        added_by -> Nullable<SqlId>,
        added_at -> SqlInstant,
        removed_by -> Nullable<SqlId>,
        removed_at -> Nullable<SqlInstant>,
        reminded_on -> Nullable<SqlDate>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    screening_sets (number) {
        number -> Integer,
        questions -> SqlDoc,
        set_by -> Nullable<SqlId>,
        set_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant, SqlSealed};
    screenings (id) {
        id -> SqlId,
        application_id -> SqlId,
        status -> Text,
        set_number -> Nullable<Integer>,
        sealed -> Nullable<SqlSealed>,
        answered_at -> Nullable<SqlInstant>,
        cleared_at -> Nullable<SqlInstant>,
        opened_at -> SqlInstant,
        reminded_at -> Nullable<SqlInstant>,
        asked_at -> Nullable<SqlInstant>,
        reopened_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant, SqlSealed};
    concerns (id) {
        id -> SqlId,
        application_id -> SqlId,
        raised_by -> SqlId,
        status -> Text,
        outcome -> Nullable<Text>,
        conditions -> Nullable<Text>,
        sealed -> SqlSealed,
        raised_at -> SqlInstant,
        asked_at -> Nullable<SqlInstant>,
        answered_at -> Nullable<SqlInstant>,
        decided_at -> Nullable<SqlInstant>,
        reminded_at -> Nullable<SqlInstant>,
        raised_about -> Nullable<SqlId>,
        asked_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    lane_log (id) {
        id -> SqlId,
        application_id -> SqlId,
        concern_id -> Nullable<SqlId>,
        person_id -> SqlId,
        act -> Text,
        done_at -> SqlInstant,
    }
}
