//! Tables of applications: calls, applications and the offers on them.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    calls (id) {
        id -> SqlId,
        title -> Text,
        summary -> Text,
        kind -> Text,
        opens_on -> SqlDate,
        closes_on -> Nullable<SqlDate>,
        decision_days -> Integer,
        visibility -> Text,
        status -> Text,
        version -> Integer,
        created_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
        changed_at -> SqlInstant,
        search -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    call_funds (call_id, fund_id) {
        call_id -> SqlId,
        fund_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    applications (id) {
        id -> SqlId,
        call_id -> SqlId,
        applicant_id -> SqlId,
        title -> Text,
        summary -> Text,
        amount_minimum -> Nullable<BigInt>,
        amount_requested -> Nullable<BigInt>,
        offered -> BigInt,
        currency -> Nullable<Text>,
        duration_months -> Nullable<Integer>,
        visibility -> Text,
        status -> Text,
        returned_from -> Nullable<Text>,
        status_reason -> Nullable<Text>,
        promised_on -> Nullable<SqlDate>,
        submitted_at -> Nullable<SqlInstant>,
        opened_at -> Nullable<SqlInstant>,
        decided_at -> Nullable<SqlInstant>,
        version -> Integer,
        created_at -> SqlInstant,
        submitted_by -> Nullable<SqlId>,
        nominated_by -> Nullable<SqlId>,
        withheld -> Bool,
        place -> Text,
        place_marks -> Text,
        looking_for -> Integer,
        promised -> BigInt,
        own_call_declined_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId};
    application_texts (application_id) {
        application_id -> SqlId,
        body -> Text,
        budget_lines -> SqlDoc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    application_members (id) {
        id -> SqlId,
        application_id -> SqlId,
        person_id -> Nullable<SqlId>,
        email -> Text,
        name -> Text,
        role -> Text,
        consent -> Text,
        token_hash -> Nullable<Binary>,
        invited_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
        decided_at -> Nullable<SqlInstant>,
        reminded_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    conflicts (id) {
        id -> SqlId,
        application_id -> SqlId,
        person_id -> SqlId,
        reason -> Text,
        declared_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    conflict_exceptions (id) {
        id -> SqlId,
        application_id -> SqlId,
        person_id -> SqlId,
        ground -> Text,
        reason -> Text,
        decided_by -> SqlId,
        decided_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    lifted_conflicts (id) {
        id -> SqlId,
        conflict_id -> SqlId,
        application_id -> SqlId,
        person_id -> SqlId,
        declared_reason -> Text,
        declared_at -> SqlInstant,
        reason -> Text,
        decided_by -> SqlId,
        decided_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    award_notices (application_id) {
        application_id -> SqlId,
        told_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    offers (id) {
        id -> SqlId,
        application_id -> SqlId,
        budget_id -> SqlId,
        regrantor_id -> SqlId,
        amount -> BigInt,
        currency -> Text,
        conditions -> Text,
        status -> Text,
        release_reason -> Nullable<Text>,
        expires_at -> SqlInstant,
        grant_id -> Nullable<SqlId>,
        version -> Integer,
        created_at -> SqlInstant,
        decided_at -> Nullable<SqlInstant>,
        placed_at -> Nullable<SqlInstant>,
        kind -> Text,
        others_minimum -> Nullable<BigInt>,
        effective -> Nullable<BigInt>,
        private -> Bool,
        approvers_told_at -> Nullable<SqlInstant>,
    }
}
