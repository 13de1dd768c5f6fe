//! Tables of what is published.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    publications (grant_id) {
        grant_id -> SqlId,
        status -> Text,
        recipient -> Text,
        organisation_name -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        fields -> SqlDoc,
        decided_by -> Nullable<SqlId>,
        decided_at -> SqlInstant,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    earmarks (id) {
        id -> SqlId,
        contribution_id -> SqlId,
        application_id -> SqlId,
        fund_id -> SqlId,
        given -> BigInt,
        amount -> BigInt,
        currency -> Text,
        status -> Text,
        offer_id -> Nullable<SqlId>,
        reason -> Nullable<Text>,
        decided_by -> Nullable<SqlId>,
        decided_at -> Nullable<SqlInstant>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    announcements (id) {
        id -> SqlId,
        application_id -> SqlId,
        fund_id -> SqlId,
        amount -> BigInt,
        currency -> Text,
        giver_name -> Nullable<Text>,
        email -> Nullable<Text>,
        message -> Text,
        reference -> Text,
        status -> Text,
        contribution_id -> Nullable<SqlId>,
        expires_at -> SqlInstant,
        created_at -> SqlInstant,
        fee_basis_points -> Nullable<Integer>,
    }
}
