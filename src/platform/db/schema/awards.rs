//! Tables of grants: awards: grants, their agreements, requirements and tranches; payees.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant, SqlSealed};
    payees (id) {
        id -> SqlId,
        person_id -> SqlId,
        name -> Text,
        country -> Text,
        town -> Text,
        address -> Text,
        method -> Text,
        currency -> Text,
        sealed -> SqlSealed,
        masked -> Text,
        fingerprint -> Binary,
        status -> Text,
        status_reason -> Nullable<Text>,
        edited_by -> SqlId,
        edited_at -> SqlInstant,
        verified_by -> Nullable<SqlId>,
        verified_at -> Nullable<SqlInstant>,
        usable_from -> Nullable<SqlInstant>,
        details_version -> Integer,
        version -> Integer,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    grants (id) {
        id -> SqlId,
        application_id -> SqlId,
        recipient_id -> SqlId,
        call_id -> SqlId,
        title -> Text,
        amount_awarded -> BigInt,
        currency -> Text,
        awarded_on -> SqlDate,
        awarded_by -> Nullable<SqlId>,
        status -> Text,
        status_reason -> Nullable<Text>,
        payee_id -> Nullable<SqlId>,
        activated_at -> Nullable<SqlInstant>,
        ends_on -> Nullable<SqlDate>,
        closed_at -> Nullable<SqlInstant>,
        version -> Integer,
        created_at -> SqlInstant,
        nothing_left -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    grant_sources (id) {
        id -> SqlId,
        grant_id -> SqlId,
        offer_id -> SqlId,
        budget_id -> SqlId,
        fund_id -> SqlId,
        amount -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    tranches (id) {
        id -> SqlId,
        grant_id -> SqlId,
        sequence -> Integer,
        amount -> BigInt,
        currency -> Text,
        due_on -> Nullable<SqlDate>,
        release_condition -> Text,
        status -> Text,
        released_at -> Nullable<SqlInstant>,
        released_by -> Nullable<SqlId>,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    tranche_parts (tranche_id, budget_id) {
        tranche_id -> SqlId,
        budget_id -> SqlId,
        fund_id -> SqlId,
        amount -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    templates (id) {
        id -> SqlId,
        kind -> Text,
        number -> Integer,
        title -> Text,
        body -> Text,
        created_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    agreements (id) {
        id -> SqlId,
        grant_id -> SqlId,
        template_id -> SqlId,
        body -> Binary,
        sha256 -> Text,
        status -> Text,
        created_at -> SqlInstant,
        signed_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    signatures (id) {
        id -> SqlId,
        agreement_id -> SqlId,
        party -> Text,
        person_id -> SqlId,
        typed_name -> Text,
        consent -> Text,
        sha256 -> Text,
        signed_at -> SqlInstant,
        address -> Nullable<Text>,
        agent -> Nullable<Text>,
        authenticated -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    requirements (id) {
        id -> SqlId,
        grant_id -> SqlId,
        kind -> Text,
        status -> Text,
        note -> Nullable<Text>,
        due_on -> Nullable<SqlDate>,
        provided_by -> Nullable<SqlId>,
        decided_by -> Nullable<SqlId>,
        decided_at -> Nullable<SqlInstant>,
        reason -> Nullable<Text>,
        version -> Integer,
        created_at -> SqlInstant,
        remind_on -> Nullable<SqlDate>,
    }
}
